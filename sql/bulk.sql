-- update_all and delete_all
SET client_min_messages = warning;
CREATE SCHEMA bulk_test;
SET search_path = bulk_test;
SET TimeZone = 'UTC';
\pset format unaligned
\pset tuples_only on
-- runs a call and prints its error, the parts on lines of their own
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, detail, hint;
END $$;
CREATE DOMAIN grade AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE shop (id int PRIMARY KEY, name text);
CREATE TABLE item (
	id int PRIMARY KEY, shop_id int REFERENCES shop, name varchar(10), price numeric(8, 2), views int DEFAULT 0, ratio float8, grade grade, span interval,
	tags text[], dims int[], docs jsonb[], doc jsonb, plain json, twice int GENERATED ALWAYS AS (views * 2) STORED, street text, city text, ssn text,
	lock_version int NOT NULL DEFAULT 1, created_at timestamptz DEFAULT '2020-01-01', updated_at timestamptz, deleted_at date);
INSERT INTO shop VALUES (1, 'north'), (2, 'south');
INSERT INTO item (id, shop_id, name, price, views, tags, doc) SELECT g, 1 + g % 2, 'i' || g, g * 1.5, g, ARRAY['a', 'b'], jsonb_build_object('n', g) FROM generate_series(1, 6) g;
SELECT orm.entity('Shop', 'shop'), orm.entity('Item', 'item', version => 'lock_version', created_at => 'created_at', updated_at => 'updated_at', soft_delete => 'deleted_at');
SELECT orm.embed('Item', 'address', '{street,city}'), orm.property('Item', 'ssn', 'ssn', update => false), orm.property('Item', 'label', expression => 'name || price');
SELECT orm.scope('Item', 'dear', '{"price": {"$gt": {"$arg": "min"}}}', arguments => '{min}');
-- the rows that were written since the last time
CREATE TABLE seen AS SELECT id, xmin AS x FROM item;
CREATE FUNCTION written() RETURNS text LANGUAGE plpgsql AS $$
DECLARE ids text;
BEGIN
	SELECT coalesce(string_agg(item.id::text, ',' ORDER BY item.id), '-') INTO ids FROM bulk_test.item LEFT JOIN bulk_test.seen USING (id) WHERE item.xmin IS DISTINCT FROM x;
	DELETE FROM bulk_test.seen;
	INSERT INTO bulk_test.seen SELECT item.id, item.xmin FROM bulk_test.item;
	RETURN ids;
END $$;

-- values; only rows that differ are written, and counted
SELECT orm.update_all('Item', '{"name": "i1"}', '{"where": {"id": {"$lte": 3}}}'), written();
SELECT orm.update_all('Item', '{"name": "i1"}', '{"where": {"id": {"$lte": 3}}}'), written();
SELECT written();
SELECT orm.update_all('Item', '{"price": 1.5}', orm.where('id', 1)), written();
SELECT orm.update_all('Item', '{"price": "2.50", "ratio": null, "grade": 7}'::json, orm.where('id', 1)), orm.update_all('Item', '{"address": {"street": "x", "city": null}}'::jsonb, orm.where('id', 1));
SELECT id, name, price, grade, street, lock_version, updated_at IS NOT NULL FROM item ORDER BY id;
SELECT orm.update_all('Item', '{}', orm.where('id', 1)), written();
SELECT written();

