/*
 * where_json.c
 *	  Conditions that step into a jsonb document or a composite value, and the
 *	  operators of jsonb.
 *
 * What stands at a step is compared as jsonb, once its JSON type is one of the
 * operand's: of one type, jsonb compares numbers as numeric and strings as
 * text. So no cast can fail, and another type is unknown, like a null.
 */
#include "base/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/jsonpath.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "query/where_parse.h"

bool
orm_where_is_step(const OrmTerm *term)
{
	return term->kind == ORM_TERM_STEP;
}

bool
orm_where_has_steps(const OrmTerm *term)
{
	return orm_where_is_document(term->type) || (type_is_rowtype(term->type) && term->type != RECORDOID);
}

/* ---- into a composite ---- */

static OrmTerm *
field_of(const OrmSubject *subject, const char *name, const OrmJson *entry)
{
	OrmTerm    *composite = subject->term;
	TupleDesc	desc = lookup_rowtype_tupdesc(composite->type, -1);
	OrmTerm    *term = NULL;
	List	   *names = NIL;

	for (int i = 0; i < desc->natts && term == NULL; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped)
			continue;
		names = lappend(names, pstrdup(NameStr(attribute->attname)));
		if (strcmp(name, NameStr(attribute->attname)) == 0)
		{
			term = orm_term_new(ORM_TERM_FIELD, getBaseType(attribute->atttypid));
			term->name = pstrdup(name);
			term->args = list_make1(composite);
		}
	}
	ReleaseTupleDesc(desc);
	if (term == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("type %s of property \"%s\" has no field \"%s\"", format_type_be(composite->type),
						subject->name, name),
				 orm_errdetail_at(entry, "Plain keys are fields of the value, operators start with \"$\"."),
				 orm_hint_names(name, names, "fields")));
	return term;
}

/* ---- into a document ---- */

static OrmTerm *
step_of(OrmTerm *term, const char *name)
{
	OrmTerm    *step = orm_term_new(ORM_TERM_STEP, JSONBOID);
	OrmTerm    *document = term;

	if (orm_where_is_step(term))
	{
		document = linitial(term->args);
		step->steps = list_copy(term->steps);
	}
	step->steps = lappend(step->steps, pstrdup(name));
	step->args = list_make2(document, orm_term_texts(step->steps));
	return step;
}

OrmWhere *
orm_where_step(const OrmSubject *subject, const OrmJson *entry)
{
	OrmSubject	inner = *subject;
	const char *name = entry->key[0] == '$' ? entry->key + 1 : entry->key;

	if (subject->term->type == JSONOID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("property \"%s\" of type json has no steps", subject->name),
				 orm_errdetail_at(entry, "Text that is parsed anew for each row is not looked into."),
				 errhint("Steps go into a jsonb property.")));
	inner.name = name;
	if (orm_where_is_document(subject->term->type))
		inner.term = step_of(subject->term, name);
	else
		inner.term = field_of(subject, name, entry);
	return orm_where_field(inner, entry);
}

/* the text of a step, where it is a string */
OrmTerm *
orm_where_step_text(const OrmTerm *step)
{
	OrmTerm    *text = orm_term_new(ORM_TERM_STEP, TEXTOID);

	text->args = step->args;
	return orm_where_guard(unconstify(OrmTerm *, step), list_make1("string"), text);
}

OrmTerm *
orm_where_guard(OrmTerm *document, List *types, OrmTerm *result)
{
	OrmTerm    *guard = orm_term_new(ORM_TERM_GUARD, result->type);

	guard->args = list_make3(document, orm_term_texts(types), result);
	return guard;
}

/* missing, or null: both are JSON's ways to have no value */
OrmWhere *
orm_where_step_null(const OrmTerm *step)
{
	OrmTerm    *document = unconstify(OrmTerm *, step);

	return orm_where_or(list_make2(orm_where_null(document),
								   orm_where_operation(orm_term_call("jsonb_typeof", TEXTOID, list_make1(document)),
													   "pg_catalog", "=", orm_term_text("null"))));
}

static char *
json_type(const OrmJson *value)
{
	static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};

	return unconstify(char *, names[value->kind]);
}

/* might the step as well be the place of an element? */
static bool
is_index(const char *step)
{
	return step[strspn(step, "+-0123456789 \t\n")] == '\0';
}

/* {"a": {"b": value}} for the steps a, b */
static Datum
nested(List *steps, const OrmJson *value)
{
	JsonbParseState *state = NULL;
	JsonbValue	scalar = value->value;
	JsonbValue *result = NULL;
	ListCell   *cell;

	foreach(cell, steps)
	{
		JsonbValue	key = {.type = jbvString};

		key.val.string.val = lfirst(cell);
		key.val.string.len = strlen(lfirst(cell));
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		pushJsonbValue(&state, WJB_KEY, &key);
	}
	pushJsonbValue(&state, WJB_VALUE, &scalar);
	for (int i = 0; i < list_length(steps); i++)
		result = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(result));
}

/*
 * A scalar at a step as containment, which an index on the document answers.
 * It is false where the comparison is unknown, so not under a negation.
 */
