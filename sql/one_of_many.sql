-- A to-one that finds several rows is the first by its order, then by the target's key: in load, in
-- conditions, in orders, on the way of others; loaded by every strategy.
SET client_min_messages = warning;
CREATE SCHEMA oom;
SET search_path = oom, public;
CREATE TABLE users (id int PRIMARY KEY, name text, best_id int);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, posted date, votes int, draft boolean NOT NULL);
CREATE INDEX ON posts (user_id);
CREATE TABLE marks (post_id int, user_id int, stars int, PRIMARY KEY (post_id, user_id));
CREATE VIEW seen AS SELECT DISTINCT user_id, votes FROM posts;
INSERT INTO users SELECT i, 'u' || i, 3 - i FROM generate_series(1, 5) i;
-- equal dates and votes, NULLs, and a user without posts
INSERT INTO posts VALUES (1, 1, '2026-01-03', 5, false), (2, 1, '2026-01-05', 5, true), (3, 1, '2026-01-05', 1, false), (4, 2, NULL, 7, false),
	(5, 2, '2026-01-01', NULL, false), (6, 3, '2026-02-01', 2, true), (7, 3, '2026-01-01', 9, true), (8, 4, '2026-01-01', 0, false), (9, NULL, '2026-03-01', 9, false);
INSERT INTO marks SELECT p, u, (p * u) % 5 FROM generate_series(1, 9) p, generate_series(1, 4) u WHERE (p + u) % 2 = 0;
SELECT count(*) FROM orm.reflect('oom');
SELECT orm.entity('seen', 'seen');
-- the latest, the oldest, the highest, the latest of some, one without an order
SELECT orm.has_one('users', 'latest', 'posts', order_by => '{-posted}');
SELECT orm.has_one('users', 'oldest', 'posts', order_by => '{posted,-id}');
SELECT orm.has_one('users', 'highest', 'posts', order_by => '{-votes,posted}');
SELECT orm.has_one('users', 'latest_shown', 'posts', condition => '{"draft": false}', order_by => '{-posted}');
RESET client_min_messages;
SELECT orm.has_one('users', 'any', 'posts');
SELECT orm.belongs_to('users', 'view', 'seen', '{best_id}', '{user_id}');
SELECT orm.entity('marks', 'marks') IS NULL, orm.belongs_to('marks', 'post', 'posts', '{post_id}'), orm.has_many('posts', 'marks', 'marks', '{post_id}');
SELECT orm.has_one_through('users', 'best_mark', 'posts.marks', order_by => '{-stars,-post.votes}');
\getenv top PG_ABS_SRCDIR
\set compared :top '/test/sql/compared.sql'
\i :compared
SELECT compared('users', 'latest', 'SELECT id FROM posts WHERE user_id = o.id ORDER BY posted DESC, id LIMIT 1');
SELECT compared('users', 'oldest', 'SELECT id FROM posts WHERE user_id = o.id ORDER BY posted, id DESC LIMIT 1');
SELECT compared('users', 'highest', 'SELECT id FROM posts WHERE user_id = o.id ORDER BY votes DESC, posted, id LIMIT 1');
SELECT compared('users', 'latest_shown', 'SELECT id FROM posts WHERE user_id = o.id AND NOT draft ORDER BY posted DESC, id LIMIT 1');
SELECT compared('users', 'any', 'SELECT id FROM posts WHERE user_id = o.id ORDER BY id LIMIT 1');
-- the caller's order and condition come first
SELECT compared('users', 'latest', 'SELECT id FROM posts WHERE user_id = o.id ORDER BY votes, id LIMIT 1', ', "order": ["votes"]');
SELECT compared('users', 'latest', 'SELECT id FROM posts WHERE user_id = o.id AND votes < 6 ORDER BY posted DESC, id LIMIT 1', ', "where": {"votes": {"$lt": 6}}');
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "load": {"best_mark": {}, "view": {"order": ["votes"]}}}');
SELECT u.id, m.* FROM users u LEFT JOIN LATERAL (SELECT m.*, p.votes FROM posts p JOIN marks m ON m.post_id = p.id WHERE p.user_id = u.id ORDER BY stars DESC, votes DESC, m.post_id, m.user_id LIMIT 1) m ON true ORDER BY u.id;
-- a condition is about that row, as is an order and an operand
CREATE FUNCTION ids(entity text, condition jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(e ->> 'id', ',' ORDER BY (e ->> 'id')::int) FROM orm.fetch(entity, jsonb_build_object('where', condition)) e $$;
SELECT ids('users', '{"latest": {"id": 3}}') AS not_the_latest, ids('users', '{"latest": {"id": 2}}') AS the_latest, ids('users', '{"latest": {"draft": true}}') AS draft,
	ids('users', '{"latest": {"$not": {"draft": true}}}') AS no_draft, ids('users', '{"latest": null}') AS none, ids('users', '{"latest": true}') AS some,
	ids('users', '{"latest_shown": {"votes": {"$gte": 5}}}') AS shown, ids('users', '{"$not": {"highest": {"votes": 9}}}') AS not_nine;
SELECT string_agg(e ->> 'id', ',') FROM orm.fetch('users', '{"order": [{"highest.votes": "desc nulls last"}, "-latest.posted", "id"]}') e;
SELECT string_agg(u.id::text, ',' ORDER BY (SELECT votes FROM posts WHERE user_id = u.id ORDER BY votes DESC, posted, id LIMIT 1) DESC NULLS LAST,
	(SELECT posted FROM posts WHERE user_id = u.id ORDER BY posted DESC, id LIMIT 1) DESC, u.id) FROM users u;
SELECT ids('users', '{"id": {"$lt": {"$col": "latest.votes"}}}');
-- what is counted is that row, among those that satisfy the condition of the aggregate
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "count": ["latest", "any", "best_mark", "view"], "load": {"highest": {"select": ["votes"]}}, "aggregate": {
	"votes": {"relation": "highest", "function": "sum", "property": "votes"}, "least": {"relation": "highest", "function": "min", "property": "votes"},
	"stars": {"relation": "best_mark", "function": "sum", "property": "stars"},
	"shown": {"relation": "latest", "function": "count", "where": {"draft": false}}, "low": {"relation": "latest", "function": "max", "property": "votes", "where": {"votes": {"$lt": 5}}}}}');
