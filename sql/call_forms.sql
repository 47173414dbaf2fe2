-- Every reading function with arguments of every kind: each form resolves, and
-- none is ambiguous.
\set VERBOSITY default
SET client_min_messages = warning;
CREATE SCHEMA forms;
SET search_path = forms;
\pset format unaligned
\pset tuples_only on

CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, nick text UNIQUE, score numeric);
CREATE TABLE lines (order_id int, line int2, item text, PRIMARY KEY (order_id, line));
CREATE TABLE tokens (token uuid PRIMARY KEY, note text);
CREATE TABLE codes (code varchar(4) PRIMARY KEY);
CREATE TABLE amounts (amount numeric PRIMARY KEY);
CREATE TABLE docs (doc jsonb PRIMARY KEY, n int);
CREATE TABLE days (day date PRIMARY KEY);
CREATE TABLE flags (flag boolean PRIMARY KEY);
CREATE TABLE smalls (id int2 PRIMARY KEY);
CREATE VIEW keyless AS SELECT name FROM users;
INSERT INTO users VALUES (1, 'Ada', 'ada@example.test', 'ada', 1.5), (2, 'Bob', 'bob@example.test', NULL, NULL),
	(9223372036854775807, 'Max', '{"id": 1}', '5', 'NaN');
INSERT INTO lines VALUES (1, 1, 'one'), (1, 2, 'two');
INSERT INTO tokens VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'first');
INSERT INTO codes VALUES ('{"a"'), ('12'), ('null');
INSERT INTO amounts VALUES (1.50), ('NaN');
INSERT INTO docs VALUES ('{"a": 1}', 1), ('"x"', 2), ('5', 3);
INSERT INTO days VALUES ('2024-02-29');
INSERT INTO flags VALUES (true);
INSERT INTO smalls VALUES (7);
SELECT orm.entity('User', 'users'), orm.entity('Line', 'lines'), orm.entity('Token', 'tokens'), orm.entity('Code', 'codes'),
	orm.entity('Amount', 'amounts'), orm.entity('Doc', 'docs'), orm.entity('Day', 'days'), orm.entity('Flag', 'flags'),
	orm.entity('Small', 'smalls');

