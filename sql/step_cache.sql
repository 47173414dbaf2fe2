-- Calls that ask the same again go by what was made the first time, for as long as it would be made the same.
SET client_min_messages = warning;
CREATE SCHEMA kept;
SET search_path = kept, public;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE countries (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, mood mood, country_id int REFERENCES countries, until timestamptz, tenant text);
CREATE TABLE posts (id int PRIMARY KEY, slug text UNIQUE, user_id int REFERENCES users, title text);
INSERT INTO countries VALUES (1, 'Chile'), (2, 'Peru');
INSERT INTO users VALUES (1, 'Ada', 'glad', 2, NULL, 'a'), (2, 'Bob', 'sad', 1, NULL, 'b');
INSERT INTO posts VALUES (1, 'one', 1, 'One'), (2, 'two', 2, 'Two'), (3, 'three', 1, 'Three');
CREATE INDEX ON posts (user_id);
SELECT count(*) FROM orm.reflect('kept');
-- the calls that are made again and again
CREATE FUNCTION calls() RETURNS SETOF json LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT orm.find('posts', 1, '{"select": ["title"], "load": {"user": {"select": ["name", "mood"]}}}');
	RETURN NEXT orm.find('posts', '{"slug": "two"}'::jsonb, '{"select": ["title"], "load": {"user": {"select": ["name"]}}}');
	RETURN NEXT orm.find('posts', 3, '{"select": ["title"], "order": ["user.country.name"], "load": {"user": {"select": ["id"], "load": ["country"]}}}');
	RETURN NEXT orm.first('users', '{"select": ["id"], "order": ["country.name"]}');
	RETURN QUERY SELECT orm.fetch('users', '{"select": ["name"], "order": ["id"], "load": {"posts": {"order": ["-id"], "limit": 1, "select": ["title"]}}}');
	RETURN NEXT orm.list('users', '{"select": ["id"], "order": ["-id"], "count": ["posts"]}');
END $$;
CREATE FUNCTION trees() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'orm load tree' $$;
SELECT calls();
-- what is asked for once is not kept
SELECT trees();
SELECT calls();
SELECT trees();
SELECT calls();
-- the same trees
SELECT trees();
-- other keys, the same tree; keys that no row has
SELECT orm.find('posts', i, '{"select": ["title"], "load": {"user": {"select": ["name", "mood"]}}}') FROM generate_series(2, 4) i;
SELECT orm.find('posts', jsonb_build_object('slug', s), '{"select": ["title"], "load": {"user": {"select": ["name"]}}}') FROM unnest('{one,three,four,NULL}'::text[]) s;
SELECT trees();

-- changes of what it was made from: also of an entity that is only passed through
ALTER TABLE users RENAME name TO called;
SELECT calls();
SELECT orm.find('posts', 1, '{"select": ["title"], "load": {"user": {"select": ["called", "mood"]}}}');
ALTER TABLE users RENAME called TO name;
SELECT calls();
ALTER TABLE countries RENAME name TO "Name of it";
SELECT orm.first('users', '{"select": ["id"], "order": ["country.name"]}');
SELECT orm.find('posts', 3, '{"select": ["title"], "load": {"user": {"select": ["id"], "load": ["country"]}}}');
ALTER TABLE countries RENAME "Name of it" TO name;
ALTER TABLE countries ADD people int;
SELECT orm.find('posts', 3, '{"select": ["title"], "load": {"user": {"select": ["id"], "load": ["country"]}}}');
ALTER TABLE countries DROP people;
ALTER TYPE mood RENAME TO feeling;
ALTER SCHEMA kept RENAME TO still_kept;
SET search_path = still_kept, public;
SELECT calls();
ALTER SCHEMA still_kept RENAME TO kept;
SET search_path = kept, public;
-- taken back
BEGIN;
ALTER TABLE posts ADD lead text DEFAULT 'new';
SELECT orm.find('posts', 3, '{"load": ["user"]}');
ROLLBACK;
SELECT orm.find('posts', 3, '{"load": ["user"]}');
-- a declaration is a change as well
SELECT orm.has_one('users', 'newest', 'posts', order_by => '{-id}', eager => true);
SELECT orm.find('users', 1, '{"select": ["id"]}');
SELECT orm.has_one('users', 'newest', 'posts', order_by => '{id}', eager => true);
SELECT orm.find('users', 1, '{"select": ["id"]}');
SELECT orm.drop_relation('users', 'newest');
SELECT orm.find('users', 1, '{"select": ["id"]}');

