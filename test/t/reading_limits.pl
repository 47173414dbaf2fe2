# What three levels and large tables may cost: memory that does not grow with the
# answer, an end at once when cancelled, and one scan of a table for a window of
# parents, not for each.
use strict;
use warnings;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;
use lib $FindBin::Bin;
use Session;

plan skip_all => 'memory and CPU time of a process are read from /proc' unless -r '/proc/self/schedstat';

my $node = PostgreSQL::Test::Cluster->new('limits');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nshared_buffers = '256MB'\nwork_mem = '4MB'\njit = off\nautovacuum = off\nmax_parallel_workers_per_gather = 0\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
SET client_min_messages = warning;
CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE post (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, title text NOT NULL, body text NOT NULL);
CREATE TABLE remark (id int PRIMARY KEY, post_id int NOT NULL REFERENCES post, body text NOT NULL);
CREATE TABLE visit (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, page text NOT NULL);
INSERT INTO author SELECT i, 'author ' || i FROM generate_series(1, 4000) i;
INSERT INTO post SELECT i, 1 + (i * 7919) % 4000, 'title ' || i, repeat('text "of" ', 20) FROM generate_series(1, 40000) i;
INSERT INTO remark SELECT i, 1 + (i / 5 + (i * 31) % 400) % 40000, repeat('said ', 20) FROM generate_series(1, 200000) i;
INSERT INTO visit SELECT i, 1 + i % 4000, 'page ' || i FROM generate_series(1, 40000) i;
CREATE INDEX ON post (author_id);
CREATE INDEX ON remark (post_id);
VACUUM ANALYZE author, post, remark, visit;
SELECT orm.entity('author', 'author'), orm.entity('post', 'post'), orm.entity('remark', 'remark'), orm.entity('visit', 'visit');

CREATE FUNCTION private() RETURNS bigint VOLATILE LANGUAGE sql AS
$$ SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+) kB')::bigint $$;
-- at its peak, which is within a window: asked whenever some entities have come
CREATE FUNCTION peak(document jsonb, OUT n int, OUT bytes bigint, OUT peak bigint) LANGUAGE plpgsql AS $$
DECLARE e json;
BEGIN
	n := 0; bytes := 0; peak := 0;
	FOR e IN SELECT orm.fetch('author', document) LOOP
		n := n + 1;
		bytes := bytes + length(e::text);
		IF n % 100 = 0 THEN peak := greatest(peak, private()); END IF;
	END LOOP;
END $$;
SQL

# ---- memory ----

my $three = '{"load": ["post.remark"]}';
my ($n, $bytes, $grown) = split /\|/, (split /\n/, $node->safe_psql('postgres', <<"SQL"))[-1];
SELECT length(orm.fetch('author', '$three')::text) LIMIT 1;
SELECT private() AS before \\gset
SELECT n, bytes, (peak - :before) / 1024 FROM peak('$three');
SQL
is($n, 4000, 'three levels: all of them came');
cmp_ok($bytes, '>', 32e6, 'and are more than a window holds');
cmp_ok($grown, '<', 64, 'three levels take less than 64 MB at their peak');
note "$bytes bytes, $grown MB";

# ---- one scan for a window ----

# A foreign key that no index serves is read through once for each window of 1,000, whatever the number of parents.
is($node->safe_psql('postgres', q{SET orm.window_size = 1000;
SELECT strategy, loops, jsonb_path_query_first(plan::jsonb, '$.**."Plans"[*] ? (@."Node Type" == "Seq Scan")')->>'Actual Loops'
FROM orm.explain('author', '{"load": ["visit"]}') WHERE path = 'visit'}), 'ordinality|4|1', 'no index: a statement for each window, one scan in it');
my $before = $node->safe_psql('postgres', q{SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'visit'});
is($node->safe_psql('postgres', q{SET orm.window_size = 1000; SELECT count(*) FROM (SELECT orm.fetch('author', '{"load": ["visit"]}')) f}), 4000, 'read without an index');
my $scans;
for (1 .. 100)
{
	$scans = $node->safe_psql('postgres', q{SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'visit'}) - $before;
	last if $scans > 0;
	sleep 0.1;
}
cmp_ok($scans, '>', 0, 'the scans are counted');
cmp_ok($scans, '<=', 5, 'and are not more than there are windows');

# ---- cancelling ----

# nanoseconds that a process has been on a CPU, which other load does not change
sub cpu
{
	my ($pid) = @_;
	return (split / /, slurp_file("/proc/$pid/schedstat"))[0];
}

# Wherever it is when the signal comes, what it still does is little.
my $session = Session->new($node);
my $pid = $session->query('SELECT pg_backend_pid()');
chomp $pid;
$session->query(qq{SELECT count(*) FROM (SELECT orm.fetch('author', '$three')) f});
my $whole;
for (1 .. 3)
{
	my $start = cpu($pid);
	$session->query(qq{SELECT count(*) FROM (SELECT orm.fetch('author', '$three')) f});
	my $took = cpu($pid) - $start;
	$whole = $took if !defined $whole || $took < $whole;
}
note sprintf 'uncancelled: %.0f ms', $whole / 1e6;

# Waits until a process has been on a CPU for so long; false when it has ended its work before, and waits for more.
sub works_until
{
	my ($process, $until) = @_;
	my ($seen, $idle) = (cpu($process), 0);
	while ($seen < $until)
	{
		sleep 0.001;
		my $now = cpu($process);
		$idle = $now == $seen ? $idle + 1 : 0;
		# others may keep it from the CPU, though not for this long
		return 0 if $idle > 2000;
		$seen = $now;
	}
	return 1;
}

my @late;
for my $round (1 .. 24)
{
	# from the first of its windows to the last, in the middle of whatever it does
	my $until = cpu($pid) + $whole * 0.9 * $round / 24;
	$session->start(qq{SELECT count(*) FROM (SELECT orm.fetch('author', '$three')) f});
	if (!works_until($pid, $until))
	{
		# a run may be quicker than all before; what it took is what the next ones are measured by
		$session->finish;
		$whole *= 0.8;
		redo;
	}
	my $at = cpu($pid);
	kill 'INT', $pid;
	my $out = $session->finish;
	like($out, qr/canceling statement due to user request/, "cancelled in round $round");
	push @late, (cpu($pid) - $at) / 1e6;
}
@late = sort { $a <=> $b } @late;
note sprintf 'worked on for %.1f ms, at most %.1f', $late[ $#late / 2 ], $late[-1];
cmp_ok($late[ $#late / 2 ], '<', 20, 'it works on for less than 20 ms');
cmp_ok($late[ $#late - 2 ], '<', 50, 'and hardly ever for 50');

$session->query("SET statement_timeout = '30ms'");
like($session->query(qq{SELECT count(*) FROM (SELECT orm.fetch('author', '$three')) f}), qr/canceling statement due to statement timeout/, 'the same by statement_timeout');
$session->query('RESET statement_timeout');
is($session->query(q{SELECT count(*) FROM (SELECT orm.fetch('author', '{"load": ["post.remark"]}')) f}), "4000\n", 'and the session goes on');
$session->close;

$node->stop;
done_testing();