-- runs a statement and prints what it gives, or how it fails
CREATE FUNCTION try(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	RETURN QUERY EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT pg_catalog.concat_ws(' | ', state, message, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;

--
-- find: literals and typed values
--
SELECT orm.find('User', '1')->>'name', orm.find('User', 1)->>'name', orm.find('User', 1::int2)->>'name', orm.find('User', 1::bigint)->>'name';
SELECT orm.find('User', 1::numeric)->>'name', orm.find('User', '1'::varchar)->>'name', orm.find('User', '1'::text)->>'name', orm.find('User', '1'::char(3))->>'name';
SELECT orm.find('User', '1'::jsonb)->>'name', orm.find('User', '"1"'::jsonb)->>'name', orm.find('User', '1'::json)->>'name', orm.find('User', '1'::name)->>'name';
SELECT orm.find('User', 9223372036854775807)->>'name', orm.find('User', '9223372036854775807')->>'name',
	orm.find('User', '9223372036854775807'::jsonb)->>'name', orm.find('User', 9223372036854775807::numeric)->>'name';
SELECT orm.find('User', 3) IS NULL;
SELECT orm.find('Token', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')->>'note', orm.find('Token', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid)->>'note',
	orm.find('Token', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'::jsonb)->>'note';
SELECT orm.find('Code', 12), orm.find('Code', '{"a"'), orm.find('Code', 'null'), orm.find('Code', '12'::jsonb), orm.find('Code', '"null"'::jsonb), orm.find('Code', 'null'::jsonb);
SELECT orm.find('Amount', 1.5), orm.find('Amount', '1.50'), orm.find('Amount', 'NaN'), orm.find('Amount', 'NaN'::float8), orm.find('Amount', 1.5::float8), orm.find('Amount', '1.500'::jsonb);
SELECT orm.find('Day', '2024-02-29'), orm.find('Day', date '2024-02-29'), orm.find('Day', timestamp '2024-02-29 00:00');
SELECT orm.find('Flag', true), orm.find('Flag', 't'), orm.find('Flag', 'true'::jsonb), orm.find('Flag', 'false') IS NULL;
SELECT orm.find('Small', 7::bigint), orm.find('Small', 7), orm.find('Small', '7'), orm.find('Small', 7::numeric);
-- a key of jsonb: an object names properties, text is the value itself
SELECT orm.find('Doc', '{"a": 1}'), orm.find('Doc', '{"doc": {"a": 1}}'::jsonb), orm.find('Doc', '{"doc": "x"}'::jsonb), orm.find('Doc', '5'), orm.find('Doc', '5'::jsonb), orm.find('Doc', '"x"');
CREATE DOMAIN user_id AS bigint CHECK (VALUE > 0);
SELECT orm.find('User', 1::user_id)->>'name';

--
-- find: untyped and typed parameters
--
PREPARE find_any AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_any('1');
EXECUTE find_any(1);
EXECUTE find_any(NULL);
EXECUTE find_any('{"id": 1}');
EXECUTE find_any('{"email": "ada@example.test"}');
PREPARE find_both AS SELECT orm.find($1, $2)->>'name';
EXECUTE find_both('User', '2');
PREPARE find_clause AS SELECT orm.find($1, $2, $3);
EXECUTE find_clause('User', '1', '{"select": ["name"]}');
PREPARE find_clauses AS SELECT orm.find($1, $2, VARIADIC $3);
EXECUTE find_clauses('User', '1', ARRAY['{"select": ["name", "id"]}', '{"omit": ["id"]}']::jsonb[]);
PREPARE find_int2(int2) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_int2(1);
PREPARE find_int4(int4) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_int4(1);
PREPARE find_int8(bigint) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_int8(9223372036854775807);
PREPARE find_numeric(numeric) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_numeric(1);
EXECUTE find_numeric(1.0);
EXECUTE find_numeric(1.5);
PREPARE find_varchar(varchar) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_varchar('1');
PREPARE find_text(text) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_text('1');
PREPARE find_jsonb(jsonb) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_jsonb('1');
EXECUTE find_jsonb('null');
EXECUTE find_jsonb('{"id": 1}');
EXECUTE find_jsonb('{"email": "bob@example.test"}');
PREPARE find_json(json) AS SELECT orm.find('User', $1)->>'name';
EXECUTE find_json('1');
EXECUTE find_json('{"email": "bob@example.test"}');
PREPARE find_uuid(uuid) AS SELECT orm.find('Token', $1)->>'note';
EXECUTE find_uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
PREPARE find_entity_varchar(varchar, varchar) AS SELECT orm.find($1, $2)->>'name';
EXECUTE find_entity_varchar('User', '1');

--
-- find: composite keys
--
SELECT orm.find('Line', '{"order_id": 1, "line": 2}')->>'item', orm.find('Line', '{"line": 2, "order_id": 1}'::jsonb)->>'item',
	orm.find('Line', '{"order_id": "1", "line": 2}'::json)->>'item', orm.find('Line', '{"order_id": 1, "line": 2}'::varchar)->>'item';
PREPARE find_line AS SELECT orm.find('Line', $1)->>'item';
EXECUTE find_line('{"order_id": 1, "line": 1}');
EXECUTE find_line('{"order_id": 1, "line": 3}');
EXECUTE find_line('{"order_id": 1, "line": null}');
EXECUTE find_line(NULL);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1}')::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1, "line": 1, "item": "one"}')::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1, "lin": 1}')::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1, "item": "one"}')::text$$);
SELECT try($$SELECT orm.find('Line', '[1, 2]')::text$$);
SELECT try($$SELECT orm.find('Line', '[1, 2]'::jsonb)::text$$);
SELECT try($$SELECT orm.find('Line', '1')::text$$);
SELECT try($$SELECT orm.find('Line', 1)::text$$);
SELECT try($$SELECT orm.find('Line', ROW(1, 2))::text$$);
SELECT try($$SELECT orm.find('Line', 'x')::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1, "line": "x"}')::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": 1, "line": 70000}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('Line', '{"order_id": {"$gt": 0}, "line": 1}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('Line', '{}')::text$$);

--
-- find: another unique constraint, by jsonb alone
--
SELECT orm.find('User', '{"email": "ada@example.test"}'::jsonb)->>'name', orm.find('User', '{"nick": "ada"}'::jsonb)->>'name',
	orm.find('User', '{"nick": null}'::jsonb) IS NULL, orm.find('User', '{"email": "{\"id\": 1}"}'::jsonb)->>'name';
