-- Documents from outside: what they may hold, and that they only narrow.
SET client_min_messages = warning;
SET orm.n_plus_one_threshold = 0;
CREATE SCHEMA untrusted;
SET search_path = untrusted;
CREATE TABLE author (id int PRIMARY KEY, name text, secret text, bio text);
CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author, title text, cost int, published bool DEFAULT true, doc jsonb);
CREATE INDEX ON book (author_id);
CREATE TABLE note (id int PRIMARY KEY, book_id int REFERENCES book, body text, hidden_body text);
CREATE INDEX ON note (book_id);
CREATE TABLE tag (id int PRIMARY KEY, label text, shade int);
CREATE TABLE book_tag (book_id int REFERENCES book, tag_id int REFERENCES tag, position int, weight int, PRIMARY KEY (book_id, tag_id));
INSERT INTO author SELECT n, 'name ' || n, 'secret ' || n, 'bio ' || n FROM generate_series(1, 150) AS n;
INSERT INTO book SELECT n, 1 + n / 150, 'title ' || n, n * 10, n % 2 = 0, '{"a": 1}' FROM generate_series(1, 300) AS n;
INSERT INTO note SELECT n, 1 + n % 3, 'body ' || n, 'x' FROM generate_series(1, 9) AS n;
INSERT INTO tag VALUES (1, 'a', 7), (2, 'b', 8);
INSERT INTO book_tag VALUES (1, 1, 1, 10), (1, 2, 2, 5);
SELECT FROM orm.reflect('untrusted');
SELECT FROM orm.property('author', 'secret', 'secret', hidden => true);
SELECT FROM orm.property('author', 'bio', 'bio', lazy => true);
SELECT FROM orm.property('book', 'cost', 'cost', hidden => true);
SELECT FROM orm.property('tag', 'shade', 'shade', hidden => true);
SELECT FROM orm.property('note', 'hidden_body', 'hidden_body', hidden => true);
SELECT FROM orm.many_to_many('book', 'tags', 'tag', 'book_tag', pivot => '{position}');
SELECT FROM orm.scope('book', 'cheap', '{"cost": {"$lt": 100}}');
\pset format unaligned
\pset tuples_only on

