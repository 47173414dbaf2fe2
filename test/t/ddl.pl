# Declaring through DDL, where it takes servers, sessions or protocols of one's own.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('ddl');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', 'CREATE EXTENSION orm');

sub entities
{
	my ($db, $names) = @_;
	return $node->safe_psql($db,
		"SELECT string_agg(name || '=' || relation::text, ' ' ORDER BY name) FROM orm.entities WHERE name ~ '$names'");
}

# One session for each of these, with nothing set on the server.
is($node->safe_psql('app', 'SHOW session_preload_libraries'), '', 'nothing is preloaded');
$node->safe_psql('app', "CREATE TABLE fresh (id int PRIMARY KEY, v int) WITH (orm.entity = 'Fresh')");
$node->safe_psql('app', "ALTER TABLE fresh SET (orm.naming = 'camel'), ALTER v SET (orm.hidden)");
$node->safe_psql('app', "CREATE SCHEMA fresh_schema CREATE TABLE t (id int PRIMARY KEY) WITH (orm.entity = 'FreshSchema')");
$node->safe_psql('app', "CREATE TABLE fresh_as WITH (orm.entity = 'FreshAs', orm.key = 'id') AS SELECT 1 AS id");
$node->safe_psql('app', "CREATE VIEW fresh_view WITH (orm.entity = 'FreshView', orm.key = 'id') AS SELECT 1 AS id");
is(entities('app', '^Fresh'),
	'Fresh=fresh FreshAs=fresh_as FreshSchema=fresh_schema.t FreshView=fresh_view',
	'fresh sessions declare');
$node->safe_psql('app', 'ALTER TABLE fresh RENAME v TO w');
is($node->safe_psql('app', "SELECT column_name, hidden FROM orm.properties WHERE relation = 'fresh'::regclass"),
	'w|t', 'a fresh session follows a renamed column');
$node->safe_psql('app', 'DROP SCHEMA fresh_schema CASCADE');
is(entities('app', 'FreshSchema'), '', 'a fresh session follows a dropped schema');

# EXPLAIN fires no event trigger: in a session that has not loaded the library it is refused.
my $explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) CREATE TABLE explained WITH (orm.entity = 'Explained', orm.key = 'id') AS SELECT 1 AS id";
my ($rc, $out, $err) = $node->psql('app', $explain);
like($err, qr/unrecognized parameter namespace "orm"/, 'EXPLAIN ANALYZE without the library is refused');

# The extended protocol, and the same statement prepared and executed twice.
for my $mode (qw(simple extended prepared))
{
	my $script = $node->basedir . "/$mode.sql";
	append_to_file($script, <<SQL);
DROP TABLE IF EXISTS by_$mode;
CREATE TABLE by_$mode (id int PRIMARY KEY, v int) WITH (orm.entity = 'By$mode', fillfactor = 90);
ALTER TABLE by_$mode SET (orm.naming = 'camel'), ALTER v SET (orm.hidden);
SQL
	$node->command_ok([ 'pgbench', '-n', '-M', $mode, '-t', '3', '-f', $script, $node->connstr('app') ],
		"three times by the $mode protocol");
	is($node->safe_psql('app',
			"SELECT e.naming, p.name, p.hidden FROM orm.entities e JOIN orm.properties p USING (relation) WHERE e.name = 'By$mode'"),
		'camel|v|t', "declared by the $mode protocol");
	is($node->safe_psql('app', "SELECT count(*) FROM orm.entities WHERE relation NOT IN (SELECT oid FROM pg_class)"),
		0, 'dropped tables leave nothing behind');
}

# Another database of the same server knows nothing of it, the library being loaded or not.
($rc, $out, $err) = $node->psql('postgres', "CREATE TABLE nothing (id int) WITH (orm.entity = 'Nothing')");
like($err, qr/unrecognized parameter namespace "orm"/, 'a database without the extension');
($rc, $out, $err) = $node->psql('postgres', <<SQL);
LOAD 'orm';
CREATE TABLE plain (id int, v int);
ALTER TABLE plain RENAME v TO w;
ALTER TABLE plain DROP COLUMN w;
CREATE TABLE nothing (id int) WITH (orm.entity = 'Nothing');
SQL
like($err, qr/^[^\n]*unrecognized parameter namespace "orm"[^\n]*$/, 'the same with the library loaded');

