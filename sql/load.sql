-- Relations for entities at hand: what they lack is added, all else stays as it is.
SET client_min_messages = warning;
CREATE SCHEMA load;
SET search_path = load, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id bigint PRIMARY KEY, name text, boss_id bigint REFERENCES users);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text);
CREATE TABLE comments (id int PRIMARY KEY, post_id bigint REFERENCES posts, body text);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id int REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));
CREATE INDEX ON posts (user_id);
CREATE INDEX ON comments (post_id);
INSERT INTO users VALUES (1, 'Ada', NULL), (2, 'Bo', 1), (3, 'Cy', 1), (9007199254740992, 'even', 2), (9007199254740993, 'odd', 3);
INSERT INTO profiles VALUES (1, 'first'), (3, 'third');
INSERT INTO posts VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three'), (4, 9007199254740993, 'four'), (5, NULL, 'five');
INSERT INTO comments SELECT i, 1 + i % 5, 'c' || i FROM generate_series(1, 10) AS i;
INSERT INTO tags VALUES (1, 'x'), (2, 'y');
INSERT INTO post_tag VALUES (1, 1, 10), (1, 2, 20), (3, 2, 30);
SELECT count(*) FROM orm.reflect('load');

-- one object, an array, nulls; json, jsonb and text
SELECT orm.load('users', '{"id": 1}', '{"load": ["posts"]}');
SELECT orm.load('users', '{"id": 1}'::json, '{"load": ["posts"]}');
SELECT orm.load('users', '{"name": "Ada", "id": 1}'::jsonb, '{"load": ["posts"]}');
SELECT orm.load('users', '{"id": 1}'::varchar, '{"load": ["posts"]}');
SELECT orm.load('users', '[{"id": 2}, null, {"id": 1}, {"id": 7}]', '{"load": ["posts"]}');
SELECT orm.load('users', '[]', '{"load": ["posts"]}');
SELECT orm.load('users', '[null]', '{"load": ["posts"]}');
SELECT orm.load('users', 'null', '{"load": ["posts"]}');
SELECT orm.load('users', NULL, '{"load": ["posts"]}') IS NULL;
SELECT orm.load('users', orm.find('users', 99), '{"load": ["posts"]}') IS NULL;
SELECT orm.load('users', '[ {"id": 1} ]');
SELECT orm.load('users', '{"id": 1}', '{"load": ["profiles"]}', '{"load": {"posts": {"limit": 1, "select": ["title"]}}}');
PREPARE loading (text) AS SELECT orm.load('users', $1, '{"load": ["profiles"]}');
EXECUTE loading('{"id": 3}');
EXECUTE loading('{"id": 2}');

-- to-one, to-many, many-to-many with its pivot; a null key
SELECT orm.load('posts', '[{"id": 1, "user_id": 1}, {"id": 3, "user_id": 2}, {"id": 5, "user_id": null}, {"id": 9, "user_id": 99}]',
	'{"load": ["user", "tags"]}');
SELECT orm.load('users', '[{"id": null}]', '{"load": ["posts", "profiles"]}');
-- inside relations everything holds
SELECT orm.load('users', '[{"id": 1}, {"id": 2}]',
	'{"load": {"posts": {"where": {"title": {"$ne": "one"}}, "order": ["-title"], "limit": 1, "load": ["tags"]}}}');
SELECT orm.load('users', '[{"id": 1}, {"id": 2}]', orm.with('posts', orm.order('-title'), orm.limit(1), orm.select('title')));

-- what is there stays, byte for byte, and is gone into
SELECT orm.load('users', '[{"id": 1, "posts": [{"id": 77}]}, {"id": 2}]', '{"load": ["posts"]}');
SELECT orm.load('users', '[{"id": 1, "posts": [ {"id": 1}, {"id": 2,"comments":[]}, null, 5, "x", [] ]}, {"id": 2}, {"id": 3, "posts": []}]',
	'{"load": ["posts.comments", "posts.tags"]}');
