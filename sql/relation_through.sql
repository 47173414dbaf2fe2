-- Relations that go through other relations, compared with statements written by hand.
SET client_min_messages = warning;
CREATE SCHEMA way;
SET search_path = way, public;
CREATE TABLE countries (id int PRIMARY KEY, name text);
CREATE TABLE users (id bigint PRIMARY KEY, name text, country_id int REFERENCES countries, gone timestamptz);
CREATE INDEX ON users (country_id);
CREATE TABLE posts (id int PRIMARY KEY, user_id bigint REFERENCES users, title text, hidden boolean NOT NULL);
CREATE INDEX ON posts (user_id);
CREATE TABLE tags (id smallint PRIMARY KEY, label text);
CREATE TABLE post_tag (post_id int REFERENCES posts, tag_id smallint REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));
CREATE INDEX ON post_tag (tag_id);
INSERT INTO countries SELECT i, 'c' || i FROM generate_series(1, 4) i;
-- the middle may be missing: every third user has no country, two posts no user
INSERT INTO users SELECT i, 'u' || i, nullif(i % 3, 0), CASE WHEN i = 7 THEN now() END FROM generate_series(1, 8) i;
INSERT INTO posts SELECT i, nullif(i % 8, 0), 'p' || i, i % 5 = 0 FROM generate_series(1, 24) i;
INSERT INTO tags SELECT i, 't' || i FROM generate_series(1, 5) i;
INSERT INTO post_tag SELECT p, t, p * t % 7 FROM generate_series(1, 24) p, generate_series(1, 5) t WHERE (p * 3 + t * t) % 8 < 3;
SELECT count(*) FROM orm.reflect('way');
SELECT orm.entity('users', 'users', soft_delete => 'gone');
SELECT orm.scope('posts', 'shown', condition => '{"hidden": false}', global => true);
SELECT orm.has_one('users', 'latest', 'posts', order_by => '{-id}');
RESET client_min_messages;

-- a chain of two, of three with a junction at its end, of throughs, back again, and to one
SELECT orm.has_many_through('countries', 'posts', 'users.posts');
SELECT orm.has_many_through('countries', 'tags', 'users.posts.tags');
SELECT orm.has_many_through('tags', 'countries', 'posts.user.country');
SELECT orm.has_many_through('countries', 'fellows', 'tags.countries');
SELECT orm.has_one_through('posts', 'country', 'user.country');
-- one of many: on the way, at its end, and at the end of a way to one
SELECT orm.has_many_through('countries', 'latest_tags', 'users.latest.tags');
SELECT orm.has_many_through('countries', 'latest', 'users.latest');
SELECT orm.has_one_through('posts', 'next', 'user.latest');
SELECT orm.has_one_through('tags', 'newest_country', 'posts.user.country', order_by => '{-name}');
SELECT orm.has_one_through('countries', 'some_post', 'users.posts');
SELECT name, type, details FROM orm.describe('countries') WHERE kind = 'relation';
SELECT name, type, details FROM orm.describe('tags') WHERE kind = 'relation';

-- what has no way
SET client_min_messages = error;
DO $$
DECLARE
	wrong text[];
	detail text;
	hint text;
BEGIN
	FOREACH wrong SLICE 1 IN ARRAY ARRAY[
		['has_many_through', 'countries', 'users.post'], ['has_many_through', 'countries', 'user.posts'],
		['has_many_through', 'countries', ''], ['has_many_through', 'countries', 'users..posts'],
		['has_many_through', 'countries', 'tags.latest_tags'], ['has_one_through', 'posts', 'country.posts.next'],
		['has_many_through', 'tags', 'countries.latest_tags']] LOOP
		BEGIN
			EXECUTE format('SELECT orm.%I(%L, %L, %L)', wrong[1], wrong[2], CASE WHEN wrong[2] = 'tags' THEN 'countries' WHEN wrong[3] LIKE '%next' THEN 'next' ELSE 'latest_tags' END, wrong[3]);
			RAISE WARNING '% %: declared', wrong[2], wrong[3];
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			RAISE INFO '% % % % %', wrong[3], sqlstate, sqlerrm, detail, hint;
		END;
	END LOOP;
END
$$;
SELECT orm.has_many_through('countries', 'x', NULL);
SELECT orm.has_many_through('countries', 'x', 'users.posts', owned => true, on_missing => 'delete', on_foreign => 'move');
RESET client_min_messages;

