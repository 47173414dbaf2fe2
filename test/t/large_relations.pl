# Relations of uncommon size: many rows under one, many rows with none, and
# documents and data as deep as they go. What such a read holds is in proportion
# to what it gives, does not depend on the stack, and it can be cancelled.
use strict;
use warnings;
use Time::HiRes qw(time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('large');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nshared_buffers = '256MB'\nwork_mem = '4MB'\njit = off\nautovacuum = off\nmax_parallel_workers_per_gather = 0\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
SET client_min_messages = warning;
-- 200,000 under the first, none under the next 10,000
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE thing (id int PRIMARY KEY, owner_id int NOT NULL REFERENCES owner, name text NOT NULL);
INSERT INTO owner SELECT i FROM generate_series(1, 10001) i;
INSERT INTO thing SELECT i, 1, 'thing ' || i FROM generate_series(1, 200000) i;
CREATE INDEX ON thing (owner_id);
-- the same in one table, and a chain
CREATE TABLE star (id int PRIMARY KEY, parent_id int REFERENCES star, name text NOT NULL);
INSERT INTO star SELECT i, CASE WHEN i > 1 THEN 1 END, 'star ' || i FROM generate_series(1, 200001) i;
CREATE INDEX ON star (parent_id);
CREATE TABLE chain (id int PRIMARY KEY, parent_id int REFERENCES chain, name text NOT NULL);
INSERT INTO chain SELECT i, nullif(i - 1, 0), 'link ' || i FROM generate_series(1, 10000) i;
CREATE INDEX ON chain (parent_id);
VACUUM ANALYZE owner, thing, star, chain;
SELECT orm.entity('owner', 'owner'), orm.entity('thing', 'thing'), orm.entity('star', 'star'), orm.entity('chain', 'chain');
SELECT orm.tree('star'), orm.tree('chain');
CREATE FUNCTION private() RETURNS bigint VOLATILE LANGUAGE sql AS
$$ SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+) kB')::bigint $$;
SQL

# the last line that a session gives
sub last_of
{
	my ($sql) = @_;
	return (split /\n/, $node->safe_psql('postgres', $sql))[-1];
}

# ---- what is given ----

my $many = q{orm.find('owner', 1, '{"load": ["thing"]}')};
my $tree = q{orm.find('star', 1, '{"load": ["descendants"]}')};
my $list = q{orm.find('star', 1, '{"load": {"descendants": {"flat": true, "order": ["name"]}}}')};
my $deep = q{orm.find('chain', 1, '{"load": ["descendants"]}')};

is(last_of("SELECT json_array_length($many -> 'thing')"), 200000, '200,000 rows under one');
is(last_of("SELECT json_array_length($tree -> 'descendants')"), 200000, '200,000 rows under one of the same table');
is(last_of("SELECT $list #>> '{descendants,199999,name}'"), 'star 99999', 'the same as a list in an order');
is(last_of(q{SELECT count(*) || ' ' || min(e::text) || ' ' || max(e::text) FROM orm.fetch('owner', '{"where": {"id": {"$gt": 1}}, "select": [], "load": ["thing"]}') e}),
	'10000 {"thing":[]} {"thing":[]}', '10,000 rows with none');
is(last_of(q{SET orm.window_size = 1000; SELECT string_agg(loops || ' ' || actual_rows, ', ') FROM orm.explain('owner', '{"where": {"id": {"$gt": 1}}, "load": ["thing"]}')}),
	'1 10000, 10 0', 'and a statement for each thousand of them');
is(last_of(q{SET orm.window_size = 1000; SELECT string_agg(loops || ' ' || actual_rows, ', ') FROM orm.explain('star', '{"where": {"id": {"$gt": 190001}}, "load": ["descendants"]}')}),
	'1 10000, 10 0', 'in a tree just so');

# ---- depth ----

# documents: 16 relations deep, and no deeper
sub deep_document
{
	my ($n) = @_;
	my $path = join '.', map { $_ % 2 ? 'parent' : 'children' } 1 .. $n;
	return qq{SELECT orm.find('chain', 2, '{"load": ["$path"]}')};
}
like(last_of(deep_document(16)), qr/^\{"id":2,.*\}$/, 'a document 16 relations deep');
my (undef, undef, $err) = $node->psql('postgres', deep_document(17), on_error_stop => 0);
like($err, qr/relations are loaded too deeply/, 'one of 17 is refused');

