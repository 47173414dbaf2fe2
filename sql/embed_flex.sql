-- Value objects, the flex column, and which properties come when.
CREATE SCHEMA shapes;
SET search_path = shapes;
CREATE TABLE users (
	id bigint PRIMARY KEY,
	address_street text,
	name text NOT NULL,
	address_city text,
	extra jsonb,
	address_zip text,
	geo_lat numeric, geo_lon numeric,
	secret text DEFAULT 's',
	bio text DEFAULT 'long'
);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users, title text);
SELECT orm.entity('User', 'users', flex => 'extra');
SELECT orm.entity('Post', 'posts');
SELECT orm.embed('User', 'address', '{address_street,address_city,address_zip}');
SELECT orm.embed('User', 'position', '{geo_lat,geo_lon}');
SELECT orm.property('User', 'secret', hidden => true);
SELECT orm.property('User', 'bio', lazy => true);
INSERT INTO users VALUES
	(1, 'High St', 'ada', 'Leeds', '{"color": "red", "size": 3, "name": "no", "posts": 1, "address": 2, "nested": {"a": [1, 2], "b": null}}', '1', 1.5, 2.5),
	(2, NULL, 'bob', NULL, NULL, NULL, NULL, NULL),
	(3, NULL, 'cyd', 'Bonn', '[1, 2]', '53', 0, NULL),
	(4, NULL, 'dan', 'Leeds', '{"color": "blue", "size": "3"}', NULL, NULL, NULL);
INSERT INTO posts VALUES (1, 1, 'p'), (2, 1, 'q'), (3, 4, 'r');

-- out: an object at the place of its first column, null when nothing is in it; keys of the flex column last
SELECT orm.fetch('User', '{"order": ["id"]}');
SELECT orm.find('User', 1), orm.find('User', 2);
SELECT orm.fetch('User', '{"order": ["id"], "count": ["posts"], "load": {"posts": {"select": ["title"]}}}');
SELECT orm.fetch('Post', '{"order": ["id"], "load": ["user"]}');
SELECT orm.hydrate(u) FROM users u ORDER BY id;
SELECT orm.collect(u) FROM users u WHERE id = 1;
SELECT orm.collect(u, '{"entity": "User"}') FROM (SELECT id, address_zip, address_city, extra FROM users ORDER BY id) u;
SELECT orm.hydrate_query('User', 'SELECT id, name, address_city, extra FROM shapes.users ORDER BY id');
-- a key that an aggregate has taken
SELECT orm.find('User', 1, '{"aggregate": {"size": {"relation": "posts", "function": "count"}}}');

-- chosen by name
SELECT orm.fetch('User', '{"order": ["id"], "select": ["id", "address"]}');
SELECT orm.fetch('User', '{"order": ["id"], "omit": ["address", "name"]}');
SELECT orm.fetch('User', '{"order": ["id"], "select": ["position", "*"], "omit": ["address"], "limit": 1}');
SELECT orm.fetch('User', '{"select": ["address_city"]}');
SELECT orm.fetch('User', '{"select": ["city"]}');
SELECT orm.fetch('User', '{"select": ["extra"]}');

-- in conditions and orders
CREATE FUNCTION ids(document jsonb) RETURNS text LANGUAGE sql AS
	$$ SELECT string_agg(e->>'id', ',' ORDER BY e->>'id') FROM orm.fetch('User', jsonb_build_object('where', document)) AS e $$;
SELECT ids('{"address": {"city": "Leeds"}}'), ids('{"address": {"city": "Leeds", "zip": {"$ne": "2"}}}'), ids('{"address": null}'),
	ids('{"$not": {"address": null}}'), ids('{"address": {"city": {"$starts": "B"}}}'), ids('{"position": {"geo_lat": {"$lt": {"$col": "position.geo_lon"}}}}');
SELECT ids('{"color": "red"}'), ids('{"size": 3}'), ids('{"size": "3"}'), ids('{"nested": {"a": {"$contains": [2]}}}'),
	ids('{"color": {"$in": ["red", "blue"]}}'), ids('{"$or": [{"color": "blue"}, {"name": "bob"}]}'), ids('{"color": null}');
