-- orm.check: what does not hold in the model, or holds badly.
SET client_min_messages = warning;
CREATE SCHEMA checked;
SET search_path = checked, public;
\pset format unaligned
\pset tuples_only on
CREATE TABLE users (id int PRIMARY KEY, name text, version int, seen timestamptz);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text);
CREATE INDEX ON posts (user_id);
SELECT count(*) FROM orm.reflect('checked');
-- a sound model has no findings
SELECT * FROM orm.check();

-- to-ones that are not one, missing indexes, keys that nothing keeps, types that defeat an index
CREATE TABLE profiles (id int PRIMARY KEY, user_id int REFERENCES users, at timestamptz);
CREATE TABLE heap (a int, b int);
CREATE TABLE amounts (id int PRIMARY KEY, "user" numeric);
CREATE TABLE tags (id int PRIMARY KEY);
CREATE TABLE post_tag (post_id int REFERENCES posts, tag_id int REFERENCES tags, PRIMARY KEY (post_id, tag_id));
CREATE VIEW seen AS SELECT * FROM posts;
SELECT orm.entity('heap', 'heap', key => '{a}'), orm.entity('seen', 'seen', key => '{id}');
SELECT count(*) FROM orm.reflect('checked');
SELECT orm.has_one('users', 'profile', 'profiles'), orm.has_one('users', 'latest', 'profiles', order_by => '{-at}');
SELECT orm.belongs_to('amounts', 'owner', 'users', foreign_key => '{user}'), orm.belongs_to('profiles', 'shown', 'seen', foreign_key => '{id}', target_key => '{user_id}');
SELECT * FROM orm.check();
CREATE INDEX ON profiles (user_id);
ALTER TABLE heap ADD UNIQUE (a);
ALTER TABLE heap ALTER a SET NOT NULL;
CREATE INDEX ON post_tag (tag_id);
SELECT orm.drop_relation('amounts', 'owner'), orm.drop_relation('profiles', 'shown');
ALTER TABLE profiles ADD UNIQUE (user_id);
SELECT * FROM orm.check();

-- a foreign key that gets no relation, since its names are taken
CREATE TABLE twins (id int PRIMARY KEY, "user" int, user_id int REFERENCES users, "users_by_user_id" int);
CREATE INDEX ON twins (user_id);
SELECT orm.entity('twins', 'twins');
SELECT * FROM orm.check();
DROP TABLE twins;

