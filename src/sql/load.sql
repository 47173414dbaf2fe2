-- Relations for entities that were read before.

CREATE FUNCTION orm.load(entity text, entities anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_load';
COMMENT ON FUNCTION orm.load(text, anycompatible, jsonb[]) IS 'entities at hand with the relations they lack';

CREATE FUNCTION orm.related(entity text, keys anycompatible, relation text, VARIADIC clauses jsonb[] DEFAULT '{}',
	OUT key json, OUT value json) RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'orm_related';
COMMENT ON FUNCTION orm.related(text, anycompatible, text, jsonb[]) IS 'what a relation has for each of a list of keys, loaded in one batch';

CREATE FUNCTION orm.attach(entity text, entities anycompatible, relation text, loaded anycompatible) RETURNS json
LANGUAGE c STABLE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_attach';
COMMENT ON FUNCTION orm.attach(text, anycompatible, text, anycompatible) IS 'entities at hand with what orm.related gave for a relation';

CREATE FUNCTION orm.lazy(entity text, key anycompatible, relation text) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_lazy';
COMMENT ON FUNCTION orm.lazy(text, anycompatible, text) IS 'a lazy relation of one entity, loaded for all that were read with it';
