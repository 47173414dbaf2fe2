# Plans are kept for each search_path, and for each role where row-level
# security applies: callers who take turns plan nothing anew, and what depends
# on the caller goes on depending on him.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('plans');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
fsync = off
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = all
pg_stat_statements.track_planning = on
CONF
plan skip_all => 'this server comes without pg_stat_statements' if !$node->start(fail_ok => 1);
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pg_stat_statements SCHEMA public;
CREATE EXTENSION orm;
CREATE ROLE alice;
CREATE ROLE bob;
CREATE SCHEMA app;
CREATE SCHEMA east;
CREATE SCHEMA west;
CREATE TABLE east.region (name text);
CREATE TABLE west.region (name text);
INSERT INTO east.region VALUES ('east');
INSERT INTO west.region VALUES ('west');

-- the caller's path decides which table is meant
CREATE FUNCTION app.here() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT name FROM region); END';
CREATE TABLE app.author (id int PRIMARY KEY, name text);
CREATE TABLE app.note (id int PRIMARY KEY, author_id int REFERENCES app.author, owner name, region text);
CREATE INDEX ON app.note (author_id);
INSERT INTO app.author VALUES (1, 'Ada');
INSERT INTO app.note VALUES (1, 1, 'alice', 'east'), (2, 1, 'alice', 'west'), (3, 1, 'bob', 'east'), (4, 1, 'bob', 'west');
ALTER TABLE app.note ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.note USING (owner = current_user AND region = app.here());
GRANT USAGE ON SCHEMA app, east, west TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA app, east, west TO PUBLIC;
SELECT orm.reflect('app');
SELECT orm.property('author', 'place', expression => 'app.here()');
SQL

my $session = Session->new($node);
my @callers = map { my $role = $_; map { [ $role, $_ ] } qw(east west) } qw(alice bob);
my @reads = (
	[ q{SELECT orm.list('note')}, sub { my ($role, $path) = @_; qr/^\[\{"id":\d,"author_id":1,"owner":"$role","region":"$path"\}\]$/ } ],
	[ q{SELECT orm.find('author', 1, '{"load": ["note"]}')}, sub { my ($role, $path) = @_; qr/"place":"$path","note":\[\{"id":\d,"author_id":1,"owner":"$role","region":"$path"\}\]/ } ],
	[ q{SELECT orm.count('note')}, sub { qr/^1$/ } ],
	[ q{SELECT orm.find('note', 1) IS NOT NULL}, sub { my ($role, $path) = @_; $role eq 'alice' && $path eq 'east' ? qr/^t$/ : qr/^f$/ } ],
);

sub round
{
	my ($check) = @_;
	for my $caller (@callers)
	{
		my ($role, $path) = @$caller;
		$session->query("SET ROLE $role; SET search_path = $path");
		for my $read (@reads)
		{
			my $got = $session->query($read->[0]);
			like($got, $read->[1]->($role, $path), "$read->[0] as $role in $path") if $check;
		}
	}
	$session->query('RESET ROLE; RESET search_path');
	return;
}

# plannings of statements of ours since the start
sub plannings
{
	return $node->safe_psql('postgres', q{SELECT coalesce(sum(plans), 0) || ' ' || sum(calls) FROM public.pg_stat_statements WHERE NOT toplevel AND query LIKE '%OPERATOR(%' OR query LIKE '%FROM app.%'});
}

round(1);
# the server makes up its mind about custom plans in the first calls
round(0) for 1 .. 10;
my ($plans, $calls) = split / /, plannings();
round(0) for 1 .. 10;
my ($plans_later, $calls_later) = split / /, plannings();
cmp_ok($calls_later - $calls, '>=', 10 * @callers * @reads, 'callers who take turns: ' . ($calls_later - $calls) . ' statements');
cmp_ok($plans, '>', 0, 'plannings are counted');
is($plans_later - $plans, 0, 'and nothing was planned anew');
round(1);

# a table without row-level security is not planned for each role
$session->query('SELECT public.pg_stat_statements_reset(); SET search_path = east');
my $find = q{SELECT orm.find('author', 1)};
for my $n (1 .. 10)
{
	for my $role (qw(alice bob))
	{
		$session->query("SET ROLE $role");
		$session->query($find);
	}
}
$session->query('RESET ROLE');
# five for parameters as they come, then one for any
cmp_ok((split / /, plannings())[0], '<=', 6, 'without row-level security roles share a plan');

# switched on under warm plans, row-level security holds for all
$node->safe_psql('postgres', q{ALTER TABLE app.author ENABLE ROW LEVEL SECURITY; CREATE POLICY restricted ON app.author USING (current_user = 'bob')});
for my $n (1 .. 3)
{
	for my $role (qw(alice bob))
	{
		$session->query("SET ROLE $role");
		is($session->query("$find IS NULL"), $role eq 'alice' ? "t\n" : "f\n", "row-level security just switched on, as $role");
	}
}
$session->query('RESET ROLE');
is($session->query("$find IS NULL"), "f\n", 'and not for who is above it');
$node->safe_psql('postgres', 'ALTER TABLE app.author DISABLE ROW LEVEL SECURITY');
$session->query('SET ROLE alice');
is($session->query("$find IS NULL"), "f\n", 'switched off again');

# what a pooler does between two clients changes nothing
$session->query('RESET ROLE; DISCARD PLANS');
round(1);
$session->query('DISCARD ALL');
round(1);
$session->close;
done_testing();
