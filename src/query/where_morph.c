/*
 * where_morph.c
 *	  Conditions on a morph_to: which types its row may be of, and what has to
 *	  hold for it.
 *
 * Each type is a relation of its own, so a condition on several is one on any
 * of them. As where rows are loaded, a row that is not there, or that a scope
 * leaves out, is none, whatever the type says.
 */
#include "base/compat.h"

#include "query/query_document.h"
#include "query/where_parse.h"

static void
wrong_condition(const OrmRelation *relation, const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a condition on relation \"%s\" is null, true, false or an object with \"$type\"", relation->name),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node)),
			 errhint("Write {\"%s\": {\"$type\": \"%s\", \"$is\": {...}}}.", relation->name,
					 relation->branches[0].type->alias)));
}

static OrmRelation *
branch_named(OrmRelation *relation, const OrmJson *node)
{
	if (node->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"$type\" takes a type or a list of types"),
				 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
	return orm_query_branch_or_raise(relation, orm_json_string(node), node);
}

static List *
every_branch(OrmRelation *relation)
{
	List	   *branches = NIL;

	for (int i = 0; i < relation->nbranches; i++)
		branches = lappend(branches, &relation->branches[i]);
	return branches;
}

static List *
branches_named(OrmRelation *relation, const OrmJson *types)
{
	List	   *branches = NIL;

	if (types->kind != ORM_JSON_ARRAY)
		return list_make1(branch_named(relation, types));
	for (int i = 0; i < types->nitems; i++)
		branches = list_append_unique_ptr(branches, branch_named(relation, &types->items[i]));
	return branches;
}

/* some row of one of the branches; "is" may be NULL */
static OrmWhere *
any_of(const OrmWherePlace *place, List *branches, const OrmJson *is)
{
	List	   *items = NIL;
	ListCell   *cell;

	foreach(cell, branches)
		items = lappend(items, orm_where_some(place, lfirst(cell), is));
	return list_length(items) == 1 ? linitial(items) : orm_where_or(items);
}

OrmWhere *
orm_where_morph(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *entry)
{
	const OrmJson *types = NULL;
	const OrmJson *is = NULL;

	if (entry->kind == ORM_JSON_NULL || entry->kind == ORM_JSON_BOOL)
	{
		OrmWhere   *there = any_of(place, every_branch(relation), NULL);

		return entry->kind == ORM_JSON_BOOL && entry->value.val.boolean ? there : orm_where_not(there);
	}
	if (entry->kind != ORM_JSON_OBJECT)
		wrong_condition(relation, entry);
	for (int i = 0; i < entry->nitems; i++)
	{
		if (strcmp(entry->items[i].key, "$type") == 0)
			types = &entry->items[i];
		else if (strcmp(entry->items[i].key, "$is") == 0)
			is = &entry->items[i];
		else
			wrong_condition(relation, &entry->items[i]);
	}
	if (types == NULL)
		wrong_condition(relation, entry);
	return any_of(place, branches_named(relation, types), is);
}