-- operators
SELECT orm.update_all('Item', '{"views": {"$inc": 10}, "price": {"$mul": 2}, "tags": {"$push": "c"}, "doc": {"$merge": {"m": [1], "n": null}}}', '{"where": {"shop": {"name": "south"}}}');
SELECT id, views, twice, price, tags, doc FROM item ORDER BY id;
SELECT orm.update_all('Item', '{"views": {"$dec": 1}, "tags": {"$remove": ["a", "c"]}, "ratio": {"$inc": 1}, "dims": {"$push": [1, 2]}, "docs": {"$push": [1, 2]}, "plain": {"$set": {"$inc": 1}}, "grade": {"$inc": 1}, "span": {"$inc": "1 day"}}', orm.where('id', 1));
SELECT views, tags, ratio, dims, docs, plain, grade, span FROM item WHERE id = 1;
SELECT orm.update_all('Item', '{"dims": {"$push": null}, "span": "2 days", "docs": {"$push": {"a": 1}}, "doc": {"x": 1}}', orm.where('id', 1)),
	orm.update_all('Item', '{"dims": {"$remove": 2}, "docs": {"$remove": [1, 2]}, "span": {"$dec": "1 day"}}', orm.where('id', 1)),
	orm.update_all('Item', '{"dims": {"$remove": 99}, "ratio": {"$mul": 3}, "doc": {"$merge": {"x": 1}}}', orm.where('id', 1));
SELECT dims, docs, span, doc FROM item WHERE id = 1;
UPDATE item SET doc = NULL, tags = NULL WHERE id = 1;
SELECT orm.update_all('Item', '{"doc": {"$merge": {"x": 1}}, "tags": {"$remove": "x"}}', orm.where('id', 1));
SELECT doc, tags FROM item WHERE id = 1;

