-- delete and restore by key
SET client_min_messages = warning;
CREATE SCHEMA delete_test;
SET search_path = delete_test;
SET TimeZone = 'UTC';
\pset format unaligned
\pset tuples_only on
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
CREATE TABLE author (id int PRIMARY KEY, name text UNIQUE, secret text DEFAULT 's', lock_version int NOT NULL DEFAULT 1);
CREATE TABLE book (id bigint PRIMARY KEY, author_id int REFERENCES author ON DELETE CASCADE, title text, deleted_at timestamptz);
CREATE TABLE line (book_id bigint REFERENCES book ON DELETE CASCADE, no int, body text, gone bool NOT NULL DEFAULT false, PRIMARY KEY (book_id, no));
INSERT INTO author SELECT g, 'a' || g FROM generate_series(1, 9) g;
INSERT INTO book SELECT g, (g + 1) / 2, 'b' || g FROM generate_series(1, 12) g;
INSERT INTO line SELECT g, n, g || '/' || n FROM generate_series(1, 12) g, generate_series(1, 2) n;
SELECT orm.entity('Author', 'author', version => 'lock_version'), orm.property('Author', 'secret', 'secret', hidden => true);
SELECT orm.entity('Book', 'book', soft_delete => 'deleted_at'), orm.entity('Line', 'line', soft_delete => 'gone');

-- the entity as it was; shaped, or not given at all
SELECT orm.delete('Author', 9);
SELECT orm.delete('Author', '8', '{"returning": {"select": ["*", "secret"], "omit": ["name"]}}');
SELECT orm.delete('Author', '{"name": "a7"}'::jsonb, '{"returning": false}') IS NULL;
SELECT orm.delete('Author', 6, '{"returning": {"load": {"book": {"load": ["line"], "select": ["title"]}}}}', '{"returning": true}');
SELECT count(*) FILTER (WHERE author_id = 6), count(*) FROM book;
SELECT id FROM author ORDER BY 1;

-- what is not there
CALL raises($$orm.delete('Author', 9)$$);
CALL raises($$orm.delete('Author', NULL::int)$$);
CALL raises($$orm.delete('Author', '{"id": null}'::jsonb, '{"returning": false}')$$);
CALL raises($$orm.delete('Author', 'x')$$);
CALL raises($$orm.delete('Auhtor', 1)$$);

-- a guard
CALL raises($$orm.delete('Author', 5, '{"where": {"name": "b"}}')$$);
CALL raises($$orm.delete('Author', 5, '{"where": {"book": {"title": "none"}}, "returning": false}')$$);
CALL raises($$orm.delete('Author', 9, '{"where": {"name": "a9"}}')$$);
SELECT orm.delete('Author', 5, '{"where": {"name": "a5"}}', '{"where": {"book": {"title": "b10"}}}');

-- the version
CALL raises($$orm.delete('Author', 4, '{"version": 2}')$$);
CALL raises($$orm.delete('Author', '{"id": 4, "lock_version": 7}'::json)$$);
CALL raises($$orm.delete('Author', 4, '{"require_version": true}')$$);
CALL raises($$orm.delete('Author', 4, '{"version": "x"}')$$);
CALL raises($$orm.delete('Author', 9, '{"version": 1}')$$);
CALL raises($$orm.delete('Book', 1, '{"version": 1}')$$);
CALL raises($$orm.delete('Book', 1, '{"require_version": true}')$$);
SELECT orm.delete('Author', '{"id": 4, "lock_version": 1}'::jsonb, '{"require_version": true}');
SELECT orm.delete('Author', 3, '{"version": 1}');

-- soft deletion: the row stays, and is not there any more
SELECT orm.delete('Book', 1), deleted_at IS NULL AS live FROM book WHERE id = 1;
SELECT deleted_at IS NOT NULL FROM book WHERE id = 1;
CALL raises($$orm.delete('Book', 1)$$);
SELECT orm.find('Book', 1) IS NULL;
SELECT orm.restore('Book', 1, '{"returning": {"select": ["title"], "load": ["author"]}}');
SELECT orm.restore('Book', 1);
SELECT orm.restore('Book', 1, '{"returning": false}') IS NULL;
CALL raises($$orm.restore('Book', 99)$$);
CALL raises($$orm.restore('Book', 99, '{"returning": false}')$$);
CALL raises($$orm.restore('Author', 1)$$);
SELECT orm.delete('Book', 2, '{"returning": false}');
CALL raises($$orm.restore('Book', 2, '{"where": {"title": "x"}}')$$);
SELECT orm.restore('Book', 2, '{"where": {"title": "b2"}}');
SELECT orm.delete('Book', 2, '{"returning": false}');
SELECT orm.delete('Book', 2, '{"force": true, "returning": {"omit": ["deleted_at"]}}');
SELECT count(*) FROM book WHERE id = 2;
SELECT orm.delete('Book', 3, '{"force": true}');
SELECT orm.delete('Line', '{"book_id": 1, "no": 2}');
SELECT orm.restore('Line', '{"book_id": 1, "no": 2}');
SELECT * FROM line WHERE book_id = 1 ORDER BY no;
CALL raises($$orm.delete('Line', '{"book_id": 1}')$$);

