/*
 * assignment.c
 *	  Reads assignments and runs them as one UPDATE.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "query/query_document.h"
#include "save/assignment.h"
#include "save/statement.h"

static bool
is_column(const char *column, const char *special)
{
	return column && special && strcmp(column, special) == 0;
}

bool
orm_assignment_allowed(const OrmEntity *entity, const OrmProperty *property)
{
	return property->column && !property->generated && property->update && !is_column(property->column, entity->version) &&
		!is_column(property->column, entity->created_at) && !is_column(property->column, entity->updated_at);
}

static void
refuse_property(const OrmEntity *entity, const OrmProperty *property, const OrmJson *node)
{
	const char *why = "It is part of the key, or declared not to be updated.";

	if (property->column == NULL)
		why = "It is computed.";
	else if (property->generated)
		why = "The database generates it.";
	else if (property->update)
		why = "A trigger keeps it, for every writer.";
	ereport(ERROR,
			(errcode(ERRCODE_ORM_NOT_WRITABLE),
			 errmsg("property \"%s\" of entity \"%s\" is not to be changed", property->name, entity->name),
			 orm_errdetail_at(node, "%s", why)));
}

/* ---- reading ---- */

/* {"$inc": 1}: the operand; NULL for a value */
static const OrmJson *
operand_of(const OrmJson *value, OrmChange *change)
{
	const OrmJson *operand = NULL;

	*change = ORM_CHANGE_SET;
	if (value->kind != ORM_JSON_OBJECT)
		return NULL;
	for (int i = 0; i < value->nitems; i++)
		if (value->items[i].key[0] == '$')
			operand = &value->items[i];
	if (operand == NULL)
		return NULL;
	if (value->nitems > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an operator stands alone in its object"),
				 orm_errdetail_at(operand, "Another member stands beside it."),
				 errhint("A value that looks like an operator is written {\"$set\": value}.")));
	if (!orm_change_named(operand->key, strlen(operand->key), change))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown operator \"%s\"", operand->key),
				 orm_errdetail_at(operand, "It would change a value in place."),
				 orm_hint_names(operand->key, orm_change_names(), "operators")));
	return operand;
}

static bool
decode_operand(OrmAssignment *assignment, const OrmJson *operand)
{
	MemoryContext context = CurrentMemoryContext;
	JsonbValue	value = operand->value;
	const char *text = operand->text ? operand->text : orm_codec_json_text(&value);
	OrmJsonSpan span = {operand->kind, operand->text_start, operand->text_end};
	OrmDecoder	decoder;
	bool		suits = false;

	if (operand->text == NULL)
		span = orm_json_text_root(text, strlen(text));
	orm_codec_decoder(&decoder, assignment->property->type, assignment->property->typmod, context);
	PG_TRY();
	{
		suits = orm_change_operand(assignment->change, &decoder, text, span, &assignment->value);
	}
	PG_CATCH();
	{
		orm_where_value_failed(context, operand);
	}
	PG_END_TRY();
	return suits;
}

/* the operand of an operator other than "$set" */
static void
read_operand(OrmAssignment *assignment, const OrmEntity *entity, const OrmJson *operand)
{
	OrmProperty *property = assignment->property;

	if (!orm_change_suits(assignment->change, property->type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" does not suit property \"%s\" of entity \"%s\"", operand->key, property->name,
						entity->name),
				 orm_errdetail_at(operand, "The property is of type %s.", format_type_be(property->type))));
	if (!decode_operand(assignment, operand))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" takes %s", operand->key, orm_change_takes(assignment->change)),
				 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand))));
}

static OrmAssignment *
read_value(OrmEntity *entity, OrmProperty *property, const OrmJson *value)
{
	OrmAssignment *assignment = palloc0(sizeof(OrmAssignment));
	const OrmJson *operand = operand_of(value, &assignment->change);

	if (!orm_assignment_allowed(entity, property))
		refuse_property(entity, property, value);
	assignment->property = property;
	if (assignment->change != ORM_CHANGE_SET)
		read_operand(assignment, entity, operand);
	else
	{
		value = operand ? operand : value;
		assignment->isnull = value->kind == ORM_JSON_NULL;
		if (!assignment->isnull)
			assignment->value = orm_where_property_value(value, property);
	}
	return assignment;
}

static void
no_such_name(OrmEntity *entity, const OrmJson *node)
{
	OrmRelation *relation = orm_entity_relation(entity, node->key);

	if (relation)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" of entity \"%s\" is a relation", node->key, entity->name),
				 orm_errdetail_at(node, "Only properties are set for many rows at once."),
				 errhint("Links are made by orm.link and orm.sync.")));
	if (node->key[0] == '$')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" has no place here", node->key),
				 orm_errdetail_at(node, "It stands in the place of a property's value.")));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("entity \"%s\" has no property \"%s\"", entity->name, node->key),
			 orm_errdetail_at(node, "Only properties are set for many rows at once."),
			 orm_hint_names(node->key, orm_entity_property_names(entity, true), "properties")));
}

List *
orm_assignments_read(OrmEntity *entity, const OrmJson *data)
{
	List	   *assignments = NIL;

	if (data->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("new values are a JSON object"),
				 orm_errdetail_at(data, "%s stands here.", orm_json_a_kind(data))));
	for (int i = 0; i < data->nitems; i++)
	{
		const OrmJson *member = &data->items[i];
		OrmProperty *property = orm_entity_property(entity, member->key);

		if (property)
			assignments = lappend(assignments, read_value(entity, property, member));
		else if (!orm_entity_has_embed(entity, member->key))
			no_such_name(entity, member);
		else if (member->kind != ORM_JSON_OBJECT)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" of entity \"%s\" is a value object", member->key, entity->name),
					 orm_errdetail_at(member, "%s stands here.", orm_json_a_kind(member))));
		else
			for (int m = 0; m < member->nitems; m++)
				assignments = lappend(assignments,
									  read_value(entity,
												 orm_query_embedded_or_raise(entity, member->key, member->items[m].key, &member->items[m]),
												 &member->items[m]));
	}
	return assignments;
}

/* ---- running ---- */

uint64
orm_assignments_run(OrmEntity *entity, List *assignments, List *groups)
{
	OrmDeparse	deparse = {0};
	List	   *old = NIL;
	List	   *new = NIL;
	StringInfoData buf;
	ListCell   *cell;

	if (assignments == NIL)
		return 0;
	initStringInfo(&buf);
	appendStringInfo(&buf, "UPDATE %s AS t SET ", orm_entity_qualified(entity));
	foreach(cell, assignments)
	{
		OrmAssignment *assignment = lfirst(cell);
		OrmProperty *property = assignment->property;
		char	   *column = psprintf("t.%s", quote_identifier(property->column));
		char	   *value = psprintf("$%d", orm_deparse_param(&deparse, getBaseType(property->type), assignment->value,
															  assignment->isnull));

		value = orm_change_sql(assignment->change, property->type, column, value);
		appendStringInfo(&buf, "%s%s = %s", old ? ", " : "", quote_identifier(property->column), value);
		old = lappend(old, column);
		new = lappend(new, psprintf("CAST(%s AS %s)", value, orm_statement_type(property->type, property->typmod)));
	}
	orm_deparse_groups(&deparse, &buf, groups, " WHERE ", "t");
	appendStringInfo(&buf, "%s%s", groups ? " AND " : " WHERE ", orm_statement_differs(old, new));
	return orm_statement_write(&deparse, &buf, 1)->processed;
}
