-- A few rows per parent in the order of an index: the same rows as by sorting all of them, however many are alike.
SET client_min_messages = warning;
CREATE SCHEMA latest;
SET search_path = latest, public;
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE children (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES parents, at timestamptz, day int, flag boolean NOT NULL, word text NOT NULL);
CREATE TABLE toys (id int PRIMARY KEY, child_id int NOT NULL REFERENCES children);
-- hardly any alike, some alike, most alike; up to 120 of a parent, some without any
INSERT INTO parents SELECT generate_series(1, 60);
INSERT INTO children SELECT n, 1 + (n * n) % 59 % 40, CASE WHEN n % 13 > 0 THEN timestamptz '2026-01-01' + ((n * 7919) % 1009) * interval '1 hour' END,
	nullif(n * 31 % 17, 16), n * 7 % 10 = 0, 'w' || n % 5 FROM generate_series(1, 1500) n;
INSERT INTO children SELECT n, 60, NULL, 1, true, '' FROM generate_series(1501, 1620) n;
INSERT INTO toys SELECT n, 1 + n * 5 % 1620 FROM generate_series(1, 1000) n;
CREATE INDEX ON toys (child_id);
CREATE INDEX ON children (parent_id, at);
CREATE INDEX ON children (parent_id, day DESC NULLS LAST, at);
CREATE INDEX ON children (parent_id, flag, day);
CREATE INDEX ON children (parent_id, word);
ANALYZE;
SELECT count(*) FROM orm.reflect('latest');
SELECT orm.has_one('parents', 'last_child', 'children', order_by => '{-at}') IS NULL;
SET enable_seqscan = off;
SET enable_sort = off;
SET jit = off;

-- what is loaded, and what one statement by hand gives
CREATE FUNCTION different(clauses jsonb, orders text, most int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	loaded jsonb;
	by_hand jsonb;
BEGIN
	SELECT jsonb_agg(e) INTO loaded FROM orm.fetch('parents', jsonb_build_object('order', '["id"]'::jsonb, 'load', jsonb_build_object('children', clauses))) e;
	EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''id'', p.id, ''children'', coalesce(c.all, ''[]'')) ORDER BY p.id) FROM parents p, LATERAL (
		SELECT jsonb_agg(jsonb_build_object(''id'', c.id) %s ORDER BY n) AS all FROM (SELECT c.*, row_number() OVER (ORDER BY %s, id) AS n FROM children c WHERE parent_id = p.id ORDER BY n LIMIT %s) c) c',
		CASE WHEN clauses ? 'load' THEN '|| jsonb_build_object(''toys'', (SELECT coalesce(jsonb_agg(jsonb_build_object(''id'', t.id, ''child_id'', t.child_id) ORDER BY t.id), ''[]'') FROM toys t WHERE child_id = c.id))' ELSE '' END,
		orders, most) INTO by_hand;
	IF loaded IS DISTINCT FROM by_hand THEN
		RETURN format('%s: %s instead of %s', clauses, loaded, by_hand);
	END IF;
	RETURN NULL;
END $$;
CREATE TABLE orders (document jsonb, sql text, by_index boolean);
INSERT INTO orders VALUES ('["at"]', 'at', true), ('["-at"]', 'at DESC', true), ('["day"]', 'day', false), ('["-day"]', 'day DESC', false),
	('[{"day": "desc nulls last"}]', 'day DESC NULLS LAST', true), ('[{"day": "asc nulls first"}]', 'day NULLS FIRST', true),
	('[{"day": "desc nulls last"}, "at"]', 'day DESC NULLS LAST, at', true), ('[{"day": "asc nulls first"}, "-at"]', 'day NULLS FIRST, at DESC', true),
	('[{"day": "desc nulls last"}, "-at"]', 'day DESC NULLS LAST, at DESC', false), ('["flag"]', 'flag', true), ('["-flag", "-day"]', 'flag DESC, day DESC', true),
	('["-flag", "day"]', 'flag DESC, day', false), ('["word"]', 'word COLLATE "C"', false), ('["at", "-id"]', 'at, id DESC', false), ('["day", "flag"]', 'day, flag', false);
-- which go by an index
SELECT document, statement LIKE '% WITH TIES%' = by_index AS as_meant FROM orders, LATERAL (SELECT * FROM orm.sql('parents',
	jsonb_build_object('load', jsonb_build_object('children', jsonb_build_object('order', document, 'limit', 3)))) AS statement OFFSET 1) s;
-- not those that skip rows, nor those without a limit
SELECT count(*) FROM orm.sql('parents', '{"load": {"children": {"order": ["at"], "limit": 3, "offset": 1}}}') s WHERE s LIKE '% WITH TIES%';
SELECT count(*) FROM orm.sql('parents', '{"load": {"children": {"order": ["at"]}}}') s WHERE s LIKE '% WITH TIES%';
SELECT substring(s FROM 'ORDER BY.*') FROM orm.sql('parents', '{"load": ["last_child"]}') s OFFSET 1;

CREATE FUNCTION compared() RETURNS TABLE (compared bigint, first_difference text) LANGUAGE sql AS $$
SELECT count(*), min(different(jsonb_build_object('order', document, 'limit', most, 'select', '["id"]'::jsonb) || CASE WHEN deeper THEN '{"load": ["toys"]}'::jsonb ELSE '{}' END, sql, most))
FROM orders, unnest('{1,2,3,10,50,200}'::int[]) most, unnest('{false,true}'::boolean[]) deeper $$;
SELECT * FROM compared();
SET orm.window_size = 1;
SELECT * FROM compared();
SET orm.window_size = 7;
SELECT * FROM compared();
RESET orm.window_size;
-- nothing is sorted as long as few are alike
SELECT strategy, plan::text LIKE '%Sort%' AS sorted, loops FROM orm.explain('parents', '{"where": {"id": {"$lt": 60}}, "load": {"children": {"order": ["at"], "limit": 3}}}') OFFSET 1;
SELECT strategy, plan::text LIKE '%Sort%' AS sorted, loops FROM orm.explain('parents', '{"load": {"children": {"order": ["at"], "limit": 3}}}') OFFSET 1;
-- rows that are left out again don't count
SELECT sum(least(n, 3)) + 60 AS entities FROM (SELECT count(c.id) AS n FROM parents p LEFT JOIN children c ON parent_id = p.id GROUP BY p.id) c \gset
SET orm.max_rows = :entities;
SELECT count(*) FROM orm.fetch('parents', '{"load": {"children": {"order": ["flag"], "limit": 3}}}');
SELECT count(*) FROM orm.fetch('parents', '{"load": {"children": {"order": ["at"], "limit": 3}}}');
SELECT set_config('orm.max_rows', (:entities - 1)::text, false) IS NULL;
SELECT count(*) FROM orm.fetch('parents', '{"load": {"children": {"order": ["flag"], "limit": 3}}}');
SELECT count(*) FROM orm.fetch('parents', '{"load": {"children": {"order": ["at"], "limit": 3}}}');
RESET orm.max_rows;
-- one of many
SELECT count(*), count(*) FILTER (WHERE (e -> 'last_child' ->> 'id')::int IS DISTINCT FROM (SELECT id FROM children WHERE parent_id = (e ->> 'id')::int ORDER BY at DESC, id LIMIT 1)) AS wrong
FROM orm.fetch('parents', '{"load": ["last_child"]}') e;
DROP SCHEMA latest CASCADE;
