/*
 * write_clauses.c
 *	  Reads the clauses of delete, restore, delete_all and update_all.
 */
#include "base/compat.h"

#include "base/error.h"
#include "query/untrusted.h"
#include "save/write_clauses.h"

typedef void (*ClauseParser) (OrmWriteClauses *clauses, const OrmJson *value);

typedef struct Clause
{
	const char *name;
	ClauseParser parse;
	int			verbs;			/* who takes it */
} Clause;

#define ONE		(1 << ORM_VERB_DELETE | 1 << ORM_VERB_RESTORE)
#define MANY	(1 << ORM_VERB_DELETE_ALL | 1 << ORM_VERB_UPDATE_ALL)
#define REMOVES	(1 << ORM_VERB_DELETE | 1 << ORM_VERB_DELETE_ALL)

static void parse_rows(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_returning(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_force(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_all(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_at_most(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_version(OrmWriteClauses *clauses, const OrmJson *value);
static void parse_require_version(OrmWriteClauses *clauses, const OrmJson *value);

static const Clause known[] = {
	{"where", parse_rows, ONE | MANY},
	{"scopes", parse_rows, MANY},
	{"without", parse_rows, ONE | MANY},
	{"trashed", parse_rows, MANY},
	{"force", parse_force, REMOVES},
	{"all", parse_all, MANY},
	{"at_most", parse_at_most, MANY},
	{"version", parse_version, ONE},
	{"require_version", parse_require_version, ONE},
	{"returning", parse_returning, ONE},
};

static const char *const verb_names[] = {
	[ORM_VERB_DELETE] = "delete",
	[ORM_VERB_RESTORE] = "restore",
	[ORM_VERB_DELETE_ALL] = "delete_all",
	[ORM_VERB_UPDATE_ALL] = "update_all",
};

static void
no_such_clause(const OrmWriteClauses *clauses, const OrmJson *node)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(known); i++)
		if (known[i].verbs & (1 << clauses->verb))
			names = lappend(names, unconstify(char *, known[i].name));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("orm.%s takes no clause \"%s\"", verb_names[clauses->verb], node->key),
			 orm_errdetail_at(node, "It has no meaning here."),
			 orm_hint_names(node->key, names, "clauses")));
}

static void
wrong_value(const OrmJson *node, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"%s\" takes %s", node->key, what),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
}

/* ---- clause by clause ---- */

/* "value" as the only clause of a query document; its place stays */
static void
merge_one(OrmQuery *query, const OrmJson *value)
{
	OrmJson		document = *value->parent;

	document.items = unconstify(OrmJson *, value);
	document.nitems = 1;
	orm_query_merge(query, &document, 0);
}

static void
parse_rows(OrmWriteClauses *clauses, const OrmJson *value)
{
	merge_one(clauses->rows, value);
}

static void
parse_returning(OrmWriteClauses *clauses, const OrmJson *value)
{
	static const char *const shaping[] = {"select", "omit", "load"};

	clauses->silent = value->kind == ORM_JSON_BOOL && !value->value.val.boolean;
	if (value->kind == ORM_JSON_BOOL)
		return;
	if (value->kind != ORM_JSON_OBJECT)
		wrong_value(value, "true, false or a query document");
	for (int i = 0; i < value->nitems; i++)
	{
		bool		shapes = false;

		for (int c = 0; c < lengthof(shaping); c++)
			shapes = shapes || strcmp(value->items[i].key, shaping[c]) == 0;
		if (!shapes)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" has no place in \"returning\"", value->items[i].key),
					 orm_errdetail_at(&value->items[i], "What is returned is shaped by select, omit and load.")));
	}
	orm_query_merge(clauses->returning, value, 0);
}

static bool
flag(const OrmJson *value)
{
	if (value->kind != ORM_JSON_BOOL)
		wrong_value(value, "true or false");
	return value->value.val.boolean;
}

static void
parse_force(OrmWriteClauses *clauses, const OrmJson *value)
{
	clauses->force = flag(value);
}

