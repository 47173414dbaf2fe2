-- What is measured, and against what. The format is described in spec.h.
--
-- kinds: raw, the rows themselves, a statement per table, from which a client would
-- have to put objects together; json, statements written by hand that give the same JSON;
-- loose, the like that leaves the order of arrays to chance (they hold the same objects in any
-- order), shown but not counted; orm, what this extension gives.
--
-- Of raw, "keys" asks for children by the keys of their parents, as a mapper in a client does;
-- "range" by what a person would write who knows which parents are meant.

--: workload W1 point by key
--: pinned
--: variant raw keys
--: each SELECT 1 + (i * 7919) % (SELECT count(*) FROM users) FROM generate_series(1, 1000) i
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id = $1;
--: variant json row_to_json
--: each SELECT 1 + (i * 7919) % (SELECT count(*) FROM users) FROM generate_series(1, 1000) i
SELECT row_to_json(u) FROM users u WHERE id = $1;
--: variant json json_build_object
--: each SELECT 1 + (i * 7919) % (SELECT count(*) FROM users) FROM generate_series(1, 1000) i
SELECT json_build_object('id', id, 'name', name, 'email', email, 'active', active, 'balance', balance, 'settings', settings, 'created_at', created_at)
FROM users WHERE id = $1;
--: variant orm find
--: each SELECT 1 + (i * 7919) % (SELECT count(*) FROM users) FROM generate_series(1, 1000) i
SELECT orm.find('User', $1::bigint);

--: workload W2 1,000 flat
--: variant raw keys
--: is $
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE id BETWEEN 2001 AND 3000;
--: variant json row_to_json
SELECT row_to_json(p) FROM posts p WHERE id BETWEEN 2001 AND 3000;
--: variant json json_build_object
SELECT json_build_object('id', id, 'author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)
FROM posts WHERE id BETWEEN 2001 AND 3000;
--: variant json json_agg
SELECT json_agg(p) FROM posts p WHERE id BETWEEN 2001 AND 3000;
--: variant orm fetch
SELECT orm.fetch('Post', '{"where": {"id": {"$between": [2001, 3000]}}}');

--: workload W3u all users flat
--: variant raw keys
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users;
--: variant json row_to_json
SELECT row_to_json(u) FROM users u;
--: variant json json_build_object
SELECT json_build_object('id', id, 'name', name, 'email', email, 'active', active, 'balance', balance, 'settings', settings, 'created_at', created_at)
FROM users;
--: variant json json_agg
SELECT json_agg(u) FROM users u;
--: variant orm fetch
SELECT orm.fetch('User');

--: workload W3p all posts flat
--: variant raw keys
--: is $
SELECT id, author_id, title, body, views, published, score, created_at FROM posts;
--: variant json row_to_json
SELECT row_to_json(p) FROM posts p;
--: variant json json_build_object
SELECT json_build_object('id', id, 'author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)
FROM posts;
--: variant json json_agg
SELECT json_agg(p) FROM posts p;
--: variant orm fetch
SELECT orm.fetch('Post');

--: workload W4 100 users with posts
--: variant raw keys
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: param SELECT array_agg(id) FROM users WHERE id BETWEEN 201 AND 300
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = ANY ($1::bigint[]);
--: variant raw range
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id BETWEEN 201 AND 300;
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p ORDER BY p.id), '[]') FROM posts p WHERE p.author_id = u.id) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant json correlated, sorted below
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY id) p) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant json lateral json_build_object
SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'active', u.active, 'balance', u.balance, 'settings', u.settings,
	'created_at', u.created_at, 'posts', p.posts)
FROM users u, LATERAL (
	SELECT coalesce(json_agg(json_build_object('id', id, 'author_id', author_id, 'title', title, 'body', body, 'views', views,
		'published', published, 'score', score, 'created_at', created_at) ORDER BY id), '[]') AS posts
	FROM posts WHERE author_id = u.id) p
WHERE u.id BETWEEN 201 AND 300;
--: variant json groups, hashed
SELECT row_to_json(x) FROM (
	SELECT u.*, coalesce(p.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (SELECT * FROM posts WHERE author_id BETWEEN 201 AND 300 ORDER BY id) q GROUP BY author_id) p
		ON p.author_id = u.id
	WHERE u.id BETWEEN 201 AND 300) x;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (
	SELECT u.*, coalesce(p.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (SELECT * FROM posts WHERE author_id BETWEEN 201 AND 300 ORDER BY author_id, id) q GROUP BY author_id) p
		ON p.author_id = u.id
	WHERE u.id BETWEEN 201 AND 300) x;
