/*
 * table_writer.c
 *	  Sorts the rows of a table by what is to be done with them, and has it
 *	  done.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/error.h"
#include "save/contested.h"
#include "save/deferral.h"
#include "save/identity.h"
#include "save/row_link.h"
#include "save/row_reader.h"
#include "save/row_writer.h"
#include "save/table_writer.h"

/* rows that one statement writes: the same columns are given in the same way */
typedef struct Shape
{
	bool		insert;
	uint8	   *given;			/* by column number - 1 */
	bool	   *set;			/* columns that differ in any of the rows */
	bool		rekeyed;
	int			nrows;
	int			maxrows;
	OrmSaveRow **rows;
} Shape;

/* how a column counts for the shape of its row */
static uint8
outline(const OrmSaveRow *row, int i, bool insert)
{
	uint8		given = row->given[i];

	switch (given)
	{
		case ORM_GIVEN_EQUAL:
			return ORM_GIVEN_VALUE;
		case ORM_GIVEN_DEFAULT:
			return insert ? ORM_GIVEN_VALUE : ORM_GIVEN_NOT;
		case ORM_GIVEN_RESET:
			return insert ? ORM_GIVEN_NOT : ORM_GIVEN_RESET;
		case ORM_GIVEN_LINK:
			return ORM_GIVEN_NOT;
		default:
			return given;
	}
}

static Shape *
new_shape(OrmSaveTable *table, const uint8 *given, bool insert)
{
	Shape	   *shape = palloc0(sizeof(Shape));

	shape->insert = insert;
	shape->given = palloc(table->natts);
	memcpy(shape->given, given, table->natts);
	shape->set = palloc0(table->natts);
	shape->maxrows = 8;
	shape->rows = palloc(sizeof(OrmSaveRow *) * shape->maxrows);
	return shape;
}

/* most often the one that came last */
static Shape *
shape_of(List **shapes, OrmSaveTable *table, const uint8 *given, bool insert, Shape *last)
{
	ListCell   *cell;
	Shape	   *shape = last;

	if (shape && shape->insert == insert && memcmp(shape->given, given, table->natts) == 0)
		return shape;
	foreach(cell, *shapes)
	{
		shape = lfirst(cell);
		if (shape->insert == insert && memcmp(shape->given, given, table->natts) == 0)
			return shape;
	}
	shape = new_shape(table, given, insert);
	*shapes = lappend(*shapes, shape);
	return shape;
}

static void
add_row(Shape *shape, OrmSaveRow *row)
{
	if (shape->nrows == shape->maxrows)
	{
		shape->maxrows *= 2;
		shape->rows = repalloc_huge(shape->rows, sizeof(OrmSaveRow *) * shape->maxrows);
	}
	shape->rows[shape->nrows++] = row;
	shape->rekeyed = shape->rekeyed || row->before;
	for (int i = 0; i < row->table->natts; i++)
		if (row->given[i] == ORM_GIVEN_VALUE || row->given[i] == ORM_GIVEN_RESET || row->given[i] >= ORM_GIVEN_INC)
			shape->set[i] = true;
}

/* ---- one shape ---- */

/* a trigger would not have it: nobody can be linked to it */
static void
check_links(const OrmSaveRow *row)
{
	OrmSaveTable *table = row->table;

	for (int i = 0; i < table->natts; i++)
	{
		bool		cut = false;

		if (row->given[i] != ORM_GIVEN_LINK)
			continue;
		for (const OrmSaveRow *place = row; place; place = place->also)
		{
			cut = cut || (place->set && place->set->cut);
			for (const OrmSaveSet *set = place->sets; set; set = set->next)
				cut = cut || set->cut;
		}
		if (!cut)
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("the row that an entity \"%s\" is linked to is not there", table->entity->name),
					 orm_save_errdetail(table->call, row->start, "A trigger suppressed it."),
					 errhint("Columns of the link: %s.", table->columns[i].name)));
	}
}

static const OrmSaveMatch *
conflict_of(const OrmSaveTable *table, const OrmSaveRow *row)
{
	return row->set == NULL && row->verb == ORM_UPSERT ? row->match : NULL;
}

/*
 * The key, where a row is new because it was not found by a key of the
 * client's: another caller may insert it before we do.
 */
static const OrmSaveMatch *
guard_of(const OrmSaveTable *table, const OrmSaveRow *row)
{
	const OrmEntity *entity = table->entity;

	if (row->match == NULL || row->match != table->key || row->verb == ORM_INSERT ||
		(entity->relkind != RELKIND_RELATION && entity->relkind != RELKIND_PARTITIONED_TABLE))
		return NULL;
	for (int u = 0; u < entity->nuniques; u++)
		if (entity->uniques[u].primary && !entity->uniques[u].deferrable &&
			entity->uniques[u].ncolumns == table->key->ncolumns &&
			memcmp(entity->uniques[u].attnums, table->key->attnums, sizeof(AttrNumber) * table->key->ncolumns) == 0)
			return table->key;
	return NULL;
}

