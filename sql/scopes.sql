-- Scopes: what may be declared, how they are asked for, and where the global ones hold.
SET client_min_messages = warning;
CREATE SCHEMA scopes;
SET search_path = scopes;
CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL, tenant int NOT NULL, active bool NOT NULL DEFAULT true);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, title text, views int NOT NULL DEFAULT 0,
	published bool NOT NULL DEFAULT true, tags text[], doc jsonb);
CREATE INDEX ON book (author_id);
INSERT INTO author VALUES (1, 'Ada', 1, true), (2, 'Grace', 2, true), (3, 'Linus', 1, false);
INSERT INTO book VALUES (1, 1, 'Engines', 120, true, '{a,b}', '{"k": {"$gt": 1}}'), (2, 1, 'Numbers', 3, false, '{b}', '[1]'),
	(3, 2, 'Compilers', 75, true, '{}', '"x"'), (4, 3, 'Kernels', 90, true, NULL, NULL), (5, 1, NULL, 0, true, '{c}', '{}');
SELECT FROM orm.reflect('scopes');
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION ids(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(entity->>'id', ',' ORDER BY (entity->>'id')::int), '') FROM orm.fetch('book', VARIADIC clauses)
$$;

--
-- Declared and asked for
--
SELECT orm.scope('book', 'published', '{"published": true}');
SELECT orm.scope('book', 'popular', '{"views": {"$gte": {"$arg": "min"}}}', arguments => '{min}');
SELECT orm.scope('book', 'between', '{"views": {"$between": [{"$arg": "low"}, {"$arg": "high"}]}}', arguments => '{low,high}');
SELECT orm.scope('book', 'one_of', '{"$or": [{"id": {"$in": {"$arg": "ids"}}}, {"title": {"$starts": {"$arg": "t"}}}]}', arguments => '{ids,t}');
SELECT orm.scope('book', 'is', '{"doc": {"$arg": "value"}}', arguments => '{value}');
SELECT orm.scope('book', 'tagged', '{"tags": {"$arg": "tags"}}', arguments => '{tags}');
SELECT orm.scope('book', 'titled', predicate => 'views >= $1 AND length(title) > $2 OR title = $3::text AND $3 IS NOT NULL', arguments => '{v,l,t}');
SELECT orm.scope('book', 'by_ada', predicate => 'EXISTS (SELECT FROM author WHERE author.id = book.author_id AND name = $1)', arguments => '{name}');
SELECT name, condition, predicate, arguments, global FROM orm.scopes ORDER BY name;
SELECT name, type, source, details FROM orm.describe('book') WHERE kind = 'scope';
SELECT orm.model()->'book'->'scopes'->'popular';

SELECT ids('{"scopes": ["published"]}'), ids('{"scopes": "published"}'), ids('{"scopes": {"popular": [90]}}');
SELECT ids('{"scopes": ["published", {"popular": {"min": 90}}]}'), ids(orm.scoped('published'), orm.scoped('popular', '[100]'));
SELECT ids(orm.scoped('popular', '100')), ids(orm.scoped('popular', '{"min": "75"}')), ids(orm.scoped('between', '[3, 90]'));
SELECT ids(orm.scoped('one_of', '[[2, 4], "Comp"]')), ids(orm.scoped('one_of', '[[], "%"]'));
SELECT ids(orm.scoped('titled', '[50, 7, "Numbers"]')), ids(orm.scoped('titled', '[50, 7, null]')), ids(orm.scoped('by_ada', '["Ada"]'));
SELECT orm.scoped('published'), orm.scoped('popular', '1'), orm.scoped('popular', '[1]'), orm.scoped('popular', '{"min": 1}');
SELECT orm.count('book', orm.scoped('popular', '[90]')), orm.exists('book', orm.scoped('popular', '[1000]'));
SELECT orm.find('book', 2, '{"scopes": ["published"]}') IS NULL, orm.find('book', 1, '{"scopes": ["published"], "select": ["id"]}');
SELECT orm.list('author', '{"select": ["id"], "order": ["id"], "load": {"book": {"scopes": [{"popular": [50]}], "select": ["id"]}}}');

