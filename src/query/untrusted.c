/*
 * untrusted.c
 *	  Shape, marks and limits of documents that an untrusted client wrote.
 *
 * The names in them are untrusted_names.c's.
 */
#include "base/compat.h"

#include "common/int.h"

#include "base/error.h"
#include "query/untrusted.h"
#include "query/untrusted_bounds.h"
#include "query/untrusted_names.h"

static const char *const allowed_clauses[] = {
	"where", "order", "limit", "offset", "page", "after", "before", "select", "omit", "load", "count", "aggregate"
};

static const char *const refused_operators[] = {"$op", "$jsonpath", "$re", "$ire", "$scope", "$arg", "$setting"};

static bool
is_one_of(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool
orm_untrusted_is_mark(const OrmJson *member)
{
	return member->key && strcmp(member->key, ORM_UNTRUSTED_MARK) == 0;
}

void
orm_untrusted_no_property(const OrmEntity *entity, const char *name, const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("entity \"%s\" has no property \"%s\"", entity->name, name),
			 orm_errdetail_at(node, "An untrusted client wrote this.")));
}

/* ---- shape ---- */

/* wherever they stand, but for what is said to be a value */
static void
refuse_operators(const OrmJson *node)
{
	check_stack_depth();
	for (int i = 0; i < node->nitems; i++)
	{
		const OrmJson *item = &node->items[i];

		CHECK_FOR_INTERRUPTS();
		if (item->key && is_one_of(item->key, refused_operators, lengthof(refused_operators)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("operator \"%s\" is not allowed in a document from outside", item->key),
					 orm_errdetail_at(item, "An untrusted client wrote this.")));
		if (item->key == NULL || strcmp(item->key, "$value") != 0)
			refuse_operators(item);
	}
}

static void check_clauses(const OrmJson *document, bool marked);

static void
check_load_members(const OrmJson *object)
{
	for (int i = 0; i < object->nitems; i++)
		if (object->items[i].kind == ORM_JSON_OBJECT)
			check_clauses(&object->items[i], false);
}

/* ["author", {"posts": {…}}] or {"author": true, "posts": {…}} */
static void
check_load(const OrmJson *load)
{
	if (load->kind == ORM_JSON_OBJECT)
		check_load_members(load);
	else
		for (int i = 0; i < load->nitems; i++)
			if (load->items[i].kind == ORM_JSON_OBJECT)
				check_load_members(&load->items[i]);
}

static void
check_clauses(const OrmJson *document, bool marked)
{
	check_stack_depth();
	for (int i = 0; i < document->nitems; i++)
	{
		const OrmJson *clause = &document->items[i];

		if (marked && orm_untrusted_is_mark(clause))
			continue;
		if (!is_one_of(clause->key, allowed_clauses, lengthof(allowed_clauses)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("clause \"%s\" is not allowed in a document from outside", clause->key),
					 orm_errdetail_at(clause, "An untrusted client wrote this."),
					 errhint("Allowed are where, order, limit, offset, page, after, before, select, omit, load, count and aggregate.")));
		if (strcmp(clause->key, "load") == 0)
			check_load(clause);
		else
			refuse_operators(clause);
	}
}

static void
check_document(const OrmJson *document, bool marked)
{
	if (document->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a query document is a JSON object"),
				 orm_errdetail_at(document, "%s stands here.", orm_json_a_kind(document))));
	check_clauses(document, marked);
}

void
orm_untrusted_check_shape(const OrmJson *document)
{
	check_document(document, false);
}

/* ---- marks ---- */

static void
flag(OrmJson *node)
{
	check_stack_depth();
	node->untrusted = true;
	for (int i = 0; i < node->nitems; i++)
		flag(&node->items[i]);
}

static void
wrong_mark(const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" takes true or a list of relations", ORM_UNTRUSTED_MARK),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node)),
			 errhint("Make the clause with orm.untrusted().")));
}

/* List of Lists of names; NIL of a mark that is no list */
static List *
relations_of_mark(const OrmJson *mark)
{
	List	   *paths = NIL;

	if (mark->kind != ORM_JSON_ARRAY && !(mark->kind == ORM_JSON_BOOL && mark->value.val.boolean))
		wrong_mark(mark);
	for (int i = 0; i < mark->nitems; i++)
	{
		if (mark->items[i].kind != ORM_JSON_STRING)
			wrong_mark(&mark->items[i]);
		paths = lappend(paths, orm_query_path(&mark->items[i], orm_json_string(&mark->items[i])));
	}
	return paths;
}

void
orm_untrusted_enter(OrmQuery *query, const OrmJson *document)
{
	const OrmJson *mark = orm_json_member(document, ORM_UNTRUSTED_MARK);

	/* inside a marked document there are no marks: its shape was checked */
	if (mark && !document->untrusted)
	{
		List	   *paths = relations_of_mark(mark);

		check_document(document, true);
		orm_untrusted_check_names(query, document, mark->kind == ORM_JSON_ARRAY, paths);
		flag(unconstify(OrmJson *, document));
	}
	if (document->untrusted)
		query->bound.touched = true;
}

/* ---- limits ---- */

void
orm_untrusted_refuse_second(const OrmJson *said, const OrmJson *value)
{
	if (said == NULL || said->untrusted == value->untrusted)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"%s\" of a document from outside is said already", value->key),
			 orm_errdetail_at(said->untrusted ? said : value, "A trusted clause says it.")));
}

void
orm_untrusted_limit(OrmQuery *query, int64 limit)
{
	if (query->bound.limit < 0 || limit < query->bound.limit)
		query->bound.limit = limit;
}

void
orm_untrusted_load(OrmQuery *query, const OrmJson *node)
{
	if (node == NULL || !node->untrusted)
		return;
	query->bound.touched = true;
	query->bound.off = list_member_ptr(query->parent->refused, orm_relation_whole(query->relation));
}

void
orm_untrusted_refuse(OrmQuery *query, OrmRelation *relation)
{
	ListCell   *cell;

	query->bound.refused = list_append_unique_ptr(query->bound.refused, relation);
	foreach(cell, query->loads)
	{
		OrmLoad    *load = lfirst(cell);

		if (orm_relation_whole(load->relation) == relation)
			load->query->bound.off = true;
	}
}

static void
drop_loads(OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->loads)
		if (((OrmLoad *) lfirst(cell))->query->bound.off)
			query->loads = foreach_delete_current(query->loads, cell);
}

/* whose aggregates a trusted clause gives as well */
static void
drop_empty_tallies(OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->tallies)
		if (((OrmQuery *) lfirst(cell))->tallied == NIL)
			query->tallies = foreach_delete_current(query->tallies, cell);
}

void
orm_untrusted_settle(OrmQuery *query)
{
	OrmBound   *bound = &query->bound;

	if (bound->limit >= 0 && (query->limit < 0 || bound->limit < query->limit))
		query->limit = bound->limit;
	/* what trusted clauses skip stays out of reach */
	if (pg_add_s64_overflow(query->offset, bound->offset, &query->offset))
		query->offset = PG_INT64_MAX;
	bound->limit = -1;
	bound->offset = 0;
}

void
orm_untrusted_finish(OrmQuery *query)
{
	bool		many = query->relation == NULL ? !query->given : query->relation->to_many;

	if (!query->bound.touched)
		return;
	orm_untrusted_bind(query);
	drop_empty_tallies(query);
	drop_loads(query);
	orm_untrusted_settle(query);
	if (query->limit < 0 && many)
		query->limit = ORM_UNTRUSTED_LIMIT;
}
