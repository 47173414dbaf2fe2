-- What a JSON value becomes, for each type: what was printed comes back, and
-- what does not fit is refused.

\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS orm;
CREATE SCHEMA decoder;
SET search_path = decoder, public;

CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN required AS int NOT NULL;
CREATE DOMAIN ints AS int[] CHECK (array_length(VALUE, 1) < 4);
CREATE DOMAIN doc AS jsonb CHECK (jsonb_typeof(VALUE) <> 'array');
CREATE TYPE pair AS (a int, b varchar(3));
CREATE DOMAIN good_pair AS pair CHECK ((VALUE).a > 0);
CREATE TYPE rich AS (id positive, p pair, ps pair[], l ints, m mood, j json, jb jsonb, js jsonb[], n numeric(6,2), t timestamptz, by bytea);

-- prints a value, reads it, and compares the row images
CREATE FUNCTION back(v anyelement) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN record_image_eq(row(orm._from_json(to_jsonb(v), v)), row(v)) THEN 'same'
		ELSE format('%s became %s', v, orm._from_json(to_jsonb(v), v)) END;
EXCEPTION WHEN OTHERS THEN
	RETURN format('%s %s', SQLSTATE, SQLERRM);
END $$;

SELECT back(1::int2) AS int2, back(-1) AS int4, back(9223372036854775807) AS int8, back(0.1::float4) AS float4, back('NaN'::float8) AS float8,
	back(1.50) AS numeric, back('Infinity'::numeric) AS infinity, back(true) AS bool, back('x"y'::text) AS text, back('ab '::char(3)) AS bpchar, back('a'::name) AS name;
SELECT back('2024-01-01'::date) AS date, back('infinity'::date) AS infinity, back('2024-01-01 12:34:56.789'::timestamp) AS timestamp,
	back('2024-01-01 12:34:56.789+5'::timestamptz) AS timestamptz, back('12:34'::time) AS time, back('1 day 2 hours'::interval) AS interval;
SELECT back('\x00ff'::bytea) AS bytea, back(gen_random_uuid()) AS uuid, back('10.0.0.0/8'::inet) AS inet, back('[1,5)'::int4range) AS range,
	back('ok'::mood) AS enum, back(1::positive) AS domain, back('{[1,2)}'::int4multirange) AS multirange;
SELECT back('{"a": [1, null, "x"]}'::jsonb) AS object, back('"text"'::jsonb) AS string, back('1.50'::jsonb) AS number, back('true'::jsonb) AS boolean,
	back('[1]'::jsonb) AS array, back('{"a": 1}'::doc) AS domain, back('{"a": [1, 2]}'::json) AS json, back('"te\"xt"'::json) AS json_string;
SELECT back('{}'::int[]) AS empty, back('{1,NULL,3}'::int[]) AS one, back('{{1,2},{3,NULL}}'::int[]) AS two, back('{{{1}},{{2}}}'::text[]) AS three,
	back('{a,"b\"c",NULL}'::text[]) AS text, back('{1,2}'::ints) AS domain, back('{"{1}","{2,3}"}'::ints[]) AS of_domains,
	back('{"[1]","[2, 3]","null"}'::jsonb[]) AS of_jsonb, back('{abc,d}'::varchar(3)[]) AS varchar;
SELECT back('(1,abc)'::pair) AS pair, back('(,)'::pair) AS nulls, back('(1,a)'::good_pair) AS domain, back('{"(1,a)",NULL,"(,)"}'::pair[]) AS pairs,
	back(row(1, row(2, 'b'), ARRAY[row(3, 'c')::pair, NULL], '{1,2}', 'sad', '{"k": [1]}', '[1, 2]', '{"[1]",2}', 1.5, '2024-01-01 00:00+0', '\xff')::rich) AS rich;

-- text stands for any type, arrays too; numbers and booleans go by their text
SELECT orm._from_json('"{1,2}"', NULL::int[]), orm._from_json('"(1,a)"', NULL::pair), orm._from_json('"12"', NULL::int), orm._from_json('12', NULL::text),
	orm._from_json('true', NULL::text), orm._from_json('1', NULL::bool), orm._from_json('"1 2"', NULL::int2vector), orm._from_json('{"b": "x"}', NULL::pair),
	orm._from_json('1.005', (NULL::rich).n);
SELECT orm._from_json('[[],[]]', NULL::int[]), orm._from_json('null', NULL::int);

-- what does not fit
CREATE FUNCTION refused(document jsonb, model anyelement) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	RETURN 'taken as ' || orm._from_json(document, model)::text;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT refused('[1]', NULL::int) UNION ALL
SELECT refused('{}', NULL::text) UNION ALL
SELECT refused('{}', NULL::int[]) UNION ALL
SELECT refused('[]', NULL::pair) UNION ALL
SELECT refused('[1]', NULL::int2vector) UNION ALL
SELECT refused('"x"', NULL::int) UNION ALL
SELECT refused('true', NULL::int) UNION ALL
SELECT refused('1.5', NULL::int) UNION ALL
SELECT refused('[[1],[2,3]]', NULL::int[]) UNION ALL
SELECT refused('[[1],2]', NULL::int[]) UNION ALL
SELECT refused('[1,[2]]', NULL::int[]) UNION ALL
SELECT refused('[[],[1]]', NULL::int[]) UNION ALL
SELECT refused('[null,[1]]', NULL::int[]) UNION ALL
SELECT refused('[[[[[[[1]]]]]]]', NULL::int[]) UNION ALL
SELECT refused('[{"a": 1}]', NULL::int[]) UNION ALL
SELECT refused('0', NULL::positive) UNION ALL
SELECT refused('[1,0]', NULL::positive[]) UNION ALL
SELECT refused('[1,null]', ARRAY[1::required]) UNION ALL
SELECT refused('[1,2,3,4]', NULL::ints) UNION ALL
SELECT refused('[1]', NULL::doc) UNION ALL
SELECT refused('{"a": 0}', NULL::good_pair) UNION ALL
SELECT refused('{"a": 1, "b": "abcd"}', NULL::pair) UNION ALL
SELECT refused('{"A": 1}', NULL::pair) UNION ALL
SELECT refused('{"idd": 1}', NULL::rich) UNION ALL
SELECT refused('{"something": 1, "a": 2}', NULL::pair) UNION ALL
SELECT refused((repeat('[', 600) || repeat(']', 600))::jsonb, NULL::int[]);

SET client_min_messages = error;
DROP SCHEMA decoder CASCADE;
