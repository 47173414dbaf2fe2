/*
 * permit.c
 *	  What a document from outside may give.
 */
#include "base/compat.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "save/graph.h"
#include "save/permit.h"

struct OrmPermit
{
	OrmEntity  *entity;
	OrmRelation *relation;		/* by which this level is reached; NULL at the root */
	bool		link;			/* its rows may be named */
	List	   *names;			/* char *: properties, and "pivot" and "$delete" */
	List	   *relations;		/* OrmPermit * */
};

/* ---- the clause ---- */

static OrmPermit *
level_of(OrmPermit *permit, OrmRelation *relation)
{
	OrmPermit  *level;
	ListCell   *cell;

	foreach(cell, permit->relations)
	{
		level = lfirst(cell);
		if (level->relation == relation)
			return level;
	}
	level = palloc0(sizeof(OrmPermit));
	level->relation = relation;
	/* a morph_to leads to several entities: names are taken as they are said */
	level->entity = relation->kind == ORM_MORPH_TO ? NULL : orm_model_by_relid(relation->target, false);
	permit->relations = lappend(permit->relations, level);
	return level;
}

static bool
is_property(const OrmPermit *permit, const char *name)
{
	if (permit->entity == NULL || orm_entity_property(permit->entity, name) || orm_entity_has_embed(permit->entity, name))
		return true;
	/* what an element of a list may have besides */
	return permit->relation &&
		(strcmp(name, "$delete") == 0 || (orm_save_has_junction(permit->relation) && strcmp(name, "pivot") == 0));
}

static void
permit_path(OrmPermit *permit, const OrmJson *node)
{
	List	   *path = orm_query_path(node, orm_json_string(node));
	ListCell   *cell;

	foreach(cell, path)
	{
		char	   *name = lfirst(cell);
		bool		last = lnext(path, cell) == NULL;

		if (permit->entity == NULL && !last)
			orm_query_target_or_raise(permit->relation, node);
		if (last && is_property(permit, name))
		{
			permit->names = lappend(permit->names, name);
			return;
		}
		/* with a flex column any name is a property */
		if (last && permit->entity->flex_property && orm_entity_relation(permit->entity, name) == NULL)
		{
			permit->names = lappend(permit->names, name);
			return;
		}
		if (last && orm_entity_relation(permit->entity, name) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("entity \"%s\" has no property or relation \"%s\"", permit->entity->name, name),
					 orm_errdetail_at(node, "It is named here."),
					 orm_hint_names(name, list_concat(orm_entity_property_names(permit->entity, true),
													  orm_entity_relation_names(permit->entity)), "names")));
		permit = level_of(permit, orm_query_relation_or_raise(permit->entity, name, node));
		permit->link = permit->link || last;
	}
}

static void
not_a_path(const OrmJson *node, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"permit\" takes %s", what),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
}

OrmPermit *
orm_permit_parse(OrmEntity *entity, const OrmJson *node)
{
	OrmPermit  *permit = palloc0(sizeof(OrmPermit));

	permit->entity = entity;
	if (node->kind != ORM_JSON_ARRAY)
		not_a_path(node, "a list of paths");
	for (int i = 0; i < node->nitems; i++)
	{
		if (node->items[i].kind != ORM_JSON_STRING)
			not_a_path(&node->items[i], "paths");
		permit_path(permit, &node->items[i]);
	}
	return permit;
}

/* ---- the input ---- */

static void
not_permitted(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start)
{
	ereport(ERROR,
			(errcode(ERRCODE_ORM_NOT_WRITABLE),
			 permit->entity ? errmsg("\"%s\" of entity \"%s\" may not be given", name, permit->entity->name)
			 : errmsg("\"%s\" of relation \"%s\" may not be given", name, permit->relation->name),
			 orm_save_errdetail(call, start, "It is none of the paths that \"permit\" names.")));
}

static bool
is_in_unique_set(const OrmEntity *entity, const OrmProperty *property)
{
	for (int i = 0; i < entity->nuniques; i++)
		for (int c = 0; c < entity->uniques[i].ncolumns; c++)
			if (entity->uniques[i].attnums[c] == property->attnum)
				return true;
	return false;
}

static bool
names_a_row_of(const OrmEntity *entity, const OrmRelation *relation, const char *name)
{
	OrmProperty *property = orm_entity_property(entity, name);

	return property && (property->is_key || (orm_save_holds_key(relation) && is_in_unique_set(entity, property)));
}

/* the key, and of a to-one any unique property: they say which row is meant */
static bool
names_a_row(const OrmPermit *permit, const char *name)
{
	const OrmRelation *relation = permit->relation;

	if (!permit->link)
		return false;
	if (permit->entity)
		return names_a_row_of(permit->entity, relation, name);
	for (int i = 0; i < relation->nbranches; i++)
		if (names_a_row_of(orm_model_by_relid(relation->branches[i].target, false), relation, name))
			return true;
	return false;
}

void
orm_permit_property(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start)
{
	ListCell   *cell;

	if (permit == NULL)
		return;
	foreach(cell, permit->names)
		if (strcmp(lfirst(cell), name) == 0)
			return;
	if (!names_a_row(permit, name))
		not_permitted(permit, name, call, start);
}

void
orm_permit_link(const OrmPermit *permit, const OrmSaveCall *call, Size start)
{
	if (permit != NULL && !permit->link)
		orm_permit_property(permit, permit->entity == NULL ? permit->relation->name : permit->entity->properties[permit->entity->keys[0]].name, call, start);
}

const OrmPermit *
orm_permit_relation(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start)
{
	ListCell   *cell;

	if (permit == NULL)
		return NULL;
	foreach(cell, permit->relations)
	{
		OrmPermit  *level = lfirst(cell);

		if (strcmp(level->relation->name, name) == 0)
			return level;
	}
	not_permitted(permit, name, call, start);
	return NULL;
}
