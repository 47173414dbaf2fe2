-- Every kind of relation, loaded in every way: the same bytes.
SET client_min_messages = warning;
CREATE SCHEMA kinds;
SET search_path = kinds, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id int PRIMARY KEY, name text, boss_id int REFERENCES users, tag_ids int[]);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id int REFERENCES users, title text);
CREATE TABLE videos (id smallint PRIMARY KEY, user_id int REFERENCES users, title text);
CREATE TABLE comments (id int PRIMARY KEY, subject_type text, subject_id bigint, body text);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE taggables (tag_id int REFERENCES tags, taggable_type text, taggable_id bigint, position int, PRIMARY KEY (tag_id, taggable_type, taggable_id));
CREATE TABLE user_tag (user_id int REFERENCES users, tag_id int REFERENCES tags, PRIMARY KEY (user_id, tag_id));
CREATE INDEX ON users (boss_id);
CREATE INDEX ON posts (user_id);
CREATE INDEX ON videos (user_id);
CREATE INDEX ON comments (subject_type, subject_id);
CREATE INDEX ON taggables (taggable_type, taggable_id);
CREATE INDEX ON user_tag (tag_id);
INSERT INTO users SELECT i, 'u' || i, nullif(i / 2, 0), ARRAY[i % 5 + 1, i % 3 + 1] FROM generate_series(1, 12) AS i;
INSERT INTO posts SELECT i, i % 12 + 1, 'p' || i FROM generate_series(1, 30) AS i;
INSERT INTO videos SELECT i, i % 5 + 1, 'v' || i FROM generate_series(1, 10) AS i;
INSERT INTO comments SELECT i, (ARRAY['post', 'video', 'song', NULL])[i % 4 + 1], nullif(i % 11, 0), 'c' || i FROM generate_series(1, 60) AS i;
INSERT INTO tags SELECT i, 't' || i FROM generate_series(1, 5) AS i;
INSERT INTO taggables SELECT i % 5 + 1, CASE WHEN i % 2 = 0 THEN 'post' ELSE 'video' END, i, i FROM generate_series(1, 10) AS i;
INSERT INTO user_tag SELECT i % 12 + 1, i % 5 + 1 FROM generate_series(1, 30) AS i;
SELECT count(*) FROM orm.reflect('kinds');
SELECT orm.belongs_to('posts', 'user', 'users', lazy => true), orm.has_many('users', 'posts', 'posts', lazy => true), orm.many_to_many('users', 'tags', 'tags', lazy => true),
	orm.has_one('users', 'latest', 'posts', foreign_key => '{user_id}', order_by => '{-id}', lazy => true),
	orm.morph_to('comments', 'subject', 'subject_type', '{subject_id}', '{"post": "posts", "video": "videos"}', lazy => true),
	orm.morph_many('posts', 'comments', 'comments', 'subject', lazy => true), orm.morph_one('videos', 'comment', 'comments', 'subject', order_by => '{id}', lazy => true),
	orm.morph_to_many('posts', 'labels', 'tags', 'taggables', 'taggable_type', '{taggable_id}', 'post', lazy => true);
