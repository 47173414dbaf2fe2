/*
 * sql_stream.c
 *	  Value-per-call over an OrmRead.
 */
#include "base/compat.h"

#include "executor/executor.h"
#include "utils/memutils.h"

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
