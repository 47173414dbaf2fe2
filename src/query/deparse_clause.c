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

void
orm_deparse_order(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool stable, const char *lead,
				  const char *alias)
{
	ListCell   *cell;

	/* rows of several statements make one list, and are sorted when it is written */
	if (orm_tree_orders(query))
		return;
	foreach(cell, query->order)
	{
		appendStringInfoString(buf, lead);
		orm_deparse_order_item(deparse, buf, lfirst(cell), alias);
		lead = ", ";
	}
	for (int i = 0; stable && i < query->entity->nkeys; i++)
	{
		OrmProperty *property = &query->entity->properties[query->entity->keys[i]];

		if (orm_order_has(query, property))
			continue;
		appendStringInfo(buf, "%s%s.%s ASC", lead, alias, quote_identifier(property->column));
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