-- how many rows, or the error with what it reveals
CREATE FUNCTION try(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; hint text; state text;
BEGIN
	RETURN orm.count('book', VARIADIC clauses) || ' rows, ' || (SELECT coalesce(left(string_agg(entity::text, ' '), 120), '') FROM orm.fetch('book', VARIADIC clauses || '{"limit": 2, "order": ["id"]}'::jsonb));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
	RETURN concat_ws(' | ', state, message, detail, hint);
END $$;
CREATE FUNCTION outside(document jsonb, relations text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; hint text; state text;
BEGIN
	RETURN try(orm.untrusted(document, relations));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
	RETURN concat_ws(' | ', 'refused ' || state, message, detail, nullif(hint, ''));
END $$;

--
-- The function marks
--
SELECT orm.untrusted('{}'), orm.untrusted('{"limit": 5}'), orm.untrusted('{"limit": 5}', '{}'), orm.untrusted('{}', '{author,"book.note"}');
SELECT orm.untrusted(NULL);
SELECT orm.untrusted('{}', '{NULL}');
SELECT orm.untrusted('{}', '{a..b}');
SELECT outside('[]'), outside('1');

--
-- Clauses and operators that are refused, at every level
--
SELECT clause, outside(jsonb_build_object(clause, 'x')) FROM unnest('{scopes,without,trashed,distinct,lock,depth,flat,types,strategy,params,entity,total,$untrusted,nonsense}'::text[]) AS clause;
SELECT outside('{"load": {"author": {"scopes": ["x"]}}}'), outside('{"load": ["author", {"note": {"trashed": "with"}}]}'), outside('{"load": {"author": {"load": {"book": {"$untrusted": true}}}}}');
SELECT op, outside(jsonb_build_object('where', jsonb_build_object('title', jsonb_build_object(op, 'x')))) FROM unnest('{$op,$jsonpath,$re,$ire,$scope,$setting,$arg}'::text[]) AS op;
SELECT outside('{"where": {"$scope": "cheap"}}'), outside('{"where": {"$or": [{"id": 1}, {"$scope": "cheap"}]}}'), outside('{"where": {"$not": {"$and": [{"title": {"$not": {"$re": "x"}}}]}}}');
SELECT outside('{"load": [{"author": {"where": {"name": {"$ire": "x"}}}}]}'), outside('{"count": [{"note": {"where": {"$scope": "x"}}}]}');
SELECT outside('{"where": {"title": {"$value": {"$re": "x"}}}}'), outside('{"where": {"doc": {"$eq": {"$value": {"$re": 1}}}}}');
-- a mark that somebody else made
SELECT try('{"$untrusted": false}'), try('{"$untrusted": 1}'), try('{"$untrusted": [1]}'), try('{"$untrusted": null}');
SELECT try('{"$untrusted": true, "scopes": ["cheap"]}'), try('{"$untrusted": true, "where": {"cost": 10}}'), try('{"$untrusted": true, "load": {"author": {"$untrusted": true}}}');

--
-- Hidden properties do not exist
--
SELECT outside('{"where": {"cost": 10}}');
SELECT outside('{"where": {"csot": 10}}');
SELECT outside(d::jsonb) FROM unnest(ARRAY[
	'{"where": {"$or": [{"id": 1}, {"cost": {"$gt": 5}}]}}', '{"where": {"$not": {"cost": null}}}', '{"where": {"id": {"$gt": {"$col": "cost"}}}}',
	'{"where": {"id": {"$in": [{"$col": "cost"}]}}}', '{"where": {"title": {"$not": {"$eq": {"$col": "author.secret"}}}}}', '{"where": {"author": {"secret": "x"}}}',
	'{"where": {"author": {"book": {"$some": {"cost": 1}}}}}', '{"where": {"note": {"$count": {"$where": {"hidden_body": "x"}, "$gt": 1}}}}',
	'{"where": {"note": {"$aggregate": {"function": "max", "property": "hidden_body", "$gt": "a"}}}}', '{"where": {"note": {"$every": {"$or": [{"hidden_body": "x"}]}}}}',
	'{"where": {"author": {"book": {"$some": {"id": {"$eq": {"$col": "^.^.cost"}}}}}}}', '{"where": {"author": {"id": {"$col": "^.cost"}}}}', '{"where": {"id": {"$col": "^.cost"}}}', '{"where": {"doc": {"a": {"$col": "cost"}}}}', '{"where": {"tags": {"$pivot": {"weight": 10}}}}', '{"where": {"$search": {"query": "x", "in": ["cost"]}}}',
	'{"where": {"$search": {"query": "x"}}}', '{"where": {"$pivot": {"weight": 1}}}', '{"where": {"$$cost": 1}}',
	'{"order": ["cost"]}', '{"order": ["-cost"]}', '{"order": "cost"}', '{"order": [{"cost": "desc"}]}', '{"order": ["author.secret"]}', '{"order": [{"-author.secret": "asc"}]}', '{"order": ["pivot.weight"]}',
	'{"select": ["cost"]}', '{"select": ["*", "cost"]}', '{"omit": ["cost"]}', '{"load": {"author": {"select": ["secret"]}}}', '{"load": {"author": {"order": ["secret"]}}}',
	'{"load": ["author", {"author": {"where": {"secret": "x"}}}]}', '{"load": {"author": {"where": {"secret": "x"}}}}', '{"load": {"author.book": {"omit": ["cost"]}}}',
	'{"load": {"tags": {"order": ["pivot.weight"]}}}', '{"load": {"tags": {"where": {"$pivot": {"weight": 1}}}}}',
	'{"count": {"note": {"where": {"hidden_body": "x"}}}}', '{"aggregate": {"a": {"relation": "note", "function": "max", "property": "hidden_body"}}}'
]) AS d;
SELECT outside('{"where": {"author": {"name": "name 1", "id": {"$lt": {"$col": "^.id"}}}, "doc": {"a": 1}, "note": {"$some": {"body": {"$starts": "b"}}, "$count": {"$gt": 1}}}, "select": ["id"]}');
SELECT outside('{"where": {"tags": {"$pivot": {"position": 1}, "label": "a"}}, "select": ["id"]}'), outside('{"where": {"$search": {"query": "title", "in": ["title"]}}, "limit": 1, "select": ["id"]}'), outside('{"where": {"author": true, "note": false}, "limit": 1, "select": ["id"]}');
SELECT outside('{"count": ["note"], "order": ["-note_count", "id"], "select": ["id"]}', '{note}'), outside('{"aggregate": {"last": {"relation": "note", "function": "max", "property": "body", "where": {"id": {"$lt": 5}}}}, "order": ["last"], "select": ["id"], "where": {"id": 1}}', '{note}');
SELECT outside('{"select": ["id", "title"]}'), outside('{"select": ["*"], "omit": ["doc"]}'), outside('{"load": {"author": {"select": ["bio"]}}, "where": {"id": 1}, "select": ["id"]}');
-- a hidden property does not exist as a name that is taken either: an alias of that name is like any other, also in an order
SELECT orm.list('author', orm.untrusted('{"select": ["id"], "aggregate": {"secret": {"relation": "book", "function": "max", "property": "id"}, "nothing": {"relation": "book", "function": "max", "property": "id"}}, "order": ["-secret"], "limit": 2}'));

--
-- Only the relations given
--
SELECT outside(d::jsonb, '{author,note}') FROM unnest(ARRAY[
	'{"load": ["author"], "select": ["id"]}', '{"load": ["tags"]}', '{"load": [{"tags": {}}]}', '{"load": {"tags": true}}', '{"load": {"tags": false}}', '{"load": ["author.book"]}', '{"load": {"author": {"load": ["book"]}}}',
	'{"load": ["author", {"note": {"load": {"book": {}}}}]}', '{"where": {"tags": {"label": "a"}}}', '{"where": {"tags": true}}', '{"where": {"author": {"book": true}}}', '{"where": {"$not": {"tags": false}}}',
	'{"where": {"title": {"$col": "tags.label"}}}', '{"order": ["author.id"], "select": ["id"]}', '{"order": ["nobody.id"]}', '{"load": {"author": {"order": ["book.id"]}}}', '{"count": ["tags"]}', '{"count": {"tags": {}}}',
	'{"aggregate": {"x": {"relation": "tags", "function": "max", "property": "id"}}}'
]) AS d;
SELECT outside('{"load": ["author.book"], "select": ["id"], "where": {"id": 1}}', '{author.book}') LIKE '1 rows, {"id":1,"author":%"book":%', outside('{"load": ["author"], "select": ["id"]}', '{}');

--
-- Limits: the smaller of both sides, 100 where there is none
--
CREATE FUNCTION ids(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT count(*) || ' from ' || coalesce(min((entity->>'id')::int)::text, 'nowhere') FROM orm.fetch('book', VARIADIC clauses || '{"order": ["id"]}'::jsonb)
$$;
SELECT ids('{}'), ids(orm.untrusted('{}')), ids(orm.untrusted('{"limit": 250}')), ids(orm.untrusted('{"limit": 3}'));
SELECT ids(orm.untrusted('{"limit": 250}'), orm.limit(20)), ids(orm.limit(20), orm.untrusted('{"limit": 250}')), ids(orm.limit(20), orm.untrusted('{"limit": 5}')), ids(orm.untrusted('{}'), orm.limit(200));
SELECT ids(orm.untrusted('{"limit": 5}'), orm.untrusted('{"limit": 50}')), ids(orm.limit(0), orm.untrusted('{"limit": 5}')), ids(orm.limit(20), orm.untrusted('{"limit": 5}'), orm.limit(10));
SELECT ids(orm.limit(20, 5), orm.untrusted('{"offset": 0}')), ids(orm.limit(20, 5), orm.untrusted('{"offset": 2}')), ids(orm.untrusted('{"offset": 999999999999999999}'), orm.limit(20, 5));
SELECT orm.count('book', orm.untrusted('{}')), orm.first('book', orm.untrusted('{"limit": 0}')), orm.exists('book', orm.untrusted('{"limit": 0}'));
SELECT json_array_length(orm.paginate('book', orm.untrusted('{}'))->'items'), json_array_length(orm.paginate('book', orm.untrusted('{"limit": 30}'))->'items'),
	json_array_length(orm.paginate('book', orm.untrusted('{"limit": 30}'), orm.limit(25))->'items'), orm.paginate('book', orm.untrusted('{"page": 3, "select": ["id"], "order": ["id"]}'), orm.limit(2))->'items';
CREATE FUNCTION books(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE sql AS $$
	SELECT json_array_length(entity->'book') || coalesce(' from ' || (entity->'book'->0->>'id'), '') FROM orm.fetch('author', VARIADIC clauses || '{"where": {"id": 2}}'::jsonb)
$$;
SELECT books('{"load": ["book"]}'), books(orm.untrusted('{"load": ["book"]}')), books(orm.untrusted('{"load": [{"book": {}}]}')), books(orm.untrusted('{"load": {"book": true}}')), books(orm.untrusted('{"load": {"book": {"limit": 120}}}'));
SELECT books(orm.with('book', orm.limit(7)), orm.untrusted('{"load": {"book": {"limit": 120}}}')), books(orm.untrusted('{"load": {"book": {"limit": 120}}}'), orm.with('book', orm.limit(7))), books(orm.with('book'), orm.untrusted('{"load": {"book": {"limit": 3}}}'));
SELECT books(orm.with('book'), orm.untrusted('{}')), books(orm.with('book', orm.untrusted('{"limit": 120}'))), books(orm.with('book', orm.untrusted('{}'), orm.limit(4)));

--
-- where and select: both sides hold, in either order
--
SELECT ids(orm.where('id', '<', 5), orm.untrusted('{"where": {"$or": [{"id": 1}, {"id": 200}]}}')), ids(orm.untrusted('{"where": {"$or": [{"id": 1}, {"id": 200}]}}'), orm.where('id', '<', 5));
SELECT ids(orm.untrusted('{"where": {"$or": []}}')), ids(orm.scoped('cheap'), orm.untrusted('{"where": {"$not": {"id": 1}}}'));
SELECT books(orm.with('book', orm.where('published', true), orm.limit(2)), orm.untrusted('{"load": [{"book": {"where": {"$or": [{"published": false}, {"id": 150}]}, "limit": 50}}]}'));
SELECT books(orm.untrusted('{"load": {"book": {"where": {"$or": [{"published": false}, {"id": 150}]}, "limit": 50}}}'), orm.with('book', orm.where('published', true)));
-- nor by leaving a relation off and asking for it again
SELECT books(orm.with('book', orm.where('id', 150)), orm.untrusted('{"load": [{"book": false}, "book"]}')), books(orm.with('book', orm.where('id', 150)), orm.untrusted('{"load": {"book": false}}'), orm.untrusted('{"load": ["book"]}'));
SELECT books(orm.with('book'), orm.untrusted('{"load": {"book": false}}')), books('{"load": {"book": false}}', orm.untrusted('{"load": ["book"]}')), books(orm.untrusted('{"load": ["book"]}'), '{"load": {"book": false}}');
CREATE FUNCTION one(VARIADIC clauses jsonb[]) RETURNS json LANGUAGE sql AS $$ SELECT orm.find('author', 2, VARIADIC clauses) $$;
SELECT one(orm.untrusted('{}')), one(orm.untrusted('{"select": ["id", "bio"]}')), one(orm.untrusted('{"omit": ["name"]}'));
SELECT one(orm.select('id', 'name', 'secret'), orm.untrusted('{"select": ["name", "bio"]}')), one(orm.untrusted('{"select": ["name", "bio"]}'), orm.select('id', 'name', 'secret')), one(orm.select('id', 'secret'), orm.untrusted('{}'));
SELECT one(orm.select('id', 'name'), orm.untrusted('{"select": ["*"]}')), one(orm.select('id'), orm.untrusted('{"select": ["name"]}')), one('{"omit": ["name"]}', orm.untrusted('{"select": ["id", "name"]}'));
SELECT one(orm.select('id'), orm.with('book', orm.select('id', 'title'), orm.limit(1)), orm.untrusted('{"load": {"book": {"select": ["title", "doc"]}}}'));
SELECT one(orm.select('id'), orm.with('book', orm.untrusted('{"select": ["cost"]}')));
SELECT one(orm.select('id'), orm.with('book', orm.untrusted('{"load": ["author"]}', '{note}')));

--
-- The rows that trusted clauses load are all that can be asked about, in either order
--
CREATE FUNCTION asked(trusted jsonb, document jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	given text; turned text; message text; detail text; hint text; state text;
BEGIN
	SELECT string_agg(e::text, ' ' ORDER BY n) INTO given FROM orm.fetch('author', trusted, orm.untrusted(document), orm.select('id'), orm.limit(3)) WITH ORDINALITY AS f(e, n);
	SELECT string_agg(e::text, ' ' ORDER BY n) INTO turned FROM orm.fetch('author', orm.untrusted(document), trusted, orm.select('id'), orm.limit(3)) WITH ORDINALITY AS f(e, n);
	RETURN coalesce(given, 'none') || CASE WHEN given IS DISTINCT FROM turned THEN ' BUT ' || coalesce(turned, 'none') ELSE '' END;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
	RETURN concat_ws(' | ', state, message, detail, nullif(hint, ''));
END $$;
-- authors 1, 2 and 3 have 149, 150 and 1 books; given are the books 10 and 150 to 152
SELECT d, asked('{"load": {"book": {"where": {"id": {"$in": [10, 150, 151, 152]}}, "select": ["id"]}}, "omit": ["name"]}', d::jsonb) FROM unnest(ARRAY[
	'{"where": {"book": {"$some": {"id": 11}}}}', '{"where": {"book": {"$some": {"id": 10}}}}', '{"where": {"book": {"id": 200}}}', '{"where": {"book": {"$some": {"$or": [{"id": 10}, {"id": 200}]}}}}',
	'{"where": {"id": {"$lt": 4}, "book": {"$none": {"id": {"$lt": 150}}}}}', '{"where": {"id": {"$lt": 3}, "book": {"$every": {"id": {"$gte": 150}}}}}',
	'{"where": {"id": {"$lt": 5}, "book": true}}', '{"where": {"id": {"$lt": 5}, "book": false}}', '{"where": {"id": {"$lt": 5}, "$not": {"book": false}}}', '{"where": {"$or": [{"id": 3}, {"book": {"$some": {"id": 11}}}]}}',
	'{"where": {"book": {"$count": 3}}}', '{"where": {"book": {"$count": 149}}}', '{"where": {"book": {"$count": {"$gt": 0}}}}', '{"where": {"book": {"$count": {"$where": {"id": {"$gt": 150}}, "$between": [2, 5]}}}}',
	'{"where": {"book": {"$aggregate": {"function": "max", "property": "id", "$lte": 10}}}}', '{"where": {"book": {"$aggregate": {"function": "max", "property": "id", "$gt": 200}}}}',
	'{"where": {"id": {"$in": [1, 2]}}, "count": ["book"]}', '{"where": {"id": {"$in": [1, 2]}}, "aggregate": {"last": {"relation": "book", "function": "max", "property": "id", "where": {"$or": [{"id": {"$lt": 152}}, {"id": 299}]}}}}',
	'{"where": {"id": {"$in": [1, 2, 3]}}, "aggregate": {"n": {"relation": "book", "function": "count"}}, "order": ["-n", "id"]}', '{"where": {"id": 1}, "load": {"book": false}, "count": ["book"]}', -- (whether it is loaded goes by the order)
	'{"where": {"id": 1, "book": {"$some": {"author": {"book": {"$some": {"id": 11}}}}}}}'
]) AS d;
-- nested ones by their own path, whoever goes it
SELECT d, asked('{"load": {"book": {"select": ["id"], "limit": 2, "where": {"id": {"$lt": 4}}, "load": {"note": {"where": {"id": {"$in": [3, 9]}}, "select": ["id"]}}}}}', d::jsonb) FROM unnest(ARRAY[
	'{"where": {"book": {"$some": {"note": {"$some": {"body": "body 1"}}}}}}', '{"where": {"book": {"$some": {"note": {"$some": {"body": "body 3"}}}}}}', '{"where": {"book": {"$count": {"$where": {"note": true}, "$eq": 1}}}}', '{"where": {"book": {"$count": {"$where": {"note": true}, "$eq": 3}}}}',
	'{"where": {"id": 1}, "load": {"book": {"where": {"note": {"$count": {"$gte": 1}}}}}}', '{"where": {"id": 1}, "load": {"book": {"count": ["note"], "order": ["-note_count"]}}}',
	'{"where": {"id": 1}, "aggregate": {"with_notes": {"relation": "book", "function": "count", "where": {"note": {"$none": {"id": {"$gt": 3}}}}}}}'
]) AS d;
-- through to-one relations too: conditions, columns and orders
SELECT try('{"load": {"author": {"where": {"id": 2}, "select": ["id"]}}, "select": ["id"]}', orm.untrusted(d::jsonb)) FROM unnest(ARRAY[
	'{"where": {"author": {"name": "name 1"}}}', '{"where": {"author": {"name": "name 2"}, "id": {"$lt": 152}}}', '{"where": {"author": null, "id": {"$gt": 147}}}', '{"where": {"id": {"$gt": {"$col": "author.id"}, "$lt": 151}}}',
	'{"where": {"note": {"$some": {"id": {"$gt": {"$col": "^.author.id"}}}}}}', '{"where": {"id": {"$in": [10, 150, 299]}}, "order": [{"author.name": "desc nulls last"}]}'
]) AS d;
SELECT string_agg(e->>'id', ' ' ORDER BY n) FROM orm.fetch('book', '{"load": {"author": {"where": {"id": 2}}}, "where": {"id": {"$in": [10, 150, 299, 300]}}}', orm.untrusted('{"order": [{"author.id": "asc nulls last"}, "-id"]}')) WITH ORDINALITY AS f(e, n);
SELECT string_agg(e->>'id', ' ' ORDER BY n) FROM orm.fetch('book', '{"load": {"author": {"where": {"id": 2}}}, "order": ["-author.id"], "where": {"id": {"$in": [10, 150, 299, 300]}}}', orm.untrusted('{"order": ["author.id", "id"], "where": {"$or": [{"id": {"$gt": {"$col": "author.id"}}}, {"id": {"$gt": 0}}]}}')) WITH ORDINALITY AS f(e, n);
-- many-to-many, with conditions on the junction
SELECT try('{"load": {"tags": {"where": {"$pivot": {"position": 2}}}}, "select": ["id"]}', orm.untrusted(d::jsonb)) FROM unnest(ARRAY[
	'{"where": {"tags": {"label": "a"}}}', '{"where": {"tags": {"$some": {"label": "b", "$pivot": {"position": {"$gt": 0}}}}}}', '{"where": {"id": 1}, "count": ["tags"]}', '{"count": ["tags"], "order": ["-tags_count"], "where": {"id": {"$lt": 3}}}'
]) AS d;
-- out of the junction "^." leads to the target, and that to the entity around
SELECT outside(format('{"where": {"tags": {"$pivot": {"position": {"$lt": {"$col": "%s"}}}}}, "select": ["id"]}', c)::jsonb) FROM unnest('{position,weight,id,author.id,^.id,^.label,^.shade,^.title,^.^.id,^.^.cost,^.^.^.id}'::text[]) AS c;
-- what trusted clauses ask themselves stays: filters, scopes, and numbers that the document asks for as well
SELECT asked('{"load": {"book": {"where": {"id": 10}, "select": ["id"]}}, "where": {"book": {"$some": {"id": 11}}}}', '{}'), asked('{"load": {"book": {"where": {"id": 10}, "select": ["id"]}}, "count": ["book"], "where": {"id": 1}}', '{"count": ["book"], "aggregate": {"n": {"relation": "book", "function": "count"}}}');
SELECT asked('{"load": {"book": {"scopes": ["cheap"], "select": ["id"], "limit": 1}}, "where": {"id": 1}}', '{"count": ["book"]}');
SELECT asked('{"load": {"book": {"where": {"id": 10}, "select": ["id"]}}, "count": ["book"]}', '{"aggregate": {"book_count": {"relation": "book", "function": "count", "where": {"id": 11}}}}') LIKE '22023 | alias "book_count" is taken%';
-- an order by an alias that trusted clauses define
SELECT asked('{"count": ["book"], "where": {"id": {"$lt": 4}}}', '{"order": ["-book_count"]}'), asked('{"count": ["book"]}', '{"order": ["-note_count"]}'), asked('{"count": ["book"]}', '{"order": ["secret"]}'), asked('{"count": ["book"]}', '{"order": [{"secret": "asc"}], "where": {"id": "x"}}'), asked('{"count": ["book"]}', '{"order": [{"sceret": "asc"}], "where": {"id": "x"}}');
SELECT asked('{"load": {"book": {"count": ["note"], "select": ["id"], "limit": 1}}, "where": {"id": 1}}', '{"load": {"book": {"order": ["-note_count", "-id"]}}}');

--
-- Where a page starts is said once
--
CREATE FUNCTION page(VARIADIC clauses jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; state text;
BEGIN
	RETURN orm.paginate('book', VARIADIC clauses || '{"order": ["id"], "select": ["id"], "limit": 2}'::jsonb)->>'items';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, state = RETURNED_SQLSTATE;
	RETURN concat_ws(' | ', state, message, detail);
END $$;
SELECT page('{"page": 2}', orm.untrusted('{"page": 1}')), page(orm.untrusted('{"page": 1}'), '{"page": 2}'), page(orm.untrusted('{"page": 1}'), orm.untrusted('{"page": 3}')), page('{"page": 2}', '{"page": 1}');
SELECT clause, page(jsonb_build_object(clause, 'x'), orm.untrusted(jsonb_build_object(clause, 'y'))), page(orm.untrusted(jsonb_build_object(clause, 'y')), jsonb_build_object(clause, 'x')) FROM unnest('{after,before}'::text[]) AS clause;
SELECT page('{"after": "x"}', orm.untrusted('{"page": 1}')), page('{"page": 1}', orm.untrusted('{"before": "x"}')), page('{"after": "x"}', orm.untrusted('{"before": "x"}'));

-- where rows are at hand
SELECT orm.hydrate(a, orm.untrusted('{"select": ["id"], "load": {"book": {"limit": 1, "select": ["id"]}}}')) FROM author a WHERE id = 2;
SELECT orm.hydrate(a, orm.untrusted('{"select": ["secret"]}')) FROM author a WHERE id = 2;
SELECT orm.hydrate(a, orm.untrusted('{"where": {"id": 2}}')) FROM author a WHERE id = 2;
SELECT count(*) FROM orm.hydrate_query('author', 'TABLE author', orm.untrusted('{"select": ["id"]}'));
DROP SCHEMA untrusted CASCADE;
