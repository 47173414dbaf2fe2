/*
 * ddl_events.c
 *	  The event triggers: a statement's start, its end, and what it dropped.
 *
 * They run as whoever issues the DDL. What they read needs no grants, and the
 * declarations switch to the owner of the extension for what they write.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "declare/ddl.h"
#include "model/catalog.h"

PG_FUNCTION_INFO_V1(orm_ddl_command_start);
PG_FUNCTION_INFO_V1(orm_ddl_command_end);
PG_FUNCTION_INFO_V1(orm_sql_drop);

bool		orm_restoring = false;

/* is the extension here, and whole? Asked each time: a "no" may end with any statement */
static bool
extension_is_here(void)
{
	Oid			extension;

	if (orm_restoring || IsBinaryUpgrade)
		return false;
	extension = get_extension_oid("orm", true);
	if (!OidIsValid(extension) || (creating_extension && CurrentExtensionObject == extension))
		return false;
	return OidIsValid(orm_catalog_table("entities"));
}

bool
orm_ddl_enabled(void)
{
	return !creating_extension && extension_is_here();
}

static EventTriggerData *
trigger_data(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can only be called as an event trigger")));
	return (EventTriggerData *) fcinfo->context;
}

/*
 * The tree is the one that will be analysed next, and the server has copied it
 * where it belongs to a cached plan.
 */
Datum
orm_ddl_command_start(PG_FUNCTION_ARGS)
{
	Node	   *stmt = trigger_data(fcinfo)->parsetree;

	if (orm_reloptions_present(stmt) && orm_ddl_enabled())
		orm_ddl_begin(stmt, false);
	PG_RETURN_NULL();
}

Datum
orm_ddl_command_end(PG_FUNCTION_ARGS)
{
	Node	   *stmt = trigger_data(fcinfo)->parsetree;

	if (!extension_is_here())
		PG_RETURN_NULL();

	if (orm_ddl_renames_column(stmt))
	{
		ListCell   *lc;

		foreach(lc, orm_ddl_collected())
		{
			OrmCollected *renamed = lfirst(lc);

			if (renamed->column != 0)
				orm_ddl_follow_rename(renamed->relid, (RenameStmt *) stmt);
		}
	}
	orm_ddl_end(stmt);
	PG_RETURN_NULL();
}

Datum
orm_sql_drop(PG_FUNCTION_ARGS)
{
	(void) trigger_data(fcinfo);
	if (extension_is_here())
		orm_ddl_follow_drops();
	PG_RETURN_NULL();
}

void
orm_ddl_init(void)
{
	DefineCustomBoolVariable("orm.restoring",
							 "Lets DDL pass without declaring and without following it.",
							 "For restoring a database whose declarations are restored as data.",
							 &orm_restoring, false, PGC_SUSET, 0, NULL, NULL, NULL);
	orm_ddl_pending_init();
	orm_ddl_hook_init();
}
