-- Relations for entities that were read before.

CREATE FUNCTION orm.load(entity text, entities anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_load';
COMMENT ON FUNCTION orm.load(text, anycompatible, jsonb[]) IS 'entities at hand with the relations they lack';
