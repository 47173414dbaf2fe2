-- Trees: what orm.tree declares, and how rows are followed up and down.
SET client_min_messages = warning;
CREATE SCHEMA tree;
SET search_path = tree;
CREATE TABLE category (id int PRIMARY KEY, parent_id int REFERENCES category, name text NOT NULL, rank int NOT NULL DEFAULT 0, gone timestamptz);
CREATE INDEX ON category (parent_id);
CREATE TABLE item (id int PRIMARY KEY, category_id int NOT NULL REFERENCES category, label text);
CREATE INDEX ON item (category_id);
INSERT INTO category (id, parent_id, name, rank) VALUES
	(1, NULL, 'root', 1), (2, 1, 'books', 2), (3, 1, 'art', 1), (4, 2, 'maths', 3), (5, 2, 'history', 1), (6, 4, 'algebra', 1), (7, NULL, 'other', 2),
	(10, 11, 'ten', 1), (11, 12, 'eleven', 1), (12, 10, 'twelve', 1), (13, 12, 'hanger', 2), (20, 20, 'self', 1);
INSERT INTO item VALUES (1, 2, 'shelf'), (2, 6, 'ring'), (3, 6, 'field'), (4, 13, 'hook');
SELECT orm.entity('Category', 'category', soft_delete => 'gone'), orm.entity('Item', 'item');
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION ids(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(entity->>'id', ',' ORDER BY (entity->>'id')::int), '') FROM orm.fetch('Category', VARIADIC clauses)
$$;

--
-- Declaring
--
SELECT orm.tree('Category');
SELECT name, type, source, details FROM orm.describe('Category') WHERE kind IN ('relation', 'orphan');
-- once more changes nothing, and what says more than a tree stays
SELECT orm.has_many('Category', 'children', 'Category', order_by => '{rank,id}');
SELECT count(*) FROM orm.tree('Category', '{parent_id}');
SELECT name, details FROM orm.describe('Category') WHERE name IN ('children', 'descendants');
SELECT orm.export('Category');
SELECT orm.define(orm.export('Category')::text);
SELECT name, kind, foreign_key, local_key, target_key, order_by FROM orm.relations WHERE relation = 'category'::regclass ORDER BY name;

--
-- Below: nested, to a depth, as a list
--
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"]}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "depth": "all"}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "depth": 2}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "depth": 1}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "depth": 0}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "depth": 2, "order": ["-name"]}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "depth": 0}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": ["descendants"]}');
-- the relation that a tree is made of, followed
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"children": {"select": ["name"], "depth": "all"}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"children": {"select": ["name"], "flat": true, "depth": "all"}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"children": {"select": ["name"], "flat": true}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"children": {"select": ["name"]}}}');

--
-- Above
--
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"]}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"], "flat": true, "depth": 2}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"], "flat": false}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"], "flat": false, "depth": 2}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"parent": {"select": ["name"], "depth": "all"}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"parent": {"select": ["name"], "depth": 0}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"ancestors": {"select": ["name"]}, "parent": {"depth": "all"}}}');

--
-- Data that goes round in a circle
--
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$gte": 10}}, "order": ["id"], "load": {"descendants": {"select": ["id"]}}}');
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$gte": 10}}, "order": ["id"], "load": {"descendants": {"select": ["id"], "flat": true}}}');
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$gte": 10}}, "order": ["id"], "load": {"ancestors": {"select": ["id"]}}}');
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$gte": 10}}, "order": ["id"], "load": {"parent": {"select": ["id"], "depth": "all"}}}');
SELECT orm.find('Category', 20, '{"select": ["id"], "load": {"children": {"select": ["id"], "depth": 5}, "parent": {"select": ["id"], "depth": 5}}}');
-- to a depth at which it does not close
SELECT orm.find('Category', 10, '{"select": ["id"], "load": {"descendants": {"select": ["id"], "depth": 2}, "ancestors": {"select": ["id"], "depth": 2}}}');

