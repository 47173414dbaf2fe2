# Streaming where it takes a second session, the bare protocol or a clock.
use strict;
use warnings;
use IO::Socket::UNIX;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('streaming');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\njit = off\norm.n_plus_one_threshold = 0\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
CREATE TABLE author (id int PRIMARY KEY, name text);
CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author, title text);
CREATE INDEX ON book (author_id);
INSERT INTO author SELECT i, 'a' || i FROM generate_series(1, 1000) i;
INSERT INTO book SELECT i, i % 1000 + 1, 'b' || i FROM generate_series(1, 100000) i;
ANALYZE author, book;
SELECT orm.entity('author', 'author'), orm.entity('book', 'book');
CREATE FUNCTION ids(entity json) RETURNS text IMMUTABLE LANGUAGE sql
AS $$ SELECT (entity->>'id') || ':' || json_array_length(entity->'book') $$;
SQL
my $fetch = q{SELECT ids(orm.fetch('author', '{"order": ["id"], "load": ["book"]}'))};

#
# Portals that are left and resumed: the extended protocol, where Execute has a row limit.
#
{
	package Wire;

	sub new
	{
		my ($class, $node) = @_;
		my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port) or die "no connection: $!";
		my $self = bless { socket => $socket }, $class;
		my $user = getpwuid($<);
		my $start = pack('N', 196608) . "user\0$user\0database\0postgres\0\0";
		$socket->syswrite(pack('N', length($start) + 4) . $start);
		$self->until_ready;
		return $self;
	}

	sub message
	{
		my ($self, $type, $body) = @_;
		$self->{socket}->syswrite($type . pack('N', length($body) + 4) . $body);
	}

	sub bytes
	{
		my ($self, $n) = @_;
		my $got = '';
		while (length($got) < $n)
		{
			$self->{socket}->sysread($got, $n - length($got), length($got)) or die 'connection lost';
		}
		return $got;
	}

	# what the server says up to ReadyForQuery: rows as they are, 's' for a suspended portal, errors with their message
	sub until_ready
	{
		my ($self) = @_;
		my @said;
		while (1)
		{
			my ($type, $length) = unpack('aN', $self->bytes(5));
			my $body = $self->bytes($length - 4);
			push @said, substr($body, 6) if $type eq 'D';
			push @said, 'suspended' if $type eq 's';
			push @said, 'complete' if $type eq 'C';
			push @said, 'ERROR ' . ($body =~ /\0M([^\0]*)/)[0] if $type eq 'E';
			return join(' ', @said) if $type eq 'Z';
		}
	}

	sub query
	{
		my ($self, $sql) = @_;
		$self->message('Q', "$sql\0");
		return $self->until_ready;
	}

	sub open_portal
	{
		my ($self, $portal, $sql) = @_;
		$self->message('P', "\0$sql\0" . pack('n', 0));
		$self->message('B', "$portal\0\0" . pack('nnn', 0, 0, 0));
		$self->message('S', '');
		return $self->until_ready;
	}

	sub execute
	{
		my ($self, $portal, $rows) = @_;
		$self->message('E', "$portal\0" . pack('N', $rows));
		$self->message('S', '');
		return $self->until_ready;
	}
}

my $wire = Wire->new($node);
$wire->query('BEGIN');
is($wire->open_portal('a', $fetch), '', 'a portal is opened');
is($wire->open_portal('b', "$fetch LIMIT 3"), '', 'and another');
is($wire->execute('a', 1), '1:100 suspended', 'one row');
is($wire->execute('b', 2), '1:100 2:100 suspended', 'the other portal in between');
is($wire->execute('a', 2), '2:100 3:100 suspended', 'the first goes on');
$wire->query('SAVEPOINT s');
is($wire->execute('a', 1), '4:100 suspended', 'in a subtransaction');
is($wire->open_portal('c', $fetch), '', 'a portal of the subtransaction');
is($wire->execute('c', 1), '1:100 suspended', 'left open');
like($wire->query('SELECT 1/0'), qr/ERROR division by zero/, 'the subtransaction fails');
$wire->query('ROLLBACK TO s');
like($wire->execute('c', 1), qr/ERROR portal "c" does not exist/, 'its portal is gone');
$wire->query('ROLLBACK TO s');
is($wire->execute('a', 2), '5:100 6:100 suspended', 'the first goes on after it');
is($wire->execute('b', 0), '3:100 complete', 'the other to its end');
is($wire->query('DISCARD PLANS'), 'complete', 'plans are thrown away');
is($wire->execute('a', 2), '7:100 8:100 suspended', 'and made again');
my @rest = split / /, $wire->execute('a', 0);
is(scalar(@rest), 1000 - 8 + 1, 'all the rest');
is($wire->query('COMMIT'), 'complete', 'commit');

