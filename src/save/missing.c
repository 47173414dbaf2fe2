/*
 * missing.c
 *	  What becomes of rows that a list leaves out.
 */
#include "base/compat.h"

#include "utils/datum.h"

#include "base/error.h"
#include "save/lookup.h"
#include "save/missing.h"
#include "save/relation_statement.h"
#include "save/removal.h"
#include "save/row_writer.h"

/* ---- does a set state all? ---- */

/* the names of the relations from a root to the set */
static List *
path_of(const OrmSaveSet *set)
{
	List	   *path = set->owner->set ? path_of(set->owner->set) : NIL;

	return lappend(path, set->relation->name);
}

static bool
same_path(List *a, List *b)
{
	ListCell   *left;
	ListCell   *right;

	if (list_length(a) != list_length(b))
		return false;
	forboth(left, a, right, b)
		if (strcmp(lfirst(left), lfirst(right)) != 0)
			return false;
	return true;
}

/* a has_one that picks one of several rows: its order says which; without one it was declared to have a single row */
static bool
is_one_of_many(const OrmRelation *relation)
{
	return !relation->to_many && orm_save_is_child(relation) && !relation->far_unique && relation->order_by != NIL;
}

bool
orm_save_states_all(const OrmSaveSet *set)
{
	const OrmSaveOptions *options = set->owner->table->call->options;
	List	   *path;
	ListCell   *cell;

	/* one of many says nothing of the others; that there is none is another thing */
	if (is_one_of_many(set->relation))
		return set->first == NULL;
	/* a to-one has no other row */
	if (!set->relation->to_many && orm_save_is_child(set->relation) && set->first == NULL)
		return true;
	if (options->sync_all || set->owner->verb == ORM_REPLACE)
		return true;
	if (options->sync == NIL)
		return false;
	path = path_of(set);
	foreach(cell, options->sync)
		if (same_path(lfirst(cell), path))
			return true;
	return false;
}

/* ---- finding them ---- */

/* rows of one relation that are missing, with their owners' sets */
typedef struct Missing
{
	OrmSaveTable *table;		/* of the rows */
	OrmRelation *relation;
	OrmSaveSet **sets;			/* by owner */
	OrmSaveRow **owners;
	int			nowners;
	const OrmSaveSet *first;	/* the set of the first one that is missing */
	Datum	  **keys;			/* by column of the key */
	int			nkeys;
	int			maxkeys;
} Missing;

static void
take_missing(OrmSaveStatement *st, OrmSaveRow *owner, const Datum *values, const bool *nulls, void *arg)
{
	Missing    *missing = arg;
	OrmSaveTable *table = missing->table;
	const OrmSaveMatch *key = table->key;
	MemoryContext old = MemoryContextSwitchTo(table->call->context);

	owner->touched = owner->touched || missing->relation->owned;
	if (missing->first == NULL)
		missing->first = missing->sets[DatumGetInt64(values[st->ord]) - 1];
	if (missing->nkeys == missing->maxkeys)
	{
		missing->maxkeys = Max(missing->maxkeys * 2, 64);
		for (int i = 0; i < key->ncolumns; i++)
			missing->keys[i] = missing->keys[i] ? repalloc_huge(missing->keys[i], sizeof(Datum) * missing->maxkeys)
				: palloc(sizeof(Datum) * missing->maxkeys);
	}
	for (int i = 0; i < key->ncolumns; i++)
	{
		OrmSaveColumn *column = &table->columns[key->attnums[i] - 1];

		missing->keys[i][missing->nkeys] = datumCopy(values[i], column->typbyval, column->typlen);
	}
	missing->nkeys++;
	MemoryContextSwitchTo(old);
}

/* the sets of the relation that state all, of owners that are there */
static bool
collect_owners(Missing *missing, OrmSaveTable *owners)
{
	for (OrmSaveRow *row = owners->first; row; row = row->next)
		for (OrmSaveSet *set = row->sets; set; set = set->next)
		{
			OrmSaveRow *owner = orm_save_canonical(row);

			if (set->relation != missing->relation || !owner->exists || !orm_save_states_all(set))
				continue;
			if (missing->owners == NULL)
			{
				missing->owners = palloc_extended(sizeof(OrmSaveRow *) * owners->nrows, MCXT_ALLOC_HUGE);
				missing->sets = palloc_extended(sizeof(OrmSaveSet *) * owners->nrows, MCXT_ALLOC_HUGE);
			}
			missing->owners[missing->nowners] = owner;
			missing->sets[missing->nowners++] = set;
		}
	return missing->nowners > 0;
}

