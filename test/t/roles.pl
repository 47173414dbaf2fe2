# Reading is done as the caller: grants, column grants and row-level security
# hold at every level; and no search_path changes what is read.
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
use OrmTest::Server;

my $trees = 8;
my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql() . <<'SQL');
CREATE ROLE alice;
CREATE ROLE bob;
GRANT USAGE ON SCHEMA orm_test TO alice, bob;

-- with one search_path for the statement to compare with and another for orm
CREATE FUNCTION orm_test.same_under_path(label text, path text, entity text, clause jsonb, want text) RETURNS json LANGUAGE plpgsql AS $f$
DECLARE
	own text := pg_catalog.current_setting('search_path');
	g text[];
	w text[];
BEGIN
	EXECUTE 'SELECT ARRAY(SELECT e FROM (' || want || ') AS s ORDER BY n)' INTO w;
	PERFORM pg_catalog.set_config('search_path', path, false);
	g := ARRAY(SELECT orm.fetch(entity, clause)::pg_catalog.text);
	PERFORM pg_catalog.set_config('search_path', own, false);
	RETURN json_build_array(label, orm_test.difference(g, w));
EXCEPTION WHEN OTHERS THEN
	PERFORM pg_catalog.set_config('search_path', own, false);
	RETURN json_build_array(label, sqlstate || ' ' || sqlerrm);
END $f$;

-- what a statement raises, or "nothing"
CREATE FUNCTION orm_test.raised(statement text) RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END $f$;
SQL
is($err, '', 'types, roles and functions are there');

# ---- column grants ----

(my $rows, $err) = run_script($server, <<'SQL');
CREATE SCHEMA grants;
CREATE TABLE grants.dept (id int PRIMARY KEY, name text, budget int);
CREATE TABLE grants.emp (id int PRIMARY KEY, name text, salary int, dept_id int REFERENCES grants.dept);
INSERT INTO grants.dept VALUES (1, 'one', 10);
INSERT INTO grants.emp VALUES (1, 'ann', 7, 1);
SELECT FROM orm.reflect('grants');
GRANT USAGE ON SCHEMA grants TO alice;
GRANT SELECT (id, name) ON grants.emp TO alice;
GRANT SELECT ON grants.dept TO alice;
SET ROLE alice;
SELECT json_agg(json_build_array(what, orm_test.raised(statement), due)) FROM (VALUES
	('the granted columns', $$SELECT orm.fetch('emp', '{"select": ["id", "name"]}')$$, 'nothing'),
	('find with the granted columns', $$SELECT orm.find('emp', 1, '{"select": ["name"]}')$$, 'nothing'),
	('all columns', $$SELECT orm.fetch('emp')$$, '42501'),
	('one more column', $$SELECT orm.fetch('emp', '{"select": ["id", "salary"]}')$$, '42501'),
	('a condition on another column', $$SELECT orm.fetch('emp', '{"select": ["id"], "where": {"salary": 7}}')$$, '42501'),
	('a count by another column', $$SELECT orm.count('emp', '{"where": {"salary": 7}}')$$, '42501'),
	('whether there is one by another column', $$SELECT orm.exists('emp', '{"where": {"salary": 7}}')$$, '42501'),
	('an order by another column', $$SELECT orm.fetch('emp', '{"select": ["id"], "order": ["salary"]}')$$, '42501'),
	('a relation over another column', $$SELECT orm.fetch('emp', '{"select": ["id"], "load": ["dept"]}')$$, '42501'),
	('a relation to columns not granted', $$SELECT orm.fetch('dept', '{"load": ["emp"]}')$$, '42501'),
	('everything left off but the granted', $$SELECT orm.fetch('emp', '{"omit": ["salary", "dept_id"]}')$$, 'nothing')
) AS c(what, statement, due);
SQL
is($err, '', 'tables with column grants');
is($_->[1], $_->[2], "column grants: $_->[0]") for @{ $rows->[0] };

# the plan that one role has made is not another's
($rows, $err) = run_script($server, <<'SQL');
SELECT json_build_array(orm_test.raised($$SELECT orm.fetch('emp')$$), 'nothing');
SET ROLE alice;
SELECT json_build_array(orm_test.raised($$SELECT orm.fetch('emp')$$), '42501');
RESET ROLE;
SELECT json_build_array(orm_test.raised($$SELECT orm.fetch('emp')$$), 'nothing');
SET ROLE bob;
SELECT json_build_array(orm_test.raised($$SELECT orm.count('dept')$$), '42501');
SQL
is($err, '', 'roles in turn');
is($_->[0], $_->[1], 'a kept plan asks for the rights of who runs it') for @$rows;

# ---- row-level security, and a hostile search_path ----