SELECT try($$SELECT orm.find('User', '{"email": "ada@example.test"}')::text$$);
SELECT try($$SELECT orm.find('User', '{"email": "ada@example.test"}'::text)::text$$);
SELECT try($$SELECT orm.find('User', '{"email": "ada@example.test"}'::varchar)::text$$);
SELECT try($$SELECT orm.find('User', '{"name": "Ada"}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', '{"id": 1, "email": "ada@example.test"}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', '{"emial": "x"}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', '{}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', '{"email": {"$ne": ""}}'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', '[1]'::jsonb)::text$$);
SELECT try($$SELECT orm.find('User', true)::text$$);

--
-- find: keys that do not fit
--
SELECT try($$SELECT orm.find('User', 'x')::text$$);
SELECT try($$SELECT orm.find('User', '')::text$$);
SELECT try($$SELECT orm.find('User', 1.5)::text$$);
SELECT try($$SELECT orm.find('User', 1.0)::text$$);
SELECT try($$SELECT orm.find('User', '9223372036854775808')::text$$);
SELECT try($$SELECT orm.find('User', 1e30)::text$$);
SELECT try($$SELECT orm.find('User', '"x"'::jsonb)::text$$);
SELECT try($$SELECT orm.find('Small', 70000)::text$$);
SELECT try($$SELECT orm.find('Token', 'x')::text$$);
SELECT try($$SELECT orm.find('Token', 1)::text$$);
SELECT try($$SELECT orm.find('Day', '2024-02-30')::text$$);
SELECT try($$SELECT orm.find('Doc', 'x')::text$$);
SELECT try($$SELECT orm.find('User', ARRAY[1])::text$$);
-- longer than the column is, and so equal to none
SELECT orm.find('Code', '12345') IS NULL;

--
-- NULL
--
SELECT orm.find('User', NULL) IS NULL, orm.find('User', NULL::int) IS NULL, orm.find('Line', NULL) IS NULL, orm.find('User', NULL::jsonb) IS NULL;
SELECT try($$SELECT orm.find(NULL, 1)::text$$);
SELECT try($$SELECT orm.find('User', 1, NULL)::text$$);
SELECT try($$SELECT orm.find('User', 1, '{}', NULL)::text$$);
SELECT try($$SELECT orm.find('User', NULL, NULL)::text$$);
SELECT try($$SELECT orm.find('User', 1, VARIADIC NULL)::text$$);
SELECT f, arguments, t FROM unnest('{fetch,list,first,count,exists,sql}'::text[]) f,
	unnest(ARRAY['NULL', '''User'', NULL', '''User'', ''{}'', NULL', '''User'', VARIADIC NULL', '''User'', VARIADIC ARRAY[''{}'', NULL]::jsonb[]']) arguments,
	try(format('SELECT orm.%s(%s)::text', f, arguments)) t;
SELECT f, arguments, t FROM unnest('{fetch,list,first,count,exists}'::text[]) f,
	unnest(ARRAY['''Amount'', VARIADIC ''{}''', '''Amount'', VARIADIC ARRAY[orm.limit(1)]', '''Amount'', ''{}'', ''{"limit": 0}''']) arguments,
	try(format('SELECT orm.%s(%s)::text', f, arguments)) t;

--
-- Clauses as literals, typed values and parameters
--
PREPARE fetch_any AS SELECT orm.fetch($1, $2)->>'id';
EXECUTE fetch_any('User', '{"where": {"id": 1}}');
EXECUTE fetch_any('User', NULL);
PREPARE list_any AS SELECT orm.list($1, $2, $3);
EXECUTE list_any('User', '{"where": {"id": 1}}', '{"select": ["name"]}');
PREPARE first_any AS SELECT orm.first($1, $2)->>'id';
EXECUTE first_any('User', '{"order": ["-id"]}');
PREPARE count_any AS SELECT orm.count($1), orm.count($1, $2), orm.exists($1), orm.exists($1, $2);
EXECUTE count_any('User', '{"where": {"id": 3}}');
PREPARE sql_any AS SELECT orm.sql($1, $2);
EXECUTE sql_any('Amount', '{"where": {"amount": 1}}');
PREPARE entity_varchar(varchar) AS SELECT orm.count($1), orm.exists($1), orm.first($1, orm.order('id'))->>'id', json_array_length(orm.list($1)),
	(SELECT count(*) FROM orm.fetch($1)), (SELECT count(*) FROM orm.sql($1));
EXECUTE entity_varchar('User');
PREPARE values_any AS SELECT orm.fetch('User', orm.where('score', $1), orm.where('id', '<', $2), orm.limit($3))->>'id';
EXECUTE values_any('1.5', '5', 3);
PREPARE value_numeric(numeric, int2, bigint) AS SELECT orm.fetch('User', orm.where('score', $1), orm.where('id', '<', $2), orm.limit($3))->>'id';
EXECUTE value_numeric(1.50, 5, 3);
EXECUTE value_numeric('NaN', 5, 3);
PREPARE value_uuid(uuid) AS SELECT orm.count('Token', orm.where('token', $1)), orm.count('Token', orm.where('token', 'in', ARRAY[$1]));
EXECUTE value_uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT orm.count('User'::name::text), orm.count('User'::varchar), orm.count('User'::char(10)) ;
-- json and text are no clauses
SELECT try($$SELECT orm.count('User', '{}'::json)::text$$);
SELECT try($$SELECT orm.count('User', '{}'::text)::text$$);
-- fetch: in the select list and in FROM, where its column has a name
SELECT entity->>'id' FROM orm.fetch('User', orm.where('id', '<', 3)) ORDER BY 1;
SELECT f.entity->>'name' FROM (VALUES (1), (2)) v(id), LATERAL orm.fetch('User', orm.where('id', v.id)) f ORDER BY 1;
SELECT v.id, orm.find('User', v.id)->>'name' FROM (VALUES (1::int2), (2), (3)) v(id);
-- keys that differ from row to row
SELECT v.k, orm.find('Line', v.k)->>'item' FROM (VALUES ('{"order_id": 1, "line": 1}'), ('{"order_id": 1, "line": 2}'), (NULL)) v(k);

--
-- Rows at hand
--
SELECT orm.hydrate(u)->>'name', orm.hydrate(u, orm.select('name')), orm.hydrate(u, '{"select": ["id"]}', '{}'), orm.hydrate(u, VARIADIC '{}')->>'id'
FROM users u WHERE id < 3 ORDER BY id;
SELECT orm.hydrate(NULL::users) IS NULL;
PREPARE hydrate_any AS SELECT orm.hydrate(u, $1) FROM users u WHERE id = 1;
EXECUTE hydrate_any('{"select": ["name"]}');
EXECUTE hydrate_any(NULL);
SELECT orm.hydrate(q, '{"entity": "User", "select": ["name"]}') FROM (SELECT * FROM users WHERE id = 1) q;
SELECT orm.collect(u ORDER BY u.id) FROM amounts a JOIN users u ON u.id = 3;
SELECT orm.collect(s), orm.collect(s, '{"select": ["id"]}'), orm.collect(s, orm.select('id')) FROM smalls s;
PREPARE collect_any AS SELECT orm.collect(s, $1) FROM smalls s;
EXECUTE collect_any('{"select": ["id"]}');
SELECT orm.hydrate_query('Small', 'SELECT * FROM smalls'), orm.hydrate_query('Small', 'SELECT * FROM smalls WHERE id = $1', '{"params": [7]}', orm.select('id'));
PREPARE hydrate_query_any AS SELECT orm.hydrate_query($1, $2, $3);
EXECUTE hydrate_query_any('Small', 'SELECT 7 AS id', '{}');
PREPARE hydrate_query_varchar(varchar) AS SELECT orm.hydrate_query($1, 'VALUES (7)'::varchar, VARIADIC '{}');
EXECUTE hydrate_query_varchar('Small');
BEGIN;
DECLARE rows CURSOR FOR SELECT * FROM lines ORDER BY line;
SELECT orm.hydrate_cursor('Line', 'rows', 1);
PREPARE hydrate_cursor_any AS SELECT orm.hydrate_cursor($1, $2, $3, $4);
EXECUTE hydrate_cursor_any('Line', 'rows', 5, '{"select": ["item"]}');
COMMIT;
SELECT f, t FROM unnest(ARRAY['hydrate(u, NULL)', 'hydrate(u, VARIADIC NULL)', 'hydrate(1)', 'hydrate(q)', 'collect(u, NULL)', 'collect(q)', 'collect(1)',
	'hydrate_query(''User'', NULL)', 'hydrate_query(NULL, ''SELECT 1'')', 'hydrate_query(''User'', ''SELECT 1'', NULL)', 'hydrate_query(''Usr'', ''SELECT 1'')',
	'hydrate_cursor(''User'', ''none'', 1)', 'hydrate_cursor(''User'', NULL, 1)', 'hydrate_cursor(''User'', ''none'', NULL)', 'hydrate_cursor(NULL, ''none'', 1)']) f,
	try(format('SELECT orm.%s::text FROM users u, LATERAL (SELECT u.id, u.name) q WHERE u.id = 1', f)) t;

--
-- Entities that are none
--
SELECT f, t FROM unnest('{fetch,list,first,count,exists,sql}'::text[]) f, try(format('SELECT orm.%s(%L)::text', f, 'Usr')) t;
SELECT try($$SELECT orm.find('user', 1)::text$$);
SELECT try($$SELECT orm.find('users', 1)::text$$);
SELECT try($$SELECT orm.count('')::text$$);
SELECT try($$SELECT orm.count('Nothing at all like it')::text$$);
SELECT try($$SELECT orm.find('Usr', 'x', NULL)::text$$);

DEALLOCATE ALL;
\pset tuples_only off
SELECT count(orm.drop_entity(name)) FROM unnest('{User,Line,Token,Code,Amount,Doc,Day,Flag,Small}'::text[]) name;

-- a key object finds by any unique set, whatever the order of its names; scopes and trash hold
CREATE TABLE seat (hall text, number int, ticket uuid UNIQUE, price numeric(6,2) UNIQUE, gone timestamptz, PRIMARY KEY (number, hall), UNIQUE (hall, ticket));
INSERT INTO seat VALUES ('red', 1, '00000000-0000-0000-0000-000000000001', 10.00, NULL), ('blue', 1, '00000000-0000-0000-0000-000000000002', 12.50, NULL),
	('red', 2, '00000000-0000-0000-0000-000000000003', NULL, now());
SELECT orm.entity('Seat', 'seat', soft_delete => 'gone');
SELECT orm.find('Seat', '{"hall": "red", "number": 1}'::jsonb) AS by_key;
SELECT orm.find('Seat', '{"number": 1, "hall": "blue"}'::jsonb) AS by_key_turned;
SELECT orm.find('Seat', '{"ticket": "00000000-0000-0000-0000-000000000002", "hall": "blue"}'::jsonb) AS by_two;
SELECT orm.find('Seat', '{"ticket": "00000000-0000-0000-0000-000000000001"}'::jsonb) AS by_one;
SELECT orm.find('Seat', '{"price": 12.5}'::jsonb) AS by_number;
SELECT orm.find('Seat', '{"price": null}'::jsonb) AS of_null;
SELECT orm.find('Seat', '{"ticket": "00000000-0000-0000-0000-000000000003"}'::jsonb) AS trashed;
SELECT orm.find('Seat', '{"ticket": "00000000-0000-0000-0000-000000000009"}'::jsonb) AS missing;
SELECT orm.find('Seat', '{"hall": "red"}'::jsonb);
SELECT orm.find('Seat', '{"hal": "red"}'::jsonb);
SELECT orm.find('Seat', '{"ticket": "no uuid"}'::jsonb);
SELECT orm.scope('Seat', 'red', '{"hall": {"$setting": "app.hall"}}', global => true);
SET app.hall = 'red';
SELECT orm.find('Seat', '{"number": 1, "hall": "blue"}'::jsonb) AS out_of_scope;
SET app.hall = 'blue';
SELECT orm.find('Seat', '{"number": 1, "hall": "blue"}'::jsonb) AS in_scope;
RESET app.hall;
SELECT orm.drop_scope('Seat', 'red'), orm.scope('Seat', 'cheap', '{"price": {"$lt": 11}}', global => true);
SELECT orm.find('Seat', '{"hall": "red", "number": 1}'::jsonb) AS cheap, orm.find('Seat', '{"hall": "blue", "number": 1}'::jsonb) AS dear;
DROP TABLE seat;

DROP SCHEMA forms CASCADE;
