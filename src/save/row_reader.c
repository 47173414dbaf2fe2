/*
 * row_reader.c
 *	  What is there of the rows of the input.
 *
 * A row that row-level security, a global scope or soft deletion hides is not
 * there. Values are compared as they lie in memory, under the row's lock: "="
 * takes Ada and ada for equal in citext, 1.0 and 1.00 in numeric, and json has
 * none at all.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "base/error.h"
#include "save/identity.h"
#include "save/readable.h"
#include "save/row_link.h"
#include "save/row_reader.h"
#include "save/row_writer.h"
#include "save/value_reader.h"

/* what may be wrong with a row that is there; raised when all are read */
typedef enum Fault
{
	FAULT_NONE,
	FAULT_GUARD,
	FAULT_NO_VERSION,
	FAULT_STALE,
	FAULT_NOT_WRITABLE,
	FAULT_NOT_UNIQUE
} Fault;

/* the first one counts */
static void
note_fault(OrmSaveRow *row, Fault fault)
{
	if (row->fault == FAULT_NONE)
		row->fault = fault;
}

/* ---- one row ---- */

static bool
same_image(const OrmSaveColumn *column, Datum left, bool left_null, Datum right, bool right_null)
{
	if (left_null || right_null)
		return left_null && right_null;
	return datum_image_eq(left, right, column->typbyval, column->typlen);
}

/* does find show other values as the same? then what it showed is no change when it comes back */
static bool
shows_less(const OrmSaveColumn *column)
{
	return (column->property && column->property->cast_as) || OidIsValid(get_element_type(getBaseType(column->type)));
}

/* a null in JSON is how find shows both SQL's NULL and that of a document */
static bool
is_json_null(const OrmSaveColumn *column, Datum value)
{
	Oid			base = getBaseType(column->type);
	Oid			output;
	bool		varlena;

	if (base != JSONOID && base != JSONBOID)
		return false;
	getTypeOutputInfo(base, &output, &varlena);
	return strcmp(OidOutputFunctionCall(output, value), "null") == 0;
}

static bool
is_no_change(OrmSaveRow *row, int i, Datum there, bool there_null)
{
	OrmSaveTable *table = row->table;
	OrmSaveColumn *column = &table->columns[i];

	if (same_image(column, row->values[i], row->nulls[i], there, there_null))
		return true;
	if (there_null)
		return false;
	if (row->nulls[i])
		return is_json_null(column, there);
	if (orm_save_refers_alike(row, i + 1, there))
		return true;
	return shows_less(column) && orm_save_prints_same(table, i + 1, row->values[i], there);
}

static void
check_writable(OrmSaveRow *row, int i)
{
	OrmProperty *property = row->table->columns[i].property;

	if (property == NULL || property->update)
		return;
	if (row->fault == FAULT_NONE)
		row->fault_column = i + 1;
	note_fault(row, FAULT_NOT_WRITABLE);
}

static bool
is_matched(const OrmSaveRow *row, int i)
{
	for (int m = 0; m < row->match->ncolumns; m++)
		if (row->match->attnums[m] == i + 1)
			return true;
	return false;
}

/* keeps the value that is there */
static void
keep(OrmSaveRow *row, int i, Datum value, bool isnull)
{
	OrmSaveTable *table = row->table;
	MemoryContext old = MemoryContextSwitchTo(table->call->context);

	row->nulls[i] = isnull;
	if (!isnull)
		row->values[i] = datumCopy(value, table->columns[i].typbyval, table->columns[i].typlen);
	MemoryContextSwitchTo(old);
}

static bool
is_child(const OrmSaveRow *row)
{
	return row->set && orm_save_is_child(row->set->relation);
}

/* a child that was another's: whether it may move is asked when all rows are read */
static void
note_former(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls)
{
	OrmSaveTable *table = row->table;
	OrmRelation *relation = row->set->relation;
	Datum	   *former = orm_save_alloc(table->call, sizeof(Datum) * relation->nlinks);
	MemoryContext old = MemoryContextSwitchTo(table->call->context);

	for (int k = 0; k < relation->nlinks; k++)
	{
		int			i = relation->links[k].far_attnum - 1;
		int			at = st->columns[i];

		row->foreign = row->foreign || row->given[i] == ORM_GIVEN_VALUE || row->given[i] == ORM_GIVEN_LINK;
		if (nulls[at])
		{
			row->foreign = false;
			break;
		}
		former[k] = datumCopy(values[at], table->columns[i].typbyval, table->columns[i].typlen);
	}
	MemoryContextSwitchTo(old);
	/* what belonged to a row of another kind has no former owner among these */
	if (relation->type && !nulls[st->columns[relation->type->attnum - 1]] &&
		row->given[relation->type->attnum - 1] == ORM_GIVEN_VALUE)
	{
		row->foreign = true;
		former = NULL;
	}
	row->former = row->foreign ? former : NULL;
}

