/*
 * execution.h
 *	  One executor run of a kept plan, which may be left and resumed.
 *
 * Not a portal and not SPI: a run of one's own lives under the caller's
 * resource owner and snapshot, so it may be left between two calls of a
 * set-returning function, as lazily evaluated SQL functions are.
 */
#ifndef ORM_RUN_EXECUTION_H
#define ORM_RUN_EXECUTION_H

#include "executor/execdesc.h"
#include "tcop/dest.h"
#include "utils/resowner.h"
#include "utils/snapshot.h"

#include "run/plan_cache.h"
#include "run/trace.h"

typedef struct OrmExecution
{
	OrmPlan    *plan;
	QueryDesc  *query;
	CachedPlan *cached;
	ResourceOwner owner;
	OrmTrace   *trace;			/* set before it starts, or NULL */
} OrmExecution;

/* the parameters of a statement as the executor takes them; NULL for none */
extern ParamListInfo orm_execution_params(const OrmStatement *statement, const Datum *values, const bool *nulls);

/*
 * Starts a run in the current memory context under CurrentResourceOwner. Rows
 * go to "receiver". On error the resource owner and the memory context clean
 * up; otherwise it must be ended.
 */
extern void orm_execution_start(OrmExecution *execution, OrmPlan *plan, const OrmStatement *statement,
								const Datum *values, const bool *nulls, Snapshot snapshot,
								DestReceiver *receiver);

/*
 * The snapshot for a call that begins now: the active one, as SQL would take
 * it, also where a lock had to be waited for in the middle of the statement.
 */
extern Snapshot orm_execution_snapshot(void);

/* runs on for "count" rows, or to the end with 0 */
extern void orm_execution_run(OrmExecution *execution, uint64 count);

/* ends it under the owner that it was started under; twice does no harm */
extern void orm_execution_end(OrmExecution *execution);

#endif							/* ORM_RUN_EXECUTION_H */
