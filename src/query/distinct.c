/*
 * distinct.c
 *	  Parses "distinct", arranges the order for it and writes DISTINCT ON.
 */
#include "base/compat.h"

#include "query/distinct.h"
#include "query/lock.h"
#include "query/order.h"

void
orm_distinct_parse(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of properties");
	query->distinct = NIL;
	for (int i = 0; i < value->nitems; i++)
	{
		OrmProperty *property;

		if (value->items[i].kind != ORM_JSON_STRING)
			orm_query_wrong_kind(&value->items[i], "a list of properties");
		property = orm_query_property_or_raise(query->entity, orm_json_string(&value->items[i]), &value->items[i]);
		orm_order_check_sortable(query->entity, property, &value->items[i]);
		query->distinct = list_append_unique_ptr(query->distinct, property);
	}
}

static bool
is_distinct(const OrmQuery *query, const OrmOrder *order)
{
	return order->path == NIL && order->property && list_member_ptr(query->distinct, order->property);
}

static void
refuse(const OrmJson *clause)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clauses \"%s\" and \"distinct\" can't stand together", clause->key),
			 orm_errdetail_at(clause, "A row of \"distinct\" stands for several.")));
}

void
orm_distinct_finish(OrmQuery *query)
{
	List	   *front = NIL;
	List	   *rest = NIL;
	List	   *missing = list_copy(query->distinct);
	ListCell   *cell;

	if (query->distinct == NIL)
		return;
	if (query->lock)
		refuse(query->lock->clause);
	if (query->after || query->before)
		refuse(query->after ? query->after : query->before);
	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (is_distinct(query, order))
		{
			front = lappend(front, order);
			missing = list_delete_ptr(missing, order->property);
		}
		else
			rest = lappend(rest, order);
	}
	foreach(cell, missing)
	{
		OrmOrder   *order = palloc0(sizeof(OrmOrder));

		order->entity = query->entity;
		order->property = lfirst(cell);
		front = lappend(front, order);
	}
	query->order = list_concat(front, rest);
	orm_order_add_key(query);
}

void
orm_distinct_append(OrmDeparse *deparse, StringInfo buf, const OrmQuery *query, const char *group)
{
	const char *lead = "";
	ListCell   *cell;

	if (query->distinct == NIL)
		return;
	appendStringInfoString(buf, "DISTINCT ON (");
	if (group)
	{
		appendStringInfoString(buf, group);
		lead = ", ";
	}
	foreach(cell, query->distinct)
	{
		appendStringInfo(buf, "%s%s", lead, orm_deparse_property(deparse, query->entity, lfirst(cell), "t"));
		lead = ", ";
	}
	appendStringInfoString(buf, ") ");
}
