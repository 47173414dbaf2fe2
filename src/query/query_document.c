/*
 * query_document.c
 *	  Merges clauses into a typed tree and finishes it.
 *
 * Each clause has a parser of its own, found by name. Nothing here writes SQL,
 * and nothing looks at rows.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "base/path.h"
#include "query/aggregate.h"
#include "query/distinct.h"
#include "query/keyset.h"
#include "query/load_clause.h"
#include "query/lock.h"
#include "query/order.h"
#include "query/paginate.h"
#include "query/query_document.h"
#include "query/scope_clause.h"
#include "query/strict.h"
#include "query/tree.h"
#include "query/strategy.h"
#include "query/untrusted.h"

typedef void (*ClauseParser) (OrmQuery *query, const OrmJson *value);

typedef struct Clause
{
	const char *name;
	ClauseParser parse;
	int			also;			/* only where the caller takes it; 0: everywhere */
	const char *place;			/* where that is */
} Clause;

static void parse_where(OrmQuery *query, const OrmJson *value);
static void parse_order(OrmQuery *query, const OrmJson *value);
static void parse_limit(OrmQuery *query, const OrmJson *value);
static void parse_offset(OrmQuery *query, const OrmJson *value);
static void parse_select(OrmQuery *query, const OrmJson *value);
static void parse_omit(OrmQuery *query, const OrmJson *value);
static void parse_params(OrmQuery *query, const OrmJson *value);
static void parse_entity(OrmQuery *query, const OrmJson *value);

static const Clause clauses[] = {
	{"where", parse_where, 0, NULL},
	{"order", parse_order, 0, NULL},
	{"limit", parse_limit, 0, NULL},
	{"offset", parse_offset, 0, NULL},
	{"select", parse_select, 0, NULL},
	{"omit", parse_omit, 0, NULL},
	{"load", orm_load_parse, 0, NULL},
	{"types", orm_load_parse_types, ORM_CLAUSE_TYPES, "where a morph_to is loaded"},
	{"count", orm_aggregate_parse_count, 0, NULL},
	{"aggregate", orm_aggregate_parse, 0, NULL},
	{"scopes", orm_scope_parse_scopes, 0, NULL},
	{"without", orm_scope_parse_without, 0, NULL},
	{"trashed", orm_scope_parse_trashed, 0, NULL},
	{"after", orm_keyset_parse_after, 0, NULL},
	{"before", orm_keyset_parse_before, 0, NULL},
	{"distinct", orm_distinct_parse, 0, NULL},
	{"depth", orm_tree_parse_depth, 0, NULL},
	{"flat", orm_tree_parse_flat, 0, NULL},
	{"strategy", orm_strategy_parse, 0, NULL},
	{"lock", orm_lock_parse, ORM_CLAUSE_LOCK, "at the root of orm.find, orm.first, orm.fetch and orm.list"},
	{"page", orm_paginate_parse_page, ORM_CLAUSE_PAGE, "at the root of orm.paginate"},
	{"total", orm_paginate_parse_total, ORM_CLAUSE_PAGE, "at the root of orm.paginate"},
	{"params", parse_params, ORM_CLAUSE_PARAMS, "in orm.hydrate_query"},
	{"entity", parse_entity, ORM_CLAUSE_ENTITY, "in orm.hydrate and orm.collect"},
};

OrmQuery *
orm_query_new(OrmEntity *entity)
{
	OrmQuery   *query = palloc0(sizeof(OrmQuery));

	query->entity = entity;
	query->limit = -1;
	query->bound.limit = -1;
	return query;
}

/* the clause in which a node stands */
static const char *
clause_of(const OrmJson *node)
{
	const char *outermost = "order";

	for (; node; node = node->parent)
	{
		if (node->key == NULL)
			continue;
		for (int i = 0; i < lengthof(clauses); i++)
			if (strcmp(clauses[i].name, node->key) == 0)
				return clauses[i].name;
		outermost = node->key;
	}
	return outermost;
}

void
orm_query_wrong_kind(const OrmJson *node, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"%s\" takes %s", clause_of(node), what),
			 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
}

/* a clause that stands elsewhere only */
static void
misplaced(const OrmJson *node, const Clause *clause)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clause \"%s\" has no place here", clause->name),
			 orm_errdetail_at(node, "It stands %s.", clause->place)));
}

static const Clause *
find_clause(const OrmJson *node, int also)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(clauses); i++)
	{
		bool		given = strcmp(clauses[i].name, node->key) == 0;

		if (clauses[i].also != 0 && (clauses[i].also & also) == 0)
		{
			if (given)
				misplaced(node, &clauses[i]);
			continue;
		}
		if (given)
			return &clauses[i];
		names = lappend(names, unconstify(char *, clauses[i].name));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown clause \"%s\"", node->key),
			 orm_errdetail_at(node, "A query document has no such clause here."),
			 orm_hint_names(node->key, names, "clauses")));
	return NULL;
}

