-- What does not hold in the model, or holds badly. Rows of the catalog that belong
-- to no entity are left behind where a relation was dropped past the event triggers.

CREATE FUNCTION orm._check(OUT entity text, OUT subject text, OUT severity text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 ROWS 20 AS 'MODULE_PATHNAME', 'orm_check';
COMMENT ON FUNCTION orm._check() IS 'part of orm.check';

CREATE FUNCTION orm.check(OUT entity text, OUT subject text, OUT severity text, OUT message text, OUT hint text) RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 20
BEGIN ATOMIC
	SELECT c.entity, c.subject, c.severity, c.message, c.hint FROM orm._check() AS c
	UNION ALL
	SELECT NULL::text, pg_catalog.format('%s %s', d.kind, d.name), 'error'::text, 'it belongs to no entity'::text,
		pg_catalog.format('DELETE FROM orm.%s WHERE relation = %s AND name = %L;', d.catalog, d.relation::oid::text, d.name)
	FROM (SELECT 'property'::text, 'properties'::text, p.relation, p.name FROM orm.properties AS p
		UNION ALL
		SELECT 'relation'::text, 'relations'::text, r.relation, r.name FROM orm.relations AS r
		UNION ALL
		SELECT 'scope'::text, 'scopes'::text, s.relation, s.name FROM orm.scopes AS s) AS d(kind, catalog, relation, name)
	WHERE d.relation OPERATOR(pg_catalog.<>) ALL (SELECT e.relation FROM orm.entities AS e);
END;
COMMENT ON FUNCTION orm.check() IS 'what does not hold in the model, or holds badly';
