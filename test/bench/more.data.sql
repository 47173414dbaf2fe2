-- Data of the workloads in more.sql: tables of uncommon shape. Deterministic, as data.sql is, and small.
--
--   psql -f more.data.sql
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench_more CASCADE;
CREATE SCHEMA bench_more;
SET search_path = bench_more, pg_catalog;

-- 60 columns of common types
SELECT format('CREATE TABLE wide (id bigint PRIMARY KEY, %s)', string_agg(format('c%s %s', i,
	(ARRAY['integer', 'text', 'boolean', 'timestamptz', 'bigint', 'text'])[1 + i % 6]), ', ' ORDER BY i)) FROM generate_series(1, 59) i \gexec
SELECT format('INSERT INTO wide SELECT r, %s FROM generate_series(1, 5000) r', string_agg((ARRAY[
	format('r %% (%s + 1)', i), format('''text '' || r || '' of %s''', i), format('r %% %s = 0', i + 1),
	format('timestamptz ''2020-01-01 00:00:00+00'' + r * interval ''%s minutes''', i), format('r::bigint * %s000', i), format('left(md5(r::text), %s %% 32)', i)])[1 + i % 6], ', ' ORDER BY i))
FROM generate_series(1, 59) i \gexec

-- one value in ten is there
SELECT format('CREATE TABLE sparse (id bigint PRIMARY KEY, %s)', string_agg(format('c%s %s', i,
	(ARRAY['integer', 'text', 'date'])[1 + i % 3]), ', ' ORDER BY i)) FROM generate_series(1, 40) i \gexec
SELECT format('INSERT INTO sparse SELECT r, %s FROM generate_series(1, 10000) r', string_agg((ARRAY[
	format('CASE WHEN (r + %s) %% 10 = 0 THEN r END', i), format('CASE WHEN (r + %s) %% 10 = 0 THEN ''t'' || r END', i),
	format('CASE WHEN (r + %s) %% 10 = 0 THEN date ''2020-01-01'' + r END', i)])[1 + i % 3], ', ' ORDER BY i))
FROM generate_series(1, 40) i \gexec

-- values stored out of line, compressed or not, and documents
CREATE TABLE large (id bigint PRIMARY KEY, body text NOT NULL, plain text NOT NULL, doc jsonb NOT NULL);
ALTER TABLE large ALTER plain SET STORAGE EXTERNAL;
INSERT INTO large
SELECT r, repeat('Words that are said "again" and again. ' || r || E'\n', 500), (SELECT string_agg(md5((r * 400 + i)::text), ' ') FROM generate_series(1, 400) i),
	(SELECT jsonb_object_agg('key' || i, jsonb_build_object('n', i * r, 's', 'value ' || i, 'list', jsonb_build_array(i, r, true, NULL))) FROM generate_series(1, 60) i)
FROM generate_series(1, 500) r;

CREATE TABLE listed (id bigint PRIMARY KEY, numbers int[] NOT NULL, words text[] NOT NULL);
INSERT INTO listed SELECT r, ARRAY(SELECT r * i FROM generate_series(1, 20) i), ARRAY(SELECT 'word ' || i || ' "of" ' || r FROM generate_series(1, 10) i)
FROM generate_series(1, 5000) r;

CREATE TABLE figures (id bigint PRIMARY KEY, a numeric, b numeric(20,6), c numeric, d numeric(12,2), e float8, f float8, g real, h numeric);
INSERT INTO figures SELECT r, r / 7.0, r * 1234567.891, r::numeric * 1e20, r / 100.0, r / 3.0, sqrt(r), r / 9.0, -r FROM generate_series(1, 10000) r;

