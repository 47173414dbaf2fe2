/*
 * contested.c
 *	  Unique values that rows hand to each other.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "model/foreign_key.h"
#include "save/contested.h"
#include "save/row_writer.h"

static void
note_index(Relation index, bool *contested)
{
	Form_pg_index form = index->rd_index;
	Bitmapset  *columns = NULL;
	int			column = -1;

	if (!form->indisunique && !form->indisexclusion)
		return;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (form->indkey.values[i] > 0)
			contested[form->indkey.values[i] - 1] = true;
	pull_varattnos((Node *) RelationGetIndexExpressions(index), 1, &columns);
	pull_varattnos((Node *) RelationGetIndexPredicate(index), 1, &columns);
	while ((column = bms_next_member(columns, column)) >= 0)
		if (column + FirstLowInvalidHeapAttributeNumber > 0)
			contested[column + FirstLowInvalidHeapAttributeNumber - 1] = true;
}

bool *
orm_save_contested(const OrmSaveTable *table)
{
	bool	   *contested = palloc0(table->natts);
	Relation	rel = relation_open(table->entity->relid, AccessShareLock);
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		note_index(index, contested);
		index_close(index, AccessShareLock);
	}
	relation_close(rel, NoLock);
	return contested;
}

/* does a foreign key lead to the column? its rows would be left behind, or go along to null */
static bool
is_referred_to(List *keys, int column)
{
	ListCell   *cell;

	foreach(cell, keys)
	{
		const OrmKeyConstraint *key = lfirst(cell);

		for (int i = 0; i < key->ncolumns; i++)
			if (key->targets[i] == column + 1)
				return true;
	}
	return false;
}

/* the first column of the unique set that is set and may be null, or -1 */
static int
column_to_clear(const OrmSaveTable *table, const bool *set, const char *constraint)
{
	const OrmEntity *entity = table->entity;
	Relation	rel = relation_open(entity->relid, AccessShareLock);
	List	   *keys = orm_foreign_keys_to(rel);
	int			found = -1;

	relation_close(rel, NoLock);
	for (int u = 0; u < entity->nuniques && found < 0; u++)
		for (int c = 0; strcmp(entity->uniques[u].name, constraint) == 0 && c < entity->uniques[u].ncolumns; c++)
		{
			int			at = entity->uniques[u].attnums[c] - 1;

			if (found < 0 && set[at] && !table->columns[at].not_null && !is_referred_to(keys, at))
				found = at;
		}
	return found;
}

/* the rows with the column null, and nothing but their key besides */
static OrmSaveRow **
cleared_rows(OrmSaveTable *table, int column, OrmSaveRow **rows, int nrows)
{
	OrmSaveRow **cleared = palloc_extended(sizeof(OrmSaveRow *) * nrows, MCXT_ALLOC_HUGE);

	for (int i = 0; i < nrows; i++)
	{
		OrmSaveRow *row = orm_save_alloc(table->call, sizeof(OrmSaveRow));

		*row = *rows[i];
		row->values = orm_save_alloc(table->call, sizeof(Datum) * table->natts);
		row->nulls = orm_save_alloc(table->call, table->natts);
		memcpy(row->values, rows[i]->values, sizeof(Datum) * table->natts);
		memcpy(row->nulls, rows[i]->nulls, table->natts);
		row->nulls[column] = true;
		cleared[i] = row;
	}
	return cleared;
}

bool
orm_save_make_room(OrmSaveTable *table, const OrmSaveMatch *match, const bool *set, bool rekeyed, const char *constraint,
				   OrmSaveRow **rows, int nrows)
{
	int			column = column_to_clear(table, set, constraint);
	uint8	   *given = palloc0(table->natts);
	bool	   *only = palloc0(table->natts);

	if (column < 0 || nrows == 0)
		return false;
	given[column] = ORM_GIVEN_VALUE;
	only[column] = true;
	return orm_save_try_held(orm_save_update_statement(table, match, given, only, rekeyed),
							 cleared_rows(table, column, rows, nrows), nrows);
}
