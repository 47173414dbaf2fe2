-- Model documents: in, out, and in again without a change.
SET client_min_messages = warning;
CREATE SCHEMA doc;
SET search_path = doc, public;
CREATE TABLE users (id bigint PRIMARY KEY, full_name text, email text UNIQUE, price numeric, active bool, "we/ird~" text);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text, internal_notes text, lock_version int, published bool);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id int REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));

-- relations may name entities that come later, properties those of any
SELECT * FROM orm.define($$
{"orm": 1, "entities": {
  "Post": {"source": "doc.posts", "naming": "camel", "version": "lock_version",
    "properties": {
      "excerpt": {"expression": "left(title, 80)"},
      "notes": {"column": "internal_notes", "hidden": true, "lazy": true, "insert": true, "update": false},
      "published": false},
    "relations": {
      "author": {"belongs_to": "User", "foreign_key": ["user_id"], "eager": true},
      "tags": {"many_to_many": "Tag", "through": "doc.post_tag", "pivot": ["position"], "order_by": ["label"]},
      "postTag": false}},
  "User": {"source": "users", "naming": "camel", "key": "id", "columns": ["id", "full_name", "email", "price"], "derive": false,
    "properties": {"weird/one~": {"column": "we/ird~"}},
    "relations": {"posts": {"has_many": "Post", "foreign_key": "user_id", "owned": true, "lazy": false, "on_missing": "delete", "on_foreign": "move",
      "condition": {"title": {"$ne": "a \"b\" c"}, "id": 12345678901234}, "order_by": ["-id"]}}},
  "Tag": {"source": "tags"},
  "PostTag": {"source": "post_tag", "naming": "camel"}
}}$$);
SELECT jsonb_pretty(orm.export()::jsonb);
SELECT orm.export('Tag', 'PostTag');

-- define(export()) changes nothing: not one row is written
CREATE TEMP TABLE before AS
	SELECT xmin::text AS x, row_to_json(t)::text AS r FROM orm.entities t
	UNION ALL SELECT xmin::text, row_to_json(t)::text FROM orm.properties t
	UNION ALL SELECT xmin::text, row_to_json(t)::text FROM orm.relations t;
SELECT orm.export() AS first \gset
SELECT count(*) FROM orm.define(:'first');
SELECT * FROM (SELECT xmin::text AS x, row_to_json(t)::text AS r FROM orm.entities t
	UNION ALL SELECT xmin::text, row_to_json(t)::text FROM orm.properties t
	UNION ALL SELECT xmin::text, row_to_json(t)::text FROM orm.relations t) AS after
	EXCEPT SELECT * FROM before;
SELECT orm.export()::text = :'first' AS same;

-- and into an empty catalog it brings back the same
SELECT count(orm.drop_entity(name)) FROM orm.entities;
SELECT orm.export();
SELECT count(*) FROM orm.define(:'first');
SELECT orm.export()::text = :'first' AS same;

-- what a document leaves out is left alone; without a source the entity's own relation stands
SELECT * FROM orm.define('{"orm": 1, "entities": {"Tag": {"naming": "camel"}}}');
SELECT * FROM orm.define('{"orm": 1}');
SELECT relation, naming FROM orm.entities WHERE name = 'Tag';

-- numbers are kept as they are written
SELECT * FROM orm.define('{"orm": 1, "entities": {"User": {"naming": "camel", "relations": {"dear": {"has_many": "Post", "foreign_key": "user_id", "condition": {"id": 9007199254740993}}}}}}');
SELECT condition FROM orm.relations WHERE name = 'dear';

-- false over a declared one leaves nothing of that name
SELECT * FROM orm.define('{"orm": 1, "entities": {"Post": {"source": "posts", "relations": {"author": false, "user": false}, "properties": {"notes": false}}}}');
SELECT name FROM orm.describe('Post') WHERE kind = 'relation';

-- refusals
CREATE FUNCTION refused(document text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE d text; h text; c text;
BEGIN
	PERFORM orm.define(document);
	RETURN NEXT 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = PG_EXCEPTION_CONTEXT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM;
	IF d <> '' THEN RETURN NEXT 'DETAIL ' || d; END IF;
	IF h <> '' THEN RETURN NEXT 'HINT ' || h; END IF;
	IF c LIKE 'model document%' THEN RETURN NEXT 'CONTEXT ' || split_part(c, E'\n', 1); END IF;
END $$;
\pset format unaligned
\pset tuples_only on
SELECT refused(NULL);
SELECT refused('');
SELECT refused('{"orm": 1,' || E'\n' || '  "entities": }');
SELECT refused('{"orm": 1, "orm": 1}');
SELECT refused('[]');
SELECT refused('{"entities": {}}');
SELECT refused('{"orm": 2, "entities": {}}');
SELECT refused('{"orm": "1", "entities": {}}');
SELECT refused('{"orm": 1, "entitys": {}}');
SELECT refused('{"orm": 1, "entities": []}');
SELECT refused('{"orm": 1, "entities": {"A": 1}}');
SELECT refused('{"orm": 1, "entities": {"A": {}}}');
SELECT refused('{"orm": 1, "entities": {"A": {"source": 1}}}');
SELECT refused('{"orm": 1, "entities": {"A": {"source": "nowhere"}}}');
SELECT refused('{"orm": 1, "entities": {"A": {"source": "users", "key": [1]}}}');
SELECT refused('{"orm": 1, "entities": {"A": {"source": "users", "derive": "yes"}}}');
SELECT refused('{"orm": 1, "entities": {"A/b~c": {"source": "users", "nameing": "camel"}}}');
SELECT refused('{"orm": 1, "entities": {"A": {"source": "users", "version": "versoin"}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"properties": {"x": {"colour": 1}}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"properties": {"x": true}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"properties": {"x": {"expression": "nix"}}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"properties": {"lable": false}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"relations": {"x": {"foreign_key": "id"}}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"relations": {"x": {"belongs_to": "User", "has_one": "User"}}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"relations": {"x": {"belongs_to": "Usr"}}}}}');
SELECT refused('{"orm": 1, "entities": {"Tag": {"relations": {"x": {"belongs_to": "User", "foreign_key": "user_id"}}}}}');
SELECT refused('{"orm": 1, "entities": {"User": {"relations": {"x": {"has_many": "Post", "foreign_key": "user_id", "condition": {"titel": 1}}}}}}');
SELECT refused(repeat('[', 100));
SELECT refused('{"orm": 1, "entities": {"A": "' || repeat('x', 16 * 1024 * 1024) || '"}}');

SELECT count(orm.drop_entity(name)) FROM orm.entities;
RESET search_path;
DROP SCHEMA doc CASCADE;
