/*
 * owned.c
 *	  Versions of roots whose parts have changed.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "save/owned.h"
#include "save/row_writer.h"

static bool
is_changed(const OrmSaveRow *row)
{
	const OrmSaveRow *written = row;

	if (row->own_action && (row->action == ORM_SAVE_LINKED || row->action == ORM_SAVE_DELETED))
		return true;
	while (written->same)
		written = written->same;
	return written->touched || written->action == ORM_SAVE_INSERTED || written->action == ORM_SAVE_UPDATED ||
		written->action == ORM_SAVE_DELETED;
}

/* the row at the top of what owns this one, or NULL when nothing does */
static OrmSaveRow *
root_of(const OrmSaveRow *row)
{
	OrmSaveRow *root = NULL;

	while (row->set && row->set->relation->owned)
	{
		root = row->set->owner;
		row = root;
	}
	return root;
}

static void
touch_roots(OrmSaveTable *table)
{
	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		OrmSaveRow *root;

		if (!is_changed(row))
			continue;
		root = root_of(row);
		if (root)
			orm_save_canonical(root)->touched = true;
	}
}

/* one more than the version is; the trigger says the same */
static void
set_increment(OrmSaveRow *row)
{
	AttrNumber	version = row->table->version;

	row->nulls[version - 1] = false;
	switch (getBaseType(row->table->columns[version - 1].type))
	{
		case INT2OID:
			row->values[version - 1] = Int16GetDatum(1);
			break;
		case INT4OID:
			row->values[version - 1] = Int32GetDatum(1);
			break;
		default:
			row->values[version - 1] = Int64GetDatum(1);
	}
}

static void
bump(OrmSaveTable *table)
{
	OrmSaveRow **rows = palloc_extended(sizeof(OrmSaveRow *) * table->nrows, MCXT_ALLOC_HUGE);
	uint8	   *given = palloc0(table->natts);
	bool	   *set = palloc0(table->natts);
	int			n = 0;

	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (row->touched && row->same == NULL && row->exists && row->action == ORM_SAVE_UNCHANGED)
		{
			set_increment(row);
			row->action = ORM_SAVE_UPDATED;
			rows[n++] = row;
		}
	if (n == 0)
		return;
	given[table->version - 1] = ORM_GIVEN_INC;
	set[table->version - 1] = true;
	orm_save_run_write(orm_save_update_statement(table, table->key, given, set, false), rows, n);
}

void
orm_save_bump_roots(OrmSaveCall *call)
{
	ListCell   *cell;
	bool		any = false;

	foreach(cell, call->tables)
		any = any || ((OrmSaveTable *) lfirst(cell))->version > 0;
	if (!any)
		return;
	foreach(cell, call->tables)
		touch_roots(lfirst(cell));
	foreach(cell, call->tables)
	{
		OrmSaveTable *table = lfirst(cell);

		if (table->version > 0 && table->key)
			bump(table);
	}
}