-- the same as by hand, by every strategy
\getenv top PG_ABS_SRCDIR
\set compared :top '/test/sql/compared.sql'
\i :compared
CREATE VIEW u AS SELECT * FROM users WHERE gone IS NULL;
CREATE VIEW p AS SELECT * FROM posts WHERE NOT hidden;
SELECT compared('countries', 'posts', 'SELECT p.id FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id ORDER BY p.id');
SELECT compared('countries', 'posts', 'SELECT p.id FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id ORDER BY p.id DESC LIMIT 2 OFFSET 1', ', "order": ["-id"], "limit": 2, "offset": 1');
SELECT compared('countries', 'tags', 'SELECT DISTINCT pt.tag_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id WHERE u.country_id = o.id ORDER BY 1');
SELECT compared('countries', 'tags', 'SELECT DISTINCT pt.tag_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id WHERE u.country_id = o.id ORDER BY 1 LIMIT 2', ', "limit": 2');
SELECT compared('tags', 'countries', 'SELECT DISTINCT u.country_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id WHERE pt.tag_id = o.id AND u.country_id IS NOT NULL ORDER BY 1');
SELECT compared('tags', 'newest_country', 'SELECT max(u.country_id) FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id WHERE pt.tag_id = o.id');
SELECT compared('countries', 'some_post', 'SELECT min(p.id) FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id');
SELECT compared('posts', 'country', 'SELECT u.country_id FROM u WHERE u.id = o.user_id AND u.country_id IS NOT NULL');
SELECT compared('countries', 'latest', 'SELECT (SELECT max(p.id) FROM p WHERE p.user_id = u.id) FROM u WHERE u.country_id = o.id ORDER BY 1');
SELECT compared('countries', 'latest_tags', 'SELECT DISTINCT pt.tag_id FROM u JOIN post_tag pt ON pt.post_id = (SELECT max(p.id) FROM p WHERE p.user_id = u.id) WHERE u.country_id = o.id ORDER BY 1');
SELECT compared('posts', 'next', 'SELECT max(p.id) FROM u JOIN p ON p.user_id = u.id WHERE u.id = o.user_id HAVING max(p.id) > 0');
SELECT compared('countries', 'fellows', 'SELECT DISTINCT u2.country_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id JOIN post_tag pt2 ON pt2.tag_id = pt.tag_id JOIN p p2 ON p2.id = pt2.post_id JOIN u u2 ON u2.id = p2.user_id WHERE u.country_id = o.id AND u2.country_id IS NOT NULL ORDER BY 1');
SELECT compared('countries', 'tags', 'SELECT DISTINCT pt.tag_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id WHERE u.country_id = o.id AND pt.tag_id > 3 ORDER BY 1', ', "where": {"id": {"$gt": 3}}');

-- counts, aggregates and conditions are about each row once
CREATE VIEW country_tag AS SELECT DISTINCT u.country_id, pt.tag_id FROM u JOIN p ON p.user_id = u.id JOIN post_tag pt ON pt.post_id = p.id;
SELECT orm.list('countries', '{"select": ["id"], "order": ["-tags_count", "id"], "count": ["tags", "posts"],
	"aggregate": {"sum": {"relation": "tags", "function": "sum", "property": "id"}, "some": {"relation": "tags", "function": "count", "where": {"id": {"$lt": 3}}}}}')::jsonb =
	(SELECT jsonb_agg(jsonb_build_object('id', id, 'tags_count', tags, 'posts_count', posts, 'sum', sum, 'some', few) ORDER BY tags DESC, id)
	FROM (SELECT id, (SELECT count(*) FROM country_tag WHERE country_id = c.id) AS tags, (SELECT count(*) FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = c.id) AS posts,
		(SELECT sum(tag_id) FROM country_tag WHERE country_id = c.id) AS sum, (SELECT count(*) FROM country_tag WHERE country_id = c.id AND tag_id < 3) AS few FROM countries c) c) AS same;
SELECT orm.list('countries', '{"select": ["id"], "order": ["-tags_count", "id"], "count": ["tags", "posts"],
	"aggregate": {"sum": {"relation": "tags", "function": "sum", "property": "id"}, "some": {"relation": "tags", "function": "count", "where": {"id": {"$lt": 3}}}}}');
