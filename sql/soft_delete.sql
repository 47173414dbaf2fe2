-- Entities that are deleted softly: trashed rows are not there for any way of reading, unless asked for.
SET client_min_messages = warning;
CREATE SCHEMA soft;
SET search_path = soft;
CREATE TABLE team (id int PRIMARY KEY, name text, archived bool) WITH (orm.entity = 'Team', orm.soft_delete = 'archived');
CREATE TABLE person (id int PRIMARY KEY, team_id int REFERENCES team, boss_id int REFERENCES person, name text, deleted_at timestamptz)
	WITH (orm.entity = 'Person', orm.soft_delete = 'deleted_at');
CREATE TABLE badge (id int PRIMARY KEY, label text, gone date);
CREATE TABLE person_badge (person_id int REFERENCES person, badge_id int REFERENCES badge, PRIMARY KEY (person_id, badge_id));
SELECT FROM orm.entity('Badge', 'badge', soft_delete => 'gone');
INSERT INTO team VALUES (1, 'A', false), (2, 'B', NULL), (3, 'C', true);
INSERT INTO person VALUES (1, 1, NULL, 'Ada', NULL), (2, 1, 1, 'Bob', now()), (3, 2, 2, 'Cy', NULL), (4, 3, 1, 'Di', NULL), (5, 3, 4, 'Ed', 'infinity');
INSERT INTO badge VALUES (1, 'x', NULL), (2, 'y', '2020-01-01');
INSERT INTO person_badge VALUES (1, 1), (1, 2), (2, 1);
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION ids(entity text, VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(f.entity->>'id', ',' ORDER BY (f.entity->>'id')::int), '') FROM orm.fetch($1, VARIADIC clauses) f
$$;

-- the root
SELECT ids('Team', '{}'), ids('Team', '{"trashed": "with"}'), ids('Team', '{"trashed": "only"}');
SELECT ids('Person', '{}'), ids('Person', '{"trashed": "with"}'), ids('Person', '{"trashed": "only"}'), ids('Badge', '{}');
SELECT orm.count('Person'), orm.count('Person', '{"trashed": "only"}'), orm.exists('Person', '{"where": {"id": 2}}'), orm.exists('Person', '{"where": {"id": 2}, "trashed": "with"}');
SELECT orm.find('Person', 2), orm.find('Person', 2, '{"trashed": "with", "select": ["id"]}'), orm.find('Person', 1, '{"trashed": "only"}');
SELECT orm.find('Team', 2), orm.find('Team', 3);
SELECT orm.first('Person', '{"order": ["-id"], "select": ["id"]}');
SELECT orm.sql('Team', '{"select": ["id"]}'), orm.sql('Team', '{"select": ["id"], "trashed": "only"}'), orm.sql('Person', '{"select": ["id"], "trashed": "with"}');
-- a kept statement knows it too, and a row trashed meanwhile is gone
SELECT orm.find('Person', 1) IS NULL;
UPDATE person SET deleted_at = now() WHERE id = 1;
SELECT orm.find('Person', 1) IS NULL;
UPDATE person SET deleted_at = NULL WHERE id = 1;
SELECT orm.find('Person', 1) IS NULL;

-- $or opens nothing
SELECT ids('Person', '{"where": {"$or": [{"id": 2}, {"id": 3}, {"deleted_at": {"$null": false}}, {"$not": {"id": 1}}]}}');
SELECT ids('Person', '{"where": {"$or": []}}'), ids('Person', '{"where": {"$and": []}}');

