-- Builders of clauses. Stable where a value is taken: how it looks as JSON may
-- depend on settings.

CREATE FUNCTION orm.where(conditions jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_conditions';
COMMENT ON FUNCTION orm.where(jsonb) IS 'a clause: only what meets these conditions';

CREATE FUNCTION orm.where(property text, value anycompatible) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_equal';
COMMENT ON FUNCTION orm.where(text, anycompatible) IS 'a clause: only where the property equals the value, or is null for NULL';

CREATE FUNCTION orm.where(property text, operator text, value anycompatible) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_where';
COMMENT ON FUNCTION orm.where(text, text, anycompatible) IS 'a clause: only where the property compares so with the value';

CREATE FUNCTION orm.order(VARIADIC properties text[]) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_order';
COMMENT ON FUNCTION orm.order(text[]) IS 'a clause: in the order of these properties, descending after a minus';

CREATE FUNCTION orm.limit(n bigint, skip bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_limit';
COMMENT ON FUNCTION orm.limit(bigint, bigint) IS 'a clause: so many at most, after some that are skipped';

CREATE FUNCTION orm.select(VARIADIC properties text[]) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_select';
COMMENT ON FUNCTION orm.select(text[]) IS 'a clause: only these properties, * for those that come by default';

CREATE FUNCTION orm.with(path text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_with';
COMMENT ON FUNCTION orm.with(text, jsonb[]) IS 'a clause: with the relation at the end of the path loaded, read by these clauses';

CREATE FUNCTION orm.scoped(name text, arguments jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_build_scoped';
COMMENT ON FUNCTION orm.scoped(text, jsonb) IS 'a clause: only what meets this scope, with these arguments';

CREATE FUNCTION orm.untrusted(document jsonb, relations text[] DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orm_untrusted';
COMMENT ON FUNCTION orm.untrusted(jsonb, text[]) IS 'a query document from outside as a clause that only narrows, within these relations';