/* what an upsert sets in a row that came in between */
static List *
conflict_update(const OrmSaveTable *table, const Shape *shape, const OrmSaveMatch *match)
{
	const OrmSaveOptions *options = table->call->options;
	List	   *update = NIL;

	for (int i = 0; i < table->natts; i++)
	{
		OrmProperty *property = table->columns[i].property;
		bool		matched = false;

		for (int m = 0; m < match->ncolumns; m++)
			matched = matched || match->attnums[m] == i + 1;
		if (property && !matched && property->update && shape->given[i] != ORM_GIVEN_NOT &&
			(!options->update_said || list_member_ptr(options->update, property)))
			update = lappend(update, property);
	}
	return update;
}

/* the rows that were not written yet */
static void
leave_unwritten(Shape *shape)
{
	OrmSaveRow **rows = palloc_extended(sizeof(OrmSaveRow *) * shape->nrows, MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int i = 0; i < shape->nrows; i++)
		if (!shape->rows[i]->written)
			rows[n++] = shape->rows[i];
	shape->rows = rows;
	shape->nrows = n;
}

/* a key that only the server gives is no key of the client's: the row would get another one, and nobody be told */
static void
check_drawn_key(const OrmSaveTable *table, const Shape *shape)
{
	const OrmSaveRow *row = shape->rows[0];

	for (int i = 0; i < table->natts; i++)
		if (table->columns[i].always && table->columns[i].property && table->columns[i].property->is_key &&
			shape->given[i] == ORM_GIVEN_VALUE)
			ereport(ERROR,
					(errcode(ERRCODE_ORM_NOT_WRITABLE),
					 errmsg("property \"%s\" of entity \"%s\" may not be given for a row that is not there yet",
							table->columns[i].property->name, table->entity->name),
					 orm_save_errdetail(table->call, row->start, "Its column is GENERATED ALWAYS AS IDENTITY."),
					 errhint("Leave it out: the row gets the next one.")));
}

/* where unique values change hands, and rows refer to others of their table, it matters which come first */
typedef struct Waiting
{
	OrmSaveWait wait;
	bool		keys;			/* rows may refer to others of the table */
	bool	   *contested;		/* columns of unique sets; NULL: not asked yet */
	bool		backwards;		/* rows are written apart from the end */
	char	   *objected;		/* unique constraint, or NULL */
	List	   *settled;		/* char *: of such, those that something was done about */
} Waiting;

/* what is not written because other rows of the table come first gives false */
static bool
insert_rows(OrmSaveTable *table, Shape *shape, bool guard, Waiting *waiting, bool values_come)
{
	OrmSaveInsertion insertion = {.given = shape->given};
	OrmSaveStatement *st;
	Shape		rest = *shape;
	const OrmSaveMatch *conflict = conflict_of(table, shape->rows[0]);
	const OrmSaveMatch *key = guard ? guard_of(table, shape->rows[0]) : NULL;

	check_drawn_key(table, shape);
	for (int i = 0; i < shape->nrows; i++)
		check_links(shape->rows[i]);
	/* what is in the way of a second attempt is hidden from the caller */
	if (conflict && guard)
	{
		insertion.conflict = conflict;
		insertion.update = conflict_update(table, shape, conflict);
	}
	else
		insertion.conflict = key;
	st = orm_save_insert_statement(table, &insertion);
	st->keys_wait = waiting->keys ? waiting->wait : ORM_WAIT_NOT;
	st->uniques_wait = values_come ? Min(waiting->wait, ORM_WAIT_ALL) : ORM_WAIT_NOT;
	leave_unwritten(&rest);
	orm_save_run_write(st, rest.rows, rest.nrows);
	if (st->early)
		return false;
	for (int i = 0; i < shape->nrows; i++)
		shape->rows[i]->action = shape->rows[i]->written ? ORM_SAVE_INSERTED : ORM_SAVE_SUPPRESSED;
	return true;
}

/* what the table's own triggers kept as it was is read once more */
static void
read_suppressed(OrmSaveTable *table, Shape *shape)
{
	OrmSaveRow **rows = palloc(sizeof(OrmSaveRow *) * shape->nrows);
	int			n = 0;

	for (int i = 0; i < shape->nrows; i++)
	{
		shape->rows[i]->action = shape->rows[i]->written ? ORM_SAVE_UPDATED : ORM_SAVE_UNCHANGED;
		if (!shape->rows[i]->written)
			rows[n++] = shape->rows[i];
	}
	if (n > 0)
		orm_save_read_again(table, rows, n);
}