-- global scopes: a row outside of them is not there
SELECT orm.scope('Book', 'mine', '{"author": {"name": "a1"}}', global => true);
CALL raises($$orm.delete('Book', 4)$$);
SELECT orm.delete('Book', 4, '{"without": ["mine"]}');
CALL raises($$orm.restore('Book', 4)$$);
SELECT orm.restore('Book', 4, '{"without": "mine"}');

-- clauses that mean nothing here
CALL raises($$orm.delete('Author', 1, '{"limit": 1}')$$);
CALL raises($$orm.delete('Author', 1, '{"order": ["name"]}')$$);
CALL raises($$orm.delete('Author', 1, '{"all": true}')$$);
CALL raises($$orm.delete('Author', 1, '{"trashed": "with"}')$$);
CALL raises($$orm.delete('Author', 1, '{"forc": true}')$$);
CALL raises($$orm.delete('Author', 1, '{"force": 1}')$$);
CALL raises($$orm.delete('Author', 1, '{"where": null}')$$);
CALL raises($$orm.delete('Author', 1, '{"returning": "x"}')$$);
CALL raises($$orm.delete('Author', 1, '{"returning": {"limit": 1}}')$$);
CALL raises($$orm.delete('Author', 1, '{"returning": {"load": ["boks"]}}')$$);
CALL raises($$orm.delete('Author', 1, '{}', '{"where": {"nam": 1}}')$$);
CALL raises($$orm.delete('Author', 1, '[]')$$);
CALL raises($$orm.delete('Author', 1, NULL)$$);
CALL raises($$orm.delete('Author', 1, orm.untrusted('{"where": {}}'))$$);
CALL raises($$orm.restore('Book', 1, '{"force": true}')$$);

-- what the server refuses, comes as it is; nothing stays
CREATE TABLE review (id int PRIMARY KEY, author_id int REFERENCES author);
INSERT INTO review VALUES (1, 1);
CALL raises($$orm.delete('Author', 1)$$);
SELECT count(*) FROM author WHERE id = 1;

-- triggers: one that will not let a row go, one that changes what is trashed
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep BEFORE DELETE ON author FOR EACH ROW EXECUTE FUNCTION keep();
DELETE FROM review;
CALL raises($$orm.delete('Author', 2)$$);
DROP TRIGGER keep ON author;

-- rights: delete and select are enough
CREATE ROLE delete_tester;
GRANT USAGE ON SCHEMA delete_test TO delete_tester;
GRANT SELECT (id, name), DELETE ON author TO delete_tester;
SET ROLE delete_tester;
CALL delete_test.raises($$orm.delete('Author', 2, '{"returning": {"select": ["*"]}}')$$);
SELECT orm.delete('Author', 2);
RESET ROLE;
GRANT SELECT ON book TO delete_tester;
SET ROLE delete_tester;
CALL delete_test.raises($$orm.delete('Book', 1)$$);
RESET ROLE;
GRANT UPDATE (deleted_at) ON book TO delete_tester;
SET ROLE delete_tester;
SELECT orm.delete('Book', 1, '{"without": ["mine"]}');
SELECT orm.restore('Book', 1, '{"without": ["mine"]}');
CALL delete_test.raises($$orm.delete('Book', 1, '{"force": true, "without": ["mine"]}')$$);
RESET ROLE;

-- row-level security: a hidden row is not there, and one that may be seen only stays
ALTER TABLE book ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON book FOR SELECT TO delete_tester USING (id < 8);
CREATE POLICY changed ON book FOR UPDATE TO delete_tester USING (id < 7);
SET ROLE delete_tester;
CALL delete_test.raises($$orm.delete('Book', 8, '{"without": ["mine"]}')$$);
CALL delete_test.raises($$orm.delete('Book', 7, '{"without": ["mine"]}')$$);
SELECT orm.delete('Book', 1);
SELECT orm.restore('Book', 1);
RESET ROLE;

-- views, and entities without a key
CREATE VIEW short WITH (orm.entity = 'Short', orm.key = 'id') AS SELECT id, title FROM book WHERE id > 7;
INSERT INTO book VALUES (20, 1, 'b20');
SELECT orm.delete('Short', 20);
SELECT count(*) FROM book WHERE id = 20;
CREATE VIEW keyless WITH (orm.entity = 'Keyless') AS SELECT id FROM book;
CALL raises($$orm.delete('Keyless', 1)$$);

BEGIN READ ONLY;
SELECT orm.delete('Author', 1);
ROLLBACK;
BEGIN READ ONLY;
SELECT orm.restore('Book', 1);
ROLLBACK;
DROP SCHEMA delete_test CASCADE;
DROP ROLE delete_tester;
