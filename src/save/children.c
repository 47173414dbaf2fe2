/*
 * children.c
 *	  The rules of a to-many: on_foreign, on_missing, "$delete".
 */
#include "base/compat.h"

#include "base/error.h"
#include "save/children.h"
#include "save/identity.h"
#include "save/lookup.h"
#include "save/missing.h"
#include "save/removal.h"

/* ---- rows of others ---- */

static bool
may_move(const OrmSaveRow *row)
{
	OrmRelation *relation = row->set->relation;
	const OrmSaveCall *call = row->table->call;
	const char *rule = call->options->on_foreign ? call->options->on_foreign : relation->on_foreign;
	AttrNumber	attnums[INDEX_MAX_KEYS];

	if (rule && strcmp(rule, "move") == 0)
		return true;
	if (row->former == NULL)
		return false;
	for (int i = 0; i < relation->nlinks; i++)
		attnums[i] = relation->links[i].near_attnum;
	return orm_save_row_with(row->set->owner->table, attnums, relation->nlinks, row->former) != NULL;
}

void
orm_save_check_foreign(OrmSaveTable *table)
{
	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (row->foreign && !may_move(row))
			ereport(ERROR,
					(errcode(ERRCODE_ORM_NOT_WRITABLE),
					 errmsg("the entity \"%s\" belongs to another", table->entity->name),
					 orm_save_errdetail(table->call, row->start, "Relation \"%s\" of entity \"%s\" does not take it away from where it is.",
										row->set->relation->name, row->set->owner->table->entity->name),
					 errhint("{\"on_foreign\": \"move\"} does.")));
}

/* ---- rows that are marked ---- */

static void
set_key(OrmBatch *keys, int at, const OrmSaveRow *row)
{
	const OrmSaveMatch *key = row->table->key;

	for (int i = 0; i < key->ncolumns; i++)
		keys->columns[i].values[at] = row->values[key->attnums[i] - 1];
}

/* an element of a many-to-many is only unlinked */
static bool
is_to_go(const OrmSaveRow *row)
{
	return row->delete && !row->link_only && !row->same && row->exists && row->action == ORM_SAVE_NOTHING_YET;
}

static void
remove_marked(OrmSaveTable *table)
{
	OrmRemoval	removal = {.entity = table->entity, .kind = orm_removal_kind(table->entity, false)};
	OrmBatch   *keys;
	int			n = 0;

	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (is_to_go(row))
			n++;
	if (n == 0)
		return;
	keys = orm_lookup_keys(table->entity, n);
	n = 0;
	for (OrmSaveRow *row = table->first; row; row = row->next)
		if (is_to_go(row))
		{
			set_key(keys, n++, row);
			row->action = ORM_SAVE_DELETED;
		}
	orm_removal_by_keys(&removal, keys);
}

void
orm_save_remove_children(OrmSaveTable *table)
{
	remove_marked(table);
	orm_save_remove_missing(table);
}