SELECT orm.load('posts', '[{"user": null}, {"user": {"id": 1}}, {"user": {"id": 2, "profiles": null}}, {"user_id": 3}, {"user": 4}]',
	'{"load": ["user.profiles"]}');
SELECT orm.load('users', '{"id": 1, "posts": {"id": 1}}', '{"load": ["posts.tags"]}');
SELECT orm.load('users', E'[\n  {\n    "id" : 1.0e0,\n    "name": "a \\u00e9 \\" } ]",  "n": 1.500e+03\n  },\n\t{ "id":2 , "id" : 1 }\n]\n', '{"load": ["profiles"]}');
SELECT orm.load('users', E'[\n  {\n    "id" : 1,\n    "name": "a \\u00e9 \\" } ]",  "n": 1.500e+03\n  },\n\t{ "id":2 , "id" : 1 }\n]\n', '{"load": ["profiles"]}');
-- of several members of one name the last counts
SELECT orm.load('users', '{"id": 1, "posts": [{"id": 1}], "posts": [{"id": 2}]}', '{"load": ["posts.tags"]}');
-- one entity several times
SELECT orm.load('users', '[{"id": 1}, {"id": 1}, {"id": 2}, {"id": 1}]', '{"load": ["profiles"]}');
-- doing it again changes nothing
SELECT once::text = orm.load('users', once, '{"load": ["posts.comments", "posts.tags", "profiles"]}')::text
	FROM orm.load('users', orm.list('users'), '{"load": ["posts.comments", "posts.tags", "profiles"]}') AS once;

