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
#include "run/plan_cache.h"
#include "run/point.h"
#include "run/step_cache.h"
#include "run/value.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_find);
PG_FUNCTION_INFO_V1(orm_fetch);
PG_FUNCTION_INFO_V1(orm_list);
PG_FUNCTION_INFO_V1(orm_first);
PG_FUNCTION_INFO_V1(orm_count);
PG_FUNCTION_INFO_V1(orm_exists);
PG_FUNCTION_INFO_V1(orm_sql);

/* what makes two calls with the same clauses differ */
enum
{
	FORM_FETCH,
	FORM_FIRST,
	FORM_FIND,
	FORM_COUNT,
	FORM_EXISTS
};

typedef struct ReadCall
{
	FunctionCallInfo fcinfo;
	OrmEntity  *entity;
	int			clauses_at;
	int			form;
	OrmUnique  *unique;			/* of a find: what it goes by; NULL: the key */
	OrmWhere   *where;			/* the same as a condition, where it has to be read as one; NULL: values come with the call */
} ReadCall;

/* entity and clauses of a call as a query, not finished yet */
static OrmQuery *
query_of_call(FunctionCallInfo fcinfo, int clauses_at, int also)
{
	OrmQuery   *query = orm_query_new(orm_arg_entity(fcinfo, 0));

	orm_arg_clauses(fcinfo, clauses_at, query, also);
	return query;
}

static int
read_clauses(void *arg, OrmJson ***documents)
{
	ReadCall   *call = arg;

	return orm_arg_documents(call->fcinfo, call->clauses_at, false, documents);
}

/* the step of one that gives a value, with no row to it */
static OrmStep *
value_step(OrmQuery *query, OrmStatement *statement)
{
	OrmStep    *step = palloc0(sizeof(OrmStep));

	step->query = query;
	step->near_type = -1;
	step->statement = statement;
	return step;
}

static OrmStep *
make_step(void *arg, OrmJson **documents, int n)
{
	ReadCall   *call = arg;
	OrmQuery   *query = orm_query_new(call->entity);
	List	   *by = NIL;
	OrmStep    *step;

	for (int i = 0; i < n; i++)
		orm_query_merge(query, documents[i], call->form >= FORM_COUNT ? 0 : ORM_CLAUSE_LOCK);
	if (call->form == FORM_FIND)
		by = call->where ? list_make1(call->where) : orm_find_wheres(call->entity, call->unique);
	else if (call->form == FORM_FIRST && query->limit != 0)
		query->limit = 1;
	query->wheres = list_concat_copy(by, query->wheres);
	orm_query_finish(query);
	if (call->form == FORM_COUNT || call->form == FORM_EXISTS)
		return value_step(query, call->form == FORM_COUNT ? orm_deparse_count(query) : orm_deparse_exists(query));
	step = orm_deparse(query, NULL);
	if (call->form == FORM_FIND && call->where == NULL)
	{
		step->statement->nkeys = list_length(by);
		step->statement->generic = true;
	}
	return step;
}

/* the load tree of a call, made anew or kept; good as long as "owner", which is current */
static OrmStep *
step_of_call(ReadCall *call, MemoryContext owner)
{
	FunctionCallInfo fcinfo = call->fcinfo;
	OrmStepCall wanted = {.entity = call->entity,.form = call->form,.read = read_clauses,.build = make_step,.arg = call};

	/* NULL for clauses is an error, which reading them raises */
	if (call->where != NULL || (PG_NARGS() > call->clauses_at && PG_ARGISNULL(call->clauses_at)))
	{
		OrmJson   **documents;
		int			n = read_clauses(call, &documents);

		return make_step(call, documents, n);
	}
	wanted.by = call->unique ? call->unique - call->entity->uniques : -1;
	wanted.clauses = "";
	if (PG_NARGS() > call->clauses_at)
	{
		wanted.clauses = (const char *) PG_GETARG_ARRAYTYPE_P(call->clauses_at);
		wanted.clauses_len = VARSIZE(wanted.clauses);
	}
	return orm_step_get(&wanted, owner);
}

/* a tree that may be others' as well, with values of one's own for the first parameters */
static OrmStep *
with_values(OrmStep *step, const Datum *values)
{
	OrmStep    *copy = orm_step_copy(step);

	for (int i = 0; i < copy->statement->nkeys; i++)
	{
		copy->statement->values[i] = values[i];
		copy->statement->nulls[i] = false;
	}
	return copy;
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

/* the first entity of a call as a datum of its own, or false; of a find by "key" its values */
static bool
read_one(ReadCall *call, const Datum *key, Datum *entity)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm read one", ALLOCSET_DEFAULT_SIZES);
	OrmStep    *step;
	bool		found;

	MemoryContextSwitchTo(context);
	step = step_of_call(call, context);
	if (step->statement->nkeys > 0)
		step = with_values(step, key);
	found = read_first(step, caller, entity);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return found;
}

