-- The clauses lock and distinct, and how many rows one call may read.
SET client_min_messages = warning;
CREATE SCHEMA locking;
SET search_path = locking;
\pset format unaligned
\pset tuples_only on

CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, city text, age int, home point);
CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, title text NOT NULL, kind text);
CREATE INDEX ON posts (user_id);
CREATE VIEW names AS SELECT name, count(*) FROM users GROUP BY name;
INSERT INTO users VALUES (1, 'Ada', 'London', 36), (2, 'Bob', 'Paris', 20), (3, 'Cid', 'London', 50), (4, 'Dan', NULL, 7), (5, 'Eve', NULL, 9);
INSERT INTO posts SELECT n, n % 3 + 1, 'p' || n, (ARRAY['a', 'b'])[n % 2 + 1] FROM generate_series(1, 12) n;
SELECT orm.entity('User', 'users'), orm.entity('Post', 'posts'), orm.entity('Name', 'names', key => '{name}'),
	orm.property('User', 'decade', expression => 'age / 10');
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, detail, hint;
END $$;
\set VERBOSITY terse

-- lock: the root's rows, in every strength, alone and with what to do when they are locked
SELECT orm.sql('User', jsonb_build_object('lock', strength || wait), '{"select": ["id"], "limit": 1, "load": ["posts"]}')
	FROM unnest(ARRAY['update', 'no key update', 'share', 'key share']) strength, unnest(ARRAY['', ' nowait', ' skip locked']) wait;
SELECT orm.find('User', 1, '{"lock": "update", "select": ["id"], "load": {"posts": {"select": ["id"]}}}');
SELECT orm.first('User', '{"lock": "share nowait", "select": ["id"], "order": ["-age"]}');
SELECT orm.list('User', '{"lock": "no key update skip locked", "select": ["id"], "order": ["id"], "limit": 2}');
SELECT orm.fetch('User', '{"lock": "key share", "select": ["id"], "where": {"id": {"$gt": 3}}, "order": ["id"]}');
-- is a row locked, and only that one?
BEGIN;
SELECT orm.find('User', 2, '{"lock": "update", "select": ["id"], "load": {"posts": {"select": ["id"]}}}');
SELECT 'users', id FROM users WHERE xmax <> 0 AND id = 2 UNION ALL SELECT 'posts', id FROM posts WHERE xmax::text::bigint = pg_current_xact_id()::text::bigint;
COMMIT;

CALL raises($$orm.list('User', '{"lock": "exclusive"}')$$);
CALL raises($$orm.list('User', '{"lock": "update; DROP TABLE users"}')$$);
CALL raises($$orm.list('User', '{"lock": "UPDATE"}')$$);
CALL raises($$orm.list('User', '{"lock": "update  nowait"}')$$);
CALL raises($$orm.list('User', '{"lock": true}')$$);
CALL raises($$orm.list('User', '{"lock": "update", "distinct": ["city"]}')$$);
CALL raises($$orm.list('User', '{"load": {"posts": {"lock": "update"}}}')$$);
CALL raises($$orm.count('User', '{"lock": "update"}')$$);
CALL raises($$orm.exists('User', '{"lock": "update"}')$$);
CALL raises($$orm.list('Name', '{"lock": "update"}')$$);
BEGIN READ ONLY;
CALL raises($$orm.list('User', '{"lock": "share"}')$$);
ROLLBACK;
CREATE ROLE regress_orm_locker;
GRANT USAGE ON SCHEMA locking, orm TO regress_orm_locker;
GRANT SELECT ON users TO regress_orm_locker;
SET ROLE regress_orm_locker;
SELECT orm.find('User', 1, '{"select": ["id"]}');
CALL raises($$orm.find('User', 1, '{"lock": "update"}')$$);
RESET ROLE;

