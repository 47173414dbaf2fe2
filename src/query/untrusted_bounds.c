/*
 * untrusted_bounds.c
 *	  Binds what a document from outside asks about related rows to the
 *	  conditions under which trusted clauses load them.
 *
 * Conditions of the model's, and what trusted clauses ask themselves, stay as
 * they are: only nodes that such a document wrote are touched.
 */
#include "base/compat.h"

#include "query/tree.h"
#include "query/untrusted_bounds.h"

/* the load tree beside a condition; out of it as "^." leads */
typedef struct Level
{
	OrmQuery   *query;			/* NULL: nothing is loaded here */
	const struct Level *outer;
} Level;

static void bind_where(const Level *level, OrmWhere *where, bool outside);

static OrmQuery *
loaded(OrmQuery *query, const OrmRelation *relation)
{
	ListCell   *cell;

	/* what follows in a tree is of the same level */
	if (query && query->relation == relation && query->depth_clause)
		return query;
	if (query)
		foreach(cell, query->loads)
		{
			OrmLoad    *load = lfirst(cell);

			if (load->relation == relation)
				return load->query;
		}
	return NULL;
}

/* what trusted clauses say of a level's rows, each a group of its own; it is not finished yet */
static List *
trusted_groups(const OrmQuery *query)
{
	List	   *groups = NIL;
	ListCell   *cell;

	if (query)
		foreach(cell, query->wheres)
			if (!((OrmWhere *) lfirst(cell))->untrusted)
				groups = lappend(groups, lfirst(cell));
	return groups;
}

/* of them, those that cut off what is behind a row: of a nested tree */
static List *
groups_between(const OrmQuery *query)
{
	return query == NULL || orm_tree_asks_flat(query) ? NIL : trusted_groups(query);
}

/* for each step the groups that hold on its row; NIL when there are none at all */
static List *
path_bounds(OrmQuery *query, List *path)
{
	List	   *bounds = NIL;
	bool		any = false;
	ListCell   *cell;

	foreach(cell, path)
	{
		query = loaded(query, lfirst(cell));
		bounds = lappend(bounds, trusted_groups(query));
		any = any || llast(bounds) != NIL;
	}
	return any ? bounds : NIL;
}

static void
bind_related(const Level *level, OrmRelated *related)
{
	Level		inner = {loaded(level->query, related->relation), level};
	ListCell   *cell;

	/* two comparisons may share one count */
	if (related->bound)
		return;
	related->bound = true;
	foreach(cell, related->filters)
		bind_where(&inner, lfirst(cell), false);
	related->groups = list_concat(related->groups, trusted_groups(inner.query));
	related->between = groups_between(inner.query);
}

static void
bind_term(const Level *level, OrmTerm *term)
{
	ListCell   *cell;

	check_stack_depth();
	if (term == NULL)
		return;
	if (term->path != NIL)
	{
		for (int i = 0; i < term->up; i++)
			level = level->outer;
		term->bounds = path_bounds(level->query, term->path);
		return;
	}
	if (term->related)
		bind_related(level, term->related);
	/* what is aggregated is a property of the related rows themselves, without a path */
	else
		foreach(cell, term->args)
			bind_term(level, lfirst(cell));
}

/* "outside": such a document wrote what stands around it */
static void
bind_where(const Level *level, OrmWhere *where, bool outside)
{
	Level		pivot = {NULL, level};
	ListCell   *cell;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	outside = outside || where->untrusted;
	if (where->kind == ORM_WHERE_PIVOT)
		level = &pivot;
	foreach(cell, where->items)
		bind_where(level, lfirst(cell), outside);
	if (!outside)
		return;
	bind_term(level, where->left);
	bind_term(level, where->right);
	if (where->related)
		bind_related(level, where->related);
}

static void
bind_wheres(OrmQuery *query, List *wheres)
{
	Level		level = {query, NULL};
	ListCell   *cell;

	foreach(cell, wheres)
		bind_where(&level, lfirst(cell), false);
}

static void
bind_tallies(OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->tallies)
	{
		OrmQuery   *tally = lfirst(cell);
		OrmQuery   *load = loaded(query, tally->relation);

		if (!tally->bound.touched)
			continue;
		bind_wheres(load, tally->wheres);
		tally->wheres = list_concat(tally->wheres, trusted_groups(load));
		tally->between = groups_between(load);
	}
}

void
orm_untrusted_bind(OrmQuery *query)
{
	ListCell   *cell;

	bind_wheres(query, query->wheres);
	bind_tallies(query);
	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (order->node && order->node->untrusted)
			order->bounds = path_bounds(query, order->path);
	}
}
