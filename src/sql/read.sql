-- Reading entities. Volatile: EXPLAIN must not run them, and they may lock.
-- Parallel unsafe: views and computed properties may call functions that write.

CREATE FUNCTION orm.find(entity text, key anycompatible, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_find';
COMMENT ON FUNCTION orm.find(text, anycompatible, jsonb[]) IS 'one entity by its key, or NULL';

CREATE FUNCTION orm._fetch_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_fetch_support';
COMMENT ON FUNCTION orm._fetch_support(internal) IS 'tells the planner how many rows orm.fetch gives';

CREATE FUNCTION orm.fetch(entity text, VARIADIC clauses jsonb[] DEFAULT '{}', OUT entity json) RETURNS SETOF json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 ROWS 1000 SUPPORT orm._fetch_support AS 'MODULE_PATHNAME', 'orm_fetch';
COMMENT ON FUNCTION orm.fetch(text, jsonb[]) IS 'entities, one per row, streamed in the select list';

CREATE FUNCTION orm.list(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_list';
COMMENT ON FUNCTION orm.list(text, jsonb[]) IS 'entities as one JSON array';

CREATE FUNCTION orm.first(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_first';
COMMENT ON FUNCTION orm.first(text, jsonb[]) IS 'the first entity, or NULL';

CREATE FUNCTION orm.count(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_count';
COMMENT ON FUNCTION orm.count(text, jsonb[]) IS 'how many entities fetch would give with the same clauses';

CREATE FUNCTION orm.exists(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 AS 'MODULE_PATHNAME', 'orm_exists';
COMMENT ON FUNCTION orm.exists(text, jsonb[]) IS 'whether fetch would give any entity with the same clauses';

CREATE FUNCTION orm.sql(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS SETOF text
LANGUAGE c STABLE PARALLEL UNSAFE COST 100 ROWS 5 AS 'MODULE_PATHNAME', 'orm_sql';
COMMENT ON FUNCTION orm.sql(text, jsonb[]) IS 'the statements that fetch would run, the root''s first';

-- Entities of rows that the caller has.

CREATE FUNCTION orm.hydrate(entity_row anyelement, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c STABLE PARALLEL UNSAFE COST 10 AS 'MODULE_PATHNAME', 'orm_hydrate';
COMMENT ON FUNCTION orm.hydrate(anyelement, jsonb[]) IS 'the entity of a table row';

CREATE FUNCTION orm.hydrate_query(entity text, query text, VARIADIC clauses jsonb[] DEFAULT '{}', OUT entity json) RETURNS SETOF json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 ROWS 1000 AS 'MODULE_PATHNAME', 'orm_hydrate_query';
COMMENT ON FUNCTION orm.hydrate_query(text, text, jsonb[]) IS 'entities of the rows of a SELECT, which runs as the caller';

CREATE FUNCTION orm.hydrate_cursor(entity text, cursor refcursor, count bigint, VARIADIC clauses jsonb[] DEFAULT '{}', OUT entity json) RETURNS SETOF json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 ROWS 1000 AS 'MODULE_PATHNAME', 'orm_hydrate_cursor';
COMMENT ON FUNCTION orm.hydrate_cursor(text, refcursor, bigint, jsonb[]) IS 'entities of the next rows of an open cursor';

CREATE FUNCTION orm._collect_add(internal, anyelement) RETURNS internal
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_collect_add';
COMMENT ON FUNCTION orm._collect_add(internal, anyelement) IS 'part of orm.collect';

CREATE FUNCTION orm._collect_add(internal, anyelement, jsonb) RETURNS internal
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_collect_add';
COMMENT ON FUNCTION orm._collect_add(internal, anyelement, jsonb) IS 'part of orm.collect';

CREATE FUNCTION orm._collect_done(internal) RETURNS json
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_collect_done';
COMMENT ON FUNCTION orm._collect_done(internal) IS 'part of orm.collect';

CREATE AGGREGATE orm.collect(entity_row anyelement) (
	SFUNC = orm._collect_add, STYPE = internal, FINALFUNC = orm._collect_done, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = UNSAFE
);
COMMENT ON AGGREGATE orm.collect(anyelement) IS 'entities of table rows as one JSON array';

CREATE AGGREGATE orm.collect(entity_row anyelement, clause jsonb) (
	SFUNC = orm._collect_add, STYPE = internal, FINALFUNC = orm._collect_done, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = UNSAFE
);
COMMENT ON AGGREGATE orm.collect(anyelement, jsonb) IS 'entities of table rows as one JSON array, with what the clause says';
