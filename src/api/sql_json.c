/*
 * sql_json.c
 *	  JSON arguments as text.
 *
 * jsonb is printed as the server prints it; json and text stay as they are.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "api/sql_json.h"

char *
orm_arg_json(FunctionCallInfo fcinfo, int at, const char *name)
{
	Oid			declared = get_fn_expr_argtype(fcinfo->flinfo, at);
	Oid			type = OidIsValid(declared) ? getBaseType(declared) : InvalidOid;
	char	   *string;
	Jsonb	   *document;

	if (PG_ARGISNULL(at))
		return NULL;
	switch (type)
	{
		case JSONBOID:
			document = PG_GETARG_JSONB_P(at);
			return JsonbToCString(NULL, &document->root, VARSIZE(document));
		case JSONOID:
			return text_to_cstring(PG_GETARG_TEXT_PP(at));
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			string = text_to_cstring(PG_GETARG_TEXT_PP(at));
			(void) DirectFunctionCall1(json_in, CStringGetDatum(string));
			return string;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("\"%s\" must be json, jsonb or text, not %s", name,
							OidIsValid(type) ? format_type_be(type) : "of an unknown type")));
	}
	return NULL;				/* keep the compiler quiet */
}
