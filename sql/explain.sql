-- orm.explain and orm.stats: which statements ran, and how.
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users, title text NOT NULL);
CREATE INDEX ON posts (user_id);
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 10) i;
INSERT INTO posts SELECT i, 1 + i % 10, repeat('title ', 100) FROM generate_series(1, 1000) i;
ANALYZE;
SELECT count(*) FROM orm.reflect();
SET orm.window_size = 4;

-- a row per statement; a run per window
SELECT path, strategy, actual_rows, loops, ms >= 0 AS timed, plan #>> '{Plan,Node Type}' IS NOT NULL AS planned
FROM orm.explain('users', '{"load": ["posts.user"]}');
SELECT path, strategy, actual_rows, loops FROM orm.explain('users', '{"load": {"posts": {"limit": 2}}}');
-- where no parent has a key nothing runs
SELECT path, actual_rows, loops, plan_rows IS NULL AS never_planned, plan IS NULL AS no_plan
FROM orm.explain('users', '{"where": {"id": -1}, "load": ["posts"]}');
-- it shows what fetch runs
SELECT count(*) FROM orm.explain('users', '{"load": ["posts"]}') e JOIN orm.sql('users', '{"load": ["posts"]}') s ON e.statement = s;
SELECT orm.explain('nobody');

-- the same shape with other values is one plan, and other shapes are others
DISCARD PLANS;
DO $$
BEGIN
	FOR i IN 1 .. 20 LOOP
		PERFORM orm.fetch('posts', jsonb_build_object('where', jsonb_build_object('id', i, 'title', jsonb_build_object('$in', jsonb_build_array('a', i::text)))));
		PERFORM orm.find('posts', i);
	END LOOP;
END $$;
SELECT calls, rows, count(*) FROM orm.stats WHERE statement LIKE '%ANY%' AND statement LIKE '%title%' AND statement LIKE '%id OPERATOR%' GROUP BY calls, rows;
SELECT calls, rows, replans <= 1 AS kept FROM orm.stats WHERE statement LIKE '%WHERE (t.id OPERATOR(pg_catalog.=) ($1))';

-- the planner is told how many rows a fetch gives
EXPLAIN SELECT * FROM orm.fetch('posts');
EXPLAIN SELECT * FROM orm.fetch('posts', '{"limit": 7}', orm.limit(5));
EXPLAIN SELECT * FROM orm.fetch('nobody');
