-- Taking rows away, and writing all rows that satisfy a condition.

CREATE FUNCTION orm.delete(entity text, key anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_delete';
COMMENT ON FUNCTION orm.delete(text, anycompatible, jsonb[]) IS 'deletes or trashes one entity by its key; gives it as it was';

CREATE FUNCTION orm.restore(entity text, key anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_restore';
COMMENT ON FUNCTION orm.restore(text, anycompatible, jsonb[]) IS 'brings back one entity that was trashed, by its key';

CREATE FUNCTION orm.delete_all(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_delete_all';
COMMENT ON FUNCTION orm.delete_all(text, jsonb[]) IS 'deletes or trashes all entities that satisfy a condition; gives their number';

CREATE FUNCTION orm.update_all(entity text, data anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_update_all';
COMMENT ON FUNCTION orm.update_all(text, anycompatible, jsonb[]) IS 'changes all entities that satisfy a condition; gives the number of those changed';
