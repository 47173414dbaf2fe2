/*
 * load_clause.c
 *	  The clause "load": which relations are loaded, and what is asked of each.
 */
#include "base/compat.h"

#include "model/model_cache.h"
#include "query/load_clause.h"
#include "query/untrusted.h"

static int
query_depth(OrmQuery *query)
{
	int			depth = 0;

	for (; query->parent; query = query->parent)
		depth++;
	return depth;
}

/* the load of a relation, added when it is not there yet */
static OrmLoad *
load_of(OrmQuery *query, OrmRelation *relation, const OrmJson *node)
{
	OrmLoad    *load;
	ListCell   *cell;

	foreach(cell, query->loads)
	{
		load = lfirst(cell);
		if (load->relation == relation)
		{
			orm_untrusted_load(load->query, node);
			return load;
		}
	}
	if (query_depth(query) >= orm_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relations are loaded too deeply"),
				 node ? orm_errdetail_at(node, "A load may be %d relations deep.", orm_max_depth) : 0,
				 errhint("The setting is orm.max_depth.")));
	load = palloc0(sizeof(OrmLoad));
	load->relation = relation;
	load->query = orm_query_new(orm_model_by_relid(relation->target, false));
	load->query->parent = query;
	load->query->relation = relation;
	orm_untrusted_load(load->query, node);
	query->loads = lappend(query->loads, load);
	return load;
}

/* the query at the end of a dotted path, with all its steps loaded */
static OrmQuery *
load_path(OrmQuery *query, const char *path, const OrmJson *node)
{
	ListCell   *cell;

	foreach(cell, orm_query_path(node, path))
		query = load_of(query, orm_query_relation_or_raise(query->entity, lfirst(cell), node), node)->query;
	return query;
}

static void
refuse_relation(OrmQuery *query, const OrmJson *node)
{
	List	   *names = orm_query_path(node, node->key);
	OrmRelation *relation;
	ListCell   *cell;

	if (list_length(names) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only a relation of its own can be left off"),
				 orm_errdetail_at(node, "A path stands here.")));
	relation = orm_query_relation_or_raise(query->entity, linitial(names), node);
	if (node->untrusted)
	{
		orm_untrusted_refuse(query, relation);
		return;
	}
	query->refused = list_append_unique_ptr(query->refused, relation);
	foreach(cell, query->loads)
		if (((OrmLoad *) lfirst(cell))->relation == relation)
			query->loads = foreach_delete_current(query->loads, cell);
}

static void
parse_load_members(OrmQuery *query, const OrmJson *value)
{
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];

		if (item->kind == ORM_JSON_BOOL && !item->value.val.boolean)
			refuse_relation(query, item);
		else if (item->kind == ORM_JSON_BOOL)
			load_path(query, item->key, item);
		else if (item->kind == ORM_JSON_OBJECT)
			orm_query_merge(load_path(query, item->key, item), item, 0);
		else
			orm_query_wrong_kind(item, "true, false or a query document for each relation");
	}
}

static int
compare_loads(const ListCell *a, const ListCell *b)
{
	const OrmLoad *left = lfirst(a);
	const OrmLoad *right = lfirst(b);

	return left->relation < right->relation ? -1 : left->relation > right->relation;
}

/* jsonb keeps no order: the order of declaration stands in for it */
static void
parse_load_object(OrmQuery *query, const OrmJson *value)
{
	int			before = list_length(query->loads);
	List	   *added;

	parse_load_members(query, value);
	if (before > list_length(query->loads))
		before = list_length(query->loads);
	added = list_copy_tail(query->loads, before);
	list_sort(added, compare_loads);
	query->loads = list_concat(list_truncate(query->loads, before), added);
}

void
orm_load_parse(OrmQuery *query, const OrmJson *value)
{
	if (value->kind == ORM_JSON_OBJECT)
	{
		parse_load_object(query, value);
		return;
	}
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of paths or an object");
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];

		if (item->kind == ORM_JSON_STRING)
			load_path(query, orm_json_string(item), item);
		else if (item->kind == ORM_JSON_OBJECT)
			parse_load_object(query, item);
		else
			orm_query_wrong_kind(item, "paths as strings, or objects of path and query document");
	}
}

void
orm_load_add_eager(OrmQuery *query)
{
	for (int i = 0; i < query->entity->nrelations; i++)
	{
		OrmRelation *relation = &query->entity->relations[i];

		if (relation->eager && !list_member_ptr(query->refused, relation) &&
			!list_member_ptr(query->bound.refused, relation))
		{
			int			asked = list_length(query->loads);
			OrmLoad    *load = load_of(query, relation, NULL);

			load->query->unasked = list_length(query->loads) > asked;
		}
	}
}
