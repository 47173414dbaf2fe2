-- where: each operator, relation filters, and what is refused
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS orm;
CREATE SCHEMA wh;
SET search_path = wh;
CREATE TYPE place AS (street text, "no" int);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE person (id int PRIMARY KEY, name text, boss_id int REFERENCES person, tags text[], grades positive[], doc jsonb, plain json,
	home place, during int4range, days datemultirange, area box, spots point[], age int, big bigint, born date);
CREATE TABLE post (id int PRIMARY KEY, author_id int REFERENCES person, title text, body text, views int, vector tsvector);
CREATE TABLE tag (id int PRIMARY KEY, name text);
CREATE TABLE post_tag (post_id int REFERENCES post, tag_id int REFERENCES tag, position int, note text, PRIMARY KEY (post_id, tag_id));
INSERT INTO person VALUES
	(1, 'Ada', NULL, '{math,poetry}', '{1,2}', '{"a": {"b": 1}, "n": "x", "list": [1, "two"], "nil": null, "$odd": 1}', '{}', '(Main,5)', '[1,5)', '{[2020-01-01,2020-02-01)}', '(1,1),(0,0)', '{"(0,0)"}', 36, 36, '1815-12-10'),
	(2, 'Grace', 1, '{navy}', '{}', '{"a": {"b": "1"}, "n": 7}', '[]', '(,)', 'empty', '{}', '(5,5),(4,4)', NULL, 85, 7, '1906-12-09'),
	(3, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(4, '50%_\', 2, '{NULL,math}', '{3}', '[]', NULL, '(Side,)', '[3,)', NULL, NULL, NULL, 1, 0, '2000-01-01');
INSERT INTO post VALUES (1, 1, 'Engines', 'They run.', 10, to_tsvector('english', 'Engines run')), (2, 1, 'Ships', NULL, 50, NULL), (3, 2, 'Compilers', 'A ship', NULL, NULL), (4, NULL, 'Lost', '', 1, NULL);
INSERT INTO tag VALUES (1, 'math'), (2, 'navy');
INSERT INTO post_tag VALUES (1, 1, 1, 'first'), (1, 2, 2, NULL), (2, 2, 1, 'x'), (3, 1, 3, NULL);
SELECT FROM orm.reflect('wh');
SELECT orm.belongs_to('person', 'boss', 'person', ARRAY['boss_id']);
SELECT orm.has_many('person', 'reports', 'person', ARRAY['boss_id']);
SELECT orm.belongs_to('post', 'author', 'person', ARRAY['author_id']);
SELECT orm.has_many('person', 'posts', 'post', ARRAY['author_id']);
SELECT orm.has_many('person', 'read', 'post', ARRAY['author_id'], condition => '{"views": {"$gt": 20}}');
SELECT orm.many_to_many('post', 'tags', 'tag', 'wh.post_tag');

-- the keys of those that a condition chooses, or the error
CREATE PROCEDURE matches(entity text, conditions text) LANGUAGE plpgsql AS $$
DECLARE keys text; detail text; hint text;
BEGIN
	SELECT string_agg(f.entity->>'id', ' ' ORDER BY (f.entity->>'id')::int) INTO keys
		FROM orm.fetch(entity, jsonb_build_object('where', conditions::jsonb), '{"select": ["id"]}') AS f;
	RAISE WARNING '%', coalesce(keys, 'none');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RAISE WARNING E'%: %\n%\n%', sqlstate, sqlerrm, detail, hint;
END $$;
CREATE PROCEDURE person(conditions text) LANGUAGE sql AS $$ CALL wh.matches('person', conditions) $$;
CREATE PROCEDURE post(conditions text) LANGUAGE sql AS $$ CALL wh.matches('post', conditions) $$;

-- arrays
CALL person('{"tags": {"$contains": ["math"]}}');
CALL person('{"tags": {"$contains": "math"}}');
CALL person('{"tags": {"$contains": []}}');
CALL person('{"tags": {"$contained": ["math", "poetry", "navy"]}}');
CALL person('{"tags": {"$overlap": ["navy", "poetry"]}}');
CALL person('{"tags": {"$any": "math"}}');
CALL person('{"tags": {"$any": {"$starts": "ma"}}}');
CALL person('{"tags": {"$any": null}}');
CALL person('{"tags": {"$all": {"$gt": "m"}}}');
CALL person('{"$not": {"tags": {"$all": {"$gt": "m"}}}}');
CALL person('{"tags": {"$len": 2}}');
CALL person('{"tags": {"$len": {"$between": [1, 2]}}}');
CALL person('{"tags": {"$empty": true}}');
CALL person('{"tags": {"$empty": false}}');
CALL person('{"tags": ["navy"]}');
CALL person('{"grades": {"$contains": [2]}}');
CALL person('{"grades": {"$any": {"$gte": 2}}}');
CALL person('{"grades": {"$any": 3}}');

-- ranges and multiranges
CALL person('{"during": {"$contains": 3}}');
CALL person('{"during": {"$contains": "[1,3)"}}');
CALL person('{"during": {"$contained": "[0,10)"}}');
CALL person('{"during": {"$overlap": "{[0,2),[9,10)}"}}');
CALL person('{"during": {"$empty": true}}');
CALL person('{"days": {"$contains": "2020-01-15"}}');
CALL person('{"days": {"$overlap": "[2020-01-31,2020-03-01)"}}');

-- jsonb
CALL person('{"doc": {"$contains": {"n": "x"}}}');
CALL person('{"doc": {"$contained": {"a": {"b": "1"}, "n": 7, "more": 1}}}');
CALL person('{"doc": {"$key": "n"}}');
CALL person('{"doc": {"$key": ["n", "list"]}}');
CALL person('{"doc": {"$jsonpath": "$.list[*] ? (@ == \"two\")"}}');
CALL person('{"doc": {"$jsonpath": "$.n > 5"}}');
CALL person('{"doc": {"$empty": true}}');
CALL person('{"doc": {"list": {"$len": 2}}}');
CALL person('{"doc": {"a": {"b": 1}}}');
CALL person('{"doc": {"a": {"b": "1"}}}');
CALL person('{"doc": {"a": {"b": {"$gte": 1}}}}');
CALL person('{"doc": {"a": {"b": {"$ne": 2}}}}');
CALL person('{"doc": {"a": {"b": {"$in": ["1", 1]}}}}');
CALL person('{"doc": {"a": {"b": {"$nin": [2]}}}}');
CALL person('{"doc": {"a": {"b": {"$nin": []}}}}');
CALL person('{"doc": {"a": {"b": null}}}');
CALL person('{"doc": {"nil": null, "n": {"$null": false}}}');
CALL person('{"doc": {"list": {"1": {"$starts": "tw"}}}}');
CALL person('{"doc": {"list": [1, "two"]}}');
CALL person('{"doc": {"$$odd": 1}}');
CALL person('{"doc": {"n": {"$lt": {"$col": "big"}}}}');
CALL person('{"doc": {"n": {"$same": {"$col": "big"}}}}');

-- composites
CALL person('{"home": {"street": "Main"}}');
CALL person('{"home": {"no": null}}');
CALL person('{"home": {"$eq": {"street": "Main", "no": 5}}}');

-- other operators of the type, and other properties
CALL person('{"area": {"$op": {"name": "<<", "value": "(5,5),(4,4)"}}}');
CALL person('{"area": {"$contains": "(1,1),(0,0)"}}');
CALL person('{"during": {"$op": {"name": "-|-", "value": "[5,6)"}}}');
CALL person('{"age": {"$op": {"name": "<", "type": "int8", "value": {"$col": "big"}}}}');
CALL person('{"age": {"$gt": {"$col": "big"}}}');
CALL person('{"age": {"$gt": {"$col": "boss.age"}}}');
CALL person('{"age": {"$same": {"$col": "big"}}}');
CALL person('{"age": {"$distinct": {"$col": "big"}}}');
CALL person('{"name": {"$starts": "50%_\\"}}');
CALL person('{"name": {"$eq": {"$value": "Ada"}}}');

-- full text
CALL post('{"$search": {"query": "running", "in": ["title", "body"], "config": "english"}}');
CALL post('{"$search": {"query": "ship OR engine", "in": ["title", "vector"], "config": "english"}}');
CALL post('{"$search": {"query": "ship or engine", "in": ["title"], "config": "pg_catalog.english", "mode": "plain"}}');
CALL post('{"$search": {"query": "a ship", "in": ["body"], "config": "simple", "mode": "phrase"}}');

-- to one
CALL post('{"author": null}');
CALL post('{"author": false}');
CALL post('{"author": true}');
CALL post('{"author": {"name": "Ada"}}');
CALL post('{"author": {"boss": {"name": "Ada"}}}');
CALL person('{"boss": {"boss": null, "reports": {"reports": true}}}');

-- to many
CALL person('{"posts": true}');
CALL person('{"posts": false}');
CALL person('{"posts": {"views": {"$gt": 20}}}');
CALL person('{"posts": {"$some": {"views": {"$gt": 20}}}}');
CALL person('{"posts": {"$none": {"views": {"$gt": 20}}}}');
CALL person('{"posts": {"$every": {"views": {"$gt": 5}}}}');
CALL person('{"posts": {"$count": 2}}');
CALL person('{"posts": {"$count": {"$lt": 2}}}');
CALL person('{"posts": {"$count": {"$where": {"views": {"$gt": 5}}, "$gte": 1, "$lt": 2}}}');
CALL person('{"posts": {"$aggregate": {"function": "sum", "property": "views", "$gte": 60}}}');
CALL person('{"posts": {"$aggregate": {"function": "max", "property": "title", "$where": {"views": {"$lt": 20}}, "$starts": "E"}}}');
CALL person('{"posts": {"$aggregate": {"function": "avg", "property": "views", "$null": true}}}');
CALL person('{"posts": {"$some": {"views": 10}, "$none": {"views": 50}}}');
CALL post('{"tags": {"name": "math", "$pivot": {"position": {"$gt": 1}}}}');
CALL post('{"tags": {"$every": {"$pivot": {"note": {"$null": false}}}}}');
CALL person('{"posts": {"views": {"$lt": {"$col": "^.age"}}}}');
CALL person('{"posts": {"tags": {"$pivot": {"position": {"$eq": {"$col": "^.^.^.id"}}}}}}');
-- a relation's own condition is a group inside
CALL person('{"read": true}');
CALL person('{"read": {"$every": {"title": "x"}}}');
CALL person('{"read": {"$count": 1}}');
CALL person('{"read": {"$or": [{"title": "Engines"}, {"title": "Compilers"}]}}');

-- what a filter is written as: aliases never meet, a count that asks for existence is EXISTS
CREATE PROCEDURE writes(conditions text) LANGUAGE plpgsql AS $$ BEGIN
	RAISE WARNING '%', regexp_replace(orm.sql('person', jsonb_build_object('where', conditions::jsonb, 'select', '["id"]'::jsonb)), '^.*? WHERE ', '');
END $$;
CALL writes('{"boss": {"boss": {"boss": {"posts": {"tags": {"name": "x"}}}}}}');
CALL writes('{"posts": {"$count": 0}}');
CALL writes('{"posts": {"$count": {"$gte": 1}}}');
CALL writes('{"posts": {"$count": {"$where": {"views": 1}, "$ne": 0}}}');
CALL writes('{"posts": {"$every": {"views": {"$gt": {"$col": "^.age"}}}}}');
CALL writes('{"doc": {"a": {"b": 1}}}');
CALL writes('{"$not": {"doc": {"a": {"b": 1}}}}');
CALL writes('{"name": {"$starts": "ab"}}');

-- the same shape with other values is one statement
SELECT orm.sql('person', orm.where('{"doc": {"a": 1}, "posts": {"views": [1, 2]}}')) = orm.sql('person', orm.where('{"doc": {"a": 2}, "posts": {"views": [3]}}')) AS same;

-- a filter is never dropped: each of these raises
CALL person('{"tags": {}}');
CALL person('{"doc": {}}');
CALL person('{"home": {}}');
CALL person('{"doc": {"a": {}}}');
CALL person('{"tags": {"$any": {}}}');
CALL person('{"tags": {"$len": {}}}');
CALL person('{"tags": {"$len": null}}');
CALL person('{"tags": {"$contains": null}}');
CALL person('{"tags": {"$contains": [null]}}');
CALL person('{"tags": {"$empty": null}}');
CALL person('{"doc": {"$key": null}}');
CALL person('{"doc": {"$key": [1]}}');
CALL person('{"doc": {"$jsonpath": null}}');
CALL person('{"doc": {"a": {"$gt": null}}}');
CALL person('{"doc": {"a": {"$in": [null]}}}');
CALL person('{"age": {"$gt": {"$value": null}}}');
CALL person('{"age": {"$gt": {"$col": null}}}');
CALL person('{"age": {"$op": {"name": "<", "value": null}}}');
CALL person('{"age": {"$op": {"name": "<"}}}');
CALL person('{"age": {"$op": {"value": 1}}}');
CALL person('{"age": {"$op": {"name": "<", "value": 1, "extra": 1}}}');
CALL person('{"posts": null}');
CALL person('{"posts": {"$some": null}}');
CALL person('{"posts": {"$every": true}}');
CALL person('{"posts": {"$none": []}}');
CALL person('{"posts": {"$count": null}}');
CALL person('{"posts": {"$count": {}}}');
CALL person('{"posts": {"$count": {"$where": {"views": 1}}}}');
CALL person('{"posts": {"$count": {"$where": null, "$gt": 1}}}');
CALL person('{"posts": {"$aggregate": {"function": "sum", "property": "views"}}}');
CALL person('{"posts": {"$aggregate": {"function": "sum", "$gt": 1}}}');
CALL person('{"posts": {"$aggregate": {"property": "views", "$gt": 1}}}');
CALL person('{"posts": {"$some": {}, "title": "x"}}');
-- patterns that the server would only object to when it meets a row
CALL person('{"name": {"$re": "("}}');
CALL person('{"doc": {"a": {"$ire": "[a"}}}');
CALL person('{"name": {"$like": "a\\"}}');
CALL person('{"name": {"$not": {"$ilike": "a\\\\\\"}}}');
CALL person('{"posts": {"$where": {"title": "x"}}}');
CALL person('{"posts": {"$pivot": {"position": 1}}}');
CALL post('{"author": {"$some": {}}}');
CALL post('{"author": 1}');
CALL post('{"tags": ["math"]}');
CALL post('{"tags": {"$pivot": null}}');
CALL post('{"tags": {"$pivot": {"tag_id": 1}}}');
CALL post('{"$pivot": {"position": 1}}');
CALL post('{"$search": "engine"}');
CALL post('{"$search": {"query": "engine"}}');
CALL post('{"$search": {"query": "engine", "in": []}}');
CALL post('{"$search": {"query": null, "in": ["title"]}}');
CALL post('{"$search": {"query": "engine", "in": ["title"], "weight": "A"}}');
SELECT orm.count('person', '{"where": {"age": 36}}', '{"where": {"name": "Grace"}}') AS both;

-- operators and types that do not go together
CALL person('{"age": {"$contains": 1}}');
CALL person('{"age": {"$any": 1}}');
CALL person('{"age": {"$len": 1}}');
CALL person('{"age": {"$empty": true}}');
CALL person('{"age": {"$key": "a"}}');
CALL person('{"age": {"$starts": "1"}}');
CALL person('{"age": {"step": 1}}');
CALL person('{"plain": {"a": 1}}');
CALL person('{"spots": {"$contains": ["(0,0)"]}}');
CALL person('{"tags": {"$overlap": "math"}}');
CALL person('{"doc": {"$overlap": {}}}');
CALL person('{"home": {"stret": 1}}');
CALL person('{"grades": {"$contains": [0]}}');
CALL person('{"during": {"$contains": "x"}}');
CALL person('{"doc": {"$jsonpath": "$ nonsense"}}');
CALL person('{"age": {"$op": {"name": "<->", "value": 1}}}');
CALL person('{"age": {"$op": {"name": "no such", "value": 1}}}');
CALL person('{"age": {"$op": {"name": "<", "type": "text", "value": 1}}}');
CALL person('{"name": {"$gt": {"$col": "age"}}}');
CALL person('{"name": {"$gt": {"$col": "posts.title"}}}');
CALL person('{"name": {"$gt": {"$col": "nme"}}}');
CALL person('{"name": {"$gt": {"$col": "^.name"}}}');
CALL person('{"doc": {"$eq": {"$set": 1}}}');
CALL person('{"posts": {"$aggregate": {"function": "sum", "property": "title", "$gt": 1}}}');
CALL person('{"posts": {"$aggregate": {"function": "median", "property": "views", "$gt": 1}}}');
CALL post('{"$search": {"query": "x", "in": ["views"]}}');
CALL post('{"$search": {"query": "x", "in": ["title"], "config": "wh.nothing"}}');
CALL post('{"$search": {"query": "x", "in": ["title"], "mode": "fast"}}');

-- hints for those who come from elsewhere
CALL person('{"age": {"gte": 1}}');
CALL person('{"age": {"_gte": 1}}');
CALL person('{"age__gte": 1}');
CALL person('{"name": {"startsWith": "A"}}');
CALL person('{"name": {"$regex": "A"}}');
CALL person('{"name": {"equals": "A"}}');
CALL person('{"age": {"notIn": [1]}}');
CALL person('{"name": {"$exists": true}}');
CALL person('{"tags": {"has": "x"}}');
CALL person('{"OR": [{"age": 1}]}');
CALL person('{"posts": {"some": {"views": 1}}}');
CALL post('{"author.name": "Ada"}');
CALL post('{"author.posts.title": "Ada"}');
CALL person('{"age": {"$col": "big"}}');

-- operators are found by type, whatever stands in front on the path
CREATE SCHEMA evil;
CREATE FUNCTION evil.yes(text[], text[]) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.@> (LEFTARG = text[], RIGHTARG = text[], FUNCTION = evil.yes);
CREATE FUNCTION evil.yes(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.%% (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.yes);
SET search_path = evil, wh, pg_catalog;
CALL wh.person('{"tags": {"$contains": ["none"]}}');
CALL wh.person('{"age": {"$op": {"name": "%%", "value": 1}}}');
SET search_path = wh;

-- limits
SELECT orm.count('person', jsonb_build_object('where', jsonb_build_object('age', jsonb_build_object('$in', (SELECT jsonb_agg(i) FROM generate_series(1, 100000) i))))) AS found;
SELECT orm.count('person', jsonb_build_object('where', jsonb_build_object('doc', jsonb_build_object('n', (SELECT jsonb_build_object('$in', jsonb_agg(i)) FROM generate_series(1, 100000) i))))) AS found;
CALL person(repeat('{"boss": ', 1000) || 'true' || repeat('}', 1000));
CALL person('{"doc": ' || repeat('{"a": ', 1000) || '1' || repeat('}', 1000) || '}');
CALL person(repeat('{"boss": ', 15) || 'true' || repeat('}', 15));
CALL person(repeat('{"boss": ', 17) || 'true' || repeat('}', 17));
SET orm.max_depth = 2;
CALL person('{"boss": {"boss": true}}');
CALL person('{"boss": {"boss": {"boss": true}}}');
CALL person('{"posts": {"tags": {"$pivot": {"position": 1}}}}');
RESET orm.max_depth;

DROP SCHEMA wh, evil CASCADE;
