#!/usr/bin/env perl
# Writes the workloads that go down a tree, from no level to six below its roots.
# The format is described in spec.h.
use strict;
use warnings;

# the correlated statement, level within level
sub nested {
	my ($level, $depth) = @_;
	my $n = "n$level";
	my $from = $level == 0 ? "FROM nodes $n WHERE $n.depth = 0" : "FROM nodes $n WHERE $n.parent_id = n" . ($level - 1) . '.id';
	return "SELECT $n.* $from" if $level == $depth;
	my $below = nested($level + 1, $depth);
	return "SELECT $n.*, (SELECT coalesce(json_agg(q ORDER BY q.id), '[]') FROM ($below) q) AS children $from";
}

for my $depth (0 .. 6) {
	my $load = $depth ? sprintf ', "load": ["%s"]', join '.', ('children') x $depth : '';
	print "--: workload D$depth tree, levels below the roots: $depth\n--: variant raw keys\n";
	for my $level (0 .. $depth) {
		print "--: param SELECT array_agg(id) FROM nodes WHERE depth = ", $level - 1, "\n" if $level;
		print '--: is $', '.children[*]' x $level, "\n";
		print 'SELECT id, parent_id, depth, name, note FROM nodes WHERE ', $level ? 'parent_id = ANY ($1::bigint[])' : 'depth = 0', ";\n";
	}
	print "--: variant json correlated\nSELECT row_to_json(x) FROM (", nested(0, $depth), ") x;\n";
	print "--: variant orm fetch\nSELECT orm.fetch('Node', '{\"where\": {\"depth\": 0}$load}');\n";
}
