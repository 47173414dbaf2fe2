-- Event triggers: options in the namespace "orm" are declared with the
-- statement that carries them, and declarations follow what DDL changes.

CREATE FUNCTION orm._ddl_command_start() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'orm_ddl_command_start';
COMMENT ON FUNCTION orm._ddl_command_start() IS 'takes the options in the namespace "orm" out of a statement';

CREATE FUNCTION orm._ddl_command_end() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'orm_ddl_command_end';
COMMENT ON FUNCTION orm._ddl_command_end() IS 'declares what a statement''s options say; lets declarations follow a renamed column';

CREATE FUNCTION orm._sql_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'orm_sql_drop';
COMMENT ON FUNCTION orm._sql_drop() IS 'lets declarations follow dropped relations and columns';

CREATE EVENT TRIGGER orm_ddl_command_start ON ddl_command_start
	WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE VIEW', 'CREATE MATERIALIZED VIEW', 'CREATE SCHEMA',
				 'CREATE INDEX', 'ALTER TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE',
				 'ALTER INDEX')
	EXECUTE FUNCTION orm._ddl_command_start();
CREATE EVENT TRIGGER orm_ddl_command_end ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE VIEW', 'CREATE MATERIALIZED VIEW', 'CREATE SCHEMA',
				 'ALTER TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE', 'ALTER TYPE')
	EXECUTE FUNCTION orm._ddl_command_end();
CREATE EVENT TRIGGER orm_sql_drop ON sql_drop
	EXECUTE FUNCTION orm._sql_drop();
