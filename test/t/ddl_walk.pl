# A random walk through DDL and declarations, inside transactions, savepoints
# and out of them: after each step a session that has read before reads what a
# fresh one reads. The seed is fixed; ORM_SEED and ORM_STEPS walk elsewhere.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $steps = $ENV{ORM_STEPS} // 300;
srand($ENV{ORM_SEED} // 2);

my $node = PostgreSQL::Test::Cluster->new('walk');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nwal_level = logical\nmax_locks_per_transaction = 1000\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
CREATE SCHEMA s1;
CREATE SCHEMA s2;
CREATE TYPE public.pair AS (x int, y text);

-- the model, and all of every entity with all that it loads; a fault is part of it
CREATE FUNCTION public.everything() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	model json := orm.model();
	result text := model::text;
	name text;
	relations jsonb;
BEGIN
	FOR name, relations IN
		SELECT e.key, coalesce((SELECT jsonb_agg(k) FROM json_object_keys(e.value->'relations') k), '[]')
		FROM json_each(model) e ORDER BY e.key
	LOOP
		BEGIN
			result := result || E'\n' || name || ' ' || orm.list(name, jsonb_build_object('load', relations))::text;
		EXCEPTION WHEN OTHERS THEN
			result := result || E'\n' || name || ' ' || SQLSTATE || ' ' || SQLERRM;
		END;
	END LOOP;
	RETURN result;
END $$;

-- what a step may choose from
CREATE VIEW public.tables AS
	SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
	WHERE relkind = 'r' AND nspname IN ('s1', 's2', 's3') ORDER BY 1;
CREATE VIEW public.columns AS
	SELECT attrelid::regclass::text || '.' || attname AS name FROM pg_attribute a
	WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT name::regclass FROM public.tables) ORDER BY 1;
CREATE VIEW public.entities AS SELECT name FROM orm.entities ORDER BY 1;
CREATE VIEW public.relations AS
	SELECT quote_literal(e.key) || ', ' || quote_literal(k) AS name
	FROM json_each(orm.model()) e, json_object_keys(e.value->'relations') k ORDER BY 1;
CREATE VIEW public.keys AS
	SELECT conrelid::regclass::text || ' ' || quote_ident(conname) AS name FROM pg_constraint
	WHERE conrelid IN (SELECT name::regclass FROM public.tables) AND contype IN ('f', 'u') ORDER BY 1;
SQL

# what all entries of the cache are thrown away by, and then taken back
my $flush = 'SAVEPOINT flush; CREATE PUBLICATION everything FOR ALL TABLES';

my $walker = Session->new($node, '-v', 'ON_ERROR_ROLLBACK=on');
my $reader = Session->new($node);
$walker->query('SET client_min_messages = error; SET lock_timeout = 5000');
my (@trail, %done);
my $depth = 0;    # 0: no transaction, then one more than open savepoints
my ($compared, $wrong) = (0, 0);

sub pick { return $_[ int rand @_ ] }

sub choose
{
	my ($what) = @_;
	my @names = split /\n/, $walker->query("SELECT name FROM public.$what");
	return @names ? pick(@names) : 's1.none';
}

sub table { return choose('tables') }
sub entity { return choose('entities') =~ s/^s1\.none$/A/r }
sub new_entity { return pick(qw(A B C D E)) }
sub new_column { return pick(qw(a b c d e f)) . pick('', '_id') }
sub type { return pick(qw(int bigint smallint text numeric varchar oid public.pair)) }

# a table and one of its columns
sub column
{
	my $name = choose('columns');
	$name =~ /^(.*)\.(.*)$/ or return ('s1.none', 'none');
	return ($1, $2);
}

sub create
{
	my $name = pick(qw(s1 s2 s3)) . '.' . pick(qw(t1 t2 t3 t4 t5 t6));
	my $with = rand() < 0.5 ? " WITH (orm.entity = '" . new_entity() . "')" : '';
	return "CREATE TABLE $name (id int PRIMARY KEY, a int, b text)$with; INSERT INTO $name VALUES (1, 1, 'one'), (2, 1, '2'), (3, NULL, NULL)";
}

