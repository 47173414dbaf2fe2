-- Versions and timestamps, kept by a row trigger: for every writer, along with
-- the declaration, and refused where they cannot be kept.
SET client_min_messages = warning;
CREATE SCHEMA stamp;
SET search_path = stamp;
\pset format unaligned
\pset tuples_only on

CREATE TABLE doc (id int PRIMARY KEY, title text, version int, created timestamptz, changed timestamptz);
SELECT orm.entity('doc', 'doc', version => 'version', created_at => 'created', updated_at => 'changed');
CREATE FUNCTION stamps(of regclass) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('%s on %s: %s', tgname, tgrelid::regclass, substring(pg_get_triggerdef(oid) FROM 'EXECUTE.*')) || CASE tgenabled WHEN 'O' THEN '' ELSE ' ' || tgenabled::text END
	FROM pg_trigger WHERE tgfoid = 'orm._stamp'::regproc AND tgrelid IN (SELECT relid FROM pg_partition_tree(of) UNION SELECT of) ORDER BY tgrelid::regclass::text $$;
SELECT stamps('doc');

-- INSERT: what is left out is filled in, what is given stays
BEGIN;
INSERT INTO doc VALUES (1, 'a', NULL, NULL, NULL), (2, 'b', 7, '2001-02-03 00:00+00', '2002-03-04 00:00+00');
SELECT id, version, created = now(), changed = now() FROM doc ORDER BY id;
COMMIT;
-- UPDATE: every one counts, whatever it says, and the time of creation stays
BEGIN;
UPDATE doc SET title = title;
SELECT id, version, created < now(), changed = now() FROM doc ORDER BY id;
UPDATE doc SET version = 1000, created = now(), changed = '2000-01-01' RETURNING id, version, created < now(), changed = now();
INSERT INTO doc (id, title) VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET title = excluded.title RETURNING title, version;
MERGE INTO doc USING (VALUES (2), (3)) AS v(id) ON doc.id = v.id WHEN MATCHED THEN UPDATE SET title = 'merged' WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id);
SELECT id, title, version FROM doc ORDER BY id;
COMMIT;
COPY doc FROM STDIN;
4	copied	\N	\N	\N
5	copied	12	2001-01-01 00:00:00+00	\N
\.
SELECT id, version, created IS NOT NULL, changed IS NOT NULL FROM doc WHERE id > 3 ORDER BY id;
-- rows from before the declaration: the first update is version 1, and a time of creation may be filled in
ALTER TABLE doc DISABLE TRIGGER USER;
INSERT INTO doc (id) VALUES (6);
ALTER TABLE doc ENABLE TRIGGER USER;
UPDATE doc SET title = 'old' WHERE id = 6 RETURNING version, created, changed IS NOT NULL;
UPDATE doc SET created = '1999-01-01 00:00+00' WHERE id = 6 RETURNING version, created = '1999-01-01 00:00+00';
UPDATE doc SET created = NULL WHERE id = 6 RETURNING version, created = '1999-01-01 00:00+00';
-- replicas apply rows as they are
SET session_replication_role = replica;
UPDATE doc SET title = 'replica' WHERE id = 6 RETURNING version;
RESET session_replication_role;

-- what other triggers suppress is no update
CREATE TRIGGER same BEFORE UPDATE ON doc FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();
UPDATE doc SET title = title WHERE id = 1 RETURNING version;
UPDATE doc SET title = 'd' WHERE id = 1 RETURNING version;
DROP TRIGGER same ON doc;

