-- Polymorphic relations: a row of one of several entities, the rows that lead
-- to one, and junctions with a type on either side.
SET client_min_messages = warning;
CREATE SCHEMA morph;
SET search_path = morph, public;
CREATE TABLE users (id bigint PRIMARY KEY, name text);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text, secret text, deleted_at timestamptz);
CREATE TABLE videos (id int PRIMARY KEY, user_id bigint REFERENCES users, title text, seconds int);
CREATE TABLE photos (id smallint PRIMARY KEY, title text);
CREATE TABLE comments (id int PRIMARY KEY, subject_type text, subject_id bigint, body text, likes int);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE taggables (tag_id int REFERENCES tags, taggable_type text, taggable_id bigint, position int,
	PRIMARY KEY (tag_id, taggable_type, taggable_id));
CREATE INDEX ON comments (subject_type, subject_id);
CREATE INDEX ON taggables (taggable_type, taggable_id);
INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
INSERT INTO posts VALUES (10, 1, 'on posts', 's', NULL), (11, 2, 'on reading', 's', NULL), (12, 1, 'gone', 's', now());
INSERT INTO videos VALUES (10, 2, 'moving', 90), (11, NULL, 'still', 10);
INSERT INTO photos VALUES (10, 'a photo');
INSERT INTO comments VALUES (1, 'post', 10, 'first', 3), (2, 'post', 10, 'second', 5), (3, 'video', 10, 'a video''s', 1),
	(4, 'photo', 10, 'a photo''s', 2), (5, 'post', 11, 'another''s', 4), (6, 'post', 99, 'of none', 0), (7, 'song', 10, 'unknown', 0),
	(8, NULL, 10, 'no type', 0), (9, 'post', NULL, 'no id', 0), (10, 'post', 12, 'of a trashed one', 0);
INSERT INTO tags VALUES (1, 'red'), (2, 'blue'), (3, 'grey');
INSERT INTO taggables VALUES (1, 'post', 10, 2), (2, 'post', 10, 1), (1, 'video', 10, 1), (2, 'post', 11, 1), (3, 'video', 11, 7);
SELECT orm.entity('User', 'users'), orm.entity('Post', 'posts', soft_delete => 'deleted_at'), orm.entity('Video', 'videos'), orm.entity('Photo', 'photos'),
	orm.entity('Comment', 'comments'), orm.entity('Tag', 'tags');
SELECT orm.belongs_to('Post', 'author', 'User', '{user_id}'), orm.belongs_to('Video', 'author', 'User', '{user_id}');
SELECT orm.property('Post', 'secret', hidden => true);
RESET client_min_messages;

-- declaring
SELECT orm.morph_to('Comment', 'subject', 'subject_type', '{subject_id}', '{"post": "Post", "video": "Video", "photo": "Photo"}');
SELECT orm.morph_many('Post', 'comments', 'Comment', 'subject'), orm.morph_many('Video', 'comments', 'Comment', 'subject');
SELECT orm.morph_one('Photo', 'comment', 'Comment', 'subject');
SELECT orm.morph_one('Post', 'liked', 'Comment', 'subject', order_by => '{-likes}');
SELECT orm.morph_many('Post', 'popular', 'Comment', 'subject', condition => '{"likes": {"$gte": 4}}');
SELECT orm.morph_to_many('Post', 'tags', 'Tag', 'taggables', 'taggable_type', '{taggable_id}', 'post'),
	orm.morph_to_many('Video', 'tags', 'Tag', 'taggables', 'taggable_type', '{taggable_id}', 'video', pivot => '{}');
-- the other side of a junction with a typed owner: its type is a condition on the pivot
SELECT orm.many_to_many('Tag', 'posts', 'Post', 'taggables', '{tag_id}', '{taggable_id}', condition => '{"$pivot": {"taggable_type": "post"}}'),
	orm.many_to_many('Tag', 'videos', 'Video', 'taggables', '{tag_id}', '{taggable_id}', pivot => '{position}', condition => '{"$pivot": {"taggable_type": "video"}}');