--
-- An argument is a value, whatever it looks like
--
SELECT ids(orm.scoped('is', '[{"k": {"$gt": 1}}]')), ids(orm.scoped('is', '["x"]')), ids(orm.scoped('is', '[[1]]')), ids(orm.scoped('is', '[{}]'));
SELECT ids(orm.scoped('is', '[{"$null": true}]')), ids(orm.scoped('tagged', '[["b"]]')), ids(orm.scoped('tagged', '["{a,b}"]'));
\set VERBOSITY terse
SELECT ids(orm.scoped('is', '[null]'));
SELECT ids(orm.scoped('popular', '[null]'));
SELECT ids(orm.scoped('popular', '[{"$col": "id"}]'));
SELECT ids(orm.scoped('popular', '[[1]]'));
SELECT ids(orm.scoped('one_of', '[[{"$col": "id"}], "x"]'));
SELECT ids(orm.scoped('one_of', '[1, "x"]'));
SELECT ids(orm.scoped('by_ada', '["'' OR true --"]'));
\set VERBOSITY default
SELECT ids(orm.scoped('popular', '["x"]'));
SELECT ids(orm.scoped('titled', '["x", 1, ""]'));
-- what an argument does is told of where it stands in the document
SELECT orm.scope('book', 'chosen', '{"title": {"$re": {"$arg": "pattern"}}, "id": {"$in": {"$arg": "ids"}}}', arguments => '{pattern,ids}');
SELECT orm.list('book', '{"limit": 1}', orm.scoped('chosen', '{"pattern": "[", "ids": [1]}'));
SELECT orm.list('book', '{"where": {"$or": [{"$scope": {"chosen": ["x", [1, "y"]]}}]}}');
SELECT orm.list('book', '{"scopes": [{"chosen": ["x", {"a": 1}]}]}');

--
-- $scope, which can stand inside $or
--
SELECT ids('{"where": {"$or": [{"$scope": {"popular": [100]}}, {"id": 2}]}}'), ids('{"where": {"$not": {"$scope": "published"}}}');
SELECT ids('{"where": {"$scope": "published", "views": {"$lt": 50}}}');
SELECT orm.scope('book', 'nested', '{"$or": [{"$scope": {"popular": [100]}}, {"$scope": {"popular": [{"$arg": "x"}]}}]}', arguments => '{x}');
SELECT ids(orm.scoped('nested', '[80]'));
SELECT orm.scope('book', 'circle', '{"id": 1}'), orm.scope('book', 'circle2', '{"$scope": "circle"}'), orm.scope('book', 'circle', '{"$scope": "circle2"}');
\set VERBOSITY terse
SELECT ids(orm.scoped('circle'));
SELECT orm.drop_scope('book', 'circle'), orm.drop_scope('book', 'circle2');
SELECT ids('{"where": {"$scope": 1}}');
SELECT ids('{"where": {"$scope": {"a": [], "b": []}}}');

--
-- What is refused when asked
--
\set VERBOSITY default
SELECT ids('{"scopes": ["publised"]}');
SELECT ids('{"scopes": ["popular"]}');
SELECT ids('{"scopes": [{"popular": [1, 2]}]}');
SELECT ids('{"scopes": [{"popular": {"max": 1}}]}');
SELECT ids('{"scopes": [{"between": {"low": 1}}]}');
SELECT ids('{"scopes": [{"popular": 1}]}');
SELECT ids('{"scopes": [{"published": [1]}]}');
\set VERBOSITY terse
SELECT ids('{"scopes": 1}');
SELECT ids('{"scopes": [1]}');
SELECT ids('{"scopes": null}');
SELECT ids('{"without": ["published"]}');
SELECT ids('{"without": ["none"]}');
SELECT ids('{"without": [1]}');
SELECT ids('{"without": {}}');
SELECT orm.scoped(NULL);

--
-- What is refused when declared
--
SELECT orm.scope('book', 'x');
SELECT orm.scope('book', 'x', '{"id": 1}', 'true');
SELECT orm.scope('book', '', '{"id": 1}');
SELECT orm.scope('book', 'x', '{}');
SELECT orm.scope('book', 'x', '[]');
SELECT orm.scope('book', 'x', '{"nme": 1}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": "x"}}');
SELECT orm.scope('book', 'x', '{"views": {"$gtt": {"$arg": "a"}}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"views": {"$like": {"$arg": "a"}}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": {"$arg": "b"}}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": 1}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": {"$arg": 1}}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"$and": [{"$arg": "a"}]}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"$or": {"$arg": "a"}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"doc": {"$eq": {"a": {"$arg": "a"}}}}', arguments => '{a}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": {"$setting": ""}}}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": {"$arg": "a"}}}', arguments => '{a,a}');
SELECT orm.scope('book', 'x', '{"views": {"$gt": {"$arg": "a"}}}', arguments => '{a}', global => true);
SELECT orm.scope('book', 'x', predicate => 'views');
SELECT orm.scope('book', 'x', predicate => 'views > $1');
SELECT orm.scope('book', 'x', predicate => 'views > $2', arguments => '{a,b}');
SELECT orm.scope('book', 'x', predicate => '$1 IS NULL', arguments => '{a}');
SELECT orm.scope('book', 'x', predicate => 'views > 1; DROP TABLE book', arguments => '{}');
SELECT orm.scope('book', 'x', predicate => 'views > 1) OR (true');
SELECT orm.scope('book', 'x', predicate => 'views > 1 -- ');
SELECT orm.drop_scope('book', 'x');
SELECT orm.scope('book', 'x', predicate => 'count(*) > 1');
SELECT orm.scope('nobody', 'x', predicate => 'true');
SELECT orm.scope('book', NULL, predicate => 'true');
SELECT orm.drop_scope('book', 'publishd');
CREATE ROLE regress_scopes;
SET ROLE regress_scopes;
SELECT orm.scope('book', 'x', predicate => 'true');
SELECT orm.drop_scope('book', 'published');
RESET ROLE;
-- nor may these operands stand in a query
SELECT ids('{"where": {"views": {"$setting": "app.tenant"}}}');
SELECT ids('{"where": {"views": {"$gt": {"$arg": "a"}}}}');
\set VERBOSITY default

