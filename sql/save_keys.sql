-- Keys of clients, composite keys, keys of others, rows that triggers suppress, and saving within a trigger of saving.
SET client_min_messages = warning;
CREATE SCHEMA save_keys;
SET search_path = save_keys;
CREATE TABLE doc (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner text NOT NULL DEFAULT current_user, title text);
CREATE TABLE part (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, doc_id uuid NOT NULL REFERENCES doc, body text);
CREATE TABLE pair (a int, b int DEFAULT 5, c text, PRIMARY KEY (a, b));
CREATE TABLE box (id int GENERATED ALWAYS AS IDENTITY (START 10) PRIMARY KEY, name text);
CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, box_id int REFERENCES box, name text);
CREATE TABLE step (id int PRIMARY KEY, n int);
CREATE INDEX ON part (doc_id);
CREATE INDEX ON thing (box_id);
SELECT FROM orm.reflect('save_keys');
\pset format unaligned
\pset tuples_only on

-- a key of the client's, sent twice
SELECT orm.save('doc', '{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","owner":"me","title":"t"}', '{"actions":true}');
SELECT orm.save('doc', '{"id":"A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11","title":"t"}', '{"actions":true}');
SELECT orm.save('doc', '{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","part":[{"body":"x"}]}');

-- parts of a key
SELECT orm.save('pair', '{"a":1,"c":"x"}', '{"actions":true}');
SELECT orm.save('pair', '{"b":1,"c":"x"}');
\echo :SQLSTATE
SELECT orm.save('pair', '{"a":1,"b":5,"c":"y"}', '{"actions":true}');
SELECT orm.save('pair', '{"a":1,"b":7,"c":"y"}', '{"actions":true}');

-- a key that only the server gives is not passed over
SELECT orm.insert('box', '{"id":77,"name":"x"}');
\echo :SQLSTATE
SELECT orm.upsert('box', '[{"name":"x"},{"id":77,"name":"x"}]');
SELECT orm.upsert('box', '{"name":"x"}', '{"on_conflict":["nope"]}');

-- keys of others, under row-level security: neither moved nor shown
CREATE ROLE regress_save_keys;
GRANT USAGE ON SCHEMA save_keys TO regress_save_keys;
GRANT ALL ON doc, part TO regress_save_keys;
ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
ALTER TABLE part ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON doc USING (owner = current_user);
CREATE POLICY own ON part USING (EXISTS (SELECT FROM doc d WHERE d.id = doc_id));
SET ROLE regress_save_keys;
SELECT orm.save('doc', '{"title":"mine","part":[{"body":"p"}]}')->>'title';
SELECT orm.save('doc', (SELECT json_build_object('id', id, 'part', json_build_array(json_build_object('id', 1, 'body', 'stolen'))) FROM doc));
\echo :SQLSTATE
SELECT orm.save('doc', (SELECT json_build_object('id', id, 'part', json_build_array(json_build_object('id', 1, 'body', 'stolen'))) FROM doc), '{"on_foreign":"move"}');
SELECT orm.save('part', '{"body":"x","doc":{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}}');
\set VERBOSITY terse
SELECT orm.save('doc', '{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","title":"hijacked"}');
\set VERBOSITY default
\echo :SQLSTATE
SELECT orm.save('doc', (SELECT json_build_object('id', id, 'part', json_build_array()) FROM doc), '{"sync":true,"on_missing":"delete"}')->'part';
-- what is seen and may not be updated: saved as it is, and no more
RESET ROLE;
CREATE POLICY shared ON doc FOR SELECT USING (title = 't');
SET ROLE regress_save_keys;
SELECT orm.save('part', json_build_object('body', 'of another''s', 'doc', orm.first('doc', '{"where":{"title":"t"}}')), '{"actions":true}')->'doc'->>'$action';
SELECT orm.save('doc', '{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","title":"hijacked"}');
\echo :SQLSTATE
RESET ROLE;
-- a lock takes no right that is not there
DROP POLICY shared ON doc;
ALTER TABLE doc DISABLE ROW LEVEL SECURITY;
ALTER TABLE part DISABLE ROW LEVEL SECURITY;
REVOKE UPDATE ON doc FROM regress_save_keys;
SET ROLE regress_save_keys;
SELECT orm.save('part', json_build_object('body', 'more', 'doc', orm.first('doc', '{"where":{"title":"t"}}')), '{"actions":true}')->'doc'->>'$action';
SELECT orm.save('doc', '{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","title":"other"}');
\echo :SQLSTATE
RESET ROLE;
SELECT body FROM part;
SELECT title FROM doc ORDER BY title;

-- suppressed and changed by a trigger
CREATE FUNCTION sift() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name = 'no' THEN RETURN NULL; END IF; NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER sift BEFORE INSERT OR UPDATE ON box FOR EACH ROW EXECUTE FUNCTION sift();
SELECT orm.save('box', '[{"name":"a"},{"name":"no"},{"name":"b"}]', '{"actions":true,"returning":{"select":["name"]}}');
SELECT orm.save('box', (SELECT json_agg(json_build_object('id', id, 'name', CASE name WHEN 'A' THEN 'no' ELSE 'c' END) ORDER BY id) FROM box), '{"actions":true,"returning":{"select":["name"]}}');
SELECT orm.save('box', '[{"name":"x","thing":[{"name":"child"}]},{"name":"no"}]', '{"returning":{"select":["name"]}}')->1;
SELECT orm.save('box', '{"name":"no","thing":[{"name":"child"}]}');
\echo :SQLSTATE
SELECT orm.save('thing', '{"name":"c","box":{"name":"no"}}');
SELECT orm.insert('box', '[{"name":"no"},{"name":"z"}]', '{"returning":false}');
SELECT name FROM box ORDER BY id;

-- saving within a trigger of what is being saved, by the same statements
CREATE FUNCTION next_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.id < 5 THEN PERFORM orm.save('step', json_build_object('id', NEW.id + 1, 'n', NEW.n)); END IF; RETURN NEW; END $$;
CREATE TRIGGER next_step AFTER INSERT OR UPDATE ON step FOR EACH ROW EXECUTE FUNCTION next_step();
SELECT orm.save('step', '[{"id":1,"n":1}]', '{"actions":true}');
SELECT orm.save('step', '[{"id":1,"n":2},{"id":2,"n":2}]', '{"actions":true}');
SELECT * FROM step ORDER BY id;

-- the session goes on after an error, and nothing is left of the call
DO $$ BEGIN PERFORM orm.insert('pair', '[{"a":50},{"a":51},{"a":50}]'); EXCEPTION WHEN unique_violation THEN RAISE WARNING '% %', SQLSTATE, (SELECT count(*) FROM save_keys.pair WHERE a >= 50); END $$;
SELECT orm.save('pair', '{"a":51}');
BEGIN READ ONLY;
SELECT orm.save('pair', '{"a":1}');
ROLLBACK;
SELECT orm.save('doc', '[' || repeat('{"part":[{"doc":', 30) || '{}' || repeat('}]}', 30) || ']');
\echo :SQLSTATE
SELECT orm.save('pair', '{"a":1,"b":5,"c":"\ud83d\ude00 \u0000"}');
SELECT orm.save('pair', '{"a":1,"b":5,"\u0063":"via an escape"}');
SELECT orm.save('pair', 5);
DROP SCHEMA save_keys CASCADE;
DROP ROLE regress_save_keys;