# data: as deep as it is, on a stack as small as can be
my $small = "SET max_stack_depth = '100kB';";
# all brackets close at the end: one for each row, one of the list that is empty, and the root's
is(last_of("$small SELECT length(t) - length(rtrim(t, '}]')) || ' ' || (t LIKE '%\"link 10000\",\"children\":[]}]}%') FROM (SELECT $deep\::text) AS d(t)"), '20000 true', '10,000 rows one below the other');
is(last_of("$small SELECT json_array_length(orm.find('chain', 1, '{\"load\": {\"descendants\": {\"flat\": true}}}') -> 'descendants')"), 9999, 'as a list');
is(last_of("$small SELECT json_array_length(orm.find('chain', 10000, '{\"load\": [\"ancestors\"]}') -> 'ancestors')"), 9999, 'upward');
is(last_of("$small SELECT length(orm.find('chain', 10000, '{\"select\": [], \"load\": {\"parent\": {\"select\": [\"id\"], \"depth\": \"all\"}}}')::text) > 200000"), 't', 'and nested');
is(last_of("$small SELECT orm.find('chain', 1, '{\"count\": [\"descendants\"]}') ->> 'descendants_count'"), 9999, 'counted');
is(last_of(q{SELECT loops FROM orm.explain('chain', '{"where": {"id": 1}, "load": ["descendants"]}') WHERE path <> ''}), 10000, 'a statement for each depth');

# every one of them a root, all that is below each of them cut to a depth
is(last_of(q{SELECT count(*) || ' ' || sum(length(e::text)) FROM orm.fetch('chain', '{"select": [], "load": {"descendants": {"select": [], "depth": 2}}}') e}),
	'10000 ' . (9998 * length('{"descendants":[{"children":[{}]}]}') + length('{"descendants":[{"children":[]}]}') + length('{"descendants":[]}')), 'from each of them');

# ---- memory ----

SKIP:
{
	skip 'memory of a process is read from /proc', 6 unless -r '/proc/self/status';
	for my $read ([ $many, 'rows under one' ], [ $tree, 'a tree' ], [ $list, 'a list' ])
	{
		my ($sql, $what) = @$read;
		# a session has its catalogs and its plans in memory before
		my $small = $sql =~ s/'(owner|star)', 1,/'$1', 2,/r;
		my ($length, $grown) = split / /, last_of(<<"SQL");
SELECT length($small\::text);
SELECT private() AS before \\gset
SELECT length($sql\::text) AS length, private() AS during \\gset
SELECT :length || ' ' || (:during - :before) * 1024;
SQL
		cmp_ok($length, '>', 8e6, "$what: the answer is large");
		# rows in text and their places, the answer, and the answer once more as text
		cmp_ok($grown, '<', 12 * $length, "$what: what it takes is in proportion");
		note sprintf '%d bytes, %d MB', $length, $grown / 1024 / 1024;
	}
}

# ---- cancelling ----

# Wherever it is, the end comes at once.
for my $read ([ $many, 'rows under one' ], [ $tree, 'a tree' ], [ $list, 'a list' ], [ $deep, 'a deep tree' ],
	[ q{orm.list('chain', '{"load": ["ancestors"]}')}, 'all that is above each of a chain' ],
	[ q{orm.list('chain', '{"count": ["descendants"]}')}, 'all that is below each of a chain, counted' ])
{
	my ($sql, $what) = @$read;
	my $worst = 0;
	my $cancelled = 0;
	for my $ms (20, 60, 150, 400, 900)
	{
		my $start = time;
		my ($rc, undef, $err) = $node->psql('postgres', "LOAD 'orm'; SET statement_timeout = '${ms}ms'; SELECT length($sql\::text);");
		next if $rc == 0;
		like($err, qr/canceling statement due to statement timeout/, "$what: cancelled after $ms ms");
		$cancelled++;
		my $over = time - $start - $ms / 1000;
		$worst = $over if $over > $worst;
	}
	cmp_ok($cancelled, '>', 0, "$what: takes long enough to be cancelled");
	cmp_ok($worst, '<', 3, "$what: the end comes at once");
	note sprintf '%s: %d times, %.0f ms late at most', $what, $cancelled, $worst * 1000;
}

$node->stop;
done_testing();
