-- link, unlink and sync: over a junction, over a foreign key, and what they refuse
SET client_min_messages = warning;
CREATE SCHEMA link_test;
SET search_path = link_test;
\pset format unaligned
\pset tuples_only on
-- runs a call and prints its error, the parts on lines of their own
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, detail, hint;
END $$;
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text NOT NULL);
CREATE TABLE tags (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, deleted_at timestamptz);
CREATE TABLE post_tag (post_id int REFERENCES posts ON DELETE CASCADE, tag_id bigint REFERENCES tags, position int DEFAULT 7, note text,
  PRIMARY KEY (post_id, tag_id));
CREATE TABLE profiles (id int PRIMARY KEY, user_id int UNIQUE REFERENCES users, bio text);
INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');
INSERT INTO posts VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three'), (4, NULL, 'four');
INSERT INTO tags SELECT g, 't' || g FROM generate_series(1, 6) g;
INSERT INTO profiles VALUES (1, 1, 'a'), (2, NULL, 'b');
SELECT orm.entity('User', 'users');
SELECT orm.entity('Post', 'posts');
SELECT orm.entity('Tag', 'tags', soft_delete => 'deleted_at');
SELECT orm.entity('Profile', 'profiles');
SELECT name, type FROM orm.describe('Post') WHERE kind = 'relation';

-- a junction: every form that keys come in
SELECT orm.link('Post', 1, 'tags', '[1, 2]');
SELECT orm.link('Post', 1, 'tags', '[1, {"id": 3}, {"id": "4", "pivot": {"position": 1}}]');
SELECT orm.link('Post', 1, 'tags', 5);
SELECT orm.link('Post', 1, 'tags', ARRAY[5, 6]::bigint[]);
SELECT orm.link('Post', '2', 'tags', '1'::jsonb);
SELECT orm.link('Post', '{"id": 2}'::jsonb, 'tags', '[2]'::json);
PREPARE p AS SELECT orm.link('Post', $1, 'tags', $2);
EXECUTE p('2', '3');
DEALLOCATE p;
TABLE post_tag ORDER BY 1, 2;

-- the same again changes nothing; what differs is updated, what is not given stays
CREATE FUNCTION row_ids() RETURNS TABLE (row_id text) LANGUAGE sql AS $$ SELECT xmin::text || ctid::text FROM link_test.post_tag ORDER BY post_id, tag_id $$;
CREATE TABLE before AS SELECT * FROM row_ids();
SELECT orm.link('Post', 1, 'tags', '[1, 2, 3, {"id": 4, "pivot": {"position": 1}}, {"id": 5, "pivot": {}}]');
SELECT count(*) FROM (TABLE before EXCEPT SELECT * FROM row_ids()) d;
SELECT orm.link('Post', 1, 'tags', '[{"id": 1, "pivot": {"note": "n"}}, {"id": 4, "pivot": {"position": 1}}, {"id": 3, "pivot": {"position": null}}]');
SELECT * FROM post_tag WHERE post_id = 1 ORDER BY 1, 2;

-- sync and unlink
SELECT orm.sync('Post', 1, 'tags', '[2, {"id": 3, "pivot": {"position": 9}}]');
SELECT orm.unlink('Post', 1, 'tags', '[2, 2, 99, {"id": 4}]');
SELECT orm.sync('Post', 2, 'tags', '[]');
SELECT * FROM post_tag ORDER BY 1, 2;

-- equal ones are one; unequal ones are told
SELECT orm.link('Post', 2, 'tags', '[1, 1, {"id": 1}]');
SELECT orm.link('Post', 2, 'tags', '[{"id": 2, "pivot": {"position": 1}}, {"id": "2", "pivot": {"position": 1}}]');
CALL raises($$orm.link('Post', 2, 'tags', '[{"id": 3, "pivot": {"position": 1}}, 4, {"id": 3, "pivot": {"position": 2}}]')$$);
CALL raises($$orm.link('Post', 2, 'tags', '[{"id": 3, "pivot": {"position": 1}}, 3]')$$);

