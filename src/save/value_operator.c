/*
 * value_operator.c
 *	  Operators in the place of a column's value, read from the input.
 *
 * What they do is change.c's. The operand travels as a value of the column's
 * own type.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "save/change.h"
#include "save/graph_reader.h"
#include "save/value_operator.h"
#include "save/value_reader.h"

static OrmChange
change_of(uint8 given)
{
	return given < ORM_GIVEN_INC ? ORM_CHANGE_SET : given - ORM_GIVEN_INC + ORM_CHANGE_INC;
}

/* a document may have keys of any name, so only an object with no other key is meant as an operator */
static bool
holds_objects(const OrmSaveColumn *column)
{
	Oid			base = getBaseType(column->type);

	return base == JSONOID || base == JSONBOID || type_is_rowtype(base) ||
		(column->property && column->property->cast_as);
}

static void
unknown_operator(const OrmSaveCall *call, const OrmSaveColumn *column, OrmJsonSpan key, Size start)
{
	char	   *name = orm_json_text_string(call->text, key);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown operator \"%s\"", name),
			 orm_save_errdetail(call, start, "It stands in the place of a value."),
			 holds_objects(column) ? errhint("An object that is the value itself is written {\"$set\": {...}}.")
			 : orm_hint_names(name, orm_change_names(), "operators")));
}

static void
check_suits(const OrmSaveTable *table, AttrNumber attnum, OrmChange change, Size start)
{
	Oid			type = table->columns[attnum - 1].type;

	if (!orm_change_suits(change, type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("type %s has no \"%s\"", format_type_be(type), orm_change_name(change)),
				 orm_save_errdetail(table->call, start, "The operator does not fit the property's type.")));
}

/* {"$set": value} is the value, whatever it looks like: a null is the null of the type, where it has one */
static void
set_literally(OrmSaveRow *row, AttrNumber attnum, OrmJsonSpan operand)
{
	OrmSaveColumn *column = &row->table->columns[attnum - 1];

	row->given[attnum - 1] = ORM_GIVEN_VALUE;
	row->nulls[attnum - 1] = operand.kind == ORM_JSON_NULL &&
		getBaseType(column->type) != JSONOID && getBaseType(column->type) != JSONBOID;
	if (!row->nulls[attnum - 1])
		row->values[attnum - 1] = orm_save_value(row->table, attnum, operand);
}

static void
read_operand(OrmSaveRow *row, AttrNumber attnum, OrmChange change, OrmJsonSpan operand)
{
	OrmSaveTable *table = row->table;

	check_suits(table, attnum, change, operand.start);
	if (change == ORM_CHANGE_SET)
	{
		set_literally(row, attnum, operand);
		return;
	}
	if (!orm_change_operand(change, orm_save_decoder(table, attnum), table->call->text, operand, &row->values[attnum - 1]))
		orm_save_wrong_kind(table->call, operand.start, orm_change_takes(change), NULL);
	row->given[attnum - 1] = change - ORM_CHANGE_INC + ORM_GIVEN_INC;
	row->nulls[attnum - 1] = false;
}

bool
orm_save_operator(OrmSaveRow *row, AttrNumber attnum, OrmJsonSpan span)
{
	OrmSaveCall *call = row->table->call;
	OrmSaveColumn *column = &row->table->columns[attnum - 1];
	OrmJsonCursor cursor;
	OrmJsonSpan key;
	OrmJsonSpan operand;
	OrmChange	change;

	orm_json_text_enter(&cursor, call->text, span);
	if (!orm_json_text_next(&cursor) || call->text[cursor.key.start + 1] != '$')
		return false;
	key = cursor.key;
	operand = cursor.value;
	if (orm_json_text_next(&cursor))
	{
		if (holds_objects(column))
			return false;
		orm_save_wrong_kind(call, cursor.value.start, "one operator", NULL);
	}
	if (!orm_change_named(call->text + key.start + 1, key.end - key.start - 2, &change))
		unknown_operator(call, column, key, operand.start);
	read_operand(row, attnum, change, operand);
	return true;
}

char *
orm_save_operation(const OrmSaveTable *table, AttrNumber attnum, OrmGiven given, const char *old, const char *new)
{
	const OrmSaveColumn *column = &table->columns[attnum - 1];

	if (given < ORM_GIVEN_INC)
		return pstrdup(new);
	if (old)
		return orm_change_sql(change_of(given), column->type, old, new);
	/* a new row: from nothing */
	switch (given)
	{
		case ORM_GIVEN_INC:
		case ORM_GIVEN_PUSH:
		case ORM_GIVEN_MERGE:
			return pstrdup(new);
		case ORM_GIVEN_DEC:
			return psprintf("(%s OPERATOR(pg_catalog.-) %s OPERATOR(pg_catalog.-) %s)", new, new, new);
		case ORM_GIVEN_MUL:
			return psprintf("(%s OPERATOR(pg_catalog.-) %s)", new, new);
		default:
			return psprintf("%s[1:0]", new);
	}
}
