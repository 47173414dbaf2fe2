/*
 * entity.c
 *	  Accessors of the structs in entity.h.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/entity.h"

/* in the order of OrmRelationKind */
static const struct
{
	const char *name;
	bool		to_many;
}			relation_kinds[] = {
	{"belongs_to", false},
	{"has_one", false},
	{"has_many", true},
	{"many_to_many", true},
	{"has_one_through", false},
	{"has_many_through", true},
	{"has_many_in", true},
	{"has_many_by", true},
	{"morph_to", false},
	{"morph_one", false},
	{"morph_many", true},
	{"morph_to_many", true},
	{"ancestors", true},
	{"descendants", true},
};

StaticAssertDecl(lengthof(relation_kinds) == ORM_DESCENDANTS + 1, "every kind of relation has a name");

const char *
orm_relation_kind_name(OrmRelationKind kind)
{
	return relation_kinds[kind].name;
}

bool
orm_relation_kind_named(const char *name, OrmRelationKind *kind)
{
	for (int i = 0; i < lengthof(relation_kinds); i++)
		if (strcmp(relation_kinds[i].name, name) == 0)
		{
			*kind = i;
			return true;
		}
	return false;
}

Oid
orm_relation_near_type(const OrmRelation *relation, int link)
{
	return OidIsValid(relation->element_type) ? get_array_type(relation->element_type) : relation->links[link].near_type;
}

bool
orm_relation_kind_is_to_many(OrmRelationKind kind)
{
	return relation_kinds[kind].to_many;
}

OrmProperty *
orm_entity_property(const OrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (entity->properties[i].embed == NULL && strcmp(entity->properties[i].name, name) == 0)
			return &entity->properties[i];
	return NULL;
}

static bool
stands_in(const OrmProperty *property, const char *embed)
{
	return property->embed && strcmp(property->embed, embed) == 0;
}

OrmProperty *
orm_entity_embedded(const OrmEntity *entity, const char *embed, const char *name)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (stands_in(&entity->properties[i], embed) && strcmp(entity->properties[i].name, name) == 0)
			return &entity->properties[i];
	return NULL;
}

bool
orm_entity_has_embed(const OrmEntity *entity, const char *name)
{
	for (int i = 0; i < entity->nproperties; i++)
		if (stands_in(&entity->properties[i], name))
			return true;
	return false;
}

List *
orm_entity_embedded_names(const OrmEntity *entity, const char *embed)
{
	List	   *names = NIL;

	for (int i = 0; i < entity->nproperties; i++)
		if (stands_in(&entity->properties[i], embed))
			names = lappend(names, entity->properties[i].name);
	return names;
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

bool
orm_entity_key_is_by_value(const OrmEntity *entity)
{
	for (int i = 0; i < entity->nkeys; i++)
		if (!get_typbyval(getBaseType(entity->properties[entity->keys[i]].type)))
			return false;
	return entity->nkeys > 0;
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
	{
		OrmProperty *property = &entity->properties[i];

		if (property->hidden && !with_hidden)
			continue;
		/* the members of a value object stand together */
		if (property->embed == NULL)
			names = lappend(names, property->name);
		else if (i == 0 || !stands_in(property - 1, property->embed))
			names = lappend(names, property->embed);
	}
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
