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
	level->entity = orm_model_by_relid(relation->target, false);
	permit->relations = lappend(permit->relations, level);
	return level;
}

static bool
is_property(const OrmPermit *permit, const char *name)
{
	if (orm_entity_property(permit->entity, name) || orm_entity_has_embed(permit->entity, name))
		return true;
	/* what an element of a list may have besides */
	return permit->relation &&
		(strcmp(name, "$delete") == 0 || (orm_save_has_junction(permit->relation) && strcmp(name, "pivot") == 0));
}

/* is the last name of a path one that may be given there? with a flex column any name is a property */
static bool
is_last_name(const OrmPermit *permit, const char *name)
{
	return is_property(permit, name) ||
		(permit->entity->flex_property && orm_entity_relation(permit->entity, name) == NULL);
}

/* 42703: what stands last is a property or relation, what stands before that a relation */
static void
no_such_name(OrmEntity *entity, const char *name, bool last, const OrmJson *node)
{
	if (!last)
		(void) orm_query_relation_or_raise(entity, name, node);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("entity \"%s\" has no property or relation \"%s\"", entity->name, name),
			 orm_errdetail_at(node, "It is named here."),
			 orm_hint_names(name, list_concat(orm_entity_property_names(entity, true),
											  orm_entity_relation_names(entity)), "names")));
}

/*
 * The names from "at" on. A morph_to is a level for each of its types: what
 * may be given of one need not be there in another, but has to be in one.
 * False when the first name is none, of one type.
 */
static bool
permit_names(OrmPermit *permit, List *path, int at, const OrmJson *node)
{
	char	   *name = list_nth(path, at);
	bool		last = at + 1 == list_length(path);
	OrmRelation *relation = orm_entity_relation(permit->entity, name);
	OrmPermit  *level = NULL;
	bool		known = false;

	check_stack_depth();
	if (last && is_last_name(permit, name))
	{
		permit->names = lappend(permit->names, name);
		return true;
	}
	for (int i = 0; relation && i < Max(relation->nbranches, 1); i++)
	{
		level = level_of(permit, relation->nbranches > 0 ? &relation->branches[i] : relation);
		level->link = level->link || last;
		known = last || permit_names(level, path, at + 1, node) || known;
	}
	if (known)
		return true;
	if (level)
		no_such_name(level->entity, list_nth(path, at + 1), at + 2 == list_length(path), node);
	if (permit->relation == NULL || permit->relation->whole == NULL)
		no_such_name(permit->entity, name, last, node);
	return false;
}

static void
permit_path(OrmPermit *permit, const OrmJson *node)
{
	(void) permit_names(permit, orm_query_path(node, orm_json_string(node)), 0, node);
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
			 errmsg("\"%s\" of entity \"%s\" may not be given", name, permit->entity->name),
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

/* the key, and of a to-one any unique property: they say which row is meant */
static bool
is_key(const OrmPermit *permit, const OrmProperty *property)
{
	return permit->link && property && property->is_key;
}

static bool
is_unique(const OrmPermit *permit, const OrmProperty *property)
{
	return permit->link && property && orm_save_holds_key(permit->relation) && is_in_unique_set(permit->entity, property);
}

bool
orm_permit_property(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start)
{
	OrmProperty *property;
	ListCell   *cell;

	if (permit == NULL)
		return true;
	foreach(cell, permit->names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	property = orm_entity_property(permit->entity, name);
	if (is_key(permit, property))
		return true;
	if (!is_unique(permit, property))
		not_permitted(permit, name, call, start);
	return false;
}

void
orm_permit_named(const OrmPermit *permit, const OrmSaveRow *row)
{
	if (row->naming && !row->link_only)
		not_permitted(permit, row->naming, row->table->call, row->start);
}

void
orm_permit_link(const OrmPermit *permit, const OrmSaveCall *call, Size start)
{
	if (permit != NULL && !permit->link)
		(void) orm_permit_property(permit, permit->entity->properties[permit->entity->keys[0]].name, call, start);
}

const OrmPermit *
orm_permit_relation(const OrmPermit *permit, const OrmRelation *relation, const OrmSaveCall *call, Size start)
{
	ListCell   *cell;

	if (permit == NULL)
		return NULL;
	foreach(cell, permit->relations)
	{
		OrmPermit  *level = lfirst(cell);

		if (level->relation == relation)
			return level;
	}
	not_permitted(permit, relation->name, call, start);
	return NULL;
}
