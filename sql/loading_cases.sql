-- What mappers are tested for where they load relations. What speaks of objects
-- of a language there is its equivalent in SQL: the same JSON, the same number
-- of statements.
SET client_min_messages = warning;
CREATE SCHEMA cases;
SET search_path = cases, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id int PRIMARY KEY, name text, boss_id int REFERENCES users);
CREATE TABLE profiles (user_id int PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text, status text DEFAULT 'published');
CREATE TABLE comments (id int PRIMARY KEY, post_id int REFERENCES posts, body text);
CREATE TABLE groups (id int PRIMARY KEY, label text);
CREATE TABLE user_group (user_id int REFERENCES users, group_id int REFERENCES groups, role text, PRIMARY KEY (user_id, group_id));
CREATE TABLE orders (shop int, no int, buyer int, PRIMARY KEY (shop, no), UNIQUE (buyer));
CREATE TABLE lines (id int PRIMARY KEY, shop int, no int, FOREIGN KEY (shop, no) REFERENCES orders);
CREATE TABLE receipts (id int PRIMARY KEY, shop int, no int, buyer int REFERENCES orders (buyer), FOREIGN KEY (shop, no) REFERENCES orders);
CREATE INDEX ON posts (user_id);
CREATE INDEX ON users (boss_id);
CREATE INDEX ON comments (post_id);
CREATE INDEX ON user_group (group_id);
CREATE INDEX ON lines (shop, no);
CREATE INDEX ON receipts (shop, no);
CREATE INDEX ON receipts (buyer);
INSERT INTO users VALUES (1, 'Ada', NULL), (2, 'Grace', 1), (3, 'Linus', 2);
INSERT INTO profiles VALUES (1, 'a'), (2, 'g');
INSERT INTO posts VALUES (10, 1, 'Engines', 'published'), (11, 1, 'Numbers', 'draft'), (12, 2, 'Compilers', 'published'), (13, NULL, 'Lost', 'draft');
INSERT INTO comments VALUES (100, 10, 'x'), (101, 12, 'y'), (102, 12, 'z');
INSERT INTO groups VALUES (1, 'math'), (2, 'navy');
INSERT INTO user_group VALUES (1, 1, 'owner'), (2, 1, 'member'), (1, 2, 'guest');
INSERT INTO orders VALUES (1, 1, 71), (1, 2, 72), (2, 1, 73);
INSERT INTO lines VALUES (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 1, NULL);
INSERT INTO receipts VALUES (1, 1, 1, 71), (2, 2, 1, 72), (3, NULL, 1, 73);
SELECT count(*) FROM orm.reflect('cases');
SELECT orm.has_many('users', 'posts', 'posts', lazy => true), orm.has_one('users', 'profile', 'profiles', lazy => true),
	orm.many_to_many('users', 'groups', 'groups', lazy => true), orm.belongs_to('posts', 'user', 'users', lazy => true);