SELECT orm.fetch('User', '{"select": ["id"], "order": ["-address.city", "id"]}');
SELECT orm.fetch('Post', '{"select": ["id"], "order": ["-user.address.street", "id"]}');
SELECT orm.fetch('Post', '{"select": ["id"], "order": ["id"], "where": {"user": {"address": {"zip": "1"}, "color": "red"}}}');
SELECT orm.find('User', 1, '{"select": [], "load": {"posts": {"aggregate": {"zip": {"relation": "user", "function": "max", "property": "address.zip"}}}}}');
SELECT ids('{"address": {"town": "Leeds"}}');
SELECT ids('{"address": {}}');
SELECT ids('{"address": "Leeds"}');
SELECT orm.fetch('User', '{"order": ["address.town"]}');
SELECT orm.fetch('User', '{"order": ["address"]}');

-- hidden and lazy ones come when named, alone or with "*", and can be asked about all the same
SELECT orm.find('User', 1, '{"select": ["id", "secret"]}'), orm.find('User', 1, '{"select": ["*", "bio"], "omit": ["address"]}');
SELECT ids('{"secret": "s"}'), ids('{"bio": {"$starts": "x"}}');
-- computed ones run only when selected, filtered or sorted by
CREATE FUNCTION loud(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE NOTICE 'computed'; RETURN upper(t); END $$;
SELECT orm.property('User', 'shout', expression => 'shapes.loud(name)');
SELECT orm.find('User', 1, '{"omit": ["shout"]}');
SELECT orm.find('User', 1, '{"select": ["name"]}');
SELECT orm.find('User', 1, '{"select": ["shout"]}');
SELECT orm.fetch('User', '{"select": ["id"], "where": {"id": 1, "shout": "ADA"}}');
SELECT orm.fetch('User', '{"select": ["id"], "where": {"id": 1}, "order": ["shout"]}');
SELECT orm.count('User', '{"where": {"id": 1}}');
SELECT orm.drop_property('User', 'shout');

-- the model says so, and follows the table
SELECT name, type, source, details FROM orm.describe('User');
SELECT orm.export('User');
SELECT orm.define(orm.export('User')::text);
ALTER TABLE users RENAME COLUMN address_zip TO address_code;
ALTER TABLE users DROP COLUMN address_street;
ALTER TABLE users RENAME COLUMN extra TO more;
SELECT orm.find('User', 1);
ALTER TABLE users DROP COLUMN geo_lat, DROP COLUMN geo_lon;
SELECT orm.find('User', 1, '{"omit": ["address"]}');
SELECT orm.export('User');
SELECT orm.drop_property('User', 'address');
SELECT orm.find('User', 1);

-- members with names, casts and flags of their own
SELECT orm.property('User', 'address_city', hidden => true);
SELECT orm.embed('User', 'address', '{address_city,address_code}');
SELECT orm.find('User', 1);
-- naming the object does not bring what is hidden in it
SELECT orm.find('User', 1, '{"select": ["address"]}');
CREATE TABLE camels (id bigint PRIMARY KEY, home_address_zip text, home_address_city_name text, price numeric, currency text);
INSERT INTO camels VALUES (1, 'z', 'c', 5, 'EUR');
SELECT orm.entity('Camel', 'camels', naming => 'camel');
SELECT orm.embed('Camel', 'homeAddress', '{home_address_zip,home_address_city_name}');
-- for a client that is not trusted, what is hidden in an object is not there
CREATE FUNCTION untrusted(document jsonb) RETURNS json LANGUAGE sql AS $$ SELECT orm.list('User', orm.untrusted(document)) $$;
SELECT untrusted('{"select": ["id", "address"], "where": {"address": {"code": "1"}}, "order": ["address.code"]}');
SELECT untrusted('{"where": {"address": {"city": "Leeds"}}}');
SELECT untrusted('{"where": {"address": null}}');
SELECT untrusted('{"order": ["address.city"]}');
SELECT untrusted('{"where": {"color": "red"}}');
-- without the prefix: the names stay
SELECT orm.embed('Camel', 'price', '{price,currency}');
SELECT orm.find('Camel', 1);

-- what is refused
SELECT orm.embed('User', 'address', '{}');
SELECT orm.embed('User', 'address', '{address_city,nothing,id}');
SELECT orm.embed('User', 'name', '{address_city}');
SELECT orm.embed('User', 'pivot', '{name}');
SELECT orm.embed('User', 'place', '{address_city}');
SELECT orm.embed('User', 'things', '{more}');
SELECT orm.embed('Camel', 'twice', '{currency,currency}');
SELECT orm.embed('Nobody', 'a', '{b}');
SELECT orm.entity('User', 'users', flex => 'name');

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA shapes CASCADE;
