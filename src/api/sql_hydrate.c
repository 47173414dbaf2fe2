/*
 * sql_hydrate.c
 *	  hydrate and collect: entities of rows that an SQL query has at hand.
 *
 * A row is printed from its own values. Only where a property is computed does
 * a statement run over it. Queries and cursors are sql_hydrate_query.c's.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "api/sql_clauses.h"
#include "model/cast_codec.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"
#include "run/advice.h"
#include "run/relation_loader.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_hydrate);
PG_FUNCTION_INFO_V1(orm_collect_add);
PG_FUNCTION_INFO_V1(orm_collect_done);

/* what was compiled for the rows of one call site */
typedef struct GivenRows
{
	MemoryContext context;
	Oid			type;			/* of the rows, as their headers say */
	int32		typmod;
	TupleDesc	desc;
	OrmQuery   *query;
	OrmLevel   *level;			/* NULL where a statement is needed */
	OrmBuffer	out;
	Datum	   *values;
	bool	   *nulls;
	ArrayBuildState *rows;		/* of collect, where a statement is needed */
	bool		varies;			/* a setting was read: good for one call */
} GivenRows;

static OrmEntity *
entity_of_rows(Oid type, const char *named)
{
	Oid			relid = type == RECORDOID ? InvalidOid : get_typ_typrelid(getBaseType(type));

	if (named)
		return orm_model_by_name(named, false);
	if (type == RECORDOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a row of a subquery has no entity"),
				 errhint("Name it in a clause: '{\"entity\": \"...\"}'.")));
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a row is needed, not a value of type %s", format_type_be(type))));
	return orm_model_by_relid(relid, false);
}

/* computed properties, casts by functions, and two properties of one column, are not to be had from the row alone */
static bool
needs_statement(OrmQuery *query, Oid type)
{
	if (type != get_rel_type_id(query->entity->relid))
		return false;
	for (int i = 0; i < query->entity->nproperties; i++)
	{
		OrmProperty *property = &query->entity->properties[i];

		if (query->selected[i] &&
			(property->column == NULL || orm_cast_read_function(property->cast_as) != NULL ||
			 orm_entity_property_by_attnum(query->entity, property->attnum) != property))
			return true;
	}
	return false;
}

static void
compile(GivenRows *given, OrmJson **documents, int n, HeapTupleHeader row, Oid declared_type)
{
	given->type = HeapTupleHeaderGetTypeId(row);
	given->typmod = HeapTupleHeaderGetTypMod(row);
	given->desc = lookup_rowtype_tupdesc_copy(given->type, given->typmod);
	orm_documents_refuse_choice(documents, n);
	given->query = orm_query_new(entity_of_rows(declared_type == RECORDOID ? RECORDOID : given->type,
												orm_documents_entity(documents, n)));
	given->query->given = true;
	for (int i = 0; i < n; i++)
		orm_query_merge(given->query, documents[i], ORM_CLAUSE_ENTITY);
	orm_query_finish(given->query);
	given->values = palloc(sizeof(Datum) * Max(given->desc->natts, 1));
	given->nulls = palloc(sizeof(bool) * Max(given->desc->natts, 1));
	orm_buffer_init(&given->out, given->context, 1024);
	if (!needs_statement(given->query, given->type))
		given->level = orm_level_new(orm_deparse_given(given->query, given->desc), given->desc, given->context);
}

/*
 * Compiles for the rows of a call. "clauses_at" is the argument with clauses,
 * or with "single" the one clause; there may be none.
 */
static GivenRows *
given_rows(FunctionCallInfo fcinfo, int row_at, bool single, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "orm given rows", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	GivenRows  *given = palloc0(sizeof(GivenRows));
	uint64		settings;
	OrmJson   **documents;
	int			n = orm_arg_documents(fcinfo, row_at + 1, single, &documents);

	given->context = context;
	settings = orm_declared_settings_read;
	compile(given, documents, n, PG_GETARG_HEAPTUPLEHEADER(row_at), get_fn_expr_argtype(fcinfo->flinfo, row_at));
	given->varies = settings != orm_declared_settings_read;
	MemoryContextSwitchTo(old);
	return given;
}

static void
check_is_row(FunctionCallInfo fcinfo, int at)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, at);

	if (!OidIsValid(type) || !type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a row is needed, not a value of type %s", format_type_be(type)),
				 errhint("Pass the table's alias: SELECT orm.hydrate(u) FROM users u.")));
}

static void
deform(GivenRows *given, HeapTupleHeader row)
{
	HeapTupleData tuple;

	if (HeapTupleHeaderGetTypeId(row) != given->type || HeapTupleHeaderGetTypMod(row) != given->typmod)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows of one call are of different types")));
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, given->desc, given->values, given->nulls);
}