-- many rows, few targets
CREATE TABLE state (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO state SELECT i, 'state ' || i FROM generate_series(1, 5) i;
CREATE TABLE ticket (id bigint PRIMARY KEY, state_id int NOT NULL REFERENCES state, title text NOT NULL);
INSERT INTO ticket SELECT r, 1 + r % 5, 'ticket ' || r FROM generate_series(1, 20000) r;

-- a root with eight relations of a few rows
CREATE TABLE hub (id bigint PRIMARY KEY, name text NOT NULL);
INSERT INTO hub SELECT r, 'hub ' || r FROM generate_series(1, 2000) r;
SELECT format('CREATE TABLE spoke%1$s (id bigint PRIMARY KEY, hub_id bigint NOT NULL REFERENCES hub, name text NOT NULL)', i) FROM generate_series(1, 8) i \gexec
SELECT format('INSERT INTO spoke%1$s SELECT r, 1 + (r * 7) %% 2000, ''spoke '' || r FROM generate_series(1, 6000) r', i) FROM generate_series(1, 8) i \gexec
SELECT format('CREATE INDEX ON spoke%1$s (hub_id)', i) FROM generate_series(1, 8) i \gexec

CREATE TABLE document (id uuid PRIMARY KEY, name text NOT NULL);
INSERT INTO document SELECT md5(r::text)::uuid, 'document ' || r FROM generate_series(1, 5000) r;
CREATE TABLE part (id uuid PRIMARY KEY, document_id uuid NOT NULL REFERENCES document, name text NOT NULL);
INSERT INTO part SELECT md5('p' || r)::uuid, md5((1 + r % 5000)::text)::uuid, 'part ' || r FROM generate_series(1, 50000) r;
CREATE INDEX ON part (document_id);

CREATE TABLE bill (shop int, number int, total numeric(12,2) NOT NULL, PRIMARY KEY (shop, number));
INSERT INTO bill SELECT 1 + r % 20, r, r / 7.0 FROM generate_series(1, 5000) r;
CREATE TABLE line (shop int, number int, pos int, item text NOT NULL, PRIMARY KEY (shop, number, pos), FOREIGN KEY (shop, number) REFERENCES bill);
INSERT INTO line SELECT b.shop, b.number, i, 'item ' || i FROM bill b, generate_series(1, 8) i;

-- a foreign key of text, and one that no index serves
CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL);
INSERT INTO country SELECT 'c' || r, 'country ' || r FROM generate_series(1, 200) r;
CREATE TABLE city (id bigint PRIMARY KEY, code text NOT NULL REFERENCES country, name text NOT NULL);
INSERT INTO city SELECT r, 'c' || 1 + r % 200, 'city ' || r FROM generate_series(1, 10000) r;

-- indexes over some of the rows: what is not deleted, what is not done
CREATE TABLE shop (id bigint PRIMARY KEY, name text NOT NULL);
INSERT INTO shop SELECT r, 'shop ' || r FROM generate_series(1, 1000) r;
CREATE TABLE item (id bigint PRIMARY KEY, shop_id bigint NOT NULL REFERENCES shop, name text NOT NULL, price int NOT NULL, done boolean NOT NULL, deleted_at timestamptz, created_at timestamptz NOT NULL);
INSERT INTO item SELECT r, 1 + r % 1000, 'item ' || r, hashint8extended(r, 3) & 65535, r % 200 <> 7, CASE WHEN r % 5 = 0 THEN timestamptz '2024-01-01' END,
	timestamptz '2020-01-01 00:00:00+00' + r * interval '1 minute' FROM generate_series(1, 100000) r;
CREATE INDEX ON item (shop_id, created_at) WHERE deleted_at IS NULL;
CREATE INDEX ON item (shop_id) WHERE NOT done;

-- a foreign key of many rows that no index serves
CREATE TABLE sensor (id bigint PRIMARY KEY, name text NOT NULL);
INSERT INTO sensor SELECT r, 'sensor ' || r FROM generate_series(1, 500) r;
CREATE TABLE reading (id bigint PRIMARY KEY, sensor_id bigint NOT NULL REFERENCES sensor, value numeric(8,2) NOT NULL);
INSERT INTO reading SELECT r, 1 + r % 500, r / 7.0 FROM generate_series(1, 100000) r;
VACUUM (FREEZE, ANALYZE);

SELECT count(*) FROM orm.reflect('bench_more') \g /dev/null
SELECT orm.entity('item', 'item', soft_delete => 'deleted_at') \g /dev/null
