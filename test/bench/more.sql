-- Workloads of uncommon shape: none shall be quicker as JSON by hand. The format is described in spec.h,
-- the tables are more.data.sql's and data.sql's.

--: workload M1 60 columns, 2,000 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM bench_more.wide w WHERE id BETWEEN 1001 AND 3000;
--: variant json json_agg
SELECT json_agg(w) FROM bench_more.wide w WHERE id BETWEEN 1001 AND 3000;
--: variant orm fetch
SELECT orm.fetch('wide', '{"where": {"id": {"$between": [1001, 3000]}}}');

--: workload M2 40 columns mostly null, 5,000 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM bench_more.sparse w WHERE id BETWEEN 1001 AND 6000;
--: variant orm fetch
SELECT orm.fetch('sparse', '{"where": {"id": {"$between": [1001, 6000]}}}');

--: workload M3 values out of line, 100 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM bench_more.large w WHERE id BETWEEN 101 AND 200;
--: variant json json_agg
SELECT json_agg(w) FROM bench_more.large w WHERE id BETWEEN 101 AND 200;
--: variant orm fetch
SELECT orm.fetch('large', '{"where": {"id": {"$between": [101, 200]}}}');

--: workload M3d documents alone, 400 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM (SELECT id, doc FROM bench_more.large WHERE id <= 400) w;
--: variant orm fetch
SELECT orm.fetch('large', '{"where": {"id": {"$lte": 400}}, "select": ["id", "doc"]}');

--: workload M3p a text out of line alone, 400 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM (SELECT id, plain FROM bench_more.large WHERE id <= 400) w;
--: variant orm fetch
SELECT orm.fetch('large', '{"where": {"id": {"$lte": 400}}, "select": ["id", "plain"]}');

--: workload M4 arrays, 2,000 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM bench_more.listed w WHERE id BETWEEN 1001 AND 3000;
--: variant orm fetch
SELECT orm.fetch('listed', '{"where": {"id": {"$between": [1001, 3000]}}}');

--: workload M5 numeric and floats, 5,000 rows
--: variant json row_to_json
SELECT row_to_json(w) FROM bench_more.figures w WHERE id BETWEEN 1001 AND 6000;
--: variant orm fetch
SELECT orm.fetch('figures', '{"where": {"id": {"$between": [1001, 6000]}}}');

--: workload M6 20,000 rows of 5 targets
--: variant json join
SELECT row_to_json(x) FROM (SELECT t.*, s AS state FROM bench_more.ticket t JOIN bench_more.state s ON s.id = t.state_id) x;
--: variant json join, targets once
WITH s AS MATERIALIZED (SELECT id, row_to_json(s) AS state FROM bench_more.state s)
SELECT row_to_json(x) FROM (SELECT t.*, s.state FROM bench_more.ticket t JOIN s ON s.id = t.state_id) x;
--: variant json json_build_object
SELECT json_build_object('id', t.id, 'state_id', t.state_id, 'title', t.title, 'state', s.state)
FROM bench_more.ticket t JOIN (SELECT id, row_to_json(s) AS state FROM bench_more.state s OFFSET 0) s ON s.id = t.state_id;
--: variant json set-based strings
SELECT '{"id":' || t.id || ',"state_id":' || t.state_id || ',"title":' || to_json(t.title) || ',"state":' || s.state || '}'
FROM bench_more.ticket t JOIN (SELECT id, row_to_json(s) AS state FROM bench_more.state s OFFSET 0) s ON s.id = t.state_id;
--: variant orm fetch
SELECT orm.fetch('ticket', '{"load": ["state"]}');

--: workload M7 one row with eight relations
--: variant json correlated
--: each SELECT i * 37 FROM generate_series(1, 50) i
SELECT row_to_json(x) FROM (SELECT h.*,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke1 WHERE hub_id = h.id ORDER BY id) s) AS spoke1,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke2 WHERE hub_id = h.id ORDER BY id) s) AS spoke2,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke3 WHERE hub_id = h.id ORDER BY id) s) AS spoke3,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke4 WHERE hub_id = h.id ORDER BY id) s) AS spoke4,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke5 WHERE hub_id = h.id ORDER BY id) s) AS spoke5,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke6 WHERE hub_id = h.id ORDER BY id) s) AS spoke6,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke7 WHERE hub_id = h.id ORDER BY id) s) AS spoke7,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke8 WHERE hub_id = h.id ORDER BY id) s) AS spoke8
	FROM bench_more.hub h WHERE h.id = $1) x;
