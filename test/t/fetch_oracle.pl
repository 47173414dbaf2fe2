# What fetch, list, first, count, exists and find give for generated schemas,
# rows and load trees is what one lateral statement gives, byte for byte.
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
use OrmTest::Declared;
use OrmTest::Morph;
use OrmTest::Tree;
use OrmTest::Server;

my $trees = 20;

# find by the key as text, as a typed value and as an object
sub find_checks
{
	my ($label, $node) = @_;
	my $table = $node->{table};
	my @keys = @{ $table->{keys} };
	my %only = map { $_ => $node->{$_} } grep { exists $node->{$_} } qw(table loads select omit listed counts aggregates);
	my $row = pick(@{ $table->{rows} }) // return ();
	my @values = map { [ $_, literal($row->{ $_->{name} }) . "::$_->{type}{sql}" ] } @keys;
	my $want = tree_sql(\%only, sub { my ($alias) = @_; return join ' AND ', map { "$alias." . identifier($_->[0]{name}) . " = $_->[1]" } @values });
	my $object = 'jsonb_build_object(' . join(', ', map { literal($_->[0]{name}) . ", $_->[1]" } @values) . ')';
	my @forms = @keys == 1 ? (literal($row->{ $keys[0]{name} }), $values[0][1], $object) : ($object, "($object)::text");
	my $document = literal(json(tree_document(\%only)));
	return map { 'SELECT orm_test.same(' . literal("$label, find by $_") . ', ' .
		  literal('SELECT orm.find(' . literal($table->{entity}) . ", $_, $document)::text") . ', ' . literal($want) . ");\n" } @forms;
}

# the clauses of a document in one or in two documents
sub clauses_sql
{
	my ($document) = @_;
	my @parts = ($document);
	if (chance(30))
	{
		@parts = ({}, {});
		$parts[ between(0, 1) ]{$_} = $document->{$_} for sort keys %$document;
		# what the first clause asks for comes out first
		delete $_->{aggregate} for @parts;
		$parts[1]{aggregate} = $document->{aggregate} if $document->{aggregate};
	}
	return 'ARRAY[' . join(', ', map { literal(json($_)) } @parts) . ']::jsonb[]';
}

sub tree_checks
{
	my ($label, $deepest, @tables) = @_;
	my $node = random_tree(pick(@tables), between(0, $deepest), 150);
	my $document = tree_document($node);
	$label .= ', ' . $node->{table}{entity} . ' ' . json($document);
	my $check = 'SELECT orm_test.reads_same(' . join(', ', literal($label), literal($node->{table}{entity}), clauses_sql($document), literal(tree_sql($node))) . ");\n";
	return ($check, chance(30) ? find_checks($label, $node) : ());
}

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql());
is($err, '', 'types and functions are there');

# what the trees over some tables give, with the relations that are declared besides
sub compare_trees
{
	my ($seed, $deepest, $declare, @tables) = @_;
	my @schemas = sort keys %{ { map { $_->{schema} => 1 } @tables } };
	my $quiet = "SET client_min_messages = warning;\n";
	my $script = join '', $quiet, map { 'CREATE SCHEMA ' . identifier($_) . ";\n" } @schemas;
	$script .= schema_sql(@tables) . join '', map { 'SELECT FROM orm.reflect(' . literal($_) . ");\n" } @schemas;
	(undef, $err) = run_script($server, $script);
	is($err, '', "seed $seed: the schema is made") or return;
	my $model = model_of($server);
	$_->{entity} = $model->{ $_->{schema} }{ $_->{table} }{name} for @tables;
	(undef, $err) = run_script($server, $quiet . $declare->(@tables));
	is($err, '', "seed $seed: relations are declared") or return;
	my @wrong = take_relations(model_of($server), @tables);
	is("@wrong", '', "seed $seed: the relations are those of the foreign keys and those declared");

	my @checks = map { tree_checks("seed $seed tree $_", $deepest, @tables) } 1 .. $trees;
	(my $rows, $err) = run_script($server, join '', "SET statement_timeout = '20s';\n", @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: " . @checks . ' trees and keys give the same')
	  or diag(verdicts($rows, @different));
	run_script($server, $quiet . join '', map { 'DROP SCHEMA ' . identifier($_) . " CASCADE;\n" } @schemas);
	return;
}

# relations that stand on others, of which the model has to know
sub declare_more
{
	my (@tables) = @_;
	take_relations(model_of($server), @tables);
	return declare_relations(@tables);
}

for my $seed (first_seed() .. first_seed() + rounds(12) - 1)
{
	seed_random($seed);
	compare_trees($seed, 4, \&declare_more, random_schema("s$seed", qq{S "$seed" é}));
}
for my $seed (map { 500 + $_ } first_seed() .. first_seed() + rounds(6) - 1)
{
	seed_random($seed);
	compare_trees($seed, 3, \&declare_morphs, morph_schema("m$seed"));
}

$server->stop;
done_testing();
