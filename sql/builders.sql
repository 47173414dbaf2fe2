-- The builders of clauses: what they write, and that fetch reads it.
\set VERBOSITY default
SET client_min_messages = warning;
CREATE SCHEMA builders;
SET search_path = builders;
\pset format unaligned
\pset tuples_only on

--
-- where: values
--
SELECT orm.where('name', 'Ada');
SELECT orm.where('{"a":1}');
SELECT orm.where(conditions => '{"a": {"$gt": 1}}');
SELECT orm.where(property => 'a', value => 1);
SELECT orm.where(property => 'a', operator => '>', value => 1);
SELECT orm.where('a', NULL);
SELECT orm.where('a', 'null'::jsonb);
SELECT orm.where('n', 9223372036854775807), orm.where('n', 123456789012345678901234567890.10);
SELECT orm.where('n', 'NaN'::numeric), orm.where('n', '-Infinity'::float8), orm.where('n', 0.1::float8);
SELECT orm.where('b', true), orm.where('v', 'x'::varchar(3)), orm.where('c', 'x'::char(3)), orm.where('s', 5::int2);
SELECT orm.where('d', '2024-02-29'::date), orm.where('u', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid);
SET timezone = 'UTC';
SELECT orm.where('t', '2024-02-29 12:00+02'::timestamptz);
SELECT orm.where('e', E'quote " backslash \\ line\n');

--
-- where: a value is never grammar
--
SELECT orm.where('doc', '{"$gt": 1}'::jsonb);
SELECT orm.where('doc', '{"a": 1}'::jsonb);
SELECT orm.where('doc', '{"a": 1}'::json);
SELECT orm.where('doc', '{"$col": "secret"}'::jsonb), orm.where('doc', '{"$value": 1}'::jsonb);
SELECT orm.where('doc', '[1, 2]'::jsonb), orm.where('tags', ARRAY['a', NULL]), orm.where('tags', '{}'::int[]);
SELECT orm.where('doc', '{}'::jsonb), orm.where('pair', ROW(1, 'x'));
SELECT orm.where('doc', '<>', '{"$col": "x"}'::jsonb), orm.where('doc', '>', '[1]'::jsonb);
SELECT orm.where('doc', 'in', '[{"$col": "x"}, {"a": 1}, 2]'::jsonb);
SELECT orm.where('tags', '$len', '{"$gt": 3}'::jsonb), orm.where('tags', '$len', '[1]'::jsonb), orm.where('tags', '$len', 3);
SELECT orm.where('name', 'in', '{"$col": "x"}'::jsonb);

--
-- where: paths
--
SELECT orm.where('author.name', 'Ada');
SELECT orm.where('a.b.c', '>=', 1);
SELECT orm.where('"a.b"."c""d"', 1);
SELECT orm.where('$gt', 1), orm.where('$$x', 1), orm.where('a.$b', 1);
SELECT orm.where('-a', 1);
SELECT orm.where('', 1);
SELECT orm.where('a..b', 1);
SELECT orm.where('"a', 1);

--
-- where: operators
--
SELECT op, orm.where('p', op, 'x'), orm.where('p', 'not ' || op, 'x')
FROM unnest('{=,<>,!=,<,<=,>,>=,like,ilike}'::text[]) op;
SELECT op, orm.where('p', op, '{a,"b c"}'), orm.where('p', op, ARRAY[1, 2])
FROM unnest('{in,not in,between,not between,$in,$nin,$between,not $nin}'::text[]) op;
SELECT op, orm.where('p', op, 'x')
FROM unnest('{$eq,$ne,$same,$distinct,$gt,$gte,$lt,$lte,$like,$ilike,$starts,$ends,$contains,$istarts,$iends,$icontains,$re,$ire,$contained,$overlap,$any,$all,$len,$key,$jsonpath,$count}'::text[]) op;
SELECT orm.where('p', '$null', false), orm.where('p', '$empty', true), orm.where('p', 'not $starts', 'x');
SELECT orm.where('p', ' NOT   Like ', 'x'), orm.where('p', 'IN', '{}'), orm.where('p', 'in', '{a}'::varchar);
SELECT orm.where('p', 'in', '{1,NULL}'), orm.where('p', 'in', 5), orm.where('p', 'in', '[1]'::jsonb), orm.where('p', 'in', ARRAY['x']::varchar[]);
-- NULL
SELECT op, orm.where('p', op, NULL) FROM unnest('{=,<>,!=,not =,not <>,$eq,$ne,$same,$distinct,not $same}'::text[]) op;
SELECT orm.where('p', '<', NULL);
SELECT orm.where('p', 'in', NULL);
SELECT orm.where('p', '$like', 'null'::jsonb);
-- what is no operator
SELECT orm.where('p', 'gte', 1);
SELECT orm.where('p', '$gtee', 1);
SELECT orm.where('p', 'lik', 'x');
SELECT orm.where('p', 'not', 1);
SELECT orm.where('p', '', 1);
SELECT orm.where('p', '~~*~~', 1);
SELECT orm.where('p', '$not', 1);
SELECT orm.where('p', '$some', '{}'::jsonb);
SELECT orm.where('p', '$op', '{"name": "%", "value": 1}'::jsonb);
SELECT orm.where('p', 'in', 'a');
-- NULL where a name or a document is wanted
SELECT orm.where(NULL);
SELECT orm.where(NULL, 1);
SELECT orm.where('p', NULL, 1);