--: variant json one json_agg
SELECT json_agg(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p ORDER BY p.id), '[]') FROM posts p WHERE p.author_id = u.id) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant loose correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM posts p WHERE p.author_id = u.id) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [201, 300]}}, "load": ["posts"]}');

--: workload W5 100 users with profile, posts, comments
--: variant raw keys
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: param SELECT array_agg(id) FROM users WHERE id BETWEEN 201 AND 300
--: is $.profile
SELECT id, user_id, bio, website, born FROM profiles WHERE user_id = ANY ($1::bigint[]);
--: param SELECT array_agg(id) FROM users WHERE id BETWEEN 201 AND 300
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = ANY ($1::bigint[]);
--: param SELECT array_agg(id) FROM posts WHERE author_id BETWEEN 201 AND 300
--: is $.posts[*].comments[*]
SELECT id, post_id, author_id, body, likes, created_at FROM comments WHERE post_id = ANY ($1::bigint[]);
--: variant raw range
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: is $.profile
SELECT id, user_id, bio, website, born FROM profiles WHERE user_id BETWEEN 201 AND 300;
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id BETWEEN 201 AND 300;
--: is $.posts[*].comments[*]
SELECT c.id, c.post_id, c.author_id, c.body, c.likes, c.created_at FROM comments c JOIN posts p ON p.id = c.post_id WHERE p.author_id BETWEEN 201 AND 300;
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile,
		(SELECT coalesce(json_agg(q ORDER BY q.id), '[]') FROM (
			SELECT p.*, (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
			FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant json correlated, sorted below
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile,
		(SELECT coalesce(json_agg(q), '[]') FROM (
			SELECT p.*, (SELECT coalesce(json_agg(c), '[]') FROM (SELECT * FROM comments WHERE post_id = p.id ORDER BY id) c) AS comments
			FROM posts p WHERE p.author_id = u.id ORDER BY p.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant json lateral json_build_object
SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'active', u.active, 'balance', u.balance, 'settings', u.settings,
	'created_at', u.created_at, 'profile', f.profile, 'posts', p.posts)
FROM users u LEFT JOIN LATERAL (
	SELECT json_build_object('id', id, 'user_id', user_id, 'bio', bio, 'website', website, 'born', born) AS profile FROM profiles WHERE user_id = u.id) f ON true,
LATERAL (
	SELECT coalesce(json_agg(json_build_object('id', p.id, 'author_id', p.author_id, 'title', p.title, 'body', p.body, 'views', p.views,
		'published', p.published, 'score', p.score, 'created_at', p.created_at, 'comments', c.comments) ORDER BY p.id), '[]') AS posts
	FROM posts p, LATERAL (
		SELECT coalesce(json_agg(json_build_object('id', id, 'post_id', post_id, 'author_id', author_id, 'body', body, 'likes', likes,
			'created_at', created_at) ORDER BY id), '[]') AS comments
		FROM comments WHERE post_id = p.id) c
	WHERE p.author_id = u.id) p
WHERE u.id BETWEEN 201 AND 300;
--: variant json groups, hashed
WITH p AS MATERIALIZED (SELECT * FROM posts WHERE author_id BETWEEN 201 AND 300),
c AS (SELECT post_id, json_agg(q) AS comments FROM (SELECT c.* FROM comments c JOIN p ON p.id = c.post_id ORDER BY c.id) q GROUP BY post_id)
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile, coalesce(pp.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (
			SELECT p.*, coalesce(c.comments, '[]') AS comments FROM p LEFT JOIN c ON c.post_id = p.id ORDER BY p.id) q GROUP BY author_id) pp
		ON pp.author_id = u.id
	WHERE u.id BETWEEN 201 AND 300) x;
--: variant json groups, sorted
WITH p AS MATERIALIZED (SELECT * FROM posts WHERE author_id BETWEEN 201 AND 300),
c AS (SELECT post_id, json_agg(q) AS comments FROM (SELECT c.* FROM comments c JOIN p ON p.id = c.post_id ORDER BY c.post_id, c.id) q GROUP BY post_id)
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile, coalesce(pp.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (
			SELECT p.*, coalesce(c.comments, '[]') AS comments FROM p LEFT JOIN c ON c.post_id = p.id ORDER BY p.author_id, p.id) q GROUP BY author_id) pp
		ON pp.author_id = u.id
	WHERE u.id BETWEEN 201 AND 300) x;
--: variant json one json_agg
SELECT json_agg(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile,
		(SELECT coalesce(json_agg(q ORDER BY q.id), '[]') FROM (
			SELECT p.*, (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
			FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant loose correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile,
		(SELECT coalesce(json_agg(q), '[]') FROM (
			SELECT p.*, (SELECT coalesce(json_agg(c), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
			FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [201, 300]}}, "load": ["profile", "posts.comments"]}');

--: workload W6 5,000 users with posts and comments
--: variant raw keys
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 1001 AND 6000;
--: param SELECT array_agg(id) FROM users WHERE id BETWEEN 1001 AND 6000
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = ANY ($1::bigint[]);
--: param SELECT array_agg(id) FROM posts WHERE author_id BETWEEN 1001 AND 6000
--: is $.posts[*].comments[*]
SELECT id, post_id, author_id, body, likes, created_at FROM comments WHERE post_id = ANY ($1::bigint[]);
--: variant raw range
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 1001 AND 6000;
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id BETWEEN 1001 AND 6000;
--: is $.posts[*].comments[*]
SELECT c.id, c.post_id, c.author_id, c.body, c.likes, c.created_at FROM comments c JOIN posts p ON p.id = c.post_id WHERE p.author_id BETWEEN 1001 AND 6000;
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(q ORDER BY q.id), '[]') FROM (
		SELECT p.*, (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
		FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant json correlated, sorted below
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(q), '[]') FROM (
		SELECT p.*, (SELECT coalesce(json_agg(c), '[]') FROM (SELECT * FROM comments WHERE post_id = p.id ORDER BY id) c) AS comments
		FROM posts p WHERE p.author_id = u.id ORDER BY p.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant json lateral json_build_object
SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'active', u.active, 'balance', u.balance, 'settings', u.settings,
	'created_at', u.created_at, 'posts', p.posts)
FROM users u, LATERAL (
	SELECT coalesce(json_agg(json_build_object('id', p.id, 'author_id', p.author_id, 'title', p.title, 'body', p.body, 'views', p.views,
		'published', p.published, 'score', p.score, 'created_at', p.created_at, 'comments', c.comments) ORDER BY p.id), '[]') AS posts
	FROM posts p, LATERAL (
		SELECT coalesce(json_agg(json_build_object('id', id, 'post_id', post_id, 'author_id', author_id, 'body', body, 'likes', likes,
			'created_at', created_at) ORDER BY id), '[]') AS comments
		FROM comments WHERE post_id = p.id) c
	WHERE p.author_id = u.id) p
WHERE u.id BETWEEN 1001 AND 6000;
--: variant json groups, sorted
WITH p AS MATERIALIZED (SELECT * FROM posts WHERE author_id BETWEEN 1001 AND 6000),
c AS (SELECT post_id, json_agg(q) AS comments FROM (SELECT c.* FROM comments c JOIN p ON p.id = c.post_id ORDER BY c.post_id, c.id) q GROUP BY post_id)
SELECT row_to_json(x) FROM (
	SELECT u.*, coalesce(pp.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (
			SELECT p.*, coalesce(c.comments, '[]') AS comments FROM p LEFT JOIN c ON c.post_id = p.id ORDER BY p.author_id, p.id) q GROUP BY author_id) pp
		ON pp.author_id = u.id
	WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant json groups, hashed, work_mem 256MB
--: set work_mem '256MB'
WITH p AS MATERIALIZED (SELECT * FROM posts WHERE author_id BETWEEN 1001 AND 6000),
c AS (SELECT post_id, json_agg(q) AS comments FROM (SELECT c.* FROM comments c JOIN p ON p.id = c.post_id ORDER BY c.id) q GROUP BY post_id)
SELECT row_to_json(x) FROM (
	SELECT u.*, coalesce(pp.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(q) AS posts FROM (
			SELECT p.*, coalesce(c.comments, '[]') AS comments FROM p LEFT JOIN c ON c.post_id = p.id ORDER BY p.id) q GROUP BY author_id) pp
		ON pp.author_id = u.id
	WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant json one json_agg
SELECT json_agg(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(q ORDER BY q.id), '[]') FROM (
		SELECT p.*, (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
		FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant loose correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(q), '[]') FROM (
		SELECT p.*, (SELECT coalesce(json_agg(c), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
		FROM posts p WHERE p.author_id = u.id) q) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 6000) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [1001, 6000]}}, "load": ["posts.comments"]}');

--: workload W7 1,000 posts with tags and author
--: variant raw keys
--: is $
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE id BETWEEN 2001 AND 3000;
--: param SELECT array_agg(id) FROM posts WHERE id BETWEEN 2001 AND 3000
SELECT post_id, tag_id FROM post_tag WHERE post_id = ANY ($1::bigint[]);
--: param SELECT array_agg(DISTINCT tag_id) FROM post_tag WHERE post_id BETWEEN 2001 AND 3000
--: is $.tags[*]
SELECT id, name, color FROM tags WHERE id = ANY ($1::bigint[]);
--: param SELECT array_agg(DISTINCT author_id) FROM posts WHERE id BETWEEN 2001 AND 3000
--: is $.author
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id = ANY ($1::bigint[]);
--: variant raw range
--: is $
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE id BETWEEN 2001 AND 3000;
SELECT post_id, tag_id FROM post_tag WHERE post_id BETWEEN 2001 AND 3000;
--: is $.tags[*]
SELECT id, name, color FROM tags WHERE id IN (SELECT tag_id FROM post_tag WHERE post_id BETWEEN 2001 AND 3000);
--: is $.author
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id IN (SELECT author_id FROM posts WHERE id BETWEEN 2001 AND 3000);
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT p.*, (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = p.id) AS tags,
		(SELECT row_to_json(u) FROM users u WHERE u.id = p.author_id) AS author
	FROM posts p WHERE p.id BETWEEN 2001 AND 3000) x;
--: variant json correlated, sorted below
SELECT row_to_json(x) FROM (
	SELECT p.*, (SELECT coalesce(json_agg(t), '[]') FROM (
			SELECT t.* FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = p.id ORDER BY pt.tag_id) t) AS tags,
		(SELECT row_to_json(u) FROM users u WHERE u.id = p.author_id) AS author
	FROM posts p WHERE p.id BETWEEN 2001 AND 3000) x;
--: variant json lateral json_build_object
SELECT json_build_object('id', p.id, 'author_id', p.author_id, 'title', p.title, 'body', p.body, 'views', p.views, 'published', p.published,
	'score', p.score, 'created_at', p.created_at, 'tags', t.tags, 'author', json_build_object('id', u.id, 'name', u.name, 'email', u.email,
	'active', u.active, 'balance', u.balance, 'settings', u.settings, 'created_at', u.created_at))
FROM posts p JOIN users u ON u.id = p.author_id, LATERAL (
	SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'color', t.color) ORDER BY t.id), '[]') AS tags
	FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = p.id) t
WHERE p.id BETWEEN 2001 AND 3000;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (
	SELECT p.*, coalesce(t.tags, '[]') AS tags, u AS author
	FROM posts p JOIN users u ON u.id = p.author_id LEFT JOIN (
		SELECT q.post_id, json_agg(q.tag) AS tags FROM (
			SELECT pt.post_id, t AS tag FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id BETWEEN 2001 AND 3000 ORDER BY pt.post_id, t.id) q
		GROUP BY q.post_id) t ON t.post_id = p.id
	WHERE p.id BETWEEN 2001 AND 3000) x;
--: variant json groups, sorted, tags once
WITH t AS MATERIALIZED (SELECT id, row_to_json(t) AS tag FROM tags t)
SELECT row_to_json(x) FROM (
	SELECT p.*, coalesce(g.tags, '[]') AS tags, u AS author
	FROM posts p JOIN users u ON u.id = p.author_id LEFT JOIN (
		SELECT q.post_id, json_agg(q.tag) AS tags FROM (
			SELECT pt.post_id, t.tag FROM post_tag pt JOIN t ON t.id = pt.tag_id WHERE pt.post_id BETWEEN 2001 AND 3000 ORDER BY pt.post_id, pt.tag_id) q
		GROUP BY q.post_id) g ON g.post_id = p.id
	WHERE p.id BETWEEN 2001 AND 3000) x;
--: variant json one json_agg
SELECT json_agg(x) FROM (
	SELECT p.*, (SELECT coalesce(json_agg(t ORDER BY t.id), '[]') FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = p.id) AS tags,
		(SELECT row_to_json(u) FROM users u WHERE u.id = p.author_id) AS author
	FROM posts p WHERE p.id BETWEEN 2001 AND 3000) x;
--: variant orm fetch
SELECT orm.fetch('Post', '{"where": {"id": {"$between": [2001, 3000]}}, "load": ["tags", "author"]}');

--: workload W8 1,000 users with 3 latest posts
--: variant raw keys
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 1001 AND 2000;
--: param SELECT array_agg(id) FROM users WHERE id BETWEEN 1001 AND 2000
--: is $.posts[*]
SELECT p.* FROM unnest($1::bigint[]) k (id), LATERAL (
	SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = k.id ORDER BY created_at DESC LIMIT 3) p;
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY created_at DESC LIMIT 3) p) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 2000) x;
--: variant json lateral json_build_object
SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'active', u.active, 'balance', u.balance, 'settings', u.settings,
	'created_at', u.created_at, 'posts', p.posts)