/* what "load" names need not be there in each of several entities */
static void
merge_clause(List *queries, const OrmJson *value, int also)
{
	const Clause *clause = find_clause(value, also);
	ListCell   *cell;

	if (value->kind == ORM_JSON_NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"%s\" is null", value->key),
				 orm_errdetail_at(value, "A null says nothing."),
				 errhint("Leave the clause out.")));
	if (clause->parse == orm_load_parse)
		orm_load_parse_all(queries, value);
	else
		foreach(cell, queries)
			clause->parse(lfirst(cell), value);
}

static void
merge(List *queries, const OrmJson *document, int also)
{
	ListCell   *cell;

	if (document->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a query document is a JSON object"),
				 orm_errdetail_at(document, "%s stands here.", orm_json_a_kind(document))));
	foreach(cell, queries)
		orm_untrusted_enter(lfirst(cell), document);
	/* what is said of one type of a morph_to is more than what is said of all */
	for (int last = 0; last <= 1; last++)
		for (int i = 0; i < document->nitems; i++)
		{
			const OrmJson *clause = &document->items[i];

			if ((strcmp(clause->key, "types") == 0) == last && !orm_untrusted_is_mark(clause))
				merge_clause(queries, clause, also);
		}
}

void
orm_query_merge(OrmQuery *query, const OrmJson *document, int also)
{
	merge(list_make1(query), document, also);
}

void
orm_query_merge_all(List *queries, const OrmJson *document)
{
	int			also = ORM_CLAUSE_TYPES;
	ListCell   *cell;

	foreach(cell, queries)
		if (((OrmQuery *) lfirst(cell))->relation->whole == NULL)
			also = 0;
	merge(queries, document, also);
}

/* ---- where, limit, offset ---- */

static void
parse_where(OrmQuery *query, const OrmJson *value)
{
	OrmWhere   *where = orm_where_parse_loaded(query->relation, query->entity, value);

	if (where)
		query->wheres = lappend(query->wheres, where);
}

int64
orm_query_whole_number(const OrmJson *value)
{
	int64		number = -1;

	if (value->kind == ORM_JSON_NUMBER)
	{
		char	   *text = numeric_normalize(value->value.val.numeric);

		if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 19)
			number = strtoll(text, NULL, 10);
	}
	if (number < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"%s\" takes a whole number that is not negative", value->key),
				 orm_errdetail_at(value, "%s stands here.", orm_json_as_text(value))));
	return number;
}

static void
parse_limit(OrmQuery *query, const OrmJson *value)
{
	int64		limit = orm_query_whole_number(value);

	query->limit_clause = value;
	if (value->untrusted)
		orm_untrusted_limit(query, limit);
	else
		query->limit = limit;
}

static void
parse_offset(OrmQuery *query, const OrmJson *value)
{
	int64		offset = orm_query_whole_number(value);

	if (value->untrusted)
		query->bound.offset = offset;
	else
		query->offset = offset;
}

static void
parse_params(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of values");
	query->params = value;
}

static void
parse_entity(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(value, "the name of an entity");
	query->entity_clause = value;
}

/* ---- paths ---- */

List *
orm_query_path(const OrmJson *node, const char *path)
{
	List	   *names = orm_path_split(path);

	if (names == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("malformed path \"%s\"", path),
				 node ? orm_errdetail_at(node, "Names in a path are separated by dots.") : 0,
				 errhint("A name with a dot stands in double quotes.")));
	return names;
}

OrmRelation *
orm_query_relation_or_raise(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmRelation *relation = orm_entity_relation(entity, name);

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no relation \"%s\"", entity->name, name),
				 node ? orm_errdetail_at(node, "A path goes through relations.") : 0,
				 orm_hint_names(name, orm_entity_relation_names(entity), "relations")));
	return relation;
}

OrmEntity *
orm_query_target_or_raise(const OrmRelation *relation, const OrmJson *node)
{
	if (relation->nbranches > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" leads to rows of several entities", relation->name),
				 node ? orm_errdetail_at(node, "A relation to rows of one entity is wanted here.") : 0));
	return orm_model_by_relid(relation->target, false);
}

OrmRelation *
orm_query_branch_or_raise(OrmRelation *relation, const char *alias, const OrmJson *node)
{
	List	   *aliases = NIL;

	for (int i = 0; i < relation->nbranches; i++)
	{
		if (strcmp(relation->branches[i].type->alias, alias) == 0)
			return &relation->branches[i];
		aliases = lappend(aliases, relation->branches[i].type->alias);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("relation \"%s\" has no type \"%s\"", relation->name, alias),
			 orm_errdetail_at(node, "Types are named as the relation declares them."),
			 orm_hint_names(alias, aliases, "types")));
	return NULL;
}

OrmProperty *
orm_query_property_or_raise(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmProperty *property = orm_entity_property(entity, name);

	if (property == NULL && orm_entity_has_embed(entity, name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" of entity \"%s\" is a value object", name, entity->name),
				 node ? orm_errdetail_at(node, "A single value is wanted here.") : 0,
				 errhint("Name a property in it, as \"%s.%s\".", name,
						 (char *) linitial(orm_entity_embedded_names(entity, name)))));
	if (property == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no property \"%s\"", entity->name, name),
				 node ? orm_errdetail_at(node, "Clause \"%s\" names properties.", clause_of(node)) : 0,
				 orm_hint_names(name, orm_entity_property_names(entity, true), "properties")));
	return property;
}

