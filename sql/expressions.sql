-- Expressions of computed properties: kept so that they mean the same under any
-- search_path, and so that what is kept is kept again as it is.
SET client_min_messages = warning;
CREATE SCHEMA expr;
CREATE SCHEMA evil;
SET search_path = expr, public;
CREATE TABLE a (id int PRIMARY KEY, name text, b varchar(20), arr int[], j jsonb, r int4range);
CREATE FUNCTION evil."left"(text, int) RETURNS text LANGUAGE sql AS $$ SELECT 'evil' $$;
CREATE FUNCTION evil.eq(text, varchar) RETURNS bool LANGUAGE sql AS $$ SELECT true $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = evil.eq);
SELECT orm.entity('A', 'a');

CREATE FUNCTION kept(given text, OUT kept text, OUT stable bool) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM orm.property('A', 'x', expression => given);
	SELECT expression INTO kept FROM orm.properties WHERE name = 'x';
	PERFORM pg_catalog.set_config('search_path', 'evil, public, pg_catalog', true),
		pg_catalog.set_config('DateStyle', 'German', true), pg_catalog.set_config('TimeZone', 'Asia/Tokyo', true),
		pg_catalog.set_config('IntervalStyle', 'sql_standard', true), pg_catalog.set_config('bytea_output', 'escape', true),
		pg_catalog.set_config('quote_all_identifiers', 'on', true);
	PERFORM orm.property('A', 'x', expression => kept);
	PERFORM pg_catalog.set_config('search_path', 'expr, public', true);
	SELECT p.expression = kept INTO stable FROM orm.properties p WHERE name = 'x';
END $$;
\pset format unaligned
\pset tuples_only on
SELECT e.given, k.* FROM unnest(ARRAY[
	'left(name,3)',
	'name = b',
	'name IS DISTINCT FROM b',
	'nullif(name,b)',
	'CASE name WHEN b THEN 1 ELSE 2 END',
	'id = ANY(arr)',
	'id IN (1,2,3)',
	'id IN (SELECT id FROM a)',
	'name LIKE ''a%''',
	'name SIMILAR TO ''a''',
	'id BETWEEN 1 AND 2',
	'extract(year from now())',
	'now() AT TIME ZONE ''utc''',
	'substring(name from 1 for 2)',
	'trim(both ''x'' from name)',
	'position(''a'' in name)',
	'coalesce(name,b)',
	'greatest(id,2)',
	'ARRAY[id,2]',
	'ARRAY(SELECT id FROM a)',
	'EXISTS (SELECT 1 FROM a x WHERE x.id = a.id)',
	'j->>''x''',
	'j @> ''{}''',
	'(j->''a'')[0]',
	'arr[1:2]',
	'interval ''1 day'' * id',
	'''2020-02-01''::date',
	'''2020-02-01 10:00''::timestamptz',
	'0.1::float8',
	'''\x01''::bytea',
	'''a''::regclass',
	'current_user',
	'current_timestamp',
	'row(id,name) < row(1,''b'')',
	'(WITH w AS (SELECT 1 AS one) SELECT one FROM w)',
	'(SELECT n.nspname FROM pg_namespace n LIMIT 1)',
	'r && int4range(1,2)',
	'name COLLATE "C"',
	'id::text::bigint',
	'-id',
	'NOT (id = 1)',
	'id IS NULL',
	'name IS NOT DISTINCT FROM ''x''',
	'(SELECT max(x.id) OVER () FROM a x LIMIT 1)',
	'string_to_array(name, '','')',
	'name::varchar(3)',
	'name ~* ''x''',
	'@ id',
	'(SELECT string_agg(x.name, '','' ORDER BY x.id DESC) FROM a x)',
	'(SELECT count(*) FILTER (WHERE x.id > 1) FROM a x JOIN a y USING (id))',
	'make_date(year => 2020, month => 1, day => 2)',
	'format(''%s'', VARIADIC ARRAY[name])',
	'overlay(name placing ''x'' from 1)',
	'id::oid::regclass',
	'jsonb_build_object(''a'', id)',
	'tableoid::regclass',
	'name || b || id',
	'(a).name',
	'upper((SELECT name FROM a LIMIT 1))',
	'self.id + a.id'
]) AS e (given), LATERAL kept(e.given) k;
\pset format aligned
\pset tuples_only off

-- and it is the same when it is read
INSERT INTO a VALUES (1, 'Ada', 'Adb');
SELECT orm.property('A', 'x', expression => 'left(name, 1)'), orm.property('A', 'same', expression => 'name = b'),
	orm.property('A', 'below', expression => '(SELECT count(*) FROM a x WHERE x.id <= a.id)');
SET search_path = evil, public, pg_catalog;
SELECT orm.fetch('A', '{"select": ["id", "x", "same", "below"]}');
SELECT orm.fetch('A', '{"select": ["id"], "where": {"below": 1, "x": "A"}}');

SET search_path = public;
SELECT orm.drop_entity('A');
DROP SCHEMA expr, evil CASCADE;
