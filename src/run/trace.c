/*
 * trace.c
 *	  Takes down how a statement ran.
 */
#include "base/compat.h"

#include "commands/explain.h"
#include "executor/instrument.h"
#include "lib/stringinfo.h"

#include "run/trace.h"

int
orm_trace_instruments(const OrmTrace *trace)
{
	return trace ? INSTRUMENT_TIMER | INSTRUMENT_ROWS : 0;
}

/* as auto_explain does it: an object, not the list that EXPLAIN makes of it */
static char *
plan_of(QueryDesc *query)
{
	ExplainState *explain = NewExplainState();

	explain->analyze = true;
	explain->timing = true;
	explain->format = EXPLAIN_FORMAT_JSON;
	ExplainBeginOutput(explain);
	ExplainPrintPlan(explain, query);
	ExplainEndOutput(explain);
	explain->str->data[0] = '{';
	explain->str->data[explain->str->len - 1] = '}';
	return explain->str->data;
}

void
orm_trace_take(OrmTrace *trace, QueryDesc *query)
{
	MemoryContext old;

	if (trace == NULL)
		return;
	old = MemoryContextSwitchTo(trace->context);
	trace->plan_rows = query->plannedstmt->planTree->plan_rows;
	trace->loops++;
	if (trace->plan)
		pfree(trace->plan);
	trace->plan = plan_of(query);
	MemoryContextSwitchTo(old);
}
