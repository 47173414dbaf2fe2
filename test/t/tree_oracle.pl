# What is above and below the rows of generated forests, circles among them, is
# what walking them in Perl gives, byte for byte: nested and as lists, to any
# depth, under all clauses, for several roots of one window, by keys of several
# types. So are counts, conditions and relations for entities at hand; and the
# number of statements is that of the depths.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

my $trials = 10;

my ($shape, @rows);

# How a row tells its parent: the columns of the key, and those that refer to it. The types of
# both sides need not be the same.
my @shapes = (
	{ key => [ [ 'id', 'int' ] ], up => [ [ 'parent_id', 'int' ] ] },
	{ key => [ [ 'id', 'bigint' ] ], up => [ [ 'parent_id', 'int' ] ], constraint => 1 },
	{ key => [ [ 'id', 'smallint' ] ], up => [ [ 'parent_id', 'bigint' ] ] },
	{ key => [ [ 'id', 'text' ] ], up => [ [ 'parent_id', 'text' ] ], constraint => 1 },
	{ key => [ [ 'id', 'varchar(20)' ] ], up => [ [ 'parent_id', 'text COLLATE "POSIX"' ] ] },
	{ key => [ [ 'id', 'numeric' ] ], up => [ [ 'parent_id', 'numeric(10,2)' ] ] },
	{ key => [ [ 'zone', 'int' ], [ 'code', 'text' ] ], up => [ [ 'up_zone', 'int' ], [ 'up_code', 'text' ] ], constraint => 1 },
	{ key => [ [ 'zone', 'smallint' ], [ 'code', 'uuid' ] ], up => [ [ 'up_zone', 'int' ], [ 'up_code', 'uuid' ] ] },
);

sub is_text { my ($type) = @_; return $type =~ /text|varchar|uuid/ }

# The value of a type that stands for a number. Longer and shorter texts, so that their order is not that of the numbers.
sub value_of
{
	my ($type, $n) = @_;
	return sprintf '%08x-0000-4000-a000-%012x', $n * 7919 % 1000, $n if $type eq 'uuid';
	return is_text($type) ? "k$n" : $n;
}

