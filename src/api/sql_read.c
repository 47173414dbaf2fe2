/*
 * sql_read.c
 *	  find, fetch, list, first, count, exists and sql, as SQL calls them.
 *
 * Each checks its arguments and calls down once. Rows that come from elsewhere
 * than the entity's table are sql_hydrate.c's.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "api/sql_key.h"
#include "api/sql_stream.h"
#include "query/find_statement.h"
#include "run/execution.h"
#include "run/point.h"
#include "run/value.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_find);
PG_FUNCTION_INFO_V1(orm_fetch);
PG_FUNCTION_INFO_V1(orm_list);
PG_FUNCTION_INFO_V1(orm_first);
PG_FUNCTION_INFO_V1(orm_count);
PG_FUNCTION_INFO_V1(orm_exists);
PG_FUNCTION_INFO_V1(orm_sql);

/* entity and clauses of a call as a query, not finished yet */
static OrmQuery *
query_of_call(FunctionCallInfo fcinfo, int clauses_at, int also)
{
	OrmQuery   *query = orm_query_new(orm_arg_entity(fcinfo, 0));

	orm_arg_clauses(fcinfo, clauses_at, query, also);
	return query;
}

/* the first entity that a step gives, as a datum of its own in "caller", or false */
static bool
read_first(OrmStep *step, MemoryContext caller, Datum *entity)
{
	OrmStatement *statement = step->statement;
	MemoryContext old = CurrentMemoryContext;
	OrmRead    *read;
	bool		found;

	/* a row alone needs no window */
	if (step->children == NIL && statement->remembered == NULL)
	{
		MemoryContextSwitchTo(caller);
		found = orm_point_read(statement, statement->values, statement->nulls, entity);
		MemoryContextSwitchTo(old);
		return found;
	}
	read = orm_read_start(step, ORM_DEMAND_OPEN, old);
	found = orm_read_next(read, entity);
	MemoryContextSwitchTo(caller);
	if (found)
		*entity = PointerGetDatum(PG_DETOAST_DATUM_COPY(*entity));
	MemoryContextSwitchTo(old);
	orm_read_end(read);
	return found;
}

/* the first entity of a query as a datum of its own, or false */
static bool
read_one(OrmQuery *query, Datum *entity)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm read one", ALLOCSET_DEFAULT_SIZES);
	bool		found;

	MemoryContextSwitchTo(context);
	orm_query_finish(query);
	found = read_first(orm_deparse(query, NULL), caller, entity);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return found;
}

static bool
has_clauses(FunctionCallInfo fcinfo, int at)
{
	return PG_ARGISNULL(at) || ARR_NDIM(PG_GETARG_ARRAYTYPE_P(at)) > 0;
}

/* the statement kept with the entity that finds the row of this key, and its values; NULL: there is none */
static OrmStatement *
statement_of_key(OrmEntity *entity, Datum value, Oid type, Datum *key)
{
	OrmStatement *statement = orm_find_statement(entity);
	OrmUnique  *unique;

	if (statement != NULL && orm_key_scalar(entity, value, type, key))
		return statement;
	unique = orm_key_unique(entity, value, type, key);
	return unique ? orm_find_statement_by(entity, unique) : NULL;
}

/* find by key alone goes by a statement kept with the entity; false where it has to go the long way */
static bool
find_point(FunctionCallInfo fcinfo, bool *found, Datum *entity)
{
	OrmStatement *statement;
	Datum		key[INDEX_MAX_KEYS];
	Datum	   *values = key;

	if (has_clauses(fcinfo, 2) || PG_ARGISNULL(1))
		return false;
	statement = statement_of_key(orm_arg_entity(fcinfo, 0), PG_GETARG_DATUM(1),
								 get_fn_expr_argtype(fcinfo->flinfo, 1), key);
	if (statement == NULL)
		return false;
	/* the other parameters are of the entity's scopes */
	if (statement->nparams > statement->nkeys)
	{
		values = palloc(sizeof(Datum) * statement->nparams);
		memcpy(values, statement->values, sizeof(Datum) * statement->nparams);
		memcpy(values, key, sizeof(Datum) * statement->nkeys);
	}
	*found = orm_point_read(statement, values, statement->nulls, entity);
	return true;
}

