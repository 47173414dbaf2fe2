/*
 * sql_clauses.c
 *	  Reads entity names and clauses from SQL arguments.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "model/model_cache.h"

/* deeper than any query that orm_max_depth allows, and no deeper than the stack bears */
#define DOCUMENT_DEPTH	(orm_max_depth * 4 + 16)

OrmEntity *
orm_arg_entity(FunctionCallInfo fcinfo, int at)
{
	return orm_model_by_name(orm_arg_text_required(fcinfo, at, "entity"), false);
}

static void
null_clause(int number)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 number > 0 ? errmsg("clause %d is NULL", number) : errmsg("clauses are NULL"),
			 errhint("A clause that says nothing is '{}'.")));
}

void
orm_arg_clauses(FunctionCallInfo fcinfo, int at, OrmQuery *query, int also)
{
	Datum	   *clauses;
	bool	   *nulls;
	int			n;

	if (PG_NARGS() <= at)
		return;
	if (PG_ARGISNULL(at))
		null_clause(0);
	/* a copy: values of the query may point into it for as long as the query runs */
	deconstruct_array(PG_GETARG_ARRAYTYPE_P_COPY(at), JSONBOID, -1, false, TYPALIGN_INT, &clauses, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			null_clause(n > 1 ? i + 1 : 0);
		orm_query_merge(query, orm_json_read(DatumGetJsonbP(clauses[i]), n > 1 ? i + 1 : 0, DOCUMENT_DEPTH),
						also);
	}
}
