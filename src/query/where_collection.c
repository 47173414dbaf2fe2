/*
 * where_collection.c
 *	  Conditions on what holds several values: arrays, ranges and multiranges.
 *
 * "$contains" and its kin mean what the property's type means by them, so they
 * are given out from here.
 */
#include "base/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "query/where_parse.h"

/* ---- $contains, $contained, $overlap ---- */

/* one element, as the array that holds it */
static OrmTerm *
array_of(const OrmJson *element, Oid type)
{
	OrmJson		list = {.kind = ORM_JSON_ARRAY,.key = element->key,.parent = element->parent,.clause = element->clause};

	list.nitems = 1;
	list.items = unconstify(OrmJson *, element);
	return orm_where_list(NULL, &list, type);
}

static OrmWhere *
array_operation(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	Oid			type = subject->term->type;
	Oid			element = get_base_element_type(type);
	const OrmJson *value = orm_where_literal(operand);
	OrmTerm    *right;

	/* the server finds that out only when there are rows */
	if (!OidIsValid(orm_where_operator_of(element, BTEqualStrategyNumber)))
		orm_where_unsuitable(subject, operand);
	/* a null is in no array, as these operators see it */
	for (int i = 0; value->kind == ORM_JSON_ARRAY && i < value->nitems; i++)
		orm_where_refuse_null(&value->items[i]);
	if (orm_where_column(subject, operand) || value->kind == ORM_JSON_ARRAY)
		right = orm_where_operand(subject, operand, type);
	else if (strcmp(op->sql, "@>") == 0)
		right = array_of(operand, element);
	else
		orm_where_wrong_kind(operand, "a list");
	return orm_where_operation(subject->term, "pg_catalog", op->sql, right);
}

/* the types that an operand of a range may have, by how its text begins */
static Oid
range_operand_type(const OrmSubject *subject, const OrmJson *operand, bool element)
{
	Oid			type = subject->term->type;
	Oid			range = type_is_range(type) ? type : get_multirange_range(type);
	const OrmJson *value = orm_where_literal(operand);
	OrmTerm    *column = orm_where_column(subject, operand);
	const char *text = value->kind == ORM_JSON_STRING ? orm_json_string(value) : "";

	if (column)
		return column->type == get_range_multirange(range) || column->type == range ? column->type
			: element ? get_range_subtype(range) : range;
	while (*text == ' ')
		text++;
	if (*text == '{')
		return get_range_multirange(range);
	if (*text == '[' || *text == '(' || pg_strcasecmp(text, "empty") == 0 || !element)
		return range;
	return get_range_subtype(range);
}

OrmWhere *
orm_where_contains(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	Oid			type = subject->term->type;
	bool		contains = strcmp(op->sql, "@>") == 0;

	orm_where_refuse_null(orm_where_literal(operand));
	if (type_is_array(type))
		return array_operation(subject, operand, op);
	if (type_is_range(type) || type_is_multirange(type))
		return orm_where_operation(subject->term, "pg_catalog", op->sql,
								   orm_where_operand(subject, operand, range_operand_type(subject, operand, contains)));
	if (type == JSONBOID && strcmp(op->sql, "&&") != 0)
		return orm_where_operation(subject->term, "pg_catalog", op->sql, orm_where_operand(subject, operand, JSONBOID));
	if (orm_where_is_text(type) && contains)
	{
		OrmOperator pattern = {op->name, orm_where_pattern, ORM_PATTERN_CONTAINS, "~~"};

		return orm_where_pattern(subject, operand, &pattern);
	}
	/* hstore, ltree, boxes: the operator of that name that the type has */
	return orm_where_named(subject, op->sql, NULL, operand, operand);
}

/* ---- $any, $all ---- */

/* {"$any": v} and {"$any": {"$eq": v}}: the value, or NULL */
static const OrmJson *
equal_to(const OrmJson *field)
{
	if (field->kind == ORM_JSON_OBJECT && field->nitems == 1 && strcmp(field->items[0].key, "$eq") == 0)
		field = &field->items[0];
	else if (field->kind == ORM_JSON_OBJECT)
		return NULL;
	return field->kind == ORM_JSON_NULL || field->kind == ORM_JSON_ARRAY || field->kind == ORM_JSON_OBJECT ? NULL : field;
}

OrmWhere *
orm_where_element(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	Oid			type = subject->term->type;
	bool		some = op->detail;
	OrmSubject	inner = *subject;
	OrmWhere   *where;
	const OrmJson *value = equal_to(operand);

	if (!type_is_array(type))
		orm_where_unsuitable(subject, operand);
	inner.term = orm_term_new(ORM_TERM_ELEMENT, getBaseType(get_base_element_type(type)));
	inner.place.depth++;
	inner.place.negated = !some;
	if (some && value && OidIsValid(orm_where_operator_of(inner.term->type, BTEqualStrategyNumber)))
		/* which an index answers, too */
		return orm_where_operation(subject->term, "pg_catalog", "@>", array_of(value, get_base_element_type(type)));
	where = orm_where_new(ORM_WHERE_ELEMENT);
	where->left = subject->term;
	where->items = list_make1(orm_where_field(inner, operand));
	if (some)
		return where;
	/* all are so: none is otherwise */
	where->items = list_make1(orm_where_untrue(linitial(where->items)));
	return orm_where_not(where);
}

/* ---- $len, $empty ---- */

OrmWhere *
orm_where_len(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	OrmSubject	inner = *subject;

	if (operand->kind == ORM_JSON_NULL)
		orm_where_refuse_null(operand);
	if (type_is_array(subject->term->type))
		inner.term = orm_term_call("cardinality", INT4OID, list_make1(subject->term));
	else if (subject->term->type == JSONBOID)
		inner.term = orm_where_guard(subject->term, list_make1("array"),
									 orm_term_call("jsonb_array_length", INT4OID, list_make1(subject->term)));
	else
		orm_where_unsuitable(subject, operand);
	inner.place.depth++;
	return orm_where_field(inner, operand);
}

static OrmWhere *
empty_document(OrmTerm *document)
{
	OrmWhere   *where = orm_where_operation(document, "pg_catalog", "=", NULL);
	Datum		values[2];

	values[0] = DirectFunctionCall1(jsonb_in, CStringGetDatum("[]"));
	values[1] = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	where->kind = ORM_WHERE_ANY;
	where->right = orm_term_value(JSONBARRAYOID, PointerGetDatum(construct_array(values, 2, JSONBOID, -1, false, TYPALIGN_INT)));
	return where;
}

OrmWhere *
orm_where_empty(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	OrmTerm    *term = subject->term;
	OrmWhere   *where;

	if (operand->kind != ORM_JSON_BOOL)
		orm_where_wrong_kind(operand, "true or false");
	if (type_is_array(term->type))
		where = orm_where_operation(orm_term_call("cardinality", INT4OID, list_make1(term)), "pg_catalog", "=",
									orm_term_value(INT4OID, Int32GetDatum(0)));
	else if (term->type == JSONBOID)
		where = empty_document(term);
	else if (type_is_range(term->type) || type_is_multirange(term->type))
		where = orm_where_term(orm_term_call("isempty", BOOLOID, list_make1(term)));
	else
		orm_where_unsuitable(subject, operand);
	return operand->value.val.boolean ? where : orm_where_not(where);
}