-- relations
SELECT orm.list('Team', '{"order": ["id"], "select": ["id"], "load": {"person": {"select": ["id"]}}}');
SELECT orm.list('Team', '{"order": ["id"], "select": ["id"], "trashed": "with", "load": {"person": {"select": ["id"], "trashed": "with"}}}');
SELECT orm.list('Team', '{"order": ["id"], "select": ["id"], "load": {"person": {"select": ["id"], "trashed": "only", "where": {"$or": [{"id": 1}, {"id": 2}, {"id": 5}]}}}}');
SELECT orm.list('Person', '{"order": ["id"], "select": ["id"], "load": {"boss": {"select": ["id"]}, "team": {"select": ["id"]}, "badge": {"select": ["id"]}}}');
SELECT orm.list('Person', '{"order": ["id"], "select": ["id"], "load": {"badge": {"select": ["id"], "trashed": "with", "limit": 1, "order": ["-id"]}}}');
-- rows at hand are given; what hangs on them is not
SELECT orm.hydrate(p, '{"select": ["id"], "load": {"boss": {"select": ["id"]}}}') FROM person p ORDER BY id;
SELECT orm.collect(p, '{"select": ["id"], "load": {"team": {"select": ["id"]}}}' ORDER BY p.id) FROM person p;
SELECT * FROM orm.hydrate_query('Person', 'SELECT * FROM person WHERE id IN (2, 3) ORDER BY id', '{"select": ["id"], "load": {"boss": {"select": ["id"]}}}');
-- the row behind an order
SELECT orm.list('Person', '{"order": [{"boss.name": "desc nulls last"}, "id"], "select": ["id"]}');

-- filters of relations
SELECT ids('Team', '{"where": {"person": true}, "trashed": "with"}'), ids('Team', '{"where": {"person": {"name": "Bob"}}}'), ids('Team', '{"where": {"person": {"$count": {"$gte": 2}}}}');
SELECT ids('Team', '{"where": {"person": {"$every": {"name": "Ada"}}}}'), ids('Team', '{"where": {"person": {"$none": {"name": "Bob"}}}}');
SELECT ids('Person', '{"where": {"boss": {"name": "Bob"}}}'), ids('Person', '{"where": {"boss": null}}'), ids('Person', '{"where": {"boss": false}}'), ids('Person', '{"where": {"team": {"$not": {"id": 1}}}}');
SELECT ids('Person', '{"where": {"badge": {"label": "y"}}}'), ids('Person', '{"where": {"badge": {"$count": 1}}}'), ids('Team', '{"where": {"person": {"$aggregate": {"function": "max", "property": "name", "$eq": "Ada"}}}}');
SELECT ids('Person', '{"where": {"$or": [{"boss": {"$or": [{"id": 2}, {"id": 1}]}}, {"team": {"id": 3}}]}}'), ids('Person', '{"where": {"name": {"$ne": {"$col": "boss.name"}}}}');

-- numbers about relations
SELECT orm.list('Team', '{"order": ["-person_count", "id"], "select": ["id"], "trashed": "with", "count": ["person"], "aggregate": {"last": {"relation": "person", "function": "max", "property": "name"}}}');
SELECT orm.list('Person', '{"order": ["id"], "select": ["id"], "count": ["badge"], "aggregate": {"any": {"relation": "boss", "function": "count", "where": {"$or": [{"id": 1}, {"id": 2}]}}}}');

-- refused
SELECT ids('Person', '{"trashed": "yes"}');
SELECT ids('Person', '{"trashed": true}');
CREATE TABLE plain (id int PRIMARY KEY) WITH (orm.entity = 'Plain');
SELECT ids('Plain', '{"trashed": "with"}');
SELECT orm.list('Team', '{"load": {"person": {"trashed": "none"}}}');
SELECT orm.hydrate(p, '{"trashed": "only"}') FROM person p;
SELECT * FROM orm.hydrate_query('Person', 'TABLE person', '{"trashed": "only"}');

-- the column is followed, and without it nothing is trashed
ALTER TABLE person RENAME deleted_at TO "Deleted At";
SELECT ids('Person', '{}'), ids('Person', '{"trashed": "only"}');
ALTER TABLE person DROP "Deleted At";
SELECT ids('Person', '{}');
SELECT ids('Person', '{"trashed": "only"}');
DROP SCHEMA soft CASCADE;
