-- Reading the model back. Open to all; what a table holds is not shown here.

CREATE FUNCTION orm.export(VARIADIC entities text[] DEFAULT '{}')
RETURNS json
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'orm_export';
COMMENT ON FUNCTION orm.export(text[]) IS 'the declarations as a JSON model document, which orm.define() takes';

CREATE FUNCTION orm.describe(entity text)
RETURNS TABLE (kind text, name text, type text, source text, details text)
LANGUAGE c STABLE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'orm_describe';
COMMENT ON FUNCTION orm.describe(text) IS 'an entity with its properties and relations, declared and derived';

CREATE FUNCTION orm.model()
RETURNS json
LANGUAGE c STABLE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'orm_model';
COMMENT ON FUNCTION orm.model() IS 'all entities with their properties and relations, declared and derived';
