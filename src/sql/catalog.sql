-- The catalog: what DDL cannot say. One row per entity, property, relation
-- and scope that was declared; all else is derived from the server's own catalogs.

CREATE TABLE orm.entities (
	relation    regclass PRIMARY KEY,
	name        text COLLATE "C" NOT NULL UNIQUE,
	key         text[],
	naming      text NOT NULL DEFAULT 'column',
	columns     text[],
	version     text,
	soft_delete text,
	created_at  text,
	updated_at  text,
	flex        text,
	derive      boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE orm.entities IS 'declared entities, one per relation';

CREATE TABLE orm.properties (
	relation    regclass NOT NULL,
	name        text COLLATE "C" NOT NULL,
	column_name text,
	expression  text,
	cast_as     text,
	insert      boolean,
	update      boolean,
	hidden      boolean,
	lazy        boolean,
	dropped     boolean NOT NULL DEFAULT false,
	columns     text[],
	PRIMARY KEY (relation, name)
);
COMMENT ON TABLE orm.properties IS 'declared properties; columns that say nothing are derived';

CREATE TABLE orm.relations (
	relation           regclass NOT NULL,
	name               text COLLATE "C" NOT NULL,
	kind               text NOT NULL,
	target             regclass,
	foreign_key        text[],
	local_key          text[],
	target_key         text[],
	through            regclass,
	target_foreign_key text[],
	pivot              text[],
	inverse            text,
	condition          jsonb,
	order_by           text[],
	eager              boolean,
	lazy               boolean,
	owned              boolean,
	on_missing         text,
	on_foreign         text,
	path               text,
	keys               text,
	function           text,
	type_column        text,
	id_columns         text[],
	types              jsonb,
	type_alias         text,
	PRIMARY KEY (relation, name)
);
CREATE INDEX relations_target ON orm.relations (target);
COMMENT ON TABLE orm.relations IS 'declared relations; foreign keys that say nothing are derived';

CREATE TABLE orm.scopes (
	relation  regclass NOT NULL,
	name      text COLLATE "C" NOT NULL,
	condition jsonb,
	predicate text,
	arguments text[] NOT NULL DEFAULT '{}',
	global    boolean NOT NULL DEFAULT false,
	PRIMARY KEY (relation, name)
);
COMMENT ON TABLE orm.scopes IS 'declared scopes: named conditions of an entity';

-- A dump carries the rows whose relations still exist: an OID that names nothing
-- would be restored as it is, and come to mean another relation.
SELECT pg_catalog.pg_extension_config_dump('orm.entities', 'WHERE relation OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('orm.properties', 'WHERE relation OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('orm.scopes', 'WHERE relation OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('orm.relations', 'WHERE relation OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class)
	AND (target IS NULL OR target OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class))
	AND (through IS NULL OR through OPERATOR(pg_catalog.=) ANY (SELECT oid FROM pg_catalog.pg_class))');

GRANT USAGE ON SCHEMA orm TO PUBLIC;
GRANT SELECT ON orm.entities, orm.properties, orm.relations, orm.scopes TO PUBLIC;

-- Whoever writes these tables, every session's model cache hears of it.
CREATE FUNCTION orm._catalog_changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'orm_catalog_changed';
COMMENT ON FUNCTION orm._catalog_changed() IS 'tells all sessions that a declaration has changed';

CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON orm.entities
	FOR EACH ROW EXECUTE FUNCTION orm._catalog_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON orm.properties
	FOR EACH ROW EXECUTE FUNCTION orm._catalog_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON orm.relations
	FOR EACH ROW EXECUTE FUNCTION orm._catalog_changed();
CREATE TRIGGER emptied AFTER TRUNCATE ON orm.entities
	FOR EACH STATEMENT EXECUTE FUNCTION orm._catalog_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON orm.scopes
	FOR EACH ROW EXECUTE FUNCTION orm._catalog_changed();
ALTER TABLE orm.entities ENABLE ALWAYS TRIGGER changed;
ALTER TABLE orm.entities ENABLE ALWAYS TRIGGER emptied;
CREATE TRIGGER emptied AFTER TRUNCATE ON orm.properties
	FOR EACH STATEMENT EXECUTE FUNCTION orm._catalog_changed();
ALTER TABLE orm.properties ENABLE ALWAYS TRIGGER changed;
ALTER TABLE orm.properties ENABLE ALWAYS TRIGGER emptied;
CREATE TRIGGER emptied AFTER TRUNCATE ON orm.relations
	FOR EACH STATEMENT EXECUTE FUNCTION orm._catalog_changed();
ALTER TABLE orm.relations ENABLE ALWAYS TRIGGER changed;
ALTER TABLE orm.relations ENABLE ALWAYS TRIGGER emptied;
CREATE TRIGGER emptied AFTER TRUNCATE ON orm.scopes
	FOR EACH STATEMENT EXECUTE FUNCTION orm._catalog_changed();
ALTER TABLE orm.scopes ENABLE ALWAYS TRIGGER changed;
ALTER TABLE orm.scopes ENABLE ALWAYS TRIGGER emptied;
