-- Declaring through functions. Each checks all it can and replaces what was
-- declared under that name before.

CREATE FUNCTION orm.entity(name text, source regclass, key text[] DEFAULT NULL, naming text DEFAULT 'column',
	columns text[] DEFAULT NULL, version text DEFAULT NULL, soft_delete text DEFAULT NULL,
	created_at text DEFAULT NULL, updated_at text DEFAULT NULL, flex text DEFAULT NULL,
	derive boolean DEFAULT true)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_entity';
COMMENT ON FUNCTION orm.entity(text, regclass, text[], text, text[], text, text, text, text, text, boolean) IS 'declares a table, view or foreign table as an entity; gives its name';

CREATE FUNCTION orm.property(entity text, name text, column_name text DEFAULT NULL, expression text DEFAULT NULL,
	cast_as text DEFAULT NULL, insert boolean DEFAULT NULL, update boolean DEFAULT NULL,
	hidden boolean DEFAULT NULL, lazy boolean DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_property';
COMMENT ON FUNCTION orm.property(text, text, text, text, text, boolean, boolean, boolean, boolean) IS 'declares a property: a column or an SQL expression; gives its name';

CREATE FUNCTION orm.embed(entity text, name text, columns text[])
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_embed';
COMMENT ON FUNCTION orm.embed(text, text, text[]) IS 'declares columns that stand together as one value object; gives its name';

CREATE FUNCTION orm.belongs_to(entity text, name text, target text, foreign_key text[] DEFAULT NULL,
	target_key text[] DEFAULT NULL,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_belongs_to';
COMMENT ON FUNCTION orm.belongs_to(text, text, text, text[], text[], jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the one row that this entity references; gives its name';

CREATE FUNCTION orm.has_one(entity text, name text, target text, foreign_key text[] DEFAULT NULL,
	local_key text[] DEFAULT NULL,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_one';
COMMENT ON FUNCTION orm.has_one(text, text, text, text[], text[], jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the one row that references this entity; gives its name';

CREATE FUNCTION orm.has_many(entity text, name text, target text, foreign_key text[] DEFAULT NULL,
	local_key text[] DEFAULT NULL,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_many';
COMMENT ON FUNCTION orm.has_many(text, text, text, text[], text[], jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the rows that reference this entity; gives its name';

CREATE FUNCTION orm.many_to_many(entity text, name text, target text, through regclass DEFAULT NULL,
	foreign_key text[] DEFAULT NULL, target_foreign_key text[] DEFAULT NULL, pivot text[] DEFAULT NULL,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_many_to_many';
COMMENT ON FUNCTION orm.many_to_many(text, text, text, regclass, text[], text[], text[], jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link through a table that references both sides; gives its name';

CREATE FUNCTION orm.tree(entity text, foreign_key text[] DEFAULT NULL)
RETURNS SETOF text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_tree';
COMMENT ON FUNCTION orm.tree(text, text[]) IS 'declares parent, children, ancestors and descendants over a foreign key from an entity to itself; gives their names';

CREATE FUNCTION orm.has_one_through(entity text, name text, path text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_one_through';
COMMENT ON FUNCTION orm.has_one_through(text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to one row over a chain of relations; gives its name';

CREATE FUNCTION orm.has_many_through(entity text, name text, path text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_many_through';
COMMENT ON FUNCTION orm.has_many_through(text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the rows over a chain of relations; gives its name';

CREATE FUNCTION orm.has_many_in(entity text, name text, target text, keys text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_many_in';
COMMENT ON FUNCTION orm.has_many_in(text, text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the rows whose keys an array column of this entity holds; gives its name';

CREATE FUNCTION orm.has_many_by(entity text, name text, target text, function text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_has_many_by';
COMMENT ON FUNCTION orm.has_many_by(text, text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the rows that a function of this entity''s row returns; gives its name';

CREATE FUNCTION orm.scope(entity text, name text, condition jsonb DEFAULT NULL, predicate text DEFAULT NULL,
	arguments text[] DEFAULT '{}', global boolean DEFAULT false)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_scope';
COMMENT ON FUNCTION orm.scope(text, text, jsonb, text, text[], boolean) IS 'declares a named condition of an entity, or one that always holds; gives its name';

CREATE FUNCTION orm.drop_entity(name text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_drop_entity_by_name';
COMMENT ON FUNCTION orm.drop_entity(text) IS 'takes back what was declared over a relation; the relation itself stays';

CREATE FUNCTION orm.drop_property(entity text, name text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_drop_property_by_name';
COMMENT ON FUNCTION orm.drop_property(text, text) IS 'takes back a declared property, or hides a derived one until it is declared';

CREATE FUNCTION orm.drop_relation(entity text, name text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_drop_relation_by_name';
COMMENT ON FUNCTION orm.drop_relation(text, text) IS 'takes back a declared relation, or hides a derived one until it is declared';

CREATE FUNCTION orm.drop_scope(entity text, name text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_drop_scope_by_name';
COMMENT ON FUNCTION orm.drop_scope(text, text) IS 'takes back a declared scope';

CREATE FUNCTION orm.reflect(schema text DEFAULT 'public', naming text DEFAULT 'column')
RETURNS SETOF text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_reflect';
COMMENT ON FUNCTION orm.reflect(text, text) IS 'declares all tables of a schema that the caller owns; gives the names declared';

CREATE FUNCTION orm.define(document text)
RETURNS SETOF text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_define';
COMMENT ON FUNCTION orm.define(text) IS 'declares what a JSON model document says; gives the names of its entities';
