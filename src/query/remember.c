/*
 * remember.c
 *	  Finds the columns that orm.lazy will want of an entity's rows.
 */
#include "base/compat.h"

#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_relation.h"
#include "query/remember.h"

static bool
has_lazy_relations(const OrmEntity *entity)
{
	for (int i = 0; i < entity->nrelations; i++)
		if (entity->relations[i].lazy)
			return entity->nkeys > 0;
	return false;
}

/* what is read besides shall not fail for whoever may read what he asks for */
static bool
may_read(const OrmEntity *entity, AttrNumber attnum)
{
	return pg_class_aclcheck(entity->relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(entity->relid, attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

static OrmRemembered *
remembered_new(OrmEntity *entity)
{
	OrmRemembered *remembered = palloc0(sizeof(OrmRemembered));
	int			room = entity->nkeys;

	for (int i = 0; i < entity->nrelations; i++)
		if (entity->relations[i].lazy)
			room += entity->relations[i].nlinks;
	remembered->entity = entity;
	remembered->columns = palloc(sizeof(int) * room);
	remembered->attnums = palloc(sizeof(AttrNumber) * room);
	return remembered;
}

static void
add_column(OrmRemembered *remembered, int column, AttrNumber attnum)
{
	for (int i = 0; i < remembered->n; i++)
		if (remembered->attnums[i] == attnum)
			return;
	remembered->columns[remembered->n] = column;
	remembered->attnums[remembered->n++] = attnum;
}

static bool
query_has(const OrmSource *source, const char *column)
{
	ListCell   *cell;

	foreach(cell, source->columns)
		if (strcmp(lfirst(cell), column) == 0)
			return true;
	return false;
}

/* false where the rows of a query lack a column of the key, or the caller may not read it */
static bool
add_keys(OrmRemembered *remembered, OrmStatement *statement, const OrmSource *source)
{
	OrmEntity  *entity = remembered->entity;
	bool		of_query = source && source->kind == ORM_SOURCE_QUERY;

	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		if (of_query ? !query_has(source, property->column) : !may_read(entity, property->attnum))
			return false;
	}
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];
		char	   *sql = psprintf("t.%s", quote_identifier(property->column));

		/* the column of a query may be of another type than the table's */
		if (of_query)
			sql = psprintf("CAST(%s AS %s)", sql, format_type_be_qualified(getBaseType(property->type)));
		add_column(remembered, orm_statement_column(statement, sql), property->attnum);
	}
	remembered->nkeys = remembered->n;
	return true;
}

void
orm_remember(OrmStatement *statement, OrmQuery *query, const OrmSource *source)
{
	OrmEntity  *entity = query->entity;
	OrmRemembered *remembered;

	if (query->alone || !has_lazy_relations(entity))
		return;
	remembered = remembered_new(entity);
	if (!add_keys(remembered, statement, source))
		return;
	for (int i = 0; source == NULL && i < entity->nrelations; i++)
	{
		OrmRelation *relation = &entity->relations[i];

		for (int l = 0; relation->lazy && l < relation->nlinks; l++)
		{
			OrmLinkColumn *link = &relation->links[l];

			if (may_read(entity, link->near_attnum))
				add_column(remembered,
						   orm_statement_column(statement, psprintf("t.%s", quote_identifier(link->near_column))),
						   link->near_attnum);
		}
	}
	statement->remembered = remembered;
}

void
orm_remember_given(OrmStatement *statement, OrmQuery *query, TupleDesc desc)
{
	OrmEntity  *entity = query->entity;
	OrmRemembered *remembered;

	if (!has_lazy_relations(entity))
		return;
	remembered = remembered_new(entity);
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		for (int a = 0; a < desc->natts; a++)
		{
			Form_pg_attribute att = TupleDescAttr(desc, a);

			if (!att->attisdropped && strcmp(NameStr(att->attname), property->column) == 0 &&
				getBaseType(att->atttypid) == getBaseType(property->type))
				add_column(remembered, a, property->attnum);
		}
	}
	remembered->nkeys = remembered->n;
	if (remembered->n == entity->nkeys)
		statement->remembered = remembered;
}
