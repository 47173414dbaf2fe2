-- Declaring through DDL: options in the namespace "orm".
\set VERBOSITY default
SET client_min_messages = warning;
CREATE SCHEMA app;
SET search_path = app;

CREATE VIEW entities AS
	SELECT relation::text, name, key, naming, columns, version, derive FROM orm.entities ORDER BY relation::text;
CREATE VIEW properties AS
	SELECT relation::text, name, column_name AS col, cast_as, insert, update, hidden, lazy
	FROM orm.properties ORDER BY relation::text, name;
CREATE VIEW relations AS
	SELECT relation::text, name, kind, target::text, foreign_key AS fk, local_key, target_key, inverse, owned,
		   on_missing, on_foreign
	FROM orm.relations ORDER BY relation::text, name;
-- forgets all that was declared here, and drops what the test made
CREATE PROCEDURE forget(VARIADIC tables text[]) LANGUAGE plpgsql AS $$
DECLARE t text;
BEGIN
	FOREACH t IN ARRAY tables LOOP
		EXECUTE pg_catalog.format('DROP TABLE IF EXISTS app.%I CASCADE', t);
	END LOOP;
END $$;

--
-- The statements of the manual
--
CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL, email text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(), revision int NOT NULL DEFAULT 0
) WITH (orm.entity = 'User');
CREATE TABLE posts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users, title text NOT NULL
) WITH (orm.entity = 'Post', fillfactor = 90);
CREATE INDEX ON posts (user_id);
ALTER TABLE users SET (orm.naming = 'camel');
ALTER TABLE users ALTER COLUMN created_at SET (orm.property = 'CreatedAt', orm.insert = off, orm.update = off);
ALTER TABLE posts ALTER COLUMN user_id SET (orm.relation = 'author', orm.inverse = 'posts');
CREATE VIEW active_users WITH (orm.entity = 'ActiveUser', orm.key = 'id', security_barrier) AS SELECT * FROM users;
TABLE entities;
TABLE properties;
TABLE relations;
-- other options stay where they were
SELECT relname, reloptions FROM pg_catalog.pg_class
WHERE relname IN ('posts', 'users', 'active_users') AND relnamespace = 'app'::regnamespace ORDER BY relname;
ALTER TABLE users RESET (orm.entity);
SELECT name FROM entities;

--
-- SET merges, RESET puts back
--
ALTER TABLE users SET (orm.entity = 'User', orm.version = 'revision', orm.derive = off);
ALTER TABLE users SET (orm.key = 'email', fillfactor = 80), SET (orm.columns = ' id, "email" ,name,revision ');
SELECT * FROM entities WHERE relation = 'users';
SELECT reloptions FROM pg_catalog.pg_class WHERE oid = 'users'::regclass;
ALTER TABLE users RESET (orm.key, orm.version, orm.naming, orm.derive, fillfactor);
ALTER TABLE users SET (orm.entity = 'Person'), RESET (orm.columns);
SELECT * FROM entities WHERE relation = 'users';
SELECT reloptions FROM pg_catalog.pg_class WHERE oid = 'users'::regclass;

ALTER TABLE users ALTER name SET (orm.hidden, n_distinct = 5);
ALTER TABLE users ALTER name SET (orm.lazy = on);
ALTER TABLE users ALTER email SET (orm.property = 'mail', orm.cast = 'string');
TABLE properties;
SELECT attname FROM pg_catalog.pg_attribute
WHERE attrelid = 'users'::regclass AND 'n_distinct=5' = ANY (attoptions);
ALTER TABLE users ALTER email SET (orm.property = 'address');
ALTER TABLE users ALTER name RESET (orm.hidden, n_distinct);
TABLE properties;
ALTER TABLE users ALTER name RESET (orm.lazy), ALTER email RESET (orm.property);
TABLE properties;
ALTER TABLE users ALTER email RESET (orm.cast), ALTER email RESET (orm.hidden);
TABLE properties;

-- a column of this very statement, and the entity after its columns
CREATE TABLE notes (id int PRIMARY KEY);
ALTER TABLE notes ADD COLUMN body text, ALTER COLUMN body SET (orm.hidden), SET (orm.entity = 'Note');
SELECT relation, name, hidden FROM properties WHERE relation = 'notes';
CALL forget('notes');

--
-- Foreign keys
--
ALTER TABLE posts ALTER COLUMN user_id SET (orm.relation = 'writer', orm.inverse = 'articles', orm.owned,
	orm.on_missing = 'delete', orm.on_foreign = 'move');
