-- The clauses count and aggregate: numbers about related rows.
CREATE SCHEMA agg;
SET search_path = agg;
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text NOT NULL,
	views integer, price numeric, published boolean NOT NULL DEFAULT true, on_day date);
CREATE INDEX ON posts (user_id);
CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint NOT NULL REFERENCES posts, body text NOT NULL, words integer NOT NULL);
CREATE TABLE tags (id bigint PRIMARY KEY, label text NOT NULL);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id bigint REFERENCES tags, position integer, PRIMARY KEY (post_id, tag_id));
SELECT orm.reflect('agg');
INSERT INTO users VALUES (1, 'ada'), (2, 'bob'), (3, 'cyd');
INSERT INTO posts VALUES
	(1, 1, 'one', 10, 1.50, true, '2026-01-03'), (2, 1, 'two', 20, NULL, false, '2026-01-01'),
	(3, 1, 'three', NULL, 2.25, true, '2026-01-02'), (4, 2, 'four', 5, 7, true, NULL), (5, NULL, 'five', 1, 1, true, NULL);
INSERT INTO comments VALUES (1, 1, 'a', 3), (2, 1, 'b', 4), (3, 2, 'c', 5), (4, 4, 'd', 1);
INSERT INTO tags VALUES (1, 'x'), (2, 'y'), (3, 'z');
INSERT INTO post_tag VALUES (1, 1, 1), (1, 2, 2), (2, 1, 1), (4, 3, 9);

-- a number of rows: 0 without any
SELECT orm.fetch('users', '{"count": ["posts"], "order": ["id"]}');
-- functions over a property: null without any
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "aggregate": {
	"views": {"relation": "posts", "function": "sum", "property": "views"},
	"mean": {"relation": "posts", "function": "avg", "property": "price"},
	"first_day": {"relation": "posts", "function": "min", "property": "on_day"},
	"last_title": {"relation": "posts", "function": "max", "property": "title"},
	"priced": {"relation": "posts", "function": "count", "property": "price"},
	"shown": {"relation": "posts", "function": "count", "where": {"published": true}}}}');
-- filtered, beside the same unfiltered, in the order asked for
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "count": ["posts"], "aggregate": {
	"a_shown": {"relation": "posts", "function": "count", "where": {"published": true}},
	"b_views": {"relation": "posts", "function": "sum", "property": "views"},
	"c_shown_views": {"relation": "posts", "function": "sum", "property": "views", "where": {"published": true}}}}');
-- one statement for each relation and filter
SELECT path, strategy, actual_rows, loops FROM orm.explain('users', '{"count": ["posts"], "aggregate": {
	"a_shown": {"relation": "posts", "function": "count", "where": {"published": true}},
	"b_views": {"relation": "posts", "function": "sum", "property": "views"},
	"c_shown_views": {"relation": "posts", "function": "sum", "property": "views", "where": {"published": true}}}}');
SELECT orm.sql('users', '{"select": ["id"], "count": ["posts"], "aggregate": {
	"views": {"relation": "posts", "function": "sum", "property": "views", "where": {"published": true}}}}');

-- relations do not multiply each other
SELECT orm.fetch('posts', '{"select": ["id"], "order": ["id"], "count": ["tags", "comments"], "aggregate": {
	"words": {"relation": "comments", "function": "sum", "property": "words"},
	"last_tag": {"relation": "tags", "function": "max", "property": "label"}}}');
-- to one
SELECT orm.fetch('posts', '{"select": ["id"], "order": ["id"], "count": ["user"]}');
-- at every level, before relations; many parents share one row
SELECT orm.list('users', '{"order": ["id"], "count": ["posts"], "load": {"posts": {"select": ["title"], "count": ["comments", "tags"],
	"load": {"tags": {"select": ["label"], "count": ["posts"]}}}}}');
-- nothing else
SELECT orm.fetch('users', '{"select": [], "count": ["posts"], "order": ["id"]}');
SELECT orm.fetch('users', '{"select": [], "count": ["posts"], "load": ["posts"], "where": {"id": 3}}');
-- in windows of every size
SET orm.window_size = 1;
SELECT orm.fetch('users', '{"select": ["id"], "count": ["posts"], "order": ["id"]}');
SET orm.window_size = 2;
SELECT orm.fetch('users', '{"select": ["id"], "count": ["posts"], "order": ["id"]}');
RESET orm.window_size;

-- ordered by: at the root and in a relation
SELECT orm.fetch('users', '{"select": ["name"], "count": ["posts"], "order": ["-posts_count"], "limit": 2}');
SELECT orm.fetch('users', '{"select": ["name"], "order": [{"views": "asc nulls first"}, "name"],
	"aggregate": {"views": {"relation": "posts", "function": "sum", "property": "views"}}}');
