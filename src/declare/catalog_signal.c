/*
 * catalog_signal.c
 *	  Tells every session's model cache that a declaration has changed.
 *
 * A row trigger on the catalog tables, so that it holds for whoever writes
 * them: functions, DDL, documents, a restore.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "model/catalog.h"

PG_FUNCTION_INFO_V1(orm_catalog_changed);

/* a relation that is gone has told of itself when it was dropped */
static void
signal_relation(Oid relid)
{
	if (OidIsValid(relid) && SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		CacheInvalidateRelcacheByRelid(relid);
}

/* the columns that hold relations bear the same names in all catalog tables that have them */
static void
signal_row(HeapTuple tuple, TupleDesc desc)
{
	static const char *const columns[] = {"relation", "target", "through"};

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		for (int c = 0; c < lengthof(columns); c++)
		{
			bool		isnull;
			Datum		value;

			if (strcmp(NameStr(att->attname), columns[c]) != 0)
				continue;
			value = heap_getattr(tuple, i + 1, desc, &isnull);
			if (!isnull)
				signal_relation(DatumGetObjectId(value));
		}
	}
}

/*
 * orm._catalog_changed(): AFTER INSERT, UPDATE or DELETE, for each row, or
 * TRUNCATE. Raises
 * only when it is not called as that.
 */
Datum
orm_catalog_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be called as a trigger after the change",
						"orm._catalog_changed")));
	if (RecoveryInProgress())
		return PointerGetDatum(NULL);
	/* TRUNCATE does not say what goes */
	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		CacheInvalidateRelcacheAll();
		return PointerGetDatum(NULL);
	}
	desc = RelationGetDescr(trigger->tg_relation);
	signal_row(trigger->tg_trigtuple, desc);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		signal_row(trigger->tg_newtuple, desc);
	if (RelationGetRelid(trigger->tg_relation) == orm_catalog_table("entities"))
		CacheInvalidateRelcacheByRelid(RelationGetRelid(trigger->tg_relation));
	return PointerGetDatum(NULL);
}
