-- Declarations follow DDL: renamed and dropped columns, dropped relations.
SET client_min_messages = warning;
CREATE SCHEMA follow;
SET search_path = follow, public;
CREATE TABLE users (id bigint PRIMARY KEY, full_name text, mail_address text, lock_version int, deleted_at timestamptz, shown int);
CREATE TABLE posts (id bigint PRIMARY KEY, writer bigint REFERENCES users, title text, posted_at timestamptz, score int);
CREATE TABLE tags (id int PRIMARY KEY);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id int REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));
CREATE TABLE gone (id int PRIMARY KEY, post_id bigint REFERENCES posts);
SELECT orm.entity('User', 'users', key => '{id}', naming => 'camel', columns => '{id,full_name,mail_address,lock_version,deleted_at,shown}', version => 'lock_version', soft_delete => 'deleted_at');
SELECT orm.entity('Post', 'posts', naming => 'camel');
SELECT orm.entity('Tag', 'tags');
SELECT orm.entity('Gone', 'gone');
SELECT orm.property('User', 'fullName', lazy => true);
SELECT orm.property('User', 'mail', column_name => 'mail_address');
SELECT orm.property('User', 'loud', expression => 'upper(full_name) || (SELECT count(*) FROM posts p WHERE p.id = users.id)');
SELECT orm.drop_property('User', 'shown');
SELECT orm.belongs_to('Post', 'author', 'User');
SELECT orm.has_many('User', 'posts', 'Post', order_by => '{-postedAt,title}',
	condition => '{"postedAt": {"$null": false}, "$or": [{"postedAt": {"$gt": "2000-01-01"}}, {"$not": {"postedAt": null}}, {"title": "postedAt"}]}');
SELECT orm.many_to_many('Post', 'tags', 'Tag', pivot => '{position}', order_by => '{-pivot.position}');
SELECT orm.has_many('Post', 'gone', 'Gone');
CREATE VIEW everything AS
	SELECT 1 AS o, name, to_jsonb(e) - 'name' AS row FROM orm.entities e UNION ALL
	SELECT 2, name, to_jsonb(p) - 'name' FROM orm.properties p UNION ALL
	SELECT 3, name, to_jsonb(r) - 'name' FROM orm.relations r ORDER BY 1, 2, 3;

-- columns are renamed: names that were derived follow, names that were given stay
ALTER TABLE users RENAME full_name TO "whole name";
ALTER TABLE users RENAME mail_address TO address;
ALTER TABLE users RENAME lock_version TO revision;
ALTER TABLE users RENAME deleted_at TO removed_at;
ALTER TABLE users RENAME id TO user_key;
ALTER TABLE users RENAME shown TO visible;
ALTER TABLE posts RENAME posted_at TO printed_on;
ALTER TABLE posts RENAME writer TO writer_id;
ALTER TABLE post_tag RENAME position TO place;
ALTER TABLE post_tag RENAME post_id TO article_id;
SELECT name, jsonb_strip_nulls(row - 'condition'), row -> 'condition' AS condition FROM everything;
SELECT kind, name, type FROM orm.describe('User');

-- relations are renamed and moved: declarations are held by OID
ALTER TABLE users RENAME TO people;
CREATE SCHEMA elsewhere;
ALTER TABLE people SET SCHEMA elsewhere;
SELECT kind, name, source FROM orm.describe('User') WHERE kind = 'entity' OR name IN ('loud', 'posts');

-- columns are dropped: what names them goes, a condition stays and an expression is told of
ALTER TABLE posts DROP COLUMN printed_on;
ALTER TABLE post_tag DROP COLUMN place;
ALTER TABLE elsewhere.people DROP COLUMN revision, DROP COLUMN address, DROP COLUMN "whole name";
SELECT name, jsonb_strip_nulls(row - 'condition'), row -> 'condition' AS condition FROM everything;
SELECT kind, name, type FROM orm.describe('User');
SELECT orm.drop_property('User', 'loud');
ALTER TABLE posts DROP COLUMN writer_id;
SELECT name FROM orm.relations ORDER BY name;

-- relations are dropped
DROP TABLE gone;
DROP TABLE post_tag;
DROP TABLE posts CASCADE;
SELECT name FROM everything;
DROP SCHEMA elsewhere CASCADE;
SELECT name FROM everything;
DROP SCHEMA follow CASCADE;
SELECT count(*) FROM orm.entities;