SELECT orm.has_many_through('users', 'said', 'posts.comments', lazy => true), orm.has_many_through('tags', 'authors', 'users.posts.user', lazy => true), orm.has_many_in('users', 'picked', 'tags', 'tag_ids', lazy => true);
CREATE FUNCTION fellows(users) RETURNS SETOF users LANGUAGE sql STABLE AS $$ SELECT * FROM kinds.users AS u WHERE u.id % 3 = $1.id % 3 AND u.id <> $1.id $$;
SELECT orm.has_many_by('users', 'fellows', 'users', 'kinds.fellows', lazy => true);
SELECT orm.belongs_to('users', 'boss_of', 'users', foreign_key => '{boss_id}', lazy => true, condition => '{"id": {"$gt": 0}}');
SELECT count(*) FROM orm.tree('users', '{boss_id}');
SELECT orm.has_one_through('posts', 'boss', 'user.parent', lazy => true);
UPDATE orm.relations SET lazy = true WHERE kind IN ('ancestors', 'descendants');
-- with everything loaded, one by one, by keys, and into JSON
CREATE FUNCTION ways(entity text, relation text) RETURNS TABLE (way text, value text) LANGUAGE sql AS $$
	SELECT 'load', (SELECT string_agg((e -> relation)::text, E'\n' ORDER BY (e ->> 'id')::int) FROM orm.fetch(entity, orm.with(relation)) AS e)
	UNION ALL
	SELECT 'orm.load', (SELECT string_agg((e -> relation)::text, E'\n' ORDER BY (e ->> 'id')::int) FROM json_array_elements(orm.load(entity, orm.list(entity), orm.with(relation))) AS e)
	UNION ALL
	SELECT 'orm.related', (SELECT string_agg(r.value::text, E'\n' ORDER BY (r.key::text)::int)
		FROM orm.related(entity, (SELECT json_agg(e -> 'id') FROM orm.fetch(entity) AS e), relation) AS r)
	UNION ALL
	SELECT 'orm.attach', (SELECT string_agg((e -> relation)::text, E'\n' ORDER BY (e ->> 'id')::int) FROM json_array_elements(orm.attach(entity, orm.list(entity), relation,
		(SELECT json_agg(r) FROM orm.related(entity, (SELECT json_agg(e -> 'id') FROM orm.fetch(entity) AS e), relation) AS r))) AS e)
	UNION ALL
	SELECT 'orm.lazy', (SELECT string_agg(orm.lazy(entity, i, relation)::text, E'\n' ORDER BY i) FROM generate_series(1, orm.count(entity)) AS i)
$$;
CREATE PROCEDURE same(entity text, relation text) LANGUAGE plpgsql AS $$
DECLARE different text; before numeric; lazily numeric; value text;
BEGIN
	SELECT string_agg(w.way, ', ') INTO different FROM kinds.ways(entity, relation) AS w
		WHERE w.value IS DISTINCT FROM (SELECT v.value FROM kinds.ways(entity, relation) AS v WHERE v.way = 'load');
	COMMIT;
	PERFORM count(e::text) FROM orm.fetch(entity) AS e;
	before := (SELECT sum(calls) FROM orm.stats);
	SELECT string_agg(orm.lazy(entity, i, relation)::text, E'\n' ORDER BY i) INTO value
		FROM (SELECT (e ->> 'id')::int AS i FROM json_array_elements(orm.list(entity, '{"select": ["id"]}')) AS e) AS s;
	lazily := (SELECT sum(calls) FROM orm.stats) - before - 1;
	different := concat_ws(', ', different, CASE WHEN value IS DISTINCT FROM (SELECT v.value FROM kinds.ways(entity, relation) AS v WHERE v.way = 'load') THEN 'the first touch' END);
	RAISE WARNING '%.%: % different, % statements, % bytes', entity, relation, coalesce(nullif(different, ''), 'none'), lazily, length(value);
	COMMIT;
END $$;
SET orm.window_size = 100;
SET orm.n_plus_one_threshold = 0;
CALL same('posts', 'user');
CALL same('users', 'posts');
CALL same('users', 'tags');
CALL same('users', 'latest');
CALL same('comments', 'subject');
CALL same('posts', 'comments');
CALL same('videos', 'comment');
CALL same('posts', 'labels');
CALL same('users', 'said');
CALL same('tags', 'authors');
CALL same('posts', 'boss');
CALL same('users', 'picked');
CALL same('users', 'fellows');
CALL same('users', 'boss_of');
CALL same('users', 'ancestors');
CALL same('users', 'descendants');

-- none of them is a fault, and every index that is missing is told of
SELECT * FROM orm.check();
DROP FUNCTION fellows(users);
SELECT * FROM orm.check();

DROP SCHEMA kinds CASCADE;