FROM users u, LATERAL (
	SELECT coalesce(json_agg(json_build_object('id', id, 'author_id', author_id, 'title', title, 'body', body, 'views', views,
		'published', published, 'score', score, 'created_at', created_at)), '[]') AS posts
	FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY created_at DESC LIMIT 3) p) p
WHERE u.id BETWEEN 1001 AND 2000;
--: variant json row_number
SELECT row_to_json(x) FROM (
	SELECT u.*, coalesce(p.posts, '[]') AS posts
	FROM users u LEFT JOIN (
		SELECT author_id, json_agg(json_build_object('id', id, 'author_id', author_id, 'title', title, 'body', body, 'views', views,
			'published', published, 'score', score, 'created_at', created_at)) AS posts
		FROM (SELECT *, row_number() OVER (PARTITION BY author_id ORDER BY created_at DESC) AS n FROM posts WHERE author_id BETWEEN 1001 AND 2000) q
		WHERE n <= 3 GROUP BY author_id) p ON p.author_id = u.id
	WHERE u.id BETWEEN 1001 AND 2000) x;
--: variant json one json_agg
SELECT json_agg(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY created_at DESC LIMIT 3) p) AS posts
	FROM users u WHERE u.id BETWEEN 1001 AND 2000) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [1001, 2000]}}, "load": {"posts": {"order": ["-created_at"], "limit": 3}}}');