SELECT orm.find('users', 1, '{"load": {"posts": {"select": ["title"], "count": ["comments"], "order": ["-comments_count", "title"]}}}');
SELECT orm.find('users', 1, '{"load": {"posts": {"select": ["title"], "count": ["tags"], "order": ["-tags_count"], "limit": 1}}}');
SELECT orm.fetch('posts', '{"select": ["id"], "count": ["tags"], "order": ["-tags_count", "id"]}', '{"aggregate": {"shared":
	{"relation": "tags", "function": "count", "where": {"label": "x"}}}, "order": ["shared"]}');
SELECT orm.count('users', '{"count": ["posts"], "order": ["posts_count"]}');

SELECT orm.paginate('users', '{"select": ["id"], "count": ["posts"], "order": ["-posts_count"], "limit": 2, "page": 2}');

-- the junction's columns in a filter
SELECT orm.fetch('posts', '{"select": ["id"], "order": ["-a", "id"], "aggregate": {
	"a": {"relation": "tags", "function": "count", "where": {"$pivot": {"position": {"$lt": 5}}}}}}');

-- the condition of a relation holds inside
SELECT orm.has_many('users', 'posts', 'posts');
SELECT orm.has_many('users', 'published_posts', 'posts', condition => '{"published": true}');
SELECT orm.fetch('users', '{"select": ["id"], "count": ["posts", "published_posts"], "order": ["-published_posts_count", "id"]}');

-- and the global scopes of the target, wherever they are aggregated or ordered by
SELECT orm.scope('posts', 'popular', condition => '{"views": {"$gte": 10}}', global => true);
SELECT orm.fetch('users', '{"select": ["id"], "count": ["posts"], "order": ["-posts_count", "id"], "aggregate": {"least": {"relation": "posts", "function": "min", "property": "views"}}}');
SELECT orm.list('users', orm.untrusted('{"select": ["id"], "count": ["posts"], "order": ["-posts_count", "id"], "limit": 1}'));
SELECT orm.drop_scope('posts', 'popular');

-- the other ways to entities
SELECT orm.hydrate(u, '{"count": ["posts"]}') FROM users u ORDER BY id;
SELECT orm.collect(u, '{"count": ["posts"]}') FROM users u;
SELECT orm.hydrate_query('users', 'SELECT id FROM agg.users WHERE id < 3 ORDER BY id', '{"count": ["posts"]}');
SELECT orm.load('users', '[{"id": 1}, {"id": 3, "name": "cyd"}]', '{"count": ["posts"]}');
SELECT orm.load('users', '[{"id": 1, "posts_count": 77}]', '{"count": ["posts"], "load": ["posts"]}');

-- united over clauses
SELECT orm.find('users', 1, '{"count": ["posts"]}', '{"count": ["posts", "published_posts"]}');

-- many rows: the strategy of large tables gives the same
INSERT INTO posts SELECT g, 1 + g % 2, 'p', 1, 1, true, NULL FROM generate_series(1000, 4000) g;
ANALYZE posts;
SELECT path, strategy FROM orm.explain('users', '{"count": ["posts"]}');
SELECT orm.fetch('users', '{"select": ["id"], "order": ["id"], "count": ["posts"],
	"aggregate": {"views": {"relation": "posts", "function": "sum", "property": "views"}}}');

-- what is refused
SELECT orm.fetch('users', '{"count": "posts"}');
SELECT orm.fetch('users', '{"count": ["post"]}');
SELECT orm.fetch('users', '{"count": ["posts.comments"]}');
SELECT orm.fetch('users', '{"aggregate": ["posts"]}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "sum"}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "summ", "property": "views"}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "sum", "property": "vies"}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "sum", "property": "title"}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "count", "were": {}}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "count", "where": null}}}');
SELECT orm.fetch('users', '{"aggregate": {"a": {"relation": "posts", "function": "count", "where": {"views": "many"}}}}');
SELECT orm.fetch('users', '{"aggregate": {"name": {"relation": "posts", "function": "count"}}}');
SELECT orm.fetch('users', '{"aggregate": {"posts": {"relation": "posts", "function": "count"}}}');
SELECT orm.fetch('users', '{"count": ["posts"], "aggregate": {"posts_count": {"relation": "posts", "function": "sum", "property": "views"}}}');
SELECT orm.fetch('users', '{"order": ["posts_count"]}');
SELECT orm.hydrate_query('users', 'SELECT name FROM agg.users', '{"count": ["posts"]}');

SELECT orm.fetch('users', '{"lock": "update", "aggregate": {"a": {"relation": "posts", "function": "count"}}}');
SELECT orm.fetch('users', '{"lock": "update", "count": ["posts"], "select": ["id"], "order": ["id"]}');

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA agg CASCADE;