--
-- What the clauses mean in a tree
--
-- where: nested it cuts off what is below, in a list it chooses
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "where": {"name": {"$ne": "maths"}}}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "where": {"name": {"$ne": "maths"}}}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"], "where": {"name": {"$ne": "books"}}}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"parent": {"select": ["name"], "depth": "all", "where": {"name": {"$ne": "books"}}}}}');
-- limit: nested for each row, else for the list
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "limit": 1, "order": ["name"]}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "limit": 1, "offset": 1, "order": ["name"]}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "limit": 3, "offset": 1}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "limit": 2, "where": {"name": {"$like": "%a%"}}}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"], "limit": 1, "offset": 1}}}');
-- relations, counts and aggregates of every row
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "load": {"item": {"select": ["label"]}, "parent": {"select": ["name"]}}, "count": ["children", "descendants"]}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "load": ["children"], "count": ["item"], "order": ["-item_count"]}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": ["descendants.ancestors"]}') #>> '{descendants,0,ancestors,0,name}';
-- nothing else is selected
SELECT orm.find('Category', 2, '{"select": [], "load": {"descendants": {"select": []}}}');
SELECT orm.find('Category', 2, '{"select": [], "load": {"descendants": {"select": [], "flat": true}}}');
-- order: by a path, nulls, values that are not passed by value
SELECT orm.find('Category', 1, '{"select": [], "load": {"descendants": {"select": ["name"], "flat": true, "order": ["parent.name", {"name": "desc"}]}}}');
SELECT orm.find('Category', 1, '{"select": [], "load": {"descendants": {"select": ["id"], "flat": true, "order": [{"gone": "desc nulls last"}, "-id"]}}}');

--
-- Several roots of one window, one above the other
--
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$lt": 7}}, "order": ["id"], "load": {"descendants": {"select": ["id"], "depth": 2}, "ancestors": {"select": ["id"]}}}');
SELECT count(*) FROM orm.fetch('Category', '{"load": {"descendants": {"depth": 2}, "ancestors": {"depth": 1}}}');
SELECT path, loops, actual_rows FROM orm.explain('Category', '{"load": {"descendants": {"depth": 2, "load": ["item"]}, "ancestors": {"depth": 1}}}');

--
-- Soft deletion and global scopes hold on every row: one that is cut off takes along what is below
--
UPDATE category SET gone = '2024-01-01' WHERE id = 4;
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"]}}}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true}}, "count": ["descendants"]}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "trashed": "with"}}}');
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"]}}, "count": ["ancestors"]}');
SELECT ids('{"where": {"descendants": {"name": "algebra"}}}');
UPDATE category SET gone = NULL;
SELECT orm.scope('Category', 'no_books', '{"name": {"$ne": "books"}}', global => true);
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true}}, "count": ["descendants"]}');
SELECT orm.find('Category', 1, '{"select": ["id"], "load": {"descendants": {"select": ["name"], "flat": true, "without": ["no_books"]}}}');
SELECT orm.drop_scope('Category', 'no_books');

--
-- Conditions, counts and aggregates
--
SELECT ids('{"where": {"descendants": {"$some": {"name": "algebra"}}}}');
SELECT ids('{"where": {"descendants": {"$none": {}}}}');
SELECT ids('{"where": {"descendants": true}}'), ids('{"where": {"ancestors": false}}');
SELECT ids('{"where": {"ancestors": {"$every": {"rank": {"$lte": 2}}}}}');
SELECT ids('{"where": {"ancestors": {"$count": 3}}}'), ids('{"where": {"ancestors": {"$count": {"$where": {"rank": 1}, "$gte": 2}}}}');
SELECT ids('{"where": {"descendants": {"$aggregate": {"function": "max", "property": "rank", "$gte": 3}}}}');
SELECT ids('{"where": {"parent": {"parent": {"name": "root"}}}}'), ids('{"where": {"children": {"name": "maths"}}}');
SELECT ids('{"where": {"descendants": {"item": {"label": "ring"}}}}'), ids('{"where": {"descendants": {"descendants": {"id": 6}}}}');
SELECT ids('{"where": {"ancestors": {"name": {"$eq": {"$col": "^.name"}}}}}'), ids('{"where": {"descendants": {"rank": {"$gt": {"$col": "^.rank"}}}}}');
SELECT orm.fetch('Category', '{"select": ["id"], "order": ["-descendants_count", "id"], "limit": 3, "count": ["descendants", "ancestors"]}');
SELECT orm.find('Category', 1, '{"select": ["id"], "aggregate": {"top": {"relation": "descendants", "function": "max", "property": "rank", "where": {"name": {"$ne": "maths"}}}}}');
-- through a tree
SELECT orm.has_many_through('Category', 'all_items', 'descendants.item'), orm.has_many_through('Item', 'shelves', 'category.ancestors', order_by => '{-name}');
SELECT orm.fetch('Category', '{"select": ["id"], "order": ["id"], "count": ["all_items"], "load": {"all_items": {"select": ["label"]}}}');
SELECT orm.fetch('Item', '{"select": ["label"], "order": ["id"], "load": {"shelves": {"select": ["name"]}}}');
SELECT ids('{"where": {"all_items": {"label": "ring"}}}');
SELECT orm.drop_relation('Category', 'all_items'), orm.drop_relation('Item', 'shelves');
-- in a circle each row counts once
SELECT orm.fetch('Category', '{"select": ["id"], "where": {"id": {"$gte": 10}}, "order": ["id"], "count": ["descendants", "ancestors"]}');

