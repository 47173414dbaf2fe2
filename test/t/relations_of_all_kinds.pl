# Entities over everything that has rows: views with a declared key, with and
# without security_invoker, materialized views, partitioned tables, inheritance
# and foreign tables; their relations by foreign key or declared.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

my $server = start_server();
my ($host, $port) = ($server->host, $server->port);
my ($rows, $err) = run_script($server, "CREATE SCHEMA orm_test;\n" . compare_sql() . <<"SQL");
SET client_min_messages = warning;
CREATE ROLE alice;
CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL, rank numeric);
CREATE TABLE book (id int, year int, author_id int REFERENCES author, title text, PRIMARY KEY (id, year)) PARTITION BY RANGE (year);
CREATE TABLE book_old PARTITION OF book FOR VALUES FROM (0) TO (2000);
CREATE TABLE book_new PARTITION OF book FOR VALUES FROM (2000) TO (3000) PARTITION BY LIST (year);
CREATE TABLE book_2001 PARTITION OF book_new FOR VALUES IN (2001);
CREATE TABLE book_rest PARTITION OF book_new DEFAULT;
CREATE TABLE review (id int PRIMARY KEY, book_id int, book_year int, stars int, CONSTRAINT review_book FOREIGN KEY (book_id, book_year) REFERENCES book);
CREATE TABLE shape (id int PRIMARY KEY, author_id int REFERENCES author, kind text);
CREATE TABLE circle (radius int, PRIMARY KEY (id)) INHERITS (shape);
INSERT INTO author SELECT i, 'n' || i, i * 1.50 FROM generate_series(1, 6) i;
INSERT INTO book SELECT i, 1997 + i % 7, nullif(i % 6, 0), 't' || i FROM generate_series(1, 40) i;
INSERT INTO review SELECT i, b.id, b.year, i % 5 FROM generate_series(1, 60) i JOIN book b ON b.id = i % 37 + 1;
INSERT INTO shape SELECT i, i % 3 + 1, 'shape' FROM generate_series(1, 5) i;
INSERT INTO circle SELECT 100 + i, i % 3 + 1, 'circle', i FROM generate_series(1, 5) i;
CREATE VIEW ranked AS SELECT id, name, rank FROM author WHERE rank > 2;
CREATE VIEW ranked_invoker WITH (security_invoker = on) AS SELECT id, name, rank FROM author WHERE rank > 2;
CREATE VIEW bare AS SELECT name, rank FROM author;
CREATE MATERIALIZED VIEW tally AS SELECT author_id, count(*) AS books, min(year) AS since FROM book WHERE author_id IS NOT NULL GROUP BY 1;
CREATE EXTENSION postgres_fdw;
CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres');
CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user 'postgres');
CREATE FOREIGN TABLE far_author (id int NOT NULL, name text, rank numeric) SERVER loop OPTIONS (table_name 'author');
CREATE FOREIGN TABLE far_book (id int, year int, author_id int, title text) SERVER loop OPTIONS (table_name 'book');
ALTER ROLE CURRENT_USER SET client_min_messages = warning;
SELECT json_agg(r) FROM orm.reflect() AS r;
SELECT json_build_array(orm.entity('ranked', 'ranked', ARRAY['id']), orm.entity('invoker', 'ranked_invoker', ARRAY['id']), orm.entity('tally', 'tally', ARRAY['author_id']),
  orm.entity('far_author', 'far_author', ARRAY['id']), orm.entity('far_book', 'far_book', ARRAY['id', 'year']));