SELECT u.id, (SELECT votes FROM posts WHERE user_id = u.id ORDER BY votes DESC, posted, id LIMIT 1) AS votes, (SELECT votes FROM posts WHERE user_id = u.id AND votes < 5 ORDER BY posted DESC, id LIMIT 1) AS low,
	EXISTS (SELECT FROM posts WHERE user_id = u.id AND NOT draft)::int AS shown FROM users u ORDER BY u.id;
SELECT string_agg(e ->> 'id', ',') FROM orm.fetch('users', '{"order": ["-votes", "-latest_count", "id"], "count": ["latest"], "aggregate": {"votes": {"relation": "oldest", "function": "sum", "property": "votes"}}}') e;
SELECT string_agg(u.id::text, ',' ORDER BY (SELECT votes FROM posts WHERE user_id = u.id ORDER BY posted, id DESC LIMIT 1) DESC, EXISTS (SELECT FROM posts WHERE user_id = u.id)::int DESC, u.id) FROM users u;
-- it takes no more rights than the columns that are asked for, and the key
CREATE ROLE regress_one_of_many;
GRANT USAGE ON SCHEMA oom TO regress_one_of_many;
GRANT SELECT ON users TO regress_one_of_many;
GRANT SELECT (id, user_id, posted, votes) ON posts TO regress_one_of_many;
SET ROLE regress_one_of_many;
SELECT ids('users', '{"latest": {"id": 3}}') AS not_the_latest, ids('users', '{"latest": {"id": 2}}') AS the_latest, ids('users', '{"latest": null}') AS none;
SELECT string_agg(e ->> 'id' || ':' || (e ->> 'latest_count') || ':' || coalesce(e ->> 'v', '-'), ' ') FROM orm.fetch('users', '{"order": [{"highest.votes": "desc nulls last"}, "id"], "count": ["latest"],
	"aggregate": {"v": {"relation": "latest", "function": "sum", "property": "votes"}}}') e;
SELECT ids('users', '{"latest": {"draft": true}}');
\echo :SQLSTATE
RESET ROLE;
DROP OWNED BY regress_one_of_many;
DROP ROLE regress_one_of_many;
-- a few rows of one owner are not looked for along an index of all owners
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('users', '{"load": {"posts": {"limit": 2}}}') s OFFSET 1;
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('users', '{"load": {"posts": {"limit": 2, "order": ["-id"]}}}') s OFFSET 1;
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('users', '{"load": {"posts": {"limit": 2, "order": ["user.name", "id"]}}}') s OFFSET 1;
CREATE INDEX ON posts (user_id, posted) WHERE NOT draft;
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('users', '{"load": {"posts": {"limit": 2, "order": ["-posted"]}}}') s OFFSET 1;
DROP INDEX posts_user_id_posted_idx;
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('users', '{"load": {"posts": {"limit": 2, "order": ["-posted"]}}}') s OFFSET 1;
-- a page ordered by it
SELECT orm.paginate('users', '{"select": ["id"], "order": ["-latest.id"], "limit": 2}') -> 'items' AS items;
-- on the way, and for more than one row of JSON from before
SELECT orm.has_many_through('users', 'latest_marks', 'latest.marks');
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "load": {"latest_marks": {"select": ["post_id", "stars"]}}, "count": ["latest_marks"]}');
SELECT orm.load('users', '[{"id": 1}, {"id": 5}]'::json, '{"load": {"latest": {"select": ["id"]}, "best_mark": {"select": ["stars"]}}}');
-- NULL in a part of the key: no row
SELECT orm.fetch('posts', '{"select": ["id"], "where": {"id": 9}, "load": ["user"]}');
SET client_min_messages = warning;
DROP SCHEMA oom CASCADE;
