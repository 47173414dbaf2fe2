/*
 * tree.c
 *	  Parses "depth" and "flat", and says how rows follow each other.
 */
#include "base/compat.h"

#include "utils/builtins.h"

#include "base/error.h"
#include "query/aggregate.h"
#include "query/tree.h"

/* does the relation lead to rows that have it, too? */
static bool
can_be_followed(const OrmQuery *query)
{
	const OrmRelation *relation = query->relation;

	return orm_relation_is_tree(relation) ||
		((relation->kind == ORM_BELONGS_TO || relation->kind == ORM_HAS_ONE || relation->kind == ORM_HAS_MANY) &&
		 relation->target == query->parent->entity->relid);
}

/* ---- clauses ---- */

static void
check_place(const OrmQuery *query, const OrmJson *value)
{
	if (query->relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"%s\" has no place here", value->key),
				 orm_errdetail_at(value, "It stands where a relation is loaded.")));
	if (!can_be_followed(query))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" is no part of a tree", query->relation->name),
				 orm_errdetail_at(value, "Clause \"%s\" is for a relation that leads by a foreign key from an entity to itself.",
								  value->key),
				 errhint("orm.tree() declares parent, children, ancestors and descendants.")));
}

void
orm_tree_parse_depth(OrmQuery *query, const OrmJson *value)
{
	check_place(query, value);
	if (value->kind == ORM_JSON_STRING && strcmp(orm_json_string(value), "all") == 0)
		query->depth = ORM_TREE_ALL;
	else if (value->kind != ORM_JSON_NUMBER)
		orm_query_wrong_kind(value, "a whole number or \"all\"");
	else
		query->depth = orm_query_whole_number(value);
	query->depth_clause = value;
}

void
orm_tree_parse_flat(OrmQuery *query, const OrmJson *value)
{
	check_place(query, value);
	if (value->kind != ORM_JSON_BOOL)
		orm_query_wrong_kind(value, "true or false");
	query->flat = value;
}

/* ---- what was asked for ---- */

/* whose followers come under which name */
static const char *
nested_name(const OrmRelation *relation)
{
	switch (relation->kind)
	{
		case ORM_ANCESTORS:
			return "parent";
		case ORM_DESCENDANTS:
			return "children";
		default:
			return relation->name;
	}
}

static int64
depth_of(const OrmQuery *query)
{
	if (query->depth_clause)
		return query->depth;
	if (!orm_relation_is_tree(query->relation))
		return 1;
	/* how deep a client may reach is not for the data to say */
	return query->bound.touched ? orm_max_depth : ORM_TREE_ALL;
}

bool
orm_tree_asks_flat(const OrmQuery *query)
{
	return query->flat ? query->flat->value.val.boolean : query->relation->kind == ORM_ANCESTORS;
}

void
orm_tree_begin(OrmQuery *query)
{
	const OrmRelation *relation = query->relation;
	OrmTree    *tree;

	if (relation == NULL || !(orm_relation_is_tree(relation) || query->depth_clause || query->flat))
		return;
	tree = palloc0(sizeof(OrmTree));
	tree->depth = depth_of(query);
	tree->flat = orm_tree_asks_flat(query);
	tree->upward = relation->kind == ORM_ANCESTORS || relation->kind == ORM_BELONGS_TO;
	tree->single = tree->upward || relation->kind == ORM_HAS_ONE;
	/* all rows are followed, and some of them make the list */
	if (tree->flat)
	{
		tree->filter = query->wheres;
		tree->limit = query->limit;
		tree->offset = query->offset;
		query->wheres = NIL;
		query->limit = -1;
		query->offset = 0;
	}
	else
		tree->nested = nested_name(relation);
	query->tree = tree;
}

/* ---- what does not go together ---- */

static void
refuse_clause(const OrmJson *clause, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"%s\" does not go with a tree", clause->key),
			 orm_errdetail_at(clause, "%s", detail),
			 errhint("%s", hint)));
}

/* a name that elements of the tree bear by themselves */
static void
refuse_name(const OrmQuery *query, const char *name)
{
	const OrmJson *place = query->depth_clause ? query->depth_clause : query->flat;
	bool		taken = orm_entity_has_embed(query->entity, name);
	ListCell   *cell;

	for (int i = 0; i < query->entity->nproperties; i++)
		if (query->selected[i] && query->entity->properties[i].embed == NULL &&
			strcmp(query->entity->properties[i].name, name) == 0)
			taken = true;
	foreach(cell, query->loads)
		taken = taken || strcmp(((OrmLoad *) lfirst(cell))->relation->name, name) == 0;
	foreach(cell, query->aggregates)
		taken = taken || strcmp(((OrmAggregate *) lfirst(cell))->alias, name) == 0;
	if (taken)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" would stand twice in each element of \"%s\"", name, query->relation->name),
				 place ? orm_errdetail_at(place, "The tree gives a member of that name.") : 0,
				 query->tree->flat ? errhint("Leave the other one out with \"omit\".")
				 : errhint("Leave the other one out, or ask for the list with \"flat\": true.")));
}

/* one that is loaded by default gives way to the tree */
static void
drop_eager(OrmQuery *query, const char *name)
{
	ListCell   *cell;

	foreach(cell, query->loads)
	{
		OrmLoad    *load = lfirst(cell);

		if (load->query->unasked && strcmp(load->relation->name, name) == 0)
			query->loads = foreach_delete_current(query->loads, cell);
	}
}

void
orm_tree_finish(OrmQuery *query)
{
	if (query->tree == NULL)
		return;
	if (query->after || query->before)
		refuse_clause(query->after ? query->after : query->before, "A cursor leads through one list of rows.",
					  "Page through the roots, or use limit and offset.");
	if (query->tree->flat)
	{
		if (query->distinct != NIL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clauses \"distinct\" and \"flat\" can't stand together"),
					 query->flat ? orm_errdetail_at(query->flat, "Each row comes once.") : 0));
		refuse_name(query, "depth");
	}
	else
	{
		drop_eager(query, query->tree->nested);
		refuse_name(query, query->tree->nested);
	}
	refuse_name(query, "cycle");
}
