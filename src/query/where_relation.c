/*
 * where_relation.c
 *	  Conditions that go through a relation: whether rows are there that
 *	  satisfy a condition, how many, and what an aggregate of them is.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "access/stratnum.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/value.h"
#include "parser/parse_coerce.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "query/scope.h"
#include "query/where_parse.h"

/* what a filter is parsed with */
typedef struct Filter
{
	const OrmWherePlace *outer;
	OrmRelation *relation;
	OrmEntity  *target;
} Filter;

typedef OrmWhere *(*QuantifierParser) (const Filter *filter, const OrmJson *operand);

static OrmWhere *parse_some(const Filter *filter, const OrmJson *operand);
static OrmWhere *parse_none(const Filter *filter, const OrmJson *operand);
static OrmWhere *parse_every(const Filter *filter, const OrmJson *operand);
static OrmWhere *parse_count(const Filter *filter, const OrmJson *operand);
static OrmWhere *parse_aggregate(const Filter *filter, const OrmJson *operand);

static const struct
{
	const char *name;
	QuantifierParser parse;
}			quantifiers[] = {
	{"$some", parse_some},
	{"$none", parse_none},
	{"$every", parse_every},
	{"$count", parse_count},
	{"$aggregate", parse_aggregate},
};

/* ---- what is looked at ---- */

static OrmRelated *
related_rows(const Filter *filter)
{
	OrmRelated *related = palloc0(sizeof(OrmRelated));

	related->relation = filter->relation;
	related->target = filter->target;
	related->groups = orm_scope_relation_groups(filter->relation, filter->target);
	return related;
}

static OrmWhere *
exists(OrmRelated *related)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_EXISTS);

	where->related = related;
	return where;
}

/* a condition on the target; false and unknown rows are left out alike */
static OrmWhere *
target_where(const Filter *filter, const OrmJson *document)
{
	OrmWherePlace place = {.entity = filter->target,.relation = filter->relation,.outer = filter->outer};

	place.depth = filter->outer->depth + 1;
	return orm_where_group(place, document);
}

/* ---- quantifiers ---- */

static OrmWhere *
parse_some(const Filter *filter, const OrmJson *operand)
{
	OrmRelated *related = related_rows(filter);

	related->filters = list_make1(target_where(filter, operand));
	return exists(related);
}

static OrmWhere *
parse_none(const Filter *filter, const OrmJson *operand)
{
	return orm_where_not(parse_some(filter, operand));
}

static OrmWhere *
parse_every(const Filter *filter, const OrmJson *operand)
{
	OrmRelated *related = related_rows(filter);

	related->filters = list_make1(orm_where_untrue(target_where(filter, operand)));
	return orm_where_not(exists(related));
}

/* the operators of a field: all members of the object but those */
static OrmJson *
without_members(const OrmJson *object, const char *const *names, int n)
{
	OrmJson    *rest = palloc(sizeof(OrmJson));

	*rest = *object;
	rest->items = palloc0(sizeof(OrmJson) * Max(object->nitems, 1));
	rest->nitems = 0;
	for (int i = 0; i < object->nitems; i++)
	{
		bool		taken = false;

		for (int m = 0; m < n; m++)
			taken = taken || strcmp(object->items[i].key, names[m]) == 0;
		if (!taken)
			rest->items[rest->nitems++] = object->items[i];
	}
	return rest;
}

static OrmTerm *
aggregate_term(const Filter *filter, const OrmJson *where, Oid type)
{
	OrmTerm    *term = orm_term_new(ORM_TERM_AGGREGATE, type);

	term->related = related_rows(filter);
	term->schema = "pg_catalog";
	term->name = "count";
	if (where)
		term->related->filters = list_make1(target_where(filter, where));
	return term;
}

static OrmWhere *
compare_aggregate(const Filter *filter, OrmTerm *term, const char *name, const OrmJson *field)
{
	OrmSubject	subject = {*filter->outer, term, name};

	subject.place.depth++;
	return orm_where_field(subject, field);
}

static OrmWhere *
parse_count(const Filter *filter, const OrmJson *operand)
{
	static const char *const taken[] = {"$where"};
	const OrmJson *where = operand->kind == ORM_JSON_OBJECT ? orm_json_member(operand, "$where") : NULL;

	if (operand->kind == ORM_JSON_NULL)
		orm_where_wrong_kind(operand, "a number or operators");
	return compare_aggregate(filter, aggregate_term(filter, where, INT8OID), "$count",
							 where ? without_members(operand, taken, 1) : operand);
}

