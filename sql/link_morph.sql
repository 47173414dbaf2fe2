-- link, unlink and sync by polymorphic relations, and by conditions on the junction's row
SET client_min_messages = warning;
CREATE SCHEMA link_morph;
SET search_path = link_morph;
\pset format unaligned
\pset tuples_only on
CREATE TYPE kind AS ENUM ('post', 'video');
CREATE TABLE post (id int PRIMARY KEY, title text);
CREATE TABLE video (id int PRIMARY KEY, title text);
CREATE TABLE remark (id int PRIMARY KEY, on_type kind, on_id int, body text);
CREATE TABLE seal (id int PRIMARY KEY, on_type text NOT NULL, on_id int);
CREATE TABLE tag (id int PRIMARY KEY, name text);
CREATE TABLE tagged (tag_id int REFERENCES tag, item_type kind, item_id int, rank int DEFAULT 1, PRIMARY KEY (tag_id, item_type, item_id));
INSERT INTO post VALUES (1, 'p1'), (2, 'p2');
INSERT INTO video VALUES (1, 'v1'), (2, 'v2');
INSERT INTO remark VALUES (1, 'post', 1, 'a'), (2, 'video', 1, 'b'), (3, NULL, NULL, 'c'), (4, 'video', 2, 'd');
INSERT INTO seal VALUES (1, 'post', 1), (2, 'video', 1);
INSERT INTO tag VALUES (1, 'x'), (2, 'y'), (3, 'z');
INSERT INTO tagged VALUES (1, 'post', 1, 1), (1, 'video', 1, 5), (2, 'video', 1, 6);
SELECT orm.entity('Post', 'post'), orm.entity('Video', 'video'), orm.entity('Remark', 'remark'), orm.entity('Seal', 'seal'), orm.entity('Tag', 'tag');
SELECT orm.morph_to('Remark', 'subject', 'on_type', '{on_id}', '{"post": "Post", "video": "Video"}'),
	orm.morph_to('Seal', 'subject', 'on_type', '{on_id}', '{"post": "Post", "video": "Video"}');
SELECT orm.morph_many('Post', 'remarks', 'Remark', 'subject'), orm.morph_many('Video', 'remarks', 'Remark', 'subject'),
	orm.morph_one('Post', 'seal', 'Seal', 'subject');
SELECT orm.morph_to_many('Post', 'tags', 'Tag', 'tagged', 'item_type', '{item_id}', 'post', pivot => '{rank}'),
	orm.morph_to_many('Video', 'tags', 'Tag', 'tagged', 'item_type', '{item_id}', 'video', pivot => '{rank}');
SELECT orm.many_to_many('Tag', 'posts', 'Post', 'tagged', '{tag_id}', '{item_id}', condition => '{"$pivot": {"item_type": "post"}}', pivot => '{rank}');

-- rows that belong to one: type and key are set and cleared together
SELECT orm.link('Post', 1, 'remarks', '[1, 2, 3]');
SELECT * FROM remark ORDER BY id;
SELECT orm.sync('Video', 1, 'remarks', '[4, 2]'), orm.unlink('Post', 1, 'remarks', '[1, 4]');
SELECT * FROM remark ORDER BY id;
SELECT orm.link('Post', 2, 'remarks', '[]'), orm.sync('Post', 1, 'remarks', '[3]');
SELECT orm.link('Post', 1, 'seal', '2');
SELECT orm.unlink('Post', 1, 'seal', '[1]');
SELECT * FROM seal ORDER BY id;

-- a junction that several share: only rows of the type are seen, added and removed
SELECT orm.link('Post', 1, 'tags', '[1, {"id": 2, "pivot": {"rank": 4}}]');
SELECT orm.sync('Video', 1, 'tags', '[{"id": 2, "pivot": {"rank": 7}}, 3]');
SELECT orm.unlink('Post', 1, 'tags', '[1, 3]');
SELECT * FROM tagged ORDER BY item_type, item_id, tag_id;

-- and from the other side
SELECT orm.sync('Tag', 2, 'posts', '[{"id": 2, "pivot": {"rank": 9}}]');
SELECT orm.sync('Tag', 3, 'posts', '[1]');
SELECT * FROM tagged ORDER BY item_type, item_id, tag_id;
SELECT orm.sync('Tag', 2, 'posts', '[]');
SELECT orm.many_to_many('Tag', 'ranked', 'Post', 'tagged', '{tag_id}', '{item_id}', condition => '{"$pivot": {"item_type": "post", "rank": {"$gt": 2}}, "title": "p1"}');
SELECT orm.link('Tag', 2, 'ranked', '[1]');
SELECT orm.many_to_many('Tag', 'first', 'Post', 'tagged', '{tag_id}', '{item_id}', condition => '{"$pivot": {"item_type": "post", "rank": 2}, "title": "p1"}');
SELECT orm.link('Tag', 2, 'first', '[1]');
SELECT orm.link('Tag', 2, 'first', '[2]');
SELECT * FROM tagged ORDER BY item_type, item_id, tag_id;
-- what a remark is about is not linked, it is a type and a key
SELECT orm.link('Remark', 1, 'subject', '[1]');
DROP SCHEMA link_morph CASCADE;
