-- The writer's rule for xml: what it prints is what to_json prints. Skipped by a
-- server built without libxml.
CREATE FUNCTION without_xml() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE $q$ SELECT xml '<a/>' $q$;
	RETURN false;
EXCEPTION WHEN feature_not_supported THEN
	RETURN true;
END $$;
SELECT without_xml() AS skip \gset
\if :skip
\quit
\endif
CREATE DOMAIN over AS xml;
CREATE TYPE field AS (before int, v xml, vs xml[], after text);
WITH samples(v) AS (VALUES (xml '<a/>'), ('<a b="c">d</a>'), (E'<a>\n\t"\\</a>'), (NULL)),
	forms(form, mine, servers) AS (
	SELECT 'alone', orm._to_json(v), to_json(v) FROM samples
	UNION ALL SELECT 'array', orm._to_json(ARRAY[v, NULL]), to_json(ARRAY[v, NULL]) FROM samples
	UNION ALL SELECT 'array of two dimensions', orm._to_json(ARRAY[ARRAY[v], ARRAY[v]]), to_json(ARRAY[ARRAY[v], ARRAY[v]]) FROM samples
	UNION ALL SELECT 'domain', orm._to_json(v::over), to_json(v::over) FROM samples
	UNION ALL SELECT 'field', orm._to_json(row(1, v, ARRAY[v], 'x')::field), to_json(row(1, v, ARRAY[v], 'x')::field) FROM samples
	UNION ALL SELECT 'record', orm._to_json(row(v, ARRAY[v])), to_json(row(v, ARRAY[v])) FROM samples)
SELECT form, count(*) AS compared, count(*) FILTER (WHERE mine::text IS DISTINCT FROM servers::text) AS differ FROM forms GROUP BY form ORDER BY form COLLATE "C";
