/*
 * deparse_where.c
 *	  Writes conditions, orders and properties as SQL text.
 *
 * Whole statements are deparse.c's.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/model_cache.h"
#include "query/deparse_where.h"
#include "query/expression.h"

int
orm_deparse_param(OrmDeparse *deparse, Oid type, Datum value, bool isnull)
{
	if (deparse->nparams == deparse->maxparams)
	{
		deparse->maxparams = Max(8, deparse->maxparams * 2);
		if (deparse->types == NULL)
		{
			deparse->types = palloc(sizeof(Oid) * deparse->maxparams);
			deparse->values = palloc(sizeof(Datum) * deparse->maxparams);
			deparse->nulls = palloc(sizeof(bool) * deparse->maxparams);
		}
		else
		{
			deparse->types = repalloc(deparse->types, sizeof(Oid) * deparse->maxparams);
			deparse->values = repalloc(deparse->values, sizeof(Datum) * deparse->maxparams);
			deparse->nulls = repalloc(deparse->nulls, sizeof(bool) * deparse->maxparams);
		}
	}
	deparse->types[deparse->nparams] = type;
	deparse->values[deparse->nparams] = value;
	deparse->nulls[deparse->nparams] = isnull;
	return ++deparse->nparams;
}

char *
orm_deparse_property(OrmDeparse *deparse, OrmEntity *entity, OrmProperty *property, const char *alias)
{
	if (property->column)
		return psprintf("%s.%s", alias, quote_identifier(property->column));
	return psprintf("(\n%s\n)", orm_expression_text(entity, property, alias));
}

void
orm_deparse_links(StringInfo buf, const OrmLinkColumn *links, int nlinks, const char *far_alias,
				  const char *near_alias)
{
	for (int i = 0; i < nlinks; i++)
		appendStringInfo(buf, "%s%s.%s OPERATOR(%s.%s) %s.%s", i > 0 ? " AND " : "",
						 far_alias, quote_identifier(links[i].far_column),
						 quote_identifier(links[i].operator_schema), links[i].operator_name,
						 near_alias, quote_identifier(links[i].near_column));
}

static void
append_list(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias)
{
	bool		all = where->kind == ORM_WHERE_AND;
	ListCell   *cell;
	bool		first = true;

	if (where->items == NIL)
	{
		appendStringInfoString(buf, all ? "true" : "false");
		return;
	}
	foreach(cell, where->items)
	{
		if (!first)
			appendStringInfoString(buf, all ? " AND " : " OR ");
		first = false;
		orm_deparse_where(deparse, buf, lfirst(cell), alias);
	}
}

static void
append_comparison(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias)
{
	const char *quantifier = where->kind == ORM_WHERE_ANY ? "ANY " : where->kind == ORM_WHERE_ALL ? "ALL " : "";
	char	   *property = orm_deparse_property(deparse, where->entity, where->property, alias);
	int			param = orm_deparse_param(deparse, where->type, where->value, false);

	if (where->property_cast)
		property = psprintf("CAST(%s AS %s)", property, where->property_cast);
	appendStringInfo(buf, "%s OPERATOR(%s.%s) %s($%d)", property, quote_identifier(where->operator_schema),
					 where->operator_name, quantifier, param);
}

void
orm_deparse_where(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias)
{
	check_stack_depth();
	appendStringInfoChar(buf, '(');
	switch (where->kind)
	{
		case ORM_WHERE_AND:
		case ORM_WHERE_OR:
			append_list(deparse, buf, where, alias);
			break;
		case ORM_WHERE_NOT:
			appendStringInfoString(buf, "NOT ");
			orm_deparse_where(deparse, buf, linitial(where->items), alias);
			break;
		case ORM_WHERE_COMPARE:
		case ORM_WHERE_ANY:
		case ORM_WHERE_ALL:
			append_comparison(deparse, buf, where, alias);
			break;
		case ORM_WHERE_NULL:
			/* IS NULL looks into a row, and holds for one that is there and has no values */
			appendStringInfo(buf, "%s IS %s",
							 orm_deparse_property(deparse, where->entity, where->property, alias),
							 type_is_rowtype(orm_property_type(where->entity, where->property))
							 ? "NOT DISTINCT FROM NULL" : "NULL");
			break;
		case ORM_WHERE_DISTINCT:
			/* IS DISTINCT FROM would look its operator up by search_path */
			appendStringInfoChar(buf, '(');
			append_comparison(deparse, buf, where, alias);
			appendStringInfoString(buf, ") IS NOT TRUE");
			break;
	}
	appendStringInfoChar(buf, ')');
}

/*
 * A property reached through to-one relations, as a scalar subquery: no join
 * can multiply the rows or drop those without a target. The same text each time,
 * so that the server takes it for the same value.
 */
static char *
path_property(OrmDeparse *deparse, const OrmOrder *order, const char *alias)
{
	StringInfoData from;
	StringInfoData where;
	const char *near = alias;
	int			naliases = 0;
	ListCell   *cell;

	initStringInfo(&from);
	initStringInfo(&where);
	foreach(cell, order->path)
	{
		OrmRelation *relation = lfirst(cell);
		OrmEntity  *target = orm_model_by_relid(relation->target, false);
		char	   *far = psprintf("o%d", ++naliases);

		if (from.len > 0)
		{
			appendStringInfoString(&from, ", ");
			appendStringInfoString(&where, " AND ");
		}
		appendStringInfo(&from, "%s AS %s", orm_entity_qualified(target), far);
		orm_deparse_links(&where, relation->links, relation->nlinks, far, near);
		near = far;
	}
	return psprintf("(SELECT %s FROM %s WHERE %s LIMIT 1)",
					orm_deparse_property(deparse, order->entity, order->property, near), from.data, where.data);
}

char *
orm_deparse_order_value(OrmDeparse *deparse, const OrmOrder *order, const char *alias)
{
	if (order->pivot)
		return psprintf("p.%s", quote_identifier(order->pivot));
	if (order->path != NIL)
		return path_property(deparse, order, alias);
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