--: variant orm find
--: each SELECT i * 37 FROM generate_series(1, 50) i
SELECT orm.find('hub', $1::bigint, '{"load": ["spoke1", "spoke2", "spoke3", "spoke4", "spoke5", "spoke6", "spoke7", "spoke8"]}');

--: workload M7b 500 rows with eight relations
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT h.*,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke1 WHERE hub_id = h.id ORDER BY id) s) AS spoke1,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke2 WHERE hub_id = h.id ORDER BY id) s) AS spoke2,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke3 WHERE hub_id = h.id ORDER BY id) s) AS spoke3,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke4 WHERE hub_id = h.id ORDER BY id) s) AS spoke4,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke5 WHERE hub_id = h.id ORDER BY id) s) AS spoke5,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke6 WHERE hub_id = h.id ORDER BY id) s) AS spoke6,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke7 WHERE hub_id = h.id ORDER BY id) s) AS spoke7,
	(SELECT coalesce(json_agg(s), '[]') FROM (SELECT * FROM bench_more.spoke8 WHERE hub_id = h.id ORDER BY id) s) AS spoke8
	FROM bench_more.hub h WHERE h.id BETWEEN 501 AND 1000) x;
--: variant orm fetch
SELECT orm.fetch('hub', '{"where": {"id": {"$between": [501, 1000]}}, "load": ["spoke1", "spoke2", "spoke3", "spoke4", "spoke5", "spoke6", "spoke7", "spoke8"]}');

--: workload M8 one user with posts
--: pinned
--: variant json correlated
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY id) p) AS posts FROM users u WHERE u.id = $1) x;
--: variant json json_build_object
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'active', u.active, 'balance', u.balance, 'settings', u.settings, 'created_at', u.created_at,
	'posts', (SELECT coalesce(json_agg(p ORDER BY p.id), '[]') FROM posts p WHERE author_id = u.id)) FROM users u WHERE u.id = $1;
--: variant orm find
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT orm.find('User', $1::bigint, '{"load": ["posts"]}');

--: workload M8b one post with its author
--: pinned
--: variant json join
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT row_to_json(x) FROM (SELECT p.*, u AS author FROM posts p JOIN users u ON u.id = p.author_id WHERE p.id = $1) x;
--: variant json correlated
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT row_to_json(x) FROM (SELECT p.*, (SELECT row_to_json(u) FROM users u WHERE u.id = p.author_id) AS author FROM posts p WHERE p.id = $1) x;
--: variant orm find
--: each SELECT i * 37 FROM generate_series(1, 200) i
SELECT orm.find('Post', $1::bigint, '{"load": ["author"]}');

--: workload M8c one row by a unique value
--: pinned
--: variant json row_to_json
--: each SELECT 'user' || i || '@example.test' FROM generate_series(1, 200) i
SELECT row_to_json(u) FROM users u WHERE email = $1;
--: variant orm fetch
--: each SELECT 'user' || i || '@example.test' FROM generate_series(1, 200) i
SELECT orm.fetch('User', jsonb_build_object('where', jsonb_build_object('email', $1::text)));
--: variant orm first
--: each SELECT 'user' || i || '@example.test' FROM generate_series(1, 200) i
SELECT orm.first('User', orm.where('email', $1::text));
--: variant orm find
--: each SELECT 'user' || i || '@example.test' FROM generate_series(1, 200) i
SELECT orm.find('User', jsonb_build_object('email', $1::text));

--: workload M8d ten rows flat
--: pinned
--: variant json row_to_json
--: each SELECT i * 10 FROM generate_series(1, 200) i
SELECT row_to_json(u) FROM users u WHERE id BETWEEN $1 AND $1 + 9;
--: variant orm fetch
--: each SELECT i * 10 FROM generate_series(1, 200) i
SELECT orm.fetch('User', jsonb_build_object('where', jsonb_build_object('id', jsonb_build_object('$between', jsonb_build_array($1::int, $1 + 9)))));