/* the rows as the one parameter of a statement that computes what they lack */
static OrmRead *
read_rows(GivenRows *given, Datum array, OrmDemand demand, MemoryContext context)
{
	OrmSource	source = {ORM_SOURCE_ROWS};
	Oid			type = get_array_type(given->type);
	bool		isnull = false;

	source.nparams = 1;
	source.types = &type;
	source.values = &array;
	source.nulls = &isnull;
	return orm_read_start(orm_deparse(given->query, &source), demand, context);
}

static Datum
array_of_one(GivenRows *given, HeapTupleHeader row)
{
	Datum		element = HeapTupleHeaderGetDatum(row);
	int16		typlen;
	bool		typbyval;
	char		typalign;

	get_typlenbyvalalign(given->type, &typlen, &typbyval, &typalign);
	return PointerGetDatum(construct_array(&element, 1, given->type, typlen, typbyval, typalign));
}

static Datum
hydrate_with_statement(GivenRows *given, HeapTupleHeader row)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm hydrate", ALLOCSET_DEFAULT_SIZES);
	OrmRead    *read;
	Datum		entity;

	MemoryContextSwitchTo(context);
	read = read_rows(given, array_of_one(given, row), ORM_DEMAND_OPEN, context);
	(void) orm_read_next(read, &entity);
	MemoryContextSwitchTo(caller);
	entity = PointerGetDatum(PG_DETOAST_DATUM_COPY(entity));
	orm_read_end(read);
	MemoryContextDelete(context);
	return entity;
}

static Datum
hydrate_row(GivenRows *given, HeapTupleHeader row)
{
	deform(given, row);
	orm_level_reset(given->level);
	*given->level->loaded = 0;
	orm_level_add(given->level, given->values, given->nulls);
	if (given->level->nchildren > 0)
	{
		orm_load_relations(given->level, GetActiveSnapshot());
		orm_advice_one_row(given->level);
	}
	given->out.len = VARHDRSZ;
	orm_level_write(given->level, 0, &given->out);
	return orm_entity_datum(&given->out);
}

Datum
orm_hydrate(PG_FUNCTION_ARGS)
{
	GivenRows  *given = fcinfo->flinfo->fn_extra;
	HeapTupleHeader row;

	check_is_row(fcinfo, 0);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	row = PG_GETARG_HEAPTUPLEHEADER(0);
	/* what was compiled serves all rows of a call whose clauses do not change */
	if (given == NULL || !get_fn_expr_arg_stable(fcinfo->flinfo, 1) || given->varies ||
		given->type != HeapTupleHeaderGetTypeId(row) || given->typmod != HeapTupleHeaderGetTypMod(row))
	{
		fcinfo->flinfo->fn_extra = NULL;
		if (given)
			MemoryContextDelete(given->context);
		given = given_rows(fcinfo, 0, false, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = given;
	}
	if (given->level == NULL)
		PG_RETURN_DATUM(hydrate_with_statement(given, row));
	PG_RETURN_DATUM(hydrate_row(given, row));
}

/* ---- collect ---- */

Datum
orm_collect_add(PG_FUNCTION_ARGS)
{
	GivenRows  *given = PG_ARGISNULL(0) ? NULL : (GivenRows *) PG_GETARG_POINTER(0);
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function is part of the aggregate orm.collect and can't be called by itself")));
	check_is_row(fcinfo, 1);
	if (!PG_ARGISNULL(1))
	{
		HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(1);

		if (given == NULL)
			given = given_rows(fcinfo, 1, true, context);
		if (given->level == NULL)
			given->rows = accumArrayResult(given->rows, HeapTupleHeaderGetDatum(row), false, given->type,
										   given->context);
		else
		{
			deform(given, row);
			orm_level_add(given->level, given->values, given->nulls);
		}
	}
	if (given == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(given);
}

static void
append_entity(OrmBuffer *out, Datum entity)
{
	CHECK_FOR_INTERRUPTS();
	if (out->data[out->len - 1] != '[')
		orm_buffer_append_char(out, ',');
	orm_buffer_append(out, VARDATA(entity), VARSIZE(entity) - VARHDRSZ);
}

Datum
orm_collect_done(PG_FUNCTION_ARGS)
{
	GivenRows  *given;
	OrmRead    *read;
	Datum		entity;

	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(CStringGetTextDatum("[]"));
	given = (GivenRows *) PG_GETARG_POINTER(0);
	given->out.len = VARHDRSZ;
	orm_buffer_append_char(&given->out, '[');
	if (given->level == NULL)
		read = read_rows(given, makeArrayResult(given->rows, given->context), ORM_DEMAND_WHOLE, given->context);
	else
	{
		orm_load_relations(given->level, GetActiveSnapshot());
		read = orm_read_given(given->level, given->context);
	}
	while (orm_read_next(read, &entity))
		append_entity(&given->out, entity);
	orm_read_end(read);
	orm_buffer_append_char(&given->out, ']');
	PG_RETURN_DATUM(orm_entity_datum(&given->out));
}
