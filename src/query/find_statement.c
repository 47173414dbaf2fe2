/*
 * find_statement.c
 *	  Writes the statements of find and leaves them with their entity.
 */
#include "base/compat.h"

#include "query/find_statement.h"

static bool
is_point(OrmEntity *entity)
{
	/* a scope that reads a setting says something else each time, and so may one about the time */
	if (entity->find_varies || orm_scope_varies(entity))
		return false;
	for (int i = 0; i < entity->nrelations; i++)
		if (entity->relations[i].eager)
			return false;
	return true;
}

List *
orm_find_wheres(OrmEntity *entity, const OrmUnique *unique)
{
	List	   *wheres = NIL;
	int			n = unique ? unique->ncolumns : entity->nkeys;

	for (int i = 0; i < n; i++)
	{
		OrmProperty *property = unique ? orm_entity_property_by_attnum(entity, unique->attnums[i])
			: &entity->properties[entity->keys[i]];

		wheres = lappend(wheres, orm_where_equal(entity, property, orm_property_type(entity, property), (Datum) 0));
	}
	return wheres;
}

/* in the entity's memory: its default properties, found by its key or by a unique set */
static OrmStatement *
new_statement(OrmEntity *entity, const OrmUnique *unique)
{
	MemoryContext old = MemoryContextSwitchTo(entity->context);
	OrmQuery   *query = orm_query_new(entity);
	OrmStatement *statement;
	int			nkeys;

	query->alone = true;
	query->wheres = orm_find_wheres(entity, unique);
	nkeys = list_length(query->wheres);
	orm_query_finish(query);
	statement = orm_deparse(query, NULL)->statement;
	statement->generic = true;
	statement->nkeys = nkeys;
	MemoryContextSwitchTo(old);
	entity->find_varies = !orm_statement_is_constant(statement, false);
	return entity->find_varies ? NULL : statement;
}

OrmStatement *
orm_find_statement(OrmEntity *entity)
{
	if (entity->find == NULL && entity->nkeys == 1 && is_point(entity))
		entity->find = new_statement(entity, NULL);
	return entity->find;
}

OrmStatement *
orm_find_statement_by(OrmEntity *entity, OrmUnique *unique)
{
	if (unique->find == NULL && is_point(entity))
		unique->find = new_statement(entity, unique);
	return unique->find;
}