TABLE relations;
ALTER TABLE posts ALTER COLUMN user_id SET (orm.inverse = 'essays');
ALTER TABLE posts ALTER COLUMN user_id RESET (orm.owned, orm.on_missing), ALTER user_id SET (orm.on_foreign = 'error');
TABLE relations;
ALTER TABLE posts ALTER COLUMN user_id RESET (orm.inverse);
TABLE relations;
ALTER TABLE posts ALTER COLUMN user_id RESET (orm.relation);
TABLE relations;
-- the other side has a name of its own where none is declared
ALTER TABLE posts ALTER COLUMN user_id SET (orm.owned = on);
TABLE relations;
ALTER TABLE posts ALTER COLUMN user_id RESET (orm.inverse);
-- unique columns: has_one; composite keys by their last column, the one that is alone first
CREATE TABLE tenants (org int, id int, PRIMARY KEY (org, id)) WITH (orm.entity = 'Tenant');
CREATE TABLE badges (
	user_id bigint PRIMARY KEY REFERENCES users, org int, tenant int, boss int REFERENCES badges,
	FOREIGN KEY (org, tenant) REFERENCES tenants,
	FOREIGN KEY (org, boss) REFERENCES tenants
) WITH (orm.entity = 'Badge');
ALTER TABLE badges
	ALTER user_id SET (orm.relation = 'holder', orm.inverse = 'badge'),
	ALTER tenant SET (orm.relation = 'landlord', orm.inverse = 'badges'),
	ALTER boss SET (orm.relation = 'chief', orm.inverse = 'team');
TABLE relations;
ALTER TABLE badges ALTER org SET (orm.relation = 'org');
CREATE TABLE strangers (id int PRIMARY KEY);
CREATE TABLE letters (id int PRIMARY KEY, to_id int REFERENCES strangers) WITH (orm.entity = 'Letter');
ALTER TABLE letters ALTER to_id SET (orm.relation = 'addressee');
-- a key that references a partitioned table
CREATE TABLE regions (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE regions_1 PARTITION OF regions FOR VALUES FROM (0) TO (10);
ALTER TABLE regions SET (orm.entity = 'Region');
ALTER TABLE letters ADD region_id int REFERENCES regions;
ALTER TABLE letters ALTER region_id SET (orm.relation = 'region', orm.inverse = 'letters');
SELECT relation, name, target FROM relations WHERE name IN ('region', 'letters');
CALL forget('letters', 'strangers', 'badges', 'tenants', 'regions');

--
-- What is refused, and leaves nothing behind
--
CREATE TABLE bad (id int) WITH (orm.entty = 'Bad');
CREATE TABLE bad (id int) WITH (orm.hidden = 'on');
CREATE TABLE bad (id int) WITH (orm.entity = Bad);
CREATE TABLE bad (id int) WITH (orm.entity = 1);
CREATE TABLE bad (id int) WITH (orm.entity);
CREATE TABLE bad (id int) WITH (orm.entity = '');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.entity = 'Worse');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.naming = 'kebab');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.derive = maybe);
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.derive = 'maybe');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.key = 'id,');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad', orm.key = '"id');
CREATE TABLE bad (id int) WITH (orm.naming = 'camel');
CREATE TABLE bad (id int PRIMARY KEY) WITH (orm.entity = 'Bad', orm.version = 'nowhere');
CREATE TABLE bad (id int PRIMARY KEY) WITH (orm.entity = 'Post', other.option = 1);
CREATE TEMP TABLE bad (id int) WITH (orm.entity = 'Bad');
SELECT to_regclass('bad');
CREATE TABLE bare (id int PRIMARY KEY, v int);
ALTER TABLE bare SET (orm.naming = 'camel');
ALTER TABLE bare ALTER v SET (orm.hidden);
ALTER TABLE bare ALTER v RESET (orm.hidden);
ALTER TABLE bare RESET (orm.entity, orm.key);
ALTER TABLE bare RESET (orm.entity = 'x');
ALTER TABLE bare SET (orm.entity = 'Bare');
ALTER TABLE bare ALTER w SET (orm.hidden);
ALTER TABLE bare ALTER ctid SET (orm.hidden);
ALTER TABLE bare DROP COLUMN v, ALTER v RESET (orm.hidden);
ALTER TABLE bare DROP COLUMN v;
ALTER TABLE bare ALTER v SET (orm.hidden);
ALTER TABLE bare ALTER v SET (orm.entity = 'x');
ALTER TABLE bare ALTER id SET (orm.on_missing = 'burn');
CREATE INDEX bare_index ON bare (id) WITH (orm.entity = 'Index');
CREATE INDEX bare_index ON bare (id);
ALTER INDEX bare_index SET (orm.entity = 'Index');
ALTER TABLE bare_index SET (orm.entity = 'Index');
CREATE TEMP TABLE fleeting (id int PRIMARY KEY);
ALTER TABLE fleeting SET (orm.entity = 'Fleeting');
ALTER TABLE IF EXISTS nowhere SET (orm.entity = 'Nowhere');
ALTER TABLE nowhere SET (orm.entity = 'Nowhere');
ALTER VIEW bare SET (orm.entity = 'Nowhere');
ALTER TABLE bare SET (fillfactor = 5, orm.entity = 'Filled');
SELECT name FROM entities WHERE relation = 'bare';
DROP TABLE fleeting;
CALL forget('bare');