-- what is not the same each time: settings, the time, roles
SELECT orm.scope('users', 'of_tenant', '{"tenant": {"$setting": "kept.tenant"}}', global => true);
SET kept.tenant = 'a';
SELECT orm.list('users', '{"select": ["id"], "load": {"posts": {"select": ["id"], "order": ["id"]}}}');
SET kept.tenant = 'b';
SELECT orm.list('users', '{"select": ["id"], "load": {"posts": {"select": ["id"], "order": ["id"]}}}');
SELECT orm.find('posts', 1, '{"select": ["id"], "load": {"user": {"select": ["id"]}}}'), orm.find('posts', 2, '{"select": ["id"], "load": {"user": {"select": ["id"]}}}'), orm.find('users', 1) IS NULL AS not_theirs;
SELECT orm.drop_scope('users', 'of_tenant');
SELECT orm.scope('users', 'current', '{"$or": [{"until": null}, {"until": {"$gt": "now"}}]}', global => true);
UPDATE users SET until = clock_timestamp() + interval '0.3 s' WHERE id = 1;
SELECT orm.find('users', 1, '{"select": ["id"]}'), orm.find('users', 1) ->> 'name' AS name, orm.find('posts', 1, '{"select": ["id"], "load": {"user": {"select": ["id"]}}}');
SELECT pg_sleep(0.35);
SELECT orm.find('users', 1, '{"select": ["id"]}'), orm.find('users', 1) ->> 'name' AS name, orm.find('posts', 1, '{"select": ["id"], "load": {"user": {"select": ["id"]}}}');
SELECT orm.drop_scope('users', 'current');
SET orm.strict = on;
DROP INDEX posts_user_id_idx;
SELECT orm.list('users', '{"select": ["id"], "order": ["-id"], "load": {"posts": {"select": ["id"], "order": ["id"]}}}');
SET orm.strict = off;
SELECT orm.list('users', '{"select": ["id"], "order": ["-id"], "load": {"posts": {"select": ["id"], "order": ["id"]}}}');
SET orm.strict = on;
SELECT orm.list('users', '{"select": ["id"], "order": ["-id"], "load": {"posts": {"select": ["id"], "order": ["id"]}}}');
RESET orm.strict;
SELECT orm.first('users', '{"select": ["id"], "order": ["id"], "load": {"posts": {"select": ["id"], "order": ["id"], "load": {"user": {"select": ["id"]}}}}}');
SET orm.max_depth = 1;
SELECT orm.first('users', '{"select": ["id"], "order": ["id"], "load": {"posts": {"select": ["id"], "order": ["id"], "load": {"user": {"select": ["id"]}}}}}');
RESET orm.max_depth;
CREATE ROLE kept_reader;
GRANT USAGE ON SCHEMA kept, orm TO kept_reader;
GRANT SELECT ON posts TO kept_reader;
SELECT orm.find('posts', 1, '{"select": ["title"], "load": {"user": {"select": ["name"]}}}');
SET ROLE kept_reader;
SELECT orm.find('posts', 1, '{"select": ["title"], "load": {"user": {"select": ["name"]}}}');
SELECT orm.find('posts', 1, '{"select": ["title"]}');
RESET ROLE;
GRANT SELECT ON users TO kept_reader;
SET ROLE kept_reader;
SELECT orm.find('posts', 1, '{"select": ["title"], "load": {"user": {"select": ["name"]}}}');
RESET ROLE;

-- a role that has the rights of another, and then only its own to some columns
SELECT orm.has_one('users', 'newest', 'posts', order_by => '{-id}');
CREATE ROLE kept_group;
GRANT SELECT ON posts TO kept_group;
CREATE ROLE kept_member IN ROLE kept_group;
GRANT USAGE ON SCHEMA kept, orm TO kept_member;
GRANT SELECT (id) ON users TO kept_member;
GRANT SELECT (id, user_id) ON posts TO kept_member;
SET ROLE kept_member;
SELECT orm.list('users', '{"select": ["id"], "where": {"newest": {"id": 3}}}') FROM generate_series(1, 4);
RESET ROLE;
REVOKE kept_group FROM kept_member;
SET ROLE kept_member;
SELECT orm.list('users', '{"select": ["id"], "where": {"newest": {"id": 3}}}') FROM generate_series(1, 4);
RESET ROLE;
SELECT orm.drop_relation('users', 'newest');

