# What a session holds: while a long result streams, after many calls, after
# many errors, and after more shapes of statements than the plan cache takes.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'memory of a process is read from /proc' unless -r '/proc/self/status';

my $node = PostgreSQL::Test::Cluster->new('memory');
$node->init;
# room for all tables, so that what is measured is not the paging of others
$node->append_conf('postgresql.conf', "fsync = off\nshared_buffers = '256MB'\nwork_mem = '4MB'\njit = off\nautovacuum = off\norm.n_plus_one_threshold = 0\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION orm;
CREATE TABLE author (id int PRIMARY KEY, name text, note text, born timestamptz);
CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author, title text);
INSERT INTO author SELECT i, 'name ' || i, repeat('n', 100), '2000-01-01'::timestamptz + i * interval '1 min' FROM generate_series(1, 300000) i;
INSERT INTO book SELECT i, i / 3 + 1, 'title ' || i FROM generate_series(1, 300000) i;
CREATE INDEX ON book (author_id);
VACUUM ANALYZE author, book;
SELECT orm.entity('author', 'author'), orm.entity('book', 'book');
CREATE VIEW idler AS SELECT id, name FROM author;
SELECT orm.entity('idler', 'idler', key => '{id}'), orm.has_many('idler', 'book', 'book', foreign_key => '{author_id}', local_key => '{id}', lazy => true);

-- memory of this process alone, in kB: pages of shared buffers are not in it, whoever touched them
CREATE FUNCTION private() RETURNS bigint VOLATILE LANGUAGE sql AS
$$ SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+) kB')::bigint $$;
CREATE FUNCTION held() RETURNS bigint VOLATILE LANGUAGE sql AS
$$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts $$;
-- what plans hold, whoever's they are
CREATE FUNCTION held_by_plans() RETURNS bigint VOLATILE LANGUAGE sql AS
$$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts
   WHERE name IN ('orm plan', 'orm encode', 'CachedPlan', 'CachedPlanSource', 'CachedPlanQuery') $$;
CREATE PROCEDURE again(what text, n int) LANGUAGE plpgsql AS
$$ BEGIN FOR i IN 1..n LOOP EXECUTE what; END LOOP; END $$;
CREATE FUNCTION peak_of_fetch(document jsonb, OUT n int, OUT peak bigint) LANGUAGE plpgsql AS $$
DECLARE e json;
BEGIN
	n := 0;
	peak := 0;
	FOR e IN SELECT orm.fetch('author', document) LOOP
		n := n + 1;
		IF n % 10000 = 0 THEN peak := greatest(peak, private()); END IF;
	END LOOP;
END $$;
SQL

# the last line that a session gives
sub last_of
{
	my ($sql) = @_;
	my $out = $node->safe_psql('postgres', $sql);
	return (split /\n/, $out)[-1];
}

# A long result, in MB over a session that has read one entity.
my $bound = 64;
for my $document ('{}', '{"load": ["book"]}')
{
	my ($n, $grown) = split /\|/, last_of(<<"SQL");
SELECT length(orm.fetch('author', '$document')::text) LIMIT 1;
SELECT private() AS before \\gset
SELECT n, (peak - :before) / 1024 FROM peak_of_fetch('$document');
SQL
	is($n, 300000, "all rows of fetch $document");
	cmp_ok($grown, '<', $bound, "fetch $document takes less than $bound MB at its peak");
	note "$grown MB";

	($n, $grown) = split /\|/, last_of(<<"SQL");
SELECT length(orm.fetch('author', '$document')::text) LIMIT 1;
SELECT private() AS before \\gset
SELECT count(*) AS n, sum(length(e::text)) FROM (SELECT orm.fetch('author', '$document') AS e) f \\gset
SELECT :n, (private() - :before) / 1024;
SQL
	is($n, 300000, "all rows of fetch $document in one statement");
	cmp_ok($grown, '<', $bound, "fetch $document leaves less than $bound MB");
}

# The same again many times, in bytes over a session that has done it before. Measuring is
# part of that: what it looks up may be what has the catalog caches take their next block.
sub grows_by
{
	my ($what, $n) = @_;
	$what =~ s/'/''/g;
	return last_of(<<"SQL");
SELECT held() AS before \\gset
CALL again('$what', 200);
SELECT held() - :before;
SELECT held() AS before \\gset
CALL again('$what', $n);
SELECT held() - :before;
SQL
}

