-- Relations by an array of keys, and by a function of the owner's row.
SET client_min_messages = warning;
CREATE SCHEMA listed;
SET search_path = listed, public;
CREATE TABLE tags (id int PRIMARY KEY, label text, gone boolean NOT NULL DEFAULT false);
CREATE TABLE posts (id bigint PRIMARY KEY, title text, tag_ids bigint[], views int);
CREATE DOMAIN day AS date;
CREATE TABLE days (id serial PRIMARY KEY, day day UNIQUE, note text);
CREATE TABLE trips (id int PRIMARY KEY, days date[], labels text[]);
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
INSERT INTO tags SELECT i, 't' || i, i = 4 FROM generate_series(1, 6) i;
-- elements that repeat, that are missing, that are NULL, none at all, more than one dimension
INSERT INTO posts VALUES (1, 'p1', '{3,1,2}', 10), (2, 'p2', '{2,2,9,1,2}', 20), (3, 'p3', '{}', 30), (4, 'p4', NULL, 40),
	(5, 'p5', '{NULL,6,NULL,5}', 50), (6, 'p6', '{{1,2},{3,1}}', 60), (7, 'p7', '[5:6]={4,3}', 70), (8, 'p8', '{3,1,2}', 80);
SELECT count(*) FROM orm.reflect('listed');
SELECT orm.scope('tags', 'there', condition => '{"gone": false}', global => true);
RESET client_min_messages;

