/*
 * value.c
 *	  Runs a statement for one value, or plans it for its number of rows.
 */
#include "base/compat.h"

#include "nodes/params.h"

#include "run/execution.h"
#include "run/value.h"

typedef struct OneValue
{
	DestReceiver pub;
	Datum		value;
} OneValue;

static bool
receive_value(TupleTableSlot *slot, DestReceiver *self)
{
	bool		isnull;

	((OneValue *) self)->value = slot_getattr(slot, 1, &isnull);
	return true;
}

static void
ignore_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
ignore(DestReceiver *self)
{
}

Datum
orm_value_read(OrmStatement *statement, Snapshot snapshot, MemoryContext context)
{
	OneValue	receiver = {{receive_value, ignore_startup, ignore, ignore, DestTuplestore}, (Datum) 0};
	OrmExecution execution = {0};

	orm_execution_start(&execution, orm_plan_get(statement, context), statement, statement->values,
						statement->nulls, snapshot, &receiver.pub);
	orm_execution_run(&execution, 0);
	orm_execution_end(&execution);
	return receiver.value;
}

double
orm_value_estimate(OrmStatement *statement, MemoryContext context)
{
	OrmPlan    *plan = orm_plan_get(statement, context);
	CachedPlan *cached = orm_plan_execute(plan, statement,
										  orm_execution_params(statement, statement->values, statement->nulls));
	double		rows = linitial_node(PlannedStmt, cached->stmt_list)->planTree->plan_rows;

	ReleaseCachedPlan(cached, CurrentResourceOwner);
	return rows;
}
