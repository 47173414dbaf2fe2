-- Every refusal of a declaration, with its SQLSTATE.
SET client_min_messages = error;
CREATE FUNCTION fails(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE d text; h text; c text;
BEGIN
	EXECUTE statement;
	RETURN NEXT 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM;
	IF d <> '' THEN RETURN NEXT 'DETAIL ' || d; END IF;
	IF h <> '' THEN RETURN NEXT 'HINT ' || h; END IF;
END $$;
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA bad;
SET search_path = bad, public;
CREATE TABLE users (id int PRIMARY KEY, name text, email text UNIQUE, doc json, full_name text, "fullName" text, at timestamptz, data jsonb,
	twice int GENERATED ALWAYS AS (1 + 1) STORED);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, editor_id int REFERENCES users, title text, spot point);
CREATE TABLE heap (a int, doc json);
CREATE TABLE pivots (id int PRIMARY KEY, pivot int);
CREATE TABLE j1 (post_id int REFERENCES posts, user_id int REFERENCES users);
CREATE TABLE j2 (post_id int REFERENCES posts, user_id int REFERENCES users);
CREATE VIEW v AS SELECT * FROM users;
CREATE SEQUENCE seq;
CREATE TEMP TABLE temporary (id int PRIMARY KEY);
CREATE FUNCTION two(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';

-- entities
SELECT fails($$ SELECT orm.entity(NULL, 'users') $$);
SELECT fails($$ SELECT orm.entity('User', NULL) $$);
SELECT fails($$ SELECT orm.entity('', 'users') $$);
SELECT fails($$ SELECT orm.entity('User', 'nowhere') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', naming => 'snake') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', naming => NULL) $$);
SELECT fails($$ SELECT orm.entity('User', 'users', key => '{idd}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', key => '{id,NULL}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', key => '{{id},{name}}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', key => '{id,id}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', key => '{ctid}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', columns => '{name}') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', version => 'name', updated_at => 'tomorrow', flex => 'doc') $$);
SELECT fails($$ SELECT orm.entity('User', 'users', naming => 'camel') $$);
SELECT fails($$ SELECT orm.entity('V', 'v', key => '{id}', version => 'id') $$);
SELECT fails($$ SELECT orm.entity('Heap', 'heap') $$);
SELECT fails($$ SELECT orm.entity('Heap', 'heap', key => '{doc}') $$);
SELECT fails($$ SELECT orm.entity('Pivot', 'pivots') $$);
SELECT fails($$ SELECT orm.entity('Seq', 'seq') $$);
SELECT fails($$ SELECT orm.entity('Index', 'users_pkey') $$);
SELECT fails($$ SELECT orm.entity('Class', 'pg_catalog.pg_class') $$);
SELECT fails($$ SELECT orm.entity('Temporary', 'temporary') $$);
SELECT fails($$ SELECT orm.drop_entity('Usr') $$);
SELECT orm.entity('User', 'users');
SELECT orm.entity('Post', 'posts');
SELECT fails($$ SELECT orm.drop_entity('Usr') $$);
SELECT fails($$ SELECT * FROM orm.reflect('nowhere') $$);
SELECT fails($$ SELECT * FROM orm.reflect(NULL) $$);
SELECT fails($$ SELECT * FROM orm.reflect('bad', 'kebab') $$);

-- a name that another owner's relation bears
CREATE ROLE regress_orm_other;
GRANT USAGE ON SCHEMA bad TO regress_orm_other;
CREATE TABLE theirs (id int PRIMARY KEY);
ALTER TABLE theirs OWNER TO regress_orm_other;
SET ROLE regress_orm_other;
SELECT public.fails($$ SELECT orm.entity('User', 'theirs') $$);
SELECT public.fails($$ SELECT orm.entity('Mine', 'users') $$);
SELECT public.fails($$ SELECT orm.entity('Mine', 'v') $$);
SELECT public.fails($$ SELECT orm.belongs_to('Post', 'author', 'User') $$);
RESET ROLE;

-- properties
SELECT fails($$ SELECT orm.property(NULL, 'x') $$);
SELECT fails($$ SELECT orm.property('User', NULL) $$);
SELECT fails($$ SELECT orm.property('Usr', 'name') $$);
SELECT fails($$ SELECT orm.property('User', '') $$);
SELECT fails($$ SELECT orm.property('User', 'nam') $$);
SELECT fails($$ SELECT orm.property('User', 'x', column_name => 'emial') $$);
SELECT fails($$ SELECT orm.property('User', 'x', column_name => 'name', expression => 'name') $$);
SELECT fails($$ SELECT orm.property('User', 'email', expression => 'lower(email)') $$);
SELECT fails($$ SELECT orm.property('User', 'pivot', column_name => 'name') $$);
SELECT fails($$ SELECT orm.property('User', 'twice', insert => true) $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name', update => true) $$);
SELECT fails($$ SELECT orm.property('User', 'name', cast_as => 'csv') $$);
SELECT fails($$ SELECT orm.property('User', 'name', cast_as => 'no_such, two') $$);
SELECT fails($$ SELECT orm.property('User', 'x', column_name => 'nix', cast_as => 'csv', insert => true) $$);
SELECT fails($$ SELECT orm.drop_property('User', 'nam') $$);
SELECT fails($$ SELECT orm.drop_property('User', 'id') $$);

-- expressions: exactly one, scalar, of this relation
SELECT fails($$ SELECT orm.property('User', 'x', expression => '') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name, email') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name AS n') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => '*') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name FROM users') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name WHERE true') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name LIMIT 1') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name UNION SELECT email') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name; DROP TABLE users') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => '1) || (2') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'name /* open') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'nam') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'posts.title') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'no_function(name)') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'count(*)') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'row_number() OVER ()') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'generate_series(1, 3)') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => '$1') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => 'ROW(1, 2)') $$);
SELECT fails($$ SELECT orm.property('User', 'x', expression => '(SELECT 1, 2)') $$);

-- relations
SELECT fails($$ SELECT orm.belongs_to('Post', NULL, 'User') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', NULL) $$);
SELECT fails($$ SELECT orm.belongs_to('Pst', 'author', 'User') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'Usr') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{usr_id}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{user_id,editor_id}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{spot}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{title}', target_key => '{name}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'title', 'User', foreign_key => '{user_id}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'pivot', 'User', foreign_key => '{user_id}') $$);
SELECT fails($$ SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{user_id}', owned => true, on_missing => 'ignore', on_foreign => 'move') $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post') $$);
SELECT fails($$ SELECT orm.has_many('Post', 'users', 'User') $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post', foreign_key => '{user_id}', on_missing => 'drop', on_foreign => 'steal', eager => true, lazy => true) $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post', foreign_key => '{user_id}', order_by => '{-titel}') $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post', foreign_key => '{user_id}', order_by => '{nobody.name}') $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post', foreign_key => '{user_id}', condition => '{"titel": "x"}') $$);
SELECT fails($$ SELECT orm.has_many('User', 'posts', 'Post', foreign_key => '{user_id}', condition => '[]') $$);
SELECT fails($$ SELECT orm.many_to_many('Post', 'readers', 'User') $$);
SELECT fails($$ SELECT orm.many_to_many('User', 'friends', 'User') $$);
SELECT fails($$ SELECT orm.many_to_many('Post', 'readers', 'User', through => 'heap') $$);
SELECT fails($$ SELECT orm.many_to_many('Post', 'readers', 'User', through => 'j1', pivot => '{nix}', order_by => '{pivot.nix}', on_missing => 'delete', owned => true) $$);
SELECT fails($$ SELECT orm.drop_relation('Post', 'usr') $$);
SELECT orm.belongs_to('Post', 'author', 'User', foreign_key => '{user_id}');
SELECT fails($$ SELECT orm.property('Post', 'author', column_name => 'title') $$);
ALTER TABLE posts ADD COLUMN author text;
SELECT fails($$ SELECT orm.entity('Post', 'posts') $$);

-- reading back
SELECT fails($$ SELECT * FROM orm.describe('Usr') $$);
SELECT fails($$ SELECT * FROM orm.describe(NULL) $$);
SELECT fails($$ SELECT orm.export('Usr') $$);
SELECT fails($$ SELECT orm.export(VARIADIC NULL) $$);

SELECT count(orm.drop_entity(name)) FROM orm.entities;
RESET search_path;
DROP SCHEMA bad CASCADE;
DROP FUNCTION fails(text);
DROP ROLE regress_orm_other;
