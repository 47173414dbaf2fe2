-- Which statements ran, and how.

CREATE FUNCTION orm.explain(entity text, VARIADIC clauses jsonb[] DEFAULT '{}',
	OUT path text, OUT strategy text, OUT statement text, OUT plan_rows double precision,
	OUT actual_rows bigint, OUT loops bigint, OUT ms double precision, OUT plan json) RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 ROWS 5 AS 'MODULE_PATHNAME', 'orm_explain';
COMMENT ON FUNCTION orm.explain(text, jsonb[]) IS 'runs what fetch would run, and shows each statement with its plan';

CREATE FUNCTION orm._stats(OUT statement text, OUT calls bigint, OUT rows bigint, OUT ms double precision,
	OUT replans bigint, OUT one_key_calls bigint) RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100 ROWS 100 AS 'MODULE_PATHNAME', 'orm_stats';
COMMENT ON FUNCTION orm._stats() IS 'the plans that this session keeps: the view orm.stats';

CREATE VIEW orm.stats AS SELECT s.statement, s.calls, s.rows, s.ms, s.replans, s.one_key_calls FROM orm._stats() AS s;
COMMENT ON VIEW orm.stats IS 'statements of this session with a kept plan, the last used first';
GRANT SELECT ON orm.stats TO PUBLIC;