static void
not_to_be_updated(const OrmSaveRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("the entity \"%s\" may not be updated", row->table->entity->name),
			 orm_save_errdetail(row->table->call, row->start, "A policy of row-level security shows the row, and does not let it be updated.")));
}

static const OrmSaveMatch *
match_of(const OrmSaveTable *table, const Shape *shape)
{
	return table->key ? table->key : shape->rows[0]->match;
}

static bool
is_contested(const OrmSaveTable *table, const Shape *shape, Waiting *waiting)
{
	if (waiting->contested == NULL)
		waiting->contested = orm_save_contested(table);
	for (int i = 0; i < table->natts; i++)
		if (shape->set[i] && waiting->contested[i])
			return true;
	return false;
}

static bool
update_rows(OrmSaveTable *table, Shape *shape, Waiting *waiting)
{
	Shape		rest = *shape;
	OrmSaveStatement *st;

	for (int i = 0; i < shape->nrows; i++)
		if (shape->rows[i]->read_only)
			not_to_be_updated(shape->rows[i]);
	st = orm_save_update_statement(table, match_of(table, shape), shape->given, shape->set, shape->rekeyed);
	st->keys_wait = waiting->keys ? waiting->wait : ORM_WAIT_NOT;
	if (waiting->wait != ORM_WAIT_NOT && is_contested(table, shape, waiting))
		st->uniques_wait = waiting->wait;
	st->backwards = waiting->backwards;
	leave_unwritten(&rest);
	orm_save_run_write(st, rest.rows, rest.nrows);
	if (st->early)
	{
		waiting->objected = st->objected ? st->objected : waiting->objected;
		return false;
	}
	read_suppressed(table, shape);
	return true;
}

static bool
refers_to_itself(const OrmSaveTable *table)
{
	Oid			relid = table->entity->relid;
	Relation	rel = relation_open(relid, AccessShareLock);
	bool		itself = false;
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(rel))
		itself = itself || lfirst_node(ForeignKeyCacheInfo, cell)->confrelid == relid;
	relation_close(rel, NoLock);
	return itself;
}

/* what makes room comes first; gives the shapes that were not written, or in part only */
static List *
write_in_order(OrmSaveTable *table, List *shapes, bool guard, Waiting *waiting)
{
	List	   *early = NIL;
	ListCell   *cell;
	bool		values_come;

	waiting->objected = NULL;
	foreach(cell, shapes)
		if (!((Shape *) lfirst(cell))->insert && !update_rows(table, lfirst(cell), waiting))
			early = lappend(early, lfirst(cell));
	values_come = early != NIL;
	foreach(cell, shapes)
		if (((Shape *) lfirst(cell))->insert && !insert_rows(table, lfirst(cell), guard, waiting, values_come))
			early = lappend(early, lfirst(cell));
	return early;
}

static int
count_written(List *shapes)
{
	int			n = 0;
	ListCell   *cell;

	foreach(cell, shapes)
	{
		Shape	   *shape = lfirst(cell);

		for (int i = 0; i < shape->nrows; i++)
			n += shape->rows[i]->written ? 1 : 0;
	}
	return n;
}

/* unique values that go round in a circle are taken from all rows, or their constraint waits */
static bool
settle(OrmSaveTable *table, List *shapes, Waiting *waiting)
{
	char	   *constraint = waiting->objected;
	bool		settled = false;
	ListCell   *cell;

	foreach(cell, waiting->settled)
		if (constraint && strcmp(lfirst(cell), constraint) == 0)
			return false;
	if (constraint == NULL)
		return false;
	waiting->settled = lappend(waiting->settled, constraint);
	if (orm_save_defer_unique(table, constraint))
		return true;
	foreach(cell, shapes)
	{
		Shape		rest = *(Shape *) lfirst(cell);

		leave_unwritten(&rest);
		if (!rest.insert && orm_save_make_room(table, match_of(table, lfirst(cell)), rest.set, rest.rekeyed, constraint,
											   rest.rows, rest.nrows))
			settled = true;
	}
	return settled;
}

/* is there anything that rows could wait for? */
static bool
may_wait(const OrmSaveTable *table, List *shapes, Waiting *waiting)
{
	const Shape *only = linitial(shapes);
	int			nrows = only->nrows - count_written(list_make1(unconstify(Shape *, only)));
	bool		any = false;
	ListCell   *cell;

	if (list_length(shapes) == 1 && (only->insert || nrows == 1))
		return false;
	foreach(cell, shapes)
		any = any || (!((Shape *) lfirst(cell))->insert && is_contested(table, lfirst(cell), waiting));
	return any || (waiting->keys && list_length(shapes) > 1);
}

/*
 * The input may give foreign keys to the table itself as plain values, in any
 * order, and unique values that other rows have yet. A shape that comes too
 * early waits for the others; when all do, circles of unique values are broken,
 * then shapes are taken apart. When no row can be written, the error is the
 * caller's.
 */
