-- The writer holds to one rule: what it prints is what to_json prints. Each
-- check here counts values and those that differ, and shows one that does.

\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS orm;
CREATE SCHEMA writer;
SET search_path = writer, public;
SELECT setseed(0.25) IS NOT NULL AS seeded;

-- the values of the query's only column, printed both ways
CREATE FUNCTION diff(query text, OUT compared bigint, OUT differ bigint, OUT example text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format($q$
		SELECT count(*), count(*) FILTER (WHERE a IS DISTINCT FROM b),
			min(left(a, 200) || ' instead of ' || left(b, 200)) FILTER (WHERE a IS DISTINCT FROM b)
		FROM (SELECT orm._to_json(v)::text AS a, to_json(v)::text AS b FROM (%s) AS q(v)) AS p
	$q$, query) INTO compared, differ, example;
END $$;

-- the same under every combination of settings that could matter
CREATE FUNCTION diff_settings(query text, OUT compared bigint, OUT differ bigint, OUT example text)
LANGUAGE plpgsql AS $$
DECLARE
	d record;
BEGIN
	compared := 0;
	differ := 0;
	FOR i IN 0 .. 35 LOOP
		PERFORM set_config('DateStyle', (ARRAY['ISO, MDY', 'German', 'SQL, DMY'])[1 + i % 3], true),
			set_config('TimeZone', (ARRAY['UTC', 'America/St_Johns', 'Asia/Kathmandu'])[1 + i / 3 % 3], true),
			set_config('IntervalStyle', (ARRAY['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'])[1 + i / 9], true),
			set_config('extra_float_digits', (ARRAY['-15', '0', '1', '3'])[1 + i % 4], true),
			set_config('bytea_output', (ARRAY['hex', 'escape'])[1 + i % 2], true);
		SELECT * INTO d FROM diff(query);
		compared := compared + d.compared;
		differ := differ + d.differ;
		example := coalesce(example, d.example);
	END LOOP;
END $$;

--
-- Every base, range and multirange type
--
CREATE TABLE samples (type regtype, literals text[]);
INSERT INTO samples VALUES
	('bool', '{t,f}'),
	('"char"', '{a,"",\\001,\\200,\\377,"\"","\\\\",/}'),
	('name', '{"",abc,"with \"quotes\"",sixty_three_bytes_of_a_name_that_is_as_long_as_a_name_may_be_here,"äöü"}'),
	('int2', '{0,1,-1,9,10,99,100,-32768,32767}'),
	('int4', '{0,1,-1,10,99999,100000,-2147483648,2147483647}'),
	('int8', '{0,1,-1,10,4294967296,99999999999,-9223372036854775808,9223372036854775807}'),
	('float4', '{0,-0,1,-1,0.1,1e10,1e-10,3.4028235e38,1.17549e-38,1e-45,NaN,Infinity,-Infinity,123456.789,1e5,1e6,1e7,16777216}'),
	('float8', '{0,-0,1,-1,0.1,0.3333333333333333,1e15,1e16,1e17,1e-4,1e-5,1e100,1e-100,1.7976931348623157e308,2.2250738585072014e-308,5e-324,-9.9999999999999999e-299,NaN,Infinity,-Infinity,123456789.123456789}'),
	('numeric', '{0,-0,0.0,0.000,1,-1,10,100,1000,9999,10000,10001,99990000,0.1,-0.1,0.01,0.001,0.0001,0.00001,0.00000000000000001,1.5,1.50,1.23456,12345.6789,-12345678.90120000,1e30,1e-30,123456789012345678901234567890.123456789,NaN,Infinity,-Infinity,1e1000,1e-1000,100000000.00000001}'),
	('text', '{"",a,"a b","\"","\\\\",/,"ä€😀"}'),
	('varchar', '{"",a,"x\"y"}'),
	('bpchar', '{"",a,"a  ","x\"y   "}'),
	('bytea', '{"",\\x00,\\x5c,\\x22,\\x0a,\\xdeadbeef,\\x7f80ff,abc}'),
	('uuid', '{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff,01234567-89ab-cdef-0123-456789abcdef}'),
	('date', '{2000-01-01,1999-12-31,2024-02-29,1970-01-01,0001-01-01,"0001-12-31 BC","0001-01-01 BC","4713-01-01 BC","4714-11-24 BC",9999-12-31,10000-01-01,294276-12-31,5874897-12-31,infinity,-infinity}'),
	('timestamp', '{"2000-01-01","1999-12-31 23:59:59.999999","2024-02-29 12:34:56.1","2024-02-29 12:34:56.12","2024-02-29 12:34:56.120030","1969-12-31 23:59:59.000001","0001-01-01","0001-01-02","0001-01-03 00:00:00.5","0001-12-31 23:59:59.999999 BC","4714-11-24 BC","9999-12-30","9999-12-30 23:59:59.999999","9999-12-31","10000-01-01","294276-12-31 23:59:59.999999",infinity,-infinity}'),
	('timestamptz', '{"2000-01-01+0","1999-12-31 23:59:59.999999+0","2024-03-31 01:00+0","2024-07-01 12:34:56.1+0","2024-11-03 05:29:59.999999+0","2024-11-03 05:30:00+0","1800-01-01+0","1919-12-31+0","1985-12-31 18:29:59+0","1985-12-31 18:30+0","0001-01-01+0","0001-01-02+0","0001-01-02 00:00:00.000001+0","0001-12-31 23:59:59.999999+0 BC","4714-11-24+0 BC","9999-12-30+0","9999-12-31+0","10000-01-01+0","294276-12-31 23:59:59+0",infinity,-infinity}'),
	('time', '{00:00,23:59:59.999999,24:00,12:34:56.1}'),
	('timetz', '{00:00+0,23:59:59.999999-15:59:59,24:00+15:59,12:34:56.1+05:45}'),
	('interval', '{0,1 day,-1 day,1 year 2 months 3 days 04:05:06.789,-1 year 2 days -3 hours,0.000001 seconds,178000000 years,-178000000 years,"1 mon -1 day +00:00:01"}'),
	('money', '{0,1.23,-1.23,92233720368547758.07,-92233720368547758.08,1234567.89}'),
	('bit', '{1,0}'),
	('varbit', '{"",1,01010101010}'),
	('json', '{"{}","[]","null","\"a\"","1"," [ 1 ] ","{\"a\":1,\"a\":2}","\"\\u00e4\\n\""}'),
	('jsonb', '{"{}","[]","null","\"a\"","\"\"","1","-1.50","1e20","true","false","{\"a\": [1, 2, {\"b\": null, \"\": [[], {}, [[]]]}]}","\"\\u00e4\\n\\\"\\\\\\u0001\"","[true,false,null,\"x\",0.10]","{\"key\\n\": \"v\\t\", \"k2\": {\"deep\": {\"deeper\": [0]}}}"}'),
	('jsonpath', '{"$","$.a[*] ? (@ > 1)","$.\"x y\""}'),
	('inet', '{127.0.0.1,10.0.0.0/8,::1,fe80::/10,0.0.0.0/0}'),
	('cidr', '{127.0.0.1,10.0.0.0/8,::/0}'),
	('macaddr', '{08:00:2b:01:02:03}'),
	('macaddr8', '{08:00:2b:01:02:03:04:05}'),
	('point', '{"(0,0)","(1.5,-1e300)","(NaN,Infinity)","(0.1,0.3333333333333333)"}'),
	('lseg', '{"[(0,0),(1,1)]"}'),
	('path', '{"((0,0),(1,1),(2,0))","[(0,0),(1,1)]"}'),
	('box', '{"(1,1),(0,0)"}'),
	('polygon', '{"((0,0),(1,1),(2,0))"}'),
	('line', '{"{1,2,3}"}'),
	('circle', '{"<(0,0),1>"}'),
	('oid', '{0,1,4294967295}'),
	('tid', '{"(0,1)","(4294967295,65535)"}'),
	('xid', '{0,4294967295}'),
	('xid8', '{0,18446744073709551615}'),
	('cid', '{0,4294967295}'),
	('int2vector', '{"","1","1 2 -3"}'),
	('oidvector', '{"","1","1 2 3"}'),
	('regproc', '{-,now,pg_catalog.now}'),
	('regprocedure', '{"pg_catalog.length(text)"}'),
	('regoper', '{"pg_catalog.||/"}'),
	('regoperator', '{"pg_catalog.+(integer,integer)"}'),
	('regclass', '{pg_class,-,4294967295}'),
	('regtype', '{int4,-,int4[]}'),
	('regrole', '{-}'),
	('regnamespace', '{pg_catalog}'),
	('regconfig', '{simple}'),
	('regdictionary', '{simple}'),
	('regcollation', '{"\"C\""}'),
	('aclitem', '{=r/pg_database_owner}'),
	('refcursor', '{"",c,"a\"b"}'),
	('pg_lsn', '{0/0,FFFFFFFF/FFFFFFFF}'),
	('tsvector', '{"","a:1 b:2A","''it''''s'':3"}'),
	('tsquery', '{"","a & !b","a <-> b:*"}'),
	('txid_snapshot', '{10:20:10,10:20:10\,14}'),
	('pg_snapshot', '{10:20:10}'),
	('int4range', '{empty,"[1,5)","(,)","[,3)"}'),
	('int8range', '{empty,"[1,5)","(,)"}'),
	('numrange', '{empty,"[1.50,5)","(,NaN]"}'),
	('daterange', '{empty,"[2024-01-01,2024-02-01)","(,infinity)"}'),
	('tsrange', '{empty,"[2024-01-01,2024-02-01 12:34:56.7)"}'),
	('tstzrange', '{empty,"[2024-01-01+0,2024-07-01 12:34:56.7+0)"}'),
	('int4multirange', '{"{}","{[1,5),[7,8)}"}'),
	('int8multirange', '{"{}","{[1,5)}"}'),
	('nummultirange', '{"{}","{[1.50,5)}"}'),
	('datemultirange', '{"{}","{[2024-01-01,2024-02-01)}"}'),
	('tsmultirange', '{"{}","{[2024-01-01,2024-02-01)}"}'),
	('tstzmultirange', '{"{}","{[2024-01-01+0,2024-02-01+0)}"}');

UPDATE samples SET literals = literals || E'\b\f\n\r\t\x1f'::text WHERE type = 'text'::regtype;
UPDATE samples SET literals = literals || E'{"a": [1, 2,\r\n\t3]\n}'::text WHERE type IN ('json'::regtype, 'jsonb'::regtype);

-- none is forgotten: of these, no value can be written down, nor that of xml on every server
SELECT t.typname FROM pg_type AS t
WHERE t.typtype IN ('b', 'r', 'm') AND t.typelem = 0 AND t.typnamespace = 'pg_catalog'::regnamespace
	AND NOT EXISTS (SELECT FROM samples WHERE type = t.oid)
ORDER BY t.typname COLLATE "C";

-- types of our own: enum, domains, range over a domain, composites in each other
CREATE TYPE mood AS ENUM ('sad', 'ok', 'very "happy"');
CREATE DOMAIN small AS int CHECK (VALUE < 1000);
CREATE DOMAIN smaller AS small CHECK (VALUE < 100);
CREATE DOMAIN label AS varchar(10);
CREATE DOMAIN doc AS jsonb;
CREATE DOMAIN moment AS timestamptz;
CREATE DOMAIN ints AS int[];
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TYPE pair AS (a int, b text);
CREATE TYPE rich AS (id smaller, "a ""name""" text, p pair, ps pair[], i ints, d doc, m mood, "when" moment, n numeric(10,2), c char(5));
CREATE DOMAIN known_pair AS pair CHECK ((VALUE).a > 0);
CREATE TYPE nothing AS ();
INSERT INTO samples VALUES
	('mood', '{sad,ok,"very \"happy\""}'),
	('small', '{1,999}'),
	('smaller', '{1,99}'),
	('label', '{"",abc,"x\"y"}'),
	('doc', '{"{\"a\": 1.0}"}'),
	('moment', '{"2024-07-01 12:34:56.1+0",infinity}'),
	('floatrange', '{empty,"[0.1,0.3333333333333333)"}'),
	('floatmultirange', '{"{}","{[0.1,0.3333333333333333)}"}'),
	('pair', '{"(1,abc)","(,)","(1,\"x\\\"y\")"}'),
	('rich', '{"(1,x,\"(2,y)\",\"{\"\"(1,a)\"\",NULL,\"\"(,)\"\"}\",\"{{1},{2}}\",\"{\"\"k\"\": 1}\",ok,2024-01-01 12:00+0,1.5,abc)","(,,,,,,,,,)"}'),
	('known_pair', '{"(1,abc)"}'),
	('nothing', '{"()"}');

-- each type alone, then as an array, an array of two dimensions, a domain over it, a field
CREATE FUNCTION diff_type(type regtype, literals text[], OUT compared bigint, OUT differ bigint, OUT example text)
LANGUAGE plpgsql AS $$
DECLARE
	d record;
	elements text := (SELECT string_agg(format('%L::%s', l, type), ', ') FROM unnest(literals) AS l);
	form text;
BEGIN
	compared := 0;
	differ := 0;
	EXECUTE format('CREATE DOMAIN over AS %s', type);
	EXECUTE format('CREATE TYPE field AS (before int, v %s, "vs""" %1$s[], after text)', type);
	FOREACH form IN ARRAY ARRAY[
		'SELECT unnest(ARRAY[%2$s, NULL])',
		'SELECT ARRAY[%2$s, NULL]',
		'SELECT ''{}''::%1$s[]',
		'SELECT ARRAY[ARRAY[%2$s], ARRAY[%2$s]]',
		'SELECT array_fill(NULL::%1$s, ARRAY[2, 2, 1])',
		'SELECT v::over FROM unnest(ARRAY[%2$s]) AS v',
		'SELECT ARRAY[v::over, NULL] FROM unnest(ARRAY[%2$s]) AS v',
		'SELECT row(1, v, ARRAY[v, NULL], ''x'')::field FROM unnest(ARRAY[%2$s, NULL]) AS v',
		'SELECT row(v, ARRAY[v, v]) FROM unnest(ARRAY[%2$s, NULL]) AS v'] LOOP
		SELECT * INTO d FROM diff_settings(format(form, type, elements));
		compared := compared + d.compared;
		differ := differ + d.differ;
		example := coalesce(example, d.example);
	END LOOP;
	DROP TYPE field;
	DROP DOMAIN over;
END $$;

SELECT s.type, d.* FROM samples AS s, diff_type(s.type, s.literals) AS d;

SELECT * FROM diff($$ SELECT v::ints FROM (VALUES ('{}'), ('{1,2,NULL}'), ('{{1,2},{3,4}}'), ('[0:1]={1,2}'), (NULL)) AS s(v) $$);
SELECT * FROM diff($$ SELECT '{"{1,2}","{}",NULL,"{{3},{4}}"}'::ints[] $$);

-- what only the server can make
SELECT t.typname, d.differ, d.example
FROM (VALUES
	('pg_node_tree', 'SELECT ev_action FROM pg_rewrite LIMIT 20'),
	('pg_mcv_list', 'SELECT stxdmcv FROM pg_statistic_ext_data LIMIT 20')) AS t(typname, query), diff(t.query) AS d;

--
-- Values at random
--
CREATE FUNCTION random_text(len int) RETURNS text LANGUAGE sql VOLATILE AS
	$$ SELECT coalesce(string_agg(chr((ARRAY[1 + (random() * 126)::int, 32 + (random() * 94)::int, 128 + (random() * 2000)::int, 128512])[1 + (random() * 3)::int]), ''), '') FROM generate_series(1, len) $$;

SELECT t.kind, d.* FROM (VALUES
	('int2', 'SELECT ((random() - 0.5) * 10 ^ (random() * 4.8))::int2 FROM generate_series(1, 500)'),
	('int4', 'SELECT ((random() - 0.5) * 10 ^ (random() * 9.6))::int4 FROM generate_series(1, 500)'),
	('int8', 'SELECT ((random() - 0.5) * 10 ^ (random() * 19))::int8 FROM generate_series(1, 500)'),
	('float4', 'SELECT ((random() - 0.5) * 10 ^ (random() * 70 - 35))::float4 FROM generate_series(1, 500)'),
	('float8', 'SELECT (random() - 0.5) * 10 ^ (random() * 600 - 300) FROM generate_series(1, 500)'),
	('numeric', 'SELECT round(((random() - 0.5)::numeric + random()::numeric * 1e-15) * 10::numeric ^ ((random() * 80)::int - 40), (random() * 60)::int) FROM generate_series(1, 2000)'),
	('numeric, long', 'SELECT repeat(((random() * 1e9)::int8)::text, (random() * 100)::int + 1)::numeric * 10::numeric ^ ((random() * 400)::int - 200) FROM generate_series(1, 100)'),
	('date', 'SELECT date ''4714-11-24 BC'' + (random() * 4000000)::int FROM generate_series(1, 2000)'),
	('timestamp', 'SELECT timestamp ''4714-11-25 BC'' + random() * interval ''15000 years'' FROM generate_series(1, 2000)'),
	('timestamptz', 'SELECT timestamptz ''4714-11-25 BC'' + random() * interval ''15000 years'' FROM generate_series(1, 2000)'),
	('timestamptz, our time', 'SELECT timestamptz ''1850-01-01'' + random() * interval ''250 years'' FROM generate_series(1, 2000)'),
	('timestamptz, in seconds', 'SELECT timestamptz ''1850-01-01'' + (random() * 8e9)::int8 * interval ''1 second'' FROM generate_series(1, 2000)'),
	('interval', 'SELECT (random() - 0.5) * interval ''300 years'' FROM generate_series(1, 200)'),
	('bytea', 'SELECT decode(repeat(md5(i::text), 1 + i % 5), ''hex'') FROM generate_series(1, 200) AS i'),
	('uuid', 'SELECT md5(i::text)::uuid FROM generate_series(1, 200) AS i'),
	('text', 'SELECT random_text(i) FROM generate_series(0, 200) AS i')) AS t(kind, query), diff_settings(t.query) AS d;

SELECT * FROM diff('SELECT date ''0001-01-01'' - 400 + i FROM generate_series(0, 800) AS i
	UNION ALL SELECT date ''1700-01-01'' + i FROM generate_series(0, 146096) AS i UNION ALL SELECT date ''9999-01-01'' + i FROM generate_series(0, 800) AS i');

-- every zone, through all its changes, forwards, backwards and at random
CREATE FUNCTION diff_zones(OUT differ bigint, OUT example text) LANGUAGE plpgsql AS $$
DECLARE
	zone text;
	d record;
BEGIN
	differ := 0;
	FOR zone IN SELECT name FROM pg_timezone_names WHERE name !~ '^(posix|right|Etc)'
		UNION ALL VALUES ('XYZ+3:15'), ('<+0545>-5:45'), ('EST5EDT,M3.2.0,M11.1.0') LOOP
		PERFORM set_config('TimeZone', zone, true);
		SELECT * INTO d FROM diff($q$
			SELECT t FROM (SELECT timestamptz '1840-01-01' + i * interval '40 days 07:11:13' AS t FROM generate_series(0, 2400) AS i) AS s
			UNION ALL (SELECT timestamptz '2030-01-01' - i * interval '100 days' FROM generate_series(0, 400) AS i)
			UNION ALL (SELECT timestamptz '0001-01-05' + random() * interval '9990 years' FROM generate_series(0, 300))
		$q$);
		differ := differ + d.differ;
		IF d.differ > 0 THEN
			example := coalesce(example, zone || ': ' || d.example);
		END IF;
	END LOOP;
END $$;
SELECT * FROM diff_zones();

-- around each change of one zone, second by second
CREATE FUNCTION diff_changes(zone text, OUT compared bigint, OUT differ bigint, OUT example text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	SELECT * INTO compared, differ, example FROM diff($q$
		WITH hours AS (
			SELECT timestamptz '1865-01-01 00:00+0' + i * interval '1 hour' AS t FROM generate_series(0, 2100000) AS i),
		changes AS (
			SELECT t FROM hours WHERE extract(timezone FROM t) <> extract(timezone FROM t - interval '1 hour'))
		SELECT t + s * interval '0.5 second' - m * interval '1 minute' FROM changes, generate_series(-4, 4) AS s, generate_series(0, 60) AS m
	$q$);
END $$;
SELECT differ, example FROM diff_changes('America/St_Johns');

--
-- Strings: an escapable byte at every place of every length, with vector
-- instructions, without, and as the server does it
--
CREATE TABLE strings AS
	SELECT left(s, p - 1) || c || substr(s, p + 1) AS t
	FROM generate_series(1, 70) AS len, generate_series(1, len) AS p,
		(SELECT chr(b) AS c FROM unnest(ARRAY[1, 8, 9, 10, 11, 12, 13, 27, 31, 32, 34, 47, 92, 127, 128, 255, 8364, 128512]) AS b) AS c,
		LATERAL (SELECT repeat('x', len) AS s) AS r
	UNION ALL SELECT repeat(c, len) FROM generate_series(0, 70) AS len, unnest(ARRAY['"', '\', E'\n', E'\x01', 'ä', '~', ' ']) AS c
	UNION ALL SELECT repeat(c || repeat('y', gap), len) FROM generate_series(1, 40) AS len, generate_series(0, 40) AS gap, unnest(ARRAY['"', E'\x1f']) AS c;
SELECT count(*) AS strings,
	count(*) FILTER (WHERE orm._escape(t, false) <> to_json(t)::text) AS vector,
	count(*) FILTER (WHERE orm._escape(t, true) <> to_json(t)::text) AS plain
FROM strings;
SELECT * FROM diff('SELECT t FROM strings');
SELECT * FROM diff('SELECT chr(b) FROM generate_series(1, 255) AS b');
SELECT * FROM diff('SELECT t::char(80) FROM strings WHERE length(t) % 10 = 0');
SELECT * FROM diff('SELECT array_agg(t) FROM strings');
-- growth in the middle of a string
SELECT * FROM diff('SELECT repeat(''x'', i) || repeat(E''\x01'', i) FROM generate_series(900, 1100) AS i');
SELECT * FROM diff('SELECT repeat(chr(i), 100000) FROM generate_series(1, 130) AS i');

--
-- Values as they lie in tables: short headers, compressed, out of line
--
CREATE TABLE stored (id int, t text, v varchar, n numeric, b bytea, j json, jb jsonb, a text[], p pair, r rich, i int[]);
ALTER TABLE stored ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL, ALTER jb SET STORAGE EXTERNAL;
INSERT INTO stored
	SELECT len, s, s, repeat('9', least(len, 1000) + 1)::numeric / 10, s::bytea, to_json(s), jsonb_build_object('k', s, 'n', len, 'l', jsonb_build_array(s, 1.5, NULL)),
		ARRAY[s, NULL, s], row(len, s)::pair, row(1, s, row(1, s), ARRAY[row(2, s)::pair], ARRAY[len], to_jsonb(s), 'ok', '2024-01-01', 1.5, 'c')::rich,
		array_fill(len, ARRAY[len + 1])
	FROM unnest(ARRAY[0, 1, 10, 100, 126, 127, 128, 1000, 3000, 10000, 100000]) AS len, LATERAL (SELECT repeat('ab"', len / 3) || repeat('x', len % 3) AS s) AS r;
SELECT c, d.* FROM unnest('{t,v,n,b,j,jb,a,p,r,i,stored}'::text[]) AS c, diff(format('SELECT %I FROM stored', c)) AS d;
SELECT * FROM diff('SELECT array_agg(stored) FROM stored');
SELECT * FROM diff('SELECT array_agg(r) FROM stored');

-- columns dropped, added with a default, and never there
CREATE TABLE altered (a int, gone text, b text);
INSERT INTO altered VALUES (1, 'x', 'y');
ALTER TABLE altered DROP gone, ADD c int DEFAULT 7, ADD d text;
SELECT orm._to_json(altered), * FROM diff('SELECT altered FROM altered') AS d, altered;

-- the old form of a row that reaches the writer as it was stored
CREATE FUNCTION print_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING '% %', orm._to_json(OLD), orm._to_json(OLD)::text = to_json(OLD)::text;
	RETURN NEW;
END $$;
CREATE TRIGGER print BEFORE UPDATE ON altered FOR EACH ROW EXECUTE FUNCTION print_row();
UPDATE altered SET a = 2;

--
-- jsonb in all its forms
--
SELECT * FROM diff('SELECT jsonb_object_agg(k || repeat(''x'', k % 7), k) FROM generate_series(1, 500) AS k');
SELECT * FROM diff('SELECT jsonb_agg(CASE k % 5 WHEN 0 THEN ''null'' WHEN 1 THEN to_jsonb(k) WHEN 2 THEN to_jsonb(repeat(''s'', k % 9)) WHEN 3 THEN ''true'' ELSE ''[{}]'' END) FROM generate_series(1, 500) AS k');
SELECT * FROM diff('SELECT jsonb_build_object(repeat(''"'', i), jsonb_build_array(random_text(i), random_text(i + 1), i::numeric / 7)) FROM generate_series(0, 80) AS i');
SELECT * FROM diff('SELECT (repeat(''['', 500) || repeat('']'', 500))::jsonb');
SELECT * FROM diff('SELECT to_jsonb(random_text(i)) FROM generate_series(0, 80) AS i');
SELECT differ, example FROM diff('SELECT to_jsonb(t) FROM pg_type AS t');

--
-- The server's own tables and views: every kind of column there is, anyarray among them
--
ANALYZE samples, stored, strings;
CREATE FUNCTION diff_catalogs(OUT relations bigint, OUT differ bigint, OUT example text) LANGUAGE plpgsql AS $$
DECLARE
	relation regclass;
	d record;
BEGIN
	relations := 0;
	differ := 0;
	FOREACH relation IN ARRAY ARRAY['pg_class', 'pg_type', 'pg_attribute', 'pg_operator', 'pg_amop', 'pg_opclass', 'pg_index',
		'pg_stats', 'pg_statistic', 'pg_settings', 'pg_rewrite', 'pg_constraint', 'pg_collation', 'pg_cast', 'pg_language',
		'pg_aggregate', 'pg_range', 'pg_ts_config', 'pg_roles', 'pg_init_privs', 'pg_conversion']::regclass[] LOOP
		SELECT * INTO d FROM diff(format('SELECT t FROM (SELECT * FROM %s LIMIT 500) AS t', relation));
		relations := relations + 1;
		differ := differ + d.differ;
		example := coalesce(example, d.example);
	END LOOP;
END $$;
SELECT * FROM diff_catalogs();

--
-- Records, of more shapes than one
--
SELECT * FROM diff($$
	SELECT r FROM generate_series(1, 3), LATERAL (
		SELECT row(1) UNION ALL SELECT row(1, 'a'::text) UNION ALL SELECT row(1, 2, 3) UNION ALL SELECT row(1, 2, 3, now())
		UNION ALL SELECT row('a'::text) UNION ALL SELECT row('a'::text, row(1, 'b'::text)) UNION ALL SELECT row(1.5, ARRAY[row(1, 2)])
		UNION ALL SELECT row(NULL::int) UNION ALL SELECT row(true, NULL::text) UNION ALL SELECT row('2024-01-01'::date, 1, 2)
		UNION ALL SELECT row(1, 2, 3, 4, 5) UNION ALL SELECT row(1, 2, 3, 4, 5, 6) UNION ALL SELECT row()) AS s(r)$$);
SELECT * FROM diff('SELECT ARRAY[row(1, ''a''::text), row(2, NULL), NULL]');
SELECT * FROM diff('SELECT q FROM (SELECT 1 AS a, stored, ARRAY[p, p] AS "p""s" FROM stored) AS q');

-- a type altered between two of its values
CREATE TYPE changing AS (a int);
CREATE FUNCTION changed(i int) RETURNS record LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	IF i > 1 THEN
		EXECUTE format('ALTER TYPE changing ADD ATTRIBUTE b%s text', i);
	END IF;
	EXECUTE format('SELECT row(%s)::changing', i || repeat(', ''x''', i - 1)) INTO r;
	EXECUTE 'SELECT row($1, $2)' INTO r USING r, i;
	RETURN r;
