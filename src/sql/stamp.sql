-- The row trigger of entities with a version or timestamps. Declaring makes the
-- triggers; only who owns a table can.

CREATE FUNCTION orm._stamp() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'orm_stamp';
COMMENT ON FUNCTION orm._stamp() IS 'keeps the version and timestamps of a row that is inserted or updated';
