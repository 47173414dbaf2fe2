-- Errors of reading: code, message, place and hint of each.
SET client_min_messages = warning;
CREATE SCHEMA errors;
SET search_path = errors;
\pset format unaligned
\pset tuples_only on

CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, age int, mood mood, doc jsonb, tags text[], spot point,
	plain json, "with.dot" int, "$cost" int, created_at timestamptz);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text);
CREATE INDEX ON posts (user_id);
CREATE VIEW names AS SELECT name FROM users;
INSERT INTO users (id, name, age) VALUES (1, 'Ada', 36);
SELECT orm.entity('User', 'users'), orm.entity('Post', 'posts');

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
-- of a document to fetch 'User' by; its place has to be named
CREATE PROCEDURE raises_document(document text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	PERFORM orm.list('User', document::jsonb);
	RAISE WARNING '% raised nothing', document;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, CASE WHEN detail ~ '^At (/.*)?: [[:alnum:]"{[-]' THEN detail ELSE 'NO PLACE: ' || detail END, hint;
END $$;
\set VERBOSITY terse

-- documents and clauses
CALL raises_document('1');
CALL raises_document('[]');
CALL raises_document('"where"');
CALL raises_document('null');
CALL raises_document('{"wher": {}}');
CALL raises_document('{"include": []}');
CALL raises_document('{"": 1}');
CALL raises_document('{"a/b~c": 1}');
CALL raises_document('{"where": null}');
CALL raises_document('{"limit": null}');
CALL raises_document('{"params": [1]}');
CALL raises_document('{"entity": "User"}');

-- where: groups
CALL raises_document('{"where": []}');
CALL raises_document('{"where": 1}');
CALL raises_document('{"where": {"nme": "Ada"}}');
CALL raises_document('{"where": {"zzzzzzzz": "Ada"}}');
CALL raises_document('{"where": {"posts.title": "x"}}');
CALL raises_document('{"where": {"with.do": 1}}');
CALL raises_document('{"where": {"a/b~c": 1}}');
CALL raises_document('{"where": {"$or": {"name": "x"}}}');
CALL raises_document('{"where": {"$and": null}}');
CALL raises_document('{"where": {"$or": [{"name": "x"}, {"nme": "y"}]}}');
CALL raises_document('{"where": {"$or": [{"name": "x"}, 1]}}');
CALL raises_document('{"where": {"$not": [{"name": "x"}]}}');
CALL raises_document('{"where": {"$nor": []}}');
CALL raises_document('{"where": {"$gt": 1}}');
CALL raises_document('{"where": {"$cost": 1}}');
CALL raises_document('{"where": {"$$costs": 1}}');

-- where: operators
CALL raises_document('{"where": {"age": {}}}');
CALL raises_document('{"where": {"age": {"gte": 1}}}');
CALL raises_document('{"where": {"age": {"$gtee": 1}}}');
CALL raises_document('{"where": {"age": {"$zzzzzz": 1}}}');
CALL raises_document('{"where": {"age": {"$gt": null}}}');
CALL raises_document('{"where": {"age": {"$eq": null}}}');
CALL raises_document('{"where": {"age": {"$ne": null}}}');
CALL raises_document('{"where": {"age": {"$in": null}}}');
CALL raises_document('{"where": {"age": {"$in": 1}}}');
CALL raises_document('{"where": {"age": {"$in": [1, null]}}}');
CALL raises_document('{"where": {"age": [1, null]}}');
CALL raises_document('{"where": {"age": {"$nin": [null]}}}');
CALL raises_document('{"where": {"age": {"$eq": {"$value": null}}}}');
CALL raises_document('{"where": {"age": {"$in": [{"$value": null}]}}}');
CALL raises_document('{"where": {"age": {"$in": [1, {"$gt": 1}]}}}');
CALL raises_document('{"where": {"age": {"$between": [1]}}}');
CALL raises_document('{"where": {"age": {"$between": [1, null]}}}');
CALL raises_document('{"where": {"age": {"$between": 1}}}');
CALL raises_document('{"where": {"age": {"$null": 1}}}');
CALL raises_document('{"where": {"age": {"$null": null}}}');
CALL raises_document('{"where": {"age": {"$eq": {"a": 1}}}}');
CALL raises_document('{"where": {"age": {"$eq": [1]}}}');
CALL raises_document('{"where": {"age": {"$like": "1%"}}}');
CALL raises_document('{"where": {"name": {"$like": 1}}}');
CALL raises_document('{"where": {"name": {"$starts": null}}}');
CALL raises_document('{"where": {"name": {"$starts": ["a"]}}}');
CALL raises_document('{"where": {"spot": "(1,2)"}}');
CALL raises_document('{"where": {"spot": {"$lt": "(1,2)"}}}');
CALL raises_document('{"where": {"spot": ["(1,2)"]}}');
CALL raises_document('{"where": {"plain": {"$eq": {"a": 1}}}}');
CALL raises_document('{"where": {"age": {"$not": {"$gt": null}}}}');
CALL raises_document('{"where": {"age": {"$gt": 1, "$lt": "x"}}}');

-- where: values that do not fit are 22P02 with their place
CALL raises_document('{"where": {"id": "x"}}');
CALL raises_document('{"where": {"id": 1.5}}');
CALL raises_document('{"where": {"id": true}}');
CALL raises_document('{"where": {"age": 3000000000}}');
CALL raises_document('{"where": {"age": {"$gt": "1e400"}}}');
CALL raises_document('{"where": {"mood": "angry"}}');
CALL raises_document('{"where": {"created_at": "yesterday at noon o''clock"}}');
CALL raises_document('{"where": {"created_at": {"$gt": "2024-02-30"}}}');
CALL raises_document('{"where": {"tags": "x"}}');
CALL raises_document('{"where": {"tags": [["a"], "b"]}}');
CALL raises_document('{"where": {"age": {"$in": [1, "x"]}}}');
CALL raises_document('{"where": {"$or": [{"age": 1}, {"age": {"$between": [1, "x"]}}]}}');

-- order
CALL raises_document('{"order": 1}');
CALL raises_document('{"order": {"name": "asc"}}');
CALL raises_document('{"order": [1]}');
CALL raises_document('{"order": [["name"]]}');
CALL raises_document('{"order": ["nme"]}');
CALL raises_document('{"order": "-nme"}');
CALL raises_document('{"order": ["posts.title"]}');
CALL raises_document('{"order": ["post.title"]}');
CALL raises_document('{"order": ["with.dot"]}');
CALL raises_document('{"order": [""]}');
CALL raises_document('{"order": ["-"]}');
CALL raises_document('{"order": ["name."]}');
CALL raises_document('{"order": ["\"name"]}');
CALL raises_document('{"order": ["\"name\"x"]}');
CALL raises_document('{"order": ["spot"]}');
CALL raises_document('{"order": ["name", {"age": "up"}]}');
CALL raises_document('{"order": [{"age": "descending"}]}');
CALL raises_document('{"order": [{"age": "ascnulls last"}]}');
CALL raises_document('{"order": [{"age": ""}]}');
CALL raises_document('{"order": [{"age": "desc "}]}');
CALL raises_document('{"order": [{"age": "desc  nulls last"}]}');
CALL raises_document('{"order": [{"age": 1}]}');
CALL raises_document('{"order": [{"age": "asc", "name": "asc"}]}');
CALL raises_document('{"order": [{}]}');
CALL raises_document('{"order": [{"nme": "asc"}]}');

-- limit, offset
CALL raises_document('{"limit": -1}');
CALL raises_document('{"limit": 1.5}');
CALL raises_document('{"limit": "10"}');
CALL raises_document('{"limit": true}');
CALL raises_document('{"limit": 9223372036854775808}');
CALL raises_document('{"limit": [1]}');
CALL raises_document('{"limit": {"a": 1}}');
CALL raises_document('{"offset": -1}');
CALL raises_document('{"offset": {}}');

-- select, omit
CALL raises_document('{"select": "name"}');
CALL raises_document('{"select": [1]}');
CALL raises_document('{"select": ["nme"]}');
CALL raises_document('{"select": ["name", "posts"]}');
CALL raises_document('{"omit": ["*"]}');
CALL raises_document('{"omit": {"name": true}}');
CALL raises_document('{"omit": [null]}');

-- load
CALL raises_document('{"load": "posts"}');
CALL raises_document('{"load": 1}');
CALL raises_document('{"load": [1]}');
CALL raises_document('{"load": [["posts"]]}');
CALL raises_document('{"load": ["post"]}');
CALL raises_document('{"load": ["name"]}');
CALL raises_document('{"load": ["posts.usr"]}');
CALL raises_document('{"load": ["posts..user"]}');
CALL raises_document('{"load": {"posts": 1}}');
CALL raises_document('{"load": {"posts": null}}');
CALL raises_document('{"load": {"posts": []}}');
CALL raises_document('{"load": {"pots": true}}');
CALL raises_document('{"load": {"posts.user": false}}');
CALL raises_document('{"load": {"posts": {"wher": {}}}}');
CALL raises_document('{"load": {"posts": {"where": {"titel": "x"}}}}');
CALL raises_document('{"load": {"posts": {"load": {"user": {"where": {"id": "x"}}}}}}');
CALL raises_document('{"load": {"posts.user": {"order": ["zzzzzzz"]}}}');
CALL raises_document('{"load": ["posts", {"posts": {"limit": -1}}]}');
CALL raises_document('{"load": {"posts": {"params": []}}}');

-- depth
SET orm.max_depth = 2;
CALL raises_document('{"load": ["posts.user.posts"]}');
CALL raises_document('{"load": {"posts": {"load": {"user": {"load": ["posts"]}}}}}');
CALL raises_document('{"where": {"$not": {"$not": {"name": "x"}}}}');
CALL raises_document('{"where": {"$or": [{"$or": [{"name": "x"}]}]}}');
CALL raises_document('{"where": {"age": {"$not": {"$not": {"$not": 1}}}}}');
RESET orm.max_depth;
CALL raises_document('{"where": ' || repeat('{"$not": ', 40) || '{}' || repeat('}', 40) || '}');
CALL raises_document('{"where": {"doc": {"$eq": ' || repeat('[', 1000) || repeat(']', 1000) || '}}}');

-- which of several clauses
CALL raises($$orm.list('User', '{}', '{"wher": {}}')$$);
CALL raises($$orm.list('User', '{"limit": 1}', '{"where": {"age": {"$gt": "x"}}}')$$);
CALL raises($$orm.count('User', orm.where('age', 1), orm.where('nme', 'x'), orm.limit(1))$$);
CALL raises($$orm.exists('User', VARIADIC ARRAY['[]', '{}']::jsonb[])$$);
CALL raises($$orm.first('User', orm.limit(1), orm.limit(-1))$$);
CALL raises($$orm.sql('User', '{}', '{"load": {"posts": {"where": {"id": "x"}}}}')$$);
CALL raises($$orm.find('User', 1, '{}', '{"select": ["nme"]}')$$);
CALL raises($$orm.find('User', NULL, '{"select": ["nme"]}')$$);
CALL raises($$orm.fetch('User', '{"wher": {}}')$$);

-- entities, clauses and keys
CALL raises($$orm.count('Usr')$$);
CALL raises($$orm.count(NULL)$$);
CALL raises($$orm.count('User', NULL)$$);
CALL raises($$orm.find('User', 'x')$$);
CALL raises($$orm.find('User', '"x"'::jsonb)$$);
CALL raises($$orm.find('User', '{"id": "x"}'::jsonb)$$);
CALL raises($$orm.find('User', '{"id": 1}')$$);
CALL raises($$orm.find('User', '{"name": "Ada"}'::jsonb)$$);
CALL raises($$orm.find('User', '{"idd": 1}'::jsonb)$$);

-- the statement's own: rights, time, what the table says
CREATE ROLE errors_reader;
GRANT USAGE ON SCHEMA errors TO errors_reader;
SET ROLE errors_reader;
SELECT orm.count('User');
SELECT orm.find('User', 1);
RESET ROLE;
ALTER TABLE posts RENAME TO articles;
CALL raises($$orm.count('Post', '{"where": {"titel": 1}}')$$);
DROP TABLE articles;
CALL raises($$orm.count('Post')$$);
CALL raises_document('{"load": ["posts"]}');
-- a session goes on after each of them
SELECT orm.find('User', 1, orm.select('name'));

SELECT count(orm.drop_entity('User'));
DROP SCHEMA errors CASCADE;
DROP ROLE errors_reader;
