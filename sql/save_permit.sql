-- The clauses of saving: permit, by, where, returning, upserts, replace, and rights.
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE SCHEMA save_permit;
SET search_path = save_permit;
CREATE TABLE product (id int PRIMARY KEY, sku text UNIQUE, price numeric);
CREATE TABLE customer (id int PRIMARY KEY, name text, email text UNIQUE);
CREATE TABLE "order" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES customer, title text, paid bool NOT NULL DEFAULT false,
	views int NOT NULL DEFAULT 0, secret text, made timestamptz NOT NULL DEFAULT '2024-01-01Z');
CREATE TABLE line (order_id int REFERENCES "order" ON DELETE CASCADE, n int, product_id int REFERENCES product, quantity int, PRIMARY KEY (order_id, n));
CREATE INDEX ON "order" (customer_id);
CREATE INDEX ON line (product_id);
SELECT FROM orm.reflect('save_permit');
SELECT FROM orm.has_many('order', 'lines', 'line');
SELECT FROM orm.property('order', 'secret', column_name => 'secret', hidden => true);
SELECT FROM orm.property('order', 'made', column_name => 'made', insert => false, update => false);
SELECT FROM orm.property('order', 'shout', expression => 'upper(title)');
INSERT INTO product VALUES (1, 'a', 1.50), (2, 'b', 2.00);
INSERT INTO customer VALUES (1, 'Ada', 'a@x'), (2, 'Bob', 'b@x');
\pset format unaligned
\pset tuples_only on

-- permit
\set permit '{"permit":["title","lines.n","lines.quantity","lines.product","customer"]}'
SELECT orm.save('order', '{"title":"t","customer":{"id":1},"lines":[{"n":1,"quantity":2,"product":{"id":1}},{"n":2,"product":{"sku":"b"}}]}', :'permit');
SELECT orm.save('order', '{"title":"t","paid":true}', :'permit');
\echo :SQLSTATE
SELECT orm.save('order', '{"id":1,"title":"t"}', :'permit');
SELECT orm.save('order', '{"title":"t","customer":{"id":1,"name":"evil"}}', :'permit');
SELECT orm.save('order', '{"title":"t","customer":{"name":"evil"}}', :'permit');
-- a unique property says which row is meant, and is not changed beside the key
SELECT orm.save('order', '{"title":"t","customer":{"id":1,"email":"evil@x"}}', :'permit');
SELECT orm.save('order', '{"title":"t","customer":{"email":"nobody@x"}}', :'permit');
SELECT orm.save('order', '{"title":"t","customer":{"email":"b@x"}}', :'permit')->'customer';
SELECT orm.save('order', '{"title":"t","customer":{"email":"b@x","name":"Bob 2"}}', '{"permit":["title","customer","customer.name"]}');
SELECT orm.save('order', '{"title":"t","customer":{"id":2,"name":"Bob"}}', '{"permit":["title","customer","customer.name"]}')->'customer';
SELECT orm.save('order', '{"title":"t","customer_id":1}', :'permit');
SELECT orm.save('order', '{"title":"t","lines":[{"n":1,"product":{"id":1,"price":0}}]}', :'permit');
SELECT orm.save('order', '{"title":"t","lines":[{"n":1,"product_id":1}]}', :'permit');
SELECT orm.save('order', '{"title":"t","lines":[{"n":1,"$delete":true}]}', :'permit');
SELECT orm.save('order', '{"title":"t","lines":[{"n":1,"order":{"id":1}}]}', :'permit');
SELECT orm.save('order', '{}', '{"permit":["titel"]}');
SELECT orm.save('order', '{}', '{"permit":"title"}');
SELECT orm.save('order', '{"titel":1}', '{"permit":[]}');
SELECT orm.save('order', '{"id":1,"title":"x"}', '{"permit":[]}');