/*
 * The number of rows asked for is often none, or any: then one row is enough
 * to know.
 */
OrmWhere *
orm_where_fold_count(OrmTerm *count, int strategy, int64 number)
{
	OrmWhere   *some = exists(count->related);

	if ((strategy == BTGreaterStrategyNumber && number == 0) ||
		(strategy == BTGreaterEqualStrategyNumber && number == 1))
		return some;
	if ((strategy == BTEqualStrategyNumber && number == 0) || (strategy == BTLessStrategyNumber && number == 1) ||
		(strategy == BTLessEqualStrategyNumber && number == 0))
		return orm_where_not(some);
	return NULL;
}

/* ---- $aggregate ---- */

static const char *
aggregate_member(const OrmJson *operand, const char *name)
{
	const OrmJson *member = orm_json_member(operand, name);

	if (member == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"$aggregate\" lacks \"%s\"", name),
				 orm_errdetail_at(operand, "The function and the property it is over have to be said.")));
	if (member->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" of \"$aggregate\" is a string", name),
				 orm_errdetail_at(member, "%s stands here.", orm_json_a_kind(member))));
	return orm_json_string(member);
}

/* is there such an aggregate over the type in that schema? Sets its result's type. */
static bool
aggregate_exists(const char *schema, const char *name, Oid type, Oid *result)
{
	Oid			function;
	Oid			variadic;
	bool		set;
	int			nvariadic;
	Oid		   *types;

	if (func_get_detail(list_make2(makeString(pstrdup(schema)), makeString(pstrdup(name))), NIL, NIL, 1, &type, false,
						false, false, &function, result, &set, &nvariadic, &variadic, &types, NULL) != FUNCDETAIL_AGGREGATE)
		return false;
	if (IsPolymorphicType(*result))
		*result = type;
	return true;
}

/* of the type's own schema first: it knows how its values compare */
static void
set_aggregate(OrmTerm *term, Oid type, const char *name, const OrmJson *operand)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *schema = HeapTupleIsValid(tuple) ? get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace) : NULL;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	term->name = pstrdup(name);
	term->schema = schema;
	if (schema && aggregate_exists(schema, name, type, &term->type))
		return;
	term->schema = "pg_catalog";
	if (!aggregate_exists("pg_catalog", name, type, &term->type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("type %s has no function \"%s\"", format_type_be(type), name),
				 orm_errdetail_at(operand, "Values of this type can't be aggregated so.")));
}

static OrmWhere *
parse_aggregate(const Filter *filter, const OrmJson *operand)
{
	static const char *const taken[] = {"function", "property", "$where"};
	static const char *const functions[] = {"sum", "avg", "min", "max"};
	const char *function;
	const char *name;
	OrmTerm    *term;
	OrmTerm    *property;
	List	   *names = NIL;
	bool		known = false;

	if (operand->kind != ORM_JSON_OBJECT)
		orm_where_wrong_kind(operand, "an object");
	function = aggregate_member(operand, "function");
	name = aggregate_member(operand, "property");
	for (int i = 0; i < lengthof(functions); i++)
	{
		known = known || strcmp(functions[i], function) == 0;
		names = lappend(names, unconstify(char *, functions[i]));
	}
	if (!known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown function \"%s\"", function),
				 orm_errdetail_at(orm_json_member(operand, "function"), "Here stands sum, avg, min or max."),
				 orm_hint_names(function, names, "functions")));
	property = orm_term_property(filter->target,
								 orm_where_property(filter->target, name, orm_json_member(operand, "property")));
	term = aggregate_term(filter, orm_json_member(operand, "$where"), InvalidOid);
	term->args = list_make1(property);
	set_aggregate(term, property->type, function, orm_json_member(operand, "property"));
	return compare_aggregate(filter, term, "$aggregate", without_members(operand, taken, lengthof(taken)));
}

/* ---- conditions on a relation ---- */

static QuantifierParser
quantifier(const char *name)
{
	for (int i = 0; i < lengthof(quantifiers); i++)
		if (strcmp(quantifiers[i].name, name) == 0)
			return quantifiers[i].parse;
	return NULL;
}

