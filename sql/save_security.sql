-- Saving as a role that may do little: column grants suffice for what is named, and
-- what row-level security hides is neither found, shown, moved, linked nor deleted.
SET client_min_messages = warning;
CREATE SCHEMA guard;
SET search_path = guard;
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
DROP ROLE IF EXISTS regress_save_guard;
CREATE ROLE regress_save_guard;
GRANT USAGE ON SCHEMA guard TO regress_save_guard;

-- column grants
CREATE TABLE post (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, body text DEFAULT 'secret', hits int NOT NULL DEFAULT 0, version int);
SELECT orm.entity('Post', 'post', version => 'version');
GRANT INSERT (title), SELECT (id, title) ON post TO regress_save_guard;
SET ROLE regress_save_guard;
SELECT orm.save('Post', '{"title": "a"}', '{"returning": {"select": ["id", "title"]}}');
SELECT orm.insert('Post', '[{"title": "b"}, {"title": "c"}]', '{"returning": {"select": ["id", "title"]}}');
SELECT orm.insert('Post', '{"title": "d"}', '{"returning": false}');
SELECT orm.save('Post', '{"title": "e"}');
SELECT orm.save('Post', '{"title": "e", "body": "x"}', '{"returning": {"select": ["id"]}}');
SELECT orm.save('Post', '{"id": 1, "title": "a2"}', '{"returning": {"select": ["id", "title"]}}');
RESET ROLE;
GRANT UPDATE (title) ON post TO regress_save_guard;
SET ROLE regress_save_guard;
-- a version is read only where one is given
SELECT orm.save('Post', '{"id": 1, "title": "a2"}', '{"returning": {"select": ["id", "title"]}}');
SELECT orm.save('Post', '{"id": 1, "title": "a3", "version": 2}', '{"returning": {"select": ["id", "title"]}}');
RESET ROLE;
GRANT SELECT (version) ON post TO regress_save_guard;
SET ROLE regress_save_guard;
SELECT orm.save('Post', '{"id": 1, "title": "a2"}', '{"returning": {"select": ["id", "title"]}}');
SELECT orm.save('Post', '{"id": 1, "title": "a3", "version": 2}', '{"returning": {"select": ["id", "title", "version"]}}');
SELECT orm.save('Post', '{"id": 1, "hits": 5}', '{"returning": {"select": ["id"]}}');
RESET ROLE;
SELECT id, title, body, hits, version FROM post ORDER BY id;