my @calls = (
	[ 50000, q{SELECT orm.find('author', 7)} ],
	[ 50000, q{SELECT orm.fetch('author', '{"where": {"id": 7}}')} ],
	[ 50000, q{SELECT orm.fetch('author', '{"order": ["id"]}') LIMIT 1} ],
	[ 10000, q{SELECT orm.fetch('author', '{"order": ["id"], "load": ["book"]}') LIMIT 2} ],
	[ 10000, q{SELECT orm.find('author', 7, '{"load": ["book.author"]}')} ],
	[ 10000, q{SELECT orm.related('author', '[7, 8]', 'book')} ],
	[ 10000, q{SELECT orm.attach('author', '{"id": 7}', 'book', '[{"key": 7, "value": []}]')} ],
	[ 10000, q{SELECT orm.fetch('idler', '{"limit": 3}'), orm.lazy('idler', 7, 'book')} ],
	[ 500, q{SELECT orm.check()} ],
	[ 2000, q{SELECT orm.list('author', '{"limit": 5, "order": ["id"], "load": ["book"]}'), orm.count('book', '{"where": {"id": {"$lt": 9}}}')} ]);
for my $call (@calls)
{
	my ($n, $sql) = @$call;
	cmp_ok(grows_by($sql, $n), '<=', 65536, "$n times $sql");
}

# Errors wherever one can be had: in the document, the name, the value, the statement, the middle of a result.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION fails(id int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF id > 3 THEN RAISE 'row %', id; END IF; RETURN id; END $$;
CREATE VIEW fragile AS SELECT id, fails(id) AS v FROM author;
SELECT orm.entity('fragile', 'fragile', key => '{id}');
SELECT orm.has_many('fragile', 'book', 'book', foreign_key => '{author_id}');
CREATE VIEW fragile_book AS SELECT id, author_id, fails(id) AS v FROM book;
SELECT orm.entity('fragile_book', 'fragile_book', key => '{id}');
SELECT orm.has_many('author', 'fragile_book', 'fragile_book', foreign_key => '{author_id}');
SQL
my @errors = (
	q{orm.find('nobody', 1)}, q{orm.find('author', 'x')}, q{orm.fetch('author', '{"load": ["nothing"]}')},
	q{orm.fetch('author', '{"where": {"id": "x"}}')}, q{orm.fetch('author', '[')}, q{orm.fetch('author', '{"unknown": 1}')},
	q{orm.fetch('fragile', '{"load": ["book"]}')}, q{orm.list('author', '{"load": ["fragile_book"]}')},
	q{orm.find('fragile', 9)});
for my $error (@errors)
{
	my $caught = "DO \$\$ BEGIN PERFORM $error; RAISE 'none' USING ERRCODE = 'P0004'; EXCEPTION WHEN OTHERS THEN NULL; END \$\$";
	cmp_ok(grows_by($caught, 200), '<=', 65536, "200 errors of $error");
}
# writes that fail, one after the other in one transaction: at a value, a row, a constraint, a rule of ours, half way through a graph
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL UNIQUE CHECK (name <> 'bad'), version int NOT NULL DEFAULT 1);
CREATE TABLE item (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, person_id int NOT NULL REFERENCES person, title text);
CREATE TABLE label (id int PRIMARY KEY, label text);
CREATE TABLE item_label (item_id int REFERENCES item, label_id int REFERENCES label, PRIMARY KEY (item_id, label_id));
CREATE INDEX ON item (person_id);
INSERT INTO person SELECT i, 'name ' || i FROM generate_series(1, 9) i;
INSERT INTO item SELECT i, 1 + i % 9, 'title ' || i FROM generate_series(1, 18) i;
INSERT INTO label VALUES (1, 'a'), (2, 'b');
INSERT INTO item_label SELECT i, 1 FROM generate_series(1, 18) i;
SELECT orm.entity('person', 'person', version => 'version'), orm.entity('item', 'item'), orm.entity('label', 'label');
SELECT FROM orm.many_to_many('item', 'labels', 'label', 'item_label');
CREATE TABLE written AS SELECT * FROM person;
SQL
for my $error (
	q{orm.save('person', '[{"id": 1, "name": "x"}, {"id": 2, "name": "y"}, {"id": 3, "name": "bad"}]')},
	q{orm.save('person', '{"id": 1, "name": "new", "item": [{"title": "a"}, {"id": 2, "title": "of another"}]}')},
	q{orm.save('person', '{"id": 1, "version": 77, "name": "z"}')},
	q{orm.save('person', '{"id": 1, "item": [{"title": "a", "labels": [{"id": 2, "label": {"no": "text"}}]}]}')},
	q{orm.insert('person', '[{"id": 100, "name": "z"}, {"id": 101, "name": "z"}]')},
	q{orm.link('item', 1, 'labels', '[1, 2, 999]')},
	q{orm.delete('person', 1)},
	q{orm.update_all('person', '{"name": "bad"}', '{"where": {"id": {"$gt": 3}}}')},
	q{orm.entity('none', 'written', key => '{nowhere}')})
{
	my $caught = "DO \$\$ BEGIN PERFORM $error; RAISE 'none' USING ERRCODE = 'P0004'; EXCEPTION WHEN OTHERS THEN NULL; END \$\$";
	cmp_ok(grows_by($caught, 1000), '<=', 65536, "1000 errors of $error");
}
is(last_of('SELECT count(*) FROM person JOIN written USING (id, name, version)'), 9, 'nothing of it was written');

