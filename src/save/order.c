/*
 * order.c
 *	  Orders tables by foreign keys, and rows by links where tables form a
 *	  cycle.
 */
#include "base/compat.h"

#include "lib/stringinfo.h"

#include "save/deferral.h"
#include "save/identity.h"
#include "save/order.h"

/* ---- tables ---- */

static OrmSaveTable *
table_of(OrmSaveCall *call, Oid relid)
{
	ListCell   *cell;

	foreach(cell, call->tables)
		if (((OrmSaveTable *) lfirst(cell))->entity->relid == relid)
			return lfirst(cell);
	return NULL;
}

/* before[i * n + k]: table i comes before table k */
static void
note_relations(OrmSaveTable *table, OrmRelation *relations, int nrelations, bool *before, int n)
{
	for (int i = 0; i < nrelations; i++)
	{
		OrmRelation *relation = &relations[i];
		OrmSaveTable *target = table_of(table->call, relation->target);

		note_relations(table, relation->branches, relation->nbranches, before, n);
		if (target == NULL)
			continue;
		if (orm_save_holds_key(relation))
			before[target->index * n + table->index] = true;
		else if (orm_save_is_child(relation))
			before[table->index * n + target->index] = true;
	}
}

static void
close_transitively(bool *before, int n)
{
	for (int via = 0; via < n; via++)
		for (int i = 0; i < n; i++)
			for (int k = 0; before[i * n + via] && k < n; k++)
				before[i * n + k] = before[i * n + k] || before[via * n + k];
}

static bool
is_one_group(const bool *before, int n, int i, int k)
{
	return i == k || (before[i * n + k] && before[k * n + i]);
}

/* is all that comes before it placed, but for its own group? */
static bool
is_ready(const bool *before, int n, int i, const bool *placed)
{
	for (int k = 0; k < n; k++)
		if (before[k * n + i] && !placed[k] && !is_one_group(before, n, i, k))
			return false;
	return true;
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	Oid			left = ((OrmSaveTable *) lfirst(a))->entity->relid;
	Oid			right = ((OrmSaveTable *) lfirst(b))->entity->relid;

	return left < right ? -1 : left > right;
}

List *
orm_save_order(OrmSaveCall *call)
{
	int			n = list_length(call->tables);
	bool	   *before = palloc0(n * n);
	bool	   *placed = palloc0(n);
	List	   *sorted = list_copy(call->tables);
	List	   *groups = NIL;
	ListCell   *cell;
	ListCell   *other;

	foreach(cell, call->tables)
	{
		OrmSaveTable *table = lfirst(cell);

		note_relations(table, table->entity->relations, table->entity->nrelations, before, n);
	}
	close_transitively(before, n);
	list_sort(sorted, compare_tables);
	while (list_length(groups) < n)
	{
		List	   *group = NIL;

		foreach(cell, sorted)
		{
			OrmSaveTable *table = lfirst(cell);

			if (placed[table->index] || !is_ready(before, n, table->index, placed))
				continue;
			foreach(other, sorted)
			{
				OrmSaveTable *member = lfirst(other);

				if (!is_one_group(before, n, table->index, member->index))
					continue;
				member->group = list_length(groups);
				member->cyclic = before[member->index * n + member->index];
				placed[member->index] = true;
				group = lappend(group, member);
			}
			break;
		}
		if (group == NIL)
			break;
		groups = lappend(groups, group);
	}
	return groups;
}

/* ---- rows ---- */

/* the links on the way down to the row at hand */
typedef struct Step
{
	struct Step *outer;
	OrmSaveRow *row;
	OrmSaveSet *set;			/* of the link to the next step's row */
	OrmSaveLink link;
} Step;

static bool visit(OrmSaveRow *row, Step *outer);

static void
raise_cycle(const OrmSaveRow *row, const Step *innermost)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (const Step *step = innermost; step; step = step->outer)
	{
		appendStringInfo(&buf, "%s\"%s\" at \"%s\"", buf.len > 0 ? ", " : "", step->row->table->entity->name,
						 orm_save_pointer(step->row->table->call, step->row->start));
		if (step->row == row)
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("new rows need each other to be there first"),
			 errdetail("The cycle: %s.", buf.data),
			 errhint("Make one of the foreign keys nullable, or deferrable.")));
}