/* is the column one that an upsert leaves alone in a row that is there? */
static bool
upsert_leaves(const OrmSaveRow *row, int i)
{
	const OrmSaveOptions *options = row->table->call->options;
	ListCell   *cell;

	if (row->verb != ORM_UPSERT || !options->update_said)
		return false;
	foreach(cell, options->update)
		if (((OrmProperty *) lfirst(cell))->attnum == i + 1)
			return false;
	return true;
}

static bool
is_key(const OrmSaveTable *table, int i)
{
	for (int k = 0; table->key && k < table->key->ncolumns; k++)
		if (table->key->attnums[k] == i + 1)
			return true;
	return false;
}

/* a row that is found by something else may get another key: then it has to be known by the one it has */
static void
note_key(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values)
{
	OrmSaveTable *table = row->table;
	MemoryContext old = MemoryContextSwitchTo(table->call->context);

	row->before = palloc0(sizeof(OrmSaveRow));
	row->before->table = table;
	row->before->values = palloc0(sizeof(Datum) * table->natts);
	row->before->nulls = palloc(table->natts);
	memset(row->before->nulls, true, table->natts);
	for (int k = 0; k < table->key->ncolumns; k++)
	{
		int			i = table->key->attnums[k] - 1;

		row->before->nulls[i] = false;
		row->before->values[i] = datumCopy(values[st->columns[i]], table->columns[i].typbyval, table->columns[i].typlen);
	}
	MemoryContextSwitchTo(old);
}

static void
compare_value(OrmSaveRow *row, int i, Datum there, bool isnull)
{
	if (row->link_only || is_matched(row, i) || upsert_leaves(row, i) || is_no_change(row, i, there, isnull))
	{
		row->given[i] = ORM_GIVEN_EQUAL;
		keep(row, i, there, isnull);
		return;
	}
	check_writable(row, i);
	row->differs = true;
	row->rekeyed = row->rekeyed || is_key(row->table, i);
}

static void
compare_changed(OrmSaveStatement *st, OrmSaveRow *row, int i, const Datum *values, const bool *nulls)
{
	OrmSaveColumn *column = &row->table->columns[i];
	int			there = st->columns[i];
	int			changed = st->changed[i];

	if (upsert_leaves(row, i) || (changed >= 0 && same_image(column, values[changed], nulls[changed], values[there], nulls[there])))
	{
		row->given[i] = ORM_GIVEN_NOT;
		return;
	}
	check_writable(row, i);
	row->differs = true;
}

/* what the caller may write and not read is written whatever is there */
static void
take_unread(OrmSaveRow *row, int i)
{
	uint8		given = row->given[i];

	if (given == ORM_GIVEN_NOT || given == ORM_GIVEN_EQUAL || given == ORM_GIVEN_LINK)
		return;
	if (row->link_only || upsert_leaves(row, i))
	{
		row->given[i] = ORM_GIVEN_NOT;
		return;
	}
	check_writable(row, i);
	row->differs = true;
}

static void
compare(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls)
{
	OrmSaveTable *table = row->table;
	ListCell   *cell;

	for (int i = 0; i < table->natts; i++)
	{
		int			at = st->columns[i];

		if (row->given[i] == ORM_GIVEN_DEFAULT)
			row->given[i] = ORM_GIVEN_NOT;
		if (at < 0)
		{
			take_unread(row, i);
			continue;
		}
		if (row->given[i] == ORM_GIVEN_VALUE)
			compare_value(row, i, values[at], nulls[at]);
		else if (row->given[i] == ORM_GIVEN_RESET || row->given[i] >= ORM_GIVEN_INC)
			compare_changed(st, row, i, values, nulls);
		else if (row->given[i] != ORM_GIVEN_LINK)
			keep(row, i, values[at], nulls[at]);
		else
			row->differs = true;	/* what it is linked to is new */
	}
	foreach(cell, row->asides)
	{
		OrmSaveAside *aside = lfirst(cell);
		int			at = st->columns[aside->attnum - 1];

		if (at >= 0)
			orm_save_meet_aside(row, aside, values[at], nulls[at]);
	}
	if (row->rekeyed)
		note_key(st, row, values);
	if (is_child(row) && row->differs)
		note_former(st, row, values, nulls);
}

