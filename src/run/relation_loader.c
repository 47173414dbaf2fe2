/*
 * relation_loader.c
 *	  Runs the statements of relations for the keys of a window.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "model/foreign_key.h"
#include "run/execution.h"
#include "run/link_order.h"
#include "run/relation_loader.h"
#include "run/tree.h"

/* fewer keys than these are asked for one by one */
#define LEAST_RANGE		32

/* fewer keys never make up for gathering where their rows are */
#define LEAST_BY_PAGE	1000
/* rows on each page of the table, were they spread evenly, from which on that pays: measured */
#define ROWS_BY_PAGE	3

/*
 * The first and last of the level's keys, when they lie so close together that
 * reading all between them is less work than looking each up. Rows in between
 * that belong to none are passed over before they are printed.
 */
static bool
keys_are_dense(const OrmKeySet *keys, int asked, Datum *bounds)
{
	int64		first = PG_INT64_MAX;
	int64		last = PG_INT64_MIN;

	if (keys->nkeys - asked < LEAST_RANGE)
		return false;
	for (int i = asked; i < keys->nkeys; i++)
	{
		int64		key = DatumGetInt64(keys->values[0][i]);

		first = Min(first, key);
		last = Max(last, key);
	}
	bounds[0] = Int64GetDatum(first);
	bounds[1] = Int64GetDatum(last);
	return (uint64) last - (uint64) first < (uint64) (keys->nkeys - asked) * 2;
}

/* the statement by a range of keys, kept with the step */
static OrmStatement *
range_statement(OrmLevel *level)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(level->step));
	OrmStatement *range = orm_deparse_range(level->step);

	MemoryContextSwitchTo(old);
	return range;
}

/*
 * Keys are looked up one by one, in their order, and a page of the table is
 * visited anew for most of the rows on it. Where each is going to have several,
 * it is cheaper to gather first where they are.
 */
static bool
pages_repeat(const OrmLevel *level, int nkeys)
{
	HeapTuple	tuple;
	double		pages;

	if (nkeys < LEAST_BY_PAGE || level->seen_keys == 0)
		return false;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(level->step->relation->target));
	if (!HeapTupleIsValid(tuple))
		return false;
	pages = ((Form_pg_class) GETSTRUCT(tuple))->relpages;
	ReleaseSysCache(tuple);
	return pages > 0 && level->seen_rows / level->seen_keys * nkeys >= ROWS_BY_PAGE * pages;
}

/* the statement with such a plan, kept with the step */
static OrmStatement *
by_page_statement(OrmStep *step)
{
	if (step->by_page == NULL)
	{
		step->by_page = MemoryContextAlloc(GetMemoryChunkContext(step), sizeof(OrmStatement));
		*step->by_page = *step->statement;
		step->by_page->by_page = true;
		step->by_page->key = NULL;
	}
	return step->by_page;
}

/* the statement that gets the level's rows for the keys that it has, and the values of its keys */
static OrmStatement *
statement_for_keys(OrmLevel *level, Datum *keys)
{
	OrmStatement *statement = level->step->statement;

	if (statement->nmatch == 1 && level->step->query->tallied == NIL &&
		level->step->query->strategy == ORM_STRATEGY_CHOSEN &&
		orm_is_integer_type(level->keys->types[0]) && keys_are_dense(level->keys, level->asked, keys))
	{
		statement = range_statement(level);
		level->step->strategy = "range";
		return statement;
	}
	for (int i = 0; i < statement->nkeys; i++)
		keys[i] = orm_key_set_array(level->keys, i, level->asked);
	if (statement->nmatch == 1 && pages_repeat(level, level->keys->nkeys - level->asked))
	{
		level->step->strategy = "pages";
		return by_page_statement(level->step);
	}
	return statement;
}

static void
run_statement(OrmLevel *level, OrmStatement *statement, const Datum *keys, Snapshot snapshot, MemoryContext context)
{
	OrmPlan    *plan = statement == level->step->statement ? level->plan : orm_plan_get(statement, context);
	Datum	   *values = palloc(sizeof(Datum) * statement->nparams);
	bool	   *nulls = palloc(sizeof(bool) * statement->nparams);
	OrmExecution execution = {.trace = level->step->trace};

	memcpy(values, statement->values, sizeof(Datum) * statement->nparams);
	memcpy(nulls, statement->nulls, sizeof(bool) * statement->nparams);
	for (int i = 0; i < statement->nkeys; i++)
	{
		values[i] = keys[i];
		nulls[i] = false;
	}
	orm_execution_start(&execution, plan, statement, values, nulls, snapshot, orm_level_receiver(level, context));
	orm_execution_run(&execution, 0);
	orm_execution_end(&execution);
}

/* the statement that has the server sort and cut, kept with the step */
static OrmStatement *
statement_without_ties(OrmLevel *level)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(level->step));
	OrmStatement *statement = orm_deparse_without_ties(level->step);

	MemoryContextSwitchTo(old);
	return statement;
}

static void
load_rows(OrmLevel *level, Snapshot snapshot)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "orm batch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Datum		keys[INDEX_MAX_KEYS];
	OrmStatement *statement = statement_for_keys(level, keys);
	int			linked = level->nlinks;
	int			nkeys = level->keys->nkeys - level->asked;	/* the rows of a tree give more */

	if (level->many_ties)
		statement = statement_without_ties(level);
	run_statement(level, statement, keys, snapshot, context);
	if (level->many_ties && statement->with_ties > 0)
	{
		orm_level_forget_rows(level);
		run_statement(level, statement_without_ties(level), keys, snapshot, context);
	}
	level->seen_keys += nkeys;
	level->seen_rows += level->nlinks - linked;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* a statement for each step that rows are followed */
static void
load_tree(OrmLevel *level, Snapshot snapshot)
{
	for (int rounds = 0; orm_tree_goes_on(level, rounds); rounds++)
	{
		int			nkeys = level->keys->nkeys;

		CHECK_FOR_INTERRUPTS();
		load_rows(level, snapshot);
		level->asked = nkeys;
	}
	orm_tree_loaded(level);
}

void
orm_load_level(OrmLevel *level, Snapshot snapshot)
{
	CHECK_FOR_INTERRUPTS();
	if (level->tree)
		load_tree(level, snapshot);
	else if (level->keys->nkeys > 0)
		load_rows(level, snapshot);
	if (level->keys->nkeys > 0)
		orm_level_order_links(level);
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
