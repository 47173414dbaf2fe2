/*
 * sql_arguments.c
 *	  Arguments of SQL functions that are not strict, as C values.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/sql_arguments.h"

void
orm_arg_refuse_null(FunctionCallInfo fcinfo, int at, const char *name)
{
	if (PG_ARGISNULL(at))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not be null", name)));
}

char *
orm_arg_text(FunctionCallInfo fcinfo, int at)
{
	return PG_ARGISNULL(at) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(at));
}

char *
orm_arg_text_required(FunctionCallInfo fcinfo, int at, const char *name)
{
	orm_arg_refuse_null(fcinfo, at, name);
	return orm_arg_text(fcinfo, at);
}

Oid
orm_arg_relation(FunctionCallInfo fcinfo, int at)
{
	return PG_ARGISNULL(at) ? InvalidOid : PG_GETARG_OID(at);
}

Oid
orm_arg_relation_required(FunctionCallInfo fcinfo, int at, const char *name)
{
	orm_arg_refuse_null(fcinfo, at, name);
	return orm_arg_relation(fcinfo, at);
}

int8
orm_arg_flag(FunctionCallInfo fcinfo, int at)
{
	return PG_ARGISNULL(at) ? -1 : (PG_GETARG_BOOL(at) ? 1 : 0);
}

List *
orm_arg_names(FunctionCallInfo fcinfo, int at, const char *name)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	List	   *names = NIL;

	if (PG_ARGISNULL(at))
		return NIL;
	array = PG_GETARG_ARRAYTYPE_P(at);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("\"%s\" must be an array of one dimension", name)));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("\"%s\" must not contain nulls", name)));
		names = lappend(names, TextDatumGetCString(elements[i]));
	}
	return names;
}

char *
orm_arg_jsonb(FunctionCallInfo fcinfo, int at)
{
	Jsonb	   *jsonb;

	if (PG_ARGISNULL(at))
		return NULL;
	jsonb = PG_GETARG_JSONB_P(at);
	return JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
}

Datum
orm_return_names(FunctionCallInfo fcinfo, List *names)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(cell, names)
	{
		Datum		value = CStringGetTextDatum((char *) lfirst(cell));
		bool		isnull = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}