# A forest: each row's parent is a row before it, mostly; any row, sometimes; or none.
sub random_forest
{
	my ($shape) = @_;
	# enough of them for ranges of keys, sometimes
	my $n = chance(15) ? between(60, 120) : between(0, 25);
	my $wild = pick(0, 0, 5, 30);
	my @rows;
	for my $i (1 .. $n)
	{
		my $parent = chance(15) ? undef : chance($wild) ? between(1, $n) : $i > 1 ? between(chance(50) ? 1 : $i - 1, $i - 1) : undef;
		push @rows, { n => $i, parent => $parent, name => pick(qw(a b c d)), flag => chance(70) ? 1 : 0, gone => chance(10) ? 1 : 0 };
	}
	for my $row (@rows)
	{
		my @key = @{ $shape->{key} } > 1 ? ($row->{n} % 3, $row->{n}) : ($row->{n});
		$row->{key} = [ map { value_of($shape->{key}[$_][1], $key[$_]) } 0 .. $#key ];
	}
	for my $row (@rows)
	{
		$row->{up} = $row->{parent} ? [ @{ $rows[ $row->{parent} - 1 ]{key} } ] : [ map { undef } @{ $shape->{key} } ];
		# part of a key is no key
		$row->{up}[0] = 0 if !$row->{parent} && @{ $row->{up} } > 1 && chance(30);
		# one that leads nowhere
		if (!$row->{parent} && !$shape->{constraint} && chance(10))
		{
			$row->{up} = [ map { value_of($shape->{key}[$_][1], 99) } 0 .. $#{ $shape->{key} } ];
		}
	}
	return @rows;
}

sub forest_sql
{
	my ($shape, @rows) = @_;
	my @columns = (@{ $shape->{key} }, @{ $shape->{up} });
	my $key = join ', ', map { $_->[0] } @{ $shape->{key} };
	my $up = join ', ', map { $_->[0] } @{ $shape->{up} };
	my $sql = 'CREATE TABLE node (' . join('', map { "$_->[0] $_->[1], " } @columns) . "name text, flag bool, gone timestamptz, PRIMARY KEY ($key));\n";
	$sql .= 'INSERT INTO node VALUES ' . join(', ', map {
			my $row = $_;
			'(' . join(', ', (map { defined $_ ? literal($_) : 'NULL' } @{ $row->{key} }, @{ $row->{up} }), literal($row->{name}), $row->{flag} ? 'true' : 'false', $row->{gone} ? "'2024-01-01'" : 'NULL') . ')'
	} @rows) . ";\n" if @rows;
	$sql .= "ALTER TABLE node ADD FOREIGN KEY ($up) REFERENCES node ($key);\n" if $shape->{constraint};
	$sql .= "CREATE INDEX ON node ($up);\n" if chance(70);
	# large enough for the ways by lists and ranges of keys
	$sql .= "ALTER TABLE node SET (fillfactor = 10); ALTER TABLE node ADD pad text; UPDATE node SET pad = repeat('x', 2000); ALTER TABLE node ALTER pad SET STORAGE PLAIN; VACUUM FULL node;\n" if chance(30);
	$sql .= "SELECT FROM orm.entity('Node', 'node', columns => " . literal('{' . join(',', map { $_->[0] } @columns) . ',name,flag,gone}') . ", soft_delete => 'gone');\n";
	$sql .= "SELECT count(*) FROM orm.tree('Node'" . ($shape->{constraint} ? '' : ', ' . literal("{$up}")) . ");\n";
	# through a tree at the start, in the middle and at the end
	$sql .= "SELECT count(orm.has_many_through('Node', name, path)) FROM (VALUES ('deeper', 'descendants.children'), ('beside', 'parent.descendants.parent'), ('higher', 'parent.ancestors')) AS p(name, path);\n";
	return $sql;
}

# ---- what is asked ----

sub random_wish
{
	my %wish = (relation => pick(qw(descendants descendants ancestors ancestors children parent)), trashed => chance(15), where => chance(30));
	$wish{up} = $wish{relation} =~ /ancestors|parent/ ? 1 : 0;
	$wish{flat} = pick(undef, 0, 1);
	$wish{depth} = pick(undef, undef, 'all', 'all', 0, 1, 2, 3, 50);
	$wish{depth} = pick('all', 1, 4) if !defined $wish{depth} && !defined $wish{flat} && $wish{relation} =~ /children|parent/;
	$wish{order} = pick(undef, undef, 'name', '-name');
	$wish{limit} = between(0, 4) if chance(20) && !$wish{up};
	$wish{offset} = between(0, 2) if chance(20) && !$wish{up};
	$wish{limit} = between(0, 4) if chance(20) && is_flat(\%wish);
	$wish{counted} = chance(20);
	my $cut = !is_flat(\%wish) && (defined $wish{limit} || defined $wish{offset});
	# by bytes only where both sides are of one type that has one image for each value
	$wish{strategy} = pick($cut ? () : 'ordinality', 'lateral', 'row_number', $cut || $shape != $shapes[0] ? () : 'any') if chance(40);
	return \%wish;
}

sub is_flat { my ($wish) = @_; return $wish->{flat} // ($wish->{relation} eq 'ancestors') }

sub depth_of
{
	my ($wish) = @_;
	return $wish->{relation} =~ /children|parent/ ? 1 : 1e9 if !defined $wish->{depth};
	return $wish->{depth} eq 'all' ? 1e9 : $wish->{depth};
}

sub wish_document
{
	my ($wish, $shape) = @_;
	my %clauses = (select => [ (map { $_->[0] } @{ $shape->{key} }), 'name' ]);
	$clauses{depth} = $wish->{depth} eq 'all' ? 'all' : \$wish->{depth} if defined $wish->{depth};
	$clauses{flat} = $wish->{flat} ? \'true' : \'false' if defined $wish->{flat};
	$clauses{order} = [ $wish->{order} ] if $wish->{order};
	$clauses{where} = { flag => \'true' } if $wish->{where};
	$clauses{strategy} = $wish->{strategy} if $wish->{strategy};
	$clauses{trashed} = 'with' if $wish->{trashed};
	for my $clause (qw(limit offset)) { $clauses{$clause} = \$wish->{$clause} if defined $wish->{$clause} }
	$clauses{count} = ['children'] if $wish->{counted};
	return { load => { $wish->{relation} => \%clauses } };
}

# ---- what it gives ----

sub key_text { my ($key) = @_; return join "\0", map { $_ // "\1" } @$key }

sub compare_keys
{
	my ($x, $y) = @_;
	for my $i (0 .. $#{ $shape->{key} })
	{
		my $order = is_text($shape->{key}[$i][1]) ? $x->{key}[$i] cmp $y->{key}[$i] : $x->{key}[$i] <=> $y->{key}[$i];
		return $order if $order;
	}
	return 0;
}

sub in_order
{
	my ($wish, @some) = @_;
	return sort {
		my $order = !$wish->{order} ? 0 : $wish->{order} eq 'name' ? $a->{name} cmp $b->{name} : $b->{name} cmp $a->{name};
		$order || compare_keys($a, $b)
	} @some;
}

# the rows next to one, of those that are followed
sub next_to
{
	my ($wish, $row) = @_;
	my @next = $wish->{up}
	  ? (grep { !grep({ !defined } @{ $row->{up} }) && key_text($_->{key}) eq key_text($row->{up}) } @rows)
	  : (grep { my $up = $_->{up}; !grep({ !defined } @$up) && key_text($up) eq key_text($row->{key}) } @rows);
	return in_order($wish, grep { !$_->{gone} || $wish->{trashed} } @next);
}

sub cut
{
	my ($wish, @list) = @_;
	splice @list, 0, $wish->{offset} // 0;
	splice @list, $wish->{limit} if defined $wish->{limit} && $wish->{limit} < @list;
	return @list;
}

sub plain
{
	my ($wish, $row) = @_;
	my @members = map { json_text($shape->{key}[$_][0]) . ':' . (is_text($shape->{key}[$_][1]) ? json_text($row->{key}[$_]) : $row->{key}[$_]) } 0 .. $#{ $shape->{key} };
	push @members, '"name":' . json_text($row->{name});
	push @members, '"children_count":' . scalar(@{ [ next_to({}, $row) ] }) if $wish->{counted};
	return join ',', @members;
}

sub nested
{
	my ($wish, $row, $depth, %path) = @_;
	my $name = { descendants => 'children', ancestors => 'parent' }->{ $wish->{relation} } // $wish->{relation};
	my @next = $depth < 1 ? () : cut($wish, grep { $_->{flag} || !$wish->{where} } next_to($wish, $row));
	my @texts;
	$path{ $row->{n} } = 1;
	for my $next (@next)
	{
		my $text = '{' . plain($wish, $next);
		if ($path{ $next->{n} }) { $text .= ',"cycle":true' }
		elsif ($depth > 1) { $text .= qq{,"$name":} . nested($wish, $next, $depth - 1, %path) }
		push @texts, "$text}";
	}
	return $wish->{up} ? $texts[0] // 'null' : '[' . join(',', @texts) . ']';
}

sub flat
{
	my ($wish, $root) = @_;
	my @level = ([ $root, $root->{n} ]);
	my @list;
	for (my $depth = 1; @level && $depth <= depth_of($wish); $depth++)
	{
		my %path;
		my @next;
		for my $entry (@level)
		{
			my ($row, @path) = @$entry;
			push @next, map { $path{ $_->{n} } = [@path]; $_ } next_to($wish, $row);
		}
		@level = ();
		for my $row (in_order($wish, @next))
		{
			my @path = @{ $path{ $row->{n} } };
			my $cycle = grep { $_ == $row->{n} } @path;
			push @list, '{' . plain($wish, $row) . qq{,"depth":$depth} . ($cycle ? ',"cycle":true' : '') . '}' if $row->{flag} || !$wish->{where};
			push @level, [ $row, @path, $row->{n} ] if !$cycle;
		}
	}
	return '[' . join(',', cut($wish, @list)) . ']';
}

sub answer
{
	my ($wish, $root) = @_;
	return is_flat($wish) ? flat($wish, $root) : nested($wish, $root, depth_of($wish));
}

# all rows above or below one, each once
sub reached
{
	my ($wish, $root) = @_;
	my %seen;
	my @todo = next_to($wish, $root);
	while (my $row = shift @todo)
	{
		next if $seen{ $row->{n} };
		$seen{ $row->{n} } = $row;
		push @todo, next_to($wish, $row);
	}
	return values %seen;
}

# The statements that follow rows from these roots: one for each depth at which there is a key not asked for.
sub statements
{
	my ($wish, @roots) = @_;
	my $keys = sub { return map { key_text($_) } grep { !grep { !defined } @$_ } map { $wish->{up} ? $_->{up} : $_->{key} } @_ };
	my %asked;
	my @new = @roots;
	my $n = 0;
	while ($n < depth_of($wish))
	{
		my %fresh = map { $_ => 1 } grep { !$asked{$_} } $keys->(@new);
		last if !%fresh;
		$n++;
		%asked = (%asked, %fresh);
		my @next;
		for my $row (@rows)
		{
			my $met = key_text($wish->{up} ? $row->{key} : $row->{up});
			push @next, $row if $fresh{$met} && (!$row->{gone} || $wish->{trashed}) && ($row->{flag} || !$wish->{where} || is_flat($wish));
		}
		@new = @next;
	}
	return $n;
}

# ---- checks ----

sub same
{
	my ($label, $got, $want) = @_;
	return "SELECT json_build_array(" . literal($label) . ", CASE WHEN got = want THEN 'same' ELSE coalesce(got, 'NULL') || E'\\n' || want END) FROM (SELECT ($got)::text AS got, " . literal($want) . "::text AS want) c;\n";
}

sub roots_document
{
	my ($wish) = @_;
	my %document = (select => [ (map { $_->[0] } @{ $shape->{key} }), 'name', map { $_->[0] } @{ $shape->{up} } ], order => [ map { $_->[0] } @{ $shape->{key} } ]);
	return \%document;
}

sub root_text
{
	my ($row) = @_;
	my @members;
	for my $side (qw(key up))
	{
		for my $i (0 .. $#{ $shape->{$side} })
		{
			my ($name, $type) = @{ $shape->{$side}[$i] };
			my $value = $row->{$side}[$i];
			$value .= '.00' if defined $value && $type eq 'numeric(10,2)';
			push @members, json_text($name) . ':' . (!defined $value ? 'null' : is_text($type) ? json_text($value) : $value);
		}
	}
	return '{' . join(',', @members, '"name":' . json_text($row->{name}));
}

sub wish_checks
{
	my ($label) = @_;
	my $wish = random_wish();
	my $document = wish_document($wish, $shape);
	my @roots = sort { compare_keys($a, $b) } grep { !$_->{gone} } @rows;
	my $want = '[' . join(',', map { root_text($_) . qq{,"$wish->{relation}":} . answer($wish, $_) . '}' } @roots) . ']';
	my $roots = roots_document();
	my $window = pick(0, 1, 2, 7, 1000);
	$label .= ' ' . json($document) . " window $window";
	my $checks = "SET orm.window_size = $window;\n" . same($label, "SELECT orm.list('Node', " . literal(json($roots)) . ', ' . literal(json($document)) . ')', $want);
	$checks .= same("$label, at hand", "SELECT orm.load('Node', orm.list('Node', " . literal(json($roots)) . '), ' . literal(json($document)) . ')', $want);
	if (@roots && depth_of($wish) > 0)
	{
		my $n = statements($wish, @roots);
		$checks .= "SET orm.window_size = 1000;\n" . same("$label, statements", "SELECT loops FROM orm.explain('Node', " . literal(json($document)) . ') WHERE path = ' . literal($wish->{relation}), $n)
		  if !defined $wish->{limit} && !defined $wish->{offset};
	}
	return $checks;
}

sub number_checks
{
	my ($label) = @_;
	my @roots = sort { compare_keys($a, $b) } grep { !$_->{gone} } @rows;
	my %some = (where => { flag => \'true' });
	my $checks = '';
	for my $way ([ 'deeper', 'descendants', 'children' ], [ 'beside', 'parent', 'descendants', 'parent' ], [ 'higher', 'parent', 'ancestors' ])
	{
		my ($name, @steps) = @$way;
		my $order = [ map { $_->[0] } @{ $shape->{key} } ];
		my (@loaded, @counted);
		for my $root (@roots)
		{
			my %found = ($root->{n} => $root);
			for my $step (@steps)
			{
				my $wish = { up => $step =~ /parent|ancestors/ ? 1 : 0 };
				%found = map { $_->{n} => $_ } map { $step =~ /descendants|ancestors/ ? reached($wish, $_) : next_to($wish, $_) } values %found;
			}
			push @loaded, qq({"name":"$root->{name}","$name":[) . join(',', map { '{' . plain({}, $_) . '}' } sort { compare_keys($a, $b) } values %found) . ']}';
			push @counted, qq({"name":"$root->{name}","${name}_count":) . keys(%found) . '}';
		}
		my %clauses = (select => [ @$order, 'name' ], chance(50) ? (strategy => pick(qw(ordinality lateral row_number))) : ());
		my $document = { select => ['name'], order => $order, load => { $name => \%clauses } };
		$checks .= same("$label through $name " . json($document), "SELECT orm.list('Node', " . literal(json($document)) . ')', '[' . join(',', @loaded) . ']');
		$document = { select => ['name'], order => $order, count => [$name] };
		$checks .= same("$label through $name, counted", "SELECT orm.list('Node', " . literal(json($document)) . ')', '[' . join(',', @counted) . ']');
		my @chosen = map { /":0\}$/ ? () : s/,"\w+_count":\d+//r } @counted;
		$document = { select => ['name'], order => $order, where => { $name => \'true' } };
		$checks .= same("$label through $name, some", "SELECT orm.list('Node', " . literal(json($document)) . ')', '[' . join(',', @chosen) . ']');
	}
	for my $relation (qw(descendants ancestors))
	{
		my $wish = { up => $relation eq 'ancestors' ? 1 : 0 };
		my %reached = map { $_->{n} => [ reached($wish, $_) ] } @roots;
		my $order = [ map { $_->[0] } @{ $shape->{key} } ];
		my $want = '[' . join(',', map { my $n = @{ $reached{ $_->{n} } }; my $c = grep { $_->{flag} } @{ $reached{ $_->{n} } }; qq({"name":"$_->{name}","${relation}_count":$n,"c":$c}) } @roots) . ']';
		my $document = { select => ['name'], order => $order, count => [$relation], aggregate => { c => { relation => $relation, function => 'count', %some } } };
		$checks .= same("$label $relation counted", "SELECT orm.list('Node', " . literal(json($document)) . ')', $want);
		my @by_count = sort { @{ $reached{ $b->{n} } } <=> @{ $reached{ $a->{n} } } || compare_keys($a, $b) } @roots;
		$want = '[' . join(',', map { qq({"name":"$_->{name}","${relation}_count":) . @{ $reached{ $_->{n} } } . '}' } @by_count) . ']';
		$document = { select => ['name'], order => [ "-${relation}_count", @$order ], count => [$relation] };
		$checks .= same("$label by $relation", "SELECT orm.list('Node', " . literal(json($document)) . ')', $want);
		for my $condition ([ '$some', sub { grep { $_->{flag} } @_ } ], [ '$none', sub { !grep { $_->{flag} } @_ } ], [ '$every', sub { !grep { !$_->{flag} } @_ } ])
		{
			my @chosen = grep { $condition->[1]->(@{ $reached{ $_->{n} } }) } @roots;
			$want = '[' . join(',', map { qq({"name":"$_->{name}"}) } @chosen) . ']';
			$document = { select => ['name'], order => $order, where => { $relation => { $condition->[0] => { flag => \'true' } } } };
			$checks .= same("$label $relation $condition->[0]", "SELECT orm.list('Node', " . literal(json($document)) . ')', $want);
		}
	}
	return $checks;
}

my $server = start_server('jit = off');
for my $seed (first_seed() .. first_seed() + rounds(24) - 1)
{
	seed_random($seed);
	$shape = $shapes[ $seed % @shapes ];
	@rows = random_forest($shape);
	my ($made, $err) = run_script($server, "SET client_min_messages = warning;\n" . forest_sql($shape, @rows));
	is($err, '', "seed $seed: the forest is made") or next;
	my @checks = map { wish_checks("seed $seed wish $_") } 1 .. $trials;
	(my $answers, $err) = run_script($server, join '', "SET statement_timeout = '20s';\n", number_checks("seed $seed"), @checks);
	my @different = grep { $_->[1] ne 'same' } @$answers;
	is($err, '', "seed $seed: the session lives");
	ok(@$answers && !@different, "seed $seed: " . @rows . ' rows, ' . @$answers . ' answers are the same') or diag(verdicts($answers, @different));
	run_script($server, "SET client_min_messages = warning;\nDROP TABLE node;\n");
}

$server->stop;
done_testing();