-- keys are exact, whatever their type
SELECT orm.load('users', '[{"id": 9007199254740992}, {"id": 9007199254740993}, {"id": "9007199254740993"}]', '{"load": ["posts"]}');
CREATE TABLE accounts (no numeric PRIMARY KEY, label text);
CREATE TABLE entries (id int PRIMARY KEY, account numeric REFERENCES accounts, at timestamptz);
CREATE INDEX ON entries (account);
INSERT INTO accounts VALUES (0.1234567890123456789012345678901, 'long'), (0.1234567890123456789012345678902, 'other'), (2.50, 'scale'), ('NaN', 'nan');
INSERT INTO entries VALUES (1, 0.1234567890123456789012345678901), (2, 2.5), (3, 'NaN');
CREATE TABLE orders (shop int, no text, PRIMARY KEY (shop, no));
CREATE TABLE lines (id int PRIMARY KEY, shop int, order_no text, FOREIGN KEY (shop, order_no) REFERENCES orders);
CREATE INDEX ON lines (shop, order_no);
INSERT INTO orders VALUES (1, 'a"\'), (1, 'é'), (2, 'a"\');
INSERT INTO lines VALUES (1, 1, 'a"\'), (2, 1, 'é'), (3, 2, 'a"\'), (4, 1, 'a"\');
SELECT count(*) FROM orm.reflect('load');
SELECT orm.load('accounts', '[{"no": 0.1234567890123456789012345678901}, {"no": 0.1234567890123456789012345678902}, {"no": 2.5000}, {"no": "NaN"}]',
	'{"load": {"entries": {"select": ["id"]}}}');
SELECT orm.load('orders', '[{"shop": 1, "no": "a\"\\"}, {"shop": 1, "no": "\u00e9"}, {"no": "a\u0022\u005c", "shop": 2}, {"shop": null, "no": "x"}]',
	'{"load": {"lines": {"select": ["id"]}}}');
SELECT orm.load('lines', '[{"shop": 1, "order_no": "é"}]', orm.with('orders'));
SELECT orm.load('orders', orm.list('orders'), '{"load": ["lines"]}')::jsonb = orm.list('orders', '{"load": ["lines"]}')::jsonb;

-- names that JSON has to escape
CREATE TABLE odd ("the ""id""" int PRIMARY KEY, "Größe\" text);
CREATE TABLE odder (id int PRIMARY KEY, "odd ""é""_id" int REFERENCES odd);
CREATE INDEX ON odder ("odd ""é""_id");
INSERT INTO odd VALUES (1, 'x');
INSERT INTO odder VALUES (1, 1);
SELECT count(*) FROM orm.reflect('load');
SELECT orm.load('odder', orm.list('odder'), '{"load": ["\"odd \"\"é\"\"\""]}');
SELECT orm.load('odder', '[{"odd \u0022\u00e9\"_id": 1}, {"odd \"\u00c9\"_id": 2, "odd \u0022é\u0022_id": 1, "odd \"\\u00e9": 3}, {"odd \"\u00E9\"": "kept"}]',
	'{"load": ["\"odd \"\"é\"\"\""]}');
-- escapes that stand for nothing are nobody's name, and no key
SELECT orm.load('users', '{"\u0000": 1, "\ud83d": 2, "p\ud83d\ude00": 3, "id": 1}'::json, '{"load": ["profiles"]}');
SELECT orm.load('orders', '{"shop": 1, "no": "\u0000"}', '{"load": ["lines"]}');
SELECT orm.load('orders', '{"shop": 1, "no": "\ud83d"}'::json, '{"load": ["lines"]}');
SELECT orm.load('orders', '{"shop": 1, "no": "\ud83d\ude00"}'::json, '{"load": ["lines"]}');

-- an eager relation comes with what is loaded, and is not forced on what is there
SELECT orm.has_one('posts', 'writer', 'users', foreign_key => '{id}', local_key => '{user_id}', eager => true);
SELECT orm.load('posts', '{"id": 1}', '{"load": ["tags"]}');
SELECT orm.load('users', '[{"id": 2}, {"id": 1, "posts": [{"id": 2}]}]', '{"load": {"posts": {"load": ["tags"]}}}');
SELECT orm.load('posts', '{"id": 1, "user_id": 1}', '{"load": ["writer"]}');
SELECT orm.drop_relation('posts', 'writer');

-- as deep as it may go, and no deeper
SELECT orm.load('users', '{"id": 9007199254740993, "boss_id": 3}', '{"load": ["boss.boss.boss"]}');
SELECT orm.load('users', '{"boss": {"boss": {"boss_id": 3}}}', '{"load": ["boss.boss.boss.boss"]}');
SET orm.max_depth = 2;
SELECT orm.load('users', '{"id": 1, "boss_id": 1}', '{"load": ["boss.boss.boss"]}');
RESET orm.max_depth;
SELECT length(orm.load('users', ('{"id": 1, "x": ' || repeat('[', 5000) || repeat(']', 5000) || '}')::json, '{"load": ["profiles"]}')::text);

-- loading later gives what loading at once gives
SELECT path, orm.load('users', orm.list('users', '{"order": ["id"]}'), orm.with(path))::text
	= orm.list('users', '{"order": ["id"]}', orm.with(path))::text AS same
FROM unnest('{posts,profiles,boss,posts.comments,posts.tags.posts,posts.user.profiles,boss.boss.posts.comments}'::text[]) AS path;
SELECT path, orm.load('users', orm.list('users', '{"order": ["id"]}', orm.with('posts')), orm.with(path))::jsonb
	= orm.list('users', '{"order": ["id"]}', orm.with('posts'), orm.with(path))::jsonb AS same
FROM unnest('{posts,profiles,posts.comments,posts.tags.posts,posts.user.profiles}'::text[]) AS path;
SELECT bool_and(orm.load('posts', p, '{"load": ["user.boss", "comments", "tags"]}')::text = orm.find('posts', p ->> 'id', '{"load": ["user.boss", "comments", "tags"]}')::text)
	FROM orm.fetch('posts') AS p;

-- many entities
CREATE TABLE many (id int PRIMARY KEY, next_id int REFERENCES many);
INSERT INTO many SELECT i, NULL FROM generate_series(1, 3000) AS i;
UPDATE many SET next_id = id % 3000 + 1;
SELECT orm.entity('many', 'many');
SELECT count(*), bool_and((e -> 'next' ->> 'id')::int = (e ->> 'next_id')::int)
	FROM json_array_elements(orm.load('many', orm.list('many'), '{"load": ["next"]}')) AS e;

-- one statement per relation and level, for what is loaded and what is there together
CREATE SEQUENCE statements;
CREATE VIEW counted_posts AS SELECT * FROM posts WHERE (SELECT nextval('load.statements')) > 0;
CREATE VIEW counted_comments AS SELECT * FROM comments WHERE (SELECT nextval('load.statements')) > 0;
SELECT orm.entity('cp', 'counted_posts', key => '{id}'), orm.entity('cc', 'counted_comments', key => '{id}');
SELECT orm.has_many('users', 'cps', 'cp', foreign_key => '{user_id}');
SELECT orm.has_many('cp', 'ccs', 'cc', foreign_key => '{post_id}');
SELECT setval('statements', 1, false) AS _ \gset
SELECT orm.load('users', '[{"id": 1}, {"cps": [{"id": 3}]}, {"id": 2}, {"cps": [{"ccs": []}, {"id": 1}]}]', '{"load": {"cps": {"select": ["id"], "load": {"ccs": {"select": ["id"]}}}}}');
SELECT last_value, is_called FROM statements;
SELECT setval('statements', 1, false) AS _ \gset
SELECT orm.load('users', '[{"cps": [{"ccs": []}]}]', '{"load": ["cps.ccs"]}');
SELECT last_value, is_called FROM statements;

-- errors
\set VERBOSITY verbose
\set SHOW_CONTEXT errors
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text; context text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
	RAISE WARNING E'%: %\n%\n%\n%', state, message, detail, hint, substring(context FROM '^property.*?(?=\n)');
END $$;
\set VERBOSITY terse
CALL raises($$orm.load('users', '[{"id": 1}, {"name": "x"}]', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '[{"id": 1, "posts": [{"id": 1}, {}]}]', '{"load": ["posts.tags"]}')$$);
CALL raises($$orm.load('posts', '[{"user": {"name": 1}}]', '{"load": ["user.posts"]}')$$);
CALL raises($$orm.load('lines', '[{"shop": 1}]', '{"load": ["orders"]}')$$);
CALL raises($$orm.load('users', '[{"id": 1}, {"id": "x"}]', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{"id": {"a": 1}}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{"id": 1.5}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{"id": true}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '1', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '[{"id": 1}, [{"id": 1}]]', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '[{"id": 1}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', 1, '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"load": ["pots"]}')$$);
CALL raises($$orm.load('user', '{"id": 1}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load(NULL, '{"id": 1}', '{"load": ["posts"]}')$$);
CALL raises($$orm.load('users', '{"id": 1}', NULL)$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"load": ["posts"], "limit": 1}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"where": {"id": 1}}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"order": ["id"]}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"load": ["posts"]}', '{"select": ["id"]}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"omit": ["id"]}')$$);
CALL raises($$orm.load('users', '{"id": 1}', '{"entity": "users"}')$$);

-- as the caller, and where nothing may be written
CREATE ROLE load_reader;
GRANT USAGE ON SCHEMA load TO load_reader;
GRANT SELECT ON users, posts TO load_reader;
SET ROLE load_reader;
BEGIN READ ONLY;
SELECT orm.load('users', '{"id": 2}', '{"load": ["posts"]}');
COMMIT;
CALL load.raises($$orm.load('users', '{"id": 1}', '{"load": ["posts.comments"]}')$$);
RESET ROLE;

DROP SCHEMA load CASCADE;
DROP OWNED BY load_reader;
DROP ROLE load_reader;
