# A hot standby, and read-only transactions: every finder reads, what the
# primary changes is heard of, and declaring is refused.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "fsync = off\n");
$primary->start;
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
CREATE SCHEMA app;
CREATE TABLE app.author (id int PRIMARY KEY, name text);
CREATE TABLE app.book (id int PRIMARY KEY, author_id int REFERENCES app.author, title text);
INSERT INTO app.author VALUES (1, 'Ada'), (2, 'Grace');
INSERT INTO app.book VALUES (10, 1, 'Notes'), (11, 1, 'Engine');
SELECT orm.reflect('app');
SELECT orm.has_many('author', 'book', 'book', lazy => true);
SQL

my @finders = (
	[ find => q{SELECT orm.find('author', 1)} ],
	[ fetch => q{SELECT orm.fetch('author', '{"order": ["id"], "load": ["book"]}')} ],
	[ list => q{SELECT orm.list('book', '{"order": ["id"], "load": ["author"]}')} ],
	[ first => q{SELECT orm.first('author', '{"order": ["-id"]}')} ],
	[ count => q{SELECT orm.count('book', '{"where": {"author_id": 1}}')} ],
	[ exists => q{SELECT orm.exists('book')} ],
	[ sql => q{SELECT orm.sql('author', '{"load": ["book"]}')} ],
	[ model => q{SELECT orm.model()} ],
	[ export => q{SELECT orm.export()} ],
	[ describe => q{SELECT * FROM orm.describe('author')} ],
);
# what is not built yet is not asked for
for my $more (
	[ paginate => q{SELECT orm.paginate('author', '{"order": ["id"]}')} ],
	[ hydrate => q{SELECT orm.hydrate(a, '{"load": ["book"]}') FROM app.author a ORDER BY a.id} ],
	[ hydrate_query => q{SELECT orm.hydrate_query('author', 'SELECT * FROM app.author ORDER BY id')} ],
	[ collect => q{SELECT orm.collect(a) FROM (SELECT * FROM app.author ORDER BY id LIMIT 1) s, app.author a WHERE a.id = s.id} ],
	[ load => q{SELECT orm.load('author', '[{"id":1}]', '{"load": ["book"]}')} ],
	[ related => q{SELECT * FROM orm.related('author', '[1, 2]', 'book')} ],
	[ lazy => q{SELECT orm.lazy('author', 1, 'book')} ],
	[ explain => q{SELECT count(*) > 0 FROM orm.explain('author')} ],
	[ check => q{SELECT * FROM orm.check()} ],
	[ stats => q{SELECT count(*) >= 0 FROM orm.stats} ])
{
	push @finders, $more
	  if $primary->safe_psql('postgres', "SELECT EXISTS (SELECT FROM pg_proc p WHERE pronamespace = 'orm'::regnamespace AND proname = '$more->[0]')
		OR to_regclass('orm.$more->[0]') IS NOT NULL") eq 't';
}

# each finder on both sides, in sessions that have read before
my $there = Session->new($standby);
my $here = Session->new($primary);

sub compare
{
	my ($what) = @_;
	$primary->wait_for_catchup($standby);
	my @differ;
	for my $finder (@finders)
	{
		my ($name, $sql) = @$finder;
		my ($got, $expected) = map { $_->query($sql) } $there, $here;
		next if $got eq $expected;
		push @differ, $name;
		diag("$what: $name gives\n$got\nbut it is\n$expected");
	}
	is("@differ", '', "$what: the standby reads what the primary reads");
	return;
}

compare('at first');
for my $finder (@finders)
{
	my ($name, $sql) = @$finder;
	unlike($there->query($sql), qr/ERROR/, "$name reads on a standby");
	unlike($here->query("BEGIN READ ONLY; $sql; COMMIT"), qr/ERROR/, "$name reads in a read-only transaction");
	$here->query('ROLLBACK');
}

my @changes = (
	'column added', q{ALTER TABLE app.author ADD born int DEFAULT 1815},
	'column renamed', q{ALTER TABLE app.book RENAME title TO name},
	'type altered', q{ALTER TABLE app.author ALTER born TYPE text},
	'property hidden', q{SELECT orm.property('author', 'born', 'born', hidden => true)},
	'relation declared', q{SELECT orm.has_many('author', 'works', 'book', '{author_id}')},
	'relation dropped', q{SELECT orm.drop_relation('author', 'works')},
	'one each', q{DELETE FROM app.book WHERE id = 11; ALTER TABLE app.book ADD UNIQUE (author_id)},
	'entity declared', q{CREATE TABLE app.prize (id int PRIMARY KEY, author_id int REFERENCES app.author) WITH (orm.entity = 'prize')},
	'entity renamed', q{SELECT orm.entity('Author', 'app.author')},
	'entity renamed back', q{SELECT orm.entity('author', 'app.author')},
	'schema renamed', q{ALTER SCHEMA app RENAME TO other},
	'schema renamed back', q{ALTER SCHEMA other RENAME TO app},
	'declarations undone', q{BEGIN; SELECT orm.drop_entity('author'); ROLLBACK},
	'entity dropped', q{SELECT orm.drop_entity('book')},
	'entity declared again', q{SELECT orm.entity('book', 'app.book')},
	'table dropped', q{DROP TABLE app.prize},
);
while (my ($what, $sql) = splice @changes, 0, 2)
{
	$primary->safe_psql('postgres', $sql);
	compare($what);
}

my @writers = (
	entity => q{SELECT orm.entity('writer', 'app.author')},
	property => q{SELECT orm.property('author', 'nom', 'name')},
	relation => q{SELECT orm.has_many('author', 'works', 'book', '{author_id}')},
	reflect => q{SELECT orm.reflect('app')},
	define => q{SELECT orm.define('{"orm": 1, "entities": {"author": {"source": "app.author", "naming": "camel"}}}')},
	drop_entity => q{SELECT orm.drop_entity('author')},
	drop_property => q{SELECT orm.drop_property('author', 'name')},
	drop_relation => q{SELECT orm.drop_relation('author', 'book')},
	by_hand => q{DELETE FROM orm.entities},
);
while (my ($what, $sql) = splice @writers, 0, 2)
{
	my (undef, undef, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\n$sql");
	like($err, qr/ERROR:  25006/, "$what is refused on a standby");
	(undef, undef, $err) = $primary->psql('postgres', "\\set VERBOSITY sqlstate\nBEGIN READ ONLY;\n$sql");
	like($err, qr/ERROR:  25006/, "$what is refused in a read-only transaction");
}
compare('after what was refused');

# a cursor that streams over a change that is replayed: one of the two gives way
$there->query(q{BEGIN; DECLARE c CURSOR FOR SELECT orm.fetch('author', '{"order": ["id"], "load": ["book"]}')});
like($there->query('FETCH 1 FROM c'), qr/"Ada"/, 'a cursor on a standby');
$primary->safe_psql('postgres', q{SELECT orm.property('author', 'nom', 'name')});
$primary->wait_for_catchup($standby);
like($there->query('FETCH 1 FROM c'), qr/"name":"Grace"/, 'goes on as it began when declarations change');
like($there->query('COMMIT; ' . q{SELECT orm.find('author', 1)}), qr/"nom":"Ada"/, 'and what is read next is as declared');

$here->close;
$primary->stop;
$standby->promote;
like($there->query(q{SELECT orm.find('author', 1)}), qr/"nom":"Ada"/, 'a warm session reads on after promotion');
like($there->query(q{SELECT orm.property('author', 'name', 'name')}), qr/^name$/m, 'and may declare');
like($there->query(q{SELECT orm.find('author', 1)}), qr/"name":"Ada"/, 'which it follows');
is($standby->safe_psql('postgres', q{SELECT orm.find('author', 1)}), $there->query(q{SELECT orm.find('author', 1)}) =~ s/\n//r, 'as a fresh session does');
$there->close;
unlike(slurp_file($standby->logfile), qr/WARNING|PANIC|TRAP/, 'nothing to warn of on the standby');
done_testing();
