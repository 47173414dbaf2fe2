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

/* the load of a relation that has a target, added when it is not there yet */
static OrmLoad *
load_of_one(OrmQuery *query, OrmRelation *relation, const OrmJson *node)
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

/* the queries of a relation's load: one, or one for each type of a morph_to */
static List *
load_of(OrmQuery *query, OrmRelation *relation, const OrmJson *node)
{
	List	   *queries = NIL;

	if (relation->nbranches == 0)
		return list_make1(load_of_one(query, relation, node)->query);
	for (int i = 0; i < relation->nbranches; i++)
		queries = lappend(queries, load_of_one(query, &relation->branches[i], node)->query);
	return queries;
}

/* of several entities, as a morph_to leads to, those that have the relation take the step */
static List *
load_step(List *queries, const char *name, const OrmJson *node)
{
	List	   *next = NIL;
	ListCell   *cell;

	foreach(cell, queries)
	{
		OrmQuery   *query = lfirst(cell);
		OrmRelation *relation = orm_entity_relation(query->entity, name);

		if (relation)
			next = list_concat(next, load_of(query, relation, node));
	}
	if (next == NIL)
		(void) orm_query_relation_or_raise(((OrmQuery *) linitial(queries))->entity, name, node);
	return next;
}

/* the queries at the end of a dotted path, with all its steps loaded */
static List *
load_path(List *queries, const char *path, const OrmJson *node)
{
	ListCell   *cell;

	foreach(cell, orm_query_path(node, path))
		queries = load_step(queries, lfirst(cell), node);
	return queries;
}

static void
refuse_relation_of(OrmQuery *query, OrmRelation *relation, const OrmJson *node)
{
	ListCell   *cell;

	if (node->untrusted)
	{
		orm_untrusted_refuse(query, relation);
		return;
	}
	query->refused = list_append_unique_ptr(query->refused, relation);
	foreach(cell, query->loads)
		if (orm_relation_whole(((OrmLoad *) lfirst(cell))->relation) == relation)
			query->loads = foreach_delete_current(query->loads, cell);
}

static void
refuse_relation(List *queries, const OrmJson *node)
{
	List	   *names = orm_query_path(node, node->key);
	bool		known = false;
	ListCell   *cell;

	if (list_length(names) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only a relation of its own can be left off"),
				 orm_errdetail_at(node, "A path stands here.")));
	foreach(cell, queries)
	{
		OrmQuery   *query = lfirst(cell);
		OrmRelation *relation = orm_entity_relation(query->entity, linitial(names));

		if (relation)
			refuse_relation_of(query, relation, node);
		known = known || relation;
	}
	if (!known)
		(void) orm_query_relation_or_raise(((OrmQuery *) linitial(queries))->entity, linitial(names), node);
}

static void
parse_members(List *queries, const OrmJson *value)
{
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];

		if (item->kind == ORM_JSON_BOOL && !item->value.val.boolean)
			refuse_relation(queries, item);
		else if (item->kind == ORM_JSON_BOOL)
			load_path(queries, item->key, item);
		else if (item->kind == ORM_JSON_OBJECT)
			orm_query_merge_all(load_path(queries, item->key, item), item);
		else
			orm_query_wrong_kind(item, "true, false or a query document for each relation");
	}
}

static int
compare_loads(const ListCell *a, const ListCell *b)
{
	OrmRelation *left = ((OrmLoad *) lfirst(a))->relation;
	OrmRelation *right = ((OrmLoad *) lfirst(b))->relation;

	if (orm_relation_whole(left) != orm_relation_whole(right))
		return orm_relation_whole(left) < orm_relation_whole(right) ? -1 : 1;
	return left < right ? -1 : left > right;
}

/* jsonb keeps no order: the order of declaration stands in for it */
static void
sort_added(OrmQuery *query, int before)
{
	List	   *added;

	if (before > list_length(query->loads))
		before = list_length(query->loads);
	added = list_copy_tail(query->loads, before);
	list_sort(added, compare_loads);
	query->loads = list_concat(list_truncate(query->loads, before), added);
}

static void
parse_object(List *queries, const OrmJson *value)
{
	List	   *before = NIL;
	ListCell   *query;
	ListCell   *count;

	foreach(query, queries)
		before = lappend_int(before, list_length(((OrmQuery *) lfirst(query))->loads));
	parse_members(queries, value);
	forboth(query, queries, count, before)
		sort_added(lfirst(query), lfirst_int(count));
}

void
orm_load_parse_all(List *queries, const OrmJson *value)
{
	if (value->kind == ORM_JSON_OBJECT)
	{
		parse_object(queries, value);
		return;
	}
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of paths or an object");
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];

		if (item->kind == ORM_JSON_STRING)
			load_path(queries, orm_json_string(item), item);
		else if (item->kind == ORM_JSON_OBJECT)
			parse_object(queries, item);
		else
			orm_query_wrong_kind(item, "paths as strings, or objects of path and query document");
	}
}

void
orm_load_parse(OrmQuery *query, const OrmJson *value)
{
	orm_load_parse_all(list_make1(query), value);
}

void
orm_load_parse_types(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_OBJECT)
		orm_query_wrong_kind(value, "an object of types and query documents");
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];

		if (item->kind != ORM_JSON_OBJECT)
			orm_query_wrong_kind(item, "an object of types and query documents");
		if (orm_query_branch_or_raise(query->relation->whole, item->key, item) == query->relation)
			orm_query_merge(query, item, 0);
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
			List	   *queries = load_of(query, relation, NULL);
			bool		added = list_length(query->loads) > asked;
			ListCell   *cell;

			foreach(cell, queries)
				((OrmQuery *) lfirst(cell))->unasked = added;
		}
	}
}

List *
orm_load_relation(OrmQuery *query, OrmRelation *relation)
{
	return load_of(query, relation, NULL);
}
