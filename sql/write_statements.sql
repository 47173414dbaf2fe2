-- How many statements the verbs run: it does not depend on the number of rows.
-- And keys of types whose equal values look different.
SET client_min_messages = warning;
CREATE SCHEMA write_statements;
SET search_path = write_statements;
\pset format unaligned
\pset tuples_only on
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE thing (id int PRIMARY KEY, owner_id int REFERENCES owner, n int DEFAULT 0, gone bool DEFAULT false);
CREATE TABLE owner_thing (owner_id int REFERENCES owner, thing_id int REFERENCES thing, a int DEFAULT 0, b int DEFAULT 0, PRIMARY KEY (owner_id, thing_id));
INSERT INTO owner VALUES (1), (2);
INSERT INTO thing SELECT generate_series(1, 3000);
SELECT orm.entity('Owner', 'owner'), orm.entity('Thing', 'thing', soft_delete => 'gone');
SELECT orm.many_to_many('Owner', 'linked', 'Thing', 'owner_thing', pivot => '{a,b}'), orm.has_many('Owner', 'things', 'Thing');
-- runs a call about so many rows and tells how many statements it ran, and how many rows it tells of
CREATE FUNCTION counted(call text, n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before numeric; after numeric; answer text; told int;
BEGIN
	SELECT coalesce(sum(calls), 0) INTO before FROM orm.stats;
	EXECUTE 'SELECT ' || call INTO answer USING (SELECT json_agg(g) FROM generate_series(1, n) g),
		(SELECT json_agg(json_build_object('id', g, 'pivot', CASE g % 3 WHEN 0 THEN '{}' WHEN 1 THEN json_build_object('a', n) ELSE json_build_object('a', n, 'b', 1) END)) FROM generate_series(1, n) g);
	SELECT sum(calls) INTO after FROM orm.stats;
	SELECT sum(json_array_length(v)) INTO told FROM json_each(CASE WHEN answer LIKE '{"linked"%' THEN answer::json ELSE '{}' END) e(k, v);
	RETURN (after - before) || ' statements, ' || coalesce(told::text, answer);
END $$;
SELECT format('SELECT %L, counted(%L, 2), counted(%L, 3000)', call, call, call) FROM
	(VALUES (1, 'orm.link(''Owner'', 1, ''linked'', $1)'), (2, 'orm.link(''Owner'', 1, ''linked'', $2)'), (3, 'orm.sync(''Owner'', 2, ''linked'', $2)'), (4, 'orm.sync(''Owner'', 2, ''linked'', ''[3000]'')'),
		(5, 'orm.unlink(''Owner'', 1, ''linked'', $1)'), (6, 'orm.link(''Owner'', 1, ''things'', $1)'), (7, 'orm.sync(''Owner'', 2, ''things'', $1)'), (8, 'orm.unlink(''Owner'', 2, ''things'', $1)')) c(i, call)
	ORDER BY i \gexec
SELECT counted('orm.update_all(''Thing'', ''{"n": 1}'', ''{"where": {"id": {"$lt": 3}}}'')', 1), counted('orm.update_all(''Thing'', ''{"n": 2}'', ''{"all": true}'')', 1);
SELECT counted('orm.delete(''Thing'', 5) IS NOT NULL', 1), counted('orm.restore(''Thing'', 5) IS NOT NULL', 1), counted('orm.delete(''Thing'', 6, ''{"returning": false}'') IS NULL', 1);
SELECT counted('orm.delete_all(''Thing'', ''{"where": {"id": {"$lt": 3}}}'')', 1), counted('orm.delete_all(''Thing'', ''{"all": true}'')', 1);

-- numbers with and without zeros, blanks at the end
CREATE TABLE price (id numeric PRIMARY KEY);
CREATE TABLE code (id char(5) PRIMARY KEY);
CREATE TABLE price_code (price_id numeric REFERENCES price, code_id char(5) REFERENCES code, PRIMARY KEY (price_id, code_id));
INSERT INTO price VALUES (1.0), (2.50);
INSERT INTO code VALUES ('a'), ('b');
SELECT orm.entity('Price', 'price'), orm.entity('Code', 'code');
SELECT orm.link('Price', 1, 'code', '["a", "a    ", {"id": "b"}]'), orm.link('Code', 'a', 'price', '[1, 1.000, 2.5]');
SELECT * FROM price_code ORDER BY 1, 2;
SELECT orm.sync('Code', 'a'::char(5), 'price', 2.5), orm.unlink('Code', 'b', 'price', '1.00');
SELECT * FROM price_code ORDER BY 1, 2;
DROP SCHEMA write_statements CASCADE;