-- what a document may not write
CALL raises($$orm.update_all('Item', '{"twice": 1}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"label": "x"}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"ssn": "x"}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"id": 9}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"lock_version": 9}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"updated_at": null}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"nam": 9}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"street": 9}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"address": {"stret": 9}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"address": "x"}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"shop": {"id": 2}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"$inc": {"views": 2}}', orm.where('id', 1))$$);
-- operators that do not suit
CALL raises($$orm.update_all('Item', '{"views": {"$icn": 2}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"views": {"$inc": 2, "$dec": 1}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"doc": {"$inc": 2}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"name": {"$inc": 2}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"name": {"$push": "x"}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"plain": {"$merge": {}}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"doc": {"$merge": [1]}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"views": {"$inc": null}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"views": {"$inc": 1.5}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"tags": {"$remove": null}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"dims": {"$push": ["x"]}}', orm.where('id', 1))$$);
-- values that do not fit
CALL raises($$orm.update_all('Item', '{"views": "x"}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"name": "much too long"}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"grade": 101}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"grade": {"$inc": 99}}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '{"views": {"$inc": 2147483647}}', orm.where('id', 2))$$);
CALL raises($$orm.update_all('Item', '{"shop_id": 9}', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', '[]', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', 'x', orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', NULL::text, orm.where('id', 1))$$);
CALL raises($$orm.update_all('Item', 5, orm.where('id', 1))$$);
SELECT written() IS NOT NULL, written();

-- no condition is none; all has to be said
CALL raises($$orm.update_all('Item', '{"views": 1}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', '{"where": {}}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', '{"where": {"$and": [{}, {"$not": {"$or": []}}]}}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', '{"where": {"$or": [{"id": 1}, {"$and": []}]}}')$$);
CALL raises($$orm.delete_all('Item')$$);
CALL raises($$orm.delete_all('Item', '{"all": false}')$$);
SELECT orm.update_all('Item', '{"views": 1}', '{"where": {"$or": []}}');
SELECT orm.update_all('Item', '{"views": {"$inc": 1}}', '{"all": true}'), orm.update_all('Item', '{"views": {"$inc": 1}}', '{"scopes": [{"dear": [7]}]}');
SELECT id, views, price FROM item ORDER BY id;

-- at most so many, or nothing
CALL raises($$orm.update_all('Item', '{"views": 100}', '{"all": true, "at_most": 5}')$$);
SELECT orm.update_all('Item', '{"views": 100}', '{"all": true, "at_most": 6}'), orm.update_all('Item', '{"views": 100}', '{"all": true, "at_most": 0}');
CALL raises($$orm.delete_all('Item', '{"where": {"id": {"$lt": 3}}, "at_most": 1}')$$);
CALL raises($$orm.delete_all('Item', '{"where": {"id": {"$lt": 3}}, "at_most": -1}')$$);
CALL raises($$orm.delete_all('Item', '{"where": {"id": {"$lt": 3}}, "limit": 1}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', '{"all": true, "order": ["id"]}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', '{"all": true, "force": true}')$$);
CALL raises($$orm.update_all('Item', '{"views": 1}', orm.untrusted('{"where": {"id": 1}}'))$$);
CALL raises($$orm.delete_all('Shop', '{"all": true, "trashed": "with"}')$$);

-- trashed rows
SELECT orm.delete_all('Item', '{"where": {"id": [1, 2]}}'), orm.delete_all('Item', '{"where": {"id": [1, 2]}}');
SELECT id, deleted_at IS NOT NULL FROM item ORDER BY id;
SELECT orm.update_all('Item', '{"views": 5}', '{"all": true}'), orm.update_all('Item', '{"views": 6}', '{"all": true, "trashed": "only"}'), orm.update_all('Item', '{"views": 7}', '{"all": true, "trashed": "with"}');
SELECT orm.delete_all('Item', '{"all": true, "trashed": "only"}'), orm.delete_all('Item', '{"all": true, "trashed": "only", "force": true}');
SELECT id FROM item ORDER BY id;
SELECT orm.update_all('Item', '{"deleted_at": "2020-02-02"}', orm.where('id', 3)), orm.update_all('Item', '{"deleted_at": null}', '{"trashed": "only", "all": true}');
SELECT orm.delete_all('Item', '{"where": {"id": 3}, "force": true}'), orm.delete_all('Item', '{"all": true}');
CALL raises($$orm.delete_all('Shop', '{"where": {"item": {"$none": {}}}}')$$);
SELECT count(*) FROM item;
DELETE FROM item;
SELECT orm.delete_all('Shop', '{"all": true}');

-- global scopes
INSERT INTO shop VALUES (1, 'north'), (2, 'south');
SELECT orm.scope('Shop', 'north', '{"name": "north"}', global => true);
SELECT orm.update_all('Shop', '{"name": "x"}', '{"where": {"id": 2}}'), orm.update_all('Shop', '{"name": "x"}', '{"where": {"id": 2}, "without": ["north"]}');
SELECT orm.delete_all('Shop', '{"all": true}');
TABLE shop;

-- rights: only columns that are needed
CREATE ROLE bulk_tester;
GRANT USAGE ON SCHEMA bulk_test TO bulk_tester;
GRANT SELECT (id, views), UPDATE (views) ON item TO bulk_tester;
SELECT orm.entity('Item', 'item');
INSERT INTO item (id, views) VALUES (1, 1), (2, 2);
SET ROLE bulk_tester;
SELECT orm.update_all('Item', '{"views": {"$inc": 1}}', orm.where('id', 1));
CALL bulk_test.raises($$orm.update_all('Item', '{"name": "x"}', orm.where('id', 1))$$);
CALL bulk_test.raises($$orm.update_all('Item', '{"views": 1}', orm.where('name', 'x'))$$);
CALL bulk_test.raises($$orm.delete_all('Item', '{"all": true}')$$);
RESET ROLE;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON item TO bulk_tester USING (id = 1);
SET ROLE bulk_tester;
SELECT orm.update_all('Item', '{"views": {"$inc": 1}}', '{"all": true}');
RESET ROLE;
GRANT DELETE ON item TO bulk_tester;
SET ROLE bulk_tester;
SELECT orm.delete_all('Item', '{"all": true}');
RESET ROLE;
SELECT id, views FROM item;
BEGIN READ ONLY;
SELECT orm.update_all('Item', '{"views": 1}', '{"all": true}');
ROLLBACK;
BEGIN READ ONLY;
SELECT orm.delete_all('Item', '{"all": true}');
ROLLBACK;
DROP SCHEMA bulk_test CASCADE;
DROP ROLE bulk_tester;