--
-- Entities at hand
--
SELECT orm.load('Category', '[{"id": 2, "parent_id": 1}, {"id": 10, "parent_id": 11}]', '{"load": {"descendants": {"select": ["id"]}, "ancestors": {"select": ["id"]}}, "count": ["descendants"]}');
SELECT orm.load('Category', (SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["id"]}}}')), '{"load": ["descendants.item"]}');
SELECT orm.load('Category', (SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["id"], "flat": true}}}')), '{"load": {"descendants": {"flat": true, "load": ["item"]}}}');
SELECT orm.collect(c, '{"select": ["id"], "load": {"ancestors": {"select": ["id"]}}}') FROM category c WHERE id IN (6, 10);
SELECT orm.hydrate(c, '{"select": ["id"], "load": {"ancestors": {"select": ["id"]}}}') FROM category c WHERE id IN (10);
SELECT orm.hydrate_query('Category', 'SELECT id, parent_id FROM tree.category WHERE id IN (5, 10)', '{"select": ["id"], "load": {"ancestors": {"select": ["id"]}, "descendants": {"select": ["id"]}}}');

-- deferred
SELECT * FROM orm.related('Category', '[2, 10]', 'descendants', '{"select": ["id"], "depth": 1}');
SELECT * FROM orm.related('Category', '[6, 10]', 'ancestors', '{"select": ["id"]}');
SELECT orm.attach('Category', '[{"id": 6}, {"id": 10}, {"id": 1}]', 'ancestors', (SELECT json_agg(r) FROM orm.related('Category', '[6, 10]', 'ancestors', '{"select": ["id"], "flat": false}') AS r));
SELECT orm.attach('Category', '[{"id": 6}]', 'parent', (SELECT json_agg(r) FROM orm.related('Category', '[6]', 'parent', '{"select": ["id"], "flat": true, "depth": 2}') AS r));
SELECT orm.attach('Category', '[{"id": 6}]', 'children', '[{"key": 6, "value": null}]');
-- children come back as they were read, rows at the last depth with what is below them
SELECT orm.save('Category', (SELECT orm.find('Category', 1, '{"omit": ["gone"], "load": {"children": {"depth": 2, "omit": ["gone"]}}}'))) #>> '{children,1,children,1,name}';
SELECT orm.find('Category', 1, '{"count": ["descendants"]}') ->> 'descendants_count';

