-- Pages. Volatile, as all that reads: EXPLAIN must not run it.

CREATE FUNCTION orm.paginate(entity text, VARIADIC clauses jsonb[] DEFAULT '{}') RETURNS json
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'orm_paginate';
COMMENT ON FUNCTION orm.paginate(text, jsonb[]) IS 'a page of entities, with cursors to the next and the previous one';
