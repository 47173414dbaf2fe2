-- The number of statements follows the shape of the graph, not the number of rows.
SET client_min_messages = warning;
CREATE SCHEMA save_statements;
SET search_path = save_statements;
CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE, name text, n int);
CREATE TABLE g (c_id int REFERENCES c ON DELETE CASCADE, k int, PRIMARY KEY (c_id, k));
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE TABLE c_t (c_id int REFERENCES c, t_id int REFERENCES t, pos int, PRIMARY KEY (c_id, t_id));
CREATE INDEX ON c (p_id);
CREATE INDEX ON c_t (t_id);
SELECT FROM orm.reflect('save_statements');
INSERT INTO t SELECT n, 't' || n FROM generate_series(1, 5) n;
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION graph(n int) RETURNS json LANGUAGE sql AS $$
	SELECT json_build_object('name', 'p', 'c', (SELECT json_agg(json_build_object('name', 'c' || i, 'g', json_build_array(json_build_object('k', 1), json_build_object('k', 2)),
		't', json_build_array(json_build_object('id', 1 + i % 5, 'pivot', json_build_object('pos', i))))) FROM generate_series(1, n) i))
$$;
-- how many statements one call runs, and what it does not do twice
CREATE FUNCTION counted(call text) RETURNS TABLE (statements bigint, result json) LANGUAGE plpgsql AS $$
DECLARE before bigint;
BEGIN
	SELECT coalesce(sum(calls), 0) INTO before FROM orm.stats;
	EXECUTE call INTO result;
	SELECT sum(calls) - before INTO statements FROM orm.stats;
	RETURN NEXT;
END $$;
SELECT statements FROM counted($$ SELECT orm.save('p', graph(1)) $$);
SELECT statements FROM counted($$ SELECT orm.save('p', graph(10)) $$);
SELECT statements FROM counted($$ SELECT orm.save('p', graph(1000)) $$);
SELECT statements FROM counted($$ SELECT orm.save('p', graph(20000), '{"returning": false}') $$);
SELECT count(*), count(DISTINCT p_id) FROM c;
SELECT count(*) FROM g;
SELECT count(*), sum(pos) FROM c_t;

-- nothing changes
SELECT orm.find('p', 2, '{"load":["c.g","c.t"]}') AS data \gset
SELECT statements FROM counted(format('SELECT orm.save(''p'', %L::json)', :'data'));
SELECT orm.find('p', 3, '{"load":["c.g","c.t"]}') AS data \gset
SELECT statements FROM counted(format('SELECT orm.save(''p'', %L::json)', :'data'));
-- all rows change, in one way and in two
SELECT statements FROM counted($$ SELECT orm.save('c', (SELECT json_agg(json_build_object('id', id, 'n', id)) FROM c WHERE p_id = 3), '{"returning":false}') $$);
SELECT statements FROM counted($$ SELECT orm.save('c', (SELECT json_agg(CASE WHEN id % 2 = 0 THEN json_build_object('id', id, 'n', -id) ELSE json_build_object('id', id, 'name', 'x') END)
	FROM c WHERE p_id = 3), '{"returning":false}') $$);
SELECT count(*) FILTER (WHERE n = -id), count(*) FILTER (WHERE name = 'x') FROM c WHERE p_id = 3;
-- lists that state all
SELECT statements FROM counted($$ SELECT orm.save('p', '{"id":3,"c":[]}', '{"sync":true,"on_missing":"unlink"}') $$);
SELECT count(*) FROM c WHERE p_id = 3;
DROP SCHEMA save_statements CASCADE;
