-- Polymorphic relations saved, and to-ones whose row the caller does not see.
SET client_min_messages = warning;
CREATE SCHEMA save_morph;
SET search_path = save_morph;
CREATE TABLE post (id bigint PRIMARY KEY, title text);
CREATE TABLE video (id int PRIMARY KEY, title text);
CREATE TABLE comment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject_type text, subject_id bigint, body text);
CREATE TABLE tag (id int PRIMARY KEY, name text);
CREATE TABLE taggable (tag_id int REFERENCES tag, taggable_type text, taggable_id bigint, weight int, PRIMARY KEY (tag_id, taggable_type, taggable_id));
CREATE INDEX ON comment (subject_type, subject_id);
CREATE INDEX ON taggable (taggable_type, taggable_id);
SELECT FROM orm.reflect('save_morph');
SELECT FROM orm.morph_to('comment', 'subject', 'subject_type', '{subject_id}', '{"post": "post", "video": "video"}');
SELECT FROM orm.morph_many('post', 'comments', 'comment', 'subject');
SELECT FROM orm.morph_many('video', 'comments', 'comment', 'subject');
SELECT FROM orm.morph_to_many('post', 'tags', 'tag', 'taggable', 'taggable_type', '{taggable_id}', 'post');
SELECT FROM orm.morph_to_many('video', 'tags', 'tag', 'taggable', 'taggable_type', '{taggable_id}', 'video');
INSERT INTO tag VALUES (1, 'a'), (2, 'b');
\pset format unaligned
\pset tuples_only on
SELECT orm.save('post', '{"id":1,"title":"p","comments":[{"body":"one"},{"body":"two"}],"tags":[{"id":1,"pivot":{"weight":3}}]}', '{"actions":true}');
SELECT orm.save('video', '{"id":1,"title":"v","comments":[{"body":"three"}],"tags":[1,2]}');
SELECT orm.save('comment', '{"body":"four","subject_type":"video","subject":{"id":2,"title":"w"}}', '{"actions":true}');
SELECT orm.save('comment', '{"body":"five","subject":{"id":1},"subject_type":"post"}', '{"actions":true}');
SELECT * FROM comment ORDER BY id;
SELECT * FROM taggable ORDER BY 1, 2, 3;
SELECT orm.save('comment', '{"body":"six","subject":{"id":1}}');
SELECT orm.save('comment', '{"body":"six","subject_type":"photo","subject":{"id":1}}');
SELECT orm.save('post', orm.find('post', 1, '{"load":["comments.subject","tags"]}'), '{"actions":true}')::text ~ 'updated|inserted|moved';
-- of the same key, and of another kind
SELECT orm.save('post', '{"id":1,"comments":[{"id":3}]}');
SELECT orm.save('post', '{"id":1,"comments":[{"id":3}]}', '{"on_foreign":"move","actions":true}');
SELECT orm.save('post', '{"id":1,"comments":[{"id":1}],"tags":[]}', '{"sync":true}');
SELECT * FROM comment ORDER BY id;
SELECT * FROM taggable ORDER BY 1, 2, 3;
SELECT orm.save('comment', '{"id":1,"subject":null}', '{"actions":true}');
SELECT orm.save('comment', '{"id":4,"subject":{"id":1,"title":"x"}}', '{"permit":["id","subject"]}');

-- null beside a key is no change where the row can't be seen, and unlinks where it can
INSERT INTO comment (subject_type, subject_id, body) VALUES ('post', 99, 'of nothing'), ('photo', 1, 'of an unknown kind');
SELECT orm.save('comment', orm.list('comment', '{"load":["subject"],"order":["id"],"where":{"id":{"$gt":5}}}'), '{"actions":true}');
CREATE TABLE author (id int PRIMARY KEY, name text, gone bool DEFAULT false, boss_id int REFERENCES author);
CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author);
CREATE INDEX ON book (author_id);
CREATE INDEX ON author (boss_id);
SELECT FROM orm.reflect('save_morph');
SELECT FROM orm.entity('author', 'author', soft_delete => 'gone');
INSERT INTO author VALUES (1, 'gone', true, NULL), (2, 'here', false, 1), (3, 'there', false, 2);
INSERT INTO book VALUES (1, 1), (2, 2);
SELECT orm.save('book', orm.list('book', '{"load":["author"],"order":["id"]}'), '{"actions":true}');
SELECT orm.save('author', orm.list('author', '{"load":["boss"],"order":["id"]}'), '{"actions":true}');
SELECT orm.save('book', '[{"id":1,"author_id":1,"author":null},{"id":2,"author_id":2,"author":null}]', '{"actions":true}');
SELECT orm.save('author', '[{"id":2,"boss_id":1,"boss":null},{"id":3,"boss_id":2,"boss":null}]', '{"actions":true}');
SELECT orm.save('book', '{"id":1,"author":null}');
DROP SCHEMA save_morph CASCADE;