/* ---- versions and guards ---- */

static int64
version_of(Datum value, Oid type)
{
	switch (getBaseType(type))
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		default:
			return DatumGetInt64(value);
	}
}

static void
check_version(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls)
{
	OrmSaveTable *table = row->table;
	int			at = table->version > 0 ? st->columns[table->version - 1] : -1;

	if (at < 0 || row->link_only)
		return;
	if (!row->version_given)
	{
		if (table->call->options->require_version)
			note_fault(row, FAULT_NO_VERSION);
		return;
	}
	row->version_there = nulls[at] ? 0 : version_of(values[at], table->columns[table->version - 1].type);
	if (nulls[at] || row->version_there != row->version)
		note_fault(row, FAULT_STALE);
}

static void
found(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls, void *arg)
{
	if (row->exists)
		note_fault(row, FAULT_NOT_UNIQUE);
	row->exists = true;
	if (st->guard >= 0 && row->set == NULL && !DatumGetBool(values[st->guard]))
		note_fault(row, FAULT_GUARD);
	check_version(st, row, values, nulls);
	compare(st, row, values, nulls);
	if (!row->differs)
	{
		orm_save_take(st, row, values, nulls);
		row->written = false;
	}
}

/* ---- faults ---- */

static void
raise_fault(const OrmSaveRow *row)
{
	const OrmSaveCall *call = row->table->call;
	const char *entity = row->table->entity->name;
	OrmProperty *property;

	switch ((Fault) row->fault)
	{
		case FAULT_NONE:
			break;
		case FAULT_GUARD:
			ereport(ERROR,
					(errcode(ERRCODE_ORM_STALE),
					 errmsg("the entity \"%s\" is not as \"where\" wants it", entity),
					 orm_save_errdetail(call, row->start, "The row is there, and does not satisfy the condition.")));
			break;
		case FAULT_NO_VERSION:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the version of an entity \"%s\" is needed", entity),
					 orm_save_errdetail(call, row->start, "\"%s\" is not given.", row->table->entity->version)));
			break;
		case FAULT_STALE:
			ereport(ERROR,
					(errcode(ERRCODE_ORM_STALE),
					 errmsg("the entity \"%s\" was changed by another", entity),
					 orm_save_errdetail(call, row->start, "The version given is " INT64_FORMAT ", the row's is " INT64_FORMAT ".",
										row->version, row->version_there),
					 errhint("Read it again, and make the change anew.")));
			break;
		case FAULT_NOT_WRITABLE:
			property = row->table->columns[row->fault_column - 1].property;
			ereport(ERROR,
					(errcode(ERRCODE_ORM_NOT_WRITABLE),
					 errmsg("property \"%s\" of entity \"%s\" may not be changed", property->name, entity),
					 orm_save_errdetail(call, row->start, "The value that is there is another one."),
					 property->is_key ? errhint("A key says which row is meant.") : 0));
			break;
		case FAULT_NOT_UNIQUE:
			ereport(ERROR,
					(errcode(ERRCODE_CARDINALITY_VIOLATION),
					 errmsg("more than one row of entity \"%s\" is meant", entity),
					 orm_save_errdetail(call, row->start, "What it is found by is not unique.")));
			break;
	}
}

/* ---- all rows ---- */

static void
not_there(const OrmSaveRow *row)
{
	StringInfoData names;
	OrmSaveTable *table = row->table;

	initStringInfo(&names);
	for (int i = 0; i < row->match->ncolumns; i++)
	{
		OrmSaveColumn *column = &table->columns[row->match->attnums[i] - 1];

		appendStringInfo(&names, "%s\"%s\"", i > 0 ? ", " : "", column->property ? column->property->name : column->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("there is no such row of entity \"%s\"", table->entity->name),
			 orm_save_errdetail(table->call, row->start, "It is looked for by %s.", names.data)));
}

