-- Streaming: a fetch that is left and resumed, at every edge of control flow.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS orm;
SET orm.n_plus_one_threshold = 0;
CREATE SCHEMA stream;
SET search_path = stream;

CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL, born date);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, title text);
CREATE TABLE page (id int PRIMARY KEY, book_id int NOT NULL REFERENCES book, body text);
CREATE INDEX ON book (author_id);
CREATE INDEX ON page (book_id);
INSERT INTO author SELECT i, 'a' || i, date '2000-01-01' + i FROM generate_series(1, 200) i;
INSERT INTO book SELECT i, (i - 1) / 2 + 1, 'b' || i FROM generate_series(1, 400) i;
INSERT INTO page SELECT i, (i - 1) / 2 + 1, 'p' || i FROM generate_series(1, 800) i;
ANALYZE author, book, page;
SELECT orm.entity('author', 'author'), orm.entity('book', 'book'), orm.entity('page', 'page');

-- what every reading below must give
CREATE TABLE truth AS
SELECT a.id, '{"id":' || a.id || ',"name":"' || a.name || '","born":' || to_json(a.born) || ',"book":[' ||
	(SELECT string_agg('{"id":' || b.id || ',"author_id":' || a.id || ',"title":"' || b.title || '","page":[' ||
		(SELECT string_agg(to_json(p)::text, ',' ORDER BY p.id) FROM page p WHERE p.book_id = b.id) || ']}', ','
		ORDER BY b.id) FROM book b WHERE b.author_id = a.id) || ']}' AS entity
FROM author a;

CREATE FUNCTION whole() RETURNS jsonb IMMUTABLE LANGUAGE sql
AS $$ SELECT '{"order": ["id"], "load": ["book.page"]}'::jsonb $$;
CREATE FUNCTION above(n int) RETURNS jsonb IMMUTABLE LANGUAGE sql
AS $$ SELECT jsonb_build_object('where', jsonb_build_object('id', jsonb_build_object('$gt', n))) $$;
CREATE FUNCTION same(n bigint, entities text[]) RETURNS text LANGUAGE sql
AS $$ SELECT CASE WHEN array_agg(entity ORDER BY id) = entities THEN 'same' ELSE 'DIFFERENT: ' || entities::text END
FROM stream.truth WHERE id <= n $$;
CREATE FUNCTION ids(entity json) RETURNS text IMMUTABLE LANGUAGE sql
AS $$ SELECT (entity->>'id') || ':' || (SELECT string_agg(b->>'id', ',') FROM json_array_elements(entity->'book') b) $$;

\echo == the whole stream, in windows of every size
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
SET orm.window_size = 1;
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
SET orm.window_size = 7;
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
SET orm.window_size = 1000;
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
RESET orm.window_size;

\echo == cursors: WITH HOLD, COMMIT, SCROLL, savepoints
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT orm.fetch('author', whole());
FETCH 1 FROM held;
COMMIT;
CREATE TEMP TABLE got (entity json);
DO $$ DECLARE held refcursor := 'held'; e json;
BEGIN
	LOOP FETCH held INTO e; EXIT WHEN NOT FOUND; INSERT INTO pg_temp.got VALUES (e); END LOOP;
END $$;
SELECT count(*), bool_and(got.entity::text = t.entity) FROM got JOIN truth t ON t.id = (got.entity->>'id')::int;
CLOSE held;
BEGIN;
DECLARE held SCROLL CURSOR WITH HOLD FOR SELECT ids(orm.fetch('author', whole()));
FETCH 3 FROM held;
COMMIT;
FETCH BACKWARD 2 FROM held;
FETCH ABSOLUTE 200 FROM held;
CLOSE held;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 5 FROM c;
FETCH BACKWARD 3 FROM c;
FETCH LAST FROM c;
FETCH ABSOLUTE 2 FROM c;
FETCH PRIOR FROM c;
CLOSE c;
DECLARE c NO SCROLL CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 2 FROM c;
FETCH BACKWARD 1 FROM c;
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
SAVEPOINT s;
FETCH 1 FROM c;
ROLLBACK TO s;
FETCH 2 FROM c;
SAVEPOINT t;
FETCH 2 FROM c;
RELEASE t;
FETCH 2 FROM c;
ROLLBACK TO s;
FETCH 2 FROM c;
MOVE 100 IN c;
SAVEPOINT u;
SELECT 1 / 0;
ROLLBACK TO u;
FETCH 2 FROM c;
SAVEPOINT v;
DECLARE inner_c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 2 FROM inner_c;
ROLLBACK TO v;
FETCH 1 FROM inner_c;
ROLLBACK TO v;
FETCH 2 FROM c;
COMMIT;
BEGIN;
SAVEPOINT s;
DECLARE kept CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 2 FROM kept;
RELEASE s;
FETCH 2 FROM kept;
CLOSE kept;
COMMIT;

