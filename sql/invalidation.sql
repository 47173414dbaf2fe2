-- Messages that come in the middle of everything: declaring, following DDL and
-- reading, short enough to be run with every cache entry thrown away at once.
-- also with debug_discard_caches
SET client_min_messages = warning;
CREATE SCHEMA inval;
CREATE TABLE inval.author (gone int, id int PRIMARY KEY, name text);
ALTER TABLE inval.author DROP gone;
CREATE TABLE inval.book (id int PRIMARY KEY, author_id bigint REFERENCES inval.author, title text) WITH (orm.entity = 'book');
CREATE TABLE inval.tag (id int PRIMARY KEY);
CREATE TABLE inval.book_tag (book_id int REFERENCES inval.book, tag_id int REFERENCES inval.tag, weight int, PRIMARY KEY (book_id, tag_id));
INSERT INTO inval.author VALUES (1, 'Ada'), (2, 'Grace');
INSERT INTO inval.book VALUES (1, 1, 'Notes'), (2, 1, 'Engine'), (3, 2, 'Compiler');
INSERT INTO inval.tag VALUES (1);
INSERT INTO inval.book_tag VALUES (1, 1, 5);
SELECT orm.entity('author', 'inval.author'), orm.entity('tag', 'inval.tag');
SELECT orm.property('author', 'loud', expression => 'upper(self.name)');
SELECT orm.find('author', 1);
SELECT orm.list('author', '{"load": ["book.tag"], "order": ["id"]}');

-- a cursor whose windows are read while the model changes below it
SET orm.window_size = 1;
BEGIN;
DECLARE c CURSOR FOR SELECT orm.fetch('author', '{"load": ["book.tag"], "order": ["id"]}');
FETCH 1 FROM c;
ALTER TABLE inval.book_tag ALTER weight TYPE oid;
SELECT orm.property('author', 'called', 'name');
FETCH 1 FROM c;
ROLLBACK;

-- a savepoint gives back what it took
BEGIN;
SAVEPOINT s;
ALTER TABLE inval.author RENAME name TO called;
SELECT orm.drop_entity('tag');
SELECT orm.find('author', 1);
ROLLBACK TO s;
SELECT orm.find('author', 1);
COMMIT;
SELECT orm.find('tag', 1, '{"load": ["book"]}');

-- the same rows after each change
ALTER SCHEMA inval RENAME TO inval_too;
SELECT orm.find('book', 1, '{"load": ["author", "tag"]}');
ALTER TABLE inval_too.author ALTER name TYPE varchar(20);
SELECT orm.find('book', 1, '{"load": ["author", "tag"]}');
SELECT kind, name, type FROM orm.describe('author');
DROP SCHEMA inval_too CASCADE;
SELECT orm.export();