-- row-level security: two owners, of whom one saves
CREATE TABLE account (id int PRIMARY KEY, owner text, name text UNIQUE);
CREATE TABLE invoice (id int PRIMARY KEY, account_id int REFERENCES account, owner text DEFAULT CURRENT_USER, total int);
CREATE TABLE tag (id int PRIMARY KEY, owner text, label text);
CREATE TABLE invoice_tag (invoice_id int REFERENCES invoice, tag_id int REFERENCES tag, PRIMARY KEY (invoice_id, tag_id));
INSERT INTO account VALUES (1, 'regress_save_guard', 'mine'), (2, 'other', 'theirs');
INSERT INTO invoice VALUES (10, 1, 'regress_save_guard', 1), (20, 2, 'other', 2), (21, 1, 'other', 3);
INSERT INTO tag VALUES (1, 'regress_save_guard', 'm'), (2, 'other', 't');
INSERT INTO invoice_tag VALUES (10, 1), (10, 2);
CREATE INDEX ON invoice (account_id);
CREATE INDEX ON invoice_tag (tag_id);
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON account USING (owner = CURRENT_USER);
CREATE POLICY own ON invoice USING (owner = CURRENT_USER);
CREATE POLICY own ON tag USING (owner = CURRENT_USER);
GRANT SELECT, INSERT, UPDATE, DELETE ON account, invoice, tag, invoice_tag TO regress_save_guard;
SELECT orm.reflect('guard');
SET ROLE regress_save_guard;
-- a forged key of somebody else's child: not moved, not shown
SELECT orm.save('account', '{"id": 1, "invoice": [{"id": 20, "total": 99}]}');
SELECT orm.save('account', '{"id": 1, "invoice": [{"id": 20, "total": 99}]}', '{"on_foreign": "move"}');
SELECT orm.save('account', '{"id": 1, "invoice": [{"id": 20, "$delete": true}]}');
SELECT orm.update('invoice', '{"id": 20, "total": 99}');
SELECT orm.upsert('invoice', '{"id": 20, "total": 99}');
SELECT orm.insert('invoice', '{"id": 20, "total": 99}');
-- a hidden target is linked by nothing, and is not told from one that is not there
SELECT orm.save('invoice', '{"id": 10, "account": 2}');
SELECT orm.save('invoice', '{"id": 10, "account": {"id": 2}}');
SELECT orm.save('invoice', '{"id": 10, "account": {"name": "theirs"}}');
SELECT orm.save('invoice', '{"id": 10, "account": {"name": "nobody"}}');
SELECT orm.save('invoice', '{"id": 10, "tag": [1, 2]}');
-- what cannot be seen is not missing from a list either
SELECT orm.replace('account', '{"id": 1, "owner": "regress_save_guard", "name": "mine", "invoice": []}', '{"on_missing": "unlink"}');
RESET ROLE;
SELECT * FROM invoice ORDER BY id;
UPDATE invoice SET account_id = 1 WHERE id = 10;
SET ROLE regress_save_guard;
SELECT orm.save('invoice', '{"id": 10, "tag": []}', '{"sync": ["tag"]}');
RESET ROLE;
SELECT * FROM invoice_tag ORDER BY 1, 2;
-- what is written has to satisfy the policy
SET ROLE regress_save_guard;
SELECT orm.save('invoice', '{"id": 10, "owner": "other"}');
SELECT orm.save('invoice', '{"id": 11, "owner": "other"}');
RESET ROLE;
SELECT * FROM account ORDER BY id;
SELECT * FROM invoice ORDER BY id;
DROP OWNED BY regress_save_guard;
DROP ROLE regress_save_guard;
-- rows of other tables take no more rights than to what is given of them and found by, and what "returning" names
CREATE TABLE club (id int PRIMARY KEY, name text, secret text);
CREATE TABLE member (id int PRIMARY KEY, club_id int REFERENCES club, name text);
CREATE INDEX ON member (club_id);
INSERT INTO club VALUES (1, 'c', 's');
SELECT FROM orm.reflect('guard');
CREATE ROLE regress_save_columns;
GRANT USAGE ON SCHEMA guard TO regress_save_columns;
GRANT ALL ON member TO regress_save_columns;
GRANT SELECT (id, name), UPDATE (name) ON club TO regress_save_columns;
SET ROLE regress_save_columns;
SELECT orm.save('member', '{"id":1,"club":{"id":1}}');
SELECT orm.save('member', '{"id":1,"club":{"id":1}}', '{"returning":{"load":{"club":{"select":["id"]}}}}');
SELECT orm.save('member', '{"id":1,"club":{"id":1,"name":"d"}}', '{"returning":{"load":{"club":{"select":["name"]}}}}');
SELECT orm.save('member', '{"id":2,"club":{"id":1,"name":"e"}}', '{"returning":false}');
RESET ROLE;

-- what is given back by default is what the caller may read; columns that he may only write are written
RESET ROLE;
CREATE TABLE login (id int PRIMARY KEY, name text UNIQUE, password text, hint text DEFAULT 'h', hits int NOT NULL DEFAULT 0, extra jsonb DEFAULT '{"a": 1}');
CREATE TABLE session (id int PRIMARY KEY, login_id int REFERENCES login, token text);
CREATE INDEX ON session (login_id);
CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL, at text DEFAULT 'now');
CREATE TABLE inbox (id uuid PRIMARY KEY, what text);
SELECT FROM orm.entity('login', 'login', flex => 'extra');
SELECT orm.entity('session', 'session'), orm.entity('audit', 'audit'), orm.entity('inbox', 'inbox');
SELECT orm.property('login', 'shout', expression => 'upper(name)'), orm.property('login', 'guess', expression => 'left(password, 1)'),
	orm.property('login', 'all', expression => 'login::text'), orm.property('login', 'sessions', expression => '(SELECT count(*) FROM guard.session s WHERE s.login_id = login.hits)');
