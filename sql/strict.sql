-- orm.strict, and the warning of relations that are read one key at a time.
SET client_min_messages = warning;
CREATE SCHEMA strict;
SET search_path = strict, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text);
CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users, text text);
CREATE TABLE amounts (id int PRIMARY KEY, "user" numeric);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE user_tag (user_id int REFERENCES users, tag_id int REFERENCES tags, PRIMARY KEY (user_id, tag_id));
CREATE INDEX ON posts (user_id);
INSERT INTO users SELECT i, 'u' || i FROM generate_series(1, 20) AS i;
INSERT INTO posts SELECT i, i, 'p' || i FROM generate_series(1, 20) AS i;
INSERT INTO notes VALUES (1, 1, 'n');
SELECT count(*) FROM orm.reflect('strict');
CREATE VIEW seen AS SELECT * FROM notes;
SELECT orm.entity('seen', 'seen', key => '{id}'), orm.has_many('users', 'seen', 'seen', foreign_key => '{user_id}');
SELECT orm.belongs_to('amounts', 'owner', 'users', foreign_key => '{user}');
SELECT orm.has_many('users', 'lazily', 'posts', foreign_key => '{user_id}', lazy => true, condition => '{"id": {"$gt": 0}}');

-- declared or derived, named or eager, at any level: without an index it is refused
\set VERBOSITY verbose
CREATE PROCEDURE tried(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text; result text;
BEGIN
	EXECUTE 'SELECT (' || call || ')::text' INTO result;
	RAISE WARNING '%: %', call, result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %: %\n%\n%', call, state, message, detail, hint;
END $$;
\set VERBOSITY terse
CALL tried($$orm.find('users', 1, '{"load": ["notes"]}')$$);
CALL tried($$orm.lazy('users', 1, 'lazily')$$);
SET orm.strict = on;
CALL tried($$orm.find('users', 1, '{"load": ["posts"]}')$$);
CALL tried($$orm.find('users', 1, '{"load": ["notes"]}')$$);
CALL tried($$orm.find('posts', 1, '{"load": ["user.notes"]}')$$);
CALL tried($$orm.related('users', '[1]', 'notes')$$);
CALL tried($$orm.load('users', '{"id": 1}', '{"load": ["notes"]}')$$);
CALL tried($$orm.lazy('users', 1, 'lazily')$$);
CALL tried($$orm.find('amounts', 1, '{"load": ["owner"]}')$$);
CALL tried($$orm.find('users', 1, '{"load": ["tags"]}')$$);
CALL tried($$orm.find('tags', 1, '{"load": ["users"]}')$$);
-- what can have no index is not asked for one
CALL tried($$orm.find('users', 1, '{"load": ["seen"], "select": ["id"]}')$$);
SELECT orm.has_many('users', 'notes', 'notes', eager => true);
CALL tried($$orm.find('users', 1)$$);
CALL tried($$orm.find('users', 1, '{"load": {"notes": false}}')$$);
CREATE INDEX ON notes (user_id);
CALL tried($$orm.find('users', 1)$$);
SET orm.strict = off;
SELECT orm.drop_relation('users', 'notes');

-- one key at a time: one warning for each relation and transaction, with what to do instead
CREATE PROCEDURE again(n int, call text) LANGUAGE plpgsql AS $$
BEGIN FOR i IN 1..n LOOP EXECUTE 'SELECT ' || call USING i; END LOOP; END $$;
\set VERBOSITY default
\set SHOW_CONTEXT never
CALL again(10, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
CALL again(20, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
BEGIN;
CALL again(6, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
CALL again(6, $$orm.find('users', $1, '{"load": ["posts", "notes"]}')$$);
CALL again(20, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
COMMIT;
-- whichever way
CALL again(11, $$orm.first('users', jsonb_build_object('where', jsonb_build_object('id', $1), 'load', '["posts"]'::jsonb))$$);
CALL again(11, $$orm.list('users', jsonb_build_object('where', jsonb_build_object('id', $1), 'load', '["posts"]'::jsonb))$$);
CALL again(11, $$orm.related('users', format('[%s]', $1), 'posts')$$);
CALL again(11, $$orm.load('users', format('{"id": %s}', $1), '{"load": ["posts"]}')$$);
CALL again(11, $$orm.lazy('users', $1, 'lazily')$$);
SELECT count(orm.hydrate(u, '{"load": ["posts"]}')) FROM users u;
-- not where there were more, or none, or where they were read together
SELECT count(*) FROM (SELECT orm.fetch('users', '{"load": ["posts"]}') OFFSET 0) AS s;
SET orm.window_size = 1;
SELECT count(*) FROM (SELECT orm.fetch('users', '{"load": ["posts"]}') OFFSET 0) AS s;
RESET orm.window_size;
CALL again(20, $$orm.list('users', '{"limit": 2, "load": ["posts"]}')$$);
CALL again(20, $$orm.find('users', $1 + 100, '{"load": ["posts"]}')$$);
CALL again(20, $$orm.find('users', $1)$$);
-- the threshold
SET orm.n_plus_one_threshold = 2;
CALL again(2, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
CALL again(3, $$orm.find('users', $1, '{"load": ["posts"]}')$$);
SET orm.n_plus_one_threshold = 0;
CALL again(100, $$orm.find('users', 1 + $1 % 20, '{"load": ["posts"]}')$$);
RESET orm.n_plus_one_threshold;
-- orm.stats tells for which statements
SELECT one_key_calls > 100 AS told, one_key_calls <= calls AS sound FROM orm.stats WHERE statement LIKE '% strict.posts AS t%' ORDER BY calls DESC LIMIT 1;
SELECT sum(one_key_calls) FROM orm.stats WHERE statement LIKE '% FROM strict.users AS t%';

SET client_min_messages = warning;
DROP SCHEMA strict CASCADE;
