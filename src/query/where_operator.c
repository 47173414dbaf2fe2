/*
 * where_operator.c
 *	  Fields: what is asked of one property, by the operators of the grammar.
 *
 * Here are those of every type. Patterns are where_pattern.c's, arrays and
 * ranges where_collection.c's, jsonb is where_json.c's.
 */
#include "base/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "query/where_parse.h"

static OrmWhere *parse_compare(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_unequal(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_same(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_null(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_between(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_in(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
static OrmWhere *parse_not(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);

static const OrmOperator operators[] = {
	{"$eq", parse_compare, BTEqualStrategyNumber, NULL},
	{"$ne", parse_unequal, 0, NULL},
	{"$same", parse_same, true, NULL},
	{"$distinct", parse_same, false, NULL},
	{"$null", parse_null, 0, NULL},
	{"$gt", parse_compare, BTGreaterStrategyNumber, NULL},
	{"$gte", parse_compare, BTGreaterEqualStrategyNumber, NULL},
	{"$lt", parse_compare, BTLessStrategyNumber, NULL},
	{"$lte", parse_compare, BTLessEqualStrategyNumber, NULL},
	{"$between", parse_between, 0, NULL},
	{"$in", parse_in, true, NULL},
	{"$nin", parse_in, false, NULL},
	{"$like", orm_where_pattern, ORM_PATTERN_VERBATIM, "~~"},
	{"$ilike", orm_where_pattern, ORM_PATTERN_VERBATIM, "~~*"},
	{"$starts", orm_where_pattern, ORM_PATTERN_STARTS, "~~"},
	{"$ends", orm_where_pattern, ORM_PATTERN_ENDS, "~~"},
	{"$contains", orm_where_contains, ORM_PATTERN_CONTAINS, "@>"},
	{"$contained", orm_where_contains, 0, "<@"},
	{"$overlap", orm_where_contains, 0, "&&"},
	{"$istarts", orm_where_pattern, ORM_PATTERN_STARTS, "~~*"},
	{"$iends", orm_where_pattern, ORM_PATTERN_ENDS, "~~*"},
	{"$icontains", orm_where_pattern, ORM_PATTERN_CONTAINS, "~~*"},
	{"$re", orm_where_pattern, ORM_PATTERN_VERBATIM, "~"},
	{"$ire", orm_where_pattern, ORM_PATTERN_VERBATIM, "~*"},
	{"$any", orm_where_element, true, NULL},
	{"$all", orm_where_element, false, NULL},
	{"$len", orm_where_len, 0, NULL},
	{"$empty", orm_where_empty, 0, NULL},
	{"$key", orm_where_key, 0, NULL},
	{"$jsonpath", orm_where_jsonpath, 0, NULL},
	{"$op", orm_where_op, 0, NULL},
	{"$not", parse_not, 0, NULL},
};

/* ---- errors ---- */

void
orm_where_wrong_kind(const OrmJson *operand, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 operand->key && operand->key[0] == '$' ? errmsg("operator \"%s\" takes %s", operand->key, what)
			 : errmsg("\"%s\" takes %s", operand->key ? operand->key : "$value", what),
			 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand))));
}

void
orm_where_unsuitable(const OrmSubject *subject, const OrmJson *operand)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("type %s of property \"%s\" has no operator for \"%s\"",
					format_type_be(subject->term->type), subject->name,
					operand->key && operand->key[0] == '$' ? operand->key : "$eq"),
			 orm_errdetail_at(operand, "Values of this type can't be compared so.")));
}

/* ---- operators of the type ---- */

void
orm_where_set_operator(OrmWhere *where, Oid op)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
	Form_pg_operator form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("an operator of the property's type has been dropped")));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	where->operator_name = pstrdup(NameStr(form->oprname));
	where->operator_schema = get_namespace_name(form->oprnamespace);
	ReleaseSysCache(tuple);
}

/* the member of the type's default btree or hash operator class, or InvalidOid */
Oid
orm_where_operator_of(Oid type, int strategy)
{
	TypeCacheEntry *entry;

	if (strategy == BTEqualStrategyNumber)
		return lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_LT_OPR | TYPECACHE_CMP_PROC);
	if (!OidIsValid(entry->btree_opf) || !OidIsValid(entry->lt_opr))
		return InvalidOid;
	return get_opfamily_member(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, strategy);
}

