/*
 * scope.c
 *	  Scopes, soft deletion and conditions of relations as groups of conditions.
 */
#include "base/compat.h"

#include "nodes/pg_list.h"

#include "base/error.h"
#include "query/declared_condition.h"
#include "query/predicate.h"
#include "query/scope.h"

/* ---- one scope ---- */

typedef struct ScopeContext
{
	const OrmEntity *entity;
	const OrmScope *scope;
} ScopeContext;

static void
scope_error_callback(void *arg)
{
	ScopeContext *context = arg;

	errcontext("scope \"%s\" of entity \"%s\"", context->scope->name, context->entity->name);
}

static OrmWhere *
expand(OrmEntity *entity, OrmScope *scope, const OrmJson **values)
{
	ScopeContext context = {entity, scope};
	ErrorContextCallback callback;
	OrmWhere   *where;

	check_stack_depth();
	callback.callback = scope_error_callback;
	callback.arg = &context;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	if (scope->predicate)
		where = orm_predicate_where(entity, scope->predicate, list_length(scope->arguments), values);
	else
		where = orm_declared_condition(NULL, entity, scope->condition, scope->arguments, values);
	error_context_stack = callback.previous;
	return where ? where : orm_where_and(NIL);
}

/* ---- arguments ---- */

static void
wrong_arguments(const OrmScope *scope, const OrmJson *node, const char *what)
{
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, scope->arguments)
		appendStringInfo(&names, "%s\"%s\"", names.len > 0 ? ", " : "", (char *) lfirst(cell));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("scope \"%s\" takes %d argument", "scope \"%s\" takes %d arguments",
						   list_length(scope->arguments), scope->name, list_length(scope->arguments)),
			 orm_errdetail_at(node, "%s", what),
			 scope->arguments ? errhint("The arguments are %s.", names.data) : 0));
}

static void
take_named(const OrmScope *scope, const OrmJson *arguments, const OrmJson **values)
{
	for (int i = 0; i < arguments->nitems; i++)
	{
		const OrmJson *value = &arguments->items[i];
		ListCell   *cell;
		bool		known = false;

		foreach(cell, scope->arguments)
			if (strcmp(lfirst(cell), value->key) == 0)
			{
				values[foreach_current_index(cell)] = value;
				known = true;
			}
		if (!known)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("scope \"%s\" has no argument \"%s\"", scope->name, value->key),
					 orm_errdetail_at(value, "Arguments are given by the names they are declared with."),
					 orm_hint_names(value->key, scope->arguments, "arguments")));
	}
}

static const OrmJson **
take_arguments(const OrmScope *scope, const OrmJson *arguments, const OrmJson *node)
{
	int			n = list_length(scope->arguments);
	const OrmJson **values = palloc0(sizeof(OrmJson *) * (n + 1));

	if (arguments == NULL)
	{
		if (n > 0)
			wrong_arguments(scope, node, "None are given.");
		return values;
	}
	if (arguments->kind == ORM_JSON_OBJECT)
		take_named(scope, arguments, values);
	else if (arguments->kind == ORM_JSON_ARRAY)
	{
		if (arguments->nitems > n)
			wrong_arguments(scope, arguments, psprintf("%d are given.", arguments->nitems));
		for (int i = 0; i < arguments->nitems; i++)
			values[i] = &arguments->items[i];
	}
	else
		wrong_arguments(scope, arguments, "They are given as a list, or as an object by name.");
	for (int i = 0; i < n; i++)
		if (values[i] == NULL)
			wrong_arguments(scope, arguments,
							psprintf("Argument \"%s\" is not given.", (char *) list_nth(scope->arguments, i)));
	return values;
}

OrmWhere *
orm_scope_where(OrmEntity *entity, const char *name, const OrmJson *arguments, const OrmJson *node)
{
	OrmScope   *scope = orm_entity_scope(entity, name);

	if (scope == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("entity \"%s\" has no scope \"%s\"", entity->name, name),
				 orm_errdetail_at(node, "Only declared scopes can be asked for."),
				 orm_hint_names(name, orm_entity_scope_names(entity), "scopes")));
	return expand(entity, scope, take_arguments(scope, arguments, node));
}

OrmWhere *
orm_scope_in_where(OrmEntity *entity, const OrmJson *operand)
{
	if (operand->kind == ORM_JSON_STRING)
		return orm_scope_where(entity, orm_json_string(operand), NULL, operand);
	if (operand->kind != ORM_JSON_OBJECT || operand->nitems != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"$scope\" takes the name of a scope"),
				 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand)),
				 errhint("With arguments it is {\"$scope\": {\"name\": [...]}}.")));
	return orm_scope_where(entity, operand->items[0].key, &operand->items[0], &operand->items[0]);
}

/* ---- groups ---- */

static bool
is_named(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

List *
orm_scope_groups(OrmEntity *entity, List *without, OrmTrashed trashed)
{
	List	   *groups = NIL;

	for (int i = 0; i < entity->nscopes; i++)
		if (entity->scopes[i].global && !is_named(without, entity->scopes[i].name))
			groups = lappend(groups, expand(entity, &entity->scopes[i], NULL));
	if (entity->soft_delete && trashed != ORM_TRASHED_WITH)
		groups = lappend(groups, orm_predicate_trashed(entity, trashed == ORM_TRASHED_ONLY));
	return groups;
}

OrmWhere *
orm_scope_relation_condition(OrmRelation *relation, OrmEntity *target)
{
	OrmWhere   *own = relation->condition
		? orm_declared_condition(relation, target, relation->condition, NIL, NULL) : NULL;
	OrmWhere   *last = NULL;

	/* what holds on the last relation of a way holds on its end, unless it is taken on the way */
	if (relation->path && !relation->to_the_row)
		last = orm_scope_relation_condition(relation->hops[relation->nhops - 1], target);
	return own && last ? orm_where_and(list_make2(own, last)) : own ? own : last;
}

List *
orm_scope_relation_groups(OrmRelation *relation, OrmEntity *target)
{
	OrmWhere   *condition = orm_scope_relation_condition(relation, target);
	List	   *groups = orm_scope_groups(target, NIL, ORM_TRASHED_OUT);

	return condition ? lcons(condition, groups) : groups;
}

bool
orm_scope_varies(OrmEntity *entity)
{
	for (int i = 0; i < entity->nscopes; i++)
		if (entity->scopes[i].global && entity->scopes[i].condition &&
			orm_declared_varies(entity, entity->scopes[i].condition))
			return true;
	return false;
}
