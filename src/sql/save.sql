-- Saving graphs.

CREATE FUNCTION orm.save(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_save_graph';
COMMENT ON FUNCTION orm.save(text, anycompatible, jsonb[]) IS 'saves a graph: inserts and updates rows, and leaves alone what is absent';

CREATE FUNCTION orm.insert(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_insert_graph';
COMMENT ON FUNCTION orm.insert(text, anycompatible, jsonb[]) IS 'inserts a graph';

CREATE FUNCTION orm.update(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_update_graph';
COMMENT ON FUNCTION orm.update(text, anycompatible, jsonb[]) IS 'updates a graph whose roots are there';

CREATE FUNCTION orm.upsert(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_upsert_graph';
COMMENT ON FUNCTION orm.upsert(text, anycompatible, jsonb[]) IS 'inserts roots, or updates those that a unique set finds';

CREATE FUNCTION orm.replace(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_replace_graph';
COMMENT ON FUNCTION orm.replace(text, anycompatible, jsonb[]) IS 'saves a graph that states everything: what is absent takes its default';