--
-- Every kind of CREATE
--
CREATE TABLE IF NOT EXISTS users (id int) WITH (orm.entity = 'Skipped');
CREATE TABLE IF NOT EXISTS made_once (id serial PRIMARY KEY, u int UNIQUE REFERENCES made_once) WITH (orm.entity = 'MadeOnce');
CREATE TABLE copy (LIKE users INCLUDING ALL) WITH (orm.entity = 'Copy');
CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY LIST (id);
ALTER TABLE parted SET (orm.entity = 'Parted');
CREATE TABLE part PARTITION OF parted FOR VALUES IN (1) WITH (orm.entity = 'Part');
CREATE TABLE heir (extra int) INHERITS (copy) WITH (orm.entity = 'Heir', orm.key = 'id');
CREATE TABLE selected WITH (orm.entity = 'Selected', orm.key = 'id', fillfactor = 70) AS SELECT 1 AS id;
CREATE TABLE IF NOT EXISTS selected WITH (orm.entity = 'SelectedTwice', orm.key = 'id') AS SELECT 1 AS id;
PREPARE one AS SELECT 1 AS id;
CREATE TABLE executed WITH (orm.entity = 'Executed', orm.key = 'id') AS EXECUTE one;
CREATE MATERIALIZED VIEW kept WITH (orm.entity = 'Kept', orm.key = 'id') AS SELECT 1 AS id;
CREATE MATERIALIZED VIEW IF NOT EXISTS kept WITH (orm.entity = 'KeptTwice', orm.key = 'id') AS SELECT 1 AS id;
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY) WITH (orm.entity = 'Unlogged');
CREATE VIEW seen WITH (orm.entity = 'Seen', orm.key = 'id') AS SELECT 1 AS id;
CREATE OR REPLACE VIEW seen WITH (orm.naming = 'camel') AS SELECT 1 AS id, 2 AS extra;
SELECT relation, name, key, naming FROM entities;
CREATE OR REPLACE VIEW seen WITH (orm.entity = 'SeenAgain', orm.key = 'extra') AS SELECT 1 AS id, 2 AS extra;
CREATE OR REPLACE VIEW seen AS SELECT 1 AS id, 2 AS extra;
SELECT relation, name, key, naming FROM entities WHERE relation = 'seen';
-- views and materialized views, altered by their own statement and by ALTER TABLE
ALTER VIEW seen SET (orm.entity = 'View', security_barrier);
ALTER VIEW seen ALTER COLUMN extra SET (orm.hidden);
ALTER TABLE seen SET (orm.naming = 'camel');
ALTER VIEW seen RESET (orm.naming, security_barrier);
ALTER MATERIALIZED VIEW kept SET (orm.entity = 'Matview');
ALTER MATERIALIZED VIEW kept ALTER COLUMN id SET (orm.property = 'key');
SELECT relation, name, naming FROM entities WHERE relation IN ('seen', 'kept');
SELECT relation, name, hidden FROM properties WHERE relation IN ('seen', 'kept');
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE sessions (id int, old int) SERVER nowhere;
ALTER FOREIGN TABLE sessions SET (orm.entity = 'Session', orm.key = 'id'), ALTER old SET (orm.hidden);
ALTER FOREIGN TABLE sessions RENAME COLUMN old TO new;
SELECT relation, name, key FROM entities WHERE relation = 'sessions';
SELECT relation, name, hidden FROM properties WHERE relation = 'sessions';
ALTER FOREIGN TABLE sessions RESET (orm.entity);
DROP FOREIGN DATA WRAPPER nothing CASCADE;
CREATE SCHEMA whole
	CREATE VIEW later WITH (orm.entity = 'Later', orm.key = 'id') AS SELECT id FROM first
	CREATE TABLE first (id serial PRIMARY KEY) WITH (orm.entity = 'First')
	CREATE TABLE second (id int PRIMARY KEY REFERENCES first) WITH (orm.entity = 'Second', orm.naming = 'camel')
	CREATE TABLE third (id int PRIMARY KEY);
