/*
 * aggregate.c
 *	  Parses the clauses "count" and "aggregate".
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "query/aggregate.h"
#include "query/lock.h"

typedef struct Function
{
	const char *name;
	bool		keeps_type;
	const char *none;
} Function;

static const Function functions[] = {
	{"count", false, "0"},
	{"sum", false, "null"},
	{"avg", false, "null"},
	{"min", true, "null"},
	{"max", true, "null"},
};

OrmAggregate *
orm_aggregate_named(const OrmQuery *query, const char *alias)
{
	ListCell   *cell;

	foreach(cell, query->aggregates)
	{
		OrmAggregate *aggregate = lfirst(cell);

		if (strcmp(aggregate->alias, alias) == 0)
			return aggregate;
	}
	return NULL;
}

/* ---- tallies ---- */

static bool
same_filter(const OrmJson *a, const OrmJson *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(orm_json_as_text(a), orm_json_as_text(b)) == 0;
}

/*
 * The tally of a relation and filter, added when it is not there yet. What a
 * document from outside asks is not about the same rows: trusted clauses bind it.
 */
static OrmQuery *
tally_of(OrmQuery *query, OrmRelation *relation, const OrmJson *filter, bool untrusted)
{
	OrmQuery   *tally;
	OrmWhere   *where;
	ListCell   *cell;

	if (filter && filter->kind == ORM_JSON_OBJECT && filter->nitems == 0)
		filter = NULL;
	foreach(cell, query->tallies)
	{
		tally = lfirst(cell);
		if (tally->relation == relation && tally->bound.touched == untrusted && same_filter(tally->filter, filter))
			return tally;
	}
	tally = orm_query_new(orm_model_by_relid(relation->target, false));
	tally->parent = query;
	tally->relation = relation;
	tally->filter = filter;
	tally->bound.touched = untrusted;
	where = filter ? orm_where_parse_loaded(relation, tally->entity, filter) : NULL;
	if (where)
		tally->wheres = list_make1(where);
	query->tallies = lappend(query->tallies, tally);
	return tally;
}

static OrmRelation *
relation_at(OrmQuery *query, const OrmJson *node)
{
	List	   *names = orm_query_path(node, orm_json_string(node));
	OrmRelation *relation;

	if (list_length(names) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only a relation of its own can be counted"),
				 orm_errdetail_at(node, "A path stands here."),
				 errhint("Write the clause where \"load\" reaches the relation's owner.")));
	relation = orm_query_relation_or_raise(query->entity, linitial(names), node);
	(void) orm_query_target_or_raise(relation, node);
	return relation;
}

/* ---- aggregates ---- */

static void
refuse_alias(const char *alias, const char *what, const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("alias \"%s\" is taken", alias),
			 orm_errdetail_at(node, "It is the name of a %s.", what)));
}

static bool
is_same(const OrmAggregate *a, const OrmAggregate *b)
{
	return a->tally->relation == b->tally->relation && same_filter(a->tally->filter, b->tally->filter) &&
		a->property == b->property && strcmp(a->function_name, b->function_name) == 0;
}

/* what a trusted clause gives is given, and so is not bound where it is asked for from outside as well */
static void
take_tally(OrmAggregate *aggregate, OrmQuery *tally)
{
	if (!aggregate->tally->bound.touched || tally->bound.touched)
		return;
	aggregate->tally->tallied = list_delete_ptr(aggregate->tally->tallied, aggregate);
	aggregate->tally = tally;
	tally->tallied = lappend(tally->tallied, aggregate);
}

/* a hidden property does not exist for a document from outside, not even as a name that is taken */
static bool
is_taken_by_property(OrmEntity *entity, const char *alias, const OrmJson *node)
{
	OrmProperty *property = orm_entity_property(entity, alias);

	return (property && !(node->untrusted && property->hidden)) || orm_entity_has_embed(entity, alias);
}

static void
add_aggregate(OrmQuery *query, OrmAggregate *aggregate, const OrmJson *node)
{
	OrmAggregate *before = orm_aggregate_named(query, aggregate->alias);

	if (before && is_same(before, aggregate))
	{
		take_tally(before, aggregate->tally);
		return;
	}
	if (before)
		refuse_alias(aggregate->alias, "different aggregate", node);
	if (aggregate->alias[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an aggregate needs a name"),
				 orm_errdetail_at(node, "The name is empty.")));
	if (is_taken_by_property(query->entity, aggregate->alias, node))
		refuse_alias(aggregate->alias, "property", node);
	if (orm_entity_relation(query->entity, aggregate->alias))
		refuse_alias(aggregate->alias, "relation", node);
	if (strcmp(aggregate->alias, "pivot") == 0)
		refuse_alias(aggregate->alias, "part of entities in a many-to-many", node);
	query->aggregates = lappend(query->aggregates, aggregate);
	aggregate->tally->tallied = lappend(aggregate->tally->tallied, aggregate);
}

static OrmAggregate *
new_aggregate(const char *alias, OrmQuery *tally, const Function *function)
{
	OrmAggregate *aggregate = palloc0(sizeof(OrmAggregate));

	aggregate->alias = alias;
	aggregate->tally = tally;
	aggregate->entity = tally->entity;
	aggregate->function_schema = "pg_catalog";
	aggregate->function_name = function->name;
	aggregate->keeps_type = function->keeps_type;
	aggregate->none = function->none;
	return aggregate;
}

