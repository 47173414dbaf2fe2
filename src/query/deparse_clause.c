/*
 * deparse_clause.c
 *	  Clauses of a query as SQL text.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "query/deparse_aggregate.h"
#include "query/deparse_clause.h"
#include "query/deparse_where.h"
#include "query/keyset.h"
#include "query/order.h"
#include "query/tree.h"

char *
orm_deparse_order_value(OrmDeparse *deparse, const OrmOrder *order, const char *alias)
{
	if (order->aggregate)
		return orm_deparse_aggregate(deparse, order->aggregate, alias);
	if (order->pivot)
		return orm_deparse_column("p", order->pivot);
	if (order->path != NIL)
		return orm_deparse_path(deparse, order->path, order->bounds, order->entity, order->property, alias);
	return orm_deparse_property(deparse, order->entity, order->property, alias);
}

void
orm_deparse_direction(StringInfo buf, const OrmOrder *order)
{
	appendStringInfoString(buf, order->descending ? " DESC" : " ASC");
	if (order->nulls_said)
		appendStringInfoString(buf, order->nulls_first ? " NULLS FIRST" : " NULLS LAST");
}

void
orm_deparse_order_item(OrmDeparse *deparse, StringInfo buf, const OrmOrder *order, const char *alias)
{
	appendStringInfoString(buf, orm_deparse_order_value(deparse, order, alias));
	orm_deparse_direction(buf, order);
}

/*
 * A limit makes the server think that an index in the order asked for meets the
 * first rows of an owner soon, wherever in the table these are. An expression
 * is in no such index.
 */
static char *
apart_from_indexes(char *column)
{
	return psprintf("COALESCE(%s, %s)", column, column);
}

void
orm_deparse_order(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool stable, bool apart, const char *lead,
				  const char *alias)
{
	ListCell   *cell;

	/* rows of several statements make one list, and are sorted when it is written */
	if (orm_tree_orders(query))
		return;
	apart = apart && !orm_order_starts_in_index(query);
	foreach(cell, query->order)
	{
		const OrmOrder *order = lfirst(cell);
		char	   *value = orm_deparse_order_value(deparse, order, alias);

		if (apart && order->path == NIL && order->property && order->property->column)
			value = apart_from_indexes(value);
		apart = false;
		appendStringInfo(buf, "%s%s", lead, value);
		orm_deparse_direction(buf, order);
		lead = ", ";
	}
	for (int i = 0; stable && i < query->entity->nkeys; i++)
	{
		OrmProperty *property = &query->entity->properties[query->entity->keys[i]];
		char	   *value;

		if (orm_order_has(query, property))
			continue;
		value = orm_deparse_column(alias, property->column);
		appendStringInfo(buf, "%s%s ASC", lead, apart ? apart_from_indexes(value) : value);
		apart = false;
		lead = ", ";
	}
}

/* every group in parentheses of its own */
void
orm_deparse_wheres(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, const char *lead)
{
	orm_deparse_groups(deparse, buf, query->wheres, lead, "t");
	if (query->keyset)
	{
		appendStringInfoString(buf, query->wheres != NIL ? " AND " : lead);
		orm_keyset_append(deparse, buf, query->keyset, "t");
	}
}

void
orm_deparse_limit(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool with_ties)
{
	if (query->limit >= 0)
		appendStringInfo(buf, with_ties ? " FETCH FIRST $%d ROWS WITH TIES" : " LIMIT $%d",
						 orm_deparse_param(deparse, INT8OID, Int64GetDatum(query->limit), false));
	if (query->offset > 0)
		appendStringInfo(buf, " OFFSET $%d",
						 orm_deparse_param(deparse, INT8OID, Int64GetDatum(query->offset), false));
}