--: workload W9 100 users, a statement for the posts of each
--: pinned
--: variant raw 101 statements
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: each SELECT id FROM users WHERE id BETWEEN 201 AND 300
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = $1;
--: variant json correlated, sorted below
SELECT row_to_json(x) FROM (
	SELECT u.*, (SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY id) p) AS posts
	FROM users u WHERE u.id BETWEEN 201 AND 300) x;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [201, 300]}}, "load": ["posts"]}');

--: workload W9l the same, 1 ms of latency a round trip
--: pinned
--: latency 1000
--: variant raw 101 statements
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users WHERE id BETWEEN 201 AND 300;
--: each SELECT id FROM users WHERE id BETWEEN 201 AND 300
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = $1;
--: variant orm fetch
SELECT orm.fetch('User', '{"where": {"id": {"$between": [201, 300]}}, "load": ["posts"]}');

--: workload W10s LIMIT 10 of 2,000 users with posts
--: variant raw keys
--: each SELECT FROM generate_series(1, 20)
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM bench_small.users LIMIT 10;
--: param SELECT array_agg(id) FROM (SELECT id FROM bench_small.users LIMIT 10) u
--: each SELECT FROM generate_series(1, 20)
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM bench_small.posts WHERE author_id = ANY ($1::bigint[]);
--: variant orm fetch
--: each SELECT FROM generate_series(1, 20)
SELECT orm.fetch('SmallUser', '{"load": ["posts"]}') LIMIT 10;

--: workload W10 LIMIT 10 of 20,000 users with posts
--: variant raw keys
--: each SELECT FROM generate_series(1, 20)
--: is $
SELECT id, name, email, active, balance, settings, created_at FROM users LIMIT 10;
--: param SELECT array_agg(id) FROM (SELECT id FROM users LIMIT 10) u
--: each SELECT FROM generate_series(1, 20)
--: is $.posts[*]
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE author_id = ANY ($1::bigint[]);
--: variant orm fetch
--: each SELECT FROM generate_series(1, 20)
SELECT orm.fetch('User', '{"load": ["posts"]}') LIMIT 10;