-- what may not be written
SELECT orm.save('order', '{"id":1,"made":"2024-01-01T00:00:00Z","title":"same","shout":"?","lines_count":5}', '{"returning":{"select":["title","shout"]}}');
SELECT orm.save('order', '{"id":1,"made":"2025-01-01T00:00:00Z"}');
\echo :SQLSTATE
SELECT orm.save('order', '{"made":"2025-01-01T00:00:00Z","title":"new"}', '{"returning":{"select":["made","title"]}}');
SELECT orm.update('customer', '{"id":7,"email":"a@x"}', '{"by":["email"]}');
\echo :SQLSTATE

-- by, where
SELECT orm.save('customer', '[{"email":"a@x","name":"Ada 2"},{"id":3,"email":"c@x","name":"Cy"}]', '{"by":["email"],"actions":true}');
SELECT orm.save('customer', '{"name":"x"}', '{"by":["email"]}');
SELECT orm.save('customer', '{"name":"x"}', '{"by":["name"]}');
SELECT orm.update('order', '{"id":1,"title":"guarded"}', '{"where":{"paid":false},"returning":{"select":["title"]}}');
SELECT orm.update('order', '{"id":1,"title":"guarded 2"}', '{"where":{"paid":true}}');
\echo :SQLSTATE
SELECT orm.update('order', '{"id":99,"title":"x"}');
\echo :SQLSTATE
SELECT orm.update('order', '{"title":"x"}');
\echo :SQLSTATE

-- upsert
SELECT orm.upsert('customer', '[{"id":1,"name":"A"},{"id":4,"name":"Di"}]', '{"actions":true}');
SELECT orm.upsert('customer', '{"id":9,"name":"never","email":"b@x"}', '{"on_conflict":["email"],"update":["name"],"actions":true}');
SELECT orm.upsert('customer', '{"id":9,"name":"kept","email":"b@x"}', '{"on_conflict":"customer_email_key","update":[],"actions":true}');
SELECT orm.upsert('customer', '{"id":9,"name":"key","email":"b@x"}', '{"on_conflict":["email"]}');
\echo :SQLSTATE
SELECT orm.upsert('customer', '{"id":9,"name":"x"}', '{"on_conflict":["name"]}');
SELECT orm.upsert('order', '{"id":1,"views":{"$inc":2}}', '{"returning":{"select":["views"]}}'), orm.upsert('order', '{"views":{"$inc":2}}', '{"returning":{"select":["views"]}}');

-- replace
SELECT orm.save('order', '{"id":1,"secret":"s","paid":true,"views":7}', '{"returning":false}');
SELECT orm.replace('order', orm.find('order', 1, '{"load":["lines.product"]}'), '{"actions":true}')::text ~ 'updated|inserted|deleted';
SELECT orm.replace('order', '{"id":1,"title":"only"}', '{"actions":true}');
SELECT secret, made FROM "order" WHERE id = 1;
SELECT orm.replace('order', '{"id":1,"title":"only"}', '{"actions":true}')->>'$action';

-- returning
SELECT orm.save('order', '{"id":1,"lines":[{"n":1,"quantity":3}]}', '{"returning":{"select":["id"],"load":{"lines":{"select":["n","quantity"]},"customer":true},"count":["lines"]}}');
SELECT orm.save('order', '{"id":1}', '{"returning":{"where":{}}}');
SELECT orm.save('order', '{"id":1}', '{"returning":true}');

-- rights on columns are enough
CREATE ROLE regress_save_permit;
GRANT USAGE ON SCHEMA save_permit TO regress_save_permit;
GRANT INSERT (title), SELECT (id, title), UPDATE (title) ON "order" TO regress_save_permit;
SET ROLE regress_save_permit;
SELECT orm.save('order', '{"title":"mine"}', '{"returning":{"select":["title"]}}');
SELECT orm.save('order', '{"id":1,"title":"mine"}', '{"returning":{"select":["id","title"]}}');
SELECT orm.save('order', '{"id":1,"title":"mine","paid":true}', '{"returning":{"select":["id","title"]}}');
\echo :SQLSTATE
RESET ROLE;
DROP SCHEMA save_permit CASCADE;
DROP ROLE regress_save_permit;