static void
parse_all(OrmWriteClauses *clauses, const OrmJson *value)
{
	clauses->all = flag(value);
}

static void
parse_at_most(OrmWriteClauses *clauses, const OrmJson *value)
{
	clauses->at_most = orm_query_whole_number(value);
}

static void
refuse_without_version(const OrmWriteClauses *clauses, const OrmJson *value)
{
	if (clauses->entity->version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" has no version", clauses->entity->name),
				 orm_errdetail_at(value, "There is nothing to compare."),
				 errhint("Declare it with \"version\" and the name of an integer column.")));
}

static void
parse_version(OrmWriteClauses *clauses, const OrmJson *value)
{
	refuse_without_version(clauses, value);
	clauses->version = value;
}

static void
parse_require_version(OrmWriteClauses *clauses, const OrmJson *value)
{
	clauses->require_version = flag(value);
	if (clauses->require_version)
		refuse_without_version(clauses, value);
}

/* ---- all of them ---- */

static void
merge(OrmWriteClauses *clauses, const OrmJson *document)
{
	if (document->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clauses are a JSON object"),
				 orm_errdetail_at(document, "%s stands here.", orm_json_a_kind(document))));
	for (int i = 0; i < document->nitems; i++)
	{
		const OrmJson *value = &document->items[i];
		int			at = 0;

		if (orm_untrusted_is_mark(value))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a document from outside does not say what is written"),
					 orm_errdetail_at(document, "orm.untrusted has made it, for reading.")));
		while (at < lengthof(known) && strcmp(known[at].name, value->key) != 0)
			at++;
		if (at == lengthof(known) || (known[at].verbs & (1 << clauses->verb)) == 0)
			no_such_clause(clauses, value);
		if (value->kind == ORM_JSON_NULL)
			wrong_value(value, "no null; leave it out");
		known[at].parse(clauses, value);
	}
}

OrmWriteClauses *
orm_write_clauses(OrmEntity *entity, OrmWriteVerb verb, OrmJson **documents, int n)
{
	OrmWriteClauses *clauses = palloc0(sizeof(OrmWriteClauses));

	clauses->entity = entity;
	clauses->verb = verb;
	clauses->at_most = -1;
	clauses->rows = orm_query_new(entity);
	clauses->returning = orm_query_new(entity);
	for (int i = 0; i < n; i++)
		merge(clauses, documents[i]);
	return clauses;
}

/* ---- all rows, and how many ---- */

/* does the condition hold, or with "holds" false fail, whatever the row? */
static bool
is_constant(const OrmWhere *where, bool holds)
{
	bool		any = where->kind == ORM_WHERE_AND ? !holds : holds;
	ListCell   *cell;

	check_stack_depth();
	if (where->kind == ORM_WHERE_NOT)
		return is_constant(linitial(where->items), !holds);
	if (where->kind != ORM_WHERE_AND && where->kind != ORM_WHERE_OR)
		return false;
	/* one item decides, or all of them have to agree */
	foreach(cell, where->items)
		if (is_constant(lfirst(cell), holds) == any)
			return any;
	return !any;
}

void
orm_write_refuse_all(const OrmWriteClauses *clauses)
{
	ListCell   *cell;

	if (clauses->all)
		return;
	foreach(cell, clauses->rows->wheres)
		if (!is_constant(lfirst(cell), true))
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("orm.%s has no condition", verb_names[clauses->verb]),
			 errdetail("It would write every row of entity \"%s\".", clauses->entity->name),
			 errhint("If that is meant, say {\"all\": true}.")));
}

void
orm_write_check_count(const OrmWriteClauses *clauses, uint64 count)
{
	if (clauses->at_most >= 0 && count > (uint64) clauses->at_most)
		ereport(ERROR,
				(errcode(ERRCODE_ORM_TOO_MANY_ROWS),
				 errmsg("orm.%s would write " UINT64_FORMAT " rows", verb_names[clauses->verb], count),
				 errdetail("Clause \"at_most\" allows " INT64_FORMAT ".", clauses->at_most)));
}
