/*
 * order.c
 *	  Parses items of an order.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "model/index_order.h"
#include "model/model_cache.h"
#include "query/aggregate.h"
#include "query/order.h"
#include "query/untrusted.h"

static void
check_sortable(Oid type, const char *name, const OrmJson *node)
{
	if (!OidIsValid(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("property \"%s\" can't be sorted by", name),
				 node ? orm_errdetail_at(node, "Type %s has no order.", format_type_be(type)) : 0));
}

void
orm_order_check_sortable(OrmEntity *entity, OrmProperty *property, const OrmJson *node)
{
	check_sortable(orm_property_type(entity, property), property->name, node);
}

/* is this path one into the junction table by which the query's rows are reached? */
static bool
is_pivot(const OrmQuery *query, List *names)
{
	return query->relation && orm_relation_has_junction(query->relation) && list_length(names) == 2 &&
		strcmp(linitial(names), "pivot") == 0;
}

static OrmOrder *
order_by_pivot(const OrmQuery *query, const char *column, const OrmJson *node)
{
	OrmOrder   *order = palloc0(sizeof(OrmOrder));
	OrmRelation *relation = query->relation;
	List	   *names = NIL;

	for (int i = 0; i < relation->npivots; i++)
	{
		if (strcmp(relation->pivots[i], column) == 0)
		{
			order->pivot = relation->pivots[i];
			check_sortable(getBaseType(get_atttype(relation->through, relation->pivot_attnums[i])), column, node);
			return order;
		}
		names = lappend(names, relation->pivots[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("the pivot of relation \"%s\" has no column \"%s\"", relation->name, column),
			 node ? orm_errdetail_at(node, "Only columns of the pivot stand behind \"pivot.\".") : 0,
			 orm_hint_names(column, names, "pivot columns")));
	return NULL;
}

/* a hidden property is none to a document from outside */
static bool
is_known(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmProperty *property = orm_entity_property(entity, name);

	return property && !(node->untrusted && property->hidden);
}

static OrmOrder *
order_by_path(const OrmQuery *query, const char *path, const OrmJson *node)
{
	OrmOrder   *order = palloc0(sizeof(OrmOrder));
	OrmEntity  *entity = query->entity;
	List	   *names = orm_query_path(node, path);
	ListCell   *cell;

	if (is_pivot(query, names))
		return order_by_pivot(query, lsecond(names), node);
	order->node = node;
	if (list_length(names) == 1 && node && !is_known(entity, linitial(names), node))
	{
		/* the clause that gives this alias its meaning may come later */
		order->alias = linitial(names);
		return order;
	}
	foreach(cell, names)
	{
		ListCell   *next = lnext(names, cell);

		/* the last step but one may be a value object */
		if (next && lnext(names, next) == NULL && orm_entity_has_embed(entity, lfirst(cell)))
		{
			order->property = orm_query_embedded_or_raise(entity, lfirst(cell), lfirst(next), node);
			break;
		}
		if (next != NULL)
		{
			OrmRelation *relation = orm_query_relation_or_raise(entity, lfirst(cell), node);

			if (relation->to_many)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("relation \"%s\" of entity \"%s\" is to many", relation->name, entity->name),
						 node ? orm_errdetail_at(node, "An order goes through to-one relations only.") : 0));
			order->path = lappend(order->path, relation);
			entity = orm_query_target_or_raise(relation, node);
		}
		else
			order->property = orm_query_property_or_raise(entity, lfirst(cell), node);
	}
	order->entity = entity;
	orm_order_check_sortable(entity, order->property, node);
	return order;
}

static void
parse_direction(OrmOrder *order, const OrmJson *node)
{
	char	   *words;

	if (node->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(node, "a direction such as \"desc nulls last\"");
	words = orm_json_string(node);
	order->descending = pg_strncasecmp(words, "desc", 4) == 0;
	if (order->descending || pg_strncasecmp(words, "asc", 3) == 0)
	{
		words += order->descending ? 4 : 3;
		if (*words == '\0')
			return;
		/* what follows is a word of its own */
		words = *words == ' ' ? words + 1 : "";
	}
	if (pg_strcasecmp(words, "nulls first") == 0 || pg_strcasecmp(words, "nulls last") == 0)
	{
		order->nulls_said = true;
		order->nulls_first = pg_strcasecmp(words, "nulls first") == 0;
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("malformed direction %s", orm_json_as_text(node)),
				 orm_errdetail_at(node, "A direction is asc or desc, then nulls first or nulls last.")));
}

