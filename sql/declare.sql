-- Declaring entities and properties through functions.
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL,
	email text NOT NULL UNIQUE,
	lock_version int NOT NULL DEFAULT 1,
	deleted_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz,
	more jsonb
);
CREATE TABLE events (at timestamptz, what text);
CREATE TABLE measures (day date, sensor int, value numeric, PRIMARY KEY (day, sensor)) PARTITION BY RANGE (day);
CREATE TABLE measures_2024 PARTITION OF measures FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE VIEW recent_users AS SELECT * FROM users WHERE created_at > now() - interval '1 day';

-- an entity with all that can be said of it; calling again replaces it
SELECT orm.entity('User', 'users');
SELECT orm.entity('User', 'users', naming => 'camel', columns => '{id,name,email,lock_version,deleted_at,created_at,updated_at,more}',
	version => 'lock_version', soft_delete => 'deleted_at', created_at => 'created_at', updated_at => 'updated_at',
	flex => 'more', derive => false);
SELECT * FROM orm.entities;
SELECT orm.entity('User', 'users', naming => 'camel');
SELECT * FROM orm.entities;

-- a relation bears one entity: a new name takes the place of the old
SELECT orm.entity('Person', 'users', naming => 'camel');
SELECT relation, name FROM orm.entities;

-- a name moves between relations of one owner, and the old one bears no entity then
SELECT orm.entity('Person', 'recent_users', key => '{id}');
SELECT relation, name, key FROM orm.entities;
SELECT orm.drop_entity('Person');
SELECT count(*) FROM orm.entities;

-- views may do without a key; a key that nothing makes unique is told of
SELECT orm.entity('Recent', 'recent_users');
SELECT orm.entity('Event', 'events', key => '{at}');
SELECT orm.entity('Measure', 'measures');
SELECT orm.drop_entity('Recent'), orm.drop_entity('Event'), orm.drop_entity('Measure');

-- an equal declaration writes nothing
SELECT orm.entity('User', 'users', naming => 'camel');
SELECT xmin AS before FROM orm.entities WHERE name = 'User' \gset
SELECT orm.entity('User', 'users', naming => 'camel');
SELECT xmin = :'before' AS untouched FROM orm.entities WHERE name = 'User';

-- properties: flags on a derived one, another name, an expression
SELECT orm.property('User', 'createdAt', insert => false, update => false);
SELECT orm.property('User', 'mail', column_name => 'email', hidden => true);
SELECT orm.property('User', 'address', column_name => 'email');
SELECT orm.property('User', 'initial', expression => 'left(name, 1) || ''.''', lazy => true);
SELECT orm.property('User', 'more', cast_as => 'json');
SELECT name, column_name, expression, cast_as, insert, update, hidden, lazy, dropped FROM orm.properties ORDER BY name;

-- what an expression says does not depend on search_path, and declared again it is the same
CREATE FUNCTION shop.shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper($1) || '!' $$;
CREATE TYPE shop.mood AS ENUM ('good', 'bad');
SELECT orm.property('User', 'loud', expression => 'shout(users.name)');
SELECT orm.property('User', 'mood', expression => $$ CASE WHEN id % 2 = 0 THEN 'good'::mood ELSE 'bad' END $$);
SELECT orm.property('User', 'number', expression => $$ -id::int + (SELECT count(*) FROM users u WHERE u.id < users.id AND u.name LIKE 'a%') $$);
SELECT orm.property('User', 'sorted', expression => $$ name COLLATE "C" < 'm' /* a comment */ -- and another$$);
SELECT orm.property('User', 'literal', expression => $$ 'text' $$);
SELECT name, expression FROM orm.properties WHERE expression IS NOT NULL ORDER BY name;
CREATE TEMP TABLE once AS SELECT name, expression FROM orm.properties WHERE expression IS NOT NULL;
SET search_path = public;
SELECT count(orm.property('User', name, expression => expression)) FROM once;
SELECT o.name FROM once o JOIN orm.properties p USING (name) WHERE o.expression IS DISTINCT FROM p.expression;
SET search_path = shop, public;

-- a cast is one of those known, or a pair of functions, kept with their schemas
CREATE FUNCTION shop.to_cents(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION shop.from_cents(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT $1';
SELECT orm.property('User', 'name', cast_as => 'to_cents, from_cents');
SELECT cast_as FROM orm.properties WHERE name = 'name';

-- dropping a declared one brings back the derived; dropping that hides it until it is declared again
SELECT orm.drop_property('User', 'createdAt');
SELECT orm.drop_property('User', 'createdAt');
SELECT name, column_name, dropped FROM orm.properties WHERE name = 'createdAt';
SELECT name FROM orm.describe('User') WHERE name = 'createdAt';
SELECT orm.property('User', 'createdAt');
SELECT name, column_name, dropped FROM orm.properties WHERE name = 'createdAt';
SELECT orm.drop_property('User', 'initial');
SELECT name FROM orm.properties WHERE name = 'initial';

-- the owner's declarations are the owner's; reading is open to all
CREATE ROLE regress_orm_other;
GRANT USAGE ON SCHEMA shop TO regress_orm_other;
SET ROLE regress_orm_other;
SELECT name, relation FROM orm.entities;
SELECT orm.entity('Mine', 'users');
SELECT orm.property('User', 'email', hidden => false);
SELECT orm.drop_property('User', 'loud');
SELECT orm.drop_entity('User');
INSERT INTO orm.entities (relation, name) VALUES ('shop.events', 'Event');
RESET ROLE;

-- a member of the owning role may, and everything is written with the rights of the extension's owner
ALTER TABLE events OWNER TO regress_orm_other;
CREATE ROLE regress_orm_member IN ROLE regress_orm_other;
GRANT USAGE ON SCHEMA shop TO regress_orm_member;
SET ROLE regress_orm_member;
SELECT orm.entity('Event', 'events', key => '{at,what}');
SELECT current_user;
SELECT orm.entity('User', 'events', key => '{at,what}');
RESET ROLE;

-- reflection: what is declared, foreign or without a key is left alone
CREATE SCHEMA archive;
CREATE TABLE archive.users (id int PRIMARY KEY, pivot text);
CREATE TABLE archive.sales_orders (order_id int PRIMARY KEY, "grandTotal" numeric);
CREATE TABLE archive.keyless (a int);
CREATE TABLE archive.strange (id int PRIMARY KEY);
ALTER TABLE archive.strange OWNER TO regress_orm_other;
CREATE VIEW archive.seen AS SELECT 1 AS id;
SELECT * FROM orm.reflect('shop');
SET ROLE regress_orm_other;
SELECT * FROM orm.reflect('archive');
RESET ROLE;
GRANT USAGE ON SCHEMA archive TO regress_orm_other;
SET ROLE regress_orm_other;
SELECT * FROM orm.reflect('archive');
RESET ROLE;
SELECT * FROM orm.reflect('archive');
SELECT * FROM orm.reflect('archive');
SELECT orm.drop_entity('users'), orm.drop_entity('sales_orders');
SELECT orm.entity('Users', 'users');
SELECT * FROM orm.reflect('archive', 'camel');
SELECT name, relation, naming, columns FROM orm.entities ORDER BY 1;

-- in a read-only transaction nothing is declared
BEGIN READ ONLY;
SELECT orm.entity('Late', 'archive.keyless', key => '{a}');
ROLLBACK;

SELECT count(orm.drop_entity(name)) FROM orm.entities;
SELECT count(*) FROM orm.properties;
SET client_min_messages = warning;
RESET search_path;
DROP SCHEMA shop, archive CASCADE;
DROP ROLE regress_orm_member, regress_orm_other;
