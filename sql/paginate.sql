-- Pages: by number, by cursor, totals, and what can't stand together.
SET client_min_messages = warning;
CREATE SCHEMA paging;
SET search_path = paging;
\pset format unaligned
\pset tuples_only on

CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, active bool NOT NULL DEFAULT true, age int);
CREATE INDEX users_name ON users (name, id);
CREATE INDEX users_age ON users (age DESC, id);
CREATE TABLE posts (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, title text NOT NULL);
CREATE INDEX ON posts (user_id);
CREATE VIEW keyless AS SELECT name FROM users;
INSERT INTO users SELECT n, chr(64 + (n * 7) % 23 + 1), n % 6 > 0, nullif(n % 5, 0) FROM generate_series(1, 27) n;
INSERT INTO posts SELECT n, n % 27 + 1, 'p' || n FROM generate_series(1, 54) n;
SELECT orm.entity('User', 'users'), orm.entity('Post', 'posts'), orm.entity('Keyless', 'keyless');

-- cursors hold a checksum that differs from machine to machine: shown is whether there are any
CREATE FUNCTION shown(page json) RETURNS TABLE(part text) LANGUAGE sql AS $$
	SELECT e.key || ': ' || CASE WHEN e.key IN ('next', 'prev') AND e.value::text <> 'null' THEN 'a cursor' ELSE e.value::text END
	FROM json_each(page) WITH ORDINALITY AS e(key, value, n) ORDER BY n
$$;
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', state, message, detail, hint;
END $$;
\set VERBOSITY terse

-- a page by its number: filter, order, count with the same filter
\set page '{"where": {"active": true}, "order": ["name"], "limit": 5, "page": 2, "total": true, "select": ["id", "name"]}'
SELECT * FROM shown(orm.paginate('User', :'page'));
SELECT orm.list('User', '{"where": {"active": true}, "order": ["name"], "limit": 5, "offset": 5, "select": ["id", "name"]}');
SELECT * FROM shown(orm.paginate('User', :'page', '{"page": 5}'));
SELECT * FROM shown(orm.paginate('User', :'page', '{"page": 6}'));
-- limit 20, the key as order, the first page
SELECT part FROM shown(orm.paginate('User', '{"select": ["id"]}'));
SELECT part FROM shown(orm.paginate('User', '{"select": ["id"], "limit": 27}'));
SELECT part FROM shown(orm.paginate('User', '{"where": {"id": 0}, "total": true}'));
-- an offset is no page
SELECT part FROM shown(orm.paginate('User', '{"select": ["id"], "limit": 2, "offset": 3}'));

-- relations of the page, and of no other row: two statements
SELECT orm.paginate('User', '{"where": {"id": {"$lt": 4}}, "limit": 2, "select": ["id"], "load": {"posts": {"select": ["id"]}}}')->'items';
SELECT calls, rows FROM orm.stats WHERE statement LIKE '%k(k1, ord)%';

-- a walk: three pages, the rows 1 to 7 once each, and deleting one that was met changes nothing
CREATE FUNCTION walk(deleted int DEFAULT 0) RETURNS SETOF json LANGUAGE plpgsql AS $$
DECLARE
	page json;
	cursor text;
BEGIN
	LOOP
		page := orm.paginate('User', '{"where": {"id": {"$lte": 7}}, "order": ["id"], "limit": 3, "select": ["id"]}',
			CASE WHEN cursor IS NULL THEN '{}' ELSE jsonb_build_object('after', cursor) END);
		RETURN NEXT page->'items';
		DELETE FROM posts WHERE user_id = deleted;
		DELETE FROM users WHERE id = deleted;
		cursor := page->>'next';
		EXIT WHEN cursor IS NULL;
	END LOOP;
END $$;
SELECT walk();
BEGIN;
SELECT walk(2);
ROLLBACK;

-- the statements: one row comparison, or spelled out
SELECT orm.paginate('User', '{"order": ["name"], "limit": 2}')->>'next' AS by_name,
	orm.paginate('User', '{"order": ["-name"], "limit": 2}')->>'next' AS by_name_down,
	orm.paginate('User', '{"order": ["age"], "limit": 2}')->>'next' AS by_age,
	orm.paginate('User', '{"order": ["age"], "limit": 26}')->>'next' AS by_null,
	orm.paginate('User', '{"order": ["-age"], "limit": 7}')->>'next' AS by_age_down,
	orm.paginate('User', '{"limit": 2}')->>'next' AS by_key \gset