static void
find(Missing *missing, OrmSaveTable *owners)
{
	OrmSaveTable *table = missing->table;
	OrmSaveRow **given = palloc_extended(sizeof(OrmSaveRow *) * Max(table->nrows, 1), MCXT_ALLOC_HUGE);
	int			ngiven = 0;

	missing->keys = palloc0(sizeof(Datum *) * table->key->ncolumns);
	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (row->exists && row->same == NULL && !row->shadow)
			given[ngiven++] = row;
	orm_save_run_read(orm_save_missing_statement(missing->relation, owners, table, given, ngiven), missing->owners,
					  missing->nowners, take_missing, missing);
}

/* ---- what becomes of them ---- */

static List *
clearable(const Missing *missing)
{
	OrmRelation *relation = missing->relation;
	AttrNumber	attnums[INDEX_MAX_KEYS + 1];
	int			n = relation->nlinks;

	for (int i = 0; i < n; i++)
		attnums[i] = relation->links[i].far_attnum;
	if (relation->type)
		attnums[n++] = relation->type->attnum;
	return orm_removal_clearable(missing->table->entity, attnums, n);
}

static const char *
rule(const Missing *missing)
{
	const OrmSaveOptions *options = missing->table->call->options;
	const OrmRelation *relation = missing->relation;

	if (is_one_of_many(relation))
		return "error";
	if (options->on_missing)
		return options->on_missing;
	if (relation->on_missing)
		return relation->on_missing;
	if (relation->owned || relation->far_cascades)
		return "delete";
	return clearable(missing) != NIL ? "unlink" : "error";
}

static void
refuse(const Missing *missing)
{
	const OrmSaveSet *set = missing->first;
	const char *said = missing->table->call->options->on_missing;
	const char *detail = "They can't be unlinked, and nothing says that they may be deleted.";

	if (said == NULL)
		said = missing->relation->on_missing;
	if (is_one_of_many(missing->relation))
		detail = "The relation picks one of several rows, and null would be about all of them.";
	else if (said)
		detail = psprintf("\"on_missing\" is \"%s\".", said);
	ereport(ERROR,
			(errcode(ERRCODE_ORM_NOT_WRITABLE),
			 errmsg("relation \"%s\" of entity \"%s\" has rows that are not listed", missing->relation->name,
					set->owner->table->entity->name),
			 orm_save_errdetail(missing->table->call, set->start, "%s", detail),
			 is_one_of_many(missing->relation) ? 0 :
			 errhint("{\"on_missing\": \"delete\"} deletes them, \"ignore\" leaves them alone.")));
}

static void
remove_rows(const Missing *missing, bool unlink)
{
	OrmEntity  *entity = missing->table->entity;
	OrmRemoval	removal = {.entity = entity};
	OrmBatch   *keys = orm_lookup_keys(entity, missing->nkeys);

	removal.kind = unlink ? ORM_REMOVE_UNLINK : orm_removal_kind(entity, false);
	if (unlink)
		removal.columns = clearable(missing);
	if (unlink && removal.columns == NIL)
		refuse(missing);
	for (int i = 0; i < keys->ncolumns; i++)
		keys->columns[i].values = missing->keys[i];
	orm_removal_by_keys(&removal, keys);
}

static void
remove_of_relation(OrmSaveTable *table, OrmSaveTable *owners, OrmRelation *relation)
{
	Missing		missing = {.table = table, .relation = relation};
	const char *what;

	if (table->key == NULL || !collect_owners(&missing, owners))
		return;
	what = rule(&missing);
	if (strcmp(what, "ignore") == 0)
		return;
	find(&missing, owners);
	if (missing.nkeys == 0)
		return;
	if (strcmp(what, "error") == 0)
		refuse(&missing);
	remove_rows(&missing, strcmp(what, "unlink") == 0);
}

void
orm_save_remove_missing(OrmSaveTable *table)
{
	ListCell   *cell;

	foreach(cell, table->call->tables)
	{
		OrmSaveTable *owners = lfirst(cell);

		for (int i = 0; i < owners->entity->nrelations; i++)
		{
			OrmRelation *relation = &owners->entity->relations[i];

			if (relation->target == table->entity->relid &&
				orm_save_is_child(relation))
				remove_of_relation(table, owners, relation);
		}
	}
}