--
-- A predicate means the same under any search_path
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.length(text) RETURNS int LANGUAGE sql AS 'SELECT 1000';
CREATE FUNCTION evil.ge(int, int) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.>= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.ge);
SET search_path = evil, pg_catalog, scopes;
SELECT scopes.ids(orm.scoped('titled', '[50, 7, "Numbers"]'));
SET search_path = scopes;

--
-- Global ones hold everywhere
--
SELECT orm.scope('author', 'tenant', '{"tenant": {"$setting": "app.tenant"}}', global => true);
SELECT orm.scope('author', 'active', predicate => 'active', global => true);
SELECT orm.scope('book', 'titled_only', '{"title": {"$null": false}}', global => true);
SELECT orm.list('author');
SET app.tenant = '';
SELECT orm.find('author', 1);
SET app.tenant = 'x';
SELECT orm.count('author');
SET app.tenant = 1;
CREATE FUNCTION authors(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(entity->>'id', ',' ORDER BY (entity->>'id')::int), '') FROM orm.fetch('author', VARIADIC clauses)
$$;
SELECT authors('{}'), orm.count('author'), orm.exists('author', '{"where": {"id": 3}}'), orm.first('author', '{"order": ["-id"], "select": ["id"]}');
SELECT authors('{"where": {"$or": [{"id": 1}, {"id": 2}, {"id": 3}]}}');
SELECT authors('{"without": ["tenant"]}'), authors('{"without": ["active"]}'), authors('{"without": ["active", "tenant"]}'), authors('{"without": "tenant"}');
SELECT orm.find('author', 1, '{"select": ["id"]}'), orm.find('author', 2), orm.find('author', 3), orm.find('author', '{"id": 3}'::jsonb);
SELECT orm.find('author', 1), orm.find('author', 3, '{"without": ["active"], "select": ["id"]}');
SET app.tenant = 2;
SELECT orm.find('author', 1), orm.find('author', 2), authors('{}');
SELECT orm.list('book', '{"order": ["id"], "select": ["id"], "load": ["author"]}');
SELECT orm.list('book', '{"order": ["id"], "select": ["id"], "load": {"author": {"without": ["active", "tenant"], "select": ["id"]}}}');
SELECT orm.hydrate(b, '{"select": ["id"], "load": ["author"]}') FROM book b WHERE id IN (3, 5) ORDER BY id;
SELECT orm.collect(b, '{"select": ["id"], "load": {"author": {"select": ["id"]}}}' ORDER BY b.id) FROM book b;
SELECT * FROM orm.hydrate_query('author', 'SELECT * FROM author WHERE id = 3', '{"select": ["id"], "load": {"book": {"select": ["id"]}}}');
SELECT orm.load('book', '[{"id": 1, "author_id": 1}, {"id": 3, "author_id": 2}]', '{"load": {"author": {"select": ["id"]}}}');
-- the row behind an order is one of those that would be loaded
SELECT orm.list('book', '{"order": ["author.name", "-id"], "select": ["id"]}');
-- and so it is in filters, across $or, and in pages
SET app.tenant = 1;
CREATE FUNCTION books(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(entity->>'id', ',' ORDER BY (entity->>'id')::int), '') FROM orm.fetch('book', VARIADIC clauses)
$$;
SELECT books('{"where": {"author": true}}'), books('{"where": {"author": {"$or": [{"id": 1}, {"id": 2}, {"id": 3}]}}}'), books('{"where": {"author": {"$scope": "active"}}}'), books('{"where": {"author": null}}');
SELECT authors('{"where": {"book": {"$count": {"$gt": 2}}}}'), authors('{"where": {"book": {"$count": 2}}}'), authors('{"where": {"book": {"views": 0}}}');
SELECT books('{"where": {"title": {"$gt": {"$col": "author.name"}}}}');
SELECT books(orm.scoped('by_author', '["Ada"]')) FROM orm.scope('book', 'by_author', '{"author": {"name": {"$arg": "name"}}}', arguments => '{name}');
SELECT page->'items', page->'has_next' FROM orm.paginate('book', '{"order": ["author.name", "-id"], "select": ["id"], "limit": 2}') AS page;
SELECT orm.paginate('book', jsonb_build_object('order', jsonb_build_array('author.name', '-id'), 'select', jsonb_build_array('id'), 'limit', 2,
	'after', orm.paginate('book', '{"order": ["author.name", "-id"], "select": ["id"], "limit": 2}')->>'next'))->'items';
