/*
 * point.c
 *	  Reads one row and prints it where the caller will have it.
 *
 * What window.c does for many rows is left out: no levels, no window, no copy.
 */
#include "base/compat.h"

#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "run/execution.h"
#include "run/hydrator.h"
#include "run/point.h"
#include "run/window.h"

typedef struct PointReceiver
{
	DestReceiver pub;
	OrmPlan    *plan;
	const OrmStatement *statement;
	MemoryContext context;		/* of an encoder of one's own */
	OrmBuffer	out;
	bool		found;
} PointReceiver;

static bool
receive_point(TupleTableSlot *slot, DestReceiver *self)
{
	PointReceiver *receiver = (PointReceiver *) self;
	OrmPlan    *plan = receiver->plan;
	OrmRowEncoder *encoder = plan->encoder;
	MemoryContext old;

	/* another run of the same plan may be in the middle of a row */
	if (plan->pins > 1)
		encoder = orm_row_encoder(slot->tts_tupleDescriptor, receiver->statement->columns,
								  receiver->statement->ncolumns, receiver->context);
	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(encoder->scratch);
	orm_row_print_all(&receiver->out, encoder, slot->tts_values, slot->tts_isnull);
	orm_buffer_append_char(&receiver->out, '}');
	MemoryContextSwitchTo(old);
	MemoryContextReset(encoder->scratch);
	receiver->found = true;
	return false;
}

static void
point_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
point_done(DestReceiver *self)
{
}

bool
orm_point_read(OrmStatement *statement, const Datum *values, const bool *nulls, Datum *entity)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm point", ALLOCSET_DEFAULT_SIZES);
	PointReceiver receiver = {{receive_point, point_startup, point_done, point_done, DestTuplestore}};
	OrmExecution execution = {0};

	orm_buffer_init(&receiver.out, caller, 512);
	receiver.out.len = VARHDRSZ;
	MemoryContextSwitchTo(context);
	receiver.plan = orm_plan_get(statement, context);
	receiver.statement = statement;
	receiver.context = context;
	orm_execution_start(&execution, receiver.plan, statement, values, nulls, orm_execution_snapshot(), &receiver.pub);
	orm_execution_run(&execution, 1);
	orm_execution_end(&execution);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	if (receiver.found)
		*entity = orm_entity_datum(&receiver.out);
	return receiver.found;
}