static OrmWhere *
compare_columns(const OrmSubject *subject, OrmTerm *column, const OrmJson *operand, int strategy)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_COMPARE);
	Oid			op;

	where->left = subject->term;
	where->right = column;
	if (!orm_where_meet(&where->left, &where->right, strategy, &op))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" of type %s and \"%s\" of type %s can't be compared", subject->name,
						format_type_be(subject->term->type), column->property->name, format_type_be(column->type)),
				 orm_errdetail_at(operand, "The types have no operator for it.")));
	orm_where_set_operator(where, op);
	return where;
}

OrmWhere *
orm_where_compare(const OrmSubject *subject, const OrmJson *operand, int strategy)
{
	OrmTerm    *column = orm_where_column(subject, operand);
	OrmTerm    *term = subject->term;
	OrmWhere   *where;
	Oid			op;

	if (orm_where_is_step(term))
		return orm_where_step_compare(subject, operand, strategy);
	if (column)
		return compare_columns(subject, column, operand, strategy);
	op = orm_where_operator_of(term->type, strategy);
	if (!OidIsValid(op))
		orm_where_unsuitable(subject, operand);
	where = orm_where_new(ORM_WHERE_COMPARE);
	where->left = term;
	where->right = orm_where_operand(subject, operand, term->type);
	orm_where_set_operator(where, op);
	if (term->kind == ORM_TERM_AGGREGATE && term->args == NIL)
	{
		OrmWhere   *folded = orm_where_fold_count(term, strategy, DatumGetInt64(where->right->value));

		return folded ? folded : where;
	}
	/* an array that is compared whole is read as one */
	if (operand->kind != ORM_JSON_ARRAY)
		orm_where_note_source(where->right, subject, operand, term->type);
	return where;
}

static OrmWhere *
is_null(const OrmSubject *subject)
{
	return orm_where_is_step(subject->term) ? orm_where_step_null(subject->term) : orm_where_null(subject->term);
}

static OrmWhere *
parse_compare(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	return orm_where_compare(subject, operand, op->detail);
}

static OrmWhere *
negated_compare(OrmSubject subject, const OrmJson *operand)
{
	subject.place.negated = true;
	return orm_where_compare(&subject, operand, BTEqualStrategyNumber);
}

static OrmWhere *
parse_unequal(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	return orm_where_not(negated_compare(*subject, operand));
}

/* true or false, never unknown; and "$same" still a condition that an index answers */
static OrmWhere *
parse_same(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	bool		same = op->detail;
	OrmTerm    *column = orm_where_column(subject, operand);
	OrmWhere   *where;

	if (operand->kind == ORM_JSON_NULL)
		return same ? is_null(subject) : orm_where_not(is_null(subject));
	if (!same)
		where = orm_where_untrue(negated_compare(*subject, operand));
	else if (orm_where_is_step(subject->term) || column)
		where = orm_where_not(orm_where_untrue(negated_compare(*subject, operand)));
	else
		where = orm_where_and(list_make2(orm_where_compare(subject, operand, BTEqualStrategyNumber),
										 orm_where_not(is_null(subject))));
	if (column)
	{
		OrmWhere   *both = orm_where_and(list_make2(is_null(subject), orm_where_null(column)));

		where = same ? orm_where_or(list_make2(where, both)) : orm_where_and(list_make2(where, orm_where_not(both)));
	}
	return where;
}

static OrmWhere *
parse_null(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	if (operand->kind != ORM_JSON_BOOL)
		orm_where_wrong_kind(operand, "true or false");
	return operand->value.val.boolean ? is_null(subject) : orm_where_not(is_null(subject));
}

static OrmWhere *
parse_between(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	if (operand->kind != ORM_JSON_ARRAY || operand->nitems != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"$between\" takes a list of two values"),
				 orm_errdetail_at(operand, "The bounds are given as [lower, upper].")));
	return orm_where_and(list_make2(orm_where_compare(subject, &operand->items[0], BTGreaterEqualStrategyNumber),
									orm_where_compare(subject, &operand->items[1], BTLessEqualStrategyNumber)));
}