-- distinct: the first row by the order for each of the values; the properties lead the order
SELECT orm.fetch('User', '{"distinct": ["city"], "order": ["city", "-age"], "select": ["id", "city"]}');
SELECT orm.fetch('User', '{"distinct": ["city"], "order": ["age"], "select": ["id", "city"]}');
SELECT orm.fetch('User', '{"distinct": ["city"], "order": ["age", "-city"], "select": ["id", "city"]}');
SELECT orm.sql('User', '{"distinct": ["city", "decade"], "order": ["age", {"decade": "desc nulls last"}], "select": ["id"]}');
SELECT orm.fetch('User', '{"distinct": ["city"], "select": ["id", "city"], "limit": 1, "offset": 1}');
SELECT orm.count('User', '{"distinct": ["city"]}'), orm.count('User', '{"distinct": ["city"], "limit": 2}'), orm.exists('User', '{"distinct": ["city"]}'),
	orm.first('User', '{"distinct": ["city"], "order": ["-city"], "select": ["id"]}');
SELECT orm.list('User', '{"distinct": ["city"], "select": ["id"]}', '{"distinct": []}', '{"order": ["id"]}');
-- pages of it go by number
SELECT orm.paginate('User', '{"distinct": ["city"], "select": ["id", "city"], "limit": 2, "total": true}');
SELECT orm.paginate('User', '{"distinct": ["city"], "select": ["id", "city"], "limit": 2, "page": 2, "total": "planned"}')->'items';
-- in a relation, for each parent
SELECT orm.fetch('User', '{"where": {"id": {"$lt": 4}}, "order": ["id"], "select": ["id"], "load": {"posts": {"distinct": ["kind"], "order": ["-id"], "select": ["id", "kind"]}}}');
SELECT orm.fetch('User', '{"where": {"id": {"$lt": 4}}, "order": ["id"], "select": ["id"], "load": {"posts": {"distinct": ["kind"], "order": ["-id"], "limit": 1, "select": ["id", "kind"]}}}');
CALL raises($$orm.list('User', '{"distinct": "city"}')$$);
CALL raises($$orm.list('User', '{"distinct": [1]}')$$);
CALL raises($$orm.list('User', '{"distinct": ["citty"]}')$$);
CALL raises($$orm.list('User', '{"distinct": ["home"]}')$$);
CALL raises($$orm.list('User', '{"distinct": ["city"], "after": "x"}')$$);
CALL raises($$orm.paginate('User', '{"distinct": ["city"], "before": "x"}')$$);

-- orm.max_rows: roots and loaded entities of one call together
SET orm.max_rows = 5;
SELECT orm.count('Post'), json_array_length(orm.list('User'));
SELECT entity->>'id' FROM orm.fetch('User', '{"order": ["id"]}');
CALL raises($$orm.list('Post')$$);
CALL raises($$orm.fetch('Post')$$);
-- what is not asked for does not count
SELECT count(*) FROM (SELECT orm.fetch('Post') LIMIT 5) p;
CALL raises($$count(*) FROM (SELECT orm.fetch('Post') LIMIT 6) p$$);
SELECT orm.list('User', '{"where": {"id": 1}, "select": ["id"], "load": {"posts": {"select": ["id"]}}}');
CALL raises($$orm.list('User', '{"where": {"id": [1, 4]}, "load": ["posts"]}')$$);
CALL raises($$orm.find('User', 1, '{"load": {"posts": {"load": ["user"]}}}')$$);
SELECT json_array_length(orm.paginate('Post', '{"limit": 5}')->'items');
CALL raises($$orm.paginate('Post', '{"limit": 6}')$$);
SELECT orm.hydrate(p, '{"select": ["id"]}') FROM posts p ORDER BY id;
CALL raises($$orm.collect(p) FROM posts p$$);
-- for a superuser to set
SET ROLE regress_orm_locker;
\set ON_ERROR_STOP 0
SET orm.max_rows = 0;
RESET ROLE;
RESET orm.max_rows;

DROP SCHEMA locking CASCADE;
DROP OWNED BY regress_orm_locker;
DROP ROLE regress_orm_locker;