SELECT relation, name, naming FROM entities WHERE relation LIKE 'whole.%';
CREATE SCHEMA half CREATE TABLE first (id int PRIMARY KEY) WITH (orm.entity = 'Half')
	CREATE TABLE second (id int PRIMARY KEY) WITH (orm.nothing = 'x');
SELECT to_regnamespace('half');
DROP SCHEMA whole CASCADE;
SELECT relation, name, naming FROM entities WHERE relation LIKE 'whole.%' OR name IN ('First', 'Second', 'Later');
CALL forget('made_once', 'copy', 'parted', 'selected', 'executed', 'unlogged');
DROP MATERIALIZED VIEW kept;
DROP VIEW seen;
SELECT relation, name FROM entities;

--
-- The lock is that of any other storage option
--
BEGIN;
ALTER TABLE users SET (orm.entity = 'Locked');
SELECT mode FROM pg_catalog.pg_locks WHERE relation = 'users'::regclass AND mode ~ 'Exclusive';
ROLLBACK;
BEGIN;
ALTER TABLE users ALTER name SET (orm.hidden), RESET (orm.key);
SELECT mode FROM pg_catalog.pg_locks WHERE relation = 'users'::regclass AND mode ~ 'Exclusive';
ROLLBACK;
SELECT name FROM entities WHERE relation = 'users';

--
-- Cached plans: the tree that a function keeps is run again and again
--
CREATE FUNCTION static_ddl() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE app.cached (id int PRIMARY KEY, v int) WITH (orm.entity = 'Cached', fillfactor = 50);
	ALTER TABLE app.cached SET (orm.naming = 'camel'), ALTER v SET (orm.hidden);
	CREATE TABLE app.cached_as WITH (orm.entity = 'CachedAs', orm.key = 'id') AS SELECT 1 AS id;
	RETURN (SELECT string_agg(name || ':' || naming, ' ' ORDER BY name) FROM orm.entities WHERE name ~ '^Cached') ||
		(SELECT count(*) FROM orm.properties WHERE relation = 'app.cached'::regclass AND hidden);
END $$;
CREATE FUNCTION dynamic_ddl() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'CREATE TABLE app.cached (id int PRIMARY KEY) WITH (orm.entity = ''Cached'')';
	EXECUTE 'CREATE TABLE app.cached_as WITH (orm.entity = ''CachedAs'', orm.key = ''id'') AS SELECT 1 AS id';
	RETURN (SELECT string_agg(name, ' ' ORDER BY name) FROM orm.entities WHERE name ~ '^Cached');
END $$;
SELECT static_ddl();
CALL forget('cached', 'cached_as');
SELECT static_ddl();
CALL forget('cached', 'cached_as');
SELECT static_ddl();
CALL forget('cached', 'cached_as');
SELECT dynamic_ddl();
CALL forget('cached', 'cached_as');
SELECT dynamic_ddl();
CALL forget('cached', 'cached_as');
SELECT dynamic_ddl();
CALL forget('cached', 'cached_as');

--
-- Nested statements, and what fails between start and end
--
CREATE FUNCTION makes_table(fail boolean) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE app.inner_table (id int PRIMARY KEY) WITH (orm.entity = 'Inner');
	BEGIN
		CREATE TABLE app.lost (id int PRIMARY KEY) WITH (orm.entity = 'Lost', orm.version = 'nowhere');
	EXCEPTION WHEN OTHERS THEN
		RAISE WARNING 'caught: %', SQLERRM;
	END;
	BEGIN
		CREATE TABLE app.lost (id int PRIMARY KEY, x nowhere) WITH (orm.entity = 'Lost');
	EXCEPTION WHEN undefined_object THEN
		RAISE WARNING 'caught: %', SQLERRM;
	END;
	IF fail THEN
		RAISE EXCEPTION 'no more';
	END IF;
	RETURN 1;