-- the trigger follows the declaration
SELECT orm.entity('doc', 'doc', version => 'version', created_at => 'created', updated_at => 'changed');
ALTER TABLE doc DISABLE TRIGGER zz_orm_stamp;
ALTER TABLE doc RENAME version TO "Lock Version";
SELECT stamps('doc');
ALTER TABLE doc ENABLE TRIGGER zz_orm_stamp;
ALTER TABLE doc RENAME changed TO "o'clock\";
SELECT stamps('doc');
UPDATE doc SET title = 'e' WHERE id = 1 RETURNING "Lock Version";
SELECT version, updated_at FROM orm.entities WHERE name = 'doc';
ALTER TABLE doc RENAME TO paper;
ALTER TABLE paper DROP created;
SELECT stamps('paper');
ALTER TABLE paper RESET (orm.updated_at);
SELECT stamps('paper');
ALTER TABLE paper SET (orm.updated_at = 'o''clock\');
SELECT stamps('paper');
SELECT orm.define('{"orm": 1, "entities": {"doc": {"version": "Lock Version"}}}');
SELECT stamps('paper');
SELECT orm.entity('doc', 'paper');
SELECT stamps('paper');
SELECT orm.entity('doc', 'paper', version => 'Lock Version');
CREATE TABLE other (id int PRIMARY KEY, v int);
SELECT orm.entity('doc', 'other', version => 'v');	-- the name moves
SELECT stamps('paper'), 'none expected';
SELECT stamps('other');
BEGIN;
DROP TABLE other;
ROLLBACK;
SELECT stamps('other');
SELECT orm.drop_entity('doc');
SELECT stamps('other');
CREATE TABLE born (id int PRIMARY KEY, v smallint NOT NULL, at timestamp(0) NOT NULL, on_day date) WITH (orm.entity = 'Born', orm.version = 'v', orm.updated_at = 'at', orm.created_at = 'on_day');
BEGIN;
INSERT INTO born VALUES (1) RETURNING v, at = localtimestamp(0), on_day = current_date;
ROLLBACK;
INSERT INTO born VALUES (1, 32767);
CREATE FUNCTION fails(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE d text; h text;
BEGIN
	EXECUTE statement;
	RETURN NEXT 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM;
	IF d <> '' THEN RETURN NEXT 'DETAIL ' || d; END IF;
	IF h <> '' THEN RETURN NEXT 'HINT ' || h; END IF;
END $$;
SELECT fails('UPDATE born SET id = 1');

-- domains are held to
CREATE DOMAIN small_version AS bigint CHECK (VALUE < 3);
CREATE DOMAIN day AS date;
CREATE TABLE domains (id int PRIMARY KEY, v small_version, at day);
SELECT orm.entity('Domains', 'domains', version => 'v', updated_at => 'at');
INSERT INTO domains VALUES (1);
UPDATE domains SET id = 1 RETURNING v, at = current_date;
SELECT fails('UPDATE domains SET id = 1');

-- partitions: by the trigger of their partitioned table; a move is a delete and an insert
CREATE TABLE part (id int, day date, v int, created timestamptz, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
SELECT orm.entity('Part', 'part', version => 'v', created_at => 'created');
CREATE TABLE part_2 (day date NOT NULL, id int NOT NULL, created timestamptz, v int);
ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
SELECT stamps('part');
INSERT INTO part VALUES (1, '2020-05-05', NULL, '2020-05-05 00:00+00'), (2, '2021-05-05', NULL, NULL);
UPDATE part SET day = day + 365 WHERE id = 1 RETURNING tableoid::regclass, id, v, created = '2020-05-05 00:00+00';
ALTER TABLE part DISABLE TRIGGER zz_orm_stamp;
ALTER TABLE part RENAME v TO rev;
SELECT stamps('part');
ALTER TABLE part ENABLE TRIGGER zz_orm_stamp;
UPDATE part SET id = id RETURNING id, rev;
SELECT fails($$SELECT orm.entity('Part1', 'part_1', updated_at => 'created')$$);
SELECT orm.entity('Part1', 'part_1', version => 'rev', created_at => 'created');
SELECT stamps('part');
SELECT orm.drop_entity('Part1');
SELECT stamps('part');
ALTER TABLE part DETACH PARTITION part_2;
SELECT stamps('part_2'), 'none expected';
SELECT orm.drop_entity('Part');
SELECT stamps('part'), 'none expected';

-- the role that writes needs no right to the columns
CREATE TABLE granted (id int PRIMARY KEY, title text, v int);
SELECT orm.entity('Granted', 'granted', version => 'v');
INSERT INTO granted VALUES (1, 'a');
DROP ROLE IF EXISTS stamp_writer;
CREATE ROLE stamp_writer;
GRANT USAGE ON SCHEMA stamp TO stamp_writer;
GRANT SELECT (id, title), UPDATE (title) ON granted TO stamp_writer;
SET ROLE stamp_writer;
UPDATE granted SET title = 'b' WHERE id = 1;
SELECT fails($$SELECT orm.entity('Mine', 'granted', version => 'v')$$);
RESET ROLE;
SELECT v FROM granted;
DROP OWNED BY stamp_writer;
DROP ROLE stamp_writer;

-- refusals
CREATE TABLE bad (id int PRIMARY KEY, n numeric, t time, i int, g int GENERATED ALWAYS AS (id + 1) STORED, at timestamptz NOT NULL, gone boolean NOT NULL);
CREATE VIEW bad_view AS SELECT * FROM bad;
SELECT fails($$SELECT orm.entity('Bad', 'bad', version => 'n', created_at => 't', updated_at => 'nowhere')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad', version => 'g')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad', version => 'id')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad', created_at => 'at', updated_at => 'at')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad', soft_delete => 'at')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad', soft_delete => 'i')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad_view', key => '{id}', version => 'i')$$);
SELECT fails($$SELECT orm.entity('Bad', 'bad_view', key => '{id}', updated_at => 'at')$$);
SELECT orm.entity('Bad', 'bad', soft_delete => 'gone');
-- a trigger of the user's own, by whatever arguments
CREATE TRIGGER wrong BEFORE INSERT ON bad FOR EACH ROW EXECUTE FUNCTION orm._stamp('version', 'nowhere');
SELECT fails($$INSERT INTO bad VALUES (1, 1)$$);
DROP TRIGGER wrong ON bad;
CREATE TRIGGER wrong BEFORE INSERT ON bad FOR EACH ROW EXECUTE FUNCTION orm._stamp('version', 'n');
SELECT fails($$INSERT INTO bad VALUES (1, 1)$$);
DROP TRIGGER wrong ON bad;
CREATE TRIGGER wrong BEFORE INSERT ON bad FOR EACH ROW EXECUTE FUNCTION orm._stamp('owner', 'n');
SELECT fails($$INSERT INTO bad VALUES (1, 1)$$);
DROP TRIGGER wrong ON bad;
CREATE TRIGGER wrong BEFORE INSERT ON bad FOR EACH ROW EXECUTE FUNCTION orm._stamp('version');
SELECT fails($$INSERT INTO bad VALUES (1, 1)$$);
DROP TRIGGER wrong ON bad;
CREATE TRIGGER wrong AFTER INSERT ON bad FOR EACH ROW EXECUTE FUNCTION orm._stamp();
SELECT fails($$INSERT INTO bad (id, at, gone) VALUES (1, now(), false)$$);
-- the extension does not go and leave tables that cannot be written
BEGIN;
DROP EXTENSION orm CASCADE;
SELECT count(*) FROM pg_trigger WHERE tgname = 'zz_orm_stamp';
UPDATE granted SET title = 'c' RETURNING v;
ROLLBACK;
SELECT fails('DROP EXTENSION orm');
DROP SCHEMA stamp CASCADE;