OrmProperty *
orm_query_embedded_or_raise(OrmEntity *entity, const char *embed, const char *name, const OrmJson *node)
{
	OrmProperty *property = orm_entity_embedded(entity, embed, name);

	if (property == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("value object \"%s\" of entity \"%s\" has no property \"%s\"", embed, entity->name, name),
				 node ? orm_errdetail_at(node, "Only what stands in the value object can be named.") : 0,
				 orm_hint_names(name, orm_entity_embedded_names(entity, embed), "properties")));
	return property;
}

/* ---- order ---- */

static void
parse_order(OrmQuery *query, const OrmJson *value)
{
	if (value->kind == ORM_JSON_STRING)
	{
		query->order = lappend(query->order, orm_order_item(query, value));
		return;
	}
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of properties");
	for (int i = 0; i < value->nitems; i++)
		query->order = lappend(query->order, orm_order_item(query, &value->items[i]));
}

/* ---- select, omit ---- */

static void
check_names(OrmQuery *query, const OrmJson *value, bool star)
{
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of properties");
	for (int i = 0; i < value->nitems; i++)
	{
		char	   *name;

		if (value->items[i].kind != ORM_JSON_STRING)
			orm_query_wrong_kind(&value->items[i], "a list of properties");
		name = orm_json_string(&value->items[i]);
		if ((!star || strcmp(name, "*") != 0) && !orm_entity_has_embed(query->entity, name))
			orm_query_property_or_raise(query->entity, name, &value->items[i]);
	}
}

static void
parse_select(OrmQuery *query, const OrmJson *value)
{
	check_names(query, value, true);
	if (value->untrusted)
		query->bound.select = value;
	else
		query->select = value;
}

static void
parse_omit(OrmQuery *query, const OrmJson *value)
{
	check_names(query, value, false);
	query->omit = lappend(query->omit, unconstify(OrmJson *, value));
}

static void
select_default(OrmQuery *query)
{
	query->flexible = true;
	for (int i = 0; i < query->entity->nproperties; i++)
		query->selected[i] = !query->entity->properties[i].hidden && !query->entity->properties[i].lazy;
}

static void
set_selected(OrmQuery *query, const OrmJson *names, bool selected)
{
	for (int i = 0; i < names->nitems; i++)
	{
		char	   *name = orm_json_string(&names->items[i]);

		for (int p = 0; p < query->entity->nproperties; p++)
		{
			OrmProperty *property = &query->entity->properties[p];

			/* naming a value object does not name what is hidden in it */
			if (property->embed ? strcmp(property->embed, name) == 0 && !(selected && property->hidden)
				: strcmp(property->name, name) == 0)
				query->selected[p] = selected;
		}
	}
}

/* the properties that a clause gives; NULL is the default set */
static bool *
selected_by(OrmQuery *query, const OrmJson *select)
{
	query->selected = palloc0(sizeof(bool) * (query->entity->nproperties + 1));
	if (select == NULL)
		select_default(query);
	else
	{
		for (int i = 0; i < select->nitems; i++)
			if (strcmp(orm_json_string(&select->items[i]), "*") == 0)
				select_default(query);
		set_selected(query, select, true);
	}
	return query->selected;
}

static void
resolve_selected(OrmQuery *query)
{
	ListCell   *cell;
	bool	   *trusted = selected_by(query, query->select ? query->select : query->bound.select);

	if (query->select && query->bound.select)
	{
		(void) selected_by(query, query->bound.select);
		for (int i = 0; i < query->entity->nproperties; i++)
			query->selected[i] = query->selected[i] && trusted[i];
	}
	foreach(cell, query->omit)
		set_selected(query, lfirst(cell), false);
}

/* the order a relation declares, when the caller gives none */
static void
default_order(OrmQuery *query)
{
	if (query->order == NIL && query->relation && query->relation->order_by != NIL)
		query->order = orm_order_declared(query);
	/* one of many: all but the first would be read for nothing, unless a strategy that does so is asked for */
	if (query->order != NIL && query->relation && orm_relation_chooses(query->relation) && query->tree == NULL &&
		query->limit < 0 && query->strategy != ORM_STRATEGY_ANY && query->strategy != ORM_STRATEGY_ORDINALITY)
		query->limit = 1;
}

void
orm_query_finish(OrmQuery *query)
{
	ListCell   *cell;

	check_stack_depth();
	orm_untrusted_finish(query);
	resolve_selected(query);
	orm_tree_begin(query);
	orm_scope_finish(query);
	orm_load_add_eager(query);
	default_order(query);
	orm_aggregate_finish(query);
	orm_order_finish(query);
	foreach(cell, query->tallies)
		orm_scope_finish(lfirst(cell));
	orm_tree_finish(query);
	orm_distinct_finish(query);
	orm_keyset_finish(query);
	orm_strict_check(query);
	foreach(cell, query->loads)
		orm_query_finish(((OrmLoad *) lfirst(cell))->query);
}