SELECT name, type, details FROM orm.describe('Comment') WHERE kind = 'relation';
SELECT name, type, details FROM orm.describe('Post') WHERE kind = 'relation';
SELECT orm.model() -> 'Comment' -> 'relations', orm.model() -> 'Video' -> 'relations' -> 'tags';

-- case 15, A6, A8: mixed, unknown and NULL types, NULL and missing ids; each type is one statement
SELECT orm.fetch('Comment', '{"load": ["subject"], "order": ["id"]}');
SELECT path, strategy, actual_rows, loops FROM orm.explain('Comment', '{"load": ["subject"], "order": ["id"]}', '{"where": {"id": {"$lte": 2}}}');
-- A7: the comments of one post, by the type of its alias
SELECT orm.find('Post', 10, orm.with('comments'));
SELECT orm.sql('Post', '{"load": ["comments"]}') OFFSET 1;
-- to-one: of many the first by order; none is null
SELECT orm.fetch('Post', '{"select": ["id"], "load": ["liked", "popular"], "trashed": "with", "order": ["id"]}');
SELECT orm.fetch('Photo', '{"load": ["comment.subject"]}');
-- junctions: each side, with the columns of the pivot that differ
SELECT orm.fetch('Post', '{"select": ["id"], "load": {"tags": {"order": ["pivot.position"]}}, "order": ["id"]}');
SELECT orm.fetch('Video', '{"select": ["id"], "load": ["tags"], "order": ["id"]}');
SELECT orm.fetch('Tag', '{"load": {"posts": {"select": ["id"]}, "videos": {"select": ["id"]}}, "order": ["id"]}');

-- what is asked of a mixed target
SELECT orm.fetch('Comment', '{"select": ["id"], "load": ["subject.author"], "order": ["id"], "limit": 4}');
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": {"select": ["id", "title"], "types": {"video": {"select": ["seconds"], "load": ["author"]}}}}, "order": ["id"], "limit": 4}');
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": {"where": {"title": {"$contains": "on"}}}}, "order": ["id"], "limit": 4}');
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": {"select": ["id"], "load": {"comments": {"select": ["id"]}, "tags": {"limit": 1, "select": ["label"]}}}}, "order": ["id"], "limit": 4}');
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": {"select": ["id"], "types": {"post": {"trashed": "with"}}}}, "order": ["-id"], "limit": 1}');
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": {"select": ["id"], "types": {"post": {"count": ["comments"]}}}}, "order": ["id"], "limit": 3}');

-- conditions
CREATE FUNCTION ids(entity text, condition jsonb) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(e ->> 'id', ',' ORDER BY (e ->> 'id')::int) FROM orm.fetch(entity, orm.where(condition)) e$$;
SELECT w, ids('Comment', w) FROM unnest(ARRAY['{"subject": {"$type": "post"}}', '{"subject": {"$type": ["video", "photo"]}}', '{"subject": {"$type": []}}',
	'{"subject": {"$type": ["post", "video"], "$is": {"title": {"$contains": "o"}}}}', '{"subject": {"$type": "post", "$is": {"author": {"name": "Ada"}}}}',
	'{"subject": true}', '{"subject": false}', '{"subject": null}', '{"$not": {"subject": {"$type": "post"}}}',
	'{"subject": {"$type": "post", "$is": {"comments": {"$count": {"$gt": 1}}}}}', '{"subject": {"$type": "post", "$is": {"id": {"$lt": {"$col": "^.id"}}}}}']::jsonb[]) w;
SELECT w, ids('Post', w) FROM unnest(ARRAY['{"comments": true}', '{"comments": {"$none": {"likes": 3}}}', '{"comments": {"$every": {"likes": {"$gte": 3}}}}',
	'{"comments": {"$count": 2}}', '{"comments": {"$aggregate": {"function": "sum", "property": "likes", "$gte": 8}}}', '{"liked": {"likes": 5}}', '{"liked": null}',
	'{"tags": {"label": "red"}}', '{"tags": {"$some": {"label": "blue", "$pivot": {"position": 1}}}}', '{"popular": {"$count": 1}}']::jsonb[]) w;
SELECT w, ids('Tag', w) FROM unnest(ARRAY['{"posts": true}', '{"videos": {"$none": {}}}', '{"posts": {"$some": {"id": 10, "$pivot": {"position": 1}}}}', '{"posts": {"$count": 2}}']::jsonb[]) w;

