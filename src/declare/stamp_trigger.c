/*
 * stamp_trigger.c
 *	  Makes, changes and drops the row trigger that keeps the version and the
 *	  timestamps of an entity.
 *
 * The trigger names its columns in its arguments, so that it needs nothing but
 * the table when it fires, and is dumped and restored as any other. Where a
 * column is renamed, the arguments follow in place: a trigger made anew would
 * forget that it was disabled.
 *
 * The name puts it behind other triggers, which fire in the order of their
 * names: what they suppress bumps nothing, and what they write does not count.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "parser/parse_func.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "declare/facts.h"
#include "declare/stamp_trigger.h"
#include "model/stamp.h"

/* a trigger that a relation has */
typedef struct StampTrigger
{
	Oid			oid;			/* InvalidOid: it has none */
	bool		disabled;
	bool		is_clone;		/* of the trigger of a partitioned table above */
	List	   *arguments;		/* char * */
} StampTrigger;

static List *
function_name(void)
{
	return list_make2(makeString(pstrdup("orm")), makeString(pstrdup(ORM_STAMP_FUNCTION)));
}

static Oid
function_oid(void)
{
	return LookupFuncName(function_name(), 0, NULL, false);
}

static void
add_arguments(List **arguments, char *role, char *column)
{
	if (column)
		*arguments = lappend(lappend(*arguments, role), column);
}

/* what the trigger's arguments are to be; NIL: there is to be none */
static List *
wanted_arguments(const OrmEntityRow *row)
{
	List	   *arguments = NIL;

	add_arguments(&arguments, ORM_STAMP_VERSION, row->version);
	add_arguments(&arguments, ORM_STAMP_CREATED_AT, row->created_at);
	add_arguments(&arguments, ORM_STAMP_UPDATED_AT, row->updated_at);
	return arguments;
}

static StampTrigger
find_trigger(Oid relid)
{
	StampTrigger found = {0};
	Oid			function = function_oid();
	Relation	rel = relation_open(relid, AccessShareLock);

	for (int i = 0; rel->trigdesc && i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid != function || (OidIsValid(found.oid) && trigger->tgisclone))
			continue;
		found.oid = trigger->tgoid;
		found.is_clone = trigger->tgisclone;
		found.disabled = trigger->tgenabled == TRIGGER_DISABLED;
		found.arguments = NIL;
		for (int a = 0; a < trigger->tgnargs; a++)
			found.arguments = lappend(found.arguments, pstrdup(trigger->tgargs[a]));
	}
	relation_close(rel, NoLock);
	return found;
}

static bool
same_names(List *one, List *other)
{
	ListCell   *a;
	ListCell   *b;

	if (list_length(one) != list_length(other))
		return false;
	forboth(a, one, b, other)
		if (strcmp(lfirst(a), lfirst(b)) != 0)
			return false;
	return true;
}

static void
create_trigger(Oid relid, List *arguments)
{
	CreateTrigStmt *stmt = makeNode(CreateTrigStmt);
	ListCell   *cell;

	stmt->trigname = pstrdup(ORM_STAMP_TRIGGER);
	stmt->funcname = function_name();
	stmt->row = true;
	stmt->timing = TRIGGER_TYPE_BEFORE;
	stmt->events = TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE;
	foreach(cell, arguments)
		stmt->args = lappend(stmt->args, makeString(lfirst(cell)));
	CreateTrigger(stmt, "", relid, InvalidOid, InvalidOid, InvalidOid, function_oid(), InvalidOid, NULL,
						 false, false);
}

/* as the server stores them: each ended by a zero byte */
static bytea *
stored_arguments(List *arguments)
{
	StringInfoData bytes;
	ListCell   *cell;
	bytea	   *stored;

	initStringInfo(&bytes);
	foreach(cell, arguments)
		appendBinaryStringInfo(&bytes, lfirst(cell), strlen(lfirst(cell)) + 1);
	stored = palloc(VARHDRSZ + bytes.len);
	SET_VARSIZE(stored, VARHDRSZ + bytes.len);
	memcpy(VARDATA(stored), bytes.data, bytes.len);
	return stored;
}