Datum
orm_find(PG_FUNCTION_ARGS)
{
	OrmQuery   *query;
	OrmWhere   *key;
	bool		found;
	Datum		entity;

	if (find_point(fcinfo, &found, &entity))
	{
		if (!found)
			PG_RETURN_NULL();
		PG_RETURN_DATUM(entity);
	}
	query = query_of_call(fcinfo, 2, ORM_CLAUSE_LOCK);
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	key = orm_key_condition(query->entity, PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1));
	if (key == NULL)
		PG_RETURN_NULL();
	query->wheres = lcons(key, query->wheres);
	if (!read_one(query, &entity))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(entity);
}

Datum
orm_first(PG_FUNCTION_ARGS)
{
	OrmQuery   *query = query_of_call(fcinfo, 1, ORM_CLAUSE_LOCK);
	Datum		entity;

	if (query->limit != 0)
		query->limit = 1;
	if (!read_one(query, &entity))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(entity);
}

Datum
orm_fetch(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext context = orm_stream_begin(fcinfo);
		MemoryContext old = MemoryContextSwitchTo(context);
		OrmQuery   *query = query_of_call(fcinfo, 1, ORM_CLAUSE_LOCK);

		orm_query_finish(query);
		orm_stream_read(fcinfo, orm_read_start(orm_deparse(query, NULL), orm_stream_demand(fcinfo), context));
		MemoryContextSwitchTo(old);
	}
	return orm_stream_next(fcinfo);
}

Datum
orm_list(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm list", ALLOCSET_DEFAULT_SIZES);
	OrmQuery   *query;
	OrmRead    *read;
	OrmBuffer	out;
	Datum		entity;

	MemoryContextSwitchTo(context);
	query = query_of_call(fcinfo, 1, ORM_CLAUSE_LOCK);
	orm_query_finish(query);
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	orm_buffer_append_char(&out, '[');
	read = orm_read_start(orm_deparse(query, NULL), ORM_DEMAND_WHOLE, context);
	while (orm_read_next(read, &entity))
	{
		CHECK_FOR_INTERRUPTS();
		if (out.len > VARHDRSZ + 1)
			orm_buffer_append_char(&out, ',');
		orm_buffer_append(&out, VARDATA(entity), VARSIZE(entity) - VARHDRSZ);
	}
	orm_buffer_append_char(&out, ']');
	orm_read_end(read);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(orm_entity_datum(&out));
}

static Datum
count_or_exists(FunctionCallInfo fcinfo, OrmStatement *(*deparse) (OrmQuery *query))
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm count", ALLOCSET_DEFAULT_SIZES);
	OrmQuery   *query;
	Datum		value;

	MemoryContextSwitchTo(context);
	query = query_of_call(fcinfo, 1, 0);
	orm_query_finish(query);
	value = orm_value_read(deparse(query), orm_execution_snapshot(), context);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return value;
}

Datum
orm_count(PG_FUNCTION_ARGS)
{
	return count_or_exists(fcinfo, orm_deparse_count);
}

Datum
orm_exists(PG_FUNCTION_ARGS)
{
	return count_or_exists(fcinfo, orm_deparse_exists);
}

static List *
statements_of(OrmStep *step, List *statements)
{
	ListCell   *cell;

	check_stack_depth();
	statements = lappend(statements, step->statement->sql);
	foreach(cell, step->children)
		statements = statements_of(lfirst(cell), statements);
	return statements;
}

Datum
orm_sql(PG_FUNCTION_ARGS)
{
	OrmQuery   *query = query_of_call(fcinfo, 1, ORM_CLAUSE_LOCK);

	orm_query_finish(query);
	return orm_return_names(fcinfo, statements_of(orm_deparse(query, NULL), NIL));
}
