/*
 * change.c
 *	  What the in-place operators mean in SQL.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "parser/parse_oper.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "save/change.h"
#include "save/statement.h"

static const struct
{
	const char *name;
	const char *takes;
	const char *sql;			/* operator of the server's, of two values of the type */
} changes[] = {
	[ORM_CHANGE_SET] = {"$set", "a value", NULL},
	[ORM_CHANGE_INC] = {"$inc", "a number", "+"},
	[ORM_CHANGE_DEC] = {"$dec", "a number", "-"},
	[ORM_CHANGE_MUL] = {"$mul", "a number", "*"},
	[ORM_CHANGE_PUSH] = {"$push", "an element or a list of elements", NULL},
	[ORM_CHANGE_REMOVE] = {"$remove", "an element or a list of elements", NULL},
	[ORM_CHANGE_MERGE] = {"$merge", "an object", "||"},
};

bool
orm_change_named(const char *name, Size len, OrmChange *change)
{
	for (int i = 0; i < lengthof(changes); i++)
		if (strlen(changes[i].name) == len && strncmp(changes[i].name, name, len) == 0)
		{
			*change = i;
			return true;
		}
	return false;
}

const char *
orm_change_name(OrmChange change)
{
	return changes[change].name;
}

List *
orm_change_names(void)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(changes); i++)
		names = lappend(names, unconstify(char *, changes[i].name));
	return names;
}

const char *
orm_change_takes(OrmChange change)
{
	return changes[change].takes;
}

static bool
is_plain_array(Oid type)
{
	return OidIsValid(get_element_type(type)) && type != INT2VECTOROID && type != OIDVECTOROID;
}

bool
orm_change_suits(OrmChange change, Oid type)
{
	Oid			op;

	type = getBaseType(type);
	switch (change)
	{
		case ORM_CHANGE_SET:
			return true;
		case ORM_CHANGE_PUSH:
		case ORM_CHANGE_REMOVE:
			return is_plain_array(type);
		case ORM_CHANGE_MERGE:
			return type == JSONBOID;
		default:
			/* arithmetic that stays within the type */
			op = OpernameGetOprid(list_make2(makeString("pg_catalog"), makeString(unconstify(char *, changes[change].sql))),
								  type, type);
			return OidIsValid(op) && get_op_rettype(op) == type && !is_plain_array(type) && type != JSONBOID;
	}
}

/* the operand as an array: a list of elements as it stands, one element as an array of just it */
static Datum
array_operand(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	Oid			element = decoder->element->base;
	char	   *alone;

	if (span.kind == ORM_JSON_ARRAY && element != JSONBOID && element != JSONOID)
		return orm_codec_from_span(decoder, text, span);
	alone = psprintf("[%.*s]", (int) (span.end - span.start), text + span.start);
	return orm_codec_from_span(decoder, alone, orm_json_text_root(alone, strlen(alone)));
}

bool
orm_change_operand(OrmChange change, OrmDecoder *decoder, const char *text, OrmJsonSpan span, Datum *operand)
{
	switch (change)
	{
		case ORM_CHANGE_PUSH:
			*operand = array_operand(decoder, text, span);
			return true;
		case ORM_CHANGE_REMOVE:
			if (span.kind == ORM_JSON_NULL)
				return false;
			*operand = array_operand(decoder, text, span);
			return true;
		case ORM_CHANGE_SET:
			if (span.kind == ORM_JSON_NULL)
				return false;
			break;
		case ORM_CHANGE_MERGE:
			if (span.kind != ORM_JSON_OBJECT)
				return false;
			break;
		default:
			/* numbers beyond what JSON can say come as text */
			if (span.kind != ORM_JSON_NUMBER && span.kind != ORM_JSON_STRING)
				return false;
	}
	*operand = orm_codec_from_span(decoder, text, span);
	return true;
}

char *
orm_change_sql(OrmChange change, Oid type, const char *old, const char *operand)
{
	type = getBaseType(type);
	switch (change)
	{
		case ORM_CHANGE_SET:
			return pstrdup(operand);
		case ORM_CHANGE_PUSH:
			return psprintf("pg_catalog.array_cat(%s, %s)", old, operand);
		case ORM_CHANGE_REMOVE:
			return psprintf("CASE WHEN %s IS NOT NULL THEN ARRAY(SELECT u.e FROM pg_catalog.unnest(%s) WITH ORDINALITY AS u(e, n)"
							" WHERE (EXISTS (SELECT FROM pg_catalog.unnest(%s) AS r(e) WHERE %s)) IS NOT TRUE ORDER BY u.n) END",
							old, old, operand, orm_statement_equal("u.e", "r.e", get_element_type(type)));
		case ORM_CHANGE_MERGE:
			return psprintf("(COALESCE(%s, '{}') OPERATOR(pg_catalog.||) %s)", old, operand);
		default:
			return psprintf("(%s OPERATOR(pg_catalog.%s) %s)", old, changes[change].sql, operand);
	}
}
