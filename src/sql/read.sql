-- Reading entities. Volatile: EXPLAIN must not run them, and they may lock.

CREATE FUNCTION orm.find(entity text, key anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'orm_find';
COMMENT ON FUNCTION orm.find(text, anycompatible, jsonb[]) IS 'one entity by its key, or NULL';

CREATE FUNCTION orm.fetch(entity text, VARIADIC clauses jsonb[] DEFAULT '{}', OUT entity json) RETURNS SETOF json
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 100 ROWS 1000 AS 'MODULE_PATHNAME', 'orm_fetch';
COMMENT ON FUNCTION orm.fetch(text, jsonb[]) IS 'entities, one per row, streamed in the select list';

CREATE FUNCTION orm.list(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'orm_list';
COMMENT ON FUNCTION orm.list(text, jsonb[]) IS 'entities as one JSON array';

CREATE FUNCTION orm.first(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'orm_first';
COMMENT ON FUNCTION orm.first(text, jsonb[]) IS 'the first entity, or NULL';

CREATE FUNCTION orm.count(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS bigint
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'orm_count';
COMMENT ON FUNCTION orm.count(text, jsonb[]) IS 'how many entities fetch would give with the same clauses';

CREATE FUNCTION orm.exists(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS boolean
LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'orm_exists';
COMMENT ON FUNCTION orm.exists(text, jsonb[]) IS 'whether fetch would give any entity with the same clauses';

CREATE FUNCTION orm.sql(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS SETOF text
LANGUAGE c STABLE PARALLEL RESTRICTED COST 100 ROWS 5 AS 'MODULE_PATHNAME', 'orm_sql';
COMMENT ON FUNCTION orm.sql(text, jsonb[]) IS 'the statements that fetch would run, the root''s first';