-- SQL that no longer parses, and names that are gone
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1) $$;
CREATE FUNCTION whisper(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
SELECT orm.property('users', 'loud', expression => 'checked.shout(name)'), orm.property('users', 'name', 'name', cast_as => 'checked.shout, checked.whisper');
SELECT orm.scope('users', 'loudest', predicate => 'checked.shout(name) = name'), orm.scope('users', 'named', condition => '{"name": {"$eq": {"$arg": "n"}}}', arguments => '{n}'),
	orm.scope('users', 'ours', condition => '{"name": {"$setting": "checked.unset"}}', global => true);
SELECT orm.has_many('users', 'titled', 'posts', condition => '{"title": "x"}', order_by => '{title}');
SELECT * FROM orm.check();
DROP FUNCTION shout(text);
SELECT * FROM orm.check();
SELECT orm.drop_property('users', 'loud'), orm.drop_property('users', 'name'), orm.drop_scope('users', 'loudest'), orm.drop_scope('users', 'ours');
-- past the event triggers nothing is followed
SELECT orm.entity('users', 'users', version => 'version', updated_at => 'seen');
ALTER EVENT TRIGGER orm_sql_drop DISABLE;
ALTER EVENT TRIGGER orm_ddl_command_end DISABLE;
SET orm.restoring = on;
DROP VIEW seen;
ALTER TABLE posts DROP COLUMN title;
DROP TABLE tags CASCADE;
DROP TABLE profiles;
RESET orm.restoring;
ALTER EVENT TRIGGER orm_sql_drop ENABLE;
ALTER EVENT TRIGGER orm_ddl_command_end ENABLE;
SELECT entity, subject, severity, regexp_replace(message, '\d{4,}', 'N', 'g'), regexp_replace(hint, '\d{4,}', 'N', 'g') FROM orm.check();
-- what is left of them goes by name, whoever asks, with all that leads there
SELECT orm.drop_entity('tagz');
CREATE ROLE check_cleaner;
SET ROLE check_cleaner;
SELECT orm.drop_entity('users');
SELECT orm.drop_entity('tags'), orm.drop_entity('seen'), orm.drop_entity('profiles');
SELECT orm.drop_entity('tags');
RESET ROLE;
DROP ROLE check_cleaner;
SELECT orm.drop_relation('users', 'titled');
SELECT * FROM orm.check();
-- rows that belong to no entity
SET orm.restoring = on;
DELETE FROM orm.entities WHERE name = 'users';
RESET orm.restoring;
SELECT entity, subject, severity, message, regexp_replace(hint, '\d{4,}', 'N', 'g') FROM orm.check();
DELETE FROM orm.scopes WHERE name = 'named';
SELECT orm.entity('users', 'users', version => 'version', updated_at => 'seen');

-- the trigger that keeps versions
SELECT * FROM orm.check();
ALTER TABLE users DISABLE TRIGGER zz_orm_stamp;
SELECT * FROM orm.check();
DROP TRIGGER zz_orm_stamp ON users;
SELECT * FROM orm.check();
SELECT orm.entity('users', 'users', version => 'version', updated_at => 'seen');
SELECT * FROM orm.check();

-- eager relations that go round in a circle are refused, however long the way
\set VERBOSITY terse
CREATE PROCEDURE tried(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '%', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %: %\n%\n%', call, state, message, detail, hint;
END $$;
CREATE TABLE a (id int PRIMARY KEY, a_id int REFERENCES a);
CREATE TABLE b (id int PRIMARY KEY, a_id int UNIQUE REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, b_id int UNIQUE REFERENCES b, a_id int UNIQUE REFERENCES a);
CREATE INDEX ON a (a_id);
SELECT orm.entity(name, ('checked.' || name)::regclass) FROM unnest('{a,b,c}'::text[]) AS name;
CALL tried($$orm.belongs_to('a', 'up', 'a', foreign_key => '{a_id}', eager => true)$$);
CALL tried($$orm.belongs_to('b', 'a', 'a', eager => true)$$);
CALL tried($$orm.has_one('a', 'b', 'b', eager => true)$$);
CALL tried($$orm.has_one('b', 'c', 'c', eager => true)$$);
CALL tried($$orm.belongs_to('c', 'a', 'a', eager => true)$$);
CALL tried($$orm.has_one('a', 'c', 'c', eager => true)$$);
CALL tried($$orm.has_one('a', 'c', 'c')$$);
CALL tried($$orm.define('{"orm": 1, "entities": {"c": {"source": "checked.c", "relations": {"b": {"belongs_to": "b", "eager": true}}}}}')$$);
CALL tried($$orm.define('{"orm": 1, "entities": {"c": {"source": "checked.c", "relations": {"a": {"belongs_to": "a"}}}, "b": {"source": "checked.b", "relations": {"c": {"has_one": "c"}, "a": {"belongs_to": "a"}}}, "a": {"source": "checked.a", "relations": {"b": {"has_one": "b", "eager": true}, "c": {"has_one": "c", "eager": true}}}}}')$$);
-- one that came in past the checks is told of
ALTER TABLE orm.relations DISABLE TRIGGER changed;
UPDATE orm.relations SET eager = true WHERE name = 'a' AND relation = 'b'::regclass;
ALTER TABLE orm.relations ENABLE ALWAYS TRIGGER changed;
\c
SET search_path = checked, public;
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
SELECT * FROM orm.check();

-- whoever asks sees the same, and no rows; what he may not look up is no fault
CREATE ROLE check_reader;
SELECT count(*) AS all_findings FROM orm.check() \gset
SET ROLE check_reader;
SELECT count(*) = :all_findings FROM orm.check();
BEGIN READ ONLY;
SELECT count(*) > 0 FROM orm.check();
COMMIT;
RESET ROLE;
DROP ROLE check_reader;
DROP SCHEMA checked CASCADE;
SELECT * FROM orm.check();
