# Graphs of generated schemas: what find gave is saved without touching a row, by
# save and by replace; and saved over tables in which rows of it were changed or
# deleted, it brings them back to what they were.
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
use OrmTest::Graph;
use OrmTest::Server;

my $graphs = 12;

# Functions in the schema "orm_test": what tables hold, and saving under their eyes.
my $functions = <<'SQL';
CREATE FUNCTION orm_test.fired() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM set_config('orm_test.fired', current_setting('orm_test.fired', true) || tg_op || ' ' || tg_relid::regclass || ' ', true);
	RETURN coalesce(new, old);
END $f$;

-- every row of the tables, with where and since when it stands, or without
CREATE FUNCTION orm_test.rows_of(tables text[], places boolean) RETURNS text[] LANGUAGE plpgsql AS $f$
DECLARE
	one text;
	here text[];
	found text[] := '{}';
BEGIN
	FOREACH one IN ARRAY tables LOOP
		EXECUTE format('SELECT ARRAY(SELECT %L || %s || (a_row.*)::text FROM %s a_row ORDER BY 1)', one || ' ',
			CASE WHEN places THEN 'a_row.ctid || '' '' || a_row.xmin || '' '' ' ELSE quote_literal('') END, one) INTO here;
		found := found || here;
	END LOOP;
	RETURN found;
END $f$;

CREATE FUNCTION orm_test.graph_same(label text, entity text, key jsonb, document jsonb, tables text[], spoil text[]) RETURNS SETOF json LANGUAGE plpgsql AS $f$
DECLARE
	graph text := orm.find(entity, key, document);
	places text[] := orm_test.rows_of(tables, true);
	whole text[] := orm_test.rows_of(tables, false);
	part text;
	verdict text;
	statement text;
	saved text;
BEGIN
	FOREACH part IN ARRAY ARRAY['save', 'replace'] LOOP
		PERFORM set_config('orm_test.fired', '', true);
		EXECUTE format('SELECT orm.%I($1, $2)', part) USING entity, graph INTO saved;
		verdict := orm_test.difference(orm_test.rows_of(tables, true), places);
		IF verdict = 'same' AND current_setting('orm_test.fired') <> '' THEN
			verdict := 'fired: ' || current_setting('orm_test.fired');
		END IF;
		IF verdict = 'same' THEN
			verdict := orm_test.difference(ARRAY[saved], ARRAY[graph]);
		END IF;
		IF verdict <> 'same' THEN
			RETURN NEXT json_build_array(label, part || ' of what find gave: ' || verdict);
			RETURN;
		END IF;
	END LOOP;
	part := 'spoiling';
	SET LOCAL session_replication_role = replica;
	FOREACH statement IN ARRAY spoil LOOP
		EXECUTE statement;
	END LOOP;
	SET LOCAL session_replication_role = origin;
	part := 'save over ' || array_to_string(spoil, '; ');
	BEGIN
		saved := orm.save(entity, graph, '{"on_foreign": "move"}');
	EXCEPTION WHEN foreign_key_violation THEN
		-- rows that refer to each other by no relation of the graph come in an order that may not suit
		SET CONSTRAINTS ALL DEFERRED;
		saved := orm.save(entity, graph, '{"on_foreign": "move"}');
		SET CONSTRAINTS ALL IMMEDIATE;
	END;
	verdict := orm_test.difference(orm_test.rows_of(tables, false), whole);
	IF verdict = 'same' THEN
		verdict := orm_test.difference(ARRAY[saved], ARRAY[graph]);
	END IF;
	RETURN NEXT json_build_array(label, CASE WHEN verdict = 'same' THEN 'same' ELSE part || ': ' || verdict END);
EXCEPTION WHEN OTHERS THEN
	RETURN NEXT json_build_array(label, part || ': ' || sqlstate || ' ' || sqlerrm);
END $f$;
SQL

sub text_array { return 'ARRAY[' . join(', ', map { literal($_) } @_) . ']::text[]' }

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql() . $functions);
is($err, '', 'types and functions are there');

for my $seed (first_seed() .. first_seed() + rounds(10) - 1)
{
	seed_random($seed);
	my @schemas = ("s$seed", qq{S "$seed" é});
	my @tables = random_schema(@schemas);
	plain_values(@tables);
	# where a foreign key is in other digits than its target, rows are only saved as they are
	my $spoilt = chance(75);
	exact_links(@tables) if $spoilt;
	my $script = "SET client_min_messages = warning;\n" . join '', map { 'CREATE SCHEMA ' . identifier($_) . ";\n" } @schemas;
	$script .= schema_sql(@tables) . join '', map { 'SELECT FROM orm.reflect(' . literal($_) . ");\n" } @schemas;
	# rows are deleted only where what refers to them can wait
	my $deferrable = chance(50);
	$script .= join '', map { 'ALTER TABLE ' . qualified($_->{table}) . " ALTER CONSTRAINT $_->{name} DEFERRABLE;\n" } map { @{ $_->{fks} } } @tables if $deferrable;
	$script .= join '', map { 'CREATE TRIGGER fired BEFORE INSERT OR UPDATE OR DELETE ON ' . qualified($_) . " FOR EACH ROW EXECUTE FUNCTION orm_test.fired();\n" } @tables;
	(undef, $err) = run_script($server, $script);
	is($err, '', "seed $seed: the schema is made") or next;
	my @wrong = take_relations(model_of($server), @tables);
	is("@wrong", '', "seed $seed: the relations are those of the foreign keys");

	my @roots = grep { @{ $_->{rows} } } @tables;
	my @graphs;
	for my $number (1 .. (@roots ? $graphs : 0))
	{
		my $tree = graph_tree(pick(@roots), between(1, 3), 2);
		my $row = pick(@{ $tree->{table}{rows} });
		push @graphs, { number => $number, tree => $tree, key => graph_keys($tree->{table}, $row), document => literal(json(graph_document($tree))) };
	}
	(my $objects, $err) = run_script($server, join '', map { 'SELECT orm.find(' . literal($_->{tree}{table}{entity}) . ", $_->{key}, $_->{document});\n" } @graphs);
	is($err, '', "seed $seed: the graphs are read") or next;
	my $check = "SET statement_timeout = '30s';\n";
	for my $i (0 .. $#graphs)
	{
		my $graph = $graphs[$i];
		my @spoil = !$spoilt ? () : spoiling_sql($graph->{tree}, $objects->[$i], pick(20, 60, 100), $deferrable);
		my $label = "seed $seed graph $graph->{number}, $graph->{tree}{table}{entity} $graph->{key} $graph->{document}";
		$check .= "BEGIN;\nSELECT orm_test.graph_same(" . join(', ', literal($label), literal($graph->{tree}{table}{entity}), $graph->{key}, $graph->{document},
			text_array(map { qualified($_) } @tables), text_array(@spoil)) . ");\nROLLBACK;\n";
	}
	(my $rows, $err) = run_script($server, $check);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @graphs && !@different, "seed $seed: " . @graphs . ' graphs are saved as they were found')
	  or diag(verdicts($rows, @different));
	run_script($server, "SET client_min_messages = warning;\n" . join '', map { 'DROP SCHEMA ' . identifier($_) . " CASCADE;\n" } @schemas);
}

$server->stop;
done_testing();