\echo == plans thrown away and tables changed between two fetches
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT ids(orm.fetch('author', whole()));
FETCH 2 FROM c;
DISCARD PLANS;
FETCH 4 FROM c;
ALTER TABLE page ADD COLUMN extra int;
FETCH 4 FROM c;
CREATE INDEX ON page (extra);
ANALYZE book;
FETCH 2 FROM c;
COMMIT;
FETCH 1 FROM c;
DISCARD ALL;
SET orm.n_plus_one_threshold = 0;
SET client_min_messages = warning;
SET search_path = stream;
SELECT ids(orm.fetch('author', whole())) LIMIT 1;
ALTER TABLE page DROP COLUMN extra;
-- a window for each row, so that every FETCH reads anew
SET orm.window_size = 1;
-- the table of the root is in use
BEGIN;
DECLARE c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 1 FROM c;
SAVEPOINT s;
ALTER TABLE author ADD COLUMN extra int;
ROLLBACK TO s;
FETCH 1 FROM c;
-- a relation's column changes its type without a rewrite, then goes
ALTER TABLE page ALTER COLUMN body TYPE varchar;
FETCH 2 FROM c;
ALTER TABLE page DROP COLUMN body;
FETCH 5 FROM c;
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', whole());
MOVE 1 IN c;
ALTER TABLE page DROP CONSTRAINT page_book_id_fkey;
ALTER TABLE book ALTER COLUMN id TYPE oid;
FETCH 2 FROM c;
ROLLBACK;
-- a table that is rewritten or emptied is no longer what it was when the reading began
BEGIN;
DECLARE c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 1 FROM c;
SAVEPOINT s;
ALTER TABLE page ALTER COLUMN body TYPE text USING body || '!';
ROLLBACK TO s;
FETCH 1 FROM c;
TRUNCATE page;
FETCH 1 FROM c;
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 1 FROM c;
ALTER TABLE page ALTER COLUMN body TYPE text USING body || '!';
FETCH 1 FROM c;
ROLLBACK;
-- what was rewritten before it began is read, whatever else is changed then
BEGIN;
ALTER TABLE page ALTER COLUMN body TYPE text USING body || '!';
DECLARE c CURSOR FOR SELECT orm.fetch('author', whole());
FETCH 1 FROM c;
ALTER TABLE page ADD COLUMN extra int;
FETCH 1 FROM c;
ROLLBACK;
-- the same plan, another type
CREATE TABLE shifting (id int PRIMARY KEY, v int);
INSERT INTO shifting VALUES (1, 7);
SELECT orm.entity('shifting', 'shifting');
SELECT orm.find('shifting', 1);
ALTER TABLE shifting ALTER COLUMN v TYPE text USING 'text ' || v;
SELECT orm.find('shifting', 1), orm.fetch('shifting'), orm.list('shifting');
ALTER TABLE shifting ALTER COLUMN v TYPE date USING '2001-02-03';
SELECT orm.find('shifting', 1), orm.fetch('shifting'), orm.list('shifting');
ALTER TABLE shifting ALTER COLUMN id TYPE text;
SELECT orm.find('shifting', '1'), orm.fetch('shifting'), orm.list('shifting');
BEGIN;
ALTER TABLE shifting ALTER COLUMN v TYPE int USING 1;
SELECT orm.find('shifting', '1');
ROLLBACK;
SELECT orm.find('shifting', '1');
-- a change that is undone while a cursor goes on over it
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', whole());
SAVEPOINT s;
ALTER TABLE page ADD COLUMN undone int;
MOVE 1 IN c;
ROLLBACK TO s;
FETCH 2 FROM c;
ROLLBACK;

