/*
 * sql_save.c
 *	  save, insert, update, upsert, replace.
 */
#include "base/compat.h"

#include "api/sql_clauses.h"
#include "api/sql_json.h"
#include "run/window.h"
#include "save/save.h"

PG_FUNCTION_INFO_V1(orm_save_graph);
PG_FUNCTION_INFO_V1(orm_insert_graph);
PG_FUNCTION_INFO_V1(orm_update_graph);
PG_FUNCTION_INFO_V1(orm_upsert_graph);
PG_FUNCTION_INFO_V1(orm_replace_graph);

static Datum
save_graph(FunctionCallInfo fcinfo, OrmSaveVerb verb, const char *name)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm save call", ALLOCSET_DEFAULT_SIZES);
	OrmSaveOptions *options;
	OrmEntity  *entity;
	OrmJson   **documents;
	OrmBuffer	out;
	char	   *text;
	bool		silent;
	int			n;

	PreventCommandIfReadOnly(name);
	MemoryContextSwitchTo(context);
	entity = orm_arg_entity(fcinfo, 0);
	n = orm_arg_documents(fcinfo, 2, false, &documents);
	options = orm_save_options(entity, verb, documents, n);
	text = orm_arg_json(fcinfo, 1, "data");
	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"data\" must not be null")));
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	orm_save(entity, verb, options, text, strlen(text), &out);
	silent = options->silent;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	if (silent)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(orm_entity_datum(&out));
}

Datum
orm_save_graph(PG_FUNCTION_ARGS)
{
	return save_graph(fcinfo, ORM_SAVE, "orm.save()");
}

Datum
orm_insert_graph(PG_FUNCTION_ARGS)
{
	return save_graph(fcinfo, ORM_INSERT, "orm.insert()");
}

Datum
orm_update_graph(PG_FUNCTION_ARGS)
{
	return save_graph(fcinfo, ORM_UPDATE, "orm.update()");
}

Datum
orm_upsert_graph(PG_FUNCTION_ARGS)
{
	return save_graph(fcinfo, ORM_UPSERT, "orm.upsert()");
}

Datum
orm_replace_graph(PG_FUNCTION_ARGS)
{
	return save_graph(fcinfo, ORM_REPLACE, "orm.replace()");
}
