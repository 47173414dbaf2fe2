/*
 * execution.c
 *	  Starts, resumes and ends executor runs of kept plans.
 *
 * After the model of functions.c, which evaluates SQL functions lazily in the
 * same way. Triggers are skipped: these are SELECTs, and their queue is a stack
 * that a run left halfway would get into disorder.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "nodes/params.h"
#include "portability/instr_time.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
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

/* the file of a relation, as the snapshot sees it; none where it does not see the relation */
static Oid
file_as_of(Oid relid, Snapshot snapshot)
{
	Relation	pg_class = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			file = InvalidOid;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(pg_class, ClassOidIndexId, true, snapshot, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		file = ((Form_pg_class) GETSTRUCT(tuple))->relfilenode;
	systable_endscan(scan);
	table_close(pg_class, AccessShareLock);
	return file;
}

/*
 * Between two windows this transaction may have rewritten or emptied a table
 * that is still to be read. Its new file holds nothing that the snapshot sees.
 */
static void
check_rewritten(const PlannedStmt *planned, Snapshot snapshot)
{
	ListCell   *cell;

	if (!TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return;
	foreach(cell, planned->relationOids)
	{
		Relation	rel = RelationIdGetRelation(lfirst_oid(cell));
		Oid			file = rel && orm_relation_is_rewritten(rel) ? file_as_of(RelationGetRelid(rel), snapshot) : InvalidOid;

		if (OidIsValid(file) && file != rel->rd_rel->relfilenode)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_IN_USE),
					 errmsg("table \"%s\" was rewritten or emptied while it was being read", RelationGetRelationName(rel)),
					 errdetail("What it held when the reading began can no longer be seen."),
					 errhint("Read to the end, or close the cursor, before the table is changed.")));
		if (rel)
			RelationClose(rel);
	}
}

void
orm_execution_start(OrmExecution *execution, OrmPlan *plan, const OrmStatement *statement,
					const Datum *values, const bool *nulls, Snapshot snapshot, DestReceiver *receiver)
{
	ParamListInfo params = orm_execution_params(statement, values, nulls);
	PlannedStmt *planned;

	execution->plan = plan;
	execution->owner = CurrentResourceOwner;
	execution->cached = orm_plan_execute(plan, statement, params);
	planned = linitial_node(PlannedStmt, execution->cached->stmt_list);
	check_rewritten(planned, snapshot);
	execution->query = CreateQueryDesc(planned, plan->source->query_string, snapshot, InvalidSnapshot,
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