SELECT orm.sql('User', jsonb_build_object('after', :'by_key'), '{"select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('before', :'by_key'), '{"select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"], "limit": 2, "select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('before', :'by_name'), '{"order": ["name"], "limit": 2, "select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('after', :'by_name_down'), '{"order": ["-name"], "limit": 2, "select": ["id"], "where": {"$or": [{"id": 1}, {"id": 2}]}}');
SELECT orm.sql('User', jsonb_build_object('after', :'by_age'), '{"order": ["age"], "limit": 2, "select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('before', :'by_null'), '{"order": ["age"], "limit": 2, "select": ["id"]}');
SELECT orm.sql('User', jsonb_build_object('after', :'by_age_down'), '{"order": ["-age"], "limit": 2, "select": ["id"]}');

-- the indexes that a person would have made for them are used
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Name"'), jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Cond"')
	FROM orm.explain('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"], "limit": 2}');
SELECT jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Name"'), jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Cond"')
	FROM orm.explain('User', jsonb_build_object('before', :'by_name'), '{"order": ["name"], "limit": 2}');
SELECT jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Name"'), jsonb_path_query_array(plan::jsonb, 'strict $.**."Index Cond"')
	FROM orm.explain('User', jsonb_build_object('after', :'by_age_down'), '{"order": ["-age"], "limit": 2}');
RESET enable_seqscan;
RESET enable_bitmapscan;

-- cursors in the other functions
SELECT orm.list('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"], "limit": 3, "select": ["id", "name"]}');
SELECT orm.list('User', jsonb_build_object('before', :'by_name'), '{"order": ["name"], "limit": 3, "select": ["id", "name"]}');
SELECT orm.first('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"], "select": ["id", "name"]}'),
	orm.first('User', jsonb_build_object('before', :'by_name'), '{"order": ["name"], "select": ["id", "name"]}');
SELECT orm.count('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"]}'), orm.count('User', jsonb_build_object('before', :'by_name'), '{"order": ["name"]}'),
	orm.exists('User', jsonb_build_object('after', :'by_name'), '{"order": ["name"]}');
-- and in a relation, for each parent
SELECT orm.paginate('Post', '{"order": ["-id"], "limit": 53}')->>'next' AS post \gset
SELECT orm.fetch('User', '{"where": {"id": [2, 3]}, "select": ["id"]}', jsonb_build_object('load', jsonb_build_object('posts', jsonb_build_object('order', jsonb_build_array('-id'), 'select', jsonb_build_array('id'), 'after', :'post'))));
SELECT orm.fetch('User', '{"where": {"id": [8, 9]}, "select": ["id"]}', jsonb_build_object('load', jsonb_build_object('posts', jsonb_build_object('order', jsonb_build_array('-id'), 'select', jsonb_build_array('id'), 'before', :'post', 'limit', 2))));
SELECT orm.fetch('User', '{"where": {"id": [8, 9]}, "select": ["id"]}', jsonb_build_object('load', jsonb_build_object('posts', jsonb_build_object('order', jsonb_build_array('-id'), 'select', jsonb_build_array('id'), 'before', :'post', 'limit', 1))));

-- totals; without statistics the planner is asked
SELECT (orm.paginate('User', '{"limit": 10, "select": ["id"], "total": "estimated", "page": 3}')->>'total')::bigint > 0;
ANALYZE users;
SELECT part FROM shown(orm.paginate('User', '{"limit": 10, "select": ["id"], "total": "estimated", "page": 3}'));
SELECT part FROM shown(orm.paginate('User', '{"limit": 1, "select": ["id"], "total": "planned", "where": {"active": false}}'));
SELECT part FROM shown(orm.paginate('User', '{"limit": 1, "select": ["id"], "total": "estimated", "where": {"active": false}}'));
SELECT part FROM shown(orm.paginate('User', '{"limit": 1, "select": ["id"], "total": false}'));
SELECT part FROM shown(orm.paginate('User', jsonb_build_object('after', :'by_key'), '{"limit": 1, "select": ["id"], "total": true}'));

-- one snapshot for the page and its total, also inside a transaction
BEGIN;
INSERT INTO users VALUES (100, 'Zoe');
SELECT part FROM shown(orm.paginate('User', '{"limit": 13, "page": 3, "select": ["id"], "total": true}'));
ROLLBACK;

-- what can't stand together
CALL raises($$orm.paginate('User', '{"page": 0}')$$);
CALL raises($$orm.paginate('User', '{"page": -1}')$$);
CALL raises($$orm.paginate('User', '{"page": "2"}')$$);
CALL raises($$orm.paginate('User', '{"page": 999999999999999999}')$$);
CALL raises($$orm.paginate('User', '{"page": 2, "offset": 5}')$$);
CALL raises($$orm.paginate('User', '{"page": 2, "after": "x"}')$$);
CALL raises($$orm.paginate('User', '{"page": 2, "before": "x"}')$$);
CALL raises($$orm.paginate('User', '{"before": "x", "after": "x"}')$$);
CALL raises($$orm.list('User', '{"before": "x"}', '{"after": "x"}')$$);
CALL raises($$orm.paginate('User', '{"limit": 0}')$$);
CALL raises($$orm.paginate('User', '{"total": "some"}')$$);
CALL raises($$orm.paginate('User', '{"total": 1}')$$);
CALL raises($$orm.paginate('User', '{"after": 1}')$$);
CALL raises($$orm.paginate('User', '{"after": null}')$$);
CALL raises($$orm.paginate('Keyless')$$);
CALL raises($$orm.list('Keyless', '{"after": "x"}')$$);
CALL raises($$orm.list('User', '{"page": 1}')$$);
CALL raises($$orm.paginate('User', '{"load": {"posts": {"page": 1}}}')$$);
CALL raises($$orm.paginate('User', '{"lock": "update"}')$$);
CALL raises($$orm.hydrate(u, '{"after": "x"}') FROM users u$$);
CALL raises($$orm.paginate('User', VARIADIC NULL)$$);
CALL raises($$orm.paginate(NULL)$$);

-- no cursors, and none of another entity or order
CALL raises($$orm.paginate('User', '{"after": "%%%"}')$$);
CALL raises($$orm.paginate('User', '{"after": ""}')$$);
CALL raises($$orm.paginate('User', '{"after": "bnVsbA"}')$$);
CALL raises(format($$orm.list('User', '{"after": "%s"}')$$, left(:'by_key', -1)));
CALL raises(format($$orm.list('User', '{"after": "%s"}')$$, :'by_name'));
CALL raises(format($$orm.list('Post', '{"before": "%s"}')$$, :'by_key'));
CALL raises(format($$orm.fetch('User', '{"select": ["id"]}', '{"load": {"posts": {"after": "%s"}}}')$$, :'by_key'));

DROP SCHEMA paging CASCADE;