/* of the relation's own trigger, or of the clone that it has of one above */
static void
change_arguments(Relation triggers, Oid relid, bool clone, List *arguments)
{
	Oid			function = function_oid();
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);
		int			columns[] = {Anum_pg_trigger_tgnargs, Anum_pg_trigger_tgargs};
		Datum		values[] = {Int16GetDatum(list_length(arguments)), PointerGetDatum(stored_arguments(arguments))};
		bool		nulls[] = {false, false};

		if (form->tgfoid != function || OidIsValid(form->tgparentid) != clone)
			continue;
		tuple = heap_modify_tuple_by_cols(tuple, RelationGetDescr(triggers), lengthof(columns), columns, values, nulls);
		CatalogTupleUpdate(triggers, &tuple->t_self, tuple);
		CacheInvalidateRelcacheByRelid(relid);
	}
	systable_endscan(scan);
}

static void
change_trigger(Oid relid, List *arguments)
{
	Relation	triggers;
	List	   *relids = list_make1_oid(relid);
	ListCell   *cell;

	LockRelationOid(relid, ShareRowExclusiveLock);
	if (get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE)
		relids = find_all_inheritors(relid, ShareRowExclusiveLock, NULL);
	triggers = table_open(TriggerRelationId, RowExclusiveLock);
	foreach(cell, relids)
	{
		CHECK_FOR_INTERRUPTS();
		change_arguments(triggers, lfirst_oid(cell), lfirst_oid(cell) != relid, arguments);
	}
	table_close(triggers, RowExclusiveLock);
	CommandCounterIncrement();
}

static void
drop_trigger(Oid trigger)
{
	ObjectAddress address;

	ObjectAddressSet(address, TriggerRelationId, trigger);
	performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
	CommandCounterIncrement();
}

void
orm_stamp_trigger_check(OrmFaults *faults, const OrmEntityRow *row)
{
	List	   *arguments = wanted_arguments(row);
	StampTrigger trigger;

	if (arguments == NIL)
		return;
	trigger = find_trigger(row->relation);
	if (!trigger.is_clone || same_names(trigger.arguments, arguments))
		return;
	orm_fault(faults, ERRCODE_DUPLICATE_OBJECT,
			  "version and timestamps of partition \"%s\" are kept by its partitioned table",
			  get_rel_name(row->relation));
	orm_fault_hint(faults, "Declare the same columns as there, or none.");
}

void
orm_stamp_trigger_follow(const OrmEntityRow *row)
{
	List	   *arguments = wanted_arguments(row);
	StampTrigger trigger = find_trigger(row->relation);

	if (same_names(trigger.arguments, arguments))
		return;
	if (!OidIsValid(trigger.oid))
		create_trigger(row->relation, arguments);
	else if (trigger.is_clone)
		return;
	else if (arguments != NIL)
		change_trigger(row->relation, arguments);
	else
		drop_trigger(trigger.oid);
	CommandCounterIncrement();
}

const char *
orm_stamp_trigger_fault(const OrmEntityRow *row)
{
	List	   *arguments = wanted_arguments(row);
	StampTrigger trigger = {0};

	if (arguments == NIL)
		return NULL;
	trigger = find_trigger(row->relation);
	if (!OidIsValid(trigger.oid))
		return "missing";
	if (trigger.disabled)
		return "disabled";
	return same_names(trigger.arguments, arguments) ? NULL : "made for other columns";
}

void
orm_stamp_trigger_drop(Oid relid)
{
	StampTrigger trigger = find_trigger(relid);

	if (OidIsValid(trigger.oid) && !trigger.is_clone)
		drop_trigger(trigger.oid);
}
