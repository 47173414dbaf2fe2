-- Casts: what a property shows instead of its value, and takes in conditions.
CREATE SCHEMA cast_tests;
SET search_path = cast_tests;
SET timezone = 'UTC';
CREATE TABLE things (id bigint PRIMARY KEY, code text, flag int, amount text, body text, made_at timestamptz,
	blob bytea, tint int, happened timestamp, serial_no bigint, active boolean);
INSERT INTO things VALUES
	(1, '007', 1, '12.50', '{"b": [1, 2],  "a": null}', '2026-01-02 23:30:00+00', '\xdeadbeef', 10, '2026-05-06 07:08:09', 9007199254740993, true),
	(2, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(3, 'x"y', 7, '-3e2', '"text"', '2026-01-03 00:00:00+00', '\x', 11, '2026-05-06 00:00:00', 5, false);
CREATE FUNCTION tint_name(t int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE t WHEN 10 THEN 'red' WHEN 11 THEN 'blue' END $$;
CREATE FUNCTION tint_number(n text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT CASE n WHEN 'red' THEN 10 WHEN 'blue' THEN 11 END $$;
SELECT orm.entity('things', 'things');
SELECT orm.property('things', 'flag', cast_as => 'boolean');
SELECT orm.property('things', 'amount', cast_as => 'number');
SELECT orm.property('things', 'body', cast_as => 'json');
SELECT orm.property('things', 'made_at', cast_as => 'date');
SELECT orm.property('things', 'happened', cast_as => 'date');
SELECT orm.property('things', 'blob', cast_as => 'base64');
SELECT orm.property('things', 'serial_no', cast_as => 'string');
SELECT orm.property('things', 'active', cast_as => 'number');
SELECT orm.property('things', 'tint', cast_as => 'tint_number, tint_name');

-- on every way out
SELECT orm.fetch('things', '{"order": ["id"]}');
SELECT orm.find('things', 1);
SELECT orm.hydrate(t) FROM things t ORDER BY id;
SELECT orm.collect(t) FROM things t;
SELECT orm.collect(t, '{"entity": "things"}') FROM (SELECT id, tint, blob, made_at FROM things ORDER BY id) t;
SELECT orm.hydrate_query('things', 'SELECT * FROM cast_tests.things WHERE id = 3');
SELECT orm.hydrate(t, '{"select": ["blob", "amount"]}') FROM things t ORDER BY id;

-- and in, through conditions
CREATE FUNCTION ids(document jsonb) RETURNS text LANGUAGE sql AS
	$$ SELECT string_agg(e->>'id', ',' ORDER BY e->>'id') FROM orm.fetch('things', jsonb_build_object('where', document)) AS e $$;
SELECT ids('{"flag": true}'), ids('{"flag": false}'), ids('{"amount": 12.50}'), ids('{"made_at": "2026-01-02"}'),
	ids('{"happened": "2026-05-06"}'), ids('{"happened": {"$gt": "2026-05-06"}}'), ids('{"made_at": {"$in": ["2026-01-02", "2026-01-03"]}}');
SELECT ids('{"blob": "3q2+7w=="}'), ids('{"blob": {"$in": ["3q2+7w==", ""]}}'), ids('{"blob": {"$ne": ""}}'), ids('{"serial_no": "9007199254740993"}');
SELECT ids('{"tint": "blue"}'), ids('{"tint": ["red", "blue"]}'), ids('{"tint": {"$ne": "red"}}'), ids('{"tint": null}'), ids('{"active": 1}'), ids('{"active": 0}');
SELECT ids('{"body": {"$eq": "text"}}');
SELECT ids('{"blob": "no base64"}');
SELECT ids('{"blob": 5}');
SELECT ids('{"tint": "green"}');
SELECT ids('{"made_at": "not a day"}');

-- the smallest and largest are values of the property
CREATE TABLE boxes (id bigint PRIMARY KEY);
INSERT INTO boxes VALUES (1), (2);
ALTER TABLE things ADD box_id bigint REFERENCES boxes;
UPDATE things SET box_id = 1;
SELECT orm.entity('boxes', 'boxes');
SELECT orm.fetch('boxes', '{"order": ["id"], "aggregate": {
	"a": {"relation": "things", "function": "max", "property": "tint"}, "b": {"relation": "things", "function": "sum", "property": "tint"},
	"c": {"relation": "things", "function": "min", "property": "made_at"}, "d": {"relation": "things", "function": "max", "property": "serial_no"}}}');

-- values that don't fit
UPDATE things SET amount = 'much' WHERE id = 2;
SELECT orm.find('things', 2);
UPDATE things SET amount = NULL, body = '{"a":' WHERE id = 2;
SELECT orm.find('things', 2);
UPDATE things SET body = NULL WHERE id = 2;
SELECT orm.property('things', 'code', cast_as => 'boolean');
SELECT orm.find('things', 1);

-- what does not suit, or is no cast
SELECT orm.property('things', 'flag', cast_as => 'base64');
SELECT orm.property('things', 'flag', cast_as => 'date');
SELECT orm.property('things', 'flag', cast_as => 'float');
SELECT orm.property('things', 'flag', cast_as => 'tint_number, nothing');

-- a function is the caller's to call, and may change
REVOKE EXECUTE ON FUNCTION tint_name(int), tint_number(text) FROM PUBLIC;
CREATE ROLE regress_orm_cast;
GRANT USAGE ON SCHEMA cast_tests TO regress_orm_cast;
GRANT SELECT ON things TO regress_orm_cast;
SET ROLE regress_orm_cast;
SELECT orm.find('things', 3, '{"select": ["tint"]}');
SELECT orm.collect(t, '{"entity": "things"}') FROM (SELECT id, tint FROM things) t;
SELECT orm.fetch('things', '{"select": ["id"], "where": {"tint": "red"}}');
RESET ROLE;
CREATE OR REPLACE FUNCTION tint_name(t int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'no ' || t $$;
SELECT orm.find('things', 3, '{"select": ["tint"]}');

\set VERBOSITY terse
SET client_min_messages = warning;
DROP OWNED BY regress_orm_cast;
DROP ROLE regress_orm_cast;
DROP SCHEMA cast_tests CASCADE;