#
# What others do meanwhile.
#
$wire->query('BEGIN');
$wire->open_portal('a', $fetch);
is($wire->execute('a', 1), '1:100 suspended', 'a call begins');
$node->safe_psql('postgres', "INSERT INTO book SELECT 200000 + i, i, 'later' FROM generate_series(1, 1000) i; ANALYZE book");
is($wire->execute('a', 2), '2:100 3:100 suspended', 'relations of later windows are as of its beginning');
my ($rc, $out, $err) = $node->psql('postgres', "SET lock_timeout = '50ms'; ALTER TABLE book RENAME title TO name");
like($err, qr/lock timeout/, 'nobody changes a table that is still to be read');
is($wire->query($fetch . ' LIMIT 1'), '1:101 complete', 'the next call sees it');
is($wire->execute('a', 1), '4:100 suspended', 'the first one still does not');
$wire->query('COMMIT');
$node->safe_psql('postgres', 'ALTER TABLE book RENAME title TO name; DELETE FROM book WHERE id > 100000');
is($wire->query($fetch . ' LIMIT 1'), '1:100 complete', 'a kept plan follows a change of the table');
like($wire->query(q{SELECT orm.fetch('author', '{"where": {"id": 1}, "load": ["book"]}')}), qr/"name":"b1000"/, 'and gives the new name');
$node->safe_psql('postgres', 'ALTER TABLE book RENAME name TO title');

#
# 100,000 results that nobody reads to the end, in one transaction.
#
my $held = q{SELECT (SELECT sum(total_bytes) FROM pg_backend_memory_contexts), (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid())};
my $loop = sub { my ($n, $document) = @_;
	return qq{DO \$\$ BEGIN FOR i IN 1..$n LOOP PERFORM orm.fetch('author', '$document') LIMIT 1; END LOOP; END \$\$;\n}; };
my ($before, $after) = (split /\n/, $node->safe_psql('postgres',
	"BEGIN;\n$held;\n" . $loop->(100, '{}') . $loop->(100, '{"load": ["book"]}') . "$held;\n" .
	$loop->(90000, '{}') . $loop->(10000, '{"load": ["book"]}') . "$held;\nCOMMIT;\n"))[-2, -1];
my ($bytes_before, $locks_before) = split /\|/, $before;
my ($bytes_after, $locks_after) = split /\|/, $after;
cmp_ok($bytes_after - $bytes_before, '<=', 65536, 'no memory is left behind');
is($locks_after, $locks_before, 'nor locks');

# 10,000 turns of a loop in one transaction, each with an error in the middle of a result
my $turns = sub { my ($n) = @_; return <<"SQL"; };
DO \$\$ DECLARE e json; n int := 0;
BEGIN
	FOR i IN 1..$n LOOP
		BEGIN
			FOR e IN SELECT orm.fetch('author', '{"limit": 3}') LOOP
				n := n + 1;
				IF n % 2 = 0 THEN RAISE 'turn'; END IF;
			END LOOP;
		EXCEPTION WHEN raise_exception THEN NULL;
		END;
	END LOOP;
END \$\$;
SQL
($before, $after) = (split /\n/, $node->safe_psql('postgres',
	"BEGIN;\n$held;\n" . $turns->(100) . "$held;\n" . $turns->(10000) . "$held;\nCOMMIT;\n"))[-2, -1];
($bytes_before, $locks_before) = split /\|/, $before;
($bytes_after, $locks_after) = split /\|/, $after;
cmp_ok($bytes_after - $bytes_before, '<=', 65536, 'no memory is left behind by errors');
is($locks_after, $locks_before, 'nor locks by errors');

#
# An interrupt takes effect wherever it comes: in the root, in the relations, in the printing.
#
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE wide (id int PRIMARY KEY, author_id int REFERENCES author, body text);
INSERT INTO wide SELECT i, 1, repeat('x"', 300) FROM generate_series(1, 200000) i;
CREATE INDEX ON wide (author_id);
ANALYZE wide;
SELECT orm.entity('wide', 'wide');
SQL
my %late;
for my $call (q{orm.list('author', '{"load": ["wide.author", "book"]}')}, q{orm.list('wide', '{"load": ["author"]}')},
	q{orm.find('author', 1, '{"load": ["wide.author.book"]}')})
{
	for my $timeout (5, 30, 80, 150, 250)
	{
		my $took = $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = error;
SELECT orm.find('author', 2);
SELECT orm.fetch('author', '{"where": {"id": 2}, "load": ["wide.author", "book"]}');
SELECT clock_timestamp() AS began \\gset
SET statement_timeout = $timeout;
\\set ON_ERROR_STOP off
SELECT length(${call}::text);
\\set ON_ERROR_STOP on
RESET statement_timeout;
SELECT extract(epoch FROM clock_timestamp() - :'began') * 1000;
SQL
		$took = (split /\n/, $took)[-1];
		push @{ $late{$call} }, int($took - $timeout);
	}
	# one of five may be held up by the machine
	my @sorted = sort { $a <=> $b } @{ $late{$call} };
	cmp_ok($sorted[3], '<', 50, "a timeout in $call takes effect within 50 ms") or diag "late by @{ $late{$call} } ms";
	note "late by @{ $late{$call} } ms";
}

unlike(slurp_file($node->logfile), qr/WARNING|PANIC|terminated by signal/, 'no warning in the log');

done_testing();