static void
check_there(const OrmSaveRow *row)
{
	const OrmSaveRow *written = row;

	if (row->exists)
		return;
	while (written->same)
		written = written->same;
	if (row->link_only)
	{
		if (written->link_only)
			not_there(row);
		return;
	}
	if (row->delete || row->verb == ORM_UPDATE)
		not_there(row);
	if (row->match == row->table->key && row->verb != ORM_UPSERT && orm_save_key_is_generated(row->table))
		not_there(row);
}

/* the columns that are read: what is printed comes besides */
static bool *
wanted_columns(OrmSaveTable *table, const OrmSaveMatch *match, OrmSaveRow **rows, int nrows, uint8 *changed)
{
	bool	   *wanted = palloc0(table->natts);
	ListCell   *cell;

	memcpy(wanted, table->looked_at, table->natts);
	for (int i = 0; i < match->ncolumns; i++)
		wanted[match->attnums[i] - 1] = true;
	for (int i = 0; table->key && i < table->key->ncolumns; i++)
		wanted[table->key->attnums[i] - 1] = table->looked_at[table->key->attnums[i] - 1] = true;
	for (int r = 0; r < nrows; r++)
		for (int k = 0; is_child(rows[r]) && k < rows[r]->set->relation->nlinks; k++)
			wanted[rows[r]->set->relation->links[k].far_attnum - 1] = true;
	for (int r = 0; r < nrows; r++)
		if (is_child(rows[r]) && rows[r]->set->relation->type)
			wanted[rows[r]->set->relation->type->attnum - 1] = true;
	if (table->version > 0)
		for (int r = 0; r < nrows; r++)
			if (rows[r]->version_given || table->call->options->require_version)
				wanted[table->version - 1] = true;
	for (int r = 0; r < nrows; r++)
		for (int i = 0; i < table->natts; i++)
		{
			uint8		given = rows[r]->given[i];

			if (given == ORM_GIVEN_NOT || given == ORM_GIVEN_DEFAULT || given == ORM_GIVEN_LINK ||
				!(wanted[i] || orm_save_may_read(table->entity->relid, i + 1)))
				continue;
			wanted[i] = true;
			if (given == ORM_GIVEN_RESET || given >= ORM_GIVEN_INC)
				changed[i] = given;
		}
	for (int r = 0; r < nrows; r++)
		foreach(cell, rows[r]->asides)
		{
			AttrNumber	attnum = ((OrmSaveAside *) lfirst(cell))->attnum;

			wanted[attnum - 1] = wanted[attnum - 1] || orm_save_may_read(table->entity->relid, attnum);
		}
	return wanted;
}

/* rows with one operator in a column are read apart from those with another */
static bool
operators_agree(const OrmSaveRow *row, const uint8 *changed)
{
	for (int i = 0; i < row->table->natts; i++)
		if ((row->given[i] == ORM_GIVEN_RESET || row->given[i] >= ORM_GIVEN_INC) && changed[i] != ORM_GIVEN_NOT &&
			changed[i] != row->given[i])
			return false;
	return true;
}

/* a lock takes the right to update, which who finds nothing to change need not have */
static bool
may_update(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_UPDATE) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_UPDATE, ACLMASK_ANY) == ACLCHECK_OK;
}

static bool
keeps_what_is_there(const OrmSaveCall *call)
{
	return call->verb == ORM_UPSERT && call->options->update_said && call->options->update == NIL;
}

/* under row-level security a lock leaves out what may be seen and not updated */
static void
read_without_lock(OrmSaveTable *table, OrmSaveReading *reading, OrmSaveRow **rows, int nrows)
{
	OrmSaveRow **missed = palloc_extended(sizeof(OrmSaveRow *) * nrows, MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int i = 0; i < nrows; i++)
		if (!rows[i]->exists)
			missed[n++] = rows[i];
	if (n == 0)
		return;
	reading->lock = false;
	orm_save_run_read(orm_save_read_statement(table, reading), missed, n, found, NULL);
	for (int i = 0; i < n; i++)
		missed[i]->read_only = missed[i]->exists;
}