SELECT FROM orm.has_many('ranked', 'books', 'book', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.has_one('ranked', 'tally', 'tally', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.belongs_to('tally', 'author', 'ranked', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.belongs_to('book', 'ranked', 'ranked', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.has_many('far_author', 'books', 'far_book', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.belongs_to('far_book', 'author', 'far_author', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.has_many('author', 'far_books', 'far_book', ARRAY['author_id'], ARRAY['id']);
SELECT FROM orm.has_many_through('ranked', 'reviews', 'books.review');
SELECT FROM orm.has_many_through('far_author', 'fellows', 'books.author');
SELECT FROM orm.has_one('author', 'newest', 'book', ARRAY['author_id'], ARRAY['id'], order_by => ARRAY['-year', '-id']);
CREATE FUNCTION since(ranked) RETURNS SETOF book LANGUAGE sql STABLE AS 'SELECT * FROM book b WHERE b.author_id = \$1.id AND b.year > 2000';
SELECT FROM orm.has_many_by('ranked', 'since', 'book', 'since');
CREATE TABLE list (id int PRIMARY KEY, ids numeric[]);
INSERT INTO list VALUES (1, '{3,1.0,3,9}'), (2, NULL);
SELECT FROM orm.entity('list', 'list');
SELECT FROM orm.has_many_in('list', 'far', 'far_author', 'ids');
SELECT FROM orm.has_many_in('list', 'ranked', 'ranked', 'ids');
SQL
is($err, '', 'relations of all kinds are declared');
is("@{ $rows->[0] }", 'author book circle review shape', 'reflect takes tables and partitioned tables, not partitions');

# Rows of a query as an array, as SQL; the query has its rows numbered as n.
sub list_of
{
	my ($query) = @_;
	return "(SELECT coalesce('[' || string_agg(row_to_json(l)::text, ',') || ']', '[]')::json FROM ($query) AS l)";
}
sub one_of { my ($query) = @_; return "(SELECT row_to_json(o) FROM ($query) AS o)" }
sub rows_of { my ($query) = @_; return "SELECT row_to_json(r)::text AS e, row_number() OVER () AS n FROM ($query) AS r" }

my $books_of_a = 'SELECT b.* FROM book b WHERE b.author_id = a.id ORDER BY b.id, b.year';
my @cases = (
	[ 'a partitioned table', 'book', '{"order": ["id", "year"], "load": ["author"]}',
		'SELECT b.*, ' . one_of('SELECT * FROM author a WHERE a.id = b.author_id') . ' AS author FROM book b ORDER BY id, year' ],
	[ 'one partition only', 'book', '{"order": ["id"], "where": {"year": 2001}}', 'SELECT b.* FROM book b WHERE year = 2001 ORDER BY id' ],
	[ 'to a partitioned table', 'author', '{"order": ["id"], "load": ["book"]}', 'SELECT a.*, ' . list_of($books_of_a) . ' AS book FROM author a ORDER BY id' ],
	[ 'a composite key to a partitioned table', 'review', '{"order": ["-id"], "load": ["book.author"]}',
		'SELECT r.*, ' . one_of('SELECT b.*, ' . one_of('SELECT * FROM author a WHERE a.id = b.author_id') . ' AS author FROM book b WHERE b.id = r.book_id AND b.year = r.book_year') . ' AS book FROM review r ORDER BY id DESC' ],
	[ 'from a partitioned table, some of each', 'book', '{"order": ["id"], "load": {"review": {"limit": 2, "order": ["-stars"]}}}',
		'SELECT b.*, ' . list_of('SELECT r.* FROM review r WHERE r.book_id = b.id AND r.book_year = b.year ORDER BY stars DESC, id LIMIT 2') . ' AS review FROM book b ORDER BY id' ],
	[ 'a table with a child', 'shape', '{"order": ["id"]}', 'SELECT * FROM shape ORDER BY id' ],
	[ 'the child', 'circle', '{"order": ["-radius"]}', 'SELECT * FROM circle ORDER BY radius DESC' ],
	[ 'to a table with a child', 'author', '{"order": ["id"], "load": ["shape"]}',
		'SELECT a.*, ' . list_of('SELECT s.* FROM shape s WHERE s.author_id = a.id ORDER BY s.id') . ' AS shape FROM author a ORDER BY id' ],
	[ 'a view', 'ranked', '{"order": ["-id"]}', 'SELECT * FROM ranked ORDER BY id DESC' ],
	[ 'from a view', 'ranked', '{"order": ["id"], "load": ["books.author", "tally"]}',
		'SELECT a.*, ' . list_of('SELECT b.*, ' . one_of('SELECT * FROM author x WHERE x.id = b.author_id') . ' AS author FROM book b WHERE b.author_id = a.id ORDER BY b.id, b.year') . ' AS books, ' .
		one_of('SELECT * FROM tally t WHERE t.author_id = a.id') . ' AS tally FROM ranked a ORDER BY id' ],
	[ 'to a view', 'book', '{"order": ["id"], "load": ["ranked"]}', 'SELECT b.*, ' . one_of('SELECT * FROM ranked a WHERE a.id = b.author_id') . ' AS ranked FROM book b ORDER BY id' ],
	[ 'a materialized view', 'tally', '{"order": ["author_id"], "load": {"author": {"select": ["name"]}}}',
		'SELECT t.*, ' . one_of('SELECT name FROM ranked a WHERE a.id = t.author_id') . ' AS author FROM tally t ORDER BY author_id' ],
	[ 'foreign tables', 'far_author', '{"order": ["id"], "load": ["books.author"]}',
		'SELECT a.*, ' . list_of('SELECT b.*, ' . one_of('SELECT * FROM author x WHERE x.id = b.author_id') . ' AS author FROM book b WHERE b.author_id = a.id ORDER BY b.id, b.year') . ' AS books FROM author a ORDER BY id' ],
	[ 'a condition on a foreign table', 'far_book', '{"order": ["id"], "where": {"title": {"$starts": "t1"}, "year": {"$in": [1998, 2001]}}}',
		q{SELECT * FROM book WHERE title LIKE 't1%' AND year IN (1998, 2001) ORDER BY id} ],
	[ 'through a view and partitions', 'ranked', '{"order": ["id"], "load": {"reviews": {"limit": 4}}, "count": ["reviews"]}',
		'SELECT a.*, (SELECT count(*) FROM book b JOIN review r ON r.book_id = b.id AND r.book_year = b.year WHERE b.author_id = a.id) AS reviews_count, ' .
		list_of('SELECT r.* FROM book b JOIN review r ON r.book_id = b.id AND r.book_year = b.year WHERE b.author_id = a.id ORDER BY r.id LIMIT 4') . ' AS reviews FROM ranked a ORDER BY id' ],
	[ 'through foreign tables, each once', 'far_author', '{"order": ["id"], "load": ["fellows"], "where": {"fellows": true}}',
		'SELECT a.*, ' . list_of('SELECT x.* FROM author x WHERE x.id = a.id') . ' AS fellows FROM author a WHERE EXISTS (SELECT FROM book b WHERE b.author_id = a.id) ORDER BY id' ],
	[ 'one of many in partitions', 'author', '{"order": ["-newest.id", "id"], "load": ["newest"]}',
		'SELECT a.*, ' . one_of('SELECT * FROM book b WHERE b.author_id = a.id ORDER BY year DESC, id DESC LIMIT 1') . ' AS newest FROM author a
		ORDER BY (SELECT b.id FROM book b WHERE b.author_id = a.id ORDER BY year DESC, id DESC LIMIT 1) DESC, id' ],
	[ 'by a function of a row of a view', 'ranked', '{"order": ["id"], "load": ["since"]}',
		'SELECT a.*, ' . list_of('SELECT * FROM book b WHERE b.author_id = a.id AND b.year > 2000 ORDER BY id, year') . ' AS since FROM ranked a ORDER BY id' ],
	[ 'by an array, of a foreign table and of a view', 'list', '{"order": ["id"], "load": ["far", "ranked"]}',
		'SELECT l.*, ' . list_of('SELECT a.* FROM author a WHERE a.id = ANY (l.ids) ORDER BY array_position(l.ids, a.id::numeric)') . ' AS far, ' .
		list_of('SELECT a.* FROM ranked a WHERE a.id = ANY (l.ids) ORDER BY array_position(l.ids, a.id::numeric)') . ' AS ranked FROM list l ORDER BY id' ],
	[ 'from a table to a foreign table, some of each', 'author', '{"order": ["id"], "load": {"far_books": {"limit": 2, "offset": 1, "order": ["-year"]}}}',
		'SELECT a.*, ' . list_of('SELECT b.* FROM book b WHERE b.author_id = a.id ORDER BY b.year DESC, b.id LIMIT 2 OFFSET 1') . ' AS far_books FROM author a ORDER BY id' ]);
my @checks = map { 'SELECT orm_test.reads_same(' . join(', ', map { literal($_) } @$_[ 0, 1 ]) . ', ARRAY[' . literal($_->[2]) . ']::jsonb[], ' . literal(rows_of($_->[3])) . ");\n" } @cases;
($rows, $err) = run_script($server, join '', @checks);
is($err, '', 'the session lives');
is(scalar @$rows, scalar @cases, 'all have answered');
is($_->[1], 'same', $_->[0]) for @$rows;

($rows, $err) = run_script($server, <<'SQL');
SELECT json_build_array(orm.find('ranked', 3), '{"id":3,"name":"n3","rank":4.50}');
SELECT json_build_array(orm.find('ranked', 1), NULL);
SELECT json_build_array(orm.find('far_book', '{"id": 4, "year": 2001}', '{"select": ["title"]}'), '{"title":"t4"}');
SELECT json_build_array(orm.find('book', '{"id": 4, "year": 2001}', '{"select": ["title"]}'), '{"title":"t4"}');
SELECT json_build_array(orm.find('tally', 2, '{"select": ["author_id"]}'), '{"author_id":2}');
SQL
is($err, '', 'find in all kinds');
is(defined $_->[0] ? JSON::PP->new->canonical->encode($_->[0]) : undef, defined $_->[1] ? JSON::PP->new->canonical->encode(JSON::PP::decode_json($_->[1])) : undef, 'find gives ' . ($_->[1] // 'nothing')) for @$rows;

# whose rights a view asks for
($rows, $err) = run_script($server, <<'SQL');
GRANT SELECT ON ranked, ranked_invoker TO alice;
CREATE FUNCTION pg_temp.state(statement text) RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
	EXECUTE statement;
	RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END $f$;
ALTER TABLE author ENABLE ROW LEVEL SECURITY;
CREATE POLICY third ON author FOR SELECT TO alice USING (id = 3);
SET ROLE alice;
SELECT json_build_array('a view reads as its owner', orm.count('ranked'), 5);
SELECT json_build_array('a security_invoker view asks for the rights of the caller', pg_temp.state($$SELECT orm.count('invoker')$$), '42501');
SELECT json_build_array('a relation of a view does too', pg_temp.state($$SELECT orm.fetch('ranked', '{"load": ["books"]}')$$), '42501');
RESET ROLE;
GRANT SELECT ON author TO alice;
SELECT json_build_array('all of them for the owner', orm.count('invoker'), 5);
SET ROLE alice;
SELECT json_build_array('and for its policies', orm.list('invoker')::text, '[{"id":3,"name":"n3","rank":4.50}]');
SELECT json_build_array('but not through the other view', orm.count('ranked'), 5);
RESET ROLE;
SELECT json_build_array('all of them again', orm.count('invoker'), 5);
SQL
is($err, '', 'rights through views');
is($_->[1], $_->[2], $_->[0]) for @$rows;

$server->stop;
done_testing();
