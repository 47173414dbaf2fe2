/*
 * sql_load.c
 *	  load: relations and aggregates for entities that the caller has as JSON.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/sql_clauses.h"
#include "api/sql_json.h"
#include "run/graft.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_load);

/* at the root stands what adds to entities: what they are was said when they were read */
static void
refuse_all_but_load(const OrmJson *document)
{
	for (int i = 0; i < document->nitems; i++)
		if (strcmp(document->items[i].key, "load") != 0 && strcmp(document->items[i].key, "count") != 0 &&
			strcmp(document->items[i].key, "aggregate") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" says nothing about entities at hand", document->items[i].key),
					 orm_errdetail_at(&document->items[i], "Only load, count and aggregate stand at the root of orm.load."),
					 errhint("Say it in the query that gives the entities.")));
}

Datum
orm_load(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm load", ALLOCSET_DEFAULT_SIZES);
	OrmQuery   *query;
	OrmJson   **documents;
	OrmBuffer	out;
	char	   *text;
	int			n;

	MemoryContextSwitchTo(context);
	query = orm_query_new(orm_arg_entity(fcinfo, 0));
	query->given = true;
	n = orm_arg_documents(fcinfo, 2, false, &documents);
	for (int i = 0; i < n; i++)
	{
		orm_query_merge(query, documents[i], 0);
		refuse_all_but_load(documents[i]);
	}
	text = orm_arg_json(fcinfo, 1, "entities");
	if (text == NULL)
	{
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(context);
		PG_RETURN_NULL();
	}
	orm_query_finish(query);
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	orm_graft(orm_deparse_relations(query), text, strlen(text), GetActiveSnapshot(), &out);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(orm_entity_datum(&out));
}