--: workload M9 1,000 users with the number of their posts
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT u.*, (SELECT count(*) FROM posts p WHERE p.author_id = u.id) AS posts_count FROM users u WHERE id BETWEEN 1001 AND 2000) x;
--: variant json groups
SELECT row_to_json(x) FROM (SELECT u.*, coalesce(p.n, 0) AS posts_count FROM users u LEFT JOIN (
	SELECT author_id, count(*) AS n FROM posts WHERE author_id BETWEEN 1001 AND 2000 GROUP BY author_id) p ON p.author_id = u.id WHERE id BETWEEN 1001 AND 2000) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [1001, 2000]}}, "count": ["posts"]}');

--: workload M10 500 documents with parts, uuid
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT d.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM bench_more.part WHERE document_id = d.id ORDER BY id) p) AS part
	FROM bench_more.document d WHERE id < '1a000000-0000-0000-0000-000000000000') x;
--: variant json json_agg ORDER BY
SELECT row_to_json(x) FROM (SELECT d.*, (SELECT coalesce(json_agg(p ORDER BY id), '[]') FROM bench_more.part p WHERE document_id = d.id) AS part
	FROM bench_more.document d WHERE id < '1a000000-0000-0000-0000-000000000000') x;
--: variant orm fetch
SELECT orm.fetch('document', '{"where": {"id": {"$lt": "1a000000-0000-0000-0000-000000000000"}}, "load": ["part"]}');

--: workload M11 1,000 bills with lines, two columns
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT b.*, (SELECT coalesce(json_agg(l), '[]') FROM (SELECT * FROM bench_more.line l WHERE (l.shop, l.number) = (b.shop, b.number) ORDER BY pos) l) AS line
	FROM bench_more.bill b WHERE number BETWEEN 1001 AND 2000) x;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (SELECT b.*, coalesce(l.line, '[]') AS line FROM bench_more.bill b LEFT JOIN (
	SELECT shop, number, json_agg(q) AS line FROM (SELECT * FROM bench_more.line WHERE number BETWEEN 1001 AND 2000 ORDER BY shop, number, pos) q GROUP BY shop, number) l
	USING (shop, number) WHERE number BETWEEN 1001 AND 2000) x;
--: variant orm fetch
SELECT orm.fetch('bill', '{"where": {"number": {"$between": [1001, 2000]}}, "load": ["line"]}');

--: workload M12 page of the latest 20 posts with authors
--: variant json lateral
SELECT row_to_json(x) FROM (SELECT p.*, u AS author FROM (SELECT * FROM posts ORDER BY id DESC LIMIT 20) p JOIN users u ON u.id = p.author_id ORDER BY p.id DESC) x;
--: variant orm fetch
SELECT orm.fetch('Post', '{"order": ["-id"], "limit": 20, "load": ["author"]}');

--: workload M13 1,000 posts as one array
--: variant json json_agg
SELECT json_agg(p) FROM posts p WHERE id BETWEEN 2001 AND 3000;
--: variant orm list
SELECT orm.list('Post', '{"where": {"id": {"$between": [2001, 3000]}}}');

--: workload M14 20,000 posts in FROM
--: variant json row_to_json
SELECT e FROM (SELECT row_to_json(p) AS e FROM posts p WHERE id BETWEEN 20001 AND 40000 OFFSET 0) q;
--: variant orm fetch
SELECT e FROM orm.fetch('Post', '{"where": {"id": {"$between": [20001, 40000]}}}') e;

--: workload M15 cities of 200 countries, no index, keys of text
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT c.*, (SELECT coalesce(json_agg(t), '[]') FROM (SELECT * FROM bench_more.city WHERE code = c.code ORDER BY id) t) AS city FROM bench_more.country c) x;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (SELECT c.*, coalesce(t.city, '[]') AS city FROM bench_more.country c LEFT JOIN (
	SELECT code, json_agg(q) AS city FROM (SELECT * FROM bench_more.city ORDER BY code, id) q GROUP BY code) t USING (code)) x;
--: variant json groups, hashed
SELECT row_to_json(x) FROM (SELECT c.*, coalesce(t.city, '[]') AS city FROM bench_more.country c LEFT JOIN (
	SELECT code, json_agg(q) AS city FROM (SELECT * FROM bench_more.city ORDER BY id) q GROUP BY code) t USING (code)) x;
