# Roles and settings in turn in one transaction: orm.lazy never gives one what the other may see.
#
# Each answer is compared with what the same caller gets from orm.related in a
# transaction of its own, which remembers nothing.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

my $server = start_server();
my (undef, $err) = run_script($server, <<'SQL');
\o /dev/null
SET client_min_messages = warning;
CREATE ROLE alice;
CREATE ROLE bob;
CREATE SCHEMA lazily;
GRANT USAGE ON SCHEMA lazily TO alice, bob;
CREATE TABLE lazily.owner (id int PRIMARY KEY, name text, boss_id int REFERENCES lazily.owner);
INSERT INTO lazily.owner SELECT i, 'owner ' || i, nullif(i / 2, 0) FROM generate_series(1, 20) AS i;
CREATE INDEX ON lazily.owner (boss_id);
-- a table without policies, one with, a view that asks a setting, one behind a function, one whose scope asks a setting, one with a column that alice may not read
DO $$
DECLARE t text;
BEGIN
	FOREACH t IN ARRAY '{plain,guarded,viewed_base,called_base,scoped,columned}'::text[] LOOP
		EXECUTE format('CREATE TABLE lazily.%I (id int PRIMARY KEY, owner_id int REFERENCES lazily.owner, tenant int, secret text)', t);
		EXECUTE format('CREATE INDEX ON lazily.%I (owner_id)', t);
		EXECUTE format('INSERT INTO lazily.%I SELECT i, 1 + i %% 20, i %% 3, %L || i FROM generate_series(1, 100) AS i', t, t);
	END LOOP;
END $$;
ALTER TABLE lazily.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON lazily.guarded FOR SELECT TO alice USING (id % 2 = 0);
CREATE POLICY b ON lazily.guarded FOR SELECT TO bob USING (tenant = current_setting('lazily.tenant')::int);
CREATE VIEW lazily.viewed AS SELECT * FROM lazily.viewed_base WHERE tenant = current_setting('lazily.tenant')::int;
CREATE VIEW lazily.mine AS SELECT *, current_user::text AS who FROM lazily.viewed_base;
CREATE FUNCTION lazily.visible(int) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT $1 = current_setting('lazily.tenant')::int $$;
CREATE VIEW lazily.called AS SELECT * FROM lazily.called_base WHERE lazily.visible(tenant);
GRANT SELECT ON lazily.owner, lazily.plain, lazily.guarded, lazily.viewed, lazily.mine, lazily.called, lazily.scoped TO alice, bob;
GRANT SELECT ON lazily.columned TO bob;
GRANT SELECT (id, owner_id) ON lazily.columned TO alice;
SELECT orm.entity(name, ('lazily.' || name)::regclass, key => '{id}')
	FROM unnest('{owner,plain,guarded,viewed,mine,called,scoped,columned}'::text[]) AS name;
SELECT orm.scope('scoped', 'tenant', condition => '{"tenant": {"$setting": "lazily.tenant"}}', global => true);
SELECT orm.has_many('owner', name, name, foreign_key => '{owner_id}', lazy => true)
	FROM unnest('{plain,guarded,viewed,mine,called,scoped,columned}'::text[]) AS name;
SELECT orm.belongs_to(name, 'owner', 'owner', foreign_key => '{owner_id}', lazy => true)
	FROM unnest('{plain,guarded,viewed,called,scoped,columned}'::text[]) AS name;

