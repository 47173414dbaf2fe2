/*
 * save_options.c
 *	  The clauses of a call that saves.
 */
#include "base/compat.h"

#include "base/error.h"
#include "save/permit.h"
#include "save/save.h"

#define VERB(verb)	(1 << (verb))
#define ALL_VERBS	(VERB(ORM_SAVE) | VERB(ORM_INSERT) | VERB(ORM_UPDATE) | VERB(ORM_UPSERT) | VERB(ORM_REPLACE))

typedef struct Merging
{
	OrmSaveOptions *options;
	OrmEntity  *entity;
	OrmSaveVerb verb;
} Merging;

typedef struct Clause
{
	const char *name;
	int			verbs;			/* for which it stands */
	void		(*parse) (Merging *merging, const OrmJson *node);
} Clause;

static void
wrong_kind(const OrmJson *node, const char *what)
{
	const OrmJson *clause = node;

	while (clause->parent && clause->parent->parent)
		clause = clause->parent;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 clause->key ? errmsg("clause \"%s\" takes %s", clause->key, what) : errmsg("%s is expected", what),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
}

static bool
flag(const OrmJson *node)
{
	if (node->kind != ORM_JSON_BOOL)
		wrong_kind(node, "true or false");
	return node->value.val.boolean;
}

/* a list of names, or one of them */
static List *
strings(const OrmJson *node, const char *what)
{
	List	   *list = NIL;

	if (node->kind == ORM_JSON_STRING)
		return list_make1(orm_json_string(node));
	if (node->kind != ORM_JSON_ARRAY)
		wrong_kind(node, what);
	for (int i = 0; i < node->nitems; i++)
	{
		if (node->items[i].kind != ORM_JSON_STRING)
			wrong_kind(&node->items[i], "a name");
		list = lappend(list, orm_json_string(&node->items[i]));
	}
	return list;
}

static List *
properties(const Merging *merging, const OrmJson *node)
{
	List	   *names = strings(node, "a list of properties");
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, names)
	{
		OrmProperty *property = orm_query_property_or_raise(merging->entity, lfirst(cell), node);

		if (property->attnum == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("property \"%s\" is computed", property->name),
					 orm_errdetail_at(node, "Properties with a column are named here.")));
		list = lappend(list, property);
	}
	return list;
}

/* a set of properties that is unique */
static void
check_unique(const Merging *merging, const OrmJson *node, List *set)
{
	for (int u = 0; u < merging->entity->nuniques; u++)
	{
		OrmUnique  *unique = &merging->entity->uniques[u];
		int			found = 0;
		ListCell   *cell;

		foreach(cell, set)
			for (int c = 0; c < unique->ncolumns; c++)
				if (unique->attnums[c] == ((OrmProperty *) lfirst(cell))->attnum)
					found++;
		if (found == list_length(set) && found == unique->ncolumns)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the properties are no unique set of entity \"%s\"", merging->entity->name),
			 orm_errdetail_at(node, "A row is found by what only one row can have.")));
}

static void
parse_by(Merging *merging, const OrmJson *node)
{
	merging->options->by = properties(merging, node);
	check_unique(merging, node, merging->options->by);
}

/* the columns of a unique constraint or index by its name, or NIL */
static List *
constraint_properties(const Merging *merging, const char *name)
{
	List	   *list = NIL;

	for (int u = 0; u < merging->entity->nuniques; u++)
	{
		OrmUnique  *unique = &merging->entity->uniques[u];

		if (strcmp(unique->name, name) != 0)
			continue;
		for (int c = 0; c < unique->ncolumns; c++)
		{
			OrmProperty *property = orm_entity_property_by_attnum(merging->entity, unique->attnums[c]);

			if (property == NULL)
				return NIL;
			list = lappend(list, property);
		}
	}
	return list;
}

static void
parse_on_conflict(Merging *merging, const OrmJson *node)
{
	List	   *list = NIL;

	if (node->kind == ORM_JSON_STRING)
		list = constraint_properties(merging, orm_json_string(node));
	if (list == NIL)
	{
		list = properties(merging, node);
		check_unique(merging, node, list);
	}
	merging->options->conflict = list;
}

static void
parse_update(Merging *merging, const OrmJson *node)
{
	merging->options->update = properties(merging, node);
	merging->options->update_said = true;
}

static void
parse_where(Merging *merging, const OrmJson *node)
{
	OrmWhere   *where = orm_where_parse(merging->entity, node);
	OrmSaveOptions *options = merging->options;

	if (where)
		options->guard = options->guard ? orm_where_and(list_make2(options->guard, where)) : where;
}

static void
parse_permit(Merging *merging, const OrmJson *node)
{
	merging->options->permit = orm_permit_parse(merging->entity, node);
}