sub junction
{
	my ($one, $two) = (table(), table());
	my $name = pick(qw(s1 s2)) . '.' . pick(qw(j1 j2));
	return "CREATE TABLE $name (one_id int REFERENCES $one, two_id int REFERENCES $two, PRIMARY KEY (one_id, two_id), extra int); "
	  . "INSERT INTO $name VALUES (1, 1, 5), (1, 2, 6), (2, 1, 7)";
}

my @moves = (
	create => \&create,
	create => \&create,
	create => \&create,
	create => \&create,
	junction => \&junction,
	rename_table => sub { 'ALTER TABLE ' . table() . ' RENAME TO ' . pick(qw(t1 t2 t3 t4 t5 t6)) },
	set_schema => sub { 'ALTER TABLE ' . table() . ' SET SCHEMA ' . pick(qw(s1 s2 s3)) },
	rename_schema => sub { my @s = pick([qw(s1 s3)], [qw(s3 s1)], [qw(s3 s1)], [qw(s2 s3)], [qw(s3 s2)]); "ALTER SCHEMA $s[0][0] RENAME TO $s[0][1]" },
	rename_column => sub { my ($t, $c) = column(); "ALTER TABLE $t RENAME $c TO " . new_column() },
	rename_column => sub { my ($t, $c) = column(); "ALTER TABLE $t RENAME $c TO " . new_column() },
	drop_column => sub { my ($t, $c) = column(); "ALTER TABLE $t DROP $c CASCADE" },
	add_column => sub { 'ALTER TABLE ' . table() . ' ADD ' . new_column() . ' int DEFAULT ' . pick(1, 2) },
	add_column => sub { 'ALTER TABLE ' . table() . ' ADD ' . new_column() . ' public.pair DEFAULT (1, 2)' },
	alter_type => sub { my ($t, $c) = column(); my $type = type(); "ALTER TABLE $t ALTER $c DROP DEFAULT, ALTER $c TYPE $type USING $c\::text\::$type" },
	alter_type => sub { my ($t, $c) = column(); my $type = type(); "ALTER TABLE $t ALTER $c DROP DEFAULT, ALTER $c TYPE $type USING $c\::text\::$type" },
	add_key => sub { my ($t, $c) = column(); "ALTER TABLE $t ADD FOREIGN KEY ($c) REFERENCES " . table() . ' NOT VALID' },
	add_key => sub { my ($t, $c) = column(); "ALTER TABLE $t ADD FOREIGN KEY ($c) REFERENCES " . table() . ' NOT VALID' },
	add_key => sub { 'ALTER TABLE ' . table() . ' ADD ' . new_column() . ' int DEFAULT 1 REFERENCES ' . table() },
	add_unique => sub { my ($t, $c) = column(); "UPDATE $t SET $c = NULL; ALTER TABLE $t ADD UNIQUE ($c)" },
	drop_constraint => sub { choose('keys') =~ /^(\S+) (\S+)$/ ? "ALTER TABLE $1 DROP CONSTRAINT $2 CASCADE" : 'SELECT' },
	drop_table => sub { 'DROP TABLE ' . table() . ' CASCADE' },
	attribute => sub { 'ALTER TYPE public.pair ADD ATTRIBUTE ' . new_column() . ' int CASCADE' },
	attribute => sub { 'ALTER TYPE public.pair DROP ATTRIBUTE IF EXISTS ' . new_column() . ' CASCADE' },
	attribute => sub { 'ALTER TYPE public.pair RENAME ATTRIBUTE ' . new_column() . ' TO ' . new_column() . ' CASCADE' },
	entity => sub { "SELECT orm.entity('" . new_entity() . "', '" . table() . "', naming => '" . pick(qw(column camel)) . "')" },
	entity => sub { "SELECT orm.entity('" . new_entity() . "', '" . table() . "')" },
	reflect => sub { "SELECT orm.reflect('" . pick(qw(s1 s2)) . "')" },
	drop_entity => sub { "SELECT orm.drop_entity('" . entity() . "')" },
	property => sub { my ($t, $c) = column(); "ALTER TABLE $t ALTER $c SET (orm.property = '" . pick(qw(p q)) . "', orm.hidden = " . pick(qw(on off)) . ')' },
	computed => sub { "SELECT orm.property('" . entity() . "', 'twice', expression => 'id + id')" },
	drop_property => sub { "SELECT orm.drop_property('" . entity() . "', '" . pick(qw(a b p q)) . "')" },
	belongs_to => sub { "SELECT orm.belongs_to('" . entity() . "', '" . pick(qw(up over)) . "', '" . entity() . "', ARRAY['" . (column())[1] . "'])" },
	belongs_to => sub { "SELECT orm.belongs_to('" . entity() . "', 'up', '" . entity() . "', ARRAY['" . (column())[1] . "'], '{id}')" },
	has_many => sub { "SELECT orm.has_many('" . entity() . "', '" . pick(qw(down under)) . "', '" . entity() . "', ARRAY['" . (column())[1] . "'])" },
	drop_relation => sub { 'SELECT orm.drop_relation(' . choose('relations') . ')' },
	vacuum => sub { 'ANALYZE ' . table() },
);