-- documents that differ in the values of their conditions only have one tree
CREATE FUNCTION ids(condition jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(x ->> 'id', ','), '-') FROM orm.fetch('things', jsonb_build_object('where', condition, 'order', '["id"]'::jsonb), '{"load": ["user"]}') x $$;
CREATE TABLE things (id int PRIMARY KEY, n numeric, t text, d date, ts timestamptz, tags text[], mood feeling, doc jsonb, user_id int REFERENCES users);
INSERT INTO things SELECT i, CASE WHEN i <> 8 THEN i / 2.0 END, 't' || i, date '2026-01-01' + i, timestamptz '2026-01-01 12:00+00' + i * interval '1 day', ARRAY['a' || i, 'b'], CASE WHEN i % 2 = 0 THEN 'sad' ELSE 'glad' END::feeling,
	jsonb_build_object('i', i, 's', 's' || i), 1 + i % 2 FROM generate_series(1, 9) i;
SELECT orm.reflect('kept') IS NOT NULL AS reflected LIMIT 1;
SET orm.n_plus_one_threshold = 0;
CREATE TABLE asked (condition jsonb, sql text);
INSERT INTO asked SELECT c.condition::jsonb, c.sql FROM generate_series(1, 9) i, LATERAL (VALUES
	(format('{"id": %s}', i), format('id = %s', i)),
	(format('{"id": {"$gt": %s}, "n": {"$lte": %s}}', i, i / 2.0 + 1), format('id > %s AND n <= %s', i, i / 2.0 + 1)),
	(format('{"n": "%s"}', i / 2.0), format('n = %s', i / 2.0)),
	(format('{"t": {"$ne": "t%s"}}', i), format($q$t <> 't%s'$q$, i)),
	(format('{"t": {"$like": "t%s"}}', i), format($q$t LIKE 't%s'$q$, i)),
	(format('{"t": {"$contains": "%s"}}', i), format($q$t LIKE '%%%s%%'$q$, i)),
	(format('{"id": {"$between": [%s, %s]}}', i, i + 2), format('id BETWEEN %s AND %s', i, i + 2)),
	(format('{"id": %s}', (SELECT json_agg(x) FROM generate_series(1, i, 2) x)), format('id IN (SELECT generate_series(1, %s, 2))', i)),
	(format('{"id": {"$nin": %s}}', (SELECT json_agg(x) FROM generate_series(1, i) x)), format('id > %s', i)),
	(format('{"d": {"$gte": "2026-01-%s"}}', lpad((i + 1)::text, 2, '0')), format('id >= %s', i)),
	(format('{"mood": "%s"}', CASE WHEN i < 5 THEN 'sad' ELSE 'glad' END), format($q$mood = '%s'$q$, CASE WHEN i < 5 THEN 'sad' ELSE 'glad' END)),
	(format('{"tags": ["a%s", "b"]}', i), format('id = %s', i)),
	(format('{"doc": {"i": %s}}', i), format('id = %s', i)),
	(format('{"doc": {"s": {"$in": ["s%s", "s1"]}}}', i), format('id IN (1, %s)', i)),
	(format('{"$or": [{"id": %s}, {"t": "t%s"}]}', i, i % 4), format('id IN (%s, %s)', i, i % 4)),
	(format('{"$not": {"id": %s}, "user": {"id": %s}}', i, 1 + i % 2), format('id <> %s AND user_id = %s', i, 1 + i % 2)),
	(CASE WHEN i % 2 = 0 THEN '{"n": null}' ELSE format('{"n": %s}', i / 2.0) END, CASE WHEN i % 2 = 0 THEN 'n IS NULL' ELSE format('n = %s', i / 2.0) END),
	(CASE WHEN i % 3 = 0 THEN format('{"id": "%s"}', i) ELSE format('{"id": {"$eq": {"$value": %s}}}', i) END, format('id = %s', i)),
	(format('{"id": {"$lt": %s}, "user": {"things": {"$some": {"id": {"$gte": %s}}}}}', i, 10 - i), format('id < %s AND user_id IN (SELECT user_id FROM things WHERE id >= %s)', i, 10 - i)),
	(format('{"user": {"things": {"$count": {"$gte": %s}}}}', i % 3 * 2), format('user_id IN (SELECT user_id FROM things GROUP BY 1 HAVING count(*) >= %s)', i % 3 * 2))) AS c (condition, sql);
