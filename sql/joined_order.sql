-- What orders and conditions say about other rows is joined to the root's rows where it can be: the same rows as by subqueries.
SET client_min_messages = warning;
CREATE SCHEMA joined;
SET search_path = joined, public;
CREATE TABLE countries (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE authors (id int PRIMARY KEY, country_id int REFERENCES countries, name text, email text UNIQUE DEFERRABLE, gone boolean NOT NULL);
CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors, pages int NOT NULL, title text NOT NULL);
CREATE TABLE loans (id int PRIMARY KEY, book_id int REFERENCES books, author_id int NOT NULL, days int NOT NULL);
CREATE TABLE letters (id int PRIMARY KEY, address text);
INSERT INTO countries SELECT n, 'c' || n % 4 FROM generate_series(1, 6) n;
INSERT INTO authors SELECT n, nullif(n * 5 % 7, 0), CASE WHEN n % 6 > 0 THEN 'a' || n * 13 % 11 END, 'e' || n, n % 5 = 0 FROM generate_series(1, 40) n;
INSERT INTO books SELECT n, nullif(n * 31 % 42, 0) % 41, n * 7 % 100, 't' || n FROM generate_series(1, 200) n WHERE n * 31 % 42 % 41 > 0 OR n * 31 % 42 = 0;
INSERT INTO loans SELECT n, nullif(b.id, 42), n % 40, n * 11 % 30 FROM generate_series(1, 600) n JOIN books b ON b.id = n * n % 200;
INSERT INTO letters SELECT n, 'e' || n % 45 FROM generate_series(1, 90) n;
CREATE INDEX ON books (author_id);
ANALYZE;
SELECT orm.entity('Author', 'authors', soft_delete => 'gone'), orm.entity('Country', 'countries'), orm.entity('Book', 'books'), orm.entity('Loan', 'loans'), orm.entity('Letter', 'letters');
SELECT orm.belongs_to('Letter', 'writer', 'Author', '{address}', '{email}');

