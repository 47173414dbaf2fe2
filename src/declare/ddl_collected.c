/*
 * ddl_collected.c
 *	  Which relations and columns a statement made, altered or dropped.
 *
 * Asks the server's own set-returning functions for event triggers, called
 * directly: SPI would plan a query under the search_path and the role of
 * whoever issues the DDL.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/tuplestore.h"

#include "declare/ddl.h"

/* columns of pg_event_trigger_ddl_commands; those of dropped_objects begin alike */
#define COLLECTED_CLASS		1
#define COLLECTED_OBJECT	2
#define COLLECTED_COLUMN	3

/* further columns of pg_event_trigger_dropped_objects */
#define DROPPED_IS_TEMPORARY	6
#define DROPPED_ADDRESS_NAMES	11

static Oid
slot_oid(TupleTableSlot *slot, int attnum)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, attnum, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

static int
slot_int(TupleTableSlot *slot, int attnum)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, attnum, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static bool
slot_bool(TupleTableSlot *slot, int attnum)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, attnum, &isnull);

	return !isnull && DatumGetBool(value);
}

/* the last of an array of names, or NULL */
static char *
slot_last_name(TupleTableSlot *slot, int attnum)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, attnum, &isnull);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	return n > 0 && !nulls[n - 1] ? TextDatumGetCString(elements[n - 1]) : NULL;
}

/* the rows of such a function that are of relations and columns, temporary ones left out */
static List *
collect(Oid function, bool dropped)
{
	LOCAL_FCINFO(fcinfo, 0);
	FmgrInfo	flinfo;
	EState	   *estate = CreateExecutorState();
	ReturnSetInfo rsinfo = {
		.type = T_ReturnSetInfo,
		.econtext = CreateExprContext(estate),
		.allowedModes = SFRM_Materialize,
		.returnMode = SFRM_Materialize
	};
	TupleTableSlot *slot;
	List	   *result = NIL;

	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, 0, InvalidOid, NULL, (Node *) &rsinfo);
	FunctionCallInvoke(fcinfo);

	slot = MakeSingleTupleTableSlot(rsinfo.setDesc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(rsinfo.setResult, true, false, slot))
	{
		OrmCollected *row;

		CHECK_FOR_INTERRUPTS();
		if (slot_oid(slot, COLLECTED_CLASS) != RelationRelationId ||
			(dropped && slot_bool(slot, DROPPED_IS_TEMPORARY)))
			continue;
		row = palloc0(sizeof(OrmCollected));
		row->relid = slot_oid(slot, COLLECTED_OBJECT);
		row->column = slot_int(slot, COLLECTED_COLUMN);
		if (dropped && row->column != 0)
			row->column_name = slot_last_name(slot, DROPPED_ADDRESS_NAMES);
		result = lappend(result, row);
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(rsinfo.setResult);
	FreeExecutorState(estate);
	return result;
}

List *
orm_ddl_collected(void)
{
	return collect(F_PG_EVENT_TRIGGER_DDL_COMMANDS, false);
}

List *
orm_ddl_dropped(void)
{
	return collect(F_PG_EVENT_TRIGGER_DROPPED_OBJECTS, true);
}