/* the link is left out until both rows are there */
static void
cut_link(const Step *step)
{
	OrmSaveRow *holder = orm_save_canonical(step->link.holder);

	step->set->cut = true;
	for (int i = 0; i < step->link.ncolumns; i++)
	{
		holder->given[step->link.into[i] - 1] = ORM_GIVEN_LINK;
		holder->nulls[step->link.into[i] - 1] = true;
	}
}

static bool
key_is_known(const OrmSaveLink *link)
{
	for (int i = 0; i < link->ncolumns; i++)
		if (!orm_save_known(orm_save_canonical(link->source), link->from[i]))
			return false;
	return true;
}

static bool
try_cut(const Step *step)
{
	if (!orm_save_link_is_nullable(&step->link))
		return false;
	cut_link(step);
	return true;
}

static bool
try_defer(const Step *step)
{
	step->set->deferred = key_is_known(&step->link) && orm_save_defer(&step->link);
	return step->set->deferred;
}

/*
 * The cycle that ends at "row" is cut at the link nearest to its end that may
 * be null at first, or else at one whose check may wait.
 */
static void
cut(const OrmSaveRow *row, const Step *innermost)
{
	bool		(*const ways[]) (const Step *) = {try_cut, try_defer};

	for (int i = 0; i < lengthof(ways); i++)
		for (const Step *step = innermost; step; step = step->outer)
		{
			if (ways[i] (step))
				return;
			if (step->row == row)
				break;
		}
	raise_cycle(row, innermost);
}

/* false: a link was cut, and all levels are to be found anew */
static bool
visit_link(OrmSaveSet *set, OrmSaveRow *element, OrmSaveRow *row, Step *outer)
{
	Step		step = {.outer = outer, .row = row, .set = set};
	OrmSaveRow *source;

	if (set->cut || set->deferred || !orm_save_link(set, element, &step.link))
		return true;
	source = orm_save_canonical(step.link.source);
	if (orm_save_canonical(step.link.holder) != row || source->exists || source->table->group != row->table->group)
		return true;
	/* a row may refer to itself from the start, if it has its key from the input */
	if (source == row && key_is_known(&step.link))
		return true;
	if (source->visiting)
	{
		cut(source, &step);
		return false;
	}
	if (!visit(source, &step))
		return false;
	row->level = Max(row->level, source->level + 1);
	return true;
}

static bool
visit(OrmSaveRow *row, Step *outer)
{
	bool		done = true;

	check_stack_depth();
	if (row->leveled)
		return true;
	row->visiting = true;
	row->level = 0;
	for (OrmSaveRow *place = row; place && done; place = place->also)
	{
		if (place->set && !orm_save_holds_key(place->set->relation))
			done = visit_link(place->set, place, row, outer);
		for (OrmSaveSet *set = place->sets; set && done; set = set->next)
			if (orm_save_holds_key(set->relation) && set->first)
				done = visit_link(set, set->first, row, outer);
	}
	row->visiting = false;
	row->leveled = done;
	return done;
}

static bool
visit_all(List *tables, int *levels)
{
	ListCell   *cell;

	foreach(cell, tables)
		for (OrmSaveRow *row = ((OrmSaveTable *) lfirst(cell))->first; row; row = row->next)
			row->leveled = row->visiting = false;
	*levels = 1;
	foreach(cell, tables)
	{
		OrmSaveTable *table = lfirst(cell);

		for (OrmSaveRow *row = table->first; row; row = row->next)
		{
			if (row->same == NULL && !visit(row, NULL))
				return false;
			*levels = Max(*levels, row->level + 1);
		}
	}
	return true;
}

int
orm_save_levels(List *tables)
{
	int			levels = 1;

	if (((OrmSaveTable *) linitial(tables))->cyclic)
		while (!visit_all(tables, &levels))
			CHECK_FOR_INTERRUPTS();
	return levels;
}
