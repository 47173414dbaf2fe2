-- Links between rows. Each has two forms: data that is a literal or an untyped
-- parameter is text, which is JSON; data of a type is a key, a list of keys, or JSON.

CREATE FUNCTION orm.link(entity text, key anycompatible, relation text, data text) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_link_rows';
COMMENT ON FUNCTION orm.link(text, anycompatible, text, text) IS 'links rows to an entity by a relation';

CREATE FUNCTION orm.link(entity text, key anycompatible, relation text, data anyelement) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_link_rows';
COMMENT ON FUNCTION orm.link(text, anycompatible, text, anyelement) IS 'links rows to an entity by a relation';

CREATE FUNCTION orm.unlink(entity text, key anycompatible, relation text, data text) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_unlink_rows';
COMMENT ON FUNCTION orm.unlink(text, anycompatible, text, text) IS 'removes links of an entity to rows of a relation';

CREATE FUNCTION orm.unlink(entity text, key anycompatible, relation text, data anyelement) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_unlink_rows';
COMMENT ON FUNCTION orm.unlink(text, anycompatible, text, anyelement) IS 'removes links of an entity to rows of a relation';

CREATE FUNCTION orm.sync(entity text, key anycompatible, relation text, data text) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_sync_rows';
COMMENT ON FUNCTION orm.sync(text, anycompatible, text, text) IS 'links an entity to just these rows of a relation';

CREATE FUNCTION orm.sync(entity text, key anycompatible, relation text, data anyelement) RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_sync_rows';
COMMENT ON FUNCTION orm.sync(text, anycompatible, text, anyelement) IS 'links an entity to just these rows of a relation';
