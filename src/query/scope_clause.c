/*
 * scope_clause.c
 *	  Reads "scopes", "without" and "trashed", and adds their groups to a level.
 */
#include "base/compat.h"

#include "base/error.h"
#include "query/scope.h"
#include "query/scope_clause.h"

static void
add_scope(OrmQuery *query, const char *name, const OrmJson *arguments, const OrmJson *node)
{
	query->wheres = lappend(query->wheres, orm_scope_where(query->entity, name, arguments, node));
}

static void
add_members(OrmQuery *query, const OrmJson *object)
{
	for (int i = 0; i < object->nitems; i++)
		add_scope(query, object->items[i].key, &object->items[i], &object->items[i]);
}

void
orm_scope_parse_scopes(OrmQuery *query, const OrmJson *value)
{
	if (value->kind == ORM_JSON_STRING)
		add_scope(query, orm_json_string(value), NULL, value);
	else if (value->kind == ORM_JSON_OBJECT)
		add_members(query, value);
	else if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of scopes");
	else
		for (int i = 0; i < value->nitems; i++)
		{
			const OrmJson *item = &value->items[i];

			if (item->kind == ORM_JSON_STRING)
				add_scope(query, orm_json_string(item), NULL, item);
			else if (item->kind == ORM_JSON_OBJECT)
				add_members(query, item);
			else
				orm_query_wrong_kind(item, "names of scopes, or objects of name and arguments");
		}
}

static void
check_global(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmScope   *scope = orm_entity_scope(entity, name);
	List	   *names = NIL;

	for (int i = 0; i < entity->nscopes; i++)
		if (entity->scopes[i].global)
			names = lappend(names, entity->scopes[i].name);
	if (scope == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("entity \"%s\" has no scope \"%s\"", entity->name, name),
				 orm_errdetail_at(node, "Only global scopes can be left off."),
				 orm_hint_names(name, names, "global scopes")));
	if (!scope->global)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scope \"%s\" of entity \"%s\" is not global", name, entity->name),
				 orm_errdetail_at(node, "It holds only where it is asked for.")));
}

void
orm_scope_parse_without(OrmQuery *query, const OrmJson *value)
{
	List	   *names = NIL;

	if (value->kind == ORM_JSON_STRING)
		names = list_make1(orm_json_string(value));
	else if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of global scopes");
	for (int i = 0; i < value->nitems; i++)
	{
		if (value->items[i].kind != ORM_JSON_STRING)
			orm_query_wrong_kind(&value->items[i], "a list of global scopes");
		names = lappend(names, orm_json_string(&value->items[i]));
		check_global(query->entity, llast(names), &value->items[i]);
	}
	if (value->kind == ORM_JSON_STRING)
		check_global(query->entity, linitial(names), value);
	query->without = names;
	query->unscoped = value;
}

void
orm_scope_parse_trashed(OrmQuery *query, const OrmJson *value)
{
	char	   *word = value->kind == ORM_JSON_STRING ? orm_json_string(value) : "";

	if (strcmp(word, "with") != 0 && strcmp(word, "only") != 0)
		orm_query_wrong_kind(value, "\"with\" or \"only\"");
	if (query->entity->soft_delete == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" is not soft-deleting", query->entity->name),
				 orm_errdetail_at(value, "It has no trashed rows."),
				 errhint("Declare it with \"soft_delete\" and the name of a column.")));
	query->trashed = strcmp(word, "only") == 0 ? ORM_TRASHED_ONLY : ORM_TRASHED_WITH;
	query->unscoped = value;
}

void
orm_scope_finish(OrmQuery *query)
{
	OrmWhere   *condition;

	if (query->given)
	{
		if (query->unscoped)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" chooses rows, and these are chosen already",
							query->unscoped->key ? query->unscoped->key : "without"),
					 orm_errdetail_at(query->unscoped, "No global scope holds on rows at hand."),
					 errhint("Say it in the query that gives the rows.")));
		return;
	}
	condition = query->relation ? orm_scope_relation_condition(query->relation, query->entity) : NULL;
	if (condition)
		query->wheres = lappend(query->wheres, condition);
	query->wheres = list_concat(query->wheres, orm_scope_groups(query->entity, query->without, query->trashed));
}
