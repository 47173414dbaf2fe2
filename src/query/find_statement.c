/*
 * find_statement.c
 *	  Writes the statements of find and leaves them with their entity.
 */
#include "base/compat.h"

#include "query/find_statement.h"

static bool
is_point(OrmEntity *entity)
{
	/* a scope that reads a setting says something else each time */
	if (orm_scope_varies(entity))
		return false;
	for (int i = 0; i < entity->nrelations; i++)
		if (entity->relations[i].eager)
			return false;
	return true;
}

/* in the entity's memory: its default properties, found by these */
static OrmStatement *
new_statement(OrmEntity *entity, List *by)
{
	MemoryContext old = MemoryContextSwitchTo(entity->context);
	OrmQuery   *query = orm_query_new(entity);
	OrmStatement *statement;
	ListCell   *cell;

	query->alone = true;
	foreach(cell, by)
	{
		OrmProperty *property = lfirst(cell);

		query->wheres = lappend(query->wheres,
								orm_where_equal(entity, property, orm_property_type(entity, property), (Datum) 0));
	}
	orm_query_finish(query);
	statement = orm_deparse(query, NULL)->statement;
	statement->generic = true;
	statement->nkeys = list_length(by);
	MemoryContextSwitchTo(old);
	return statement;
}

OrmStatement *
orm_find_statement(OrmEntity *entity)
{
	if (entity->find == NULL && entity->nkeys == 1 && is_point(entity))
		entity->find = new_statement(entity, list_make1(&entity->properties[entity->keys[0]]));
	return entity->find;
}

OrmStatement *
orm_find_statement_by(OrmEntity *entity, OrmUnique *unique)
{
	List	   *by = NIL;

	if (unique->find != NULL || !is_point(entity))
		return unique->find;
	for (int i = 0; i < unique->ncolumns; i++)
		by = lappend(by, orm_entity_property_by_attnum(entity, unique->attnums[i]));
	unique->find = new_statement(entity, by);
	return unique->find;
}