SELECT orm.has_many_in('posts', 'tags', 'tags', 'tag_ids');
SELECT orm.has_many_in('posts', 'late_tags', 'tags', 'tag_ids', condition => '{"id": {"$gt": 2}}', order_by => '{-id}');
SELECT name, type, details FROM orm.describe('posts') WHERE kind = 'relation';
\getenv top PG_ABS_SRCDIR
\set compared :top '/test/sql/compared.sql'
\i :compared
-- each row once, at its first place
SELECT compared('posts', 'tags', 'SELECT t.id FROM tags t JOIN unnest(o.tag_ids) WITH ORDINALITY u(e, n) ON t.id = u.e WHERE NOT t.gone GROUP BY t.id ORDER BY min(n)');
SELECT compared('posts', 'tags', 'SELECT t.id FROM tags t JOIN unnest(o.tag_ids) WITH ORDINALITY u(e, n) ON t.id = u.e WHERE NOT t.gone GROUP BY t.id ORDER BY min(n) LIMIT 1 OFFSET 1', ', "limit": 1, "offset": 1');
SELECT compared('posts', 'tags', 'SELECT t.id FROM tags t WHERE t.id = ANY (o.tag_ids) AND NOT gone ORDER BY label DESC', ', "order": ["-label"]');
SELECT compared('posts', 'late_tags', 'SELECT t.id FROM tags t WHERE t.id = ANY (o.tag_ids) AND NOT gone AND t.id > 2 ORDER BY id DESC');
SELECT orm.list('posts', '{"select": ["id"], "order": ["-tags_count", "id"], "count": ["tags"], "aggregate": {"sum": {"relation": "tags", "function": "sum", "property": "id"}}, "where": {"tags": true}}');
CREATE FUNCTION ids(entity text, condition jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(e ->> 'id', ',' ORDER BY (e ->> 'id')::int) FROM orm.fetch(entity, jsonb_build_object('where', condition)) e $$;
SELECT ids('posts', '{"tags": {"label": "t2"}}') AS some, ids('posts', '{"tags": {"$count": 2}}') AS two, ids('posts', '{"tags": false}') AS none,
	ids('posts', '{"tags": {"$every": {"id": {"$lt": 4}}}}') AS every;
-- rows at hand, entities from before, and rows of a query
SELECT orm.hydrate(p, '{"select": ["id"], "load": {"tags": {"select": ["id"]}}}') FROM posts p WHERE id < 3;
SELECT orm.load('posts', '[{"id": 1, "tag_ids": [2, 2, 1]}, {"id": 9, "tag_ids": null}, {"id": 2, "tag_ids": [9223372036854775807, 1]}]'::json, '{"load": {"tags": {"select": ["id"]}}}');
SELECT orm.load('posts', '[{"id": 1, "tag_ids": ["x"]}]'::json, '{"load": {"tags": {"select": ["id"]}}}');
SELECT orm.load('posts', '[{"id": 1}]'::json, '{"load": {"tags": {"select": ["id"]}}}');
SELECT orm.hydrate_query('posts', 'SELECT id, ARRAY[2, 1] AS tag_ids FROM listed.posts WHERE id = 1', '{"load": {"tags": {"select": ["id"]}}}');
SELECT orm.list('posts', orm.untrusted('{"select": ["id"], "where": {"tags": {"label": "t6"}}, "load": {"tags": {"limit": 1}}, "count": ["tags"]}'));

-- keys of other types, other columns than the primary key by the entity's key, and as a part of a way
SELECT orm.entity('days', 'days', key => '{day}');
INSERT INTO days (day) SELECT date '2026-01-01' + i FROM generate_series(0, 4) i;
INSERT INTO trips VALUES (1, '{2026-01-03,2026-01-01}', '{t2,t1}'), (2, '{infinity,2026-01-05}', NULL);
SELECT orm.has_many_in('trips', 'stops', 'days', 'days');
SELECT orm.list('trips', '{"order": ["id"], "load": ["stops"]}');
SET client_min_messages = warning;
CREATE TABLE shelves (id int PRIMARY KEY, post_ids int[]);
INSERT INTO shelves VALUES (1, '{2,1}'), (2, '{5,6,2}'), (3, '{}');
SELECT orm.entity('shelves', 'shelves');
RESET client_min_messages;
SELECT orm.has_many_in('shelves', 'posts', 'posts', 'post_ids');
SELECT orm.has_many_through('shelves', 'tags', 'posts.tags');
SELECT compared('shelves', 'tags', 'SELECT DISTINCT t.id FROM posts p JOIN tags t ON t.id = ANY (p.tag_ids) WHERE p.id = ANY (o.post_ids) AND NOT t.gone ORDER BY 1');
SELECT orm.list('shelves', '{"select": ["id"], "count": ["tags"], "where": {"tags": {"id": 1}}, "order": ["-tags_count"]}');

-- what is no array of keys
SELECT orm.has_many_in('posts', 'x', 'tags', 'views');
SELECT orm.has_many_in('posts', 'x', 'tags', 'tag_idz');
SELECT orm.has_many_in('posts', 'x', 'pairs', 'tag_ids');
SELECT orm.has_many_in('trips', 'x', 'tags', 'labels');
SELECT orm.has_many_in('posts', 'tags', 'tags', NULL);
-- it follows its columns
ALTER TABLE posts RENAME tag_ids TO tag_list;
ALTER TABLE tags RENAME id TO tag_id;
SELECT keys, target_key FROM orm.relations WHERE name = 'tags' AND relation = 'posts'::regclass;
SELECT orm.find('posts', 1, '{"select": ["id"], "load": {"tags": {"select": ["label"]}}}');
ALTER TABLE tags RENAME tag_id TO id;
ALTER TABLE posts DROP tag_list;
SELECT count(*) FROM orm.relations WHERE relation = 'posts'::regclass;

-- by a function
CREATE FUNCTION popular(posts) RETURNS SETOF posts LANGUAGE sql STABLE AS $$ SELECT * FROM listed.posts p WHERE p.views > $1.views $$;
CREATE FUNCTION first_tags(listed.posts) RETURNS SETOF tags LANGUAGE sql STABLE ROWS 5 AS $$ SELECT * FROM listed.tags WHERE id <= $1.id ORDER BY id DESC $$;
CREATE FUNCTION one_tag(posts) RETURNS tags LANGUAGE sql STABLE AS $$ SELECT * FROM listed.tags LIMIT 1 $$;
SELECT orm.has_many_by('posts', 'better', 'posts', 'popular', order_by => '{views}');
SELECT orm.has_many_by('posts', 'tags', 'tags', 'listed.first_tags(listed.posts)');
SELECT name, type, details FROM orm.describe('posts') WHERE kind = 'relation';
SELECT compared('posts', 'better', 'SELECT p.id FROM posts p WHERE p.views > o.views ORDER BY views');
SELECT compared('posts', 'better', 'SELECT p.id FROM posts p WHERE p.views > o.views ORDER BY id DESC LIMIT 2', ', "order": ["-id"], "limit": 2');
SELECT compared('posts', 'tags', 'SELECT t.id FROM tags t WHERE t.id <= o.id AND NOT gone ORDER BY id');
SELECT orm.list('posts', '{"select": ["id"], "order": ["-tags_count", "id"], "count": ["tags", "better"], "where": {"better": {"id": 7}}}');
SELECT orm.hydrate(p, '{"select": ["id"], "load": {"tags": {"select": ["id"]}}}') FROM posts p WHERE id < 3;
SELECT orm.list('posts', orm.untrusted('{"select": ["id"], "where": {"tags": {"label": "t6"}}, "load": {"tags": {"limit": 1}}, "count": ["tags"]}'));
-- what is no such function
SELECT orm.has_many_by('posts', 'x', 'tags', 'nowhere');
SELECT orm.has_many_by('posts', 'x', 'tags', 'nowhere(posts)');
SELECT orm.has_many_by('posts', 'x', 'tags', 'popular');
SELECT orm.has_many_by('posts', 'x', 'tags', 'one_tag');
SELECT orm.has_many_by('tags', 'x', 'tags', 'first_tags');
SELECT orm.has_many_by('tags', 'x', 'tags', 'first_tags(posts)');
SELECT orm.has_many_through('posts', 'x', 'better.tags');
SELECT orm.define('{"orm": 1, "entities": {"posts": {"relations": {"x": {"has_many": "tags", "keys": "views", "function": "popular"}}}}}');
-- it runs as the caller
CREATE ROLE listed_reader;
GRANT USAGE ON SCHEMA listed TO listed_reader;
GRANT SELECT ON posts TO listed_reader;
SET ROLE listed_reader;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"better": {"select": ["id"]}}}');
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"tags": {"select": ["id"]}}}');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION popular FROM PUBLIC;
SET ROLE listed_reader;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"better": {"select": ["id"]}}}');
RESET ROLE;
-- in a schema that he may not use, it harms nothing but itself
CREATE SCHEMA listed_inner;
CREATE FUNCTION listed_inner.same(posts) RETURNS SETOF posts LANGUAGE sql STABLE AS $$ SELECT * FROM listed.posts p WHERE p.id = $1.id $$;
SELECT orm.has_many_by('posts', 'same', 'posts', 'listed_inner.same');
\c
SET search_path = listed, public;
SET ROLE listed_reader;
SELECT orm.find('posts', 7, '{"select": ["id"]}');
SELECT source, details FROM orm.describe('posts') WHERE name = 'same';
SELECT entity, subject, message FROM orm.check() WHERE subject = 'relation same';
SELECT orm.find('posts', 7, '{"select": ["id"], "load": ["same"]}');
RESET ROLE;
-- one that takes its name and gives other rows is not called as if it were the same
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"same": {"select": ["id"]}}}');
DROP FUNCTION listed_inner.same;
CREATE TABLE drafts (LIKE posts);
INSERT INTO drafts VALUES (8, 'no post');
CREATE FUNCTION listed_inner.same(posts) RETURNS SETOF drafts LANGUAGE sql STABLE AS $$ SELECT * FROM listed.drafts $$;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"same": {"select": ["id"]}}}');
DROP FUNCTION listed_inner.same;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"same": {"select": ["id"]}}}');
CREATE FUNCTION listed_inner.same(posts) RETURNS SETOF posts LANGUAGE sql STABLE AS $$ SELECT * FROM listed.posts p WHERE p.id = $1.id - 1 $$;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"same": {"select": ["id"]}}}');
SET client_min_messages = warning;
DROP SCHEMA listed_inner CASCADE;
RESET client_min_messages;
SELECT orm.find('posts', 7, '{"select": ["id"], "load": {"same": {"select": ["id"]}}}');
SELECT orm.drop_relation('posts', 'same');
DROP TABLE drafts;
-- documents, and what is gone
SELECT orm.export('posts', 'shelves') -> 'entities' -> 'posts' -> 'relations';
CREATE TEMP TABLE before AS SELECT orm.export()::text AS model;
SELECT count(*) FROM orm.define((SELECT model FROM before));
SELECT orm.export()::text = model AS same FROM before;
DROP FUNCTION popular;
SELECT orm.list('posts', '{"load": ["better"]}');
SELECT orm.drop_relation('posts', 'tags');
SELECT kind, name, source, details FROM orm.describe('posts') WHERE kind IN ('relation', 'orphan');
SET client_min_messages = warning;
DROP SCHEMA listed CASCADE;
DROP ROLE listed_reader;
