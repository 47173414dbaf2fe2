-- Lazy relations: the first touch loads for the whole window, further ones touch no table.
SET client_min_messages = warning;
CREATE SCHEMA lazy;
SET search_path = lazy, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id bigint PRIMARY KEY, name text, boss_id bigint REFERENCES users);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE posts (id int PRIMARY KEY, author_id bigint REFERENCES users, title text);
CREATE TABLE comments (id int PRIMARY KEY, post_id int REFERENCES posts, body text);
CREATE TABLE groups (id int PRIMARY KEY, label text);
CREATE TABLE user_group (user_id bigint REFERENCES users, group_id int REFERENCES groups, role text, PRIMARY KEY (user_id, group_id));
CREATE INDEX ON posts (author_id);
CREATE INDEX ON comments (post_id);
CREATE INDEX ON users (boss_id);
INSERT INTO users VALUES (1, 'Ada', NULL), (2, 'Grace', 1), (3, 'Linus', 1);
INSERT INTO profiles VALUES (1, 'first');
INSERT INTO posts VALUES (10, 1, 'Engines'), (11, 1, 'Numbers'), (12, 2, 'Compilers'), (13, NULL, 'Lost');
INSERT INTO comments VALUES (100, 10, 'a'), (101, 10, 'b'), (102, 12, 'c');
INSERT INTO groups VALUES (1, 'math'), (2, 'navy');
INSERT INTO user_group VALUES (1, 1, 'owner'), (2, 1, 'member'), (2, 2, 'owner');
SELECT count(*) FROM orm.reflect('lazy');
SELECT orm.has_many('users', 'posts', 'posts', lazy => true), orm.has_one('users', 'profile', 'profiles', lazy => true),
	orm.belongs_to('users', 'boss', 'users', foreign_key => '{boss_id}', lazy => true), orm.many_to_many('users', 'groups', 'groups', lazy => true),
	orm.belongs_to('posts', 'author', 'users', lazy => true), orm.has_many('posts', 'comments', 'comments', lazy => true);
CREATE FUNCTION calls(pattern text) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(calls), 0) FROM orm.stats WHERE statement LIKE pattern $$;
SELECT orm.list('users') IS NOT NULL, orm.list('users', '{"load": ["posts", "profile", "boss", "groups"]}') IS NOT NULL;

-- left out of the JSON; naming it loads it
SELECT orm.find('users', 1), orm.find('users', 1, '{"load": ["profile"], "select": ["name"]}');
SELECT orm.load('users', '{"id": 1}', '{"load": ["profile"]}');