-- the keys that come, in their order, and by hand
CREATE FUNCTION different(entity text, clauses jsonb, by_hand text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	given int[];
	wanted int[];
BEGIN
	SELECT array_agg((e->>'id')::int ORDER BY n) INTO given FROM orm.fetch(entity, clauses, '{"select": ["id"]}') WITH ORDINALITY f(e, n);
	EXECUTE format('SELECT array_agg(id ORDER BY n) FROM (SELECT q.id, row_number() OVER () AS n FROM (%s) q) q', by_hand) INTO wanted;
	IF given IS DISTINCT FROM wanted THEN
		RETURN format('%s %s: %s instead of %s', entity, clauses, given, wanted);
	ELSIF orm.count(entity, clauses) IS DISTINCT FROM coalesce(cardinality(wanted), 0) THEN
		RETURN format('%s %s: counts %s', entity, clauses, orm.count(entity, clauses));
	END IF;
	RETURN NULL;
END $$;

-- a way to one row: soft-deleted authors have no name, books without an author stay
SELECT different('Book', '{"order": ["author.name", "id"]}', 'SELECT b.id FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone ORDER BY a.name, b.id');
SELECT different('Book', '{"order": ["-author.name", "-id"], "limit": 30, "offset": 10}', 'SELECT b.id FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone ORDER BY a.name DESC, b.id DESC LIMIT 30 OFFSET 10');
SELECT different('Book', '{"order": ["author.country.name", "author.name", "id"], "where": {"pages": {"$gt": 40}}}',
	'SELECT b.id FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone LEFT JOIN countries c ON c.id = a.country_id WHERE pages > 40 ORDER BY c.name, a.name, b.id');
SELECT different('Book', '{"order": ["id"], "where": {"title": {"$gt": {"$col": "author.name"}}}}', $$SELECT b.id FROM books b JOIN authors a ON a.id = author_id AND NOT gone WHERE title > a.name ORDER BY b.id$$);
SELECT different('Book', '{"order": ["id"], "where": {"$or": [{"pages": {"$lt": 5}}, {"title": {"$gt": {"$col": "author.name"}}}]}}',
	$$SELECT b.id FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone WHERE pages < 5 OR title > a.name ORDER BY b.id$$);
SELECT different('Letter', '{"order": ["writer.name", "id"]}', 'SELECT l.id FROM letters l LEFT JOIN authors a ON a.email = address AND NOT gone ORDER BY a.name, l.id');
SELECT orm.sql('Book', '{"order": ["author.country.name"], "select": ["id"], "limit": 2}');
-- a unique set that may be violated for a while gives no join
SELECT orm.sql('Letter', '{"order": ["writer.name"], "select": ["id"]}');

-- pages in such an order meet every row once
WITH RECURSIVE pages AS (
	SELECT 1 AS n, orm.paginate('Book', '{"order": ["author.name", "-pages"], "limit": 17, "select": ["id"]}') AS page
	UNION ALL
	SELECT n + 1, orm.paginate('Book', '{"order": ["author.name", "-pages"], "limit": 17, "select": ["id"]}', jsonb_build_object('after', page->>'next')) FROM pages WHERE page->>'next' IS NOT NULL
)
SELECT array_agg((i->>'id')::int ORDER BY n, o) = (SELECT array_agg(b.id ORDER BY a.name, pages DESC, b.id) FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone) AS same
FROM pages, json_array_elements(page->'items') WITH ORDINALITY e(i, o);

-- aggregates: in groups where no index finds the rows, or where all roots are asked about
SELECT different('Author', '{"count": ["books"], "order": ["-books_count", "id"]}', 'SELECT a.id FROM authors a WHERE NOT gone ORDER BY (SELECT count(*) FROM books WHERE author_id = a.id) DESC, id');
SELECT different('Author', '{"aggregate": {"sum": {"relation": "books", "function": "sum", "property": "pages", "where": {"pages": {"$gt": 50}}}}, "order": [{"sum": "desc nulls last"}, "id"], "limit": 9}',
	'SELECT a.id FROM authors a WHERE NOT gone ORDER BY (SELECT sum(pages) FROM books WHERE author_id = a.id AND pages > 50) DESC NULLS LAST, id LIMIT 9');
SELECT different('Author', '{"where": {"books": {"$count": {"$lte": 4}}}, "order": ["id"]}', 'SELECT a.id FROM authors a WHERE NOT gone AND (SELECT count(*) FROM books WHERE author_id = a.id) <= 4 ORDER BY id');
SELECT different('Book', '{"where": {"loans": {"$count": {"$where": {"days": {"$gte": 10}}, "$lt": 2}}}, "order": ["id"]}', 'SELECT b.id FROM books b WHERE (SELECT count(*) FROM loans WHERE book_id = b.id AND days >= 10) < 2 ORDER BY id');
SELECT different('Book', '{"where": {"$or": [{"pages": 7}, {"loans": {"$aggregate": {"function": "avg", "property": "days", "$gt": 15}}}]}, "order": ["id"]}',
	'SELECT b.id FROM books b WHERE pages = 7 OR (SELECT avg(days) FROM loans WHERE book_id = b.id) > 15 ORDER BY id');
SELECT different('Book', '{"where": {"pages": {"$lt": 50}, "$not": {"loans": {"$count": {"$eq": 3}}}}, "count": ["loans"], "order": ["-loans_count", "-author.name", "id"]}',
	'SELECT b.id FROM books b LEFT JOIN authors a ON a.id = author_id AND NOT gone WHERE pages < 50 AND (SELECT count(*) FROM loans WHERE book_id = b.id) <> 3
	 ORDER BY (SELECT count(*) FROM loans WHERE book_id = b.id) DESC, a.name DESC, b.id');
-- what looks at the row around it is not gathered
SELECT different('Book', '{"where": {"loans": {"$count": {"$where": {"days": {"$lt": {"$col": "^.pages"}}}, "$gte": 3}}}, "order": ["id"]}',
	'SELECT b.id FROM books b WHERE (SELECT count(*) FROM loans WHERE book_id = b.id AND days < pages) >= 3 ORDER BY id');
SELECT orm.sql('Author', '{"count": ["books"], "order": ["-books_count"], "select": ["id"], "limit": 2}');
SELECT orm.sql('Author', '{"where": {"name": "a1", "books": {"$count": {"$gte": 3}}}, "select": ["id"]}');
SELECT orm.sql('Book', '{"where": {"pages": 1, "loans": {"$count": {"$gte": 3}}}, "select": ["id"]}');
-- tables that inherit have keys of their own
CREATE TABLE more_authors () INHERITS (authors);
INSERT INTO more_authors SELECT * FROM authors WHERE id = 1;
SELECT different('Book', '{"order": ["author.name", "id"]}', 'SELECT b.id FROM books b ORDER BY (SELECT name FROM authors a WHERE a.id = author_id AND NOT gone LIMIT 1), b.id');
DROP TABLE more_authors;
-- locks take the root's rows
BEGIN;
SELECT count(*) FROM orm.fetch('Book', '{"order": ["author.name"], "where": {"loans": {"$count": {"$gt": 2}}}, "lock": "update"}');
ROLLBACK;
DROP SCHEMA joined CASCADE;