void
orm_aggregate_parse_count(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_ARRAY)
		orm_query_wrong_kind(value, "a list of relations");
	for (int i = 0; i < value->nitems; i++)
	{
		const OrmJson *item = &value->items[i];
		OrmRelation *relation;

		if (item->kind != ORM_JSON_STRING)
			orm_query_wrong_kind(item, "a list of relations");
		relation = relation_at(query, item);
		add_aggregate(query, new_aggregate(psprintf("%s_count", relation->name), tally_of(query, relation, NULL, item->untrusted),
										   &functions[0]), item);
	}
}

/* is there such an aggregate for the type in that schema? */
static bool
function_exists(const char *schema, const char *name, Oid type)
{
	List	   *names = list_make2(makeString(pstrdup(schema)), makeString(pstrdup(name)));
	Oid			function;
	Oid			result;
	bool		set;
	int			nvariadic;
	Oid			variadic;
	Oid		   *true_types;

	return func_get_detail(names, NIL, NIL, 1, &type, false, false, false, &function, &result, &set, &nvariadic,
						   &variadic, &true_types, NULL) == FUNCDETAIL_AGGREGATE;
}

/* the type's own function where its schema has one, else the server's; never by search_path */
static void
set_function(OrmAggregate *aggregate, const OrmJson *node)
{
	Oid			type = orm_property_type(aggregate->entity, aggregate->property);
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *schema = NULL;

	if (HeapTupleIsValid(tuple))
	{
		schema = get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace);
		ReleaseSysCache(tuple);
	}
	if (strcmp(aggregate->function_name, "count") == 0)
		return;
	if (schema && function_exists(schema, aggregate->function_name, type))
		aggregate->function_schema = schema;
	else if (!function_exists("pg_catalog", aggregate->function_name, type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function \"%s\" takes no values of type %s", aggregate->function_name, format_type_be(type)),
				 orm_errdetail_at(node, "Property \"%s\" is of that type.", aggregate->property->name)));
}

static const Function *
function_at(const OrmJson *node)
{
	List	   *names = NIL;
	char	   *name;

	if (node->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(node, "the name of a function as \"function\"");
	name = orm_json_string(node);
	for (int i = 0; i < lengthof(functions); i++)
	{
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
		names = lappend(names, unconstify(char *, functions[i].name));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown function \"%s\"", name),
			 orm_errdetail_at(node, "Functions are count, sum, avg, min and max."),
			 orm_hint_names(name, names, "functions")));
	return NULL;
}

static const OrmJson *
required(const OrmJson *definition, const char *key)
{
	const OrmJson *member = orm_json_member(definition, key);

	if (member == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("aggregate \"%s\" lacks its %s", definition->key, key),
				 orm_errdetail_at(definition, "Member \"%s\" is missing.", key)));
	if (member->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(member, psprintf("a string as \"%s\"", key));
	return member;
}

static void
check_members(const OrmJson *definition)
{
	static const char *const known[] = {"relation", "function", "property", "where"};
	List	   *names = NIL;

	if (definition->kind != ORM_JSON_OBJECT)
		orm_query_wrong_kind(definition, "an object of relation, function, property and where for each name");
	for (int i = 0; i < lengthof(known); i++)
		names = lappend(names, unconstify(char *, known[i]));
	for (int i = 0; i < definition->nitems; i++)
	{
		const OrmJson *member = &definition->items[i];
		bool		found = false;

		for (int k = 0; k < lengthof(known); k++)
			found = found || strcmp(known[k], member->key) == 0;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown member \"%s\" of an aggregate", member->key),
					 orm_errdetail_at(member, "An aggregate has no such member."),
					 orm_hint_names(member->key, names, "members")));
		if (member->kind == ORM_JSON_NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("member \"%s\" of an aggregate is null", member->key),
					 orm_errdetail_at(member, "A null says nothing."),
					 errhint("Leave the member out.")));
	}
}

/* a property, or one in a value object as "address.zip" */
static OrmProperty *
property_at(OrmEntity *entity, const OrmJson *node)
{
	char	   *name = orm_json_string(node);
	const char *dot = strchr(name, '.');

	if (dot && orm_entity_has_embed(entity, pnstrdup(name, dot - name)))
		return orm_query_embedded_or_raise(entity, pnstrdup(name, dot - name), dot + 1, node);
	return orm_query_property_or_raise(entity, name, node);
}

static OrmAggregate *
parse_definition(OrmQuery *query, const OrmJson *definition)
{
	const OrmJson *property;
	const Function *function;
	OrmAggregate *aggregate;
	OrmRelation *relation;

	check_members(definition);
	relation = relation_at(query, required(definition, "relation"));
	function = function_at(required(definition, "function"));
	aggregate = new_aggregate(definition->key, tally_of(query, relation, orm_json_member(definition, "where"),
													 definition->untrusted), function);
	property = orm_json_member(definition, "property");
	if (property == NULL && function != &functions[0])
		(void) required(definition, "property");
	if (property)
	{
		(void) required(definition, "property");
		aggregate->property = property_at(aggregate->entity, property);
		set_function(aggregate, property);
	}
	return aggregate;
}

void
orm_aggregate_parse(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_OBJECT)
		orm_query_wrong_kind(value, "an object of names and aggregates");
	query->aggregated = value->nitems > 0;
	for (int i = 0; i < value->nitems; i++)
		add_aggregate(query, parse_definition(query, &value->items[i]), &value->items[i]);
}

void
orm_aggregate_finish(OrmQuery *query)
{
	if (query->lock && query->aggregated)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"lock\" does not go with \"aggregate\""),
				 orm_errdetail_at(query->lock->clause, "What was aggregated is not locked.")));
}
