-- The benchmark's data: deterministic, the same on every machine and server.
--
--   psql -v schema=bench -v prefix= -v scale=1.0 -f data.sql
--
-- With scale 1.0: 20,000 users with a profile each, 200,000 posts (0 to 100 a
-- user, skewed), 1,000,000 comments, 200 tags, 600,000 posts' tags. Posts lie in
-- the order in which they were written, so those of one user are scattered;
-- comments lie near others of the same time. "prefix" goes before the names of
-- entities, so that two sizes can stand side by side.
--
-- Nothing is drawn at random: numbers come from a hash of the row's number.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE SCHEMA :"schema";
SET search_path = :"schema", pg_catalog;

SELECT greatest(20, (20000 * :scale)::int) AS users, greatest(100, (200000 * :scale)::int) AS posts,
	greatest(500, (1000000 * :scale)::int) AS comments, greatest(300, (600000 * :scale)::int) AS taggings \gset

-- a number from 0 to 1 that depends on nothing but its arguments
CREATE FUNCTION part(n bigint, kind int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (hashint8extended(n, kind) & 1048575) / 1048576.0;

-- text of about so many characters: words, quotes, newlines, umlauts, Greek, emoji
CREATE FUNCTION prose(n bigint, kind int, size int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN substr(
		(ARRAY['The quick brown fox jumps over the lazy dog near the river bank. ',
			   'She said "no", then went on without another word. ',
			   E'First line,\nsecond line,\n\tan indented third one. ',
			   'Grüße aus Köln, schöne Straßen und Plätze überall. ',
			   'Ἐν ἀρχῇ ἦν ὁ λόγος, and so on and so forth. ',
			   'A path like C:\temp\new is escaped as well. '])[1 + (part(n, kind) * 5.999)::int % 6]
		|| md5(n::text || kind::text)
		|| repeat(' Plain words without anything to escape follow here, as in most of what people write.', 1 + size / 80)
		|| CASE WHEN n % 7 = 0 THEN ' 🎉' ELSE '.' END,
		1, size / 2 + (part(n, kind + 1) * size)::int);

CREATE TABLE users (
	id bigint PRIMARY KEY,
	name text NOT NULL,
	email text NOT NULL UNIQUE,
	active boolean NOT NULL,
	balance numeric(12,2) NOT NULL,
	settings jsonb NOT NULL,
	created_at timestamptz NOT NULL
);
INSERT INTO users
SELECT i, (ARRAY['Ada', 'Grace', 'Zoë', 'José', 'Søren', 'Łukasz', 'Anna "Annie"', 'Tom'])[1 + i % 8] || ' ' || initcap(left(md5(i::text), 8)),
	'user' || i || '@example.test', i % 5 <> 0, (part(i, 1) * 100000)::numeric(12,2),
	jsonb_build_object('theme', CASE WHEN i % 3 = 0 THEN 'dark' ELSE 'light' END, 'size', 10 + i % 9, 'langs', jsonb_build_array('en', 'de')),
	timestamptz '2015-01-01 00:00:00+00' + i * interval '1 hour' + part(i, 2) * interval '1 hour'
FROM generate_series(1, :users) i;

CREATE TABLE profiles (
	id bigint PRIMARY KEY,
	user_id bigint NOT NULL UNIQUE REFERENCES users,
	bio text NOT NULL,
	website text,
	born date NOT NULL
);
INSERT INTO profiles
SELECT i, u, prose(u, 10, 120), CASE WHEN u % 4 > 0 THEN 'https://example.test/~' || u END, date '1950-01-01' + (part(u, 12) * 20000)::int
FROM (SELECT row_number() OVER (ORDER BY part(u, 13), u) AS i, u FROM generate_series(1, :users) u) q;

-- posts of a user: few for most, 100 for some; as many in all as asked for
CREATE TEMP TABLE share AS
SELECT u, (93 * power(part(u, 20), 14) + 6.7 * part(u, 20))::int AS n FROM generate_series(1, :users) u;

-- keys and foreign keys come last: that is quicker
CREATE TABLE posts (
	id bigint NOT NULL,
	author_id bigint NOT NULL,
	title text NOT NULL,
	body text NOT NULL,
	views integer NOT NULL,
	published boolean NOT NULL,
	score numeric(6,3),
	created_at timestamptz NOT NULL
);
-- the shares come to a little less than what is wanted: the rest is dealt out one each, to whom have less than 100
WITH dealt AS (
	SELECT u, i FROM share, generate_series(1, n) i
), more AS (
	SELECT u, 1000 + g AS i FROM share, generate_series(1, 12) g WHERE n BETWEEN 1 AND 88
	ORDER BY g, part(u, 21) LIMIT greatest(0, :posts - (SELECT count(*) FROM dealt))
), every AS (
	SELECT * FROM dealt UNION ALL SELECT * FROM more
)
INSERT INTO posts
SELECT id, u, CASE WHEN id % 6 = 0 THEN 'On "' || left(md5(id::text), 12) || '"' ELSE 'Notes about ' || left(md5(id::text), 12 + (id % 20)::int) END,
	prose(id, 22, 200), (part(id, 24) * 10000)::int, id % 10 <> 0, CASE WHEN id % 9 > 0 THEN (part(id, 25) * 100)::numeric(6,3) END,
	timestamptz '2018-01-01 00:00:00+00' + id * interval '17 minutes'
FROM (SELECT row_number() OVER (ORDER BY part(u * 4096 + i, 26), u, i) AS id, u FROM every) q
WHERE id <= :posts
ORDER BY id;

CREATE TABLE comments (
	id bigint NOT NULL,
	post_id bigint NOT NULL,
	author_id bigint NOT NULL,
	body text NOT NULL,
	likes integer NOT NULL,
	created_at timestamptz NOT NULL
);
-- most are written soon after the post
INSERT INTO comments
SELECT id, post, 1 + (part(id, 33) * (:users - 1))::int, prose(id, 34, 80), (part(id, 36) * 50)::int,
	timestamptz '2018-01-01 00:10:00+00' + id * interval '204 seconds'
FROM (SELECT row_number() OVER (ORDER BY post + 2000 * :scale * power(part(i, 32), 3), i) AS id, post
	FROM (SELECT i, 1 + (part(i, 30) * (:posts - 1))::int AS post FROM generate_series(1, :comments) i) p) q
ORDER BY id;

CREATE TABLE tags (
	id bigint NOT NULL,
	name text NOT NULL UNIQUE,
	color text
);
INSERT INTO tags SELECT i, 'tag ' || left(md5(i::text), 6), CASE WHEN i % 5 > 0 THEN '#' || left(md5(i::text), 6) END FROM generate_series(1, 200) i;

CREATE TABLE post_tag (
	post_id bigint NOT NULL,
	tag_id bigint NOT NULL
);
-- three a post, some tags more often than others; a tag met twice on a post moves on to the next one
INSERT INTO post_tag
SELECT p, 1 + (i * 67 + (power(part(p * 3 + i, 40), 2) * 65)::int) % 200
FROM generate_series(1, (:taggings + 2) / 3) p, generate_series(0, 2) i
LIMIT :taggings;

-- a tree of six levels below its roots, each node with three children
CREATE TABLE nodes (
	id bigint NOT NULL,
	parent_id bigint,
	depth integer NOT NULL,
	name text NOT NULL,
	note text NOT NULL
);
SELECT greatest(2, (100 * :scale)::int) AS roots \gset
INSERT INTO nodes
SELECT :roots * (power(3, d)::int - 1) / 2 + i, CASE WHEN d > 0 THEN :roots * (power(3, d - 1)::int - 1) / 2 + (i + 2) / 3 END,
	d, 'node ' || d || '.' || i, prose(i, 50 + d, 60)
FROM generate_series(0, 6) d, generate_series(1, :roots * power(3, d)::int) i;

ALTER TABLE posts ADD PRIMARY KEY (id);
ALTER TABLE tags ADD PRIMARY KEY (id);
ALTER TABLE nodes ADD PRIMARY KEY (id);
ALTER TABLE comments ADD PRIMARY KEY (id);
ALTER TABLE post_tag ADD PRIMARY KEY (post_id, tag_id);
CREATE INDEX ON posts (author_id);
CREATE INDEX ON posts (author_id, created_at);
CREATE INDEX ON comments (post_id);
CREATE INDEX ON comments (author_id);
CREATE INDEX ON post_tag (tag_id);
CREATE INDEX ON nodes (parent_id);
CREATE INDEX ON nodes (depth);
ALTER TABLE posts ADD FOREIGN KEY (author_id) REFERENCES users;
ALTER TABLE comments ADD FOREIGN KEY (post_id) REFERENCES posts, ADD FOREIGN KEY (author_id) REFERENCES users;
ALTER TABLE post_tag ADD FOREIGN KEY (post_id) REFERENCES posts, ADD FOREIGN KEY (tag_id) REFERENCES tags;
ALTER TABLE nodes ADD FOREIGN KEY (parent_id) REFERENCES nodes;
VACUUM (FREEZE, ANALYZE) users, profiles, posts, comments, tags, post_tag, nodes;

SELECT orm.entity(:'prefix' || 'User', 'users'), orm.entity(:'prefix' || 'Profile', 'profiles'), orm.entity(:'prefix' || 'Post', 'posts'),
	orm.entity(:'prefix' || 'Comment', 'comments'), orm.entity(:'prefix' || 'Tag', 'tags'), orm.entity(:'prefix' || 'Node', 'nodes') \g /dev/null
-- all else follows from the foreign keys: posts.author, posts.comments, posts.tags, users.posts
SELECT orm.has_one(:'prefix' || 'User', 'profile', :'prefix' || 'Profile'),
	orm.has_many(:'prefix' || 'Node', 'children', :'prefix' || 'Node', ARRAY['parent_id']) \g /dev/null

-- what is written into, and emptied each time
CREATE TABLE notes (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	author_id bigint NOT NULL,
	title text NOT NULL,
	body text NOT NULL,
	views integer NOT NULL,
	published boolean NOT NULL,
	score numeric(5,2),
	created_at timestamptz NOT NULL
);
SELECT orm.entity(:'prefix' || 'Note', 'notes') \g /dev/null