\echo == one call, one snapshot
BEGIN;
DECLARE c CURSOR FOR SELECT ids(orm.fetch('author', whole()));
FETCH 1 FROM c;
INSERT INTO book SELECT 1000 + id, id, 'new' FROM author;
DELETE FROM page;
UPDATE book SET title = 'changed';
FETCH 3 FROM c;
CLOSE c;
DECLARE c CURSOR FOR SELECT orm.fetch('author', whole());
FETCH 1 FROM c;
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ids(orm.fetch('author', whole())) LIMIT 1;
INSERT INTO book VALUES (1001, 1, 'new');
SELECT ids(orm.fetch('author', whole())) LIMIT 1;
ROLLBACK;
RESET orm.window_size;
-- a volatile function between two entities writes: the call does not see it
CREATE FUNCTION add_book(entity json) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO stream.book SELECT 2000 + i, i, 'late' FROM generate_series((entity->>'id')::int + 1, 200) i
	ON CONFLICT DO NOTHING;
	RETURN stream.ids(entity);
END $$;
BEGIN;
SELECT add_book(orm.fetch('author', whole())) LIMIT 3;
SELECT add_book(orm.fetch('author', whole())) LIMIT 3;
ROLLBACK;

\echo == recursion: the same plan entered again while a row is being made
CREATE VIEW nested AS
SELECT id, name, orm.find('author', id, '{"load": ["book"]}') AS again,
	ARRAY(SELECT ids(orm.fetch('author', '{"order": ["id"], "load": ["book"]}',
		jsonb_build_object('where', jsonb_build_object('id', jsonb_build_object('$lte', id)))))) AS upto
FROM author;
SELECT orm.entity('nested', 'nested', key => '{id}');
SELECT orm.fetch('nested', '{"order": ["id"], "limit": 3}');
CREATE FUNCTION descend(n int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE e json; r text := '';
BEGIN
	FOR e IN SELECT orm.fetch('author', '{"order": ["id"], "load": ["book.page"]}') LOOP
		r := r || stream.ids(e) || ' ';
		IF (e->>'id')::int = 2 THEN
			RETURN r || CASE WHEN n > 0 THEN stream.descend(n - 1) ELSE '' END;
		END IF;
	END LOOP;
END $$;
SELECT descend(12);
-- while a row of the same statement is printed: a computed property over a function
CREATE FUNCTION peers(author) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN $1.id <= 1 THEN '[]'
		ELSE orm.list('author', jsonb_build_object('where', jsonb_build_object('id', $1.id - 1))) END;
END $$;
SELECT orm.property('author', 'peers', expression => 'stream.peers(author)');
SELECT orm.find('author', 3);
SELECT orm.fetch('author', '{"where": {"id": {"$in": [2, 3]}}, "order": ["id"]}');
SELECT orm.drop_property('author', 'peers');
-- a type whose JSON is made by a find: entered again in the middle of printing
CREATE TYPE link AS ENUM ('0', '1', '2', '3');
CREATE TABLE shelf (id int PRIMARY KEY, link link, after text);
INSERT INTO shelf SELECT i, (i - 1)::text::link, 'z' FROM generate_series(1, 4) i;
CREATE FUNCTION link_json(link) RETURNS json LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN coalesce(orm.find('shelf', $1::text), '"the end"'); END $$;
CREATE CAST (link AS json) WITH FUNCTION link_json(link);
SELECT orm.entity('shelf', 'shelf');
SELECT orm.fetch('shelf', '{"order": ["id"]}');
SELECT orm.list('shelf', '{"order": ["id"]}')::text = '[' || string_agg(to_json(s)::text, ',' ORDER BY id) || ']' FROM shelf s;
-- functions in SQL, lazily evaluated, and several streams in one select list
CREATE FUNCTION sql_fetch() RETURNS SETOF json LANGUAGE sql AS $$ SELECT orm.fetch('author', stream.whole()) $$;
SELECT ids(sql_fetch()) LIMIT 3;
SELECT ids(f) FROM sql_fetch() f LIMIT 2;
SELECT ids(orm.fetch('author', whole())) AS a, orm.fetch('book', '{"order": ["-id"], "load": ["author"], "limit": 3}')->>'id' AS b,
	ids(orm.fetch('author', whole())) AS c, ids(sql_fetch()) AS d LIMIT 5;
SELECT json_array_elements(orm.fetch('author', whole())->'book')->>'title' LIMIT 5;
SELECT count(*) FROM (SELECT orm.fetch('author', whole()), orm.fetch('author', whole())) f;

\echo == every place where a set may stand
SELECT same(200, array_agg(f.entity::text)) FROM orm.fetch('author', whole()) f;
SELECT same(200, array_agg(f.entity::text ORDER BY n)) FROM orm.fetch('author', whole()) WITH ORDINALITY f(entity, n);
SELECT a.id, f.entity->>'id' FROM author a, LATERAL orm.fetch('book', jsonb_build_object('where', jsonb_build_object('author_id', a.id)), '{"order": ["id"], "load": ["page"]}') f
WHERE a.id <= 2 ORDER BY 1, 2;
SELECT ids(entity) FROM (SELECT orm.fetch('author', whole()) AS entity OFFSET 198) f;
SELECT count(*) FROM (SELECT orm.fetch('author', whole())::text UNION SELECT orm.fetch('author', whole())::text) u;
WITH f AS MATERIALIZED (SELECT orm.fetch('author', whole()) AS entity) SELECT count(*) FROM f a, f b WHERE a.entity->>'id' = b.entity->>'id';
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL
	SELECT n + 1 FROM r, LATERAL (SELECT orm.fetch('author', jsonb_build_object('where', jsonb_build_object('id', n))) AS entity) f WHERE n < 5) SELECT count(*) FROM r;