static OrmWhere *
as_containment(const OrmSubject *subject, const OrmJson *value)
{
	ListCell   *cell;

	if (subject->place.negated || value->kind == ORM_JSON_ARRAY || value->kind == ORM_JSON_OBJECT)
		return NULL;
	foreach(cell, subject->term->steps)
		if (is_index(lfirst(cell)))
			return NULL;
	return orm_where_operation(linitial(subject->term->args), "pg_catalog", "@>",
							   orm_term_value(JSONBOID, nested(subject->term->steps, value)));
}

/* the step where it is of the JSON type that a property's values have, and the property as jsonb */
static void
meet_column(OrmTerm **left, OrmTerm **right)
{
	char		category;
	bool		preferred;
	Oid			type = (*right)->type;
	List	   *types = NIL;

	get_type_category_preferred(type, &category, &preferred);
	if (category == TYPCATEGORY_NUMERIC)
		types = list_make1("number");
	else if (type == BOOLOID)
		types = list_make1("boolean");
	else if (!orm_where_is_document(type) && !type_is_array(type) && !type_is_rowtype(type))
		types = list_make1("string");
	if (types != NIL)
		*left = orm_where_guard(*left, types, *left);
	if (type != JSONBOID)
		*right = orm_term_call("to_jsonb", JSONBOID, list_make1(*right));
}

OrmWhere *
orm_where_step_compare(const OrmSubject *subject, const OrmJson *operand, int strategy)
{
	OrmTerm    *column = orm_where_column(subject, operand);
	const OrmJson *value = orm_where_literal(operand);
	OrmWhere   *where = orm_where_new(ORM_WHERE_COMPARE);

	where->left = subject->term;
	where->right = column ? column : orm_where_operand(subject, operand, JSONBOID);
	if (column)
		meet_column(&where->left, &where->right);
	else if (strategy == BTEqualStrategyNumber)
	{
		OrmWhere   *contains = as_containment(subject, value);

		if (contains)
			return contains;
	}
	if (!column)
		where->left = orm_where_guard(subject->term, list_make1(json_type(value)), subject->term);
	orm_where_set_operator(where, orm_where_operator_of(JSONBOID, strategy));
	return where;
}

OrmWhere *
orm_where_step_in(const OrmSubject *subject, const OrmJson *list, bool any)
{
	OrmWhere   *where = orm_where_new(any ? ORM_WHERE_ANY : ORM_WHERE_ALL);
	List	   *types = NIL;
	bool		seen[ORM_JSON_OBJECT + 1] = {0};

	for (int i = 0; i < list->nitems; i++)
	{
		const OrmJson *value = orm_where_literal(&list->items[i]);

		if (!seen[value->kind])
			types = lappend(types, json_type(value));
		seen[value->kind] = true;
	}
	where->operator_schema = "pg_catalog";
	where->operator_name = any ? "=" : "<>";
	where->left = types != NIL ? orm_where_guard(subject->term, types, subject->term) : subject->term;
	where->right = orm_where_list(subject, list, JSONBOID);
	return where;
}

/* ---- operators of jsonb ---- */

OrmWhere *
orm_where_key(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	List	   *keys = NIL;

	if (subject->term->type != JSONBOID)
		orm_where_unsuitable(subject, operand);
	if (operand->kind == ORM_JSON_STRING)
		return orm_where_operation(subject->term, "pg_catalog", "?", orm_term_text(orm_json_string(operand)));
	if (operand->kind != ORM_JSON_ARRAY)
		orm_where_wrong_kind(operand, "a key or a list of keys");
	for (int i = 0; i < operand->nitems; i++)
	{
		if (operand->items[i].kind != ORM_JSON_STRING)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a key is a string"),
					 orm_errdetail_at(&operand->items[i], "%s stands here.", orm_json_a_kind(&operand->items[i]))));
		keys = lappend(keys, orm_json_string(&operand->items[i]));
	}
	return orm_where_operation(subject->term, "pg_catalog", "?&", orm_term_texts(keys));
}

/* is the path a predicate, whose one result is true or false? */
static bool
is_predicate(JsonPath *path)
{
	JsonPathItem item;

	jspInit(&item, path);
	switch (item.type)
	{
		case jpiAnd:
		case jpiOr:
		case jpiNot:
		case jpiIsUnknown:
		case jpiEqual:
		case jpiNotEqual:
		case jpiLess:
		case jpiGreater:
		case jpiLessOrEqual:
		case jpiGreaterOrEqual:
		case jpiExists:
		case jpiStartsWith:
		case jpiLikeRegex:
			return true;
		default:
			return false;
	}
}

/* a predicate has to be true, and any other path to find something */
OrmWhere *
orm_where_jsonpath(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	Datum		path;

	if (subject->term->type != JSONBOID)
		orm_where_unsuitable(subject, operand);
	if (operand->kind != ORM_JSON_STRING)
		orm_where_wrong_kind(operand, "a JSON path as a string");
	path = orm_where_value(operand, JSONPATHOID, -1);
	return orm_where_operation(subject->term, "pg_catalog", is_predicate(DatumGetJsonPathP(path)) ? "@@" : "@?",
							   orm_term_value(JSONPATHOID, path));
}