-- one statement for the window, none for the rest of it
BEGIN;
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.list('users', '{"select": ["name"]}');
SELECT calls('% lazy.posts AS t%') - :before AS untouched;
SELECT orm.lazy('users', 1, 'posts');
SELECT orm.lazy('users', 2, 'posts'), orm.lazy('users', 3, 'posts'), orm.lazy('users', '1', 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS touched;
-- a missing one is null, and is not asked for again
SELECT calls('% lazy.profiles AS t%') AS before \gset
SELECT orm.lazy('users', 2, 'profile'), orm.lazy('users', 1, 'profile'), orm.lazy('users', 2, 'profile');
SELECT calls('% lazy.profiles AS t%') - :before AS profiles;
SELECT calls('%JOIN lazy.groups AS t%') AS before \gset
SELECT orm.lazy('users', 2, 'groups'), orm.lazy('users', 1, 'groups'), orm.lazy('users', 3, 'groups');
SELECT calls('%JOIN lazy.groups AS t%') - :before AS groups;
COMMIT;

-- a belongs_to starts from what was read with the window, also where that was not selected
BEGIN;
SELECT orm.list('posts', '{"select": ["title"], "order": ["id"]}');
SELECT calls('% lazy.users AS t%') AS users, calls('% lazy.posts AS t%') AS posts \gset
SELECT orm.lazy('posts', 10, 'author'), orm.lazy('posts', 12, 'author'), orm.lazy('posts', 13, 'author'), orm.lazy('posts', 11, 'author');
SELECT calls('% lazy.users AS t%') - :users AS users, calls('% lazy.posts AS t%') - :posts AS posts;
-- what was loaded lazily is a window in turn
SELECT orm.lazy('users', 2, 'boss'), orm.lazy('users', 1, 'boss');
SELECT calls('% lazy.users AS t%') - :users AS users;
COMMIT;

-- entities that came with others are a window as well
BEGIN;
SELECT orm.list('users', '{"select": ["name"], "load": {"posts": {"select": ["title"]}}}');
SELECT calls('% lazy.comments AS t%') AS before \gset
SELECT orm.lazy('posts', 12, 'comments'), orm.lazy('posts', 10, 'comments'), orm.lazy('posts', 11, 'comments');
SELECT calls('% lazy.comments AS t%') - :before AS comments;
COMMIT;

-- an entity in no window is one by itself; the newest window that holds it counts
BEGIN;
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.lazy('users', 1, 'posts'), orm.lazy('users', 1, 'posts'), orm.lazy('users', 2, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS two_alone;
SELECT orm.list('users', '{"where": {"id": [1, 2]}, "select": ["id"]}'), orm.list('users', '{"where": {"id": [2, 3]}, "select": ["id"]}');
SELECT orm.lazy('users', 2, 'posts'), orm.lazy('users', 3, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS one_for_the_newer;
SELECT orm.lazy('users', 1, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS one_for_the_older;
COMMIT;
-- nobody is there, nothing is asked
SELECT orm.lazy('users', 99, 'posts'), orm.lazy('users', 99, 'profile'), orm.lazy('users', NULL, 'posts'), orm.lazy('users', 'null'::jsonb, 'profile');
BEGIN;
SELECT orm.list('users', '{"where": {"id": 99}}');
SELECT orm.lazy('posts', 13, 'author');
COMMIT;

-- every way of reading makes windows
CREATE PROCEDURE reads(reading text) LANGUAGE plpgsql AS $$
DECLARE before numeric := lazy.calls('% lazy.posts AS t%');
BEGIN
	EXECUTE 'SELECT count(s::text) FROM (' || reading || ') AS s';
	PERFORM orm.lazy('users', 1, 'posts'), orm.lazy('users', 2, 'posts'), orm.lazy('users', 3, 'posts');
	RAISE WARNING '%: %', reading, lazy.calls('% lazy.posts AS t%') - before;
	COMMIT;
END $$;
SET orm.window_size = 100;
CALL reads($$SELECT orm.fetch('users')$$);
CALL reads($$SELECT orm.list('users')$$);
CALL reads($$SELECT orm.paginate('users')$$);
CALL reads($$SELECT orm.hydrate(u) FROM users u$$);
CALL reads($$SELECT orm.collect(u) FROM users u$$);
CALL reads($$SELECT orm.collect(q, '{"entity": "users"}') FROM (SELECT id, name FROM users) q$$);
CALL reads($$SELECT orm.hydrate_query('users', 'SELECT id::int, name FROM lazy.users')$$);
CALL reads($$SELECT orm.list('posts', '{"load": ["author.boss"], "where": {"id": 12}}')$$);
CALL reads($$SELECT orm.load('posts', '[{"author_id": 1}, {"author_id": 2}, {"author_id": 3}]', '{"load": ["author"]}')$$);
CALL reads($$SELECT * FROM orm.related('users', '[2]', 'boss', '{"load": ["users"]}')$$);
-- without the key there is nothing to remember
CALL reads($$SELECT orm.hydrate_query('users', 'SELECT name FROM lazy.users')$$);

-- touched in the middle of reading
DO $$
DECLARE before numeric := lazy.calls('% lazy.posts AS t%'); u json; n int := 0;
BEGIN
	FOR u IN SELECT orm.fetch('users', '{"order": ["id"]}') LOOP
		n := n + json_array_length(orm.lazy('users', (u ->> 'id')::bigint, 'posts'));
	END LOOP;
	RAISE WARNING '% posts by % statement', n, lazy.calls('% lazy.posts AS t%') - before;
END $$;
RESET orm.window_size;

-- any write of this transaction is seen
BEGIN;
SELECT orm.list('users', '{"select": ["id"]}'), orm.list('posts', '{"select": ["id"]}');
SELECT orm.lazy('users', 3, 'posts'), orm.lazy('posts', 13, 'author');
INSERT INTO posts VALUES (14, 3, 'New');
UPDATE posts SET author_id = 3 WHERE id = 13;
SELECT orm.lazy('users', 3, 'posts'), orm.lazy('posts', 13, 'author') ->> 'name';
DO $$ BEGIN DELETE FROM lazy.posts WHERE id = 14; END $$;
SELECT orm.lazy('users', 3, 'posts');
TRUNCATE lazy.comments;
SELECT orm.lazy('posts', 10, 'comments');
ROLLBACK;

-- a savepoint that is rolled back takes along what was read under it
BEGIN;
SELECT orm.list('users', '{"where": {"id": [1, 2]}, "select": ["id"]}');
SAVEPOINT s;
INSERT INTO users VALUES (4, 'Ken', 1);
INSERT INTO posts VALUES (15, 4, 'Unix'), (16, 1, 'Gone');
SELECT orm.list('users', '{"select": ["id"]}');
SELECT orm.lazy('users', 4, 'posts'), orm.lazy('users', 1, 'posts');
ROLLBACK TO s;
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.lazy('users', 1, 'posts'), orm.lazy('users', 2, 'posts'), orm.lazy('users', 4, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS the_outer_window_and_one;
SAVEPOINT s;
SELECT orm.list('users', '{"select": ["id"]}');
RELEASE s;
SELECT orm.lazy('users', 3, 'posts'), orm.lazy('users', 2, 'posts'), orm.lazy('users', 1, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS one_more;
COMMIT;

-- a window ends with its transaction
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.lazy('users', 1, 'posts');
SELECT orm.lazy('users', 2, 'posts');
SELECT calls('% lazy.posts AS t%') - :before AS each_alone;

-- settings that show in what is printed
INSERT INTO users VALUES (9007199254740993, 'Far', NULL);
INSERT INTO posts VALUES (17, 9007199254740993, 'Afar');
BEGIN;
SELECT orm.list('posts', '{"select": ["id"]}');
SELECT orm.lazy('posts', 17, 'author');
SET LOCAL orm.json_numbers = safe;
SELECT orm.lazy('posts', 17, 'author');
SET LOCAL orm.json_numbers = exact;
SELECT orm.lazy('posts', 17, 'author');
COMMIT;

-- conditions, orders, scopes and eager relations hold, and a setting that one reads
SELECT orm.has_many('users', 'own', 'posts', foreign_key => '{author_id}', lazy => true, order_by => '{-title}', condition => '{"title": {"$ne": {"$setting": "lazy.skipped"}}}');
SELECT orm.has_many('posts', 'said', 'comments', eager => true);
BEGIN;
SET LOCAL lazy.skipped = 'Engines';
SELECT orm.list('users', '{"select": ["id"]}');
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.lazy('users', 1, 'own'), orm.lazy('users', 2, 'own');
SELECT calls('% lazy.posts AS t%') - :before AS one;
SET LOCAL lazy.skipped = 'Numbers';
SELECT orm.lazy('users', 1, 'own'), orm.lazy('users', 2, 'own');
SELECT calls('% lazy.posts AS t%') - :before AS two;
COMMIT;
SELECT orm.drop_relation('posts', 'said'), orm.drop_relation('users', 'own');

-- keys of other types, and of several columns
CREATE TABLE orders (shop int, no numeric, PRIMARY KEY (shop, no));
CREATE TABLE lines (id int PRIMARY KEY, shop int, order_no numeric, FOREIGN KEY (shop, order_no) REFERENCES orders);
CREATE INDEX ON lines (shop, order_no);
INSERT INTO orders VALUES (1, 1.50), (1, 2), (2, 1.5);
INSERT INTO lines VALUES (1, 1, 1.5), (2, 1, 1.500), (3, 2, 1.5), (4, NULL, 2);
SELECT orm.entity('orders', 'orders'), orm.entity('lines', 'lines');
SELECT orm.has_many('orders', 'lines', 'lines', lazy => true), orm.belongs_to('lines', 'order', 'orders', lazy => true);
BEGIN;
SELECT orm.list('orders'), orm.list('lines', '{"select": ["id"]}');
SELECT calls('% lazy.lines AS t%') AS lines, calls('% lazy.orders AS t%') AS orders \gset
SELECT orm.lazy('orders', '{"shop": 1, "no": 1.5000}', 'lines'), orm.lazy('orders', '{"no": "1.5", "shop": 2}'::jsonb, 'lines');
SELECT orm.lazy('lines', 4, 'order'), orm.lazy('lines', 2::smallint, 'order'), orm.lazy('lines', 3::numeric, 'order');
SELECT calls('% lazy.lines AS t%') - :lines AS lines, calls('% lazy.orders AS t%') - :orders AS orders;
COMMIT;

-- memory: what does not fit is loaded in parts, and never twice in a row of touches
CREATE TABLE big (id int PRIMARY KEY);
CREATE TABLE part (id int PRIMARY KEY, big_id int REFERENCES big, filler text);
CREATE INDEX ON part (big_id);
INSERT INTO big SELECT generate_series(1, 500);
INSERT INTO part SELECT i, i, repeat('x', 1000) FROM generate_series(1, 500) AS i;
SELECT orm.entity('big', 'big'), orm.entity('part', 'part');
SELECT orm.has_many('big', 'part', 'part', lazy => true);
SET work_mem = '64kB';
SET orm.window_size = 1000;
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('big') OFFSET 0) AS s;
SELECT calls('% lazy.part AS t%') AS before \gset
SELECT sum(json_array_length(orm.lazy('big', i, 'part'))) FROM generate_series(1, 500) AS i;
SELECT calls('% lazy.part AS t%') - :before BETWEEN 8 AND 32 AS in_parts;
SELECT sum(total_bytes) <= 65536 + 16384 AS within FROM pg_backend_memory_contexts WHERE name LIKE 'orm lazy%';
COMMIT;
SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'orm lazy%';
-- nor is more read at once than may be expected to fit a few times
TRUNCATE part;
INSERT INTO part SELECT i, 1 + i % 500, repeat('x', 1000) FROM generate_series(1, 5000) AS i;
ANALYZE part;
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('big') OFFSET 0) AS s;
SELECT sum(rows) AS before FROM orm.stats WHERE statement LIKE '% lazy.part AS t%' \gset
SELECT json_array_length(orm.lazy('big', 1, 'part'));
SELECT sum(rows) - :before BETWEEN 10 AND 1000 AS a_part FROM orm.stats WHERE statement LIKE '% lazy.part AS t%';
COMMIT;
TRUNCATE part;
INSERT INTO part SELECT i, i, repeat('x', 1000) FROM generate_series(1, 500) AS i;
-- the oldest window goes first
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('users') OFFSET 0) AS s;
SELECT count(*) FROM (SELECT orm.fetch('big', '{"where": {"id": {"$lte": 250}}}') OFFSET 0) AS s;
SELECT count(*) FROM (SELECT orm.fetch('big', '{"where": {"id": {"$gt": 250}}}') OFFSET 0) AS s;
SELECT sum(json_array_length(orm.lazy('big', i, 'part'))) FROM generate_series(251, 300) AS i;
SELECT sum(total_bytes) <= 65536 + 16384 AS within FROM pg_backend_memory_contexts WHERE name LIKE 'orm lazy%';
SELECT calls('% lazy.posts AS t%') AS before \gset
SELECT orm.lazy('users', 1, 'posts') IS NOT NULL, orm.lazy('users', 2, 'posts') IS NOT NULL;
SELECT calls('% lazy.posts AS t%') - :before AS each_alone;
COMMIT;
RESET work_mem;

-- 1,000 entities and 1,000 calls are one statement
INSERT INTO big SELECT generate_series(501, 1000);
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('big') OFFSET 0) AS s;
SELECT sum(calls) AS before FROM orm.stats \gset
SELECT sum(json_array_length(orm.lazy('big', i, 'part'))) FROM generate_series(1, 1000) AS i;
SELECT sum(calls) - :before AS statements FROM orm.stats;
COMMIT;
-- one call may read so many rows, and a call for a window as many for each of it
SET orm.max_rows = 1000;
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('big') OFFSET 0) AS s;
SELECT json_array_length(orm.lazy('big', 1, 'part'));
COMMIT;
RESET orm.max_rows;
RESET orm.window_size;
-- entities without lazy relations remember nothing
BEGIN;
SELECT count(*) FROM (SELECT orm.fetch('part') OFFSET 0) AS s;
SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'orm lazy%';
COMMIT;

-- a table made in this transaction may be emptied without a trace: each touch reads
BEGIN;
CREATE TABLE young (id int PRIMARY KEY, user_id bigint REFERENCES users);
CREATE INDEX ON young (user_id);
INSERT INTO young VALUES (1, 1), (2, 2);
SELECT orm.entity('young', 'young'), orm.has_many('users', 'young', 'young', lazy => true);
SELECT orm.list('users', '{"select": ["id"]}');
SELECT orm.lazy('users', 1, 'young');
TRUNCATE young;
SELECT orm.lazy('users', 1, 'young');
ROLLBACK;

-- errors
\set VERBOSITY terse
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, detail, hint;
END $$;
CALL raises($$orm.lazy('comments', 100, 'post')$$);
CALL raises($$orm.lazy('users', 1, 'name')$$);
CALL raises($$orm.lazy('users', 1, 'post')$$);
CALL raises($$orm.lazy('users', 1, 'posts.comments')$$);
CALL raises($$orm.lazy('user', 1, 'posts')$$);
CALL raises($$orm.lazy(NULL, 1, 'posts')$$);
CALL raises($$orm.lazy('users', 1, NULL)$$);
CALL raises($$orm.lazy('users', 'x', 'posts')$$);
CALL raises($$orm.lazy('users', '{"name": "Ada"}'::jsonb, 'posts')$$);
CALL raises($$orm.lazy('users', '[1]'::jsonb, 'posts')$$);
CALL raises($$orm.lazy('orders', 1, 'lines')$$);
CALL raises($$orm.lazy('orders', '{"shop": 1}', 'lines')$$);
CREATE VIEW failing AS SELECT id, author_id, 1 / (author_id - 2) AS n FROM posts;
SELECT orm.entity('failing', 'failing', key => '{id}'), orm.has_many('users', 'failing', 'failing', foreign_key => '{author_id}', lazy => true);
CALL raises($$orm.lazy('users', 2, 'failing')$$);

-- as the caller, where nothing may be written
CREATE ROLE lazy_reader;
GRANT USAGE ON SCHEMA lazy TO lazy_reader;
GRANT SELECT ON users, posts TO lazy_reader;
SET ROLE lazy_reader;
BEGIN READ ONLY;
SELECT orm.list('users', '{"select": ["id"]}');
SELECT orm.lazy('users', 1, 'posts');
COMMIT;
CALL lazy.raises($$orm.lazy('users', 1, 'profile')$$);
RESET ROLE;
-- what is remembered besides is not asked of whoever may not read it
REVOKE SELECT ON users FROM lazy_reader;
GRANT SELECT (id, name) ON users TO lazy_reader;
SET ROLE lazy_reader;
BEGIN;
SELECT orm.list('users', '{"select": ["id"]}'), orm.find('users', 1, '{"select": ["name"]}');
SELECT orm.lazy('users', 1, 'posts'), orm.lazy('users', 2, 'posts');
COMMIT;
CALL lazy.raises($$orm.lazy('users', 1, 'boss')$$);
RESET ROLE;
REVOKE SELECT ON users FROM lazy_reader;
GRANT SELECT (name) ON users TO lazy_reader;
SET ROLE lazy_reader;
SELECT orm.list('users', '{"select": ["name"], "where": {"name": "Ada"}}');
RESET ROLE;
-- rows that another role's cursor gives are no way to what one may not read oneself
REVOKE SELECT ON posts, users FROM lazy_reader;
GRANT SELECT (id, title) ON posts TO lazy_reader;
GRANT SELECT ON users TO lazy_reader;
SET orm.window_size = 2;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('posts', '{"select": ["id"], "order": ["id"]}');
FETCH 1 FROM c;
SET LOCAL ROLE lazy_reader;
FETCH 3 FROM c;
CALL lazy.raises($$orm.lazy('posts', 10, 'author')$$);
CALL lazy.raises($$orm.lazy('posts', 12, 'author')$$);
COMMIT;
RESET orm.window_size;

DROP SCHEMA lazy CASCADE;
DROP OWNED BY lazy_reader;
DROP ROLE lazy_reader;
