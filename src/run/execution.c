/*
 * execution.c
 *	  Starts, resumes and ends executor runs of kept plans.
 *
 * After the model of functions.c, which evaluates SQL functions lazily in the
 * same way. Triggers are skipped: these are SELECTs, and their queue is a stack
 * that a run left halfway would get into disorder.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "nodes/params.h"
#include "portability/instr_time.h"
#include "utils/snapmgr.h"

#include "model/model_cache.h"
#include "run/execution.h"

ParamListInfo
orm_execution_params(const OrmStatement *statement, const Datum *values, const bool *nulls)
{
	ParamListInfo params;

	if (statement->nparams == 0)
		return NULL;
	params = makeParamList(statement->nparams);
	for (int i = 0; i < statement->nparams; i++)
	{
		params->params[i].value = values[i];
		params->params[i].isnull = nulls[i];
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = statement->types[i];
	}
	return params;
}

Snapshot
orm_execution_snapshot(void)
{
	/* a statement of SQL takes its snapshot when it has its locks */
	if (orm_model_waited() && !IsolationUsesXactSnapshot())
		return GetTransactionSnapshot();
	return GetActiveSnapshot();
}

void
orm_execution_start(OrmExecution *execution, OrmPlan *plan, const OrmStatement *statement,
					const Datum *values, const bool *nulls, Snapshot snapshot, DestReceiver *receiver)
{
	ParamListInfo params = orm_execution_params(statement, values, nulls);

	execution->plan = plan;
	execution->owner = CurrentResourceOwner;
	execution->cached = orm_plan_execute(plan, statement, params);
	execution->query = CreateQueryDesc(linitial_node(PlannedStmt, execution->cached->stmt_list),
									   plan->source->query_string, snapshot, InvalidSnapshot,
									   receiver, params, NULL, orm_trace_instruments(execution->trace));
	PushActiveSnapshot(execution->query->snapshot);
	ExecutorStart(execution->query, EXEC_FLAG_SKIP_TRIGGERS);
	PopActiveSnapshot();
	plan->calls++;
}

void
orm_execution_run(OrmExecution *execution, uint64 count)
{
	ResourceOwner old = CurrentResourceOwner;
	instr_time	start;
	instr_time	end;

	CurrentResourceOwner = execution->owner;
	INSTR_TIME_SET_CURRENT(start);
	PushActiveSnapshot(execution->query->snapshot);
	orm_ExecutorRun(execution->query, ForwardScanDirection, count);
	PopActiveSnapshot();
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	execution->plan->seconds += INSTR_TIME_GET_DOUBLE(end);
	execution->plan->rows += execution->query->estate->es_processed;
	if (execution->trace)
	{
		execution->trace->seconds += INSTR_TIME_GET_DOUBLE(end);
		execution->trace->rows += execution->query->estate->es_processed;
	}
	CurrentResourceOwner = old;
}

void
orm_execution_end(OrmExecution *execution)
{
	ResourceOwner old = CurrentResourceOwner;
	QueryDesc  *query = execution->query;

	if (query == NULL)
		return;
	execution->query = NULL;
	CurrentResourceOwner = execution->owner;
	ExecutorFinish(query);
	orm_trace_take(execution->trace, query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
	ReleaseCachedPlan(execution->cached, execution->owner);
	execution->cached = NULL;
	CurrentResourceOwner = old;
}