CREATE FUNCTION by_hand(condition text) RETURNS text LANGUAGE plpgsql AS
$$ DECLARE found text; BEGIN EXECUTE 'SELECT coalesce(string_agg(id::text, '','' ORDER BY id), ''-'') FROM things WHERE ' || condition INTO found; RETURN found; END $$;
SELECT count(*), count(*) FILTER (WHERE ids(condition) IS DISTINCT FROM by_hand(sql)) AS wrong FROM (SELECT * FROM asked, generate_series(1, 3) ORDER BY random()) a;
SELECT DISTINCT condition, ids(condition), by_hand(sql) FROM asked WHERE ids(condition) IS DISTINCT FROM by_hand(sql);
SELECT count(*), count(*) FILTER (WHERE orm.count('things', where_is) <> found OR orm.exists('things', where_is) <> (found > 0)) AS wrong
FROM (SELECT jsonb_build_object('where', condition) AS where_is, coalesce(array_length(string_to_array(nullif(by_hand(sql), '-'), ','), 1), 0) AS found FROM asked, generate_series(1, 3) ORDER BY random()) a;
SELECT count(DISTINCT condition) AS conditions, trees() BETWEEN 15 AND 128 AS few FROM asked;
-- what is wrong with a value is said as ever, at its place; and so is a value of another kind
SELECT ids('{"id": 1}'), ids('{"id": 2}');
SELECT ids('{"id": 1e30}');
SELECT ids('{"id": "x"}');
SELECT ids('{"id": true}');
SELECT ids('{"id": [1, null]}');
SELECT ids('{"id": [3, 4]}'), ids('{"id": []}'), ids('{"id": [5]}');
SELECT ids('{"id": [3, "y"]}');
SELECT ids('{"mood": "glad"}'), ids('{"mood": "none"}');
-- a time is read anew, as what it is at the time
SELECT ids('{"ts": {"$lt": "2026-01-03 12:00+00"}}'), ids('{"ts": {"$lt": "2026-01-05 12:00+00"}}');
SET TimeZone = 'UTC';
SELECT ids('{"ts": {"$lte": "2026-01-03 10:00"}}');
SET TimeZone = 'America/New_York';
SELECT ids('{"ts": {"$lte": "2026-01-03 10:00"}}');
RESET TimeZone;
-- values of a document are not kept with it, nor mixed up
SELECT orm.first('users', jsonb_build_object('where', jsonb_build_object('until', jsonb_build_object('$null', i = 2)), 'select', '["id"]'::jsonb, 'order', '["id"]'::jsonb)) FROM generate_series(1, 2) i;
SELECT orm.list('users', jsonb_build_object('limit', i, 'select', '["id"]'::jsonb, 'order', '["id"]'::jsonb)) FROM generate_series(0, 2) i;
-- a cursor goes on although its tree was thrown out meanwhile, and although others run in between
SET orm.plan_cache_size = '1MB';
SET orm.window_size = 1;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('users', '{"select": ["name"], "order": ["id"], "load": {"posts": {"order": ["-id"], "limit": 1, "select": ["title"]}}}');
FETCH c;
SELECT count(orm.find('posts', 1, jsonb_build_object('load', '["user"]'::jsonb, 'limit', 1 + i % 300))) FROM generate_series(1, 1200) i;
SELECT orm.fetch('users', '{"select": ["name"], "order": ["id"], "load": {"posts": {"order": ["-id"], "limit": 1, "select": ["title"]}}}');
FETCH c;
FETCH c;
COMMIT;
RESET orm.window_size;
-- bounded: an eighth of what is set for plans, and with these no more than that
SELECT trees() BETWEEN 3 AND 100 AS few, sum(total_bytes) <= 1024 * 1024 / 8 AS small FROM pg_backend_memory_contexts WHERE name = 'orm load tree';
DROP SCHEMA kept CASCADE;
DROP OWNED BY kept_reader, kept_group, kept_member;
DROP ROLE kept_reader, kept_group, kept_member;
