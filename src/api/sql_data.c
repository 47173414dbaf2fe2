/*
 * sql_data.c
 *	  Arguments of any SQL type as JSON.
 *
 * A value that is no JSON becomes the string that its type prints: it is read
 * again by the input function of what it is for.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "api/sql_arguments.h"
#include "api/sql_data.h"
#include "api/sql_json.h"
#include "base/json_text.h"

static void
push_text(JsonbParseState **state, Oid type, Datum value, bool isnull)
{
	JsonbValue	element = {.type = jbvNull};
	Oid			output;
	bool		varlena;

	if (!isnull)
	{
		getTypeOutputInfo(type, &output, &varlena);
		element.type = jbvString;
		element.val.string.val = OidOutputFunctionCall(output, value);
		element.val.string.len = strlen(element.val.string.val);
	}
	pushJsonbValue(state, WJB_ELEM, &element);
}

/* the elements of an array, or a list of the one value */
static JsonbValue *
list_of(Datum value, Oid type, Oid element)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	if (OidIsValid(element))
	{
		ArrayType  *array = DatumGetArrayTypeP(value);
		int16		len;
		bool		byval;
		char		align;
		Datum	   *values;
		bool	   *nulls;
		int			n;

		get_typlenbyvalalign(element, &len, &byval, &align);
		deconstruct_array(array, element, len, byval, align, &values, &nulls, &n);
		for (int i = 0; i < n; i++)
			push_text(&state, element, values[i], nulls[i]);
	}
	else
		push_text(&state, type, value, false);
	return pushJsonbValue(&state, WJB_END_ARRAY, NULL);
}

/* values are read from the text itself: json keeps it byte for byte, and jsonb does not */
static void
keep_text(OrmJson *node, const char *text, OrmJsonSpan span)
{
	OrmJsonCursor cursor;

	check_stack_depth();
	node->text = text;
	node->text_start = span.start;
	node->text_end = span.end;
	if (node->kind != ORM_JSON_OBJECT && node->kind != ORM_JSON_ARRAY)
		return;
	orm_json_text_enter(&cursor, text, span);
	while (orm_json_text_next(&cursor))
	{
		CHECK_FOR_INTERRUPTS();
		if (node->kind == ORM_JSON_ARRAY)
			keep_text(&node->items[cursor.index], text, cursor.value);
		/* of a key that comes twice jsonb has the last value, too */
		for (int i = 0; node->kind == ORM_JSON_OBJECT && i < node->nitems; i++)
			if (orm_json_text_is(text, cursor.key, node->items[i].key, strlen(node->items[i].key)))
			{
				keep_text(&node->items[i], text, cursor.value);
				break;
			}
	}
}

static OrmJson *
read_text(char *text, int max_depth)
{
	OrmJson    *node = orm_json_read(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text))), 0, max_depth);

	keep_text(node, text, orm_json_text_root(text, strlen(text)));
	return node;
}

OrmJson *
orm_arg_data(FunctionCallInfo fcinfo, int at, const char *name, int max_depth, bool values)
{
	Oid			declared = get_fn_expr_argtype(fcinfo->flinfo, at);
	Oid			type = OidIsValid(declared) ? getBaseType(declared) : TEXTOID;
	Oid			element = get_element_type(type);
	char		category;
	bool		preferred;
	Jsonb	   *document;

	orm_arg_refuse_null(fcinfo, at, name);
	get_type_category_preferred(type, &category, &preferred);
	if (type == JSONBOID)
		document = PG_GETARG_JSONB_P_COPY(at);
	else if (type == JSONOID || category == TYPCATEGORY_STRING || !values)
		return read_text(orm_arg_json(fcinfo, at, name), max_depth);
	else
		document = JsonbValueToJsonb(list_of(PG_GETARG_DATUM(at), type, element));
	return orm_json_read(document, 0, max_depth);
}