--
-- What cannot be
--
\set ON_ERROR_STOP 0
\set VERBOSITY default
SELECT orm.fetch('Category', '{"depth": 2}');
SELECT orm.fetch('Category', '{"load": {"item": {"depth": 2}}}');
SELECT orm.fetch('Category', '{"load": {"item": {"flat": true}}}');
SELECT orm.fetch('Category', '{"load": {"descendants": {"depth": -1}}}');
SELECT orm.fetch('Category', '{"load": {"descendants": {"depth": "some"}}}');
SELECT orm.fetch('Category', '{"load": {"descendants": {"flat": 1}}}');
SELECT orm.fetch('Category', '{"load": {"descendants": {"flat": true, "distinct": ["name"]}}}');
SELECT orm.fetch('Category', '{"load": {"descendants": {"after": "x"}}}');
SELECT orm.fetch('Category', '{"load": ["descendants.children"]}');
SELECT orm.fetch('Category', '{"load": {"children": {"depth": 2, "load": ["children"]}}}');
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["id"], "load": ["parent", "descendants"]}}}');
CREATE TABLE stage (id int PRIMARY KEY, depth int, cycle text, up int REFERENCES stage, other int REFERENCES stage);
INSERT INTO stage VALUES (1, 7, 'a', NULL, NULL), (2, 8, 'b', 1, 1);
SELECT orm.entity('Stage', 'stage');
SELECT orm.tree('Stage');
SELECT orm.tree('Item');
SELECT orm.tree('Stage', '{up,other}');
SELECT orm.tree('Stage', '{upp}');
SELECT orm.tree('Nothing');
SELECT orm.tree('Stage', '{up}');
SELECT orm.find('Stage', 2, '{"load": ["ancestors"]}');
SELECT orm.find('Stage', 2, '{"load": {"ancestors": {"omit": ["depth", "cycle"]}}}');
SELECT orm.find('Stage', 1, '{"load": {"descendants": {"omit": ["cycle"]}}}');
SELECT orm.define('{"orm": 1, "entities": {"Item": {"relations": {"below": {"descendants": "Category"}}}}}');
SELECT orm.define('{"orm": 1, "entities": {"Category": {"relations": {"below": {"descendants": "Category", "eager": true}}}}}');
CREATE TABLE named (id int PRIMARY KEY, parent int REFERENCES named, children text);
SELECT orm.entity('Named', 'named');
SELECT orm.tree('Named');
SELECT orm.define('{"orm": 1, "entities": {"Named": {"relations": {"below": {"descendants": "Named"}}}}}');

--
-- Documents from outside: no depth, no flat; as deep as orm.max_depth
--
SELECT orm.fetch('Category', orm.untrusted('{"load": {"descendants": {"depth": 2}}}'));
SET orm.max_depth = 2;
SELECT orm.fetch('Category', orm.untrusted('{"select": ["id"], "where": {"id": 1}, "load": {"descendants": {"select": ["id"], "limit": 1}}}'));
SELECT orm.fetch('Category', '{"load": {"descendants": {"depth": 1}}}', orm.untrusted('{"select": ["id"], "where": {"id": 1}, "load": {"descendants": {"select": ["id"]}}}'));
RESET orm.max_depth;
SELECT orm.fetch('Category', '{"load": {"descendants": {"where": {"name": {"$ne": "books"}}}}}', orm.untrusted('{"select": ["id"], "where": {"descendants": {"name": "algebra"}}, "count": ["descendants"], "load": {"descendants": {"select": ["id"]}}}'));
SELECT orm.fetch('Category', '{"load": {"descendants": {"flat": true, "where": {"name": {"$ne": "books"}}}}}', orm.untrusted('{"select": ["id"], "where": {"descendants": {"name": "algebra"}}, "count": ["descendants"], "load": {"descendants": {"select": ["id"]}}}'));
SELECT orm.fetch('Category', '{"load": {"children": {"depth": "all", "where": {"name": {"$ne": "maths"}}}}}', orm.untrusted('{"select": ["id"], "where": {"children": {"children": {"name": "maths"}}}, "load": {"children": {"select": ["id"]}}}'));
SELECT orm.fetch('Category', '{"load": {"children": {"depth": "all", "where": {"name": {"$ne": "maths"}}}}}', orm.untrusted('{"select": ["id"], "where": {"children": {"children": {"name": "history"}}}, "load": {"children": {"select": ["id"]}}}'));
SET orm.max_rows = 4;
SELECT orm.find('Category', 1, '{"load": ["descendants"]}');
RESET orm.max_rows;

