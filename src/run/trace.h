/*
 * trace.h
 *	  What became of the statements of a load tree: for orm.explain.
 */
#ifndef ORM_RUN_TRACE_H
#define ORM_RUN_TRACE_H

#include "executor/execdesc.h"

typedef struct OrmTrace
{
	MemoryContext context;		/* where "plan" is kept */
	double		plan_rows;		/* as the planner estimated, of one run */
	double		rows;			/* of all runs */
	int			loops;			/* runs: one a window */
	double		seconds;
	char	   *plan;			/* of the last run, as EXPLAIN (ANALYZE, FORMAT JSON) prints it */
} OrmTrace;

/* instruments to ask for when a run is to be traced */
extern int	orm_trace_instruments(const OrmTrace *trace);

/* takes down a run that has finished and is not yet ended; trace may be NULL */
extern void orm_trace_take(OrmTrace *trace, QueryDesc *query);

#endif							/* ORM_RUN_TRACE_H */
