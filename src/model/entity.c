/*
 * entity.c
 *	  Accessors of the structs in entity.h.
 */
#include "base/compat.h"

#include "utils/builtins.h"

#include "model/entity.h"

OrmProperty *
orm_entity_property(const OrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (strcmp(entity->properties[i].name, name) == 0)
			return &entity->properties[i];
	return NULL;
}

OrmProperty *
orm_entity_property_by_attnum(const OrmEntity *entity, AttrNumber attnum)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (entity->properties[i].attnum == attnum)
			return &entity->properties[i];
	return NULL;
}

OrmProperty *
orm_entity_property_by_column(const OrmEntity *entity, const char *column)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (entity->properties[i].column && strcmp(entity->properties[i].column, column) == 0)
			return &entity->properties[i];
	return NULL;
}

OrmRelation *
orm_entity_relation(const OrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->nrelations; i++)
		if (strcmp(entity->relations[i].name, name) == 0)
			return &entity->relations[i];
	return NULL;
}

OrmScope *
orm_entity_scope(const OrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->nscopes; i++)
		if (strcmp(entity->scopes[i].name, name) == 0)
			return &entity->scopes[i];
	return NULL;
}

List *
orm_entity_property_names(const OrmEntity *entity, bool with_hidden)
{
	List	   *names = NIL;

	for (int i = 0; i < entity->nproperties; i++)
		if (with_hidden || !entity->properties[i].hidden)
			names = lappend(names, entity->properties[i].name);
	return names;
}

List *
orm_entity_relation_names(const OrmEntity *entity)
{
	List	   *names = NIL;

	for (int i = 0; i < entity->nrelations; i++)
		names = lappend(names, entity->relations[i].name);
	return names;
}

List *
orm_entity_scope_names(const OrmEntity *entity)
{
	List	   *names = NIL;

	for (int i = 0; i < entity->nscopes; i++)
		names = lappend(names, entity->scopes[i].name);
	return names;
}

char *
orm_entity_qualified(const OrmEntity *entity)
{
	return quote_qualified_identifier(entity->schema_name, entity->relation_name);
}
