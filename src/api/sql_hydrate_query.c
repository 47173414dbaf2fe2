/*
 * sql_hydrate_query.c
 *	  hydrate_query and hydrate_cursor: entities of the rows of a query that the
 *	  caller writes or has opened.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "api/sql_stream.h"
#include "run/relation_loader.h"

PG_FUNCTION_INFO_V1(orm_hydrate_query);
PG_FUNCTION_INFO_V1(orm_hydrate_cursor);

/* ---- a query ---- */

static void
not_one_select(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("hydrate_query takes one SELECT"),
			 errdetail("A SELECT, VALUES or WITH ... SELECT that writes nothing is expected.")));
}

/* the one SELECT of a text, without what may follow it */
static char *
select_text(const char *text, RawStmt **statement)
{
	List	   *statements = raw_parser(text, RAW_PARSE_DEFAULT);

	if (list_length(statements) != 1)
		not_one_select();
	*statement = linitial_node(RawStmt, statements);
	if (!IsA((*statement)->stmt, SelectStmt))
		not_one_select();
	if ((*statement)->stmt_len == 0)
		return pstrdup(text + (*statement)->stmt_location);
	return pnstrdup(text + (*statement)->stmt_location, (*statement)->stmt_len);
}

static void
set_source_params(OrmSource *source, const OrmJson *params)
{
	int			given = params ? params->nitems : 0;

	if (given != source->nparams)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the query has %d parameters, and %d are given", source->nparams, given),
				 errhint("Clause \"params\" is the list of their values.")));
	source->values = palloc(sizeof(Datum) * Max(given, 1));
	source->nulls = palloc(sizeof(bool) * Max(given, 1));
	for (int i = 0; i < given; i++)
	{
		source->nulls[i] = params->items[i].kind == ORM_JSON_NULL;
		source->values[i] = source->nulls[i] ? (Datum) 0
			: orm_where_value(&params->items[i], getBaseType(source->types[i]), -1);
	}
}

static OrmSource *
source_of_query(const char *text, const OrmJson *params)
{
	OrmSource  *source = palloc0(sizeof(OrmSource));
	RawStmt    *statement;
	Query	   *query;
	ListCell   *cell;

	source->kind = ORM_SOURCE_QUERY;
	source->query = select_text(text, &statement);
	query = parse_analyze_varparams(statement, text, &source->types, &source->nparams, NULL);
	if (query->commandType != CMD_SELECT || query->hasModifyingCTE || query->utilityStmt != NULL)
		not_one_select();
	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (!entry->resjunk && entry->resname)
			source->columns = lappend(source->columns, pstrdup(entry->resname));
	}
	set_source_params(source, params);
	return source;
}

Datum
orm_hydrate_query(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext context = orm_stream_begin(fcinfo);
		MemoryContext old = MemoryContextSwitchTo(context);
		OrmQuery   *query = orm_query_new(orm_arg_entity(fcinfo, 0));
		char	   *text = orm_arg_text_required(fcinfo, 1, "query");
		OrmSource  *source;

		query->given = true;
		orm_arg_clauses(fcinfo, 2, query, ORM_CLAUSE_PARAMS);
		source = source_of_query(text, query->params);
		orm_query_finish(query);
		orm_stream_read(fcinfo, orm_read_start(orm_deparse(query, source), orm_stream_demand(fcinfo), context));
		MemoryContextSwitchTo(old);
	}
	return orm_stream_next(fcinfo);
}

/* ---- a cursor ---- */

static Portal
portal_of_cursor(const char *name)
{
	Portal		portal = GetPortalByName(name);

	if (!PortalIsValid(portal))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_CURSOR),
				 errmsg("cursor \"%s\" does not exist", name)));
	if (portal->tupDesc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_CURSOR_STATE),
				 errmsg("cursor \"%s\" gives no rows", name)));
	return portal;
}

static int64
count_argument(FunctionCallInfo fcinfo, int at)
{
	int64		count;

	if (PG_ARGISNULL(at))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"count\" is NULL")));
	count = PG_GETARG_INT64(at);
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"count\" is negative")));
	return count;
}

/* relations are read after the cursor's rows, and see what has happened meanwhile */
static void
load_afterwards(OrmLevel *level)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	orm_load_relations(level, GetActiveSnapshot());
	PopActiveSnapshot();
}

static OrmRead *
read_cursor(FunctionCallInfo fcinfo, MemoryContext context)
{
	OrmQuery   *query = orm_query_new(orm_arg_entity(fcinfo, 0));
	Portal		portal = portal_of_cursor(orm_arg_text_required(fcinfo, 1, "cursor"));
	int64		count = count_argument(fcinfo, 2);
	OrmJson   **documents;
	int			n = orm_arg_documents(fcinfo, 3, false, &documents);
	TupleDesc	desc = CreateTupleDescCopy(portal->tupDesc);
	OrmLevel   *level;

	query->given = true;
	orm_documents_refuse_choice(documents, n);
	for (int i = 0; i < n; i++)
		orm_query_merge(query, documents[i], 0);
	orm_query_finish(query);
	level = orm_level_new(orm_deparse_given(query, desc), desc, context);
	if (count > 0)
		PortalRunFetch(portal, FETCH_FORWARD, count, orm_level_receiver(level, context));
	load_afterwards(level);
	return orm_read_given(level, context);
}

Datum
orm_hydrate_cursor(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext context = orm_stream_begin(fcinfo);
		MemoryContext old = MemoryContextSwitchTo(context);

		orm_stream_read(fcinfo, read_cursor(fcinfo, context));
		MemoryContextSwitchTo(old);
	}
	return orm_stream_next(fcinfo);
}