SELECT orm.list('book', '{"distinct": ["author_id"], "order": ["author_id", "author.name", "-id"], "select": ["id"]}');
SELECT orm.paginate('author', '{"select": ["id"], "total": true}')->'total', orm.paginate('author', '{"without": ["active"], "total": true}')->'total';
-- two conditions that lead to each other
SELECT orm.scope('book', 'b', '{"id": 1}'), orm.scope('book', 'a', '{"author": {"book": {"$scope": "b"}}}'), orm.scope('book', 'b', '{"$not": {"$scope": "a"}}');
SELECT books('{"scopes": ["a"]}');
SELECT orm.drop_scope('book', 'a'), orm.drop_scope('book', 'b');
SET app.tenant = 2;
-- a session that keeps what it compiled reads the setting each time
DO $$
DECLARE
	b scopes.book;
	tenant int;
BEGIN
	SELECT * INTO b FROM scopes.book WHERE id = 1;
	FOR tenant IN 1 .. 2 LOOP
		PERFORM set_config('app.tenant', tenant::text, true);
		RAISE WARNING '% % %', tenant, orm.hydrate(b, '{"select": ["id"], "load": {"author": {"select": ["id"]}}}'), orm.find('author', 1) IS NULL;
	END LOOP;
END $$;
SELECT orm.hydrate(b, '{"trashed": "with"}') FROM book b LIMIT 1;
SELECT orm.hydrate(a, '{"without": ["tenant"]}') FROM author a LIMIT 1;
SELECT * FROM orm.hydrate_query('author', 'TABLE author', '{"without": ["tenant"]}');
-- one plan, whatever the setting
SELECT orm.find('author', 2) IS NULL, set_config('app.tenant', '1', false), orm.find('author', 2) IS NULL;
SELECT count(*), sum(calls) > 1 FROM orm.stats WHERE statement LIKE 'SELECT t.id, t.name, t.tenant, t.active FROM scopes.author AS t WHERE (t.id %tenant OPERATOR(pg_catalog.=) ($2)%';
-- the condition of a relation takes a setting too
SELECT orm.has_many('author', 'recent', 'book', '{author_id}', condition => '{"views": {"$gte": {"$setting": "app.min"}}}');
SET app.tenant = 1;
SELECT orm.list('author', '{"load": ["recent"]}');
SET app.min = 100;
SELECT orm.list('author', '{"select": ["id"], "load": {"recent": {"select": ["id"]}}}');
\set VERBOSITY terse
SELECT orm.has_many('author', 'recent', 'book', '{author_id}', condition => '{"views": {"$gte": {"$arg": "x"}}}');
SELECT orm.drop_relation('author', 'recent');
\set VERBOSITY default

--
-- Kept in step
--
SELECT orm.drop_scope('author', 'tenant'), orm.drop_scope('author', 'active');
ALTER TABLE book RENAME views TO reads;
ALTER TABLE book RENAME title TO heading;
SELECT name, condition, predicate FROM orm.scopes ORDER BY name;
SELECT ids(orm.scoped('popular', '[90]')), ids(orm.scoped('titled', '[50, 7, "Numbers"]'));
ALTER TABLE book DROP reads;
SELECT ids(orm.scoped('popular', '[90]'));
SELECT ids(orm.scoped('titled', '[50, 7, "Numbers"]'));
SELECT orm.drop_scope('book', 'popular'), orm.drop_scope('book', 'between'), orm.drop_scope('book', 'titled'), orm.drop_scope('book', 'nested');
SELECT ids(orm.scoped('popular', '[90]'));

--
-- Documents
--
CREATE TABLE exported AS SELECT orm.export('book')::text AS document;
SELECT document::jsonb #> '{entities,book,scopes}' FROM exported;
SELECT orm.drop_entity('book');
SELECT count(*) FROM orm.scopes;
SELECT orm.define(document) FROM exported;
SELECT orm.export('book')::text = document FROM exported;
SELECT orm.define('{"orm": 1, "entities": {"book": {"scopes": {"published": false, "is": {"condition": {"doc": null}, "global": true}}}}}');
SELECT name, condition, global FROM orm.scopes ORDER BY name;
SELECT orm.define('{"orm": 1, "entities": {"book": {"scopes": {"x": {"conditon": {}}}}}}');
DROP TABLE book CASCADE;
SELECT count(*) FROM orm.scopes;

DROP ROLE regress_scopes;
DROP SCHEMA scopes, evil CASCADE;
