-- What a session keeps: while the extension goes and comes, and while reads run
-- in the middle of others and change what those stand on.
\set VERBOSITY terse
SET client_min_messages = warning;
\pset tuples_only on
\pset format unaligned
CREATE EXTENSION IF NOT EXISTS orm;
SET orm.n_plus_one_threshold = 0;
CREATE SCHEMA state;
SET search_path = state;
CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author, title text);
CREATE INDEX ON book (author_id);
INSERT INTO author SELECT i, 'a' || i FROM generate_series(1, 6) i;
INSERT INTO book SELECT i, 1 + i % 6, 'b' || i FROM generate_series(1, 12) i;
CREATE FUNCTION declared() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM orm.entity('author', 'author'), orm.entity('book', 'book');
	PERFORM orm.has_many('author', 'books', 'book', foreign_key => '{author_id}', lazy => true);
END $$;
SELECT declared();

-- the extension is dropped and created again in one session
SELECT orm.find('author', 1, '{"load": ["books"]}');
DROP EXTENSION orm CASCADE;
CREATE EXTENSION orm;
SELECT orm.find('author', 1);
SELECT declared();
SELECT orm.find('author', 1, '{"load": ["books"]}');
-- in one transaction, below a cursor
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', '{"load": ["books"], "order": ["id"]}');
FETCH 1 FROM c;
SELECT orm.lazy('author', 2, 'books');
SAVEPOINT s;
DROP EXTENSION orm CASCADE;
CREATE EXTENSION orm;
SELECT orm.find('author', 2);
ROLLBACK TO s;
FETCH 1 FROM c;
SELECT orm.lazy('author', 2, 'books');
SAVEPOINT s;
DROP EXTENSION orm CASCADE;
CREATE EXTENSION orm;
SELECT declared();
SELECT orm.lazy('author', 2, 'books');
SELECT orm.save('book', '{"id": 1, "title": "c1"}', '{"actions": true}');
ROLLBACK;
SELECT orm.find('book', 1);
-- a held cursor outlives it
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT orm.fetch('book', '{"limit": 3, "order": ["id"]}');
FETCH 1 FROM held;
COMMIT;
DROP EXTENSION orm CASCADE;
FETCH 1 FROM held;
CREATE EXTENSION orm;
FETCH 1 FROM held;
CLOSE held;
SELECT declared();

-- entities that are dropped below a cursor, in windows of one root
SET orm.window_size = 1;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', '{"load": ["books"], "order": ["id"]}');
FETCH 1 FROM c;
SELECT orm.drop_entity('author');
SELECT orm.drop_entity('book');
FETCH 1 FROM c;
DROP TABLE book CASCADE;
\set VERBOSITY sqlstate
FETCH 1 FROM c;
\set VERBOSITY terse
ROLLBACK;

-- a role that may read less takes over the cursor
CREATE ROLE regress_state_reader;
GRANT USAGE ON SCHEMA state TO regress_state_reader;
GRANT SELECT ON author TO regress_state_reader;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', '{"load": ["books"], "order": ["id"]}');
FETCH 1 FROM c;
SELECT orm.lazy('author', 1, 'books');
SAVEPOINT s;
SET LOCAL ROLE regress_state_reader;
SELECT orm.lazy('author', 1, 'books');
ROLLBACK TO s;
SET LOCAL ROLE regress_state_reader;
FETCH 1 FROM c;
\echo :SQLSTATE
ROLLBACK;
RESET orm.window_size;

-- reads that run in the middle of the same read, one in the other
CREATE FUNCTION inner_of(a int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN a < 4 THEN (SELECT string_agg(e ->> 'id' || coalesce(' < ' || (e ->> 'inner'), ''), ', ')
		FROM (SELECT orm.fetch('nested', jsonb_build_object('where', jsonb_build_object('id', a + 1)))) AS f(e)) END;
END $$;
CREATE VIEW nested AS SELECT id, inner_of(id) AS inner, name FROM author;
SELECT orm.entity('nested', 'nested', key => '{id}');
SELECT orm.fetch('nested', '{"order": ["id"]}');
SELECT orm.find('nested', 1);
-- that throw away plans which are in use, change a table that is still to be read, and fail half way
CREATE FUNCTION spoiled(a int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n int := 0;
BEGIN
	IF a = 2 THEN
		ALTER TABLE book ADD COLUMN extra int;
	ELSIF a = 3 THEN
		DISCARD PLANS;
	ELSIF a = 4 THEN
		PERFORM set_config('orm.plan_cache_size', '64kB', true);
		FOR i IN 1..40 LOOP
			PERFORM orm.list('book', jsonb_build_object('where', jsonb_build_object('$or', (SELECT jsonb_agg(jsonb_build_object('id', b)) FROM generate_series(0, i) b))));
		END LOOP;
	ELSIF a = 5 THEN
		FOR i IN 1..20 LOOP
			BEGIN
				PERFORM orm.fetch('fragile', '{"order": ["id"]}');
			EXCEPTION WHEN division_by_zero THEN
				n := n + 1;
			END;
		END LOOP;
		RETURN n;
	END IF;
	RETURN orm.find('author', a) ->> 'name';
END $$;
CREATE VIEW fragile AS SELECT id, 1 / (id - 3) AS v FROM author;
CREATE VIEW spoiled AS SELECT id, spoiled(id) AS said FROM author;
SELECT orm.entity('fragile', 'fragile', key => '{id}'), orm.entity('spoiled', 'spoiled', key => '{id}');
SELECT orm.has_many('spoiled', 'books', 'book', foreign_key => '{author_id}');
BEGIN;
SET LOCAL orm.window_size = 1;
SELECT orm.fetch('spoiled', '{"load": {"books": {"select": ["id"]}}, "order": ["id"]}');
ROLLBACK;
BEGIN;
SELECT orm.fetch('spoiled', '{"load": {"books": {"select": ["id"]}}, "order": ["id"]}');
ROLLBACK;
DISCARD ALL;
SELECT orm.find('author', 1, '{"load": ["books"]}');
\set VERBOSITY default
SET client_min_messages = warning;
DROP SCHEMA state CASCADE;
DROP ROLE regress_state_reader;