--
-- Composite keys, wide and narrow, other collations, a key that is not the primary one
--
CREATE COLLATION bare FROM "C";
CREATE TABLE place (tenant smallint, code text COLLATE bare, up_tenant int, up_code text COLLATE bare, PRIMARY KEY (tenant, code));
INSERT INTO place VALUES (1, 'a', NULL, NULL), (1, 'b', 1, 'a'), (2, 'a', 1, 'a'), (2, 'b', 1, 'b'), (3, 'x', 3, NULL);
SELECT orm.entity('Place', 'place');
SELECT orm.tree('Place', '{up_tenant,up_code}');
SELECT orm.fetch('Place', '{"select": ["tenant", "code"], "order": ["tenant", "code"], "count": ["descendants", "ancestors"], "load": {"descendants": {"select": ["tenant", "code"], "flat": true}, "ancestors": {"select": ["tenant", "code"]}}}');
SELECT orm.fetch('Place', '{"select": ["tenant", "code"], "where": {"descendants": {"tenant": 2, "code": "b"}}, "order": ["-descendants_count", "code"], "count": ["descendants"]}');
CREATE TABLE note (id bigint PRIMARY KEY, slug varchar(10) NOT NULL UNIQUE, under varchar(10) REFERENCES note (slug));
INSERT INTO note VALUES (1, 'a', NULL), (2, 'b', 'a'), (3, 'c', 'b');
SELECT orm.entity('Note', 'note');
SELECT count(*) FROM orm.tree('Note');
SELECT orm.fetch('Note', '{"where": {"ancestors": {"slug": "a"}}, "order": ["id"], "count": ["ancestors"], "load": {"descendants": {"select": ["slug"]}, "ancestors": {"select": ["slug"]}}}');

-- a chain of has_ones, a flex column whose keys the tree does not give away
CREATE TABLE linked (id int PRIMARY KEY, prior_id int UNIQUE REFERENCES linked, extra jsonb);
INSERT INTO linked VALUES (1, NULL, '{"depth": "x", "cycle": "y", "more": 1}'), (2, 1, '{"following": "z", "cycle": "y", "depth": 8}'), (3, 2, NULL);
SELECT orm.entity('Linked', 'linked', flex => 'extra');
SELECT orm.has_one('Linked', 'following', 'Linked'), orm.belongs_to('Linked', 'prior', 'Linked');
SELECT orm.find('Linked', 1, '{"load": {"following": {"depth": "all"}}}');
SELECT orm.find('Linked', 1, '{"load": {"following": {"depth": "all", "flat": true}}}');
SELECT orm.find('Linked', 3, '{"load": {"prior": {"depth": "all", "flat": true}}}');

--
-- Lazy
--
CREATE TABLE ring (id int PRIMARY KEY, next_id int REFERENCES ring);
INSERT INTO ring VALUES (1, 2), (2, 3), (3, 1), (4, 3);
CREATE INDEX ON ring (next_id);
SELECT orm.define('{"orm": 1, "entities": {"Ring": {"source": "tree.ring", "relations": {"before": {"descendants": "Ring", "lazy": true}, "after": {"ancestors": "Ring", "lazy": true}}}}}');
BEGIN;
SELECT orm.fetch('Ring', '{"order": ["id"]}');
SELECT id, orm.lazy('Ring', id, 'before') FROM ring ORDER BY id;
SELECT id, orm.lazy('Ring', id, 'after') FROM ring ORDER BY id;
COMMIT;

--
-- The model follows
--
ALTER TABLE category RENAME COLUMN parent_id TO above;
SELECT name, details FROM orm.describe('Category') WHERE kind = 'relation' AND name <> 'item';
SELECT orm.find('Category', 6, '{"select": ["id"], "load": {"ancestors": {"select": ["name"]}}}');
SELECT orm.drop_relation('Category', 'children');
SELECT name, type FROM orm.describe('Category') WHERE kind = 'relation';
SELECT orm.find('Category', 2, '{"select": ["id"], "load": {"descendants": {"select": ["name"]}}}');
SELECT orm.drop_relation('Category', 'descendants');
SELECT orm.fetch('Category', '{"load": ["descendants"]}');
ALTER TABLE category DROP COLUMN above;
SELECT name, type FROM orm.describe('Category') WHERE kind IN ('relation', 'orphan');

DROP SCHEMA tree CASCADE;