static void
read_rows(OrmSaveTable *table, const OrmSaveMatch *match, OrmSaveRow **rows, int nrows, bool links)
{
	OrmSaveCall *call = table->call;
	OrmSaveReading reading = {.match = match, .scoped = true};
	uint8	   *changed = palloc0(table->natts);
	OrmSaveRow **agreeing = palloc_extended(sizeof(OrmSaveRow *) * nrows, MCXT_ALLOC_HUGE);
	OrmSaveRow **others = palloc_extended(sizeof(OrmSaveRow *) * nrows, MCXT_ALLOC_HUGE);
	int			nagreeing = 0;
	int			nothers = 0;

	for (int i = 0; i < nrows; i++)
	{
		OrmSaveRow *row = rows[i];

		if (!operators_agree(row, changed))
		{
			others[nothers++] = row;
			continue;
		}
		for (int c = 0; c < table->natts; c++)
			if (row->given[c] == ORM_GIVEN_RESET || row->given[c] >= ORM_GIVEN_INC)
				changed[c] = row->given[c];
		agreeing[nagreeing++] = row;
	}
	reading.wanted = wanted_columns(table, match, agreeing, nagreeing, changed);
	reading.given = changed;
	reading.guard = table == call->root ? call->options->guard : NULL;
	reading.lock = !links && !keeps_what_is_there(call) && may_update(table->entity->relid);
	orm_save_run_read(orm_save_read_statement(table, &reading), agreeing, nagreeing, found, NULL);
	if (reading.lock && check_enable_rls(table->entity->relid, InvalidOid, true) == RLS_ENABLED)
		read_without_lock(table, &reading, agreeing, nagreeing);
	if (nothers > 0)
		read_rows(table, match, others, nothers, links);
}

/* is all that the row is found by known, and not null? */
static bool
can_be_read(OrmSaveRow *row, bool *hopeless)
{
	*hopeless = false;
	for (int i = 0; i < row->match->ncolumns; i++)
	{
		AttrNumber	attnum = row->match->attnums[i];

		if (!orm_save_known(row, attnum))
			return false;
		*hopeless = *hopeless || row->nulls[attnum - 1];
	}
	return !*hopeless;
}

/* may the row that is looked for also be there under the key that others use? */
static int
collect(OrmSaveTable *table, const OrmSaveMatch *match, bool links, OrmSaveRow **rows)
{
	int			n = 0;

	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		bool		hopeless;

		if (row->looked_up || row->match != match || row->link_only != links)
			continue;
		if (can_be_read(row, &hopeless))
			rows[n++] = row;
		row->looked_up = hopeless;
	}
	for (int i = 0; i < n; i++)
		rows[i]->looked_up = true;
	return n;
}

void
orm_save_look_up_shadows(OrmSaveTable *table)
{
	OrmSaveRow **rows = palloc_extended(sizeof(OrmSaveRow *) * Max(table->nrows, 1), MCXT_ALLOC_HUGE);
	ListCell   *cell;

	foreach(cell, table->matches)
	{
		int			n = 0;

		for (OrmSaveRow *row = table->first; row; row = row->next)
			if (row->shadow && row->match == lfirst(cell))
			{
				row->looked_up = true;
				rows[n++] = row;
			}
		if (n > 0)
			read_rows(table, lfirst(cell), rows, n, true);
	}
}

void
orm_save_look_up(OrmSaveTable *table)
{
	OrmSaveRow **rows;
	int			nrows = 0;
	ListCell   *cell;

	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		CHECK_FOR_INTERRUPTS();
		if (row->same == NULL)
			orm_save_resolve(row);
	}
	if (table->matches == NIL)
		return;
	rows = palloc_extended(sizeof(OrmSaveRow *) * table->nrows, MCXT_ALLOC_HUGE);
	foreach(cell, table->matches)
		for (int links = 0; links < 2; links++)
		{
			int			n = collect(table, lfirst(cell), links == 1, rows + nrows);

			if (n > 0)
				read_rows(table, lfirst(cell), rows + nrows, n, links == 1);
			nrows += n;
		}
	for (int i = 0; i < nrows; i++)
		raise_fault(rows[i]);
	orm_save_unite(table, rows, nrows);
	for (int i = 0; i < nrows; i++)
		check_there(rows[i]);
}

/* ---- once more ---- */

static void
read_again(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls, void *arg)
{
	orm_save_take(st, row, values, nulls);
}

void
orm_save_read_again(OrmSaveTable *table, OrmSaveRow **rows, int nrows)
{
	OrmSaveReading reading = {.match = table->key ? table->key : rows[0]->match, .wanted = table->looked_at};

	orm_save_run_read(orm_save_read_statement(table, &reading), rows, nrows, read_again, NULL);
}