# Policies by role and setting, over what stands in the row.
sub policies_sql
{
	my (@tables) = @_;
	my $sql = '';
	for my $table (@tables)
	{
		my ($name, $row) = (qualified($table), 'abs(hashtext(' . identifier($table->{table}) . '::text))');
		$sql .= "ALTER TABLE $name ENABLE ROW LEVEL SECURITY;\nGRANT SELECT ON $name TO alice, bob;\n" .
		  "CREATE POLICY a ON $name FOR SELECT TO alice USING ($row % 4 <> 0);\n" .
		  "CREATE POLICY b ON $name FOR SELECT TO bob USING ($row % 3 <> current_setting('orm_test.tenant')::int);\n";
	}
	return $sql;
}

my $functions = 0;

# operators and functions that only a path could reach; each raises
sub hostile_sql
{
	my (@tables) = @_;
	my $sql = "CREATE SCHEMA hostile;\n";
	for my $type (qw(integer bigint smallint text varchar numeric uuid date timestamptz bytea bpchar anyenum anyarray))
	{
		for my $operator ('=', '<>', '<', '>', '<=', '>=', '~~')
		{
			my $function = 'f' . ++$functions;
			$sql .= "CREATE FUNCTION hostile.$function($type, $type) RETURNS boolean LANGUAGE plpgsql AS \$\$BEGIN RAISE 'reached by search_path'; END\$\$;\n" .
			  "CREATE OPERATOR hostile.$operator (LEFTARG = $type, RIGHTARG = $type, FUNCTION = hostile.$function);\n";
		}
	}
	$sql .= "CREATE FUNCTION hostile.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS \$\$BEGIN RAISE 'reached by search_path'; END\$\$;\n";
	$sql .= "CREATE FUNCTION hostile.to_json(anyelement) RETURNS json LANGUAGE plpgsql AS \$\$BEGIN RAISE 'reached by search_path'; END\$\$;\n";
	my %made;
	$sql .= join '', map { 'CREATE TABLE hostile.' . identifier($_) . " (wrong int);\n" } grep { !$made{$_}++ } map { $_->{table} } @tables;
	$sql .= "CREATE DOMAIN hostile.text AS bytea;\nCREATE DOMAIN hostile.int4 AS bytea;\n";
	return $sql;
}

my @turns = (
	[ alice => '' ],
	[ bob => '0' ],
	[ bob => '1' ],
	[ postgres => '' ],
	[ alice => '' ],
	[ bob => '0' ]);

for my $seed (map { 4000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	my @schemas = ("r$seed", qq{R "$seed"});
	my @tables = random_schema(@schemas);
	my $script = "SET client_min_messages = warning;\n" . join '', map { 'CREATE SCHEMA ' . identifier($_) . ";\nGRANT USAGE ON SCHEMA " . identifier($_) . " TO alice, bob;\n" } @schemas;
	$script .= schema_sql(@tables) . policies_sql(@tables) . hostile_sql(@tables) . join '', map { 'SELECT FROM orm.reflect(' . literal($_) . ");\n" } @schemas;
	(undef, $err) = run_script($server, $script);
	is($err, '', "seed $seed: the schema is made") or next;
	take_relations(model_of($server), @tables);

	my @checks;
	for my $tree (1 .. $trees)
	{
		my $node = random_tree(pick(@tables), between(0, 3), 100);
		my ($entity, $document, $want) = (literal($node->{table}{entity}), literal(json(tree_document($node))), literal(tree_sql($node)));
		for my $turn (@turns)
		{
			my ($role, $tenant) = @$turn;
			push @checks, "SET ROLE $role; SET orm_test.tenant = '$tenant'; SELECT orm_test.reads_same(" . literal("seed $seed tree $tree as $role $tenant ") . " || $entity || $document, $entity, ARRAY[$document]::jsonb[], $want);\n";
		}
		push @checks, "RESET ROLE; SELECT orm_test.same_under_path(" . literal("seed $seed tree $tree, search_path ") . " || p || $entity || $document, p, $entity, $document, $want) FROM (SELECT " . literal($_) . "::text AS p) AS s;\n"
		  for 'hostile, pg_catalog, public', 'hostile', '';
	}
	($rows, $err) = run_script($server, join '', @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: " . @checks . ' reads by roles in turn and under hostile paths are the same') or diag(verdicts($rows, @different));

	# what each role sees is not the same, or the policies prove nothing
	($rows, $err) = run_script($server, join '', map { "SET ROLE $_->[0]; SET orm_test.tenant = '$_->[1]'; SELECT json_build_array(" . join(', ', map { 'orm.count(' . literal($_->{entity}) . ')' } @tables) . ");\n" } @turns[ 0 .. 3 ]);
	my %seen = map { join(',', @$_) => 1 } @$rows;
	cmp_ok(scalar keys %seen, '>', 1, "seed $seed: policies make a difference");
	run_script($server, "SET client_min_messages = warning;\n" . join '', map { 'DROP SCHEMA ' . identifier($_) . " CASCADE;\n" } @schemas, 'hostile');
}

$server->stop;
done_testing();