CREATE TABLE stored (id serial, entity json);
INSERT INTO stored (entity) SELECT orm.fetch('author', whole());
SELECT same(200, array_agg(entity::text ORDER BY id)) FROM stored;
CREATE TABLE made AS SELECT orm.fetch('author', whole()) AS entity;
SELECT same(200, array_agg(entity::text ORDER BY (entity->>'id')::int)) FROM made;
CREATE MATERIALIZED VIEW kept AS SELECT orm.fetch('author', '{"order": ["id"], "load": ["book.page"]}') AS entity;
REFRESH MATERIALIZED VIEW kept;
SELECT same(200, array_agg(entity::text ORDER BY (entity->>'id')::int)) FROM kept;
COPY (SELECT ids(orm.fetch('author', '{"order": ["id"], "limit": 3, "load": ["book"]}'))) TO STDOUT;
-- rescans: a fetch on the inner side, one run per outer row, most of them left early
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(*), sum((f.entity->>'id')::int) FROM author a, LATERAL (SELECT orm.fetch('author',
	above(a.id - 1), '{"order": ["id"], "load": ["book"]}') AS entity LIMIT 2) f;
SELECT a.id, (SELECT ids(orm.fetch('author', whole(), above(a.id))) LIMIT 1) FROM author a ORDER BY id LIMIT 3;
SELECT count(*) FROM author a WHERE EXISTS (SELECT orm.fetch('book', jsonb_build_object('where', jsonb_build_object('author_id', a.id))));
RESET enable_hashjoin;
RESET enable_mergejoin;
SELECT count(*) FROM author WHERE id IN (SELECT (orm.fetch('author', whole())->>'id')::int);
-- where workers may be
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), count(DISTINCT orm.find('author', id)::text) FROM author;
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET jit = on;
SET jit_above_cost = 0;
SELECT same(200, array_agg(entity::text)) FROM (SELECT orm.fetch('author', whole()) AS entity) f;
RESET jit;
RESET jit_above_cost;
-- EXPLAIN does not run it
CREATE FUNCTION ran() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'it ran'; END $$;
CREATE VIEW watched AS SELECT id, ran() FROM author;
SELECT orm.entity('watched', 'watched', key => '{id}');
EXPLAIN (COSTS off) SELECT orm.fetch('watched');
EXPLAIN (COSTS off) SELECT * FROM orm.fetch('watched');
EXPLAIN (COSTS off) SELECT orm.find('watched', 1), orm.list('watched');
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT orm.fetch('watched', '{"limit": 3}');
-- prepared: custom plans, then a generic one
PREPARE page_of(int, jsonb) AS SELECT ids(orm.fetch('author', above($1), $2)) LIMIT 1;
DO $$ DECLARE r text; BEGIN
	FOR i IN 1..10 LOOP EXECUTE format('EXECUTE page_of(%s, stream.whole())', i) INTO r;
		IF r NOT LIKE (i + 1) || ':%' THEN RAISE 'wrong: %', r; END IF; END LOOP;