END $$;
SELECT orm._to_json(changed(i)) FROM generate_series(1, 10) AS i;

-- a cast to json is what prints a type that is not built in, from when it is there
CREATE FUNCTION mood_json(mood) RETURNS json LANGUAGE sql AS $$ SELECT json_build_object('mood', $1::text) $$;
CREATE FUNCTION with_cast(i int) RETURNS mood LANGUAGE plpgsql AS $$
BEGIN
	IF i = 2 THEN
		CREATE CAST (mood AS json) WITH FUNCTION mood_json(mood);
	ELSIF i = 4 THEN
		DROP CAST (mood AS json);
	END IF;
	RETURN 'very "happy"';
END $$;
SELECT orm._to_json(with_cast(i)) FROM generate_series(1, 4) AS i;
CREATE CAST (mood AS json) WITH FUNCTION mood_json(mood);
CREATE DOMAIN good_mood AS mood;
SELECT * FROM diff('SELECT m FROM unnest(enum_range(NULL::mood)) AS m');
SELECT * FROM diff('SELECT m::good_mood FROM unnest(enum_range(NULL::mood)) AS m');
SELECT * FROM diff('SELECT enum_range(NULL::mood)');
SELECT * FROM diff('SELECT row(1, m) FROM unnest(enum_range(NULL::mood)) AS m');
-- no function, no cast
CREATE TYPE plain AS ENUM ('[1]');
CREATE CAST (plain AS json) WITH INOUT;
SELECT orm._to_json('[1]'::plain), to_json('[1]'::plain);

-- many values in one: memory is given back on the way
SELECT length(orm._to_json(array_agg(make_interval(secs => i)))::text) > 0 AS intervals FROM generate_series(1, 200000) AS i;

SET client_min_messages = error;
DROP SCHEMA writer CASCADE;