GRANT SELECT (id, name), INSERT (id, name, password), UPDATE (name, password, hits), DELETE ON login TO regress_save_columns;
GRANT SELECT, INSERT, UPDATE ON session TO regress_save_columns;
GRANT INSERT ON audit, inbox TO regress_save_columns;
SET ROLE regress_save_columns;
SELECT orm.save('login', '{"id":1,"name":"a","password":"p"}', '{"actions":true}');
SELECT orm.save('login', '{"id":1,"password":"q"}', '{"actions":true}');
SELECT orm.save('login', '[{"id":1,"password":"r","name":"b"},{"id":2,"name":"c"},{"id":1,"password":"r"}]', '{"actions":true}');
SELECT orm.save('session', '{"id":1,"token":"t","login":{"id":1,"name":"d","password":"s"}}', '{"actions":true}');
SELECT orm.save('session', '{"id":1,"login":{"name":"c"}}');
SELECT orm.upsert('login', '{"id":2,"name":"e","password":"u"}', '{"update":["name"],"actions":true}');
SELECT orm.update('login', '{"name":"e","password":"v"}', '{"by":["name"]}');
SELECT orm.delete('login', 2);
\echo :SQLSTATE
SELECT orm.save('session', '{"id":1,"login":null}');
SELECT orm.delete('login', 2);
-- what is asked for by name, or needed to compute what is written, is not passed over in silence
SELECT orm.save('login', '{"id":1,"name":"f"}', '{"returning":{"select":["id","hint"]}}');
\echo :SQLSTATE
SELECT orm.save('login', '{"id":1,"hits":{"$inc":1}}');
\echo :SQLSTATE
SELECT orm.save('login', '{"id":1,"hint":"x"}');
\echo :SQLSTATE
-- nothing at all may be read
SELECT orm.insert('audit', '[{"what":"a"},{"what":"b"}]'), orm.save('audit', '{"what":"c"}'), orm.save('audit', '{"what":"d"}', '{"returning":false}');
SELECT orm.insert('inbox', '{"id":"00000000-0000-0000-0000-000000000001","what":"a"}');
RESET ROLE;
SELECT * FROM login ORDER BY id;
SELECT * FROM audit ORDER BY id;

-- an upsert neither changes nor shows a row outside a global scope: its key is taken
CREATE TABLE tenant_doc (id int PRIMARY KEY, tenant int, slug text UNIQUE, body text);
INSERT INTO tenant_doc VALUES (1, 1, 'a', 'mine'), (2, 2, 'b', 'theirs');
SELECT FROM orm.entity('tenant_doc', 'tenant_doc');
SELECT FROM orm.scope('tenant_doc', 'tenant', '{"tenant": 1}'::jsonb, global => true);
SELECT orm.upsert('tenant_doc', '{"id":1,"body":"x"}', '{"actions":true}');
SELECT orm.upsert('tenant_doc', '{"slug":"b","id":3,"body":"x"}', '{"on_conflict":["slug"]}');
\echo :SQLSTATE
SELECT orm.upsert('tenant_doc', '[{"slug":"n","id":4,"body":"x"},{"slug":"b","id":2,"body":"x"}]', '{"on_conflict":["slug"],"update":[]}');
\echo :SQLSTATE
SELECT * FROM tenant_doc ORDER BY id;

DROP SCHEMA guard CASCADE;
DROP ROLE regress_save_columns;