static bool
has_clauses(FunctionCallInfo fcinfo, int at)
{
	return PG_ARGISNULL(at) || ARR_NDIM(PG_GETARG_ARRAYTYPE_P(at)) > 0;
}

/* find by key alone goes by a statement kept with the entity; false where there is none */
static bool
find_point(ReadCall *call, const Datum *key, bool *found, Datum *entity)
{
	OrmStatement *statement = call->unique ? orm_find_statement_by(call->entity, call->unique) : orm_find_statement(call->entity);
	const Datum *values = key;

	if (statement == NULL)
		return false;
	/* the other parameters are of the entity's scopes */
	if (statement->nparams > statement->nkeys)
	{
		Datum	   *all = palloc(sizeof(Datum) * statement->nparams);

		memcpy(all, statement->values, sizeof(Datum) * statement->nparams);
		memcpy(all, key, sizeof(Datum) * statement->nkeys);
		values = all;
	}
	*found = orm_point_read(statement, values, statement->nulls, entity);
	return true;
}

/* reads the key of a find: its values by column, or a condition; false: no row has it */
static bool
read_key(ReadCall *call, Datum *key)
{
	FunctionCallInfo fcinfo = call->fcinfo;
	Datum		value = PG_GETARG_DATUM(1);
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);

	if (call->entity->nkeys == 1 && orm_key_scalar(call->entity, value, type, key))
		return true;
	call->unique = orm_key_unique(call->entity, value, type, key);
	if (call->unique == NULL)
		call->where = orm_key_condition(call->entity, value, type);
	return call->unique != NULL || call->where != NULL;
}

Datum
orm_find(PG_FUNCTION_ARGS)
{
	ReadCall	call = {.fcinfo = fcinfo,.entity = orm_arg_entity(fcinfo, 0),.clauses_at = 2,.form = FORM_FIND};
	Datum		key[INDEX_MAX_KEYS];
	bool		found;
	Datum		entity;

	if (PG_ARGISNULL(1) || !read_key(&call, key))
	{
		/* what is wrong with the clauses is told all the same */
		(void) query_of_call(fcinfo, 2, ORM_CLAUSE_LOCK);
		PG_RETURN_NULL();
	}
	if (call.where || has_clauses(fcinfo, 2) || !find_point(&call, key, &found, &entity))
		found = read_one(&call, key, &entity);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(entity);
}

Datum
orm_first(PG_FUNCTION_ARGS)
{
	ReadCall	call = {.fcinfo = fcinfo,.entity = orm_arg_entity(fcinfo, 0),.clauses_at = 1,.form = FORM_FIRST};
	Datum		entity;

	if (!read_one(&call, NULL, &entity))
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
		ReadCall	call = {.fcinfo = fcinfo,.entity = orm_arg_entity(fcinfo, 0),.clauses_at = 1,.form = FORM_FETCH};

		orm_stream_read(fcinfo, orm_read_start(step_of_call(&call, context), orm_stream_demand(fcinfo), context));
		MemoryContextSwitchTo(old);
	}
	return orm_stream_next(fcinfo);
}

Datum
orm_list(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm list", ALLOCSET_DEFAULT_SIZES);
	ReadCall	call = {.fcinfo = fcinfo,.entity = orm_arg_entity(fcinfo, 0),.clauses_at = 1,.form = FORM_FETCH};
	OrmRead    *read;
	OrmBuffer	out;
	Datum		entity;

	MemoryContextSwitchTo(context);
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	orm_buffer_append_char(&out, '[');
	read = orm_read_start(step_of_call(&call, context), ORM_DEMAND_WHOLE, context);
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

/* a statement that gives one value, as the root of a tree of nothing else */
static Datum
read_value(FunctionCallInfo fcinfo, int form)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm count", ALLOCSET_DEFAULT_SIZES);
	ReadCall	call = {.fcinfo = fcinfo,.entity = orm_arg_entity(fcinfo, 0),.clauses_at = 1,.form = form};
	Datum		value;

	MemoryContextSwitchTo(context);
	value = orm_value_read(step_of_call(&call, context)->statement, orm_execution_snapshot(), context);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return value;
}

Datum
orm_count(PG_FUNCTION_ARGS)
{
	return read_value(fcinfo, FORM_COUNT);
}

Datum
orm_exists(PG_FUNCTION_ARGS)
{
	return read_value(fcinfo, FORM_EXISTS);
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
