/*
 * sql_delete.c
 *	  delete, restore, delete_all and update_all, as SQL calls them.
 *
 * What is deleted is read first, by the statements of a find; what is restored
 * afterwards.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "api/sql_data.h"
#include "api/sql_key.h"
#include "base/error.h"
#include "query/lock.h"
#include "query/scope_clause.h"
#include "run/window.h"
#include "save/assignment.h"
#include "save/lookup.h"
#include "save/readable.h"
#include "save/removal.h"
#include "save/write_clauses.h"

PG_FUNCTION_INFO_V1(orm_delete);
PG_FUNCTION_INFO_V1(orm_restore);
PG_FUNCTION_INFO_V1(orm_delete_all);
PG_FUNCTION_INFO_V1(orm_update_all);

/* a call about one row */
typedef struct OneRow
{
	OrmEntity  *entity;
	OrmWriteClauses *clauses;
	OrmWhere   *key;
	const OrmJson *version;		/* given in the clause or with the key, or NULL */
	MemoryContext caller;
	Datum		shown;			/* in the caller's context */
} OneRow;

/* ---- arguments ---- */

static OrmProperty *
version_property(const OrmEntity *entity)
{
	return entity->version ? orm_entity_property_by_column(entity, entity->version) : NULL;
}

/* a key object as find gives it may hold the version beside the key; it is taken out */
static Jsonb *
take_version(OneRow *row, Datum value, Oid type)
{
	OrmProperty *property = version_property(row->entity);
	Jsonb	   *document;
	const OrmJson *object;
	const OrmJson *version;

	if (property == NULL || (type != JSONBOID && type != JSONOID))
		return NULL;
	if (type == JSONBOID)
		document = DatumGetJsonbPCopy(value);
	else
		document = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(value))));
	object = orm_json_read(document, 0, 8);
	version = object->kind == ORM_JSON_OBJECT ? orm_json_member(object, property->name) : NULL;
	if (version == NULL || object->nitems == 1)
		return NULL;
	row->version = version;
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(document),
											  PointerGetDatum(cstring_to_text(property->name))));
}

static void
read_arguments(FunctionCallInfo fcinfo, OrmWriteVerb verb, OneRow *row)
{
	OrmJson   **documents;
	int			n;
	Jsonb	   *key = NULL;

	row->entity = orm_arg_entity(fcinfo, 0);
	n = orm_arg_documents(fcinfo, 2, false, &documents);
	row->clauses = orm_write_clauses(row->entity, verb, documents, n);
	if (!PG_ARGISNULL(1))
		key = take_version(row, PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1));
	row->key = key ? orm_key_condition(row->entity, JsonbPGetDatum(key), JSONBOID) : orm_arg_key(fcinfo, 1, row->entity);
	if (row->clauses->version)
		row->version = row->clauses->version;
	if (row->clauses->require_version && row->version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no version of entity \"%s\" is given", row->entity->name),
				 errdetail("Clause \"require_version\" asks for it."),
				 errhint("Give it in the clause \"version\", or in a key object.")));
}

/* ---- one row ---- */

static void
no_such_row(const OneRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("there is no such row of entity \"%s\"", row->entity->name),
			 errdetail("It is not there, or not to be seen.")));
}

/* the key and what holds on rows that are there */
static List *
row_groups(const OneRow *row, OrmTrashed trashed)
{
	return lcons(row->key, orm_scope_groups(row->entity, row->clauses->rows->without, trashed));
}

static bool
is_there(const OneRow *row, OrmTrashed trashed)
{
	OrmLookup	lookup = {.entity = row->entity};

	lookup.groups = orm_scope_groups(row->entity, row->clauses->rows->without, trashed);
	return orm_lookup_row(&lookup, row->key)->found;
}

/* a version that was given is that of the row, which is locked from here on where that may be */
static void
check_version(const OneRow *row, OrmTrashed trashed)
{
	OrmLookup	lookup = {.entity = row->entity,.lock = true};
	int64		given;
	int64		current;
	OrmFound   *found;
	Oid			type;

	if (row->version == NULL)
		return;
	given = DatumGetInt64(orm_where_value(row->version, INT8OID, -1));
	lookup.groups = orm_scope_groups(row->entity, row->clauses->rows->without, trashed);
	lookup.columns = list_make1(row->entity->version);
	found = orm_lookup_row(&lookup, row->key);
	if (!found->found)
		no_such_row(row);
	type = getBaseType(get_atttype(row->entity->relid, get_attnum(row->entity->relid, row->entity->version)));
	current = type == INT2OID ? DatumGetInt16(found->values[0]) :
		type == INT4OID ? DatumGetInt32(found->values[0]) : DatumGetInt64(found->values[0]);
	if (found->nulls[0] || current != given)
		ereport(ERROR,
				(errcode(ERRCODE_ORM_STALE),
				 errmsg("the entity \"%s\" was changed by another", row->entity->name),
				 found->nulls[0] ? errdetail("The version given is " INT64_FORMAT ", the row has none.", given)
				 : errdetail("The version given is " INT64_FORMAT ", that of the row is " INT64_FORMAT ".", given, current)));
}