-- what a call gives, or the code of its error
CREATE FUNCTION lazily.answer(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE 'SELECT (' || call || ')::text' INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
GRANT EXECUTE ON FUNCTION lazily.answer TO alice, bob;
CREATE FUNCTION lazily.due(entity text, key int, relation text) RETURNS text LANGUAGE sql AS $$
	SELECT lazily.answer(format('SELECT value FROM orm.related(%L, %L, %L)', entity, '[' || key || ']', relation)) $$;
GRANT EXECUTE ON FUNCTION lazily.due TO alice, bob;
SQL
is($err, '', 'tables, policies, views and relations are there');

my @relations = ((map { [ owner => $_ ] } qw(plain guarded viewed mine called scoped columned)),
	(map { [ $_ => 'owner' ] } qw(plain guarded viewed called scoped columned)));

for my $seed (map { 7000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	my $script = "SET orm.n_plus_one_threshold = 0;\nSET orm.window_size = " . pick(5, 50) . ";\nSET lazily.tenant = '0';\nBEGIN;\n";
	my @due = "SET orm.n_plus_one_threshold = 0;\nSET lazily.tenant = '0';\n";
	my $n = 0;
	for (1 .. 120)
	{
		my $turn = pick('role', 'role', 'tenant', 'read', 'touch', 'touch', 'touch', 'touch', 'touch', 'touch');
		if ($turn eq 'role')
		{
			my $set = 'SET ROLE ' . pick(qw(alice bob postgres)) . ";\n";
			$script .= $set;
			push @due, $set;
		}
		elsif ($turn eq 'tenant')
		{
			my $set = "SET lazily.tenant = '" . between(0, 2) . "';\n";
			$script .= $set;
			push @due, $set;
		}
		elsif ($turn eq 'read')
		{
			my $entity = pick(map { $_->[0] } @relations);
			$script .= "SELECT FROM lazily.answer('SELECT orm.list(''$entity'', ''{\"select\": [\"id\"]}'')');\n";
		}
		else
		{
			my ($entity, $relation) = @{ pick(@relations) };
			my $key = between(1, 21);
			$script .= "SELECT json_build_array($n, lazily.answer('orm.lazy(''$entity'', $key, ''$relation'')'));\n";
			push @due, "SELECT json_build_array($n, lazily.due('$entity', $key, '$relation'), '$entity $key $relation');\n";
			$n++;
		}
	}
	my ($got, $errors) = run_script($server, $script . "COMMIT;\n");
	my ($due) = run_script($server, join '', @due);
	is($errors, '', "seed $seed: the session lives");
	my @wrong = grep { ($got->[$_][1] // 'null') ne ($due->[$_][1] // 'null') } 0 .. $#$due;
	ok(@$got == $n && @$due == $n && !@wrong, "seed $seed: $n touches by roles and settings in turn")
	  or diag(map { "$due->[$_][2]: got " . ($got->[$_][1] // 'null') . ', due ' . ($due->[$_][1] // 'null') . "\n" } @wrong[ 0 .. ($#wrong > 2 ? 2 : $#wrong) ]);
}

# The same touches with writes and savepoints between them: what is given is what stands in the tables.
for my $seed (map { 8000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	my $script = "SET orm.n_plus_one_threshold = 0;\nSET lazily.tenant = '0';\nSET orm.window_size = " . pick(5, 50) . ";\nBEGIN;\n";
	my ($n, @savepoints) = (0);
	for (1 .. 120)
	{
		my $turn = pick('write', 'savepoint', 'rollback', 'release', 'read', 'read', 'touch', 'touch', 'touch', 'touch', 'touch', 'touch');
		if ($turn eq 'write')
		{
			$script .= pick('UPDATE lazily.plain SET owner_id = ' . between(1, 20) . ' WHERE id = ' . between(1, 100),
				"UPDATE lazily.owner SET name = name || '!' WHERE id = " . between(1, 20),
				'DELETE FROM lazily.plain WHERE id = ' . between(1, 100),
				'INSERT INTO lazily.plain SELECT max(id) + 1, ' . between(1, 20) . ', 0 FROM lazily.plain',
				'SELECT FROM lazily.plain WHERE id = 3 FOR UPDATE') . ";\n";
		}
		elsif ($turn eq 'savepoint') { push @savepoints, "s$n"; $script .= "SAVEPOINT s$n;\n" }
		elsif ($turn eq 'rollback' && @savepoints) { $script .= 'ROLLBACK TO ' . $savepoints[-1] . ";\n" }
		elsif ($turn eq 'release' && @savepoints) { $script .= 'RELEASE ' . pop(@savepoints) . ";\n" }
		elsif ($turn eq 'read') { $script .= "SELECT FROM orm.list('" . pick(qw(owner plain)) . "');\n" }
		else
		{
			my ($entity, $relation) = @{ pick([ owner => 'plain' ], [ plain => 'owner' ]) };
			my $key = between(1, 21);
			$script .= "SELECT json_build_array(orm.lazy('$entity', $key, '$relation')::text, (SELECT value::text FROM orm.related('$entity', '[$key]', '$relation')), '$entity $key $relation');\n";
			$n++;
		}
	}
	my ($rows, $errors) = run_script($server, $script . "ROLLBACK;\n");
	is($errors, '', "seed $seed: the session lives");
	my @wrong = grep { $_->[0] ne $_->[1] } @$rows;
	ok(@$rows == $n && !@wrong, "seed $seed: $n touches between writes and savepoints")
	  or diag(map { "$_->[2]: got $_->[0], due $_->[1]\n" } @wrong[ 0 .. ($#wrong > 2 ? 2 : $#wrong) ]);
}

$server->stop;
done_testing();