# One session in which the extension comes, goes and comes back; errors, then ROLLBACK.
$node->safe_psql('postgres', 'CREATE DATABASE changing');
is($node->safe_psql('changing', <<SQL), "A|a\nB|b\nC|c", 'created, dropped and created again in one session');
CREATE EXTENSION orm;
CREATE TABLE a (id int PRIMARY KEY) WITH (orm.entity = 'A');
SELECT name, relation::text FROM orm.entities;
DROP EXTENSION orm;
ALTER TABLE a RENAME id TO key;
CREATE EXTENSION orm;
CREATE TABLE b (id int PRIMARY KEY) WITH (orm.entity = 'B');
SELECT name, relation::text FROM orm.entities;
BEGIN;
DROP EXTENSION orm;
DROP TABLE b;
CREATE TABLE b (id int PRIMARY KEY);
ROLLBACK;
DROP TABLE b;
CREATE TABLE c (id int PRIMARY KEY) WITH (orm.entity = 'C');
SELECT name, relation::text FROM orm.entities;
SQL
($rc, $out, $err) = $node->psql('changing', <<SQL, on_error_stop => 0);
BEGIN;
CREATE TABLE d (id int PRIMARY KEY) WITH (orm.entity = 'D');
CREATE TABLE e (id int PRIMARY KEY) WITH (orm.entity = 'E', orm.version = 'nowhere');
CREATE TABLE f (id int PRIMARY KEY) WITH (orm.entity = 'F');
ROLLBACK;
CREATE TABLE g (id int PRIMARY KEY) WITH (orm.entity = 'G');
SQL
is(entities('changing', '^[D-G]'), 'G=g', 'an error, ROLLBACK, and on');

# Preloaded: also where event triggers are silent, and under EXPLAIN ANALYZE.
$node->safe_psql('postgres', "ALTER DATABASE app SET session_preload_libraries = 'orm'");
$node->safe_psql('app', $explain);
is(entities('app', '^Explained'), 'Explained=explained', 'EXPLAIN ANALYZE CREATE TABLE AS, preloaded');
$node->safe_psql('app', "EXPLAIN CREATE TABLE unmade WITH (orm.entity = 'Unmade', orm.key = 'id') AS SELECT 1 AS id");
is(entities('app', '^Unmade'), '', 'EXPLAIN alone makes nothing and declares nothing');
$node->safe_psql('app', "CREATE TABLE twofold (id int PRIMARY KEY, v int) WITH (orm.entity = 'Both')");
$node->safe_psql('app', "ALTER TABLE twofold SET (orm.naming = 'camel'), ALTER v SET (orm.hidden)");
$node->safe_psql('app', 'ALTER TABLE twofold RENAME v TO w');
is($node->safe_psql('app',
		"SELECT e.name, e.naming, p.column_name, p.hidden FROM orm.entities e JOIN orm.properties p USING (relation) WHERE e.name = 'Both'"),
	'Both|camel|w|t', 'hook and event triggers together');
is($node->safe_psql('app', <<SQL), "Fn|1\nFn|1\nFn|1", 'three times in a function, preloaded');
CREATE FUNCTION fn() RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
	CREATE TABLE fn (id int PRIMARY KEY, v int) WITH (orm.entity = 'Fn');
	ALTER TABLE fn ALTER v SET (orm.hidden);
	RETURN (SELECT name || '|' || (SELECT count(*) FROM orm.properties WHERE relation = 'fn'::regclass AND hidden)
			FROM orm.entities WHERE name = 'Fn');
END \$\$;
SELECT fn(); DROP TABLE fn;
SELECT fn(); DROP TABLE fn;
SELECT fn(); DROP TABLE fn;
SQL