static void
write_shapes(OrmSaveTable *table, List *shapes, bool guard)
{
	Waiting		waiting = {.keys = list_length(shapes) > 1 && refers_to_itself(table)};

	if (shapes && may_wait(table, shapes, &waiting))
		waiting.wait = ORM_WAIT_ALL;
	while (shapes)
	{
		int			written = count_written(shapes);
		List	   *early = write_in_order(table, shapes, guard, &waiting);
		bool		progress = list_length(early) < list_length(shapes) || count_written(shapes) > written;

		CHECK_FOR_INTERRUPTS();
		shapes = early;
		if (shapes == NIL)
			break;
		if (waiting.wait == ORM_WAIT_ROWS)
			waiting.backwards = !waiting.backwards;
		if (progress)
			waiting.wait = may_wait(table, shapes, &waiting) ? ORM_WAIT_ALL : ORM_WAIT_NOT;
		else if (waiting.wait == ORM_WAIT_ALL)
			waiting.wait = settle(table, shapes, &waiting) ? ORM_WAIT_ALL : ORM_WAIT_ROWS;
		else
			waiting.wait = ORM_WAIT_NOT;
		waiting.backwards = waiting.backwards && waiting.wait != ORM_WAIT_NOT;
	}
}

/* ---- all rows ---- */

static bool
is_due(const OrmSaveRow *row, int level)
{
	return row->same == NULL && row->level == level && !row->link_only && !row->delete && !row->written &&
		row->action == ORM_SAVE_NOTHING_YET;
}

static void
write_due(OrmSaveTable *table, int level, bool guard)
{
	uint8	   *given = palloc(table->natts);
	List	   *shapes = NIL;
	Shape	   *last = NULL;

	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_due(row, level))
			continue;
		orm_save_resolve(row);
		orm_save_check_asides(row);
		if (row->exists && !row->differs)
		{
			row->action = ORM_SAVE_UNCHANGED;
			continue;
		}
		for (int i = 0; i < table->natts; i++)
			given[i] = outline(row, i, !row->exists);
		last = shape_of(&shapes, table, given, !row->exists, last);
		add_row(last, row);
	}
	write_shapes(table, shapes, guard);
}

/* rows that others have inserted since they were looked for: they are there now, or hidden */
static bool
lost_races(OrmSaveTable *table, int level)
{
	bool		any = false;

	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (row->level == level && row->action == ORM_SAVE_SUPPRESSED &&
			(guard_of(table, row) || conflict_of(table, row)))
		{
			row->action = ORM_SAVE_NOTHING_YET;
			row->looked_up = false;
			any = true;
		}
	return any;
}

void
orm_save_write_rows(OrmSaveTable *table, int level)
{
	write_due(table, level, true);
	if (lost_races(table, level))
	{
		orm_save_look_up(table);
		write_due(table, level, false);
	}
}

/* the columns of the links that were cut, and no others */
static bool
take_cuts(OrmSaveRow *row, uint8 *given)
{
	OrmSaveTable *table = row->table;
	bool		any = false;

	for (int i = 0; i < table->natts; i++)
		any = any || row->given[i] == ORM_GIVEN_LINK;
	if (!any)
		return false;
	for (int i = 0; i < table->natts; i++)
		given[i] = row->given[i] == ORM_GIVEN_LINK ? ORM_GIVEN_VALUE : ORM_GIVEN_NOT;
	for (OrmSaveRow *place = row; place; place = place->also)
	{
		if (place->set)
			place->set->cut = false;
		for (OrmSaveSet *set = place->sets; set; set = set->next)
			set->cut = false;
	}
	orm_save_resolve(row);
	orm_save_check_asides(row);
	for (int i = 0; i < table->natts; i++)
		if (given[i] == ORM_GIVEN_NOT && row->given[i] != ORM_GIVEN_NOT)
			row->given[i] = ORM_GIVEN_EQUAL;
	return true;
}

static void
no_key(const OrmSaveRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("entity \"%s\" has no key", row->table->entity->name),
			 orm_save_errdetail(row->table->call, row->start, "What it is linked to comes after it, and then it has to be found again.")));
}

void
orm_save_write_cuts(OrmSaveTable *table)
{
	uint8	   *given = palloc(table->natts);
	List	   *shapes = NIL;
	Shape	   *last = NULL;
	ListCell   *cell;

	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		if (row->same || row->link_only || !take_cuts(row, given))
			continue;
		if (table->key == NULL)
			no_key(row);
		last = shape_of(&shapes, table, given, false, last);
		add_row(last, row);
	}
	foreach(cell, shapes)
	{
		Shape	   *shape = lfirst(cell);

		orm_save_run_held(orm_save_update_statement(table, table->key, shape->given, shape->set, false), shape->rows,
						  shape->nrows);
	}
}
