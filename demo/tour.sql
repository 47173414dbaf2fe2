-- The guided tour: what orm does, statement by statement, on the shop of shop.sql.
\pset footer off
\pset null '(null)'
SET client_min_messages = warning;

\echo '=== 1. A database as any other ==='
\echo 'Ten tables, some thousand rows, foreign keys. Nothing in them knows of orm.'
\echo
\set ECHO queries
SELECT relname AS "table", reltuples AS rows FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'r' ORDER BY relname;
\set ECHO none

\echo
\echo '=== 2. One statement makes entities of it ==='
\echo 'Properties come from the columns, relations from the foreign keys.'
\echo
\set ECHO queries
CREATE EXTENSION orm;
SELECT orm.reflect('shop') AS entity;
SELECT kind, name, type, source FROM orm.describe('customers');
\set ECHO none
\pset format unaligned
\pset tuples_only on

\echo
\echo '=== 3. Reading: one entity, then its relations ==='
\echo
\set ECHO queries
SELECT orm.find('customers', 7);
SELECT orm.find('customers', 7, '{"load": ["profile", "addresses"]}');
\set ECHO none
\echo
\echo 'A path goes as deep as the relations do; each level may choose, filter and limit for itself.'
\echo
\set ECHO queries
SELECT orm.find('customers', 7, '{
  "select": ["id", "name"],
  "load": {"orders": {
    "select": ["id", "status", "ordered_at"], "where": {"status": "sent"}, "order": ["-ordered_at"], "limit": 1,
    "load": {"order_lines": {"omit": ["order_id"], "load": {"product": {"select": ["name"], "load": ["category"]}}}}}}}');
\set ECHO none

\echo
\echo '=== 4. Many of them ==='
\echo 'fetch gives rows, list one JSON array, first one entity, count a number.'
\echo
\set ECHO queries
SELECT orm.fetch('products', '{"where": {"price": {"$lt": 10}, "category_id": 7}, "order": ["name", "id"], "limit": 3,
  "select": ["sku", "name", "price"], "load": {"tags": {"order": ["name"], "select": ["name"]}}}');
SELECT orm.list('categories', '{"where": {"parent_id": null}, "load": {"categories": {"select": ["name"], "load": {"categories": {"select": ["name"]}}}}}');
SELECT orm.first('orders', '{"where": {"status": "open"}, "order": ["-ordered_at"], "load": {"customer": {"select": ["name", "email"]}}}');
SELECT orm.count('orders', '{"where": {"status": {"$in": ["paid", "sent"]}}}');
SELECT orm.exists('customers', '{"where": {"email": {"$iends": "@EXAMPLE.test"}}}');
\set ECHO none

\echo
\echo '=== 5. The same as a chain of builders ==='
\echo 'A document and a chain are one call; clauses merge.'
\echo
\set ECHO queries
SELECT orm.fetch('orders', orm.where('status', 'sent'), orm.where('ordered_at', '<', '2024-03-01'), orm.order('-ordered_at'), orm.limit(2),
  orm.select('id', 'ordered_at'), orm.with('address', orm.select('street', 'city')));
PREPARE orders_of (bigint, int) AS
  SELECT orm.fetch('orders', orm.where('customer_id', $1), orm.order('id'), orm.limit($2), orm.select('id', 'status'));
EXECUTE orders_of (7, 2);
\set ECHO none

\echo
\echo '=== 6. Keys of several columns ==='
\echo
\set ECHO queries
SELECT orm.find('order_lines', '{"order_id": 7, "line": 1}', '{"load": {"product": {"select": ["sku", "name"]}}}');
SELECT orm.first('complaints', '{"order": ["id"], "load": {"order_lines": {"load": {"order": {"select": ["status"]}}}}}');
\set ECHO none

\echo
\echo '=== 7. Saying what the tables cannot: functions ==='
\echo 'A declared relation with a condition, or one of many, stands beside the derived one.'
\echo
\set ECHO queries
SELECT orm.property('order_lines', 'total', expression => 'quantity * price');
SELECT orm.has_one('customers', 'latest_order', 'orders', order_by => '{-ordered_at}');
SELECT orm.has_many('customers', 'open_orders', 'orders', condition => '{"status": "open"}', order_by => '{ordered_at}');
SELECT orm.belongs_to('complaints', 'about', 'order_lines', foreign_key => '{order_id,line}');
SELECT orm.find('customers', 8, '{"select": ["name"], "load": {"latest_order": {"load": {"order_lines": {"select": ["line", "total"]}}},
  "open_orders": {"select": ["id", "ordered_at"]}}}');
