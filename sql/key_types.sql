-- Keys across a foreign key: rows meet exactly when SQL's own "=" says so,
-- whatever the types on the two sides, loading and conditions alike.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE SCHEMA kt;
SET search_path = kt, public;
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE DOMAIN code AS text CHECK (VALUE <> '');
CREATE DOMAIN small AS smallint;
CREATE TYPE pair AS (a int, b text);

-- two tables whose keys are of these types, joined by a foreign key, with rows on both sides
CREATE FUNCTION declare_pair(parent_type text, child_type text, parents text[], children text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS child, parent;
	EXECUTE format('CREATE TABLE parent (id %s PRIMARY KEY)', parent_type);
	EXECUTE format('CREATE TABLE child (no int PRIMARY KEY, parent_id %s REFERENCES parent)', child_type);
	EXECUTE format('INSERT INTO parent SELECT v::%s', split_part(parent_type, ' COLLATE', 1)) || ' FROM unnest($1) v' USING parents;
	EXECUTE format('INSERT INTO child SELECT n, v::%s', split_part(child_type, ' COLLATE', 1)) || ' FROM unnest($1) WITH ORDINALITY u(v, n)' USING children;
	PERFORM orm.entity('parent', 'kt.parent'), orm.entity('child', 'kt.child');
END $$;

-- the same through both tables and back, and by an array of keys: each row once, counted and not
CREATE FUNCTION further() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	by_sql text;
	by_orm text;
	result text := '';
BEGIN
	PERFORM orm.has_many_through('child', 'siblings', 'parent.child'), orm.has_many_through('parent', 'itself', 'child.parent');
	SELECT string_agg(c.no || '>' || ARRAY(SELECT DISTINCT s.no FROM parent p JOIN child s ON p.id = s.parent_id WHERE p.id = c.parent_id ORDER BY 1)::text, ' ' ORDER BY c.no) INTO by_sql FROM child c;
	FOR by_orm IN SELECT string_agg((c->>'no') || '>' || ARRAY(SELECT (s->>'no')::int FROM json_array_elements(c->'siblings') s)::text, ' ' ORDER BY (c->>'no')::int)
		FROM (VALUES ('{"load": ["siblings"]}'::jsonb), ('{"load": {"siblings": {"limit": 99}}}'), ('{"load": {"siblings": {"strategy": "row_number"}}}')) v(doc), orm.fetch('child', doc) f(c) GROUP BY doc LOOP
		IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' siblings: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;
	END LOOP;
	SELECT string_agg(n::text, ' ' ORDER BY id) INTO by_sql
	FROM (SELECT q.id, (SELECT count(*) FROM parent p WHERE EXISTS (SELECT FROM child c WHERE q.id = c.parent_id AND p.id = c.parent_id)) AS n FROM parent q) q;
	SELECT string_agg(p->>'itself_count', ' ') INTO by_orm FROM orm.fetch('parent', '{"count": ["itself"], "order": ["id"]}') f(p);
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' counted: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;

	DROP TABLE IF EXISTS holder;
	EXECUTE 'CREATE TABLE holder AS SELECT 1 AS id, array_agg(parent_id ORDER BY no DESC) AS keys FROM child';
	ALTER TABLE holder ADD PRIMARY KEY (id);
	PERFORM orm.entity('holder', 'kt.holder'), orm.has_many_in('holder', 'parents', 'parent', 'keys');
	SELECT string_agg(to_json(p.id)::text, ' ' ORDER BY n) INTO by_sql
	FROM parent p JOIN LATERAL (SELECT min(n) AS n FROM holder, unnest(keys) WITH ORDINALITY AS u(e, n) WHERE p.id = u.e) u ON n IS NOT NULL;
	FOR by_orm IN SELECT string_agg((p->'id')::text, ' ')
		FROM (VALUES ('{"load": ["parents"]}'::jsonb), ('{"load": {"parents": {"limit": 99}}}'), ('{"load": {"parents": {"strategy": "row_number"}}}')) v(doc), orm.fetch('holder', doc) f(h), json_array_elements(h->'parents') p GROUP BY doc LOOP
		IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' in: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;
	END LOOP;
	RETURN CASE WHEN result = '' THEN ', and further' ELSE result END;
END $$;

-- what meets by orm and by SQL, up and down, over whole tables and by key
CREATE FUNCTION compare() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	by_sql text;
	by_orm text;
	result text := '';
	met int;
BEGIN
	SELECT string_agg((to_json(p.id) #>> '{}') || '>' || c.no, ' ' ORDER BY c.no), count(*) INTO by_sql, met
	FROM parent p JOIN child c ON p.id = c.parent_id;

	SELECT string_agg((p->>'id') || '>' || (c->>'no'), ' ' ORDER BY (c->>'no')::int) INTO by_orm
	FROM orm.fetch('parent', '{"load": ["child"]}') f(p), json_array_elements(p->'child') c;
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' has_many: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;

	SELECT string_agg((c->'parent'->>'id') || '>' || (c->>'no'), ' ' ORDER BY (c->>'no')::int) INTO by_orm
	FROM orm.fetch('child', '{"load": ["parent"]}') f(c) WHERE c->>'parent' IS NOT NULL;
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' belongs_to: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;

	-- one by one: the keys of a window of one row
	SELECT string_agg((orm.find('child', no, '{"load": ["parent"]}')->'parent'->>'id') || '>' || no, ' ' ORDER BY no) INTO by_orm
	FROM child WHERE parent_id IS NOT NULL;
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' find: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;

	-- so many for each parent, which is another statement
	SELECT string_agg((p->>'id') || '>' || (c->>'no'), ' ' ORDER BY (c->>'no')::int) INTO by_orm
	FROM orm.fetch('parent', '{"load": {"child": {"limit": 1000}}}') f(p), json_array_elements(p->'child') c;
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' limited: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;

	-- with an index over the foreign key, which is a third
	CREATE INDEX ON child (parent_id, no);
	SELECT string_agg((p->>'id') || '>' || (c->>'no'), ' ' ORDER BY (c->>'no')::int) INTO by_orm
	FROM orm.fetch('parent', '{"load": {"child": {"limit": 1000}}}') f(p), json_array_elements(p->'child') c;
	IF by_orm IS DISTINCT FROM by_sql THEN result := result || ' indexed: ' || coalesce(by_orm, 'none') || ' but ' || by_sql; END IF;
	RETURN CASE WHEN result = '' THEN met || ' meet' ELSE result END || further();
END $$;

CREATE TABLE cases (n int GENERATED ALWAYS AS IDENTITY, parent text, child text, parents text[], children text[]);
INSERT INTO cases (parent, child, parents, children) VALUES
	('int', 'int', '{1,2,3}', '{1,1,3,NULL}'),
	('int', 'bigint', '{1,2,-2147483648}', '{1,2,2,-2147483648,NULL}'),
	('bigint', 'int', '{1,2,9223372036854775807}', '{1,2,2,NULL}'),
	('smallint', 'bigint', '{1,-32768}', '{1,-32768,-32768}'),
	('bigint', 'smallint', '{1,-32768,32768}', '{1,-32768,-32768}'),
	('bigint', 'small', '{1,7}', '{1,7,7,NULL}'),
	('small', 'int', '{1,7}', '{1,7,7,NULL}'),
	('numeric(10,2)', 'numeric(6,3)', '{1,1.5,2.25}', '{1.000,1.500,2.250,1}'),
	('numeric', 'numeric', '{1,NaN,1.10}', '{1.0,1.00,NaN,1.1}'),
	('numeric', 'int', '{1.0,2.00,2.5}', '{1,2,2}'),
	('numeric(5,1)', 'bigint', '{1,2,2.5}', '{1,2,2}'),
	('float8', 'float4', '{0.5,0,NaN,Infinity}', '{0.5,-0,0,NaN,Infinity}'),
	('float8', 'int', '{1,2,2.5}', '{1,2,2}'),
	('char(5)', 'char(8)', '{a,ab,"a b"}', '{"a   ",ab,"a b",a}'),
	('char(5)', 'varchar', '{a,ab}', '{a,ab,ab}'),
	('text', 'char(5)', '{a,ab,"ab "}', '{a,ab,ab}'),
	('varchar(5)', 'text', '{a,A,""}', '{a,A,"",a}'),
	('text', 'varchar(9)', '{a,"a ",é}', '{a,"a ",é}'),
	('name', 'text', '{a,b}', '{a,b,b}'),
	('text', 'name', '{a,b}', '{a,b,b}'),
	('code', 'text', '{a,b}', '{a,b,b,NULL}'),
	('text', 'code', '{a,b}', '{a,b,b,NULL}'),
	('citext', 'citext', '{a,B}', '{A,a,b,B}'),
	('text', 'citext', '{a,B,A}', '{A,a,B}'),
	('varchar COLLATE "C"', 'text COLLATE "C"', '{a,A}', '{A,a}'),
	('uuid', 'uuid', '{00000000-0000-0000-0000-000000000001,ffffffff-ffff-ffff-ffff-ffffffffffff}', '{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF,00000000-0000-0000-0000-000000000001}'),
	('date', 'date', '{2020-02-29,infinity,0044-03-15 BC}', '{2020-02-29,infinity,0044-03-15 BC}'),
	('date', 'timestamp', '{2020-02-29,2020-03-01}', '{2020-02-29 00:00,2020-03-01}'),
	('timestamptz', 'timestamptz', '{2020-01-01 00:00+00}', '{2020-01-01 02:00+02,2020-01-01 00:00Z}'),
	('timetz', 'timetz', '{00:00+00}', '{00:00+00}'),
	('interval', 'interval', '{1 day,1 month}', '{24:00,1 day,30 days}'),
	('mood', 'mood', '{low,high}', '{high,low,high,NULL}'),
	('boolean', 'boolean', '{t,f}', '{f,t,t}'),
	('bytea', 'bytea', E'{"\\\\x00","\\\\xff"}', E'{"\\\\xFF","\\\\x00"}'),
	('jsonb', 'jsonb', '{1,"{\"a\": 1}"}', '{1.0,"{\"a\":1.00}"}'),
	('inet', 'cidr', '{10.0.0.0/8,::1}', '{10.0.0.0/8,::1/128}'),
	('int[]', 'int[]', '{"{1,2}","{}"}', '{"{1,2}","{}","{1,2}"}'),
	('int4range', 'int4range', '{"[1,3)"}', '{"[1,2]"}'),
	('pair', 'pair', '{"(1,a)","(,b)"}', '{"(1,a)","(,b)"}'),
	('oid', 'regclass', '{1259,1255}', '{pg_catalog.pg_class,pg_catalog.pg_proc}'),
	('"char"', '"char"', '{a,b}', '{b,a}'),
	('money', 'money', '{1,2}', '{1.00,2}'),
	('bit(3)', 'bit(3)', '{101,000}', '{000,101}'),
	('macaddr', 'macaddr', '{08:00:2b:01:02:03}', '{0800.2b01.0203}');

-- each in a session that has read the pair of before; arrays and rows link nothing
DO $$
DECLARE
	c cases;
	result text;
BEGIN
	SET LOCAL TimeZone = 'UTC';
	FOR c IN SELECT * FROM cases ORDER BY n
	LOOP
		BEGIN
			PERFORM declare_pair(c.parent, c.child, c.parents, c.children);
			result := compare();
		EXCEPTION WHEN OTHERS THEN
			result := 'ERROR ' || SQLSTATE || ' ' || SQLERRM;
		END;
		RAISE WARNING '% <- %: %', c.parent, c.child, result;
	END LOOP;
END $$;

-- a composite key of mixed types, in another order of columns
DROP TABLE IF EXISTS child, parent;
CREATE TABLE parent (a int, b char(4), c numeric(6,2), name text, PRIMARY KEY (c, a, b));
CREATE TABLE child (no int PRIMARY KEY, pb varchar(9), pa bigint, pc int, FOREIGN KEY (pa, pb, pc) REFERENCES parent (a, b, c));
INSERT INTO parent VALUES (1, 'x', 1.00, 'one'), (1, 'y', 1.00, 'two'), (2, 'x', 1, 'three');
INSERT INTO child VALUES (1, 'x', 1, 1), (2, 'y', 1, 1), (3, 'x', 2, 1), (4, 'x', NULL, 1), (5, 'y', 1, 1);
SELECT orm.entity('parent', 'kt.parent'), orm.entity('child', 'kt.child');
SELECT orm.fetch('child', '{"load": ["parent"], "order": ["no"]}');
SELECT orm.fetch('parent', '{"load": ["child"], "order": ["name"]}');
SELECT orm.find('parent', '{"b": "y", "a": "1", "c": 1}', '{"load": ["child"]}');

-- through a junction whose columns are of other types than the keys they lead to
CREATE TABLE item (id bigint PRIMARY KEY, word citext UNIQUE);
CREATE TABLE label (id char(3) PRIMARY KEY);
CREATE TABLE item_label (item_id smallint REFERENCES item, label_id varchar REFERENCES label, PRIMARY KEY (item_id, label_id));
INSERT INTO item VALUES (1, 'one'), (2, 'Two');
INSERT INTO label VALUES ('a'), ('abc');
INSERT INTO item_label VALUES (1, 'a'), (2, 'abc'), (2, 'a');
SELECT orm.entity('item', 'kt.item'), orm.entity('label', 'kt.label');
SELECT orm.fetch('item', '{"load": ["label"], "order": ["id"]}');
SELECT orm.fetch('label', '{"load": ["item"], "order": ["id"]}');
SELECT orm.hydrate_query('label', 'SELECT * FROM kt.label ORDER BY id', '{"load": ["item"]}');

-- declared without a foreign key, over columns that "=" can join
CREATE TABLE word (id int PRIMARY KEY, item_word text);
INSERT INTO word VALUES (1, 'one'), (2, 'Two'), (3, 'TWO'), (4, NULL);
SELECT orm.entity('word', 'kt.word');
SELECT orm.belongs_to('word', 'item', 'item', '{item_word}', '{word}');
SELECT orm.fetch('word', '{"load": ["item"], "order": ["id"]}');
SELECT w.id, i.id AS item FROM word w LEFT JOIN item i ON i.word = w.item_word ORDER BY w.id;
-- and over columns that it cannot
SELECT orm.belongs_to('word', 'bad', 'item', '{item_word}', '{id}');

DROP SCHEMA kt CASCADE;