/* there are no arrays of arrays: such a list is compared one by one */
static OrmWhere *
in_list_of_arrays(OrmSubject subject, const OrmJson *list, bool any)
{
	OrmWhere   *where = orm_where_or(NIL);

	subject.place.negated = subject.place.negated || !any;
	for (int i = 0; i < list->nitems; i++)
	{
		CHECK_FOR_INTERRUPTS();
		where->items = lappend(where->items, orm_where_compare(&subject, &list->items[i], BTEqualStrategyNumber));
	}
	return any ? where : orm_where_not(where);
}

static OrmWhere *
in_list(const OrmSubject *subject, const OrmJson *list, bool any)
{
	Oid			type = subject->term->type;
	OrmWhere   *where;
	Oid			op;

	if (list->kind != ORM_JSON_ARRAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" takes a list", list->key),
				 orm_errdetail_at(list, "%s stands here.", orm_json_a_kind(list))));
	if (orm_where_is_step(subject->term))
		return orm_where_step_in(subject, list, any);
	op = orm_where_operator_of(type, BTEqualStrategyNumber);
	if (OidIsValid(op) && !any)
		op = get_negator(op);
	if (!OidIsValid(op))
		orm_where_unsuitable(subject, list);
	if (!OidIsValid(get_array_type(type)))
		return in_list_of_arrays(*subject, list, any);
	where = orm_where_new(any ? ORM_WHERE_ANY : ORM_WHERE_ALL);
	where->left = subject->term;
	where->right = orm_where_list(subject, list, type);
	orm_where_note_source(where->right, subject, list, type);
	orm_where_set_operator(where, op);
	return where;
}

static OrmWhere *
parse_in(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	return in_list(subject, operand, op->detail);
}

static OrmWhere *
parse_not(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	OrmSubject	inner = *subject;

	inner.place.negated = true;
	inner.place.depth++;
	return orm_where_not(orm_where_field(inner, operand));
}

/* ---- fields ---- */

static const OrmOperator *
find_operator(const OrmSubject *subject, const OrmJson *entry)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(operators); i++)
		if (strcmp(operators[i].name, entry->key) == 0)
			return &operators[i];
	for (int i = 0; i < lengthof(operators); i++)
		names = lappend(names, unconstify(char *, operators[i].name));
	if (strcmp(entry->key, "$col") == 0 || strcmp(entry->key, "$value") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is an operand, not an operator", entry->key),
				 orm_errdetail_at(entry, "An operator has to say what is asked."),
				 errhint("Write {\"$eq\": {\"%s\": ...}}.", entry->key)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown operator \"%s\"", entry->key),
			 orm_errdetail_at(entry, "Every operator starts with \"$\"."),
			 orm_hint_operator(entry->key, names, "operators")));
	return NULL;
}

/* an operator, or a step where the type has parts */
static OrmWhere *
parse_member(const OrmSubject *subject, const OrmJson *entry)
{
	const OrmOperator *op;

	if ((entry->key[0] != '$' || entry->key[1] == '$') && orm_where_has_steps(subject->term))
		return orm_where_step(subject, entry);
	op = find_operator(subject, entry);
	return op->parse(subject, entry, op);
}

static OrmWhere *
parse_members(const OrmSubject *subject, const OrmJson *field)
{
	List	   *items = NIL;

	if (field->nitems == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("condition on \"%s\" is empty", subject->name),
				 orm_errdetail_at(field, "An operator with its operand is expected.")));
	for (int i = 0; i < field->nitems; i++)
		items = lappend(items, parse_member(subject, &field->items[i]));
	return list_length(items) == 1 ? linitial(items) : orm_where_and(items);
}

OrmWhere *
orm_where_field(OrmSubject subject, const OrmJson *field)
{
	Oid			type = subject.term->type;

	orm_where_check_depth(&subject.place, field);
	switch (field->kind)
	{
		case ORM_JSON_NULL:
			return is_null(&subject);
		case ORM_JSON_OBJECT:
			return parse_members(&subject, field);
		case ORM_JSON_ARRAY:
			if (orm_where_is_document(type) || type_is_array(type))
				return orm_where_compare(&subject, field, BTEqualStrategyNumber);
			return in_list(&subject, field, true);
		default:
			return orm_where_compare(&subject, field, BTEqualStrategyNumber);
	}
}
