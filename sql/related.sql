-- Deferred loading: what a relation has for a list of keys, and its way into entities.
SET client_min_messages = warning;
CREATE SCHEMA related;
SET search_path = related, public;
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
CREATE INDEX ON users (boss_id);
INSERT INTO users VALUES (1, 'Ada', NULL), (2, 'Bo', 1), (3, 'Cy', 1), (9007199254740992, 'even', 2), (9007199254740993, 'odd', 3);
INSERT INTO profiles VALUES (1, 'first'), (3, 'third');
INSERT INTO posts VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three'), (4, 9007199254740993, 'four'), (5, NULL, 'five');
INSERT INTO comments SELECT i, 1 + i % 5, 'c' || i FROM generate_series(1, 10) AS i;
INSERT INTO tags VALUES (1, 'x'), (2, 'y');
INSERT INTO post_tag VALUES (1, 1, 10), (1, 2, 20), (3, 2, 30);
SELECT count(*) FROM orm.reflect('related');

-- one row per distinct key, in order of first appearance; nulls have none
SELECT * FROM orm.related('users', '[2, 1, "1", 3, 1, 99, null]', 'posts');
SELECT * FROM orm.related('users', '[2, 1]'::json, 'posts');
SELECT * FROM orm.related('users', '[2, 1]'::jsonb, 'posts');
SELECT * FROM orm.related('users', '2', 'posts');
SELECT * FROM orm.related('users', to_json(2), 'posts');
SELECT * FROM orm.related('users', '{"id": 2}', 'posts');
SELECT count(*) FROM orm.related('users', '[]', 'posts');
SELECT count(*) FROM orm.related('users', 'null', 'posts');
SELECT count(*) FROM orm.related('users', NULL, 'posts');
PREPARE related (text) AS SELECT * FROM orm.related('users', $1, 'posts');
EXECUTE related('[3]');
-- to-one, many-to-many with its pivot, a row that is not there, a foreign key that is null
SELECT * FROM orm.related('posts', '[5, 1, 2, 3, 77]', 'user');
SELECT * FROM orm.related('users', '[2, 3]', 'profiles');
SELECT * FROM orm.related('posts', '[1, 2, 3]', 'tags');
SELECT * FROM orm.related('users', '[2, 1]', 'boss');
-- clauses belong to the relation
SELECT * FROM orm.related('users', '[2, 1]', 'posts', '{"where": {"title": {"$ne": "one"}}, "select": ["title"], "load": {"comments": {"select": ["id"]}}}');
SELECT * FROM orm.related('users', '[2, 1]', 'posts', orm.order('-title'), orm.limit(1), orm.with('tags'));
SELECT * FROM orm.related('posts', '[1, 3]', 'user', '{"select": ["name"], "count": ["posts"]}');
SELECT * FROM orm.related('users', '[1]', 'posts', orm.untrusted('{"limit": 1, "select": ["title"]}'));
-- keys are exact, and meet as the type's own "=" has it
SELECT * FROM orm.related('users', '[9007199254740992, 9007199254740993, "9007199254740993"]', 'posts', '{"select": ["id"]}');
CREATE TABLE accounts (no numeric PRIMARY KEY);
CREATE TABLE entries (id int PRIMARY KEY, account numeric REFERENCES accounts);
CREATE INDEX ON entries (account);
INSERT INTO accounts VALUES (0.1234567890123456789012345678901), (0.1234567890123456789012345678902), (2.50), ('NaN');
INSERT INTO entries VALUES (1, 0.1234567890123456789012345678901), (2, 2.5), (3, 'NaN');
CREATE TABLE orders (shop int, no text, PRIMARY KEY (shop, no));
CREATE TABLE lines (id int PRIMARY KEY, shop int, order_no text, FOREIGN KEY (shop, order_no) REFERENCES orders);
CREATE INDEX ON lines (shop, order_no);
INSERT INTO orders VALUES (1, 'a"\'), (1, 'é'), (2, 'a"\');
INSERT INTO lines VALUES (1, 1, 'a"\'), (2, 1, 'é'), (3, 2, 'a"\'), (4, 1, NULL);
SELECT count(*) FROM orm.reflect('related');
SELECT * FROM orm.related('accounts', '[0.1234567890123456789012345678902, 0.1234567890123456789012345678901, 2.5000, 2.5, "NaN"]', 'entries', '{"select": ["id"]}');
SELECT orm.attach('accounts', '[{"no": 2.50}, {"no": "NaN"}]', 'entries', (SELECT json_agg(r) FROM orm.related('accounts', '[2.5000, "NaN"]', 'entries', '{"select": ["id"]}') AS r));
-- composite keys are objects
SELECT * FROM orm.related('orders', '[{"no": "é", "shop": 1}, {"shop": 1, "no": "a\"\\"}, {"shop": 1, "no": "\u00e9"}, {"shop": 9, "no": null}]', 'lines', '{"select": ["id"]}');
SELECT * FROM orm.related('orders', '{"shop": 2, "no": "a\u0022\u005c"}', 'lines', '{"select": ["id"]}');
SELECT * FROM orm.related('lines', '[1, 4]', 'orders');
SELECT orm.attach('orders', orm.list('orders'), 'lines', (SELECT json_agg(r) FROM orm.related('orders', '[{"no": "é", "shop": 1}]', 'lines', '{"select": ["id"]}') AS r));
-- a cast of the key is undone on the way in
SELECT orm.property('users', 'id', 'id', cast_as => 'string');
SELECT orm.attach('users', orm.list('users', '{"where": {"id": {"$lt": 3}}, "select": ["id"]}'), 'posts',
	(SELECT json_agg(r) FROM orm.related('users', '["1", "2"]', 'posts', '{"select": ["title"]}') AS r));
SELECT orm.load('users', orm.list('users', '{"where": {"id": {"$lt": 3}}, "select": ["id"]}'), '{"load": {"posts": {"select": ["title"]}}}');
SELECT orm.drop_property('users', 'id');
SELECT orm.property('users', 'id', 'id', cast_as => 'base64') AS refused;

-- attach: all else stays byte for byte, what was there is replaced, what has no row is cleared
SELECT json_agg(r) AS loaded FROM orm.related('users', '[1]', 'posts', '{"select": ["title"]}') AS r \gset
SELECT orm.attach('users', E'[ {"id":1.0e0,"posts": [{"old" : 1}] , "z":1.50},{"posts":5, "id":"2"},null,{ },{"id":3}]', 'posts', :'loaded');
SELECT orm.attach('users', E'[ {"id":1,"posts": [{"old" : 1}] , "z":1.50},{"posts":5, "id":"2"},null,{"id":3}, {"id": null}]', 'posts', :'loaded');
SELECT orm.attach('users', '{"id": 1}'::jsonb, 'posts', :'loaded'::jsonb);
SELECT orm.attach('users', '{"id": 1}'::json, 'posts', :'loaded'::json);
SELECT orm.attach('users', '{"id": 1}', 'posts', NULL);
SELECT orm.attach('users', '{"id": 1, "posts": [{}]}', 'posts', '[]');
SELECT orm.attach('users', '{"profiles": {"bio": "old"}, "id": 1}', 'profiles', '[]');
SELECT orm.attach('users', NULL, 'posts', :'loaded') IS NULL;
SELECT orm.attach('users', '[]', 'posts', :'loaded');
SELECT orm.attach('users', 'null', 'posts', :'loaded');
-- of several members of one name, and of several rows for one key, the last counts
SELECT orm.attach('users', '{"id": 2, "posts": 1, "id": 1, "posts": 2}', 'posts', :'loaded');
SELECT orm.attach('users', '{"id": 1}', 'posts', '[{"key": 1, "value": [1]}, {"value": [], "key": "1", "value": [ 2 ]}]');
-- in two steps what loading at once gives
SELECT relation, orm.attach('users', orm.list('users', '{"order": ["id"]}'), relation,
	(SELECT json_agg(r) FROM orm.related('users', (SELECT json_agg(id) FROM users), relation) AS r))::text
	= orm.list('users', '{"order": ["id"]}', orm.with(relation))::text AS same
FROM unnest('{posts,profiles,boss,users}'::text[]) AS relation;
SELECT relation, orm.attach('posts', orm.list('posts', '{"order": ["id"]}'), relation,
	(SELECT json_agg(r) FROM orm.related('posts', (SELECT json_agg(id) FROM posts), relation) AS r))::text
	= orm.list('posts', '{"order": ["id"]}', orm.with(relation))::text AS same
FROM unnest('{user,comments,tags}'::text[]) AS relation;

-- statements: none for no key, one where the key is what the relation starts from, else one more for the entity's rows
CREATE SEQUENCE statements;
CREATE VIEW counted_posts AS SELECT * FROM posts WHERE (SELECT nextval('related.statements')) > 0;
CREATE VIEW counted_users AS SELECT * FROM users WHERE (SELECT nextval('related.statements')) > 0;
SELECT orm.entity('cp', 'counted_posts', key => '{id}'), orm.entity('cu', 'counted_users', key => '{id}');
SELECT orm.has_many('cu', 'posts', 'cp', foreign_key => '{user_id}'), orm.belongs_to('cp', 'user', 'cu', foreign_key => '{user_id}');
CREATE FUNCTION ran(query text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	PERFORM setval('related.statements', 1, false);
	EXECUTE query;
	RETURN (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM related.statements);
END $$;
SELECT ran($$SELECT count(*) FROM orm.related('cu', '[]', 'posts')$$) AS none,
	ran($$SELECT count(*) FROM orm.related('cu', '[1, 2, 3, 1]', 'posts')$$) AS has_many,
	ran($$SELECT count(*) FROM orm.related('cp', '[1, 2, 3, 5]', 'user')$$) AS belongs_to,
	ran($$SELECT count(*) FROM orm.related('cp', '[5]', 'user')$$) AS null_foreign_key,
	ran($$SELECT orm.attach('cu', '[{"id": 1}]', 'posts', '[{"key": 1, "value": []}]')$$) AS attach;

-- many keys, and many entities
CREATE TABLE many (id int PRIMARY KEY, next_id int REFERENCES many);
INSERT INTO many SELECT i, NULL FROM generate_series(1, 3000) AS i;
UPDATE many SET next_id = id % 3000 + 1;
SELECT orm.entity('many', 'many');
SELECT count(*), bool_and((e -> 'next' ->> 'id')::int = (e ->> 'next_id')::int)
	FROM json_array_elements(orm.attach('many', orm.list('many'), 'next',
		(SELECT json_agg(r) FROM orm.related('many', (SELECT json_agg(id) FROM many), 'next') AS r))) AS e;

-- errors
\set VERBOSITY terse
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text; context text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
	RAISE WARNING E'%: %\n%\n%\n%', state, message, detail, hint, substring(context FROM '^property.*?(?=\n)');
END $$;
CALL raises($$orm.related('users', '[1, "x"]', 'posts')$$);
CALL raises($$orm.related('users', '[1, [2]]', 'posts')$$);
CALL raises($$orm.related('users', '[{"id": 1, "name": "x"}]', 'posts')$$);
CALL raises($$orm.related('users', '{}', 'posts')$$);
CALL raises($$orm.related('users', '[1', 'posts')$$);
CALL raises($$orm.related('users', 1, 'posts')$$);
CALL raises($$orm.related('orders', '[1]', 'lines')$$);
CALL raises($$orm.related('orders', '[{"shop": 1}]', 'lines')$$);
CALL raises($$orm.related('users', '[1]', 'pots')$$);
CALL raises($$orm.related('users', '[1]', 'name')$$);
CALL raises($$orm.related('users', '[1]', 'posts.comments')$$);
CALL raises($$orm.related('users', '[1]', NULL)$$);
CALL raises($$orm.related(NULL, '[1]', 'posts')$$);
CALL raises($$orm.related('user', '[1]', 'posts')$$);
CALL raises($$orm.related('users', '[1]', 'posts', NULL)$$);
CALL raises($$orm.related('users', '[1]', 'posts', '{"load": ["nothing"]}')$$);
CALL raises($$orm.related('users', '[1]', 'posts', '{}', '{"lock": "update"}')$$);
CALL raises($$orm.attach('users', '[{"id": 1}, {"name": "x"}]', 'posts', '[]')$$);
CALL raises($$orm.attach('users', '[{"id": 1}, 5]', 'posts', '[]')$$);
CALL raises($$orm.attach('users', '{"id": "x"}', 'posts', '[]')$$);
CALL raises($$orm.attach('orders', '{"shop": 1}', 'lines', '[]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '[{"value": []}]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '[{"key": 1}]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '[{"key": 1, "value": {}}]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'profiles', '[{"key": 1, "value": []}]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '[{"key": "x", "value": []}]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '[5]')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'posts', '{}')$$);
CALL raises($$orm.attach('users', '{"id": 1}', 'pots', '[]')$$);
CALL raises($$orm.attach('users', 1, 'posts', 2)$$);

-- as the caller: rows that he may not see are not there, and nothing is written
CREATE ROLE related_reader;
GRANT USAGE ON SCHEMA related TO related_reader;
GRANT SELECT ON users, posts TO related_reader;
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON posts FOR SELECT TO related_reader USING (title <> 'two');
SET ROLE related_reader;
BEGIN READ ONLY;
SELECT * FROM orm.related('users', '[1, 2]', 'posts');
SELECT * FROM orm.related('posts', '[1, 2]', 'user');
COMMIT;
CALL related.raises($$orm.related('posts', '[1]', 'comments')$$);
SELECT orm.attach('users', '{"id": 1}', 'posts', '[{"key": 1, "value": [1]}]');
RESET ROLE;

DROP SCHEMA related CASCADE;
DROP OWNED BY related_reader;
DROP ROLE related_reader;