\set ECHO none

\echo
\echo '=== 8. ... and DDL ==='
\echo 'A declaration in the table''s own statement stands or falls with it.'
\echo
\set ECHO queries
CREATE TABLE shop.reviews (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES shop.products,
  written_by bigint NOT NULL REFERENCES shop.customers,
  stars int NOT NULL, body text
) WITH (orm.entity = 'Review', fillfactor = 90);
CREATE INDEX ON shop.reviews (product_id);
CREATE INDEX ON shop.reviews (written_by);
ALTER TABLE shop.reviews ALTER COLUMN written_by SET (orm.relation = 'author', orm.inverse = 'reviews');
INSERT INTO shop.reviews (product_id, written_by, stars, body)
  SELECT 1 + n % 300, 1 + n * 7 % 500, 1 + n % 5, 'review ' || n FROM generate_series(1, 2000) n;
SELECT orm.fetch('Review', orm.where('stars', 5), orm.order('id'), orm.limit(1), orm.with('author', orm.select('name')), orm.with('product', orm.select('name')));
\set ECHO none
\echo
\echo 'The model follows the tables: a renamed column is a renamed property, at once.'
\echo
\set ECHO queries
ALTER TABLE shop.reviews RENAME COLUMN body TO words;
SELECT orm.first('Review', '{"order": ["id"]}');
\set ECHO none

\echo
\echo '=== 9. Among SQL of one''s own ==='
\echo
\set ECHO queries
SELECT orm.hydrate(t) FROM shop.tags t ORDER BY t.name LIMIT 2;
SELECT orm.hydrate_query('customers', 'SELECT c.* FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY count(*) DESC, c.id LIMIT 1',
  '{"select": ["name"], "load": {"profile": {"select": ["interests"]}}}');
SELECT status, orm.collect(o, '{"select": ["id"], "load": {"customer": {"select": ["name"]}}}')
  FROM shop.orders o WHERE id <= 6 GROUP BY status ORDER BY status;
\set ECHO none

\echo
\echo '=== 10. What it runs ==='
\echo 'One statement for each relation asked for, whatever the number of rows. 500 customers, three levels:'
\echo
\set ECHO queries
SELECT orm.sql('customers', '{"load": ["orders.order_lines.product"]}');
\timing on
SELECT count(*), sum(length(customer::text)) AS bytes FROM (SELECT orm.fetch('customers', '{"load": ["orders.order_lines.product"]}') AS customer) s;
\timing off
\set ECHO none

\echo
\echo '=== 11. Saving a graph, changing it, and saving it again ==='
\echo 'What has no key is new; what has one is compared, and only what differs is written.'
\echo
\set ECHO queries
SELECT orm.save('customers', '{"name": "Ida Rhodes", "email": "ida@example.test", "profile": {"interests": ["tables"]},
  "addresses": [{"street": "1 Bureau Lane", "city": "Washington", "country": "US"}, {"street": "2 Mill Road", "city": "Bath", "country": "GB"}]}', '{"actions": true}');
SELECT orm.save('customers', jsonb_set(orm.find('customers', '{"email": "ida@example.test"}'::jsonb, '{"load": ["addresses"]}')::jsonb, '{addresses,0,city}', '"Rockville"'), '{"actions": true, "returning": {"select": ["id", "name"]}}');
SELECT orm.save('products', '{"id": 1, "price": {"$mul": 1.1}, "details": {"$merge": {"seen": true}}, "tags": [{"id": 1, "pivot": {"position": 9}}]}',
  '{"returning": {"select": ["name", "price", "details"]}}');
\set ECHO none
\echo
\echo 'Data from outside goes in with permit, and only so.'
\echo
\set ON_ERROR_STOP off
\set ECHO queries
SELECT orm.save('customers', '{"name": "Eve", "orders": [{"status": "paid"}]}', '{"permit": ["name", "email"]}');
\set ECHO none
\set ON_ERROR_STOP on

\echo
\echo '=== 12. When one errs ==='
\echo
\set ON_ERROR_STOP off
\set ECHO queries
SELECT orm.fetch('customers', '{"load": ["orders.order_line"]}');
SELECT orm.find('customer', 7);
\set ECHO none
\set ON_ERROR_STOP on

\echo
\echo '=== 13. The model as a document ==='
\echo
\set ECHO queries
SELECT orm.export('Review', 'customers');
\set ECHO none
\echo
\echo 'That was the tour. "make shell" opens psql on the same shop; README.md and docs/ go on from here.'
