/*
 * find_statement.c
 *	  Writes the statement of find by key and leaves it with its entity.
 */
#include "base/compat.h"

#include "query/find_statement.h"

static bool
is_point(OrmEntity *entity)
{
	/* a scope that reads a setting says something else each time */
	if (entity->nkeys != 1 || orm_scope_varies(entity))
		return false;
	for (int i = 0; i < entity->nrelations; i++)
		if (entity->relations[i].eager)
			return false;
	return true;
}

OrmStatement *
orm_find_statement(OrmEntity *entity)
{
	MemoryContext old;
	OrmQuery   *query;
	OrmProperty *key;

	if (entity->find != NULL || !is_point(entity))
		return entity->find;
	old = MemoryContextSwitchTo(entity->context);
	query = orm_query_new(entity);
	key = &entity->properties[entity->keys[0]];
	query->alone = true;
	query->wheres = list_make1(orm_where_equal(entity, key, orm_property_type(entity, key), (Datum) 0));
	orm_query_finish(query);
	entity->find = orm_deparse(query, NULL)->statement;
	entity->find->generic = true;
	MemoryContextSwitchTo(old);
	return entity->find;
}
