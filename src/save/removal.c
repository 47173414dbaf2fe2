/*
 * removal.c
 *	  Deletes, trashes, restores and unlinks rows as sets.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "query/predicate.h"
#include "save/lookup.h"
#include "save/removal.h"

OrmRemovalKind
orm_removal_kind(const OrmEntity *entity, bool force)
{
	return entity->soft_delete && !force ? ORM_REMOVE_TRASH : ORM_REMOVE_DELETE;
}

List *
orm_removal_clearable(const OrmEntity *entity, const AttrNumber *columns, int ncolumns)
{
	Relation	rel = relation_open(entity->relid, AccessShareLock);
	List	   *names = NIL;

	for (int i = 0; i < ncolumns; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), columns[i] - 1);
		OrmProperty *property = orm_entity_property_by_attnum(entity, columns[i]);

		if (!attribute->attnotnull && !(property && property->is_key))
			names = lappend(names, pstrdup(NameStr(attribute->attname)));
	}
	relation_close(rel, NoLock);
	return names;
}

/* what a trashed row bears: true, or the time of its type */
static const char *
trash_value(const OrmEntity *entity)
{
	Oid			type = getBaseType(get_atttype(entity->relid, get_attnum(entity->relid, entity->soft_delete)));

	return type == BOOLOID ? "true" : "pg_catalog.now()";
}

/* what a live row bears; a column that has to have a value is a flag */
static const char *
live_value(const OrmEntity *entity)
{
	Oid			type = getBaseType(get_atttype(entity->relid, get_attnum(entity->relid, entity->soft_delete)));

	return type == BOOLOID ? "false" : "NULL";
}

/* "DELETE FROM …" or "UPDATE … SET …", and with keys the words before them */
static void
append_verb(StringInfo buf, const OrmRemoval *removal, bool keyed)
{
	const char *table = orm_entity_qualified(removal->entity);
	ListCell   *cell;

	switch (removal->kind)
	{
		case ORM_REMOVE_DELETE:
			appendStringInfo(buf, "DELETE FROM %s AS t%s", table, keyed ? " USING " : "");
			return;
		case ORM_REMOVE_TRASH:
			appendStringInfo(buf, "UPDATE %s AS t SET %s = %s", table, quote_identifier(removal->entity->soft_delete),
							 trash_value(removal->entity));
			break;
		case ORM_REMOVE_RESTORE:
			appendStringInfo(buf, "UPDATE %s AS t SET %s = %s", table, quote_identifier(removal->entity->soft_delete),
							 live_value(removal->entity));
			break;
		case ORM_REMOVE_UNLINK:
			appendStringInfo(buf, "UPDATE %s AS t SET ", table);
			foreach(cell, removal->columns)
				appendStringInfo(buf, "%s%s = NULL", cell == list_head(removal->columns) ? "" : ", ",
								 quote_identifier(lfirst(cell)));
			break;
	}
	appendStringInfoString(buf, keyed ? " FROM " : "");
}

/* the groups, and that there is something to do */
static List *
groups_of(const OrmRemoval *removal)
{
	List	   *groups = list_copy(removal->groups);

	if (removal->kind == ORM_REMOVE_TRASH)
		groups = lappend(groups, orm_predicate_trashed(removal->entity, false));
	if (removal->kind == ORM_REMOVE_RESTORE)
		groups = lappend(groups, orm_predicate_trashed(removal->entity, true));
	return groups;
}

bool *
orm_removal_by_keys(const OrmRemoval *removal, const OrmBatch *keys)
{
	bool	   *removed = palloc0(sizeof(bool) * Max(keys->nrows, 1));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;

	if (keys->nrows == 0)
		return removed;
	initStringInfo(&buf);
	append_verb(&buf, removal, true);
	orm_batch_append(&deparse, &buf, keys, "k");
	appendStringInfoString(&buf, " WHERE ");
	orm_lookup_match(&buf, removal->entity, keys, "t", "k");
	orm_deparse_groups(&deparse, &buf, groups_of(removal), " AND ", "t");
	appendStringInfoString(&buf, " RETURNING k.ord");
	rows = orm_statement_write(&deparse, &buf, keys->nrows);
	for (int i = 0; i < rows->nrows; i++)
		removed[DatumGetInt64(rows->values[i][0]) - 1] = true;
	return removed;
}

uint64
orm_removal_by_groups(const OrmRemoval *removal)
{
	OrmDeparse	deparse = {0};
	StringInfoData buf;

	initStringInfo(&buf);
	append_verb(&buf, removal, false);
	orm_deparse_groups(&deparse, &buf, groups_of(removal), " WHERE ", "t");
	return orm_statement_write(&deparse, &buf, 1)->processed;
}
