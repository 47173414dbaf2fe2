# A server with orm, and the comparisons that are run on it.
package OrmTest::Server;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use OrmTest::Values;

our @EXPORT = qw(start_server run_script model_of compare_sql verdicts rounds first_seed);

# More rounds than the few of every day, from another seed on.
sub rounds { my ($usual) = @_; return $ENV{ORM_TEST_ROUNDS} // $usual }
sub first_seed { return $ENV{ORM_TEST_SEED} // 1 }

# what is compared is read one by one
my @quiet = ('orm.n_plus_one_threshold = 0');

# Arguments: lines for postgresql.conf.
sub start_server
{
	my (@settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new('main');
	$node->init(extra => [ '--locale=C', '-E', 'UTF8' ]);
	$node->append_conf('postgresql.conf', join "\n", 'fsync = off', 'synchronous_commit = off', @quiet, @settings, '');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION orm');
	return $node;
}

# Runs a script in one session. Each row of output is JSON; returns them decoded,
# then what came on stderr. The database is "postgres" unless one is named.
sub run_script
{
	my ($node, $sql, $database) = @_;
	my ($out, $err) = ('', '');
	utf8::encode($sql);
	my @command = ($node->installed_command('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database // 'postgres'), '-f', '-');
	IPC::Run::run(\@command, '<', \$sql, '>', \$out, '2>', \$err);
	my @rows = map { JSON::PP::decode_json($_) } grep { /\S/ } split /\n/, $out;
	return (\@rows, $err);
}

# Entities and relations by schema and table, for OrmTest::Tree.
sub model_of
{
	my ($node) = @_;
	my ($rows, $err) = run_script($node, <<'SQL');
SELECT json_build_object('schema', s.nspname, 'table', c.relname, 'name', e.name, 'relations',
  (SELECT coalesce(json_agg(json_build_object('name', d.name, 'kind', split_part(d.type, ' ', 1), 'source', d.source) ORDER BY d.n), '[]')
   FROM orm.describe(e.name) WITH ORDINALITY AS d(kind, name, type, source, details, n) WHERE d.kind = 'relation'))
FROM orm.entities e JOIN pg_class c ON c.oid = e.relation JOIN pg_namespace s ON s.oid = c.relnamespace
SQL
	die $err if $err ne '';
	my %model;
	$model{ $_->{schema} }{ $_->{table} } = $_ for @$rows;
	return \%model;
}

# What to say of comparisons that failed, in bytes.
sub verdicts
{
	my ($rows, @different) = @_;
	my $text = join "\n\n", scalar(@$rows) . ' answers, ' . @different . ' of them different', map { join "\n", @$_ } splice @different, 0, 3;
	utf8::encode($text);
	return $text;
}

# Functions that compare, in the schema "orm_test". Each returns one row: label and verdict,
# "same" or the first difference.
sub compare_sql
{
	return <<'SQL';
CREATE FUNCTION orm_test.difference(got text[], want text[]) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
	at integer;
	i integer := 1;
BEGIN
	IF got IS NOT DISTINCT FROM want THEN
		RETURN 'same';
	END IF;
	FOR i IN 1 .. greatest(cardinality(got), cardinality(want)) LOOP
		CONTINUE WHEN got[i] IS NOT DISTINCT FROM want[i];
		at := 1;
		WHILE substr(got[i], at, 1) = substr(want[i], at, 1) AND at <= length(got[i]) LOOP
			at := at + 1;
		END LOOP;
		at := greatest(at - 40, 1);
		RETURN format(E'%s rows, wanted %s; row %s from character %s\n got: %s\nwant: %s', cardinality(got), cardinality(want), i, at,
			coalesce(substr(got[i], at, 200), 'nothing'), coalesce(substr(want[i], at, 200), 'nothing'));
	END LOOP;
	RETURN 'one is NULL';
END $f$;

-- one statement against another, each giving one column of text
CREATE FUNCTION orm_test.same(label text, got text, want text) RETURNS json LANGUAGE plpgsql AS $f$
DECLARE
	g text[];
	w text[];
BEGIN
	EXECUTE 'SELECT ARRAY(SELECT e FROM (' || want || ') AS s ORDER BY n)' INTO w;
	BEGIN
		EXECUTE 'SELECT ARRAY(' || got || ')' INTO g;
	EXCEPTION WHEN OTHERS THEN
		RETURN json_build_array(label, sqlstate || ' ' || sqlerrm);
	END;
	RETURN json_build_array(label, orm_test.difference(g, w));
END $f$;

-- everything that reads, with windows of all sizes, against one statement
CREATE FUNCTION orm_test.reads_same(label text, entity text, clauses jsonb[], want text) RETURNS SETOF json LANGUAGE plpgsql AS $f$
DECLARE
	g text[];
	w text[];
	part text := 'the statement to compare with';
	size text;
	verdict text;
BEGIN
	EXECUTE 'SELECT ARRAY(SELECT e FROM (' || want || ') AS s ORDER BY n)' INTO w;
	FOREACH size IN ARRAY ARRAY['1', '2', '7', '1000', '0'] LOOP
		part := 'fetch, windows of ' || size;
		PERFORM set_config('orm.window_size', size, false);
		g := ARRAY(SELECT orm.fetch(entity, VARIADIC clauses)::text);
		verdict := orm_test.difference(g, w);
		IF verdict <> 'same' THEN
			RETURN NEXT json_build_array(label, part || ': ' || verdict);
			RETURN;
		END IF;
	END LOOP;
	part := 'fetch in FROM';
	g := ARRAY(SELECT f.entity::text FROM orm.fetch(entity, VARIADIC clauses) AS f);
	verdict := orm_test.difference(g, w);
	IF verdict = 'same' THEN
		part := 'list';
		verdict := orm_test.difference(ARRAY[orm.list(entity, VARIADIC clauses)::text], ARRAY['[' || array_to_string(w, ',') || ']']);
	END IF;
	IF verdict = 'same' THEN
		part := 'first';
		verdict := orm_test.difference(ARRAY[orm.first(entity, VARIADIC clauses)::text], ARRAY[w[1]]);
	END IF;
	IF verdict = 'same' THEN
		part := 'count';
		verdict := orm_test.difference(ARRAY[orm.count(entity, VARIADIC clauses)::text], ARRAY[cardinality(w)::text]);
	END IF;
	IF verdict = 'same' THEN
		part := 'exists';
		verdict := orm_test.difference(ARRAY[orm.exists(entity, VARIADIC clauses)::text], ARRAY[(cardinality(w) > 0)::text]);
	END IF;
	RETURN NEXT json_build_array(label, CASE WHEN verdict = 'same' THEN 'same' ELSE part || ': ' || verdict END);
EXCEPTION WHEN OTHERS THEN
	RETURN NEXT json_build_array(label, part || ': ' || sqlstate || ' ' || sqlerrm);
END $f$;
SQL
}

1;