-- numbers, orders, limits for each parent
SELECT orm.fetch('Post', '{"select": ["id"], "count": ["comments", "tags", "popular"], "aggregate": {"likes": {"relation": "comments", "function": "sum", "property": "likes"}}, "order": ["-comments_count"]}');
SELECT orm.fetch('Tag', '{"select": ["id"], "count": ["posts", "videos"], "order": ["-posts_count", "id"]}');
SELECT orm.fetch('Post', '{"select": ["id"], "order": [{"liked.likes": "desc nulls last"}]}');
SELECT orm.fetch('Post', '{"select": ["id"], "load": {"comments": {"select": ["id"], "order": ["-likes"], "limit": 1, "offset": 1}, "tags": {"select": ["id"], "order": ["-pivot.position"], "limit": 1}}, "order": ["id"]}');

-- rows at hand: a query, rows, and JSON from before
SELECT orm.hydrate_query('Comment', 'SELECT id, subject_type::varchar, subject_id::int FROM morph.comments WHERE id < 4 ORDER BY id', '{"load": ["subject"]}');
SELECT orm.hydrate(c, '{"load": ["subject"]}') FROM comments c WHERE id IN (3, 7, 8) ORDER BY id;
SELECT orm.collect(c ORDER BY id) FROM comments c WHERE id IN (1, 3);
SELECT orm.load('Comment', '[{"subject_type": "post", "subject_id": 10}, {"subject_type": "video", "subject_id": 10, "subject": {"user_id": 2}}, {"subject_type": null, "subject_id": 1},
	{"subject_type": "post", "subject_id": 1, "subject": null}, {"subject_type": "song", "subject_id": 10}]', '{"load": {"subject": {"select": ["id"], "load": ["author"]}}}');
SELECT orm.load('Comment', '[{"subject_id": 10}]', '{"load": ["subject"]}');
SELECT orm.load('Comment', '[{"subject_type": "post"}]', '{"load": ["subject"]}');
SELECT orm.load('Post', '[{"id": 10}, {"id": 11, "tags": []}]', '{"load": {"comments": {"select": ["id"]}, "tags": {"select": ["id"]}}, "count": ["comments"]}');

SELECT * FROM orm.related('Comment', '[1, 3, 6, 7]', 'subject', '{"select": ["id"]}');
SELECT orm.attach('Comment', '[{"id": 1}, {"id": 3}, {"id": 8}]', 'subject', (SELECT json_agg(r) FROM orm.related('Comment', '[1, 3, 8]', 'subject', '{"select": ["id"], "load": ["author"]}') r));

-- documents from outside
SELECT orm.fetch('Comment', orm.untrusted('{"select": ["id"], "load": {"subject": {"select": ["id"], "load": ["author"]}}, "where": {"subject": {"$type": ["post", "video"], "$is": {"title": {"$starts": "on p"}}}}, "limit": 1}'));
SELECT orm.fetch('Comment', orm.untrusted('{"select": ["id"], "load": ["subject"], "limit": 1}', '{subject}'));
SELECT orm.fetch('Comment', orm.untrusted('{"load": ["subject.author"]}', '{subject}'));
SELECT orm.fetch('Comment', orm.untrusted('{"where": {"subject": {"$type": "post", "$is": {"secret": "s"}}}}'));
SELECT orm.fetch('Comment', orm.untrusted('{"load": {"subject": {"where": {"secret": "s"}}}}'));
SELECT orm.fetch('Comment', orm.untrusted('{"load": {"subject": {"types": {"post": {"trashed": "with"}}}}}'));
SELECT orm.fetch('Comment', orm.untrusted('{"where": {"subject": {"$type": "post", "$op": {}}}}'));
SELECT orm.fetch('Comment', orm.untrusted('{"order": ["subject.title"]}'));
-- what a trusted clause loads bounds what is asked about it
SELECT orm.fetch('Comment', '{"select": ["id"], "order": ["id"], "load": {"subject": {"select": ["id"], "types": {"post": {"where": {"id": 11}}}}}}', orm.untrusted('{"where": {"subject": {"$type": "post"}}, "limit": 5}'));
SELECT orm.fetch('Comment', '{"select": ["id"], "load": {"subject": false}}', orm.untrusted('{"load": ["subject"], "limit": 1}'));