/* the entity, shown as "returning" says; false when it is not there */
static bool
show(OneRow *row, OrmTrashed trashed, bool lock)
{
	OrmQuery   *query = row->clauses->returning;
	OrmLock		strength = {.strength = "UPDATE",.wait = ""};
	OrmRead    *read;
	Datum		entity;
	bool		found;

	query->wheres = list_make1(row->key);
	query->without = row->clauses->rows->without;
	query->trashed = trashed;
	if (lock && orm_lookup_may_lock(row->entity->relid))
		query->lock = &strength;
	orm_query_finish(query);
	orm_save_leave_out_unreadable(query);
	/* what this statement has written is there to be seen, as for any volatile function */
	PushActiveSnapshot(GetTransactionSnapshot());
	read = orm_read_start(orm_deparse(query, NULL), ORM_DEMAND_OPEN, CurrentMemoryContext);
	found = orm_read_next(read, &entity);
	if (found)
	{
		MemoryContext old = MemoryContextSwitchTo(row->caller);

		row->shown = PointerGetDatum(PG_DETOAST_DATUM_COPY(entity));
		MemoryContextSwitchTo(old);
	}
	orm_read_end(read);
	PopActiveSnapshot();
	return found;
}

static void
guard_failed(const OneRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_ORM_STALE),
			 errmsg("the entity \"%s\" is not as \"where\" wants it", row->entity->name),
			 errdetail("The row is there, and does not satisfy the condition.")));
}

static void
delete_row(OneRow *row)
{
	bool		force = row->clauses->force;
	OrmTrashed	trashed = force ? ORM_TRASHED_WITH : ORM_TRASHED_OUT;
	OrmRemoval	removal = {.entity = row->entity,.kind = orm_removal_kind(row->entity, force)};

	check_version(row, trashed);
	if (!row->clauses->silent && !show(row, trashed, true))
		no_such_row(row);
	removal.groups = list_concat(row_groups(row, trashed), row->clauses->rows->wheres);
	if (orm_removal_by_groups(&removal) > 0)
		return;
	if (row->clauses->rows->wheres == NIL || !is_there(row, trashed))
		no_such_row(row);
	guard_failed(row);
}

static void
restore_row(OneRow *row)
{
	OrmRemoval	removal = {.entity = row->entity,.kind = ORM_REMOVE_RESTORE};

	if (row->entity->soft_delete == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" is not soft-deleting", row->entity->name),
				 errdetail("It has no trashed rows."),
				 errhint("Declare it with \"soft_delete\" and the name of a column.")));
	check_version(row, ORM_TRASHED_WITH);
	removal.groups = list_concat(row_groups(row, ORM_TRASHED_WITH), row->clauses->rows->wheres);
	if (orm_removal_by_groups(&removal) == 0 && row->clauses->rows->wheres != NIL && is_there(row, ORM_TRASHED_ONLY))
		guard_failed(row);
	/* one that was not trashed is there as well */
	if (row->clauses->silent ? !is_there(row, ORM_TRASHED_OUT) : !show(row, ORM_TRASHED_OUT, false))
		no_such_row(row);
}

static Datum
run_one(FunctionCallInfo fcinfo, OrmWriteVerb verb, void (*run) (OneRow *row))
{
	OneRow		row = {.caller = CurrentMemoryContext};
	MemoryContext context = AllocSetContextCreate(row.caller, "orm delete", ALLOCSET_DEFAULT_SIZES);
	bool		silent;

	MemoryContextSwitchTo(context);
	read_arguments(fcinfo, verb, &row);
	silent = row.clauses->silent;
	run(&row);
	MemoryContextSwitchTo(row.caller);
	MemoryContextDelete(context);
	if (silent)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(row.shown);
}

Datum
orm_delete(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.delete()");
	return run_one(fcinfo, ORM_VERB_DELETE, delete_row);
}

Datum
orm_restore(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.restore()");
	return run_one(fcinfo, ORM_VERB_RESTORE, restore_row);
}

/* ---- many rows ---- */

/* the clauses of a call about all rows that satisfy a condition */
static OrmWriteClauses *
clauses_of_all(FunctionCallInfo fcinfo, int at, OrmWriteVerb verb)
{
	OrmEntity  *entity = orm_arg_entity(fcinfo, 0);
	OrmJson   **documents;
	int			n = orm_arg_documents(fcinfo, at, false, &documents);
	OrmWriteClauses *clauses = orm_write_clauses(entity, verb, documents, n);

	orm_write_refuse_all(clauses);
	orm_scope_finish(clauses->rows);
	return clauses;
}

Datum
orm_delete_all(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm delete all", ALLOCSET_DEFAULT_SIZES);
	OrmWriteClauses *clauses;
	OrmRemoval	removal = {0};
	uint64		count;

	PreventCommandIfReadOnly("orm.delete_all()");
	MemoryContextSwitchTo(context);
	clauses = clauses_of_all(fcinfo, 1, ORM_VERB_DELETE_ALL);
	removal.entity = clauses->entity;
	removal.kind = orm_removal_kind(clauses->entity, clauses->force);
	removal.groups = clauses->rows->wheres;
	count = orm_removal_by_groups(&removal);
	orm_write_check_count(clauses, count);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_INT64((int64) count);
}

Datum
orm_update_all(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm update all", ALLOCSET_DEFAULT_SIZES);
	OrmWriteClauses *clauses;
	List	   *assignments;
	uint64		count;

	PreventCommandIfReadOnly("orm.update_all()");
	MemoryContextSwitchTo(context);
	clauses = clauses_of_all(fcinfo, 2, ORM_VERB_UPDATE_ALL);
	assignments = orm_assignments_read(clauses->entity, orm_arg_data(fcinfo, 1, "data", ORM_DOCUMENT_DEPTH, false));
	count = orm_assignments_run(clauses->entity, assignments, clauses->rows->wheres);
	orm_write_check_count(clauses, count);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_INT64((int64) count);
}