--
-- order, select, limit
--
SELECT orm.order('-created_at', 'name'), orm.order(VARIADIC ARRAY['a', 'b.c']), orm.order(VARIADIC '{}');
SELECT orm.select('id', '*'), orm.select(VARIADIC ARRAY['a']);
SELECT orm.limit(10), orm.limit(10, 20), orm.limit(n => 1, skip => 2), orm.limit(0, NULL), orm.limit(5::int2, 6::int4);
SELECT orm.limit('10', '20'), orm.limit(9223372036854775807);
SELECT orm.order(NULL);
SELECT orm.order('a', NULL);
SELECT orm.order(VARIADIC NULL);
SELECT orm.order(VARIADIC '{{a},{b}}');
SELECT orm.select(VARIADIC NULL::text[]);
SELECT orm.limit(NULL);

--
-- with
--
SELECT orm.with('posts.comments');
SELECT orm.with('posts', '{}');
SELECT orm.with('posts', orm.where('a', 1), orm.order('-id'), orm.limit(3, 1));
SELECT orm.with('posts', orm.where('a', 1), orm.where('b', 2), orm.limit(3));
SELECT orm.with('posts', orm.with('author'), orm.with('comments', orm.limit(1)));
SELECT orm.with('posts', orm.where('a', 1), '{"$untrusted": true}', orm.limit(1));
SELECT orm.with('posts', VARIADIC ARRAY[orm.limit(1)]), orm.with('posts', VARIADIC '{}');
SELECT orm.with(NULL);
SELECT orm.with('posts', NULL);
SELECT orm.with('posts', '{}', NULL);
SELECT orm.with('posts', VARIADIC NULL);
SELECT orm.with('posts', '{}', '[1]');
SELECT orm.with('posts', 'false');

--
-- Parameters without a type, and of others
--
PREPARE where2 AS SELECT orm.where('a', $1);
EXECUTE where2('x');
EXECUTE where2(NULL);
PREPARE where2_all AS SELECT orm.where($1, $2);
EXECUTE where2_all('a.b', '{"$gt":1}');
PREPARE where3 AS SELECT orm.where('a', $1, $2);
EXECUTE where3('not in', '{1,2}');
PREPARE where1 AS SELECT orm.where($1);
EXECUTE where1('{"a": 1}');
PREPARE ordered AS SELECT orm.order($1, $2), orm.select($1), orm.limit($3, $4), orm.with($5), orm.with($5, $6);
EXECUTE ordered('-a', 'b', 1, 2, 'posts', '{"limit": 1}');
PREPARE where_numeric(numeric) AS SELECT orm.where('a', $1), orm.where('a', '>', $1);
EXECUTE where_numeric(1.50);
PREPARE where_int2(int2) AS SELECT orm.where('a', $1), orm.limit($1);
EXECUTE where_int2(7);
PREPARE where_varchar(varchar) AS SELECT orm.where($1, $1), orm.where($1, '=', $1), orm.order($1), orm.select($1), orm.with($1);
EXECUTE where_varchar('a');
CREATE DOMAIN word AS varchar CHECK (VALUE <> '');
CREATE DOMAIN doc AS jsonb;
SELECT orm.where('a', 'x'::word), orm.where('a', 'in', '{x,y}'::word), orm.where('a', '{"$x": 1}'::doc);
DEALLOCATE ALL;

-- what the planner may take for granted
SELECT p.oid::regprocedure, p.provolatile, p.proparallel, p.proisstrict
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'orm' AND p.proname IN ('where', 'order', 'limit', 'select', 'with') ORDER BY p.oid::regprocedure::text COLLATE "C";