-- errors
SELECT orm.fetch('Comment', '{"load": ["subject.none"]}');
SELECT orm.fetch('Comment', '{"load": {"subject": {"select": ["seconds"]}}}');
SELECT orm.fetch('Comment', '{"load": {"subject": {"types": {"pots": {}}}}}');
SELECT orm.fetch('Comment', '{"load": {"subject": {"types": {"post": true}}}}');
SELECT orm.fetch('Post', '{"load": {"comments": {"types": {}}}}');
SELECT orm.fetch('Comment', '{"order": ["subject.title"]}');
SELECT orm.fetch('Comment', '{"count": ["subject"]}');
SELECT orm.fetch('Comment', '{"where": {"body": {"$eq": {"$col": "subject.title"}}}}');
SELECT orm.fetch('Comment', '{"where": {"subject": {"title": "x"}}}');
SELECT orm.fetch('Comment', '{"where": {"subject": "post"}}');
SELECT orm.fetch('Comment', '{"where": {"subject": {"$is": {}}}}');
SELECT orm.fetch('Comment', '{"where": {"subject": {"$type": "pots"}}}');
SELECT orm.fetch('Comment', '{"where": {"subject": {"$type": [1]}}}');
SELECT orm.fetch('Comment', '{"where": {"subject": {"$type": ["post", "photo"], "$is": {"user_id": 1}}}}');
SELECT orm.morph_to('Comment', 'about', 'subject_tpye', '{subject_id}', '{"post": "Pots"}');
SELECT orm.morph_to('Comment', 'about', 'subject_type', '{body}', '{"post": "Post"}', order_by => '{id}');
SELECT orm.morph_to('Comment', 'about', 'subject_type', '{}', '{}');
SELECT orm.morph_to('Comment', 'about', 'likes', '{subject_id}', '{"post": "Post"}');
SELECT orm.morph_to('Comment', 'about', 'likes', '{subject_id}', '{"1": "Post", "01": "Video"}');
SELECT orm.morph_to('Comment', 'about', 'subject_type', '{subject_id,likes}', '{"post": "Post"}');
SELECT orm.morph_to('Comment', 'about', 'subject_type', '{subject_id}', '{"post": 1}');
SELECT orm.morph_to('Comment', 'about', 'subject_type', '{subject_id}', '{"post": "Post", "photo": "Photo"}', condition => '{"user_id": 1}');
SELECT orm.morph_many('User', 'comments', 'Comment', 'subject');
SELECT orm.morph_many('Post', 'remarks', 'Comment', 'subjects');
SELECT orm.morph_to_many('Post', 'labels', 'Tag', 'taggables', 'taggable_type', '{position,tag_id}', 'post');
SELECT orm.many_to_many('Tag', 'things', 'Post', 'taggables', '{tag_id}', '{taggable_id}', condition => '{"$pivot": {"kind": "post"}}');

