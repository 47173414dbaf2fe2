-- Values: every type comes back as it went in, what find gave is no change, operators, casts, value objects, flex columns.
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE SCHEMA save_values;
SET search_path = save_values;
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE TYPE point3 AS (x int, y numeric, note text);
CREATE DOMAIN short AS varchar(5);
CREATE TABLE v (id int PRIMARY KEY, i2 smallint, i4 int, i8 bigint, f4 real, f8 double precision, num numeric, money2 numeric(10,2), b bool, t text, vc varchar(5), c char(4),
	n name, d date, tm time, ts timestamp, tz timestamptz, iv interval, u uuid, by bytea, j json, jb jsonb, ia int[], ta text[], na numeric[], ja jsonb[], m mood, ma mood[],
	p point3, pa point3[], s short, r int4range, mr int4multirange, ip inet, bits varbit, x xid, tv tsvector, lb int[]);
SELECT FROM orm.reflect('save_values');
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION quotes(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '% of % is updated', TG_TABLE_NAME, OLD.id; RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON v FOR EACH ROW EXECUTE FUNCTION touched();

INSERT INTO v VALUES (1, -32768, 2147483647, 9223372036854775807, 1.5, 'NaN', 12345678901234567890.1230, 1.10, true, E'a "q" \\ \n é', 'abcde', 'ab', 'nm', '0044-03-15 BC', '12:34:56.789',
	'infinity', '2024-02-29 23:59:59.123456+00', '1 year 2 mons 3 days 04:05:06', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\x00ff', '{"b" : 1.0,  "a":[1,2]}', '{"b": 1.0, "a": 2}',
	'{{1,2},{3,NULL}}', '{a,NULL,"c d"}', '{1.0,2.50}', ARRAY['{"a": 1}'::jsonb, 'null', '[1]'], 'sad', '{sad,fine}', '(1,2.50,"x, y")', ARRAY['(1,2,z)'::point3, NULL], 'dom', '[1,5)', '{[1,3),[5,8)}',
	'10.0.0.0/8', B'1011', '7', to_tsvector('simple', 'a fat cat'), '[0:1]={7,8}'),
	(2, NULL, 0, -1, -0.0, 1e308, 0.00, 0, false, '', '', '', '', 'infinity', '00:00', '4713-01-01 BC', '-infinity', '-1 day', NULL, '', 'null', 'null', '{}', '{}', NULL, '{}', NULL, '{}', '(,,)', '{}', '', 'empty', '{}', '::1', B'', '0', '', NULL);
-- nothing is written: no trigger says a word
SELECT orm.save('v', orm.list('v'), '{"actions":true,"returning":{"select":["id"]}}');
SELECT orm.replace('v', orm.list('v'), '{"actions":true,"returning":{"select":["id"]}}');
SELECT orm.save('v', orm.list('v')::jsonb - 0, '{"actions":true,"returning":{"select":["id"]}}');
-- and what goes in comes out
CREATE TABLE w (LIKE v INCLUDING ALL);
SELECT FROM orm.entity('w', 'w');
SELECT orm.insert('w', orm.list('v', '{"order":["id"]}'))::text = orm.list('v', '{"order":["id"]}')::text;
SELECT count(*) FROM v JOIN w USING (id) WHERE to_json(v)::text <> to_json(w)::text;
SELECT v.j::text = w.j::text, v.num::text = w.num::text FROM v JOIN w USING (id) ORDER BY id;
SET extra_float_digits = 0;
SELECT orm.save('v', '{"id":1,"f8":0.1234567890123456789}', '{"returning":{"select":["f8"]}}');
RESET extra_float_digits;
SELECT f8 = 0.1234567890123456789 FROM v WHERE id = 1;
DROP TRIGGER touched ON v;

-- equal and yet not the same
SELECT orm.save('v', '{"id":1,"num":1.0}', '{"returning":{"select":["num"]}}'), orm.save('v', '{"id":1,"num":1.00}', '{"returning":{"select":["num"]},"actions":true}');
SELECT orm.save('v', '{"id":1,"j":{"b":1.0,"a":[1,2]}}', '{"returning":{"select":["j"]},"actions":true}');
SELECT orm.save('v', '{"id":1,"num":1e400}', '{"returning":false}'), length(num::text) FROM v WHERE id = 1;

-- json keeps its text wherever it stands: in arrays, in composites, under domains and casts, as what is pushed
CREATE TYPE note AS (body json, n numeric);
CREATE TYPE letter AS (head note, notes note[], all_of json[]);
CREATE DOMAIN document AS json;
CREATE DOMAIN documents AS json[];
CREATE FUNCTION wrap(json) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'W' || $1::text $$;
CREATE FUNCTION unwrap(text) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT substr($1, 2)::json $$;
CREATE TABLE kept (id int PRIMARY KEY, d document, js json[], ds documents, n note, l letter, t text, w text);
SELECT FROM orm.entity('kept', 'kept');
SELECT orm.property('kept', 't', cast_as => 'json'), orm.property('kept', 'w', cast_as => 'save_values.wrap, save_values.unwrap');
SELECT orm.save('kept', $$ {"id": 1, "d": [ 1 ], "js": [{ "b" : 1 , "a":2.50, "a" : 3}, [ 1,2 ], null, "x"], "ds": [ [ ] ], "n": {"body": { "z":1, "b" : 1e2 }, "n": 1.50},
	"l": {"head": {"body": [ ]}, "notes": [{"body": { }}, null], "all_of": [ { "q" : 1 } ]}, "t": { "k" : 1.0 , "k":2}, "w": { "k" : 1.0 , "k":2}} $$);
SELECT * FROM kept;
SELECT orm.save('kept', orm.find('kept', 1), '{"actions":true}') ->> '$action';
SELECT orm.save('kept', '{"id":1,"js":{"$push":{ "p" : 1 }}}') ->> 'js', orm.save('kept', '{"id":1,"js":{"$set":[{ "$push" : 1 }]}}') ->> 'js';
SELECT orm.save('kept', '{"id":1,"n":{"bodi":1}}');
SELECT orm.save('kept', '{"id":1,"n":[ 1 ]}');
SELECT orm.save('kept', '{"id":1,"js":{ "p" : 1 }}');
SELECT orm.update_all('kept', '{"d":{ "b" : 1 , "a":2.50, "a" : 3},"js":{"$push":[ 1 ]},"t":{ "k" : 1.0 , "k":2},"w":{"$set":{ "k" : [ ] }}}', '{"all":true}');
SELECT d, js, t, w FROM kept;
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE kept_other (kept int REFERENCES kept, other int REFERENCES other, note json, PRIMARY KEY (kept, other));
INSERT INTO other VALUES (1), (2), (3);
SELECT orm.entity('other', 'other'), orm.many_to_many('kept', 'others', 'other', 'kept_other', pivot => '{note}');
SELECT orm.save('kept', '{"id":1,"others":[{"id":1,"pivot":{"note":{ "b" : 1 , "a":2.50, "a" : 3}}}]}', '{"returning":false}');
SELECT orm.link('kept', 1, 'others', '[{"id":2,"pivot":{"note":{ "b" : 1 , "a":2.50, "a" : 3}}}]'), orm.link('kept', 1, 'others', '{"id":3,"pivot":{"note":[ 1.0 ]}}'::jsonb);
SELECT other, note FROM kept_other ORDER BY other;
-- a whole number may have an exponent
SELECT orm.save('v', '{"id":4,"i4":1e2,"i8":12E3,"ia":[1e1,2]}', '{"returning":{"select":["i4","i8","ia"]}}'), orm.save('v', '{"id":4,"i4":{"$inc":1e1}}', '{"returning":{"select":["i4"]}}');
SELECT orm.save('v', '{"id":4,"i4":1e-2}');
DELETE FROM v WHERE id = 4;

-- operators
SELECT orm.save('v', '{"id":2,"i4":{"$inc":5},"i8":{"$dec":4},"f8":{"$set":1},"num":{"$mul":"2"},"ta":{"$push":"x"},"ia":{"$push":[1,2]},"jb":{"$merge":{"z":1}}}',
	'{"returning":{"select":["i4","i8","f8","num","ta","ia","jb"]}}');
SELECT orm.save('v', '{"id":2,"ia":{"$remove":1},"ta":{"$remove":"none"},"iv":{"$inc":"1 day"},"j":{"$set":{"$inc":1}},"jb":{"$set":null}}', '{"returning":{"select":["ia","ta","iv","j","jb"]}}');
SELECT orm.save('v', '{"id":2,"i4":{"$inc":0},"ta":{"$remove":"none"}}', '{"returning":{"select":["id"]},"actions":true}');
SELECT orm.save('v', '[{"id":2,"i4":{"$inc":1}},{"id":1,"i4":{"$dec":1}}]', '{"returning":{"select":["i4"]}}');
SELECT orm.save('v', '{"id":3,"i4":{"$inc":3},"i8":{"$dec":3},"num":{"$mul":3},"ta":{"$push":"a"},"ia":{"$remove":1}}', '{"returning":{"select":["i4","i8","num","ta","ia"]}}');
SELECT orm.save('v', '{"id":2,"t":{"$inc":1}}');
SELECT orm.save('v', '{"id":2,"i4":{"$inc":null}}');
SELECT orm.save('v', '{"id":2,"i4":{"$inc":1,"$dec":1}}');
SELECT orm.save('v', '{"id":2,"i4":{"$incr":1}}');
SELECT orm.save('v', '{"id":2,"jb":{"$incr":1}}');
SELECT orm.save('v', '{"id":2,"jb":{"$ref":1,"b":2}}', '{"returning":{"select":["jb"]}}');
SELECT orm.save('v', '{"id":{"$inc":1}}');
SELECT orm.save('v', '[{"id":2,"i4":{"$inc":1}},{"id":2,"i4":{"$inc":1}}]');

-- casts, value objects, a flex column
CREATE TABLE k (id int PRIMARY KEY, day timestamptz, yes text, big bigint, raw bytea, secret text, home_street text, home_zip text, extra jsonb);
CREATE FUNCTION conceal(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT reverse($1) $$;
CREATE FUNCTION reveal(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT reverse($1) $$;
SELECT FROM orm.entity('k', 'k', flex => 'extra');
SELECT FROM orm.property('k', 'day', column_name => 'day', cast_as => 'date');
SELECT FROM orm.property('k', 'yes', column_name => 'yes', cast_as => 'boolean');
SELECT FROM orm.property('k', 'big', column_name => 'big', cast_as => 'string');
SELECT FROM orm.property('k', 'raw', column_name => 'raw', cast_as => 'base64');
SELECT FROM orm.property('k', 'secret', column_name => 'secret', cast_as => 'save_values.conceal, save_values.reveal');
SELECT FROM orm.embed('k', 'home', '{home_street,home_zip}');
INSERT INTO k VALUES (1, '2024-05-05 13:14:15Z', 'yes', 9007199254740993, '\xdeadbeef', 'terces', 'Main', NULL, '{"color": "red", "size": 3}');
SELECT orm.find('k', 1);
SELECT orm.save('k', orm.find('k', 1), '{"actions":true}')->>'$action', orm.replace('k', orm.find('k', 1), '{"actions":true}')->>'$action';
SELECT orm.save('k', '{"id":1,"day":"2024-05-05","yes":false,"home":{"zip":"123"},"size":4,"shape":null}');
SELECT day, yes, home_street, home_zip, extra FROM k;
SELECT orm.save('k', '{"id":1,"secret":"new","home":null}')->'home', secret FROM k;
SELECT secret FROM k;
SELECT orm.insert('k', '{"id":2,"day":"2020-02-02","raw":"AAE=","home":{"street":"High"},"color":"blue"}');
SELECT orm.replace('k', '{"id":2,"color":"green"}');
SELECT orm.save('k', '{"id":2,"home":{"street":"a","street":"b"}}');
SELECT orm.save('k', '{"id":2,"home":{"stret":"a"}}');
SELECT orm.save('k', '{"id":2,"home":3}');
SELECT orm.save('k', '{"id":2,"color":1,"color":2}', '{"returning":{"select":["id"]}}');
DROP SCHEMA save_values CASCADE;
