-- Indexes over some of the rows serve relations whose conditions leave no others.
SET client_min_messages = warning;
CREATE SCHEMA partly;
SET search_path = partly, public;
CREATE TABLE shops (id int PRIMARY KEY);
CREATE TABLE items (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, sold boolean, price int NOT NULL, filler text NOT NULL, deleted_at timestamptz);
INSERT INTO shops SELECT generate_series(1, 50);
INSERT INTO items SELECT n, 1 + n % 50, CASE WHEN n % 7 > 0 THEN n % 3 > 0 END, n * 31 % 1000, repeat('x', 200), CASE WHEN n % 4 = 0 THEN now() END FROM generate_series(1, 4000) n;
CREATE INDEX ON items (shop_id) WHERE deleted_at IS NULL;
ANALYZE;
SELECT orm.entity('Shop', 'shops'), orm.entity('Item', 'items', soft_delete => 'deleted_at');
CREATE FUNCTION way(relation jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(strategy, ', ') FROM orm.explain('Shop', jsonb_build_object('load', jsonb_build_object('items', relation))) WHERE path <> '' $$;
CREATE FUNCTION different(relation jsonb, condition text, most text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	EXECUTE format($q$SELECT count(*) FROM orm.fetch('Shop', '{"order": ["id"]}', jsonb_build_object('load', jsonb_build_object('items', $1 || '{"select": ["id"]}'))) e
	WHERE e::jsonb->'items' IS DISTINCT FROM (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id)), '[]')
		FROM (SELECT id FROM items WHERE shop_id = (e->>'id')::int AND %s ORDER BY price, id LIMIT %s) i)$q$, condition, most) INTO n USING relation;
	RETURN n;
END $$;
-- what is not deleted
SELECT way('{"order": ["price"], "limit": 3}'), way('{}'), way('{"order": ["price"], "limit": 3, "trashed": "with"}') AS with_deleted;
SELECT different('{"order": ["price"], "limit": 3}', 'deleted_at IS NULL', '3'), different('{"order": ["price"]}', 'deleted_at IS NULL', 'ALL'),
	different('{"order": ["price"], "limit": 3, "trashed": "with"}', 'true', '3');
-- flags and nulls
SELECT orm.entity('Item', 'items');
DROP INDEX items_shop_id_idx;
CREATE INDEX ON items (shop_id) WHERE NOT sold;
SELECT way('{"where": {"sold": false}, "order": ["price"], "limit": 3}') AS unsold, way('{"where": {"sold": true}, "limit": 3}') AS sold,
	way('{"where": {"sold": null}, "limit": 3}') AS unknown, way('{"where": {"$or": [{"sold": false}, {"price": 1}]}, "limit": 3}') AS either, way('{"limit": 3}') AS all;
SELECT different('{"where": {"sold": false}, "order": ["price"], "limit": 3}', 'NOT sold', '3'), different('{"where": {"sold": true}, "order": ["price"], "limit": 3}', 'sold', '3');
DROP INDEX items_shop_id_idx;
CREATE INDEX ON items (shop_id) WHERE sold IS NULL;
SELECT way('{"where": {"sold": null}, "limit": 3}') AS unknown, way('{"where": {"sold": false}, "limit": 3}') AS unsold;
SELECT different('{"where": {"sold": null}, "order": ["price"], "limit": 3}', 'sold IS NULL', '3');
DROP INDEX items_shop_id_idx;
CREATE INDEX ON items (shop_id) WHERE sold IS NOT NULL;
SELECT way('{"where": {"sold": {"$null": false}}, "limit": 3}') AS known, way('{"where": {"sold": null}, "limit": 3}') AS unknown, way('{"where": {"sold": false}, "limit": 3}') AS unsold;
SELECT different('{"where": {"sold": {"$null": false}}, "order": ["price"], "limit": 3}', 'sold IS NOT NULL', '3');
-- a flag stands in the text, so that a plan made for all values knows it
SELECT orm.sql('Shop', '{"load": {"items": {"where": {"sold": false}, "select": ["id"], "limit": 1}}}');
-- calls that differ in a flag do not share a load tree: as often as it takes to keep some
SELECT count(*) AS asked, count(*) FILTER (WHERE orm.count('Item', jsonb_build_object('where', jsonb_build_object('sold', flag, 'price', price))) <>
	(SELECT count(*) FROM items WHERE sold = flag AND items.price = q.price)) AS wrong
FROM (SELECT n / 4 % 2 = 0 AS flag, n % 3 * 31 AS price FROM generate_series(1, 60) n) q;
SELECT count(*) AS asked, count(*) FILTER (WHERE (SELECT count(*) FROM orm.fetch('Item', jsonb_build_object('where', jsonb_build_object('sold', flag::text, 'price', price)))) <>
	(SELECT count(*) FROM items WHERE sold = flag AND items.price = q.price)) AS wrong
FROM (SELECT n / 4 % 2 = 0 AS flag, n % 3 * 31 AS price FROM generate_series(1, 60) n) q;
DROP SCHEMA partly CASCADE;