END $$;
CREATE TABLE outer_table WITH (orm.entity = 'Outer', orm.key = 'id') AS SELECT makes_table(false) AS id;
SELECT relation, name FROM entities WHERE name IN ('Inner', 'Outer', 'Lost');
CALL forget('outer_table', 'inner_table');
DO $$
BEGIN
	BEGIN
		CREATE TABLE app.outer_table WITH (orm.entity = 'Outer', orm.key = 'id') AS SELECT app.makes_table(true) AS id;
	EXCEPTION WHEN raise_exception THEN
		RAISE WARNING 'caught: %', SQLERRM;
	END;
	CREATE TABLE app.outer_table (id int PRIMARY KEY);
END $$;
SELECT relation, name FROM entities WHERE name IN ('Inner', 'Outer', 'Lost');
CALL forget('outer_table');
BEGIN;
SAVEPOINT a;
CREATE TABLE undone (id int PRIMARY KEY) WITH (orm.entity = 'Undone');
ROLLBACK TO a;
CREATE TABLE undone (id int PRIMARY KEY);
SAVEPOINT b;
CREATE TABLE undone (id int PRIMARY KEY) WITH (orm.entity = 'Undone');
ROLLBACK TO b;
ALTER TABLE undone SET (orm.entity = 'Done');
RELEASE b;
COMMIT;
SELECT relation, name FROM entities WHERE name IN ('Done', 'Undone');
CALL forget('undone');
BEGIN;
CREATE TABLE bad (id int) WITH (orm.entty = 'Bad');
CREATE TABLE bad (id int) WITH (orm.entity = 'Bad');
ROLLBACK;

-- what fails leaves no memory behind either, even before its transaction ends
DO $$
BEGIN
	FOR i IN 1..100 LOOP
		BEGIN
			CREATE TABLE app.bad (id int PRIMARY KEY) WITH (orm.entity = 'Bad', orm.version = 'nowhere');
		EXCEPTION WHEN undefined_column THEN NULL;
		END;
		BEGIN
			ALTER TABLE app.users SET (orm.naming = 'kebab');
		EXCEPTION WHEN invalid_parameter_value THEN NULL;
		END;
	END LOOP;
	RAISE WARNING '% left', (SELECT count(*) FROM pg_catalog.pg_backend_memory_contexts WHERE name ~ '^orm pending');
END $$;

-- a user's own event triggers, on either side of ours, that run DDL and fail
CREATE FUNCTION user_trigger() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('app.busy', true) = 'on' THEN
		RETURN;
	END IF;
	SET app.busy = on;
	EXECUTE format('CREATE TABLE app.by_%s (id serial PRIMARY KEY) WITH (orm.entity = %L)', TG_EVENT, 'By' || TG_EVENT);
	BEGIN
		EXECUTE 'CREATE TABLE app.never (id serial PRIMARY KEY) WITH (orm.entity = ''Never'', fillfactor = 1)';
	EXCEPTION WHEN OTHERS THEN
		RAISE WARNING 'caught: %', SQLERRM;
	END;
	SET app.busy = off;
END $$;
CREATE EVENT TRIGGER a_user_start ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION user_trigger();
CREATE EVENT TRIGGER z_user_end ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION user_trigger();
CREATE TABLE by_hand (id int PRIMARY KEY) WITH (orm.entity = 'ByHand');
SELECT relation, name FROM entities WHERE name ~ '^By';
DROP EVENT TRIGGER a_user_start;
DROP EVENT TRIGGER z_user_end;
CALL forget('by_hand', 'by_ddl_command_start', 'by_ddl_command_end');
CREATE EVENT TRIGGER z_user_start ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION user_trigger();
CREATE EVENT TRIGGER a_user_end ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION user_trigger();
CREATE TABLE by_hand (id int PRIMARY KEY) WITH (orm.entity = 'ByHand');
SELECT relation, name FROM entities WHERE name ~ '^By';
DROP EVENT TRIGGER z_user_start;
DROP EVENT TRIGGER a_user_end;
CALL forget('by_hand', 'by_ddl_command_start', 'by_ddl_command_end');