# transactions: what opens, ends and undoes them
sub turn
{
	return pick('BEGIN', 'SELECT') if $depth == 0;
	return pick('SAVEPOINT s', 'SAVEPOINT s', 'COMMIT', 'ROLLBACK') if $depth == 1;
	return pick('ROLLBACK TO s', 'ROLLBACK TO s', 'RELEASE s', 'SAVEPOINT s', 'COMMIT', 'ROLLBACK');
}

sub follow_depth
{
	my ($sql) = @_;
	if ($sql eq 'BEGIN') { $depth = 1 }
	elsif ($sql =~ /^(COMMIT|ROLLBACK)$/) { $depth = 0 }
	elsif ($sql =~ /^SAVEPOINT/) { $depth++ }
	elsif ($sql =~ /^RELEASE/) { $depth-- }
	return;
}

sub same
{
	my ($what, $got, $expected) = @_;
	$compared++;
	return if $got eq $expected;
	$wrong++;
	return if $wrong > 1;
	diag("$what after step " . @trail . ":\n$got\nbut it is\n$expected\nthe way there:\n" . join(";\n", @trail));
	return;
}

my $read = 'SELECT public.everything()';
$walker->query(create()) for 1 .. 3;
for my $step (1 .. $steps)
{
	my $turning = rand() < 0.3;
	my $at = 2 * int rand(@moves / 2);
	my $sql = $turning ? turn() : $moves[ $at + 1 ]->();
	$walker->query($sql);
	push @trail, $sql . ($walker->{failed} ? ' /* failed */' : '');
	$done{ $moves[$at] }++ if !$turning && !$walker->{failed};
	follow_depth($sql) if $turning;

	my $seen = $walker->query($read);
	if ($depth > 0)
	{
		$walker->query($flush);
		same('the changing session by a fresh cache', $seen, $walker->query($read));
		$walker->query('ROLLBACK TO flush; RELEASE flush');
		same('the changing session again', $walker->query($read), $seen);
	}
	else
	{
		my $fresh = $node->safe_psql('postgres', $read) . "\n";
		same('the changing session', $seen, $fresh);
		same('the reading session', $reader->query($read), $fresh);
	}
	last if $wrong;
}
is($wrong, 0, "$compared reads by the model as it is");
my $kinds = keys %{ { @moves } };
cmp_ok(scalar(keys %done), '>=', $kinds - 2, 'nearly every kind of step was made: ' . join ', ', map { "$_ $done{$_}" } sort keys %done);
$walker->query('ROLLBACK');

# the extension itself comes and goes under a warm session
$walker->query('SET client_min_messages = error; DROP SCHEMA IF EXISTS s1, s2, s3 CASCADE; CREATE SCHEMA s1; CREATE TABLE s1.t (id int PRIMARY KEY); INSERT INTO s1.t VALUES (1)');
$walker->query("SELECT orm.entity('T', 's1.t')");
my $find = "SELECT orm.find('T', 1)";
is($reader->query($find), "{\"id\":1}\n", 'a session reads an entity');
$walker->query('DROP EXTENSION orm CASCADE; CREATE EXTENSION orm');
like($reader->query($find), qr/entity "T" does not exist/, 'the extension dropped and created again has no entity');
$walker->query("SELECT orm.entity('T', 's1.t')");
is($reader->query($find), "{\"id\":1}\n", 'and then has the one that is declared in it');

$_->close for $walker, $reader;
done_testing();
