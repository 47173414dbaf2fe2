/*
 * relation_loader.c
 *	  Runs the statements of relations for the keys of a window.
 */
#include "base/compat.h"

#include "utils/memutils.h"

#include "run/execution.h"
#include "run/relation_loader.h"

static void
load_rows(OrmLevel *level, Snapshot snapshot)
{
	OrmStatement *statement = level->step->statement;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "orm batch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Datum	   *values = palloc(sizeof(Datum) * statement->nparams);
	bool	   *nulls = palloc(sizeof(bool) * statement->nparams);
	OrmExecution execution = {.trace = level->step->trace};

	memcpy(values, statement->values, sizeof(Datum) * statement->nparams);
	memcpy(nulls, statement->nulls, sizeof(bool) * statement->nparams);
	for (int i = 0; i < statement->nkeys; i++)
	{
		values[i] = orm_key_set_array(level->keys, i);
		nulls[i] = false;
	}
	orm_execution_start(&execution, level->plan, statement, values, nulls, snapshot,
						orm_level_receiver(level, context));
	orm_execution_run(&execution, 0);
	orm_execution_end(&execution);
	orm_level_order_links(level);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

void
orm_load_level(OrmLevel *level, Snapshot snapshot)
{
	CHECK_FOR_INTERRUPTS();
	if (level->keys->nkeys > 0)
		load_rows(level, snapshot);
}

void
orm_load_relations(OrmLevel *level, Snapshot snapshot)
{
	check_stack_depth();
	for (int i = 0; i < level->nchildren; i++)
	{
		orm_load_level(level->children[i], snapshot);
		orm_load_relations(level->children[i], snapshot);
	}
}
