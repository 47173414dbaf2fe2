-- The JSON writer by itself, for the tests to hold against the server's own.

CREATE FUNCTION orm._to_json(anyelement) RETURNS json
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_sql_to_json';
COMMENT ON FUNCTION orm._to_json(anyelement) IS 'a value as the extension prints it; the tests hold it against to_json';

CREATE FUNCTION orm._escape(text, plain boolean) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_sql_escape';
COMMENT ON FUNCTION orm._escape(text, boolean) IS 'text as a JSON string, with or without vector instructions; the tests hold one against the other';

CREATE FUNCTION orm._from_json(document jsonb, model anyelement) RETURNS anyelement
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_sql_from_json';
COMMENT ON FUNCTION orm._from_json(jsonb, anyelement) IS 'a JSON value as the extension reads it, of the type of the second argument; for the tests';
