# Global scopes, by condition and by predicate, and soft deletion hold at every
# level of a read, filters through relations included: what comes is what SQL gives in which each is ANDed as a whole
# with whatever the document says, "$or" on top included. Leaving one global
# scope off leaves the others, and "$scope" may stand inside "$or".
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Schema;
use OrmTest::Tree;
use OrmTest::Where;
use OrmTest::Server;

my $reads = 120;

sub conjunction
{
	my (@parts) = @_;
	@parts = grep { defined } @parts;
	return @parts ? sub { my @names = @_; return '(' . join(' AND ', map { $_->(@names) } @parts) . ')' } : undef;
}

# Declares scopes over a table and trashes some of its rows; keeps their SQL with it.
sub declare_scopes
{
	my ($table, @tables) = @_;
	my ($entity, $relation) = (literal($table->{entity}), qualified($table));
	my $sql = '';
	for my $name (qw(g1 g2 named))
	{
		my $predicate = chance(50);
		# global ones that go through relations may lead back to where they came from; in SQL no scopes hold
		my $bare = $predicate || $name ne 'named' ? { %$table, relations => [] } : $table;
		my ($where, $condition) = random_where($bare, 2);
		next if !%$where || $name ne 'named' && chance(35);
		my $global = $name eq 'named' ? 'false' : 'true';
		my $how = $predicate ? 'predicate => ' . literal($condition->('self')) : 'condition => ' . literal(json($where));
		$sql .= "SELECT FROM orm.scope($entity, '$name', $how, global => $global);\n";
		$table->{scopes}{$name} = $condition;
	}
	# a column more would be one of its pivot
	my $junction = grep { ($_->{through} // '') eq $table } map { @{ $_->{relations} } } @tables;
	if (!$junction && chance(60))
	{
		my ($type, $trash, $live) = chance(50) ? ('date', 'now()', 'IS NULL') : ('bool', 'true', 'IS NOT TRUE');
		$sql .= "ALTER TABLE $relation ADD \"gone by\" $type;\nUPDATE $relation SET \"gone by\" = $trash WHERE hashtext(ctid::text) % 3 = 0;\n"
		  . "SELECT FROM orm.entity($entity, " . literal($relation) . ", soft_delete => 'gone by');\nSELECT FROM orm.property($entity, 'gone by', 'gone by', hidden => true);\n";
		$table->{live} = sub { return "$_[0].\"gone by\" $live" };
	}
	$table->{unsaid} = unsaid($table);
	return $sql;
}

# what holds on a table's rows without a word, but for the scopes named
sub unsaid
{
	my ($table, @without) = @_;
	my %off = map { $_ => 1 } 'named', @without;
	return conjunction((map { $off{$_} ? undef : $table->{scopes}{$_} } qw(g1 g2)), $table->{live});
}

# adds to the SQL of every level what holds there, and no order by way of a relation
sub add_unsaid
{
	my ($node, @without) = @_;
	$node->{where_sql} = conjunction($node->{where_sql}, unsaid($node->{table}, @without));
	delete $node->{where_sql} if !$node->{where_sql};
	for my $aggregate (@{ $node->{counts} // [] }, @{ $node->{aggregates} // [] })
	{
		$aggregate->{where_sql} = conjunction($aggregate->{where_sql}, unsaid($aggregate->{relation}{target}));
	}
	add_unsaid($_) for @{ $node->{loads} };
	return $node;
}

# a condition with a group on top, of which any part may let a row through
sub wide_where
{
	my ($table) = @_;
	my @parts = map { [ random_where($table, 1) ] } 1 .. between(1, 3);
	push @parts, [ { '$scope' => 'named' }, $table->{scopes}{named} ] if $table->{scopes}{named} && chance(50);
	return ({ '$or' => [ map { $_->[0] } @parts ] },
		sub { my @names = @_; return '(' . join(' OR ', map { $_->[1]->(@names) } @parts) . ')' });
}

sub check
{
	my ($label, $table) = @_;
	my $node = random_tree($table, between(0, 2), 60);
	drop_paths($node);
	($node->{where}, $node->{where_sql}) = wide_where($table);
	my $document = tree_document($node);
	my @without = grep { $table->{scopes}{$_} && chance(30) } qw(g1 g2);
	$document->{without} = \@without if @without;
	if ($table->{scopes}{named} && chance(25))
	{
		$document->{scopes} = ['named'];
		$node->{where_sql} = conjunction($node->{where_sql}, $table->{scopes}{named});
	}
	$label .= ", $table->{entity} " . json($document);
	add_unsaid($node, @without);
	return 'SELECT orm_test.reads_same(' . join(', ', literal($label), literal($table->{entity}),
		'ARRAY[' . literal(json($document)) . ']::jsonb[]', literal(tree_sql($node))) . ");\n";
}

# an order by way of a relation has groups of its own, which OrmTest::Tree does not write
sub drop_paths
{
	my ($node) = @_;
	$node->{order} = [ grep { !$_->{relation} } @{ $node->{order} } ] if $node->{order};
	delete $node->{order} if $node->{order} && !@{ $node->{order} };
	drop_paths($_) for @{ $node->{loads} };
	return;
}

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql());
is($err, '', 'types and functions are there');

for my $seed (map { 5000 + $_ } first_seed() .. first_seed() + rounds(5) - 1)
{
	seed_random($seed);
	my @tables = random_schema("s$seed");
	(undef, $err) = run_script($server, "SET client_min_messages = warning;\nCREATE SCHEMA s$seed;\n" . schema_sql(@tables) . "SELECT FROM orm.reflect('s$seed');\n");
	is($err, '', "seed $seed: the schema is made") or next;
	take_relations(model_of($server), @tables);
	(undef, $err) = run_script($server, "SET client_min_messages = warning;\n" . join '', map { declare_scopes($_, @tables) } @tables);
	is($err, '', "seed $seed: scopes are declared") or next;
	my @checks = map { check("seed $seed read $_", pick(@tables)) } 1 .. $reads;
	(my $rows, $err) = run_script($server, join '', @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: " . @checks . ' reads keep to the scopes') or diag(verdicts($rows, @different));
	run_script($server, "SET client_min_messages = warning;\nDROP SCHEMA s$seed CASCADE;\n");
}

$server->stop;
done_testing();