-- types and keys of other types; aliases are compared as the column's type does
SET client_min_messages = warning;
CREATE EXTENSION citext;
CREATE TYPE thing AS ENUM ('order', 'line');
CREATE TABLE orders (shop int, no int, name text, PRIMARY KEY (shop, no));
CREATE TABLE lines (shop int, no bigint, name text, PRIMARY KEY (shop, no));
CREATE TABLE notes (id int PRIMARY KEY, kind thing, code citext, number int, padded char(8), shop smallint, no int);
INSERT INTO orders VALUES (1, 1, 'o11'), (1, 2, 'o12');
INSERT INTO lines VALUES (1, 1, 'l11');
INSERT INTO notes VALUES (1, 'order', 'ORDER', 1, 'order', 1, 1), (2, 'line', 'Line', 2, 'line', 1, 1), (3, 'order', 'order', 1, 'order', 1, NULL), (4, NULL, NULL, NULL, NULL, 1, 1);
SELECT orm.entity('Order', 'orders'), orm.entity('Line', 'lines'), orm.entity('Note', 'notes');
SELECT orm.morph_to('Note', 'by_' || c, c, '{shop,no}', CASE c WHEN 'number' THEN '{"1": "Order", "2": "Line"}'::jsonb ELSE '{"order": "Order", "line": "Line"}' END) FROM unnest('{kind,code,number,padded}'::text[]) c;
SELECT orm.morph_many('Order', 'notes_' || c, 'Note', 'by_' || c) FROM unnest('{kind,code,number,padded}'::text[]) c;
RESET client_min_messages;
SELECT orm.fetch('Note', '{"select": ["id"], "load": ["by_kind", "by_code", "by_number", "by_padded"], "order": ["id"]}');
SELECT orm.fetch('Order', '{"load": {"notes_kind": {"select": ["id"]}, "notes_code": {"select": ["id"]}, "notes_number": {"select": ["id"]}, "notes_padded": {"select": ["id"]}}, "order": ["no"]}');
SELECT orm.fetch('Order', '{"count": ["notes_code"], "load": {"notes_code": {"select": ["id"], "limit": 1}}, "order": ["no"]}');
-- a partial index over the rows of one type serves as well
SELECT name, details ~ 'no index' AS lacks FROM orm.describe('Order') WHERE kind = 'relation';
CREATE INDEX ON notes (shop, no) WHERE kind = 'order';
CREATE INDEX ON notes (no, shop) WHERE code = 'ORDER';
CREATE INDEX ON notes (shop) WHERE number = 1;
CREATE INDEX ON notes (shop, no) WHERE padded = 'line';
SELECT name, details ~ 'no index' AS lacks FROM orm.describe('Order') WHERE kind = 'relation';
CREATE TABLE marks (id int PRIMARY KEY, kind varchar(9), about int);
CREATE INDEX ON marks (about) WHERE kind = 'photo';
SELECT orm.entity('Mark', 'marks');
SELECT orm.morph_to('Mark', 'marked', 'kind', '{about}', '{"photo": "Photo", "video": "Video"}');
SELECT orm.morph_many('Photo', 'marks', 'Mark', 'marked'), orm.morph_many('Video', 'marks', 'Mark', 'marked');
SELECT orm.morph_to('Note', 'wrong', 'kind', '{shop,no}', '{"ordre": "Order"}');
SELECT orm.morph_to('Note', 'wrong', 'code', '{shop,no}', '{"order": "Order", "ORDER": "Line"}');

-- what follows DDL and declarations: columns, names of entities, a target that goes and comes back
ALTER TABLE comments RENAME subject_type TO about_type;
ALTER TABLE comments RENAME subject_id TO about_id;
ALTER TABLE taggables RENAME taggable_type TO kind;
SELECT orm.entity('Article', 'posts', soft_delete => 'deleted_at');
SELECT name, types, type_column, id_columns, condition FROM orm.relations WHERE relation IN ('comments'::regclass, 'tags'::regclass) ORDER BY 1;
SELECT orm.find('Comment', 1, '{"load": {"subject": {"select": ["id"]}}}'), orm.find('Article', 10, '{"select": ["id"], "load": {"comments": {"select": ["id"]}, "tags": {"select": ["id"]}}}'),
	orm.find('Tag', 1, '{"load": {"posts": {"select": ["id"]}}}');
SELECT orm.drop_entity('Video');
SELECT name, details FROM orm.describe('Comment') WHERE kind = 'relation';
SELECT orm.find('Comment', 3, '{"load": ["subject"]}');
SELECT orm.export('Comment') -> 'entities' -> 'Comment' -> 'relations';
SELECT orm.entity('Video', 'videos');
SELECT orm.find('Comment', 3, '{"load": ["subject"]}');
SELECT orm.define(orm.export()::text);
SELECT orm.morph_many('Video', 'comments', 'Comment', 'subject');
SELECT orm.find('Video', 10, '{"load": ["comments"]}');
ALTER TABLE comments DROP COLUMN about_type;
SELECT name, kind FROM orm.describe('Comment') WHERE kind IN ('relation', 'orphan');
SELECT name, kind FROM orm.describe('Video') WHERE kind IN ('relation', 'orphan');

SET client_min_messages = warning;
DROP SCHEMA morph CASCADE;