--
-- Plain roles: their own tables and no others
--
CREATE ROLE regress_orm_plain;
GRANT USAGE, CREATE ON SCHEMA app TO regress_orm_plain;
GRANT SELECT, REFERENCES ON users TO regress_orm_plain;
GRANT SELECT ON entities TO regress_orm_plain;
SET ROLE regress_orm_plain;
CREATE TABLE mine (id int PRIMARY KEY, user_id bigint REFERENCES users, v int) WITH (orm.entity = 'Mine');
ALTER TABLE mine SET (orm.naming = 'camel'), ALTER v SET (orm.hidden);
ALTER TABLE mine ALTER user_id SET (orm.relation = 'user');
ALTER TABLE mine RENAME v TO w;
ALTER TABLE mine DROP COLUMN w;
SELECT relation, name, naming FROM entities WHERE name = 'Mine';
ALTER TABLE mine ALTER user_id SET (orm.inverse = 'theirs');
ALTER TABLE users SET (orm.entity = 'Stolen');
ALTER TABLE users RESET (orm.entity);
ALTER TABLE users ALTER name SET (orm.hidden);
ALTER TABLE users ALTER name RESET (orm.hidden);
CREATE TABLE mine_too (id int PRIMARY KEY) WITH (orm.entity = 'Post');
SET orm.restoring = on;
DROP TABLE mine;
RESET ROLE;
SELECT relation, name FROM entities;
DROP OWNED BY regress_orm_plain;
DROP ROLE regress_orm_plain;

--
-- Names follow
--
CREATE TABLE parent (id int PRIMARY KEY, a int, b int) WITH (orm.entity = 'Parent');
CREATE TABLE child () INHERITS (parent) WITH (orm.entity = 'Child', orm.key = 'id');
ALTER TABLE parent ALTER a SET (orm.hidden);
ALTER TABLE child ALTER a SET (orm.property = 'letter');
ALTER TABLE parent RENAME COLUMN a TO z;
SELECT relation, name, col FROM properties WHERE relation IN ('parent', 'child');
ALTER TABLE IF EXISTS nowhere RENAME COLUMN a TO z;
CREATE TYPE pair AS (a int, b int);
CREATE TABLE pairs OF pair (PRIMARY KEY (a)) WITH (orm.entity = 'Pair', orm.version = 'b');
CREATE TABLE pairs_child () INHERITS (pairs) WITH (orm.entity = 'PairChild', orm.key = 'b');
ALTER TYPE pair RENAME ATTRIBUTE b TO version CASCADE;
SELECT relation, name, key, version FROM entities WHERE relation ~ 'pair';
CREATE TABLE measured (id int, at int, v int, PRIMARY KEY (id, at)) PARTITION BY RANGE (id);
CREATE TABLE measured_1 PARTITION OF measured FOR VALUES FROM (1) TO (9) WITH (orm.entity = 'Part', orm.key = 'id, at');
ALTER TABLE measured SET (orm.entity = 'Measured', orm.version = 'v');
ALTER TABLE measured RENAME v TO value;
ALTER TABLE measured RENAME at TO "when";
ALTER TABLE measured RENAME TO measures;
CREATE SCHEMA elsewhere;
ALTER TABLE measures SET SCHEMA elsewhere;
SELECT relation, name, key, version FROM entities WHERE relation ~ 'measure';

--
-- and go
--
ALTER TABLE parent DROP COLUMN z;
SELECT relation, name, col FROM properties WHERE relation IN ('parent', 'child');
DROP SCHEMA elsewhere CASCADE;
DROP TYPE pair CASCADE;
SELECT relation, name FROM entities;
DROP TABLE parent CASCADE;
SELECT relation, name FROM entities;

-- a statement that is not declared
SET orm.restoring = on;
CREATE TABLE restored (id int PRIMARY KEY) WITH (orm.entity = 'Restored');
CREATE TABLE restored (id int PRIMARY KEY);
RESET orm.restoring;

-- the extension goes and comes back in one session
DROP VIEW entities, properties, relations;
DROP EXTENSION orm;
CREATE TABLE without (id int PRIMARY KEY) WITH (orm.entity = 'Without');
ALTER TABLE users RENAME COLUMN name TO full_name;
DROP TABLE posts;
CREATE EXTENSION orm;
CREATE TABLE again (id int PRIMARY KEY) WITH (orm.entity = 'Again');
SELECT relation::text, name FROM orm.entities;
DROP EXTENSION orm;
CREATE EXTENSION orm;
ALTER TABLE again SET (orm.entity = 'OnceMore');
SELECT relation::text, name FROM orm.entities;
DROP SCHEMA app CASCADE;
SELECT relation::text, name FROM orm.entities;