-- statements that a call ran, with the roots' own
CREATE FUNCTION ran(call text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE before numeric := (SELECT coalesce(sum(calls), 0) FROM orm.stats);
BEGIN
	EXECUTE 'SELECT ' || call;
	RETURN (SELECT sum(calls) FROM orm.stats) - before;
END $$;

\echo an empty parent set runs no statement for children
SELECT ran($$orm.list('users', '{"where": {"id": 99}, "load": ["posts.comments", "profile", "groups"]}')$$),
	ran($$count(*) FROM orm.related('users', '[]', 'posts')$$), ran($$orm.load('users', '[]', '{"load": ["posts"]}')$$);
\echo parents without children give [] and null
SELECT orm.find('users', 3, '{"select": ["id"], "load": ["posts", "profile", "groups"]}');
\echo many parents share one to-one target
SELECT orm.list('posts', '{"select": ["id"], "where": {"user_id": 1}, "order": ["id"], "load": {"user": {"select": ["name"]}}}');
\echo no target row, and a foreign key that is NULL, also in part
SELECT orm.find('posts', 13, '{"select": ["id"], "load": ["user"]}'), orm.find('lines', 4, '{"select": ["id"], "load": ["orders"]}');
SELECT orm.load('posts', '{"user_id": 77}', '{"load": ["user"]}');
\echo parents that are given several times keep their order and stay as they are
SELECT orm.hydrate_query('users', 'SELECT u.* FROM cases.users u, generate_series(1, 2) AS i ORDER BY i, u.id DESC', '{"select": ["id"], "load": {"profile": {"select": ["bio"]}}}');
SELECT orm.load('users', '[{"id": 1, "name": "Ada"}, {"id": 1, "name": "Ada Lovelace"}]', '{"load": ["profile"]}');
\echo a foreign key of several columns, columns that two keys share, an alternate key
SELECT orm.list('orders', '{"order": ["shop", "no"], "load": {"lines": {"select": ["id"]}}}');
SELECT name, type, source FROM orm.describe('receipts') WHERE kind = 'relation';
SELECT orm.list('receipts', '{"select": ["id"], "order": ["id"], "load": {"orders_by_no": {"select": ["no"]}, "orders_by_buyer": {"select": ["no"]}}}');
\echo self-reference
SELECT orm.find('users', 3, '{"select": ["name"], "load": {"boss": {"select": ["name"], "load": {"boss": {"select": ["name"], "load": {"boss": {"select": ["name"]}}}}}}}');
\echo through a through, through a many-to-many, and with nothing in the middle
SELECT orm.has_many_through('users', 'replies', 'posts.comments'), orm.has_many_through('groups', 'posts', 'users.posts'), orm.has_many_through('groups', 'replies', 'users.replies'),
	orm.has_one_through('posts', 'profile', 'user.profile');
SELECT orm.list('users', '{"select": ["id"], "order": ["id"], "load": {"replies": {"select": ["id"]}}}');
SELECT orm.list('groups', '{"select": ["id"], "order": ["id"], "load": {"posts": {"select": ["id"]}, "replies": {"select": ["id"]}}}');
SELECT orm.list('posts', '{"select": ["id"], "order": ["id"], "load": ["profile"]}');
\echo a many-to-many doubles no child; the pivot differs by parent
SELECT orm.list('users', '{"select": ["id"], "order": ["id"], "load": ["groups"]}');
SELECT orm.find('groups', 1, '{"load": {"users": {"select": ["id"], "load": ["groups"]}}}');
\echo limits at two levels at once, zero, too many; a negative one is refused
SELECT orm.list('users', '{"select": ["id"], "order": ["id"], "limit": 2, "load": {"posts": {"select": ["id"], "limit": 1, "offset": 1, "order": ["id"], "load": {"comments": {"limit": 1}}}}}');
SELECT orm.find('users', 2, '{"select": ["id"], "load": {"posts": {"select": ["id"], "limit": 100, "load": {"comments": {"select": ["id"], "limit": 1, "order": ["-id"]}}}}}'),
	orm.find('users', 1, '{"select": ["id"], "load": {"posts": {"limit": 0}}}');
\set VERBOSITY terse
SELECT orm.find('users', 1, '{"load": {"posts": {"limit": -1}}}');
\echo the order of the relation goes before the key, that of the call before both
SELECT orm.has_many('users', 'sorted', 'posts', foreign_key => '{user_id}', order_by => '{-title}', condition => '{"id": {"$gt": 0}}');
SELECT orm.find('users', 1, '{"select": ["id"], "load": {"posts": {"select": ["id"]}, "sorted": {"select": ["id"]}}}'), orm.find('users', 1, '{"select": ["id"], "load": {"sorted": {"select": ["id"], "order": ["title"]}}}');
\echo two aggregates do not multiply each other
SELECT orm.list('users', '{"select": ["id"], "order": ["id"], "count": ["posts", "groups"]}');
\echo a filtered load does not filter the parents, a condition through the relation does
SELECT orm.list('users', '{"select": ["id"], "order": ["id"], "load": {"posts": {"select": ["id"], "where": {"title": "Engines"}}}}'), orm.list('users', '{"select": ["id"], "where": {"posts": {"title": "Engines"}}}');
\echo a global scope holds wherever the entity is read; leaving one off leaves the others
SELECT orm.scope('posts', 'live', condition => '{"status": "published"}', global => true), orm.scope('posts', 'early', condition => '{"id": {"$lt": 12}}', global => true);
SELECT orm.count('posts'), orm.count('posts', '{"without": ["live"]}'), orm.exists('users', '{"where": {"posts": {"id": 11}}}');
SELECT orm.find('users', 1, '{"select": ["id"], "load": {"posts": {"select": ["id"]}}, "count": ["posts"]}');
SELECT value FROM orm.related('users', '[1, 2]', 'posts', '{"select": ["id"]}');
SELECT orm.lazy('users', 1, 'posts'), orm.lazy('users', 2, 'posts');
SELECT orm.drop_scope('posts', 'live'), orm.drop_scope('posts', 'early');
\echo what is not selected still finds its rows
SELECT orm.list('users', '{"select": ["name"], "order": ["id"], "load": {"posts": {"select": ["title"], "load": {"user": {"select": ["name"]}}}}}');
\echo every way of loading gives the same bytes
SELECT relation, (SELECT count(DISTINCT way) FROM unnest(ARRAY[
	(SELECT string_agg((e -> relation)::text, ',' ORDER BY (e ->> 'id')::int) FROM orm.fetch('users', orm.with(relation)) AS e),
	(SELECT string_agg((e -> relation)::text, ',' ORDER BY (e ->> 'id')::int) FROM json_array_elements(orm.load('users', orm.list('users'), orm.with(relation))) AS e),
	(SELECT string_agg(value::text, ',' ORDER BY key::text) FROM orm.related('users', '[1, 2, 3]', relation)),
	(SELECT string_agg((e -> relation)::text, ',' ORDER BY (e ->> 'id')::int) FROM json_array_elements(orm.attach('users', orm.list('users'), relation,
		(SELECT json_agg(r) FROM orm.related('users', '[1, 2, 3]', relation) AS r))) AS e),
	(SELECT string_agg(orm.lazy('users', i, relation)::text, ',' ORDER BY i) FROM generate_series(1, 3) AS i)]) AS way) AS different
	FROM unnest('{posts,profile,groups}'::text[]) AS relation;
SELECT e ->> 'name', json_array_length(e -> 'posts'), e -> 'profile' ->> 'bio', json_array_length(e -> 'groups') FROM orm.fetch('users', '{"order": ["id"], "load": ["posts", "profile", "groups"]}') AS e;
\echo statements
SELECT ran($$orm.list('users')$$), ran($$orm.list('users', '{"load": ["posts"]}')$$), ran($$orm.list('users', '{"load": ["posts.comments", "profile", "groups"]}')$$), ran($$orm.list('users', '{"load": ["posts", "groups"], "count": ["posts"]}')$$);

\echo one level, and one below it
SELECT json_array_length(orm.find('users', 2, '{"load": ["posts"]}') -> 'posts'), orm.find('users', 2, '{"load": ["posts.comments"]}') #>> '{posts,0,comments,0,body}';
\echo a condition on the relation stands in its statement
SELECT orm.find('users', 1, '{"select": ["id"], "load": {"posts": {"select": ["id"], "where": {"status": "published"}}}}');
SELECT count(*) FROM orm.sql('users', '{"load": {"posts": {"where": {"status": "published"}}}}') AS s WHERE s LIKE '%t.status OPERATOR(pg_catalog.=) ($2)%';
\echo a limit for each parent is a lateral join, and only that
SELECT orm.find('users', 1, '{"select": ["id"], "load": {"posts": {"select": ["id"], "limit": 1}}}');
SELECT s LIKE '%LATERAL%LIMIT%' FROM orm.sql('users', '{"load": {"posts": {"limit": 2}}}') AS s OFFSET 1;
SELECT s LIKE '%LATERAL%' FROM orm.sql('users', '{"load": ["posts"]}') AS s OFFSET 1;
\echo streamed, a window at a time
SET orm.window_size = 2;
SELECT ran($$count(*) FROM (SELECT orm.fetch('users', '{"load": ["profile"]}') OFFSET 0) AS s$$);
RESET orm.window_size;
\echo the same query over and over is told of
SET orm.n_plus_one_threshold = 5;
SET client_min_messages = warning;
\set VERBOSITY default
SELECT count(orm.find('users', 1 + i % 3, '{"load": ["boss"]}')) FROM generate_series(1, 9) AS i;
\set VERBOSITY terse
RESET orm.n_plus_one_threshold;

\echo load of two relations is one statement each
SELECT ran($$orm.load('users', '{"id": 1}', '{"load": ["posts", "groups"]}')$$), orm.load('users', '{"id": 1}', '{"load": {"posts": {"select": ["id"]}, "groups": {"select": ["id"]}}}');
\echo a has_one is an object or null
SELECT orm.load('users', '[{"id": 1}, {"id": 3}]', '{"load": ["profile"]}');
\echo a belongs_to is found by the property of its column, whatever its name
SELECT orm.property('posts', 'writer', 'user_id');
SELECT orm.load('posts', '{"writer": 1}', '{"load": {"user": {"select": ["name"]}}}');
SELECT orm.drop_property('posts', 'writer');
\echo a result that lacks the key is an error rather than empty
SELECT orm.attach('users', '[{"name": "Ada"}]', 'posts', '[]');
SELECT orm.attach('users', '[{"id": 1}]', 'posts', '[{"value": []}]');
SELECT orm.load('users', '[{"name": "Ada"}]', '{"load": ["posts"]}');

\echo a lazy relation is one statement for the window, at its first touch
BEGIN;
SELECT ran($$orm.list('users')$$), ran($$orm.lazy('users', 1, 'posts')$$), ran($$orm.lazy('users', 2, 'posts')$$), ran($$orm.lazy('users', 3, 'posts')$$);
\echo a missing has_one is null, and is not asked for again
SELECT orm.lazy('users', 3, 'profile'), ran($$orm.lazy('users', 3, 'profile')$$);
\echo a lazy belongs_to of several is one statement
SELECT ran($$orm.list('posts')$$), ran($$orm.lazy('posts', 10, 'user')$$), ran($$orm.lazy('posts', 12, 'user')$$);
\echo the same window again gives the same
SELECT orm.lazy('posts', 10, 'user')::text = orm.lazy('posts', 11, 'user')::text, ran($$orm.list('posts')$$), ran($$orm.lazy('posts', 10, 'user')$$), ran($$orm.lazy('posts', 11, 'user')$$);
\echo touched while it is being read
CREATE VIEW telling AS SELECT id, name, json_array_length(orm.lazy('users', id, 'posts')) AS posts FROM users;
SELECT orm.entity('telling', 'telling', key => '{id}');
SELECT orm.list('telling', '{"order": ["id"]}');
\echo lazy and loaded: it is in the JSON, and costs no statement more
SELECT ran($$orm.list('users', '{"load": ["posts"]}')$$), orm.list('users', '{"load": ["posts"], "where": {"id": 3}, "select": ["id"]}');
COMMIT;
\echo not lazy, no relation, a load that fails: three errors
SELECT orm.lazy('users', 1, 'boss');
SELECT orm.lazy('users', 1, 'name');
CREATE VIEW failing AS SELECT id, user_id, 1 / (user_id - 1) AS n FROM posts;
SELECT orm.entity('failing', 'failing', key => '{id}'), orm.has_many('users', 'failing', 'failing', foreign_key => '{user_id}', lazy => true);
SELECT orm.lazy('users', 1, 'failing');
SELECT orm.drop_entity('failing');
\echo a window whose foreign keys are NULL runs no statement
SELECT ran($$orm.load('posts', '[{"user_id": null}]', '{"load": ["user"]}')$$), orm.load('posts', '[{"user_id": null}]', '{"load": ["user"]}');
SELECT orm.load('users', '[{"id": null}]', '{"load": ["posts"]}');
BEGIN;
SELECT orm.list('posts', '{"where": {"user_id": null}, "select": ["id"]}'), ran($$orm.lazy('posts', 13, 'user')$$), orm.lazy('posts', 13, 'user');
COMMIT;
\echo what was there before is cleared
SELECT orm.attach('posts', '[{"id": 13, "user": {"stale": 1}}]', 'user', (SELECT json_agg(r) FROM orm.related('posts', '[13]', 'user') AS r)), orm.attach('users', '[{"id": 3, "posts": ["stale"]}]', 'posts', NULL);

SET client_min_messages = warning;
DROP SCHEMA cases CASCADE;