CREATE FUNCTION ids(entity text, condition jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(e ->> 'id', ',' ORDER BY (e ->> 'id')::int) FROM orm.fetch(entity, jsonb_build_object('where', condition)) e $$;
SELECT ids('countries', '{"tags": {"$count": 5}}') AS of_all_tags, ids('countries', '{"tags": {"$count": {"$where": {"id": {"$gt": 3}}, "$gte": 1}}}') AS of_late_ones,
	ids('countries', '{"tags": {"label": "t1"}}') AS some, ids('countries', '{"tags": {"$none": {"label": "t1"}}}') AS none, ids('countries', '{"tags": {"$every": {"id": {"$lt": 9}}}}') AS every,
	ids('countries', '{"tags": false}') AS without, ids('countries', '{"tags": {"$aggregate": {"function": "sum", "property": "id", "$eq": 15}}}') AS summed;
SELECT ids('posts', '{"country": {"name": "c1"}}') AS of_country, ids('posts', '{"country": null}') AS of_none, ids('posts', '{"next": {"id": {"$eq": {"$col": "^.id"}}}}') AS newest,
	ids('tags', '{"newest_country": {"name": "c1"}}') AS newest_country, ids('tags', '{"countries": {"name": "c1"}}') AS country,
	ids('users', '{"latest": {"title": "p17"}}') AS latest, ids('users', '{"latest": {"title": "p9"}}') AS not_latest, ids('users', '{"posts": {"title": "p9"}}') AS one_of_many;
-- to one in an order and in an operand
SELECT string_agg(e ->> 'id', ',') FROM orm.fetch('posts', '{"order": ["-country.name", "-next.id", "id"]}') e;
SELECT string_agg(p.id::text, ',' ORDER BY u.country_id DESC, (SELECT max(id) FROM p AS q WHERE q.user_id = u.id) DESC, p.id) FROM p LEFT JOIN u ON u.id = p.user_id;
SELECT ids('posts', '{"title": {"$gt": {"$col": "country.name"}}}');

-- documents from outside: the same rows, and a trusted condition on the relation bounds what is asked of it
SELECT orm.list('countries', orm.untrusted('{"select": ["id"], "order": ["id"], "where": {"tags": {"label": "t1"}}, "load": {"tags": {"limit": 1}}, "count": ["tags"]}'));
SELECT orm.list('countries', orm.untrusted('{"select": ["id"], "order": ["id"], "where": {"tags": {"label": "t1"}}, "count": ["tags"]}'), '{"load": {"tags": {"where": {"id": {"$gt": 1}}}}}');
SELECT orm.list('countries', orm.untrusted('{"load": {"tags": {"strategy": "lateral"}}}'));

-- strategies: what cannot serve is refused, what serves is shown
SELECT strategy FROM orm.explain('countries', '{"load": {"tags": {}, "posts": {"limit": 1}}}') ORDER BY path;
SELECT strategy FROM orm.explain('countries', '{"load": {"tags": {"strategy": "lateral"}, "posts": {"strategy": "row_number"}}}') ORDER BY path;
SELECT strategy FROM orm.explain('countries', '{"load": {"users": {"strategy": "any"}}}') ORDER BY path;
SELECT orm.list('countries', '{"load": {"tags": {"strategy": "any"}}}');
SELECT orm.list('countries', '{"load": {"users": {"strategy": "any", "limit": 1}}}');
SELECT orm.list('countries', '{"load": {"tags": {"strategy": "ordinality", "limit": 1}}}');
SELECT orm.list('countries', '{"load": {"tags": {"strategy": "row_number", "distinct": ["label"]}}}');
SELECT orm.list('countries', '{"load": {"tags": {"strategy": "row_numbers"}}}');
SELECT orm.list('countries', '{"load": {"tags": {"strategy": 1}}}');
SELECT orm.list('countries', '{"strategy": "any"}');

-- rows at hand, and entities from before
SELECT orm.hydrate(p, '{"select": ["id"], "load": {"country": {"select": ["id"]}, "next": {"select": ["id"]}}}') FROM posts p WHERE id = 1;
SELECT orm.load('countries', '[{"id": 3}, {"id": 1}]'::json, '{"load": {"tags": {"select": ["id"]}}}');

-- a declaration replaces, follows what it stands on, and comes out as it went in
SELECT orm.has_many_through('countries', 'posts', 'users.posts', order_by => '{-id}', condition => '{"id": {"$lt": 10}}');
SELECT compared('countries', 'posts', 'SELECT p.id FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id AND p.id < 10 ORDER BY p.id DESC');
SELECT orm.export('countries') -> 'entities' -> 'countries' -> 'relations';
CREATE TEMP TABLE before AS SELECT orm.export()::text AS model;
SELECT count(*) FROM orm.define((SELECT model FROM before));
SELECT orm.export()::text = model AS same FROM before;
SET client_min_messages = warning;
SELECT count(orm.drop_entity(name)) FROM orm.entities;
SELECT count(*) FROM orm.define((SELECT model FROM before));
SELECT orm.export()::text = model AS same FROM before;
RESET client_min_messages;
SELECT orm.drop_relation('countries', 'latest');
SELECT orm.has_many('users', 'writings', 'posts', condition => '{"title": {"$like": "p1%"}}');
SELECT orm.has_many_through('countries', 'writings', 'users.writings');
SELECT compared('countries', 'writings', 'SELECT p.id FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id AND p.title LIKE ''p1%'' ORDER BY p.id');
SELECT orm.has_many('users', 'writings', 'posts', condition => '{"title": {"$like": "p2%"}}');
SELECT compared('countries', 'writings', 'SELECT p.id FROM u JOIN p ON p.user_id = u.id WHERE u.country_id = o.id AND p.title LIKE ''p2%'' ORDER BY p.id');
SELECT orm.drop_relation('users', 'writings');
SELECT kind, name, source, details FROM orm.describe('countries') WHERE name = 'writings';
SELECT orm.list('countries', '{"load": ["writings"]}');
SELECT orm.has_many('users', 'writings', 'posts');
SELECT name, type, details FROM orm.describe('countries') WHERE name = 'writings';
-- composite keys that share a column, alternate keys, and NULL in a part of one
SET client_min_messages = warning;
CREATE TABLE shops (id int PRIMARY KEY, code text UNIQUE);
CREATE TABLE orders (shop int REFERENCES shops, no int, id int UNIQUE, PRIMARY KEY (shop, no));
CREATE TABLE goods (shop int REFERENCES shops, sku text, id int UNIQUE, PRIMARY KEY (shop, sku));
CREATE TABLE lines (id int PRIMARY KEY, shop int, order_no int, sku text, shop_code text REFERENCES shops (code),
	FOREIGN KEY (shop, order_no) REFERENCES orders, FOREIGN KEY (shop, sku) REFERENCES goods);
INSERT INTO shops VALUES (1, 'a'), (2, 'b');
INSERT INTO orders SELECT s, n, s * 10 + n FROM generate_series(1, 2) s, generate_series(1, 2) n;
INSERT INTO goods SELECT s, k, s * 10 + length(k) FROM generate_series(1, 2) s, unnest('{x,yy}'::text[]) k;
INSERT INTO lines VALUES (1, 1, 1, 'x', 'a'), (2, 1, 1, 'yy', 'b'), (3, 1, 1, 'x', 'b'), (4, 2, 1, 'x', NULL), (5, 2, NULL, 'yy', 'a'), (6, 2, 2, NULL, 'a'), (7, NULL, 1, 'x', 'a');
SELECT count(*) FROM orm.reflect('way');
RESET client_min_messages;
SELECT name, type FROM orm.describe('lines') WHERE kind = 'relation' ORDER BY 1;
SELECT orm.has_many_through('orders', 'bought', 'lines.goods'), orm.has_many_through('goods', 'sold_in', 'lines.orders'), orm.has_many_through('goods', 'shops_by_code', 'lines.shops');
SELECT compared('orders', 'bought', 'SELECT DISTINCT g.id FROM lines l JOIN goods g USING (shop, sku) WHERE l.shop = o.shop AND l.order_no = o.no ORDER BY 1', ', "order": ["id"]');
SELECT compared('goods', 'sold_in', 'SELECT DISTINCT x.id FROM lines l JOIN orders x ON x.shop = l.shop AND x.no = l.order_no WHERE l.shop = o.shop AND l.sku = o.sku ORDER BY 1', ', "order": ["id"]');
SELECT compared('goods', 'shops_by_code', 'SELECT DISTINCT s.id FROM lines l JOIN shops s ON s.code = l.shop_code WHERE l.shop = o.shop AND l.sku = o.sku ORDER BY 1', ', "limit": 3');
SELECT orm.fetch('goods', '{"select": ["id"], "order": ["id"], "count": ["sold_in", "shops_by_code"]}');
SET client_min_messages = warning;
DROP SCHEMA way CASCADE;
