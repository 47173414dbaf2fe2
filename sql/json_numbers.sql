-- orm.json_numbers: numbers that a double does not hold, as numbers or as strings.
CREATE SCHEMA numbers;
SET search_path = numbers;
CREATE DOMAIN money_like AS numeric(12, 2);
CREATE TYPE pair AS (big bigint, n numeric);
CREATE TABLE owners (id bigint PRIMARY KEY);
CREATE TABLE items (id bigint PRIMARY KEY, owner_id bigint REFERENCES owners, small int, big bigint, n numeric, price money_like, many bigint[], ns numeric[], p pair, d float8, j jsonb);
CREATE TABLE kinds (id bigint PRIMARY KEY);
CREATE TABLE item_kind (item_id bigint REFERENCES items, kind_id bigint REFERENCES kinds, weight numeric, rank bigint, PRIMARY KEY (item_id, kind_id));
SELECT orm.reflect('numbers');
INSERT INTO owners VALUES (9007199254740993);
INSERT INTO items VALUES
	(1, 9007199254740993, 1, 9007199254740992, 1.10, 2, '{1, 9007199254740993, -9007199254740993}', '{1, NULL, 2.50}', ROW(9223372036854775807, 0.1), 0.1, '{"n": 12345678901234567890}'),
	(2, 9007199254740993, 2, 9007199254740993, 'NaN', NULL, NULL, '{}', NULL, 1e300, NULL),
	(3, 9007199254740993, 3, -9223372036854775808, -0.0, 3.5, '{{1, 2}, {3, -9007199254740992}}', '{Infinity}', ROW(1, NULL), 'NaN', '1.0');
INSERT INTO kinds VALUES (1);
INSERT INTO item_kind VALUES (1, 1, 0.5, 9007199254740993);

SHOW orm.json_numbers;
SELECT orm.find('items', 1);
SET orm.json_numbers = safe;
-- the plans of the other setting are not used
SELECT orm.find('items', 1);
SELECT orm.fetch('items', '{"order": ["id"], "omit": ["j"]}');
SELECT orm.fetch('owners', '{"count": ["items"], "aggregate": {"s": {"relation": "items", "function": "sum", "property": "small"},
	"m": {"relation": "items", "function": "max", "property": "big"}, "t": {"relation": "items", "function": "sum", "property": "big"}}}');
SELECT orm.find('items', 1, '{"select": ["id"], "load": {"kinds": {}, "owner": {}}}');
SELECT orm.hydrate(i, '{"select": ["big", "n"]}') FROM items i ORDER BY id;
SELECT orm.collect(i, '{"select": ["many", "p"]}') FROM items i;
-- what is a string now finds its row
SELECT orm.fetch('items', '{"select": ["id"], "where": {"big": "9007199254740993", "owner_id": {"$in": ["9007199254740993"]}}}');
SET orm.json_numbers = exact;
SELECT orm.find('items', 1, '{"select": ["big", "n", "many"]}');
SELECT orm.find('items', 1);
SET orm.json_numbers = maybe;

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA numbers CASCADE;