END $$;
SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'page_of';

\echo == plpgsql loops and errors
CREATE FUNCTION failing(id int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF id >= 5 THEN RAISE 'row %', id; END IF; RETURN id; END $$;
CREATE VIEW fragile AS SELECT id, failing(id) AS v FROM author;
SELECT orm.entity('fragile', 'fragile', key => '{id}');
DO $$ DECLARE e json; good int := 0; bad int := 0;
BEGIN
	FOR i IN 1..300 LOOP
		BEGIN
			FOR e IN SELECT orm.fetch('fragile') LOOP
				good := good + 1;
				BEGIN
					PERFORM orm.fetch('author', stream.whole()) LIMIT 1;
					RAISE 'inner';
				EXCEPTION WHEN raise_exception THEN bad := bad + 1;
				END;
			END LOOP;
		EXCEPTION WHEN OTHERS THEN
			IF sqlerrm <> 'row 5' THEN RAISE; END IF;
		END;
	END LOOP;
	RAISE WARNING 'good %, bad %', good, bad;
END $$;
DO $$ DECLARE e json; n int := 0;
BEGIN
	FOR e IN SELECT orm.fetch('author', stream.whole()) LOOP
		n := n + 1;
		IF n IN (2, 50, 199) THEN COMMIT; ELSIF n IN (3, 77) THEN ROLLBACK; END IF;
	END LOOP;
	RAISE WARNING '%', n;
END $$;
CREATE FUNCTION opened() RETURNS refcursor LANGUAGE plpgsql AS $$
DECLARE c refcursor := 'opened'; e json;
BEGIN
	OPEN c FOR SELECT ids(orm.fetch('author', whole()));
	BEGIN
		FETCH c INTO e;
		RAISE 'again';
	EXCEPTION WHEN OTHERS THEN NULL;
	END;
	RETURN c;
END $$;
BEGIN;
SELECT opened();
FETCH 2 FROM opened;
COMMIT;

\echo == rows that come from elsewhere
BEGIN;
DECLARE q CURSOR WITH HOLD FOR SELECT ids(orm.hydrate_query('author',
	'SELECT * FROM stream.author WHERE id > $1 ORDER BY id', '{"params": [10], "load": ["book"]}'));
SAVEPOINT s;
FETCH 1 FROM q;
ROLLBACK TO s;
FETCH 1 FROM q;
DISCARD PLANS;
FETCH 2 FROM q;
COMMIT;
FETCH 1 FROM q;
CLOSE q;
BEGIN;
DECLARE rows CURSOR FOR SELECT * FROM author ORDER BY id;
DECLARE q CURSOR WITH HOLD FOR SELECT ids(orm.hydrate_cursor('author', 'rows', 5, '{"load": ["book"]}'));
FETCH 1 FROM q;
SAVEPOINT s;
FETCH 1 FROM rows;
FETCH 1 FROM q;
ROLLBACK TO s;
CLOSE rows;
COMMIT;
FETCH 2 FROM q;
CLOSE q;
BEGIN;
DECLARE own CURSOR FOR SELECT orm.hydrate_cursor('author', 'own', 5);
FETCH 1 FROM own;
ROLLBACK;
BEGIN;
DECLARE q CURSOR FOR SELECT ids(orm.hydrate(a, '{"load": ["book"]}')) FROM author a ORDER BY id;
FETCH 2 FROM q;
SAVEPOINT s;
ALTER TABLE book ADD COLUMN undone int;
FETCH 1 FROM q;
ROLLBACK TO s;
FETCH 1 FROM q;
ROLLBACK;
-- an entity printed within an entity of the same row
SELECT ids(orm.hydrate(a, '{"load": ["book"]}')) = ids(orm.find('author', a.id, '{"load": ["book"]}')),
	ids(orm.fetch('author', '{"load": ["book"]}', jsonb_build_object('where', jsonb_build_object('id', a.id)))) FROM author a ORDER BY id LIMIT 2;
SELECT a.id % 4, json_array_length(orm.collect(a, '{"load": ["book"]}')) FROM author a GROUP BY 1 ORDER BY 1;

\echo == sizes
-- many children of one, far beyond work_mem
SET work_mem = '64kB';
ALTER TABLE book DROP CONSTRAINT book_author_id_fkey;
SELECT orm.has_many('author', 'book', 'book', foreign_key => '{author_id}');
INSERT INTO author VALUES (201, 'much', NULL);
ALTER TABLE page DROP CONSTRAINT page_book_id_fkey;
INSERT INTO book SELECT 10000 + i, 201, 'b' || i FROM generate_series(1, 200000) i;
SELECT e->>'id' AS id, json_array_length(e->'book') FROM (SELECT orm.fetch('author', '{"order": ["-id"], "load": ["book"]}') AS e) f LIMIT 2;
DELETE FROM book WHERE author_id = 201;
-- many without any
INSERT INTO author SELECT 1000 + i, 'x', NULL FROM generate_series(1, 10000) i;
SELECT count(*), count(*) FILTER (WHERE json_array_length(e->'book') = 0)
FROM (SELECT orm.fetch('author', '{"load": ["book"]}') AS e) f;
DELETE FROM author WHERE id > 200;
RESET work_mem;
-- a chain sixteen deep
CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node);
INSERT INTO node SELECT i, nullif(i - 1, 0) FROM generate_series(1, 20) i;
CREATE INDEX ON node (up);
SELECT orm.entity('node', 'node', derive => true);
SELECT orm.find('node', 20, jsonb_build_object('load', ARRAY[repeat('node.', 14) || 'node']));
SELECT orm.find('node', 20, jsonb_build_object('load', ARRAY[repeat('node.', 15) || 'node']));
SELECT orm.find('node', 20, jsonb_build_object('load', ARRAY[repeat('node.', 16) || 'node']));

