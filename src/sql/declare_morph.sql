-- Declaring polymorphic relations.

CREATE FUNCTION orm.morph_to(entity text, name text, type_column text, id_columns text[], types jsonb,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_morph_to';
COMMENT ON FUNCTION orm.morph_to(text, text, text, text[], jsonb, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to a row of one of several entities, which a type column tells apart; gives its name';

CREATE FUNCTION orm.morph_one(entity text, name text, target text, inverse text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_morph_one';
COMMENT ON FUNCTION orm.morph_one(text, text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the one row whose morph_to leads to this entity; gives its name';

CREATE FUNCTION orm.morph_many(entity text, name text, target text, inverse text,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_morph_many';
COMMENT ON FUNCTION orm.morph_many(text, text, text, text, jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link to the rows whose morph_to leads to this entity; gives its name';

CREATE FUNCTION orm.morph_to_many(entity text, name text, target text, through regclass,
	type_column text, id_columns text[], type_alias text,
	target_foreign_key text[] DEFAULT NULL, pivot text[] DEFAULT NULL,
	condition jsonb DEFAULT NULL, order_by text[] DEFAULT NULL, eager boolean DEFAULT NULL,
	lazy boolean DEFAULT NULL, owned boolean DEFAULT NULL, on_missing text DEFAULT NULL,
	on_foreign text DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_morph_to_many';
COMMENT ON FUNCTION orm.morph_to_many(text, text, text, regclass, text, text[], text, text[], text[], jsonb, text[], boolean, boolean, boolean, text, text) IS 'declares a link through a junction whose type column says that its rows are of this entity; gives its name';
