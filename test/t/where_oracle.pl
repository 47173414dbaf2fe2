# Generated conditions choose the rows that SQL written independently chooses,
# under three-valued logic; and nothing that a document may hold gives a syntax
# error.
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

my $conditions = 250;

# The keys of the rows that a condition chooses, on both ways; three ways of asking in turn.
sub check
{
	my ($label, $table) = @_;
	my ($where, $sql) = random_where($table, 3);
	my @names = map { $_->{name} } @{ $table->{keys} };
	my ($entity, $document) = (literal($table->{entity}), json({ where => $where, select => \@names }));
	$label .= ", $table->{entity} $document";
	my %node = (table => $table, loads => [], select => \@names);
	my $want = 'SELECT e, row_number() OVER (ORDER BY e COLLATE "C") AS n FROM (' . tree_sql(\%node, $sql) . ') AS w';
	my $got = "SELECT entity::text COLLATE \"C\" FROM orm.fetch($entity, " . literal($document) . ') ORDER BY 1';
	if (chance(10))
	{
		$got = "SELECT orm.count($entity, " . literal($document) . ')::text';
		$want = "SELECT count(*)::text AS e, 1 AS n FROM ($want) AS c";
	}
	elsif (chance(20))
	{
		# as builders give it
		$got =~ s/orm\.fetch\(.*\)( ORDER)/'orm.fetch(' . $entity . ', ' . literal(json({ where => $where })) . ', ' . literal(json({ select => \@names })) . ")$1"/es;
	}
	return 'SELECT orm_test.same(' . join(', ', map { literal($_) } $label, $got, $want) . ");\n";
}

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql());
is($err, '', 'types and functions are there');

for my $seed (map { 1000 + $_ } first_seed() .. first_seed() + rounds(6) - 1)
{
	seed_random($seed);
	my @tables = random_schema("w$seed");
	(undef, $err) = run_script($server, "SET client_min_messages = warning;\nCREATE SCHEMA w$seed;\n" . schema_sql(@tables) . "SELECT FROM orm.reflect('w$seed');\n");
	is($err, '', "seed $seed: the schema is made") or next;
	take_relations(model_of($server), @tables);
	my @checks = map { check("seed $seed condition $_", pick(@tables)) } 1 .. $conditions;
	(my $rows, $err) = run_script($server, join '', @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: " . @checks . ' conditions choose the same rows') or diag(verdicts($rows, @different));
	run_script($server, "SET client_min_messages = warning;\nDROP SCHEMA w$seed CASCADE;\n");
}

$server->stop;
done_testing();
