/*
 * sql_stats.c
 *	  orm.explain and what orm.stats shows: which statements ran, and how.
 */
#include "base/compat.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "api/sql_clauses.h"
#include "declare/facts.h"
#include "query/aggregate.h"
#include "run/trace.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_explain);
PG_FUNCTION_INFO_V1(orm_stats);

#define EXPLAIN_COLUMNS	8
#define STATS_COLUMNS	6

static void
trace_steps(OrmStep *step)
{
	ListCell   *cell;

	check_stack_depth();
	step->trace = palloc0(sizeof(OrmTrace));
	step->trace->context = CurrentMemoryContext;
	foreach(cell, step->children)
		trace_steps(lfirst(cell));
}

static void
read_all(OrmStep *step)
{
	OrmRead    *read = orm_read_start(step, ORM_DEMAND_STREAM, CurrentMemoryContext);
	Datum		entity;

	while (orm_read_next(read, &entity))
		CHECK_FOR_INTERRUPTS();
	orm_read_end(read);
}

/* a tally goes by the names of what it gives */
static char *
aliases_of(const OrmQuery *tally)
{
	List	   *aliases = NIL;
	ListCell   *cell;

	foreach(cell, tally->tallied)
		aliases = lappend(aliases, unconstify(char *, ((OrmAggregate *) lfirst(cell))->alias));
	return orm_names_joined(aliases);
}

/* one row for a step and one for each below; path "" is the root */
static void
explain_step(ReturnSetInfo *result, OrmStep *step, const char *path)
{
	Datum		values[EXPLAIN_COLUMNS];
	bool		nulls[EXPLAIN_COLUMNS] = {false};
	OrmTrace   *trace = step->trace;
	ListCell   *cell;

	values[0] = CStringGetTextDatum(path);
	values[1] = CStringGetTextDatum(step->strategy);
	values[2] = CStringGetTextDatum(step->statement->sql);
	values[3] = Float8GetDatum(trace->plan_rows);
	values[4] = Int64GetDatum((int64) trace->rows);
	values[5] = Int64GetDatum(trace->loops);
	values[6] = Float8GetDatum(trace->seconds * 1000.0);
	nulls[3] = nulls[7] = trace->plan == NULL;	/* never ran: there was no key to ask for */
	values[7] = trace->plan ? CStringGetTextDatum(trace->plan) : (Datum) 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	foreach(cell, step->children)
	{
		OrmStep    *child = lfirst(cell);
		const char *name = child->query->tallied ? aliases_of(child->query) : child->relation->name;

		if (child->relation->whole)
			name = psprintf("%s:%s", name, child->relation->type->alias);
		explain_step(result, child, path[0] ? psprintf("%s.%s", path, name) : name);
	}
}

Datum
orm_explain(PG_FUNCTION_ARGS)
{
	OrmQuery   *query = orm_query_new(orm_arg_entity(fcinfo, 0));
	OrmStep    *step;

	orm_arg_clauses(fcinfo, 1, query, 0);
	orm_query_finish(query);
	step = orm_deparse(query, NULL);
	trace_steps(step);
	InitMaterializedSRF(fcinfo, 0);
	read_all(step);
	explain_step((ReturnSetInfo *) fcinfo->resultinfo, step, "");
	return (Datum) 0;
}

static void
put_plan(const OrmPlan *plan, void *arg)
{
	ReturnSetInfo *result = arg;
	Datum		values[STATS_COLUMNS];
	bool		nulls[STATS_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(plan->source->query_string);
	values[1] = Int64GetDatum(plan->calls);
	values[2] = Int64GetDatum(plan->rows);
	values[3] = Float8GetDatum(plan->seconds * 1000.0);
	values[4] = Int64GetDatum(Max(plan->source->generation - 1, 0));
	values[5] = Int64GetDatum(plan->one_key_calls);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
orm_stats(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	orm_plan_each(put_plan, fcinfo->resultinfo);
	return (Datum) 0;
}
