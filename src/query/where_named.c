/*
 * where_named.c
 *	  "$op": any boolean operator that the property's type has.
 *
 * It is looked up in the type's own schema and in pg_catalog, never by
 * search_path: whoever can create an operator elsewhere can't have it run.
 */
#include "base/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/value.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "query/where_parse.h"

typedef struct Candidate
{
	Oid			op;
	Oid			right;
	int			rank;			/* how exactly it takes the property's type */
} Candidate;

/* a polymorphic type as it stands for a property of "type", or InvalidOid */
static Oid
resolve(Oid argument, Oid type)
{
	Oid			range = type_is_range(type) ? type : type_is_multirange(type) ? get_multirange_range(type) : InvalidOid;

	switch (argument)
	{
		case ANYARRAYOID:
		case ANYCOMPATIBLEARRAYOID:
			return type_is_array(type) ? type : InvalidOid;
		case ANYRANGEOID:
		case ANYCOMPATIBLERANGEOID:
			return range;
		case ANYMULTIRANGEOID:
		case ANYCOMPATIBLEMULTIRANGEOID:
			return OidIsValid(range) ? get_range_multirange(range) : InvalidOid;
		case ANYENUMOID:
			return type_is_enum(type) ? type : InvalidOid;
		case ANYELEMENTOID:
		case ANYCOMPATIBLEOID:
		case ANYNONARRAYOID:
		case ANYCOMPATIBLENONARRAYOID:
			if (OidIsValid(range))
				return get_range_subtype(range);
			return type_is_array(type) ? get_base_element_type(type) : type;
		default:
			return argument;
	}
}

static List *
add_candidates(List *list, const char *schema, const char *name, Oid type)
{
	FuncCandidateList candidate = OpernameGetCandidates(list_make2(makeString(pstrdup(schema)),
																   makeString(pstrdup(name))), 'b', true);

	for (; candidate; candidate = candidate->next)
	{
		Oid			left = candidate->args[0];
		Oid			right = resolve(candidate->args[1], type);
		Candidate  *found;

		if (get_op_rettype(candidate->oid) != BOOLOID || !OidIsValid(right))
			continue;
		if (left != type && !(IsPolymorphicType(left) ? resolve(left, type) == type : IsBinaryCoercible(type, left)))
			continue;
		found = palloc(sizeof(Candidate));
		found->op = candidate->oid;
		/* what takes text takes a varchar, too */
		found->right = right;
		found->rank = (left == type ? 4 : IsPolymorphicType(left) ? 0 : 2) + (right == type || right == left ? 1 : 0);
		list = lappend(list, found);
	}
	return list;
}

static char *
type_name(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *name = pstrdup(HeapTupleIsValid(tuple) ? NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname) : "?");

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return name;
}

static List *
candidates_of(Oid type, const char *name)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *schema = HeapTupleIsValid(tuple) ? get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace) : NULL;
	List	   *list = NIL;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (schema && strcmp(schema, "pg_catalog") != 0)
		list = add_candidates(list, schema, name, type);
	return add_candidates(list, "pg_catalog", name, type);
}

/* the types that the operators take, for a hint */
static List *
right_types(List *candidates)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, candidates)
		names = lappend(names, type_name(((Candidate *) lfirst(cell))->right));
	return names;
}

/* the one best candidate; "open" tells that there are others as good */
static Candidate *
best_of(List *candidates, const char *right, const OrmJson *value, bool *open)
{
	Candidate  *best = NULL;
	ListCell   *cell;

	*open = false;
	foreach(cell, candidates)
	{
		Candidate  *candidate = lfirst(cell);
		int			rank = candidate->rank;

		if (right && strcmp(type_name(candidate->right), right) != 0)
			continue;
		/* a list is for an operator that takes an array */
		if (value->kind == ORM_JSON_ARRAY && type_is_array(candidate->right))
			rank += 8;
		candidate->rank = rank;
		if (best == NULL || rank > best->rank)
		{
			best = candidate;
			*open = false;
		}
		else if (rank == best->rank)
			*open = true;
	}
	return best;
}

OrmWhere *
orm_where_named(const OrmSubject *subject, const char *name, const char *right, const OrmJson *operand,
				const OrmJson *value)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_COMPARE);
	Oid			type = subject->term->type;
	List	   *candidates = candidates_of(type, name);
	bool		open;
	Candidate  *best = best_of(candidates, right, value, &open);

	if (best == NULL && strcmp(operand->key, "$op") != 0)
		orm_where_unsuitable(subject, operand);
	if (best == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("type %s of property \"%s\" has no boolean operator \"%s\"", format_type_be(type),
						subject->name, name),
				 orm_errdetail_at(operand, "Operators are looked for in pg_catalog and in the type's own schema."),
				 right ? orm_hint_names(right, right_types(candidates), "types on its right") : 0));
	if (open)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" of type %s takes values of several types", name, format_type_be(type)),
				 orm_errdetail_at(operand, "Which is meant has to be said."),
				 errhint("Add {\"type\": ...} to \"$op\", with the name of the type of the value.")));
	where->left = subject->term;
	where->right = orm_where_operand(subject, value, best->right);
	orm_where_set_operator(where, best->op);
	return where;
}

static char *
string_member(const OrmJson *object, const char *name)
{
	const OrmJson *member = orm_json_member(object, name);

	if (member && member->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" of \"$op\" is a string", name),
				 orm_errdetail_at(member, "%s stands here.", orm_json_a_kind(member))));
	return member ? orm_json_string(member) : NULL;
}

OrmWhere *
orm_where_op(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	const OrmJson *value;
	char	   *name;

	if (operand->kind != ORM_JSON_OBJECT)
		orm_where_wrong_kind(operand, "{\"name\": operator, \"value\": value}");
	for (int i = 0; i < operand->nitems; i++)
	{
		const char *key = operand->items[i].key;

		if (strcmp(key, "name") != 0 && strcmp(key, "value") != 0 && strcmp(key, "type") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown member \"%s\" of \"$op\"", key),
					 orm_errdetail_at(&operand->items[i], "An operator has no such member."),
					 errhint("The members are \"name\", \"value\" and \"type\".")));
	}
	name = string_member(operand, "name");
	value = orm_json_member(operand, "value");
	if (name == NULL || value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"$op\" lacks \"%s\"", name == NULL ? "name" : "value"),
				 orm_errdetail_at(operand, "The operator's name and the value on its right have to be said.")));
	orm_where_refuse_null(orm_where_literal(value));
	return orm_where_named(subject, name, string_member(operand, "type"), operand, value);
}
