/*
 * sql_stream.c
 *	  Value-per-call over an OrmRead.
 */
#include "base/compat.h"

#include "executor/executor.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "api/sql_stream.h"

static void
leave(Datum arg)
{
	orm_read_end((OrmRead *) DatumGetPointer(arg));
}

MemoryContext
orm_stream_begin(FunctionCallInfo fcinfo)
{
	return SRF_FIRSTCALL_INIT()->multi_call_memory_ctx;
}

void
orm_stream_read(FunctionCallInfo fcinfo, OrmRead *read)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	FuncCallContext *call = (FuncCallContext *) fcinfo->flinfo->fn_extra;

	call->user_fctx = read;
	/* called before the one that deletes the memory: callbacks run last in, first out */
	RegisterExprContextCallback(result->econtext, leave, PointerGetDatum(read));
}

/* does the plan take all that its set-returning functions give? */
static bool
takes_all(const PlannedStmt *statement)
{
	const Plan *plan = statement->planTree;

	/* who reads a subplan may stop at its first row */
	if (statement->subplans != NIL)
		return false;
	if (IsA(plan, Result) && plan->lefttree)
		plan = plan->lefttree;
	return IsA(plan, ProjectSet);
}

/* is it the statement that a client sent and reads to the end? One that is left halfway is a cursor, and has a name. */
static bool
is_of_client(const PlannedStmt *statement)
{
	return ActivePortal != NULL && ActivePortal->name[0] == '\0' && ActivePortal->queryDesc != NULL &&
		ActivePortal->queryDesc->plannedstmt == statement;
}

OrmDemand
orm_stream_demand(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	EState	   *state = result->econtext->ecxt_estate;

	/* so says FROM */
	if (result->allowedModes & SFRM_Materialize_Preferred)
		return ORM_DEMAND_WHOLE;
	if (state && state->es_plannedstmt && is_of_client(state->es_plannedstmt) && takes_all(state->es_plannedstmt))
		return ORM_DEMAND_STREAM;
	return ORM_DEMAND_OPEN;
}

Datum
orm_stream_next(FunctionCallInfo fcinfo)
{
	FuncCallContext *call = SRF_PERCALL_SETUP();
	OrmRead    *read = call->user_fctx;
	Datum		entity;

	if (orm_read_next(read, &entity))
		SRF_RETURN_NEXT(call, entity);
	orm_read_end(read);
	UnregisterExprContextCallback(((ReturnSetInfo *) fcinfo->resultinfo)->econtext, leave,
								  PointerGetDatum(read));
	SRF_RETURN_DONE(call);
}