for my $silence ('SET session_replication_role = replica',
	$node->pg_version >= 17 ? ('SET event_triggers = off') : ())
{
	$node->safe_psql('app', <<SQL);
$silence;
CREATE TABLE silent (id serial PRIMARY KEY, v int) WITH (orm.entity = 'Silent');
CREATE TABLE IF NOT EXISTS silent (id int) WITH (orm.entity = 'SilentTwice');
ALTER TABLE silent SET (orm.naming = 'camel'), ALTER v SET (orm.hidden);
CREATE TABLE silent_child () INHERITS (silent) WITH (orm.entity = 'SilentChild', orm.key = 'v');
ALTER TABLE silent RENAME v TO w;
CREATE SCHEMA silent_schema
	CREATE VIEW v WITH (orm.entity = 'SilentView', orm.key = 'id') AS SELECT id FROM t
	CREATE TABLE t (id serial PRIMARY KEY) WITH (orm.entity = 'SilentTable');
CREATE TABLE silent_as WITH (orm.entity = 'SilentAs', orm.key = 'id') AS SELECT 1 AS id;
CREATE OR REPLACE VIEW silent_view WITH (orm.entity = 'SilentView2', orm.key = 'id') AS SELECT 1 AS id;
CREATE OR REPLACE VIEW silent_view WITH (orm.entity = 'SilentView3', orm.key = 'id') AS SELECT 1 AS id;
CREATE MATERIALIZED VIEW silent_matview WITH (orm.entity = 'SilentMatview', orm.key = 'id') AS SELECT 1 AS id;
ALTER TABLE IF EXISTS nowhere SET (orm.entity = 'SilentNowhere');
SQL
	is(entities('app', '^Silent'),
		'Silent=silent SilentAs=silent_as SilentChild=silent_child SilentMatview=silent_matview '
		  . 'SilentTable=silent_schema.t SilentView=silent_schema.v SilentView3=silent_view',
		"declared under $silence");
	is($node->safe_psql('app', "SELECT relation::text, name, column_name, hidden FROM orm.properties WHERE relation::text ~ '^silent'"),
		'silent|w|w|t', "a renamed column followed under $silence");
	is($node->safe_psql('app', "SELECT key FROM orm.entities WHERE name = 'SilentChild'"), '{w}', '... by its children too');
	$node->safe_psql('app', 'DROP TABLE silent, silent_child, silent_as; DROP VIEW silent_view; DROP MATERIALIZED VIEW silent_matview; DROP SCHEMA silent_schema CASCADE');
}

# A dump restores declarations as data, with the event triggers there from the start.
my $dump = $node->basedir . '/app.sql';
my $state = <<'SQL';
SELECT string_agg(e::text, ' ' ORDER BY e.name) FROM orm.entities e;
SELECT string_agg(p::text, ' ' ORDER BY p.relation::text, p.name) FROM orm.properties p;
SELECT string_agg(r::text, ' ' ORDER BY r.relation::text, r.name) FROM orm.relations r;
SQL
$node->safe_psql('app', <<SQL);
CREATE TABLE authors (gone int, id int PRIMARY KEY, name text, rev int) WITH (orm.entity = 'Author', orm.version = 'rev');
ALTER TABLE authors DROP COLUMN gone;
CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors) WITH (orm.entity = 'Book');
CREATE INDEX ON books (author_id);
ALTER TABLE books ALTER author_id SET (orm.relation = 'writer', orm.inverse = 'works', orm.on_missing = 'unlink');
ALTER TABLE authors ALTER name SET (orm.property = 'fullName', orm.cast = 'string');
SQL
my $before = $node->safe_psql('app', $state);
like($before, qr/works/, 'there is something to dump');
for my $preload ('', 'orm')
{
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS restored');
	$node->safe_psql('postgres', 'CREATE DATABASE restored');
	$node->safe_psql('postgres', "ALTER DATABASE restored SET session_preload_libraries = '$preload'") if $preload;
	$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('app') ], 'dump');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ],
		"restore, preloaded: \"$preload\"");
	is($node->safe_psql('restored', $state), $before, 'the same declarations');
	$node->safe_psql('restored', "CREATE TABLE later (id int PRIMARY KEY) WITH (orm.entity = 'Later')");
	is(entities('restored', '^Later'), 'Later=later', 'and new ones');
}

# Two sessions: what one declares, the other sees once it is committed.
my $other = $node->background_psql('app') if $node->can('background_psql');
SKIP:
{
	skip 'no background sessions here', 1 if !$other;
	$other->query_safe('SELECT count(*) FROM orm.entities');
	$node->safe_psql('app', "CREATE TABLE shared (id int PRIMARY KEY) WITH (orm.entity = 'Shared')");
	$other->query_safe("ALTER TABLE shared SET (orm.naming = 'camel')");
	$other->quit;
	is($node->safe_psql('app', "SELECT naming FROM orm.entities WHERE name = 'Shared'"), 'camel', 'two sessions');
}

$node->stop;
done_testing();