-- what is trashed, or not there, can be neither linked nor unlinked
UPDATE tags SET deleted_at = now() WHERE id = 1;
CALL raises($$orm.link('Post', 3, 'tags', '[2, 1]')$$);
CALL raises($$orm.link('Post', 3, 'tags', '[2, 99]')$$);
CALL raises($$orm.link('Post', 99, 'tags', '[2]')$$);
CALL raises($$orm.link('Post', NULL, 'tags', '[2]')$$);
SELECT orm.unlink('Post', 2, 'tags', '[1]');
SELECT orm.sync('Post', 2, 'tags', '[3]');
SELECT * FROM post_tag WHERE post_id = 2 ORDER BY 1, 2;
UPDATE tags SET deleted_at = NULL;

-- errors of documents
CALL raises($$orm.link('Post', 1, 'tags', 'null')$$);
CALL raises($$orm.link('Post', 1, 'tags', NULL::text)$$);
CALL raises($$orm.link('Post', 1, 'tags', 'sql')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[null]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[[1]]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '["x"]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"name": "t1"}]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"id": 1, "name": "t1"}]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"id": 1, "nam": "t1"}]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"id": 1, "pivot": {"positon": 1}}]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"id": 1, "pivot": {"position": "x"}}]')$$);
CALL raises($$orm.link('Post', 1, 'tags', '[{"id": 1, "pivot": 5}]')$$);
CALL raises($$orm.unlink('Post', 1, 'tags', '[{"id": 1, "pivot": {}}]')$$);
CALL raises($$orm.link('Post', 1, 'tag', '[1]')$$);
CALL raises($$orm.link('Pst', 1, 'tags', '[1]')$$);
CALL raises($$orm.link(NULL, 1, 'tags', '[1]')$$);
CALL raises($$orm.link('Post', 1, NULL, '[1]')$$);

-- rows that belong to one: the foreign key is set and cleared
SELECT orm.link('User', 2, 'posts', '[4, 3, 1]');
SELECT orm.unlink('User', 2, 'posts', '[4, 2, 99]');
SELECT orm.sync('User', 2, 'posts', '[3, 2]');
SELECT id, user_id FROM posts ORDER BY 1;
CALL raises($$orm.link('User', 2, 'posts', '[{"id": 3, "pivot": {}}]')$$);
CALL raises($$orm.link('User', 2, 'posts', '[99]')$$);

-- the one that a row belongs to
SELECT orm.link('Post', 1, 'user', '1');
SELECT orm.link('Post', 1, 'user', '{"id": 2}');
SELECT orm.link('Post', 1, 'user', '[2]');
SELECT orm.unlink('Post', 1, 'user', '[1]');
SELECT orm.unlink('Post', 1, 'user', '[2]');
SELECT orm.unlink('Post', 1, 'user', '[2]');
SELECT orm.sync('Post', 1, 'user', '[1]');
SELECT orm.sync('Post', 1, 'user', '[]');
SELECT orm.sync('Post', 1, 'user', '[]');
CALL raises($$orm.link('Post', 1, 'user', '[1, 2]')$$);
CALL raises($$orm.link('Post', 1, 'user', '[99]')$$);

-- one row that belongs to one: it makes room
SELECT orm.link('User', 1, 'profiles', '2');
SELECT id, user_id FROM profiles ORDER BY 1;
SELECT orm.sync('User', 1, 'profiles', '[]');

-- a key that may not be null
UPDATE posts SET user_id = 1 WHERE user_id IS NULL;
ALTER TABLE posts ALTER COLUMN user_id SET NOT NULL;
CALL raises($$orm.unlink('User', 1, 'posts', '[1]')$$);
SELECT orm.unlink('User', 1, 'posts', '[2]');
CALL raises($$orm.sync('User', 1, 'posts', '[1]')$$);
SELECT orm.sync('User', 1, 'posts', '[1, 4]');
CALL raises($$orm.sync('Post', 1, 'user', '[]')$$);
SELECT orm.link('User', 2, 'posts', '[1]');

-- what a declaration keeps from being written
SELECT orm.property('Post', 'user_id', 'user_id', update => false);
CALL raises($$orm.link('User', 1, 'posts', '[1]')$$);
CALL raises($$orm.link('Post', 1, 'user', '1')$$);
SELECT orm.drop_property('Post', 'user_id');
DROP SCHEMA link_test CASCADE;