static void
parse_sync(Merging *merging, const OrmJson *node)
{
	OrmSaveOptions *options = merging->options;

	if (node->kind == ORM_JSON_BOOL)
	{
		options->sync_all = node->value.val.boolean;
		return;
	}
	if (node->kind != ORM_JSON_ARRAY)
		wrong_kind(node, "true, or a list of relations");
	for (int i = 0; i < node->nitems; i++)
	{
		OrmEntity  *entity = merging->entity;
		List	   *path;
		ListCell   *cell;

		if (node->items[i].kind != ORM_JSON_STRING)
			wrong_kind(&node->items[i], "the path of a relation");
		path = orm_query_path(&node->items[i], orm_json_string(&node->items[i]));
		foreach(cell, path)
			entity = orm_query_target_or_raise(orm_query_relation_or_raise(entity, lfirst(cell), &node->items[i]), &node->items[i]);
		options->sync = lappend(options->sync, path);
	}
}

static const char *
one_of(const OrmJson *node, const char *const *words, int n)
{
	if (node->kind == ORM_JSON_STRING)
		for (int i = 0; i < n; i++)
			if (strcmp(orm_json_string(node), words[i]) == 0)
				return words[i];
	wrong_kind(node, n == 2 ? "\"error\" or \"move\"" : "\"delete\", \"unlink\", \"ignore\" or \"error\"");
	return NULL;
}

static void
parse_on_missing(Merging *merging, const OrmJson *node)
{
	static const char *const words[] = {"delete", "unlink", "ignore", "error"};

	merging->options->on_missing = one_of(node, words, lengthof(words));
}

static void
parse_on_foreign(Merging *merging, const OrmJson *node)
{
	static const char *const words[] = {"error", "move"};

	merging->options->on_foreign = one_of(node, words, lengthof(words));
}

static void
parse_require_version(Merging *merging, const OrmJson *node)
{
	merging->options->require_version = flag(node);
}

static void
parse_actions(Merging *merging, const OrmJson *node)
{
	merging->options->actions = flag(node);
}

/* the shape of the roots: nothing that chooses rows */
static void
parse_returning(Merging *merging, const OrmJson *node)
{
	static const char *const shaping[] = {"select", "omit", "load", "count", "aggregate"};
	OrmSaveOptions *options = merging->options;

	if (node->kind == ORM_JSON_BOOL && !node->value.val.boolean)
	{
		options->silent = true;
		return;
	}
	if (node->kind != ORM_JSON_OBJECT)
		wrong_kind(node, "a query document with select, omit or load, or false");
	for (int i = 0; i < node->nitems; i++)
	{
		bool		shapes = false;

		for (int s = 0; s < lengthof(shaping); s++)
			shapes = shapes || strcmp(node->items[i].key, shaping[s]) == 0;
		if (!shapes)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" does not shape a result", node->items[i].key),
					 orm_errdetail_at(&node->items[i], "In \"returning\" stand select, omit and load.")));
	}
	options->silent = false;
	orm_query_merge(options->returning, node, 0);
}

static const Clause clauses[] = {
	{"by", VERB(ORM_SAVE) | VERB(ORM_UPDATE) | VERB(ORM_REPLACE), parse_by},
	{"on_conflict", VERB(ORM_UPSERT), parse_on_conflict},
	{"update", VERB(ORM_UPSERT), parse_update},
	{"where", VERB(ORM_SAVE) | VERB(ORM_UPDATE) | VERB(ORM_REPLACE), parse_where},
	{"permit", ALL_VERBS, parse_permit},
	{"sync", ALL_VERBS, parse_sync},
	{"on_missing", ALL_VERBS, parse_on_missing},
	{"on_foreign", ALL_VERBS, parse_on_foreign},
	{"require_version", ALL_VERBS, parse_require_version},
	{"returning", ALL_VERBS, parse_returning},
	{"actions", ALL_VERBS, parse_actions},
};

static void
unknown_clause(const OrmJson *node)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(clauses); i++)
		names = lappend(names, unconstify(char *, clauses[i].name));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown clause \"%s\"", node->key),
			 orm_errdetail_at(node, "No function that saves takes it."),
			 orm_hint_names(node->key, names, "clauses")));
}

static void
merge_clause(Merging *merging, const OrmJson *node)
{
	for (int i = 0; i < lengthof(clauses); i++)
	{
		if (strcmp(clauses[i].name, node->key) != 0)
			continue;
		if (!(clauses[i].verbs & VERB(merging->verb)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" does not stand here", node->key),
					 orm_errdetail_at(node, "It says nothing about what this function does.")));
		if (node->kind == ORM_JSON_NULL)
			wrong_kind(node, "a value");
		clauses[i].parse(merging, node);
		return;
	}
	unknown_clause(node);
}

OrmSaveOptions *
orm_save_options(OrmEntity *entity, OrmSaveVerb verb, OrmJson **documents, int n)
{
	OrmSaveOptions *options = palloc0(sizeof(OrmSaveOptions));
	Merging		merging = {options, entity, verb};

	options->returning = orm_query_new(entity);
	for (int i = 0; i < n; i++)
	{
		if (documents[i]->kind != ORM_JSON_OBJECT)
			wrong_kind(documents[i], "an object of clauses");
		for (int c = 0; c < documents[i]->nitems; c++)
			merge_clause(&merging, &documents[i]->items[c]);
	}
	return options;
}
