/*
 * sql_support.c
 *	  Tells the planner how many rows a call of fetch will give.
 *
 * An estimate only: from the limit of constant clauses, else from what the
 * server knows of the table's size. It never raises: what is wrong with a call
 * is the call's to say.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "api/sql_support.h"
#include "model/model_cache.h"

PG_FUNCTION_INFO_V1(orm_fetch_support);

/* the value of an argument that planning knows, or NULL */
static Const *
known_argument(PlannerInfo *root, List *args, int at)
{
	Node	   *node = list_length(args) > at ? estimate_expression_value(root, list_nth(args, at)) : NULL;

	return node && IsA(node, Const) && !((Const *) node)->constisnull ? (Const *) node : NULL;
}

/* the smallest whole "limit" of the clauses, or -1 */
static double
limit_of_clauses(Const *clauses)
{
	Datum	   *documents;
	bool	   *nulls;
	int			n;
	double		limit = -1;

	deconstruct_array(DatumGetArrayTypeP(clauses->constvalue), JSONBOID, -1, false, TYPALIGN_INT,
					  &documents, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		Jsonb	   *document = nulls[i] ? NULL : DatumGetJsonbP(documents[i]);
		JsonbValue	value;

		if (document && JB_ROOT_IS_OBJECT(document) &&
			getKeyJsonValueFromContainer(&document->root, "limit", 5, &value) && value.type == jbvNumeric)
			limit = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
													   NumericGetDatum(value.val.numeric)));
	}
	return limit;
}

double
orm_table_rows(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		rows = -1;

	if (HeapTupleIsValid(tuple))
	{
		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	return rows;
}

Datum
orm_fetch_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows = (SupportRequestRows *) request;
	List	   *args;
	Const	   *name;
	Const	   *clauses;
	OrmEntity  *entity;
	double		limit = -1;
	double		estimate;

	if (!IsA(request, SupportRequestRows) || !is_funcclause(rows->node))
		PG_RETURN_POINTER(NULL);
	args = ((FuncExpr *) rows->node)->args;
	name = known_argument(rows->root, args, 0);
	clauses = known_argument(rows->root, args, 1);
	entity = name ? orm_model_by_name(TextDatumGetCString(name->constvalue), true) : NULL;
	if (entity == NULL)
		PG_RETURN_POINTER(NULL);
	estimate = orm_table_rows(entity->relid);
	if (clauses)
		limit = limit_of_clauses(clauses);
	if (limit >= 0 && (estimate < 0 || limit < estimate))
		estimate = limit;
	if (estimate < 0)
		PG_RETURN_POINTER(NULL);
	rows->rows = Max(estimate, 1);
	PG_RETURN_POINTER(request);
}
