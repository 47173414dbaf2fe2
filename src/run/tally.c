/*
 * tally.c
 *	  Prints aggregates and puts them into the entities they are about.
 */
#include "base/compat.h"

#include "query/aggregate.h"
#include "run/tally.h"

bool
orm_is_tally(const OrmLevel *level)
{
	return level->step->query->tallied != NIL;
}

/* ,"alias":0 */
static void
set_none(OrmTallied *tallied, const OrmAggregate *aggregate, MemoryContext context)
{
	OrmBuffer	none;

	orm_buffer_init(&none, context, strlen(aggregate->alias) + 16);
	orm_buffer_append_char(&none, ',');
	orm_json_escape(&none, aggregate->alias, strlen(aggregate->alias));
	orm_buffer_append_char(&none, ':');
	orm_buffer_append(&none, aggregate->none, strlen(aggregate->none));
	tallied->none = none.data;
	tallied->none_len = none.len;
}

void
orm_tally_init(OrmLevel *level, MemoryContext context)
{
	List	   *aggregates = level->step->query->aggregates;
	ListCell   *cell;

	level->tallied = MemoryContextAllocZero(context, sizeof(OrmTallied) * Max(list_length(aggregates), 1));
	foreach(cell, aggregates)
	{
		OrmAggregate *aggregate = lfirst(cell);
		OrmTallied *tallied = &level->tallied[level->ntallied++];

		for (int i = 0; i < level->nchildren; i++)
			if (level->children[i]->step->query == aggregate->tally)
				tallied->tally = level->children[i];
		while (list_nth(aggregate->tally->tallied, tallied->field) != aggregate)
			tallied->field++;
		set_none(tallied, aggregate, context);
	}
	while (level->ntallies < level->nchildren && orm_is_tally(level->children[level->ntallies]))
		level->ntallies++;
}

int
orm_tally_print(OrmLevel *tally, const Datum *values, const bool *nulls)
{
	int			nfields = tally->encoder->nfields;
	OrmSlice   *slice = orm_level_slices(tally, tally->nrows * nfields, nfields);

	for (int i = 0; i < nfields; i++)
	{
		slice[i].start = tally->text.len;
		orm_field_print(&tally->text, &tally->encoder->fields[i], false, values, nulls);
		slice[i].len = tally->text.len - slice[i].start;
	}
	return tally->nrows++;
}

void
orm_tally_write(OrmLevel *level, int aggregate, int row, bool first, OrmBuffer *out)
{
	const OrmTallied *tallied = &level->tallied[aggregate];
	const OrmLevel *tally = tallied->tally;
	uint32		key = tally->parent_keys[row];
	const OrmSlice *slice;

	if (key == 0 || tally->starts[key] == tally->starts[key + 1])
	{
		orm_buffer_append(out, tallied->none + first, tallied->none_len - first);
		return;
	}
	row = tally->links[tally->ordered[tally->starts[key]]].row;
	slice = &tally->rows[row * tally->encoder->nfields + tallied->field];
	orm_buffer_append(out, tally->text.data + slice->start + first, slice->len - first);
}