--
-- fetch reads what they write
--
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL, doc jsonb, tags text[]);
CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors, title text NOT NULL, pages int);
CREATE INDEX ON books (author_id);
CREATE TABLE reviews (id int PRIMARY KEY, book_id int REFERENCES books, stars int);
CREATE INDEX ON reviews (book_id);
INSERT INTO authors VALUES (1, 'Ada', '{"$gt": 1}', '{a,b}'), (2, 'Bob', '{"$col": "name"}', '{}'), (3, 'Cyd', NULL, NULL),
	(4, 'Dan', '[1, 2]', '{"a"}'), (5, '100%', '{"$value": 3}', NULL);
INSERT INTO books VALUES (1, 1, 'A1', 100), (2, 1, 'A2', 200), (3, 1, 'A3', NULL), (4, 2, 'B1', 50);
INSERT INTO reviews VALUES (1, 1, 5), (2, 1, 3), (3, 2, 4);
SELECT orm.entity('Author', 'authors'), orm.entity('Book', 'books'), orm.entity('Review', 'reviews');

CREATE FUNCTION ids(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(a.e->>'id', ',') FROM (SELECT orm.fetch('Author', VARIADIC clauses || orm.order('id')) e) a
$$;
SELECT ids(orm.where('name', 'Ada')), ids(orm.where('id', '>', 2)), ids(orm.where('id', '2')), ids(orm.where('id', 2::numeric));
SELECT ids(orm.where('id', 'in', '{1,3}')), ids(orm.where('id', 'in', ARRAY[1, 3]::bigint[])), ids(orm.where('id', 'not in', '{1,3}'));
SELECT ids(orm.where('id', 'between', '{2,3}')), ids(orm.where('id', 'not between', ARRAY[2, 3]));
SELECT ids(orm.where('name', 'like', '%a%')), ids(orm.where('name', 'not ilike', '%a%')), ids(orm.where('name', '$contains', '%'));
SELECT ids(orm.where('doc', NULL)), ids(orm.where('doc', '<>', NULL)), ids(orm.where('tags', '$same', NULL));
SELECT ids(orm.where('doc', '{"$gt": 1}'::jsonb)), ids(orm.where('doc', '{"$col": "name"}'::jsonb)), ids(orm.where('doc', '{"$value": 3}'::jsonb));
SELECT ids(orm.where('doc', '[1, 2]'::jsonb)), ids(orm.where('doc', 'in', '[{"$gt": 1}, [1, 2]]'::jsonb));
SELECT ids(orm.where('tags', ARRAY['a', 'b'])), ids(orm.where('tags', '{a,b}')), ids(orm.where('tags', '{}'));
SELECT ids(orm.where('name', 'Ada'), orm.where('id', 2)), ids(orm.where('{"name": "Ada"}'), orm.limit(1));
-- a client's JSON can't become a condition
SELECT ids(orm.where('id', '{"$gt": 0}'::jsonb));
SELECT ids(orm.where('id', '[1, 2]'::jsonb));
SELECT ids(orm.where('name', '{"$gt": ""}'));

SELECT orm.fetch('Author', orm.where('name', 'Ada'), orm.select('name'),
	orm.with('books', orm.select('title'), orm.order('-id'), orm.limit(2)));
-- as fetch merges: where by where, order behind order, the last limit
SELECT orm.fetch('Author', orm.where('id', 1), orm.select('name'),
	orm.with('books', orm.where('id', '<', 3), orm.order('author_id'), orm.limit(1), orm.select('id'),
			 orm.where('pages', '>', 50), orm.order('-id'), orm.limit(5), orm.select('title')));
SELECT orm.fetch('Author', orm.where('id', 1), orm.select('name'), orm.with('books.reviews', orm.select('stars'), orm.order('stars')),
	orm.with('books', orm.select('title'), orm.order('id'), orm.limit(2)));
-- and deeper
SELECT orm.list('Author', orm.where('id', '<', 3), orm.order('-id'), orm.select('id'),
	orm.with('books', orm.select('title'), orm.with('reviews', orm.select('id'), orm.where('stars', '>', 3)), orm.with('author', orm.select('name'))));
-- a load list of objects keeps its order
SELECT orm.fetch('Book', '{"where": {"id": 2}, "select": ["id"], "load": [{"reviews": {"select": ["id"]}}, "author", {"author": {"select": ["id"]}}]}');
SELECT orm.fetch('Book', '{"where": {"id": 2}, "select": ["id"], "load": [{"reviews": {"limitt": 1}}]}');
SELECT orm.fetch('Book', '{"load": [1]}');
-- in "$value" a null is none
SELECT ids('{"where": {"doc": {"$eq": {"$value": null}}}}');

\pset tuples_only off
SELECT orm.drop_entity(name) FROM unnest('{Review,Book,Author}'::text[]) name;
SET client_min_messages = warning;
DROP SCHEMA builders CASCADE;