/* a slip such as {"some": {...}}; what stands beside is a condition or is refused as one */
static void
refuse_quantifier(const Filter *filter, const OrmJson *member)
{
	List	   *names = NIL;

	if (orm_entity_property(filter->target, member->key) || orm_entity_relation(filter->target, member->key))
		return;
	for (int i = 0; i < lengthof(quantifiers); i++)
	{
		names = lappend(names, unconstify(char *, quantifiers[i].name));
		if (strcmp(member->key, quantifiers[i].name + 1) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("entity \"%s\" has no property \"%s\"", filter->target->name, member->key),
					 orm_errdetail_at(member, "Every operator starts with \"$\"."),
					 errhint("Did you mean \"%s\"?", quantifiers[i].name)));
	}
}

static OrmWhere *
parse_many_members(const Filter *filter, const OrmJson *entry)
{
	List	   *items = NIL;
	const OrmJson *condition = NULL;

	for (int i = 0; i < entry->nitems; i++)
	{
		const OrmJson *member = &entry->items[i];
		QuantifierParser parse = quantifier(member->key);

		if (parse)
			items = lappend(items, parse(filter, member));
		else
		{
			refuse_quantifier(filter, member);
			condition = member;
		}
	}
	if (items == NIL)
		return parse_some(filter, entry);
	if (condition)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" stands beside a quantifier", condition->key),
				 orm_errdetail_at(condition, "It would not be clear which rows it is about."),
				 errhint("Put it inside $some, $none, $every or $where.")));
	return list_length(items) == 1 ? linitial(items) : orm_where_and(items);
}

static OrmWhere *
parse_existence(const Filter *filter, const OrmJson *entry)
{
	OrmWhere   *where = exists(related_rows(filter));

	return entry->kind == ORM_JSON_BOOL && entry->value.val.boolean ? where : orm_where_not(where);
}

OrmWhere *
orm_where_some(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *condition)
{
	Filter		filter = {place, relation, orm_model_by_relid(relation->target, false)};

	return condition ? parse_some(&filter, condition) : exists(related_rows(&filter));
}

OrmWhere *
orm_where_relation(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *entry)
{
	Filter		filter = {place, relation};

	orm_where_check_depth(place, entry);
	if (relation->nbranches > 0)
		return orm_where_morph(place, relation, entry);
	filter.target = orm_model_by_relid(relation->target, false);
	if (entry->kind == ORM_JSON_BOOL || (entry->kind == ORM_JSON_NULL && !relation->to_many))
		return parse_existence(&filter, entry);
	if (entry->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a condition on relation \"%s\" is %s", relation->name,
						relation->to_many ? "true, false or an object" : "null, true, false or an object"),
				 orm_errdetail_at(entry, "%s stands here.", orm_json_a_kind(entry)),
				 entry->kind == ORM_JSON_NULL ? errhint("That there is none is asked by false.")
				 : errhint("Write {\"%s\": {\"property\": value}}.", relation->name)));
	if (relation->to_many)
		return parse_many_members(&filter, entry);
	return parse_some(&filter, entry);
}

/* ---- $pivot ---- */

static void
add_pivot_property(OrmEntity *entity, char *column, AttrNumber attnum)
{
	OrmProperty *property = &entity->properties[entity->nproperties++];

	property->name = column;
	property->column = column;
	property->attnum = attnum;
	get_atttypetypmodcoll(entity->relid, attnum, &property->type, &property->typmod, &property->collation);
}

static void
add_all_columns(OrmEntity *entity)
{
	Relation	rel = relation_open(entity->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);

	entity->properties = palloc0(sizeof(OrmProperty) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			add_pivot_property(entity, pstrdup(NameStr(TupleDescAttr(desc, i)->attname)), i + 1);
	relation_close(rel, NoLock);
}

/* the junction's row as something that has properties: the columns that are given as "pivot", or all of them */
static OrmEntity *
pivot_entity(OrmRelation *relation, bool all)
{
	OrmEntity  *entity = palloc0(sizeof(OrmEntity));

	entity->relid = relation->through;
	entity->name = "pivot";
	if (all)
	{
		add_all_columns(entity);
		return entity;
	}
	entity->properties = palloc0(sizeof(OrmProperty) * Max(relation->npivots, 1));
	for (int i = 0; i < relation->npivots; i++)
		add_pivot_property(entity, relation->pivots[i], relation->pivot_attnums[i]);
	return entity;
}

OrmWhere *
orm_where_pivot(const OrmWherePlace *place, const OrmJson *entry)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_PIVOT);
	OrmWherePlace inner = {.entity = pivot_entity(place->relation, place->declared),.outer = place,.negated = place->negated};

	inner.depth = place->depth + 1;
	where->items = list_make1(orm_where_group(inner, entry));
	return where;
}
