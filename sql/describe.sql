-- Reading the model back, declared and derived.
SET client_min_messages = warning;
CREATE SCHEMA tell;
SET search_path = tell, public;
CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	full_name varchar(40) NOT NULL,
	born date DEFAULT '2000-01-01',
	age int GENERATED ALWAYS AS (1 + 1) STORED,
	deleted_at timestamptz,
	secret text
);
CREATE TABLE posts (
	id bigint PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	editor_id bigint REFERENCES users,
	parent_id bigint REFERENCES posts,
	title text
);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id int REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));
CREATE INDEX ON posts (user_id);
CREATE VIEW names AS SELECT full_name FROM users;
SELECT orm.entity('User', 'users', naming => 'camel', soft_delete => 'deleted_at');
SELECT orm.entity('Post', 'posts');
SELECT orm.entity('Profile', 'profiles');
SELECT orm.entity('Tag', 'tags');
SELECT orm.entity('Name', 'names', derive => false);
SELECT orm.property('User', 'secret', hidden => true, lazy => true, cast_as => 'base64');
SELECT orm.property('User', 'initial', expression => 'left(full_name, 1)');
SELECT orm.has_many('User', 'titled', 'Post', foreign_key => '{user_id}', condition => '{"title": {"$null": false}}',
	order_by => '{title,-id}', lazy => true, owned => true, on_missing => 'delete', on_foreign => 'move');

SELECT * FROM orm.describe('User');
SELECT * FROM orm.describe('Post');
SELECT * FROM orm.describe('Profile');
SELECT * FROM orm.describe('Tag');
SELECT * FROM orm.describe('Name');

-- the model follows DDL at once
ALTER TABLE tags ADD COLUMN colour text;
ALTER TABLE posts DROP CONSTRAINT posts_editor_id_fkey;
SELECT kind, name, type FROM orm.describe('Tag') WHERE name = 'colour';
SELECT kind, name, type FROM orm.describe('Post') WHERE kind = 'relation';

-- a name that is taken leaves a relation without one
CREATE TABLE notes (id int PRIMARY KEY, tag_id int REFERENCES tags, tag text, tags_by_tag_id text, tags_by_tag text);
SELECT orm.entity('Note', 'notes');
SELECT kind, name, type, source, details FROM orm.describe('Note') WHERE kind IN ('relation', 'orphan');

SELECT json_object_keys(orm.model());
SELECT orm.model() -> 'Profile';
SELECT orm.model() #> '{Tag,relations,posts}';
SELECT orm.model() #> '{User,relations,titled}';
SELECT orm.model() #> '{User,properties,initial}';

-- open to all
CREATE ROLE regress_orm_reader;
SET ROLE regress_orm_reader;
SELECT count(*) FROM orm.describe('Post');
SELECT json_typeof(orm.model()), json_typeof(orm.export());
RESET ROLE;
DROP ROLE regress_orm_reader;

SELECT count(orm.drop_entity(name)) FROM orm.entities;
SELECT orm.model();
RESET search_path;
DROP SCHEMA tell CASCADE;