# at the top level, where the whole transaction goes
my $twice = join('', map { "SELECT $_;\n" } @errors);
my ($rc, $out, $err) = $node->psql('postgres',
	join('', map { "SELECT held() AS before \\gset\n" . $twice x $_ . "SELECT held() - :before;\n" } 3, 22),
	on_error_stop => 0);
is(scalar(() = $err =~ /ERROR:/g), 25 * @errors, 'each of them is one');
cmp_ok((split /\n/, $out)[-1], '<=', 65536, 'errors that end the transaction leave nothing');

# More shapes than the cache may hold, of one entity and of many.
my $shapes = <<'SQL';
CREATE PROCEDURE shapes(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..n LOOP
		PERFORM orm.fetch('author', jsonb_build_object('limit', 1, 'load', ARRAY['book'], 'where', jsonb_build_object('$or',
			(SELECT jsonb_agg(jsonb_build_object(CASE WHEN i & (1 << b) > 0 THEN 'id' ELSE 'name' END, b)) FROM generate_series(0, 11) b))));
	END LOOP;
END $$;
CREATE PROCEDURE entities(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..n LOOP PERFORM orm.find('v' || i, 1); END LOOP;
END $$;
DO $$ BEGIN FOR i IN 1..2000 LOOP
	EXECUTE format('CREATE VIEW v%s AS SELECT id, name, %s AS n FROM author', i, i);
	PERFORM orm.entity('v' || i, format('v%s', i)::regclass, key => '{id}');
END LOOP; END $$;
SQL
$node->safe_psql('postgres', $shapes);
my $beside = last_of("CALL shapes(1); CALL entities(1); SELECT held_by_plans();");
for my $size ('1MB', '4MB')
{
	my ($plans, $limit) = split /\|/, last_of(<<"SQL");
SET orm.plan_cache_size = '$size';
CALL shapes(1);
CALL shapes(2000);
CALL entities(2000);
SELECT held_by_plans(), pg_size_bytes('$size') + $beside;
SQL
	cmp_ok($plans, '<=', $limit, "the plans of 2,000 shapes and 2,000 entities stay within $size");
	cmp_ok($plans, '>', $limit / 2, 'and make use of it');
}

# Entities of tables that come and go, as temporary ones do: what was known of those that are gone goes, too.
my ($known, $still) = split /\|/, last_of(<<'SQL');
CREATE PROCEDURE comes_and_goes(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..n LOOP
		EXECUTE format('CREATE TABLE passing%s (id int PRIMARY KEY, name text, author_id int REFERENCES author)', i);
		PERFORM orm.entity('passing' || i, format('passing%s', i)::regclass), orm.find('passing' || i, 1);
		EXECUTE format('DROP TABLE passing%s', i);
		COMMIT;
	END LOOP;
END $$;
SET orm.plan_cache_size = '1MB';
SELECT length(orm.find('author', 7)::text);
CALL comes_and_goes(400);
SELECT sum(total_bytes), orm.find('author', 7) ->> 'name' FROM pg_backend_memory_contexts
	WHERE name IN ('orm model cache', 'orm entity', 'orm entities', 'orm entity names', 'orm dependencies');
SQL
cmp_ok($known, '<', 1.5 * 1024 * 1024, 'of 400 tables that came and went most are forgotten');
is($still, 'name 7', 'and one that stays is known');

unlike(slurp_file($node->logfile), qr/WARNING|PANIC/, 'no warning in the log');

done_testing();