static OrmOrder *
order_by_text(const OrmQuery *query, const char *text, const OrmJson *node)
{
	OrmOrder   *order = order_by_path(query, text[0] == '-' ? text + 1 : text, node);

	order->descending = text[0] == '-';
	return order;
}

OrmOrder *
orm_order_item(const OrmQuery *query, const OrmJson *item)
{
	OrmOrder   *order;

	if (item->kind == ORM_JSON_STRING)
		return order_by_text(query, orm_json_string(item), item);
	if (item->kind != ORM_JSON_OBJECT || item->nitems != 1)
		orm_query_wrong_kind(item, "a list of properties");
	order = order_by_path(query, item->items[0].key, &item->items[0]);
	parse_direction(order, &item->items[0]);
	return order;
}

void
orm_order_finish(OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (order->alias == NULL)
			continue;
		order->aggregate = orm_aggregate_named(query, order->alias);
		if (order->aggregate == NULL && order->node->untrusted)
			orm_untrusted_no_property(query->entity, order->alias, order->node);
		if (order->aggregate == NULL)
			(void) orm_query_property_or_raise(query->entity, order->alias, order->node);
	}
}

List *
orm_order_declared(const OrmQuery *query)
{
	List	   *order = NIL;
	ListCell   *cell;

	foreach(cell, query->relation->order_by)
		order = lappend(order, order_by_text(query, lfirst(cell), NULL));
	return order;
}

bool
orm_order_has(const OrmQuery *query, const OrmProperty *property)
{
	ListCell   *cell;

	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (order->path == NIL && order->property == property)
			return true;
	}
	return false;
}

bool
orm_order_add_key(OrmQuery *query)
{
	for (int i = 0; i < query->entity->nkeys; i++)
	{
		OrmProperty *property = &query->entity->properties[query->entity->keys[i]];
		OrmOrder   *order;

		if (orm_order_has(query, property))
			continue;
		order = palloc0(sizeof(OrmOrder));
		order->entity = query->entity;
		order->property = property;
		query->order = lappend(query->order, order);
	}
	return query->entity->nkeys > 0;
}

/* do the first columns of the index say what the query's order says, all of them forwards or all backwards? */
static bool
index_gives(const OrmIndexOrder *index, const OrmQuery *query)
{
	bool		backward = false;
	int			at = 0;
	ListCell   *cell;

	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (at >= index->ncolumns || order->path != NIL || order->property == NULL || order->property->attnum != index->attnums[at])
			return false;
		if (at == 0)
			backward = order->descending != index->descending[at];
		if ((order->descending != index->descending[at]) != backward ||
			(orm_order_nulls_first(order) != index->nulls_first[at]) != backward)
			return false;
		at++;
	}
	return true;
}

/* does the order tell any two rows apart? */
static bool
has_key(const OrmQuery *query)
{
	for (int i = 0; i < query->entity->nkeys; i++)
		if (!orm_order_has(query, &query->entity->properties[query->entity->keys[i]]))
			return false;
	return true;
}

bool
orm_order_is_of_index(const OrmQuery *query)
{
	ListCell   *cell;

	if (query->order == NIL || !orm_relation_is_by_key(query->relation) || !orm_entity_key_is_by_value(query->entity) ||
		has_key(query))
		return false;
	foreach(cell, query->relation->far_orders)
		if (index_gives(lfirst(cell), query))
			return true;
	return false;
}

bool
orm_order_starts_in_index(const OrmQuery *query)
{
	const OrmOrder *first = query->order ? linitial(query->order) : NULL;
	const OrmProperty *property = first ? first->property : NULL;

	if (first == NULL && query->entity->nkeys > 0)
		property = &query->entity->properties[query->entity->keys[0]];
	return property && property->attnum > 0 && (first == NULL || first->path == NIL) &&
		orm_relation_is_by_key(query->relation) && list_member_int(query->relation->far_nexts, property->attnum);
}

bool
orm_order_nulls_first(const OrmOrder *order)
{
	return order->nulls_said ? order->nulls_first : order->descending;
}

OrmOrder *
orm_order_turned(const OrmOrder *order)
{
	OrmOrder   *turned = palloc(sizeof(OrmOrder));

	*turned = *order;
	turned->descending = !order->descending;
	turned->nulls_first = !orm_order_nulls_first(order);
	/* what is the server's own need not be said */
	turned->nulls_said = turned->nulls_first != turned->descending;
	return turned;
}
