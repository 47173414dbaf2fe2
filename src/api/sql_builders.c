/*
 * sql_builders.c
 *	  where, order, limit, select, with, scoped and untrusted: the builders of clauses, as SQL
 *	  calls them.
 *
 * Each turns its arguments into text and jsonb and calls down once; what a
 * clause looks like is clause_builder.c's.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "query/clause_builder.h"
#include "query/untrusted.h"

PG_FUNCTION_INFO_V1(orm_build_conditions);
PG_FUNCTION_INFO_V1(orm_build_equal);
PG_FUNCTION_INFO_V1(orm_build_where);
PG_FUNCTION_INFO_V1(orm_build_order);
PG_FUNCTION_INFO_V1(orm_build_select);
PG_FUNCTION_INFO_V1(orm_build_limit);
PG_FUNCTION_INFO_V1(orm_build_with);
PG_FUNCTION_INFO_V1(orm_build_scoped);
PG_FUNCTION_INFO_V1(orm_untrusted);

/* what to_jsonb makes of a value; it takes the type from the call's expression */
static Jsonb *
to_jsonb_of(Datum value, Oid type)
{
	FmgrInfo	function;
	Node	   *argument = (Node *) makeNullConst(type, -1, InvalidOid);

	if (getBaseType(type) == JSONBOID)
		return DatumGetJsonbP(value);
	fmgr_info(F_TO_JSONB, &function);
	fmgr_info_set_expr((Node *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid, InvalidOid,
											 COERCE_EXPLICIT_CALL),
					   &function);
	return DatumGetJsonbP(FunctionCall1(&function, value));
}

/* the argument as jsonb, NULL for NULL; text where a list is wanted is an array literal */
static Jsonb *
value_argument(FunctionCallInfo fcinfo, int at, bool list)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, at);
	char		category;
	bool		preferred;
	Oid			output;
	bool		varlena;
	Datum		array;

	if (PG_ARGISNULL(at))
		return NULL;
	get_type_category_preferred(getBaseType(type), &category, &preferred);
	if (!list || category != TYPCATEGORY_STRING)
		return to_jsonb_of(PG_GETARG_DATUM(at), type);
	getTypeOutputInfo(type, &output, &varlena);
	array = OidFunctionCall3(F_ARRAY_IN, CStringGetDatum(OidOutputFunctionCall(output, PG_GETARG_DATUM(at))),
							 ObjectIdGetDatum(TEXTOID), Int32GetDatum(-1));
	return to_jsonb_of(array, TEXTARRAYOID);
}

Datum
orm_build_conditions(PG_FUNCTION_ARGS)
{
	orm_arg_refuse_null(fcinfo, 0, "conditions");
	PG_RETURN_JSONB_P(orm_clause_conditions(PG_GETARG_JSONB_P(0)));
}

Datum
orm_build_equal(PG_FUNCTION_ARGS)
{
	char	   *property = orm_arg_text_required(fcinfo, 0, "property");

	PG_RETURN_JSONB_P(orm_clause_where(property, orm_clause_operator("="), value_argument(fcinfo, 1, false)));
}

Datum
orm_build_where(PG_FUNCTION_ARGS)
{
	char	   *property = orm_arg_text_required(fcinfo, 0, "property");
	OrmClauseOperator op = orm_clause_operator(orm_arg_text_required(fcinfo, 1, "operator"));

	PG_RETURN_JSONB_P(orm_clause_where(property, op,
									   value_argument(fcinfo, 2, op.kind == ORM_OPERAND_LIST)));
}

static Datum
names_clause(FunctionCallInfo fcinfo, const char *clause)
{
	orm_arg_refuse_null(fcinfo, 0, "properties");
	PG_RETURN_JSONB_P(orm_clause_names(clause, orm_arg_names(fcinfo, 0, "properties")));
}

Datum
orm_build_order(PG_FUNCTION_ARGS)
{
	return names_clause(fcinfo, "order");
}

Datum
orm_build_select(PG_FUNCTION_ARGS)
{
	return names_clause(fcinfo, "select");
}

Datum
orm_build_limit(PG_FUNCTION_ARGS)
{
	int64		skip = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);

	orm_arg_refuse_null(fcinfo, 0, "n");
	PG_RETURN_JSONB_P(orm_clause_limit(PG_GETARG_INT64(0), PG_ARGISNULL(1) ? NULL : &skip));
}

Datum
orm_build_with(PG_FUNCTION_ARGS)
{
	char	   *path = orm_arg_text_required(fcinfo, 0, "path");

	PG_RETURN_JSONB_P(orm_clause_load(path, orm_arg_clause_list(fcinfo, 1, false)));
}

Datum
orm_build_scoped(PG_FUNCTION_ARGS)
{
	char	   *name = orm_arg_text_required(fcinfo, 0, "name");

	PG_RETURN_JSONB_P(orm_clause_scope(name, PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1)));
}

Datum
orm_untrusted(PG_FUNCTION_ARGS)
{
	Jsonb	   *document;
	List	   *relations;
	ListCell   *cell;

	orm_arg_refuse_null(fcinfo, 0, "document");
	document = PG_GETARG_JSONB_P(0);
	orm_untrusted_check_shape(orm_json_read(document, 0, ORM_DOCUMENT_DEPTH));
	relations = orm_arg_names(fcinfo, 1, "relations");
	foreach(cell, relations)
		(void) orm_query_path(NULL, lfirst(cell));
	PG_RETURN_JSONB_P(orm_clause_untrusted(document, !PG_ARGISNULL(1), relations));
}