\echo == nothing grows
CREATE FUNCTION held() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts $$;
CREATE PROCEDURE again(what text, n int) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP EXECUTE what; END LOOP; END $$;
CREATE FUNCTION growth(before bigint, now bigint) RETURNS text LANGUAGE sql
AS $$ SELECT CASE WHEN grown <= 65536 THEN 'none' ELSE grown || ' bytes' END FROM (SELECT now - before AS grown) g $$;
SELECT growth(0, held()) <> 'none' AS measured;
\set stopped 'SELECT orm.fetch(\'author\', \'{"load": ["book"]}\') LIMIT 1'
CALL again(:'stopped', 100);
SELECT held() AS before \gset
CALL again(:'stopped', 10000);
SELECT growth(:before, held());
\set failed 'DO $$ BEGIN PERFORM orm.fetch(\'fragile\', \'{"where": {"id": 9}}\'); EXCEPTION WHEN raise_exception THEN NULL; END $$'
CALL again(:'failed', 100);
SELECT held() AS before \gset
CALL again(:'failed', 1000);
SELECT growth(:before, held());
\set looped 'DO $$ DECLARE e json; BEGIN FOR e IN SELECT orm.fetch(\'author\', \'{"load": ["book"], "limit": 4}\') LOOP BEGIN RAISE \'inner\'; EXCEPTION WHEN raise_exception THEN NULL; END; END LOOP; END $$'
CALL again(:'looped', 100);
SELECT held() AS before \gset
CALL again(:'looped', 1000);
SELECT growth(:before, held());
\set given 'SELECT orm.hydrate(a, \'{"load": ["book"]}\') FROM author a WHERE id < 4; SELECT orm.collect(a, \'{"load": ["book"]}\') FROM author a WHERE id < 9'
CALL again(:'given', 100);
SELECT held() AS before \gset
CALL again(:'given', 1000);
SELECT growth(:before, held());
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation::regclass::text ~ '^stream';
SELECT count(*) FROM pg_cursors WHERE name <> '';

SET client_min_messages = error;
DROP SCHEMA stream CASCADE;
