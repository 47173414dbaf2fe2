/*
 * keyed_load.c
 *	  Notes keys, has the relation loaded for all of them, and gives each its
 *	  own.
 */
#include "base/compat.h"

#include "utils/memutils.h"

#include "run/keyed_load.h"
#include "run/relation_loader.h"

OrmKeyedLoad *
orm_keyed_load_new(OrmQuery *query)
{
	OrmKeyedLoad *load = palloc0(sizeof(OrmKeyedLoad));
	OrmLevel   *first;

	load->entity = query->entity;
	load->root = orm_level_new(orm_deparse_relations(query), CreateTemplateTupleDesc(0), CurrentMemoryContext);
	first = load->root->children[0];
	if (first->nchildren > 0 && first->step->query->given)
	{
		load->own = first;
		load->relation = first->children[0];
	}
	else
		load->relation = first;
	return load;
}

void
orm_keyed_load_add_near(OrmKeyedLoad *load, const Datum *near, const bool *nulls)
{
	orm_level_note_key(load->relation, load->n++, near, nulls);
}

void
orm_keyed_load_add_key(OrmKeyedLoad *load, const Datum *key)
{
	OrmRelation *relation = load->relation->step->relation;
	Datum		near[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS] = {false};

	if (load->own)
	{
		orm_level_note_key(load->own, load->n++, key, nulls);
		return;
	}
	for (int i = 0; i < relation->nlinks; i++)
		for (int k = 0; k < load->entity->nkeys; k++)
			if (load->entity->properties[load->entity->keys[k]].attnum == relation->links[i].near_attnum)
				near[i] = key[k];
	orm_keyed_load_add_near(load, near, nulls);
}

/* what the planner takes an array for whose length it does not know */
#define ASSUMED_KEYS	10

/* JSON, links and slices beside the values as they are stored */
#define ROW_OVERHEAD	100

static double
estimate_level(const OrmLevel *level)
{
	CachedPlan *plan;
	Plan	   *tree;
	double		bytes;

	check_stack_depth();
	plan = GetCachedPlan(level->plan->source, NULL, CurrentResourceOwner, NULL);
	tree = linitial_node(PlannedStmt, plan->stmt_list)->planTree;
	bytes = tree->plan_width * 2 + ROW_OVERHEAD;
	for (int i = 0; i < level->nchildren; i++)
		bytes += estimate_level(level->children[i]);
	bytes *= tree->plan_rows / ASSUMED_KEYS;
	ReleaseCachedPlan(plan, CurrentResourceOwner);
	return bytes;
}

double
orm_keyed_load_estimate(const OrmKeyedLoad *load)
{
	double		bytes = ROW_OVERHEAD;

	for (int i = 0; i < load->root->nchildren; i++)
		bytes += estimate_level(load->root->children[i]);
	return bytes;
}

void
orm_keyed_load_run(OrmKeyedLoad *load, Snapshot snapshot)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "orm keyed load", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	orm_load_relations(load->root, snapshot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

const char *
orm_relation_nothing(const OrmRelation *relation)
{
	return relation->to_many ? "[]" : "null";
}

void
orm_keyed_load_write(OrmKeyedLoad *load, int number, OrmBuffer *out)
{
	int			row = number;

	if (load->own)
		row = orm_level_first_row(load->own, number);
	if (row >= 0)
		orm_level_write_related(load->relation, row, out);
	else
	{
		const char *nothing = orm_relation_nothing(load->relation->step->relation);

		orm_buffer_append(out, nothing, strlen(nothing));
	}
}
