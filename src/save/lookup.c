/*
 * lookup.c
 *	  Reads rows by their keys.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/typcache.h"

#include "save/lookup.h"

OrmBatch *
orm_lookup_keys(OrmEntity *entity, int nrows)
{
	OrmBatch   *keys = orm_batch_new(nrows, entity->nkeys);

	if (entity->nkeys == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" has no key", entity->name),
				 errhint("Declare one: orm.entity(%s, %s, key => ...).", quote_literal_cstr(entity->name),
						 quote_literal_cstr(orm_entity_qualified(entity)))));
	for (int i = 0; i < entity->nkeys; i++)
		keys->columns[i].type = getBaseType(entity->properties[entity->keys[i]].type);
	return keys;
}

List *
orm_lookup_key_columns(const OrmEntity *entity)
{
	List	   *columns = NIL;

	for (int i = 0; i < entity->nkeys; i++)
		columns = lappend(columns, entity->properties[entity->keys[i]].column);
	return columns;
}

void
orm_lookup_order(StringInfo buf, const OrmEntity *entity, int first)
{
	const char *lead = " ORDER BY ";

	for (int i = 0; i < entity->nkeys; i++)
	{
		Oid			type = getBaseType(entity->properties[entity->keys[i]].type);

		if (!OidIsValid(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr))
			continue;
		appendStringInfo(buf, "%s%d", lead, first + i);
		lead = ", ";
	}
}

void
orm_lookup_match(StringInfo buf, const OrmEntity *entity, const OrmBatch *keys, const char *row, const char *alias)
{
	for (int i = 0; i < entity->nkeys; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? " AND " : "",
						 orm_statement_equal(psprintf("%s.%s", row,
													  quote_identifier(entity->properties[entity->keys[i]].column)),
											 orm_batch_value(keys, i, alias), keys->columns[i].type));
}

bool
orm_lookup_may_lock(Oid relid)
{
	char		relkind = get_rel_relkind(relid);

	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		return false;
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		return false;
	return pg_class_aclcheck(relid, GetUserId(), ACL_UPDATE) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_UPDATE, ACLMASK_ANY) == ACLCHECK_OK;
}

static void
append_columns(StringInfo buf, List *columns)
{
	ListCell   *cell;

	foreach(cell, columns)
		appendStringInfo(buf, ", t.%s", quote_identifier(lfirst(cell)));
}

/* all savers lock in the order of the key */
static void
append_lock(StringInfo buf, const OrmLookup *lookup)
{
	if (!lookup->lock || !orm_lookup_may_lock(lookup->entity->relid))
		return;
	for (int i = 0; i < lookup->entity->nkeys; i++)
		appendStringInfo(buf, "%st.%s", i > 0 ? ", " : " ORDER BY ",
						 quote_identifier(lookup->entity->properties[lookup->entity->keys[i]].column));
	appendStringInfoString(buf, " FOR NO KEY UPDATE OF t");
}

static void
take(OrmFound *found, const OrmRows *rows, int row)
{
	found->found = true;
	found->values = rows->values[row] + 1;
	found->nulls = rows->nulls[row] + 1;
}

OrmFound *
orm_lookup_rows(const OrmLookup *lookup, const OrmBatch *keys)
{
	OrmFound   *found = palloc0(sizeof(OrmFound) * Max(keys->nrows, 1));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;

	if (keys->nrows == 0)
		return found;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT k.ord");
	append_columns(&buf, lookup->columns);
	appendStringInfoString(&buf, " FROM ");
	orm_batch_append(&deparse, &buf, keys, "k");
	appendStringInfo(&buf, " JOIN %s AS t ON ", orm_entity_qualified(lookup->entity));
	orm_lookup_match(&buf, lookup->entity, keys, "t", "k");
	orm_deparse_groups(&deparse, &buf, lookup->groups, " WHERE ", "t");
	append_lock(&buf, lookup);
	rows = orm_statement_write(&deparse, &buf, keys->nrows);
	for (int i = 0; i < rows->nrows; i++)
		take(&found[DatumGetInt64(rows->values[i][0]) - 1], rows, i);
	return found;
}

OrmFound *
orm_lookup_row(const OrmLookup *lookup, OrmWhere *key)
{
	OrmFound   *found = palloc0(sizeof(OrmFound));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT true");
	append_columns(&buf, lookup->columns);
	appendStringInfo(&buf, " FROM %s AS t", orm_entity_qualified(lookup->entity));
	orm_deparse_groups(&deparse, &buf, lcons(key, list_copy(lookup->groups)), " WHERE ", "t");
	append_lock(&buf, lookup);
	rows = orm_statement_write(&deparse, &buf, 1);
	if (rows->nrows > 0)
		take(found, rows, 0);
	return found;
}