--: variant orm fetch
SELECT orm.fetch('country', '{"load": ["city"]}');

--: workload M16 two columns of 20,000 posts
--: variant json row_to_json
SELECT row_to_json(x) FROM (SELECT id, title FROM posts WHERE id BETWEEN 20001 AND 40000) x;
--: variant json strings
SELECT '{"id":' || id || ',"title":' || to_json(title) || '}' FROM posts WHERE id BETWEEN 20001 AND 40000;
--: variant orm fetch
SELECT orm.fetch('Post', '{"where": {"id": {"$between": [20001, 40000]}}, "select": ["id", "title"]}');

--: workload M17 20,000 posts by a condition that no index serves
--: variant json row_to_json
SELECT row_to_json(p) FROM posts p WHERE views < 10;
--: variant orm fetch
SELECT orm.fetch('Post', '{"where": {"views": {"$lt": 10}}}');

--: workload M18 count of posts
--: variant json count
SELECT to_json(count(*)) FROM posts WHERE published;
--: variant orm count
SELECT to_json(orm.count('Post', '{"where": {"published": true}}'));

--: workload M19 1,000 shops with 5 latest live items, index over these
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT s.*, (SELECT coalesce(json_agg(i), '[]') FROM (SELECT * FROM bench_more.item WHERE shop_id = s.id AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 5) i) AS item
	FROM bench_more.shop s) x;
--: variant orm fetch
SELECT orm.fetch('shop', '{"load": {"item": {"order": ["-created_at"], "limit": 5}}}');

--: workload M20 1,000 shops with the few items that are not done, index over these
--: variant json correlated
SELECT row_to_json(x) FROM (SELECT s.*, (SELECT coalesce(json_agg(i), '[]') FROM (SELECT * FROM bench_more.item WHERE shop_id = s.id AND deleted_at IS NULL AND NOT done ORDER BY id) i) AS item
	FROM bench_more.shop s) x;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (SELECT s.*, coalesce(i.item, '[]') AS item FROM bench_more.shop s LEFT JOIN (
	SELECT shop_id, json_agg(q) AS item FROM (SELECT * FROM bench_more.item WHERE deleted_at IS NULL AND NOT done ORDER BY shop_id, id) q GROUP BY shop_id) i ON i.shop_id = s.id) x;
--: variant orm fetch
SELECT orm.fetch('shop', '{"load": {"item": {"where": {"done": false}}}}');

--: workload M21 1,000 shops with the number of items that are not done
--: variant json groups
SELECT row_to_json(x) FROM (SELECT s.*, coalesce(i.n, 0) AS n FROM bench_more.shop s LEFT JOIN (
	SELECT shop_id, count(*) AS n FROM bench_more.item WHERE deleted_at IS NULL AND NOT done GROUP BY shop_id) i ON i.shop_id = s.id) x;
--: variant orm fetch
SELECT orm.fetch('shop', '{"aggregate": {"n": {"relation": "item", "function": "count", "where": {"done": false}}}}');

--: workload M22 sensors with two high readings, no index
--: variant json groups
SELECT row_to_json(s) FROM bench_more.sensor s JOIN (SELECT sensor_id FROM bench_more.reading WHERE value > 14000 GROUP BY sensor_id HAVING count(*) >= 2) r ON r.sensor_id = s.id;
--: variant orm fetch
SELECT orm.fetch('sensor', '{"where": {"reading": {"$count": {"$where": {"value": {"$gt": 14000}}, "$gte": 2}}}}');

--: workload M23 users with at least 60 posts
--: variant json groups
SELECT row_to_json(u) FROM users u JOIN (SELECT author_id FROM posts GROUP BY author_id HAVING count(*) >= 60) p ON p.author_id = u.id;
--: variant json correlated
SELECT row_to_json(u) FROM users u WHERE (SELECT count(*) FROM posts p WHERE p.author_id = u.id) >= 60;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"posts": {"$count": {"$gte": 60}}}}');

--: workload M24 first 20 posts by the name of their authors
--: variant json join
SELECT row_to_json(x) FROM (SELECT p.* FROM posts p LEFT JOIN users u ON u.id = p.author_id ORDER BY u.name, p.id LIMIT 20) x;
--: variant orm fetch
SELECT orm.fetch('Post', '{"order": ["author.name"], "limit": 20}');
