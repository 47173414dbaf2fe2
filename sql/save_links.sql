-- Links: to-one by key and by what is unique, many-to-many with pivots, and who may link what.
SET client_min_messages = warning;
CREATE SCHEMA save_links;
SET search_path = save_links;
CREATE TABLE person (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, email text UNIQUE, hidden bool DEFAULT false);
CREATE TABLE post (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id int REFERENCES person, title text);
CREATE TABLE tag (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);
CREATE TABLE post_tag (post_id int REFERENCES post, tag_id int REFERENCES tag, position int DEFAULT 5, PRIMARY KEY (post_id, tag_id));
CREATE INDEX ON post (person_id);
CREATE INDEX ON post_tag (tag_id);
SELECT FROM orm.reflect('save_links');
INSERT INTO person (name, email) VALUES ('Ada', 'a@x'), ('Bob', 'b@x'), ('Eve', 'e@x');
UPDATE person SET hidden = true WHERE id = 3;
\pset format unaligned
\pset tuples_only on

-- to-one
SELECT orm.save('post', '{"title":"by key","person":{"id":1}}', '{"actions":true}');
SELECT orm.save('post', '{"title":"by value","person":2}');
SELECT orm.save('post', '{"title":"by email","person":{"email":"a@x"}}');
SELECT orm.save('post', '{"title":"new","person":{"name":"New","email":"n@x"}}', '{"actions":true}');
SELECT orm.save('post', '{"id":1,"person":{"id":1,"name":"Ada L"}}', '{"actions":true}');
SELECT orm.save('post', '{"id":1,"person":null}', '{"actions":true}');
SELECT orm.save('post', '{"title":"none","person":{"email":"nobody"}}');
\echo :SQLSTATE
SELECT orm.save('post', '{"title":"none","person":77}');
\echo :SQLSTATE
SELECT orm.save('post', '{"title":"none","person":[1]}');
-- a relation has the last word over its column
SELECT orm.save('post', '{"id":2,"person_id":2,"person":{"id":1}}');
SELECT orm.save('post', '{"id":2,"person_id":77,"person":{"id":2}}', '{"returning":{"select":["person_id"]}}');
SELECT orm.save('post', '{"title":"clone","person_id":77,"person":{"id":1}}', '{"returning":{"select":["person_id"]}}');
-- unless the relation says what is there, and the column is what was changed
SELECT orm.save('post', '{"id":2,"person_id":1,"person":{"id":2}}');
\echo :SQLSTATE
SELECT orm.save('post', '{"id":2,"person_id":null,"person":{"id":2,"name":"Bob"}}');
\echo :SQLSTATE
SELECT orm.save('person', '[{"id":1},{"id":2,"post":[{"title":"other"},{"id":2,"person_id":1}]}]');
\echo :SQLSTATE
SELECT orm.save('person', '{"id":1,"post":[{"id":2,"person_id":2}]}', '{"on_foreign":"move","returning":{"select":["id"]}}');
SELECT orm.save('person', '{"id":2,"post":[{"id":2,"person_id":1}]}', '{"on_foreign":"move","returning":{"select":["id"]}}');
SELECT orm.save('post', '{"id":2,"person_id":null,"person":{"id":1}}', '{"returning":{"select":["person_id"]}}');

-- many-to-many
SELECT orm.save('post', '{"id":1,"tag":[{"name":"red"},{"name":"blue","pivot":{"position":2}}]}', '{"actions":true}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"pivot":{"position":9}},2]}', '{"actions":true}');
SELECT orm.save('post', orm.find('post', 1, '{"load":["tag"]}'), '{"actions":true}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"name":"crimson"}]}', '{"actions":true,"sync":["tag"]}');
SELECT orm.find('post', 1, '{"load":["tag"]}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"$delete":true}]}', '{"actions":true}');
SELECT orm.save('post', '{"id":1,"tag":[1,1]}', '{"actions":true}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"pivot":{"position":1}},{"id":1,"pivot":{"position":2}}]}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"pivot":{"posit":1}}]}');
SELECT orm.save('post', '{"id":1,"tag":[{"id":1,"pivot":{"position":"x"}}]}');
SELECT orm.save('post', '{"id":1,"tag":[77]}');
\echo :SQLSTATE
SELECT orm.save('post', '[{"title":"a","tag":[1,2]},{"title":"b","tag":[{"id":2,"pivot":{"position":null}}]}]', '{"returning":{"select":["title"]}}');
SELECT orm.save('post', '{"id":1,"tag":[]}', '{"sync":true}');
SELECT * FROM post_tag ORDER BY 1, 2;

-- what the caller does not see can't be linked, whatever the foreign key says
CREATE ROLE regress_save_links;
GRANT USAGE ON SCHEMA save_links TO regress_save_links;
GRANT SELECT ON person, tag TO regress_save_links;
GRANT SELECT, INSERT, UPDATE ON post TO regress_save_links;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON person FOR SELECT USING (NOT hidden);
SET ROLE regress_save_links;
SELECT orm.save('post', '{"title":"seen","person":2}', '{"returning":{"select":["title"]}}');
SELECT orm.save('post', '{"title":"unseen","person":3}');
\echo :SQLSTATE
SELECT orm.save('post', '{"title":"unseen","person":{"email":"e@x"}}');
\echo :SQLSTATE
RESET ROLE;
SELECT FROM orm.scope('person', 'old', condition => '{"id": {"$lte": 1}}', global => true);
SELECT orm.save('post', '{"title":"out of scope","person":2}');
\echo :SQLSTATE
DROP SCHEMA save_links CASCADE;
DROP ROLE regress_save_links;
