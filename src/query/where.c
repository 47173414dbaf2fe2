/*
 * where.c
 *	  Parses the grammar of "where" into a typed tree.
 *
 * Every group that a caller, a scope or a relation adds is a node of its own,
 * so no "$or" can reach across. A filter is never dropped: what is not
 * understood raises.
 */
#include "base/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/value.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "model/type_codec.h"
#include "query/expression.h"
#include "query/where.h"

int			orm_max_depth = 16;

/* an operator of the grammar and how its operand is read */
typedef struct Operator Operator;
typedef OrmWhere *(*OperatorParser) (OrmWhere *subject, const OrmJson *operand, const Operator *op);

struct Operator
{
	const char *name;
	OperatorParser parse;
	int			detail;			/* strategy, or how a pattern is made */
	const char *sql;			/* operator of the server, for patterns */
};

enum
{
	PATTERN_VERBATIM,
	PATTERN_STARTS,
	PATTERN_ENDS,
	PATTERN_CONTAINS
};

static OrmWhere *parse_compare(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_unequal(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_same(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_distinct(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_null(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_between(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_in(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_pattern(OrmWhere *subject, const OrmJson *operand, const Operator *op);
static OrmWhere *parse_group(OrmEntity *entity, const OrmJson *document, int depth);

static const Operator operators[] = {
	{"$eq", parse_compare, BTEqualStrategyNumber, NULL},
	{"$ne", parse_unequal, 0, NULL},
	{"$same", parse_same, 0, NULL},
	{"$distinct", parse_distinct, 0, NULL},
	{"$null", parse_null, 0, NULL},
	{"$gt", parse_compare, BTGreaterStrategyNumber, NULL},
	{"$gte", parse_compare, BTGreaterEqualStrategyNumber, NULL},
	{"$lt", parse_compare, BTLessStrategyNumber, NULL},
	{"$lte", parse_compare, BTLessEqualStrategyNumber, NULL},
	{"$between", parse_between, 0, NULL},
	{"$in", parse_in, 1, NULL},
	{"$nin", parse_in, 0, NULL},
	{"$like", parse_pattern, PATTERN_VERBATIM, "~~"},
	{"$ilike", parse_pattern, PATTERN_VERBATIM, "~~*"},
	{"$starts", parse_pattern, PATTERN_STARTS, "~~"},
	{"$ends", parse_pattern, PATTERN_ENDS, "~~"},
	{"$contains", parse_pattern, PATTERN_CONTAINS, "~~"},
	{"$istarts", parse_pattern, PATTERN_STARTS, "~~*"},
	{"$iends", parse_pattern, PATTERN_ENDS, "~~*"},
	{"$icontains", parse_pattern, PATTERN_CONTAINS, "~~*"},
	{"$re", parse_pattern, PATTERN_VERBATIM, "~"},
	{"$ire", parse_pattern, PATTERN_VERBATIM, "~*"},
	{"$not", NULL, 0, NULL},	/* recurses: see parse_operators */
};

static OrmWhere *
new_where(OrmWhereKind kind)
{
	OrmWhere   *where = palloc0(sizeof(OrmWhere));

	where->kind = kind;
	return where;
}

/* a copy of the subject (entity and property) as another kind */
static OrmWhere *
about(const OrmWhere *subject, OrmWhereKind kind)
{
	OrmWhere   *where = new_where(kind);

	where->entity = subject->entity;
	where->property = subject->property;
	return where;
}

OrmWhere *
orm_where_and(List *items)
{
	OrmWhere   *where = new_where(ORM_WHERE_AND);

	where->items = items;
	return where;
}

static OrmWhere *
negate(OrmWhere *item)
{
	OrmWhere   *where = new_where(ORM_WHERE_NOT);

	where->items = list_make1(item);
	return where;
}

Oid
orm_property_type(OrmEntity *entity, OrmProperty *property)
{
	if (OidIsValid(property->type))
		return getBaseType(property->type);
	return getBaseType(orm_expression_type(entity, property));
}

/* ---- values ---- */

Datum
orm_where_value(const OrmJson *node, Oid type, int32 typmod)
{
	MemoryContext context = CurrentMemoryContext;
	OrmDecoder	decoder;
	JsonbValue	value = node->value;
	Datum		datum = (Datum) 0;

	orm_codec_decoder(&decoder, type, typmod, context);
	PG_TRY();
	{
		datum = orm_codec_from_json(&decoder, &value);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		/* an array of too many dimensions is a program limit to the server */
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
			error->sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		{
			FlushErrorState();
			error->sqlerrcode = ERRCODE_INVALID_TEXT_REPRESENTATION;
			error->detail = psprintf("%s%s", orm_json_place(node),
									 error->detail ? error->detail : "The value does not fit the property's type.");
			ReThrowError(error);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();
	return datum;
}

static void
refuse_null(const OrmJson *operand)
{
	const OrmJson *op = operand;

	if (operand->kind != ORM_JSON_NULL)
		return;
	/* a bound or an element stands in its operator's list */
	while (op->parent && (op->key == NULL || strcmp(op->key, "$value") == 0))
		op = op->parent;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 op->key && op->key[0] == '$' ? errmsg("operator \"%s\" takes no null", op->key)
			 : errmsg("a list of values takes no null"),
			 orm_errdetail_at(operand, "A null is neither equal nor unequal to anything."),
			 errhint("Ask {\"property\": null} for IS NULL, {\"$null\": false} for IS NOT NULL.")));
}

static bool
is_document_type(Oid type)
{
	return type == JSONBOID || type == JSONOID;
}

/* {"$value": v} is v itself, whatever v looks like */
static const OrmJson *
literal(const OrmJson *operand)
{
	if (operand->kind == ORM_JSON_OBJECT && operand->nitems == 1 && strcmp(operand->items[0].key, "$value") == 0)
		return &operand->items[0];
	return operand;
}

/* the value an operator compares with: not null, and no object unless the type holds one */
static Datum
operand_value(const OrmJson *operand, Oid type)
{
	operand = literal(operand);
	refuse_null(operand);
	if (operand->kind == ORM_JSON_OBJECT && !is_document_type(type) && !type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an object is no value of type %s", format_type_be(type)),
				 orm_errdetail_at(operand, "A value is expected here.")));
	return orm_where_value(operand, type, -1);
}

/* ---- operators of the type ---- */

static void
name_operator(OrmWhere *where, Oid op)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
	Form_pg_operator form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("operator of property \"%s\" has been dropped", where->property->name)));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	where->operator_name = pstrdup(NameStr(form->oprname));
	where->operator_schema = get_namespace_name(form->oprnamespace);
	ReleaseSysCache(tuple);
}

/* the member of the type's default btree or hash operator class, or InvalidOid */
static Oid
operator_of_type(Oid type, int strategy)
{
	TypeCacheEntry *entry;

	if (strategy == BTEqualStrategyNumber)
		return lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_LT_OPR | TYPECACHE_CMP_PROC);
	if (!OidIsValid(entry->btree_opf) || !OidIsValid(entry->lt_opr))
		return InvalidOid;
	return get_opfamily_member(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, strategy);
}

static void
set_operator(OrmWhere *where, Oid type, int strategy, const OrmJson *operand)
{
	Oid			op = operator_of_type(type, strategy);

	if (!OidIsValid(op))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("type %s of property \"%s\" has no operator for \"%s\"",
						format_type_be(type), where->property->name,
						operand->key && operand->key[0] == '$' ? operand->key : "$eq"),
				 orm_errdetail_at(operand, "Values of this type can't be compared so.")));
	name_operator(where, op);
	where->type = type;
}

static OrmWhere *
compare(const OrmWhere *subject, const OrmJson *operand, int strategy)
{
	OrmWhere   *where = about(subject, ORM_WHERE_COMPARE);
	Oid			type = orm_property_type(subject->entity, subject->property);

	set_operator(where, type, strategy, operand);
	where->value = operand_value(operand, type);
	return where;
}

static OrmWhere *
is_null(const OrmWhere *subject)
{
	return about(subject, ORM_WHERE_NULL);
}

static OrmWhere *
parse_compare(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	return compare(subject, operand, op->detail);
}

static OrmWhere *
parse_unequal(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	return negate(compare(subject, operand, BTEqualStrategyNumber));
}

/* true or false, never unknown; and still a condition that an index answers */
static OrmWhere *
parse_same(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	if (operand->kind == ORM_JSON_NULL)
		return is_null(subject);
	return orm_where_and(list_make2(compare(subject, operand, BTEqualStrategyNumber),
									negate(is_null(subject))));
}

static OrmWhere *
parse_distinct(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	OrmWhere   *where;

	if (operand->kind == ORM_JSON_NULL)
		return negate(is_null(subject));
	where = compare(subject, operand, BTEqualStrategyNumber);
	where->kind = ORM_WHERE_DISTINCT;
	return where;
}

static OrmWhere *
parse_null(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	if (operand->kind != ORM_JSON_BOOL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"$null\" takes true or false"),
				 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand))));
	return operand->value.val.boolean ? is_null(subject) : negate(is_null(subject));
}

static OrmWhere *
parse_between(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	if (operand->kind != ORM_JSON_ARRAY || operand->nitems != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"$between\" takes a list of two values"),
				 orm_errdetail_at(operand, "The bounds are given as [lower, upper].")));
	return orm_where_and(list_make2(compare(subject, &operand->items[0], BTGreaterEqualStrategyNumber),
									compare(subject, &operand->items[1], BTLessEqualStrategyNumber)));
}

/* there are no arrays of arrays: such a list is compared one by one */
static OrmWhere *
in_list_of_arrays(OrmWhere *subject, const OrmJson *list, bool any)
{
	OrmWhere   *where = new_where(ORM_WHERE_OR);

	for (int i = 0; i < list->nitems; i++)
	{
		CHECK_FOR_INTERRUPTS();
		where->items = lappend(where->items, compare(subject, &list->items[i], BTEqualStrategyNumber));
	}
	return any ? where : negate(where);
}

/* a list as one array parameter, so that the plan does not depend on its length */
static OrmWhere *
in_list(OrmWhere *subject, const OrmJson *list, bool any)
{
	OrmWhere   *where = about(subject, any ? ORM_WHERE_ANY : ORM_WHERE_ALL);
	Oid			type = orm_property_type(subject->entity, subject->property);
	Oid			array_type = get_array_type(type);
	Datum	   *values;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Oid			op = operator_of_type(type, BTEqualStrategyNumber);

	if (list->kind != ORM_JSON_ARRAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" takes a list", list->key),
				 orm_errdetail_at(list, "%s stands here.", orm_json_a_kind(list))));
	if (!OidIsValid(op))
		set_operator(where, type, BTEqualStrategyNumber, list);
	if (!OidIsValid(array_type))
		return in_list_of_arrays(subject, list, any);
	name_operator(where, any ? op : get_negator(op));
	values = palloc(sizeof(Datum) * Max(list->nitems, 1));
	for (int i = 0; i < list->nitems; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = operand_value(&list->items[i], type);
	}
	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	where->type = array_type;
	where->value = PointerGetDatum(construct_array(values, list->nitems, type, typlen, typbyval, typalign));
	return where;
}

static OrmWhere *
parse_in(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	return in_list(subject, operand, op->detail == 1);
}

/* ---- patterns ---- */

static char *
type_schema(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *schema = NULL;

	if (HeapTupleIsValid(tuple))
	{
		schema = get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace);
		ReleaseSysCache(tuple);
	}
	return schema;
}

/*
 * The operator for text patterns of a type: the server's for its own text
 * types; the type's own (citext has them) where its schema has one; else the
 * property is cast to text.
 */
static void
set_pattern_operator(OrmWhere *where, const char *name, const OrmJson *operand)
{
	Oid			type = orm_property_type(where->entity, where->property);
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	if (category != TYPCATEGORY_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" needs a text property, and \"%s\" is of type %s",
						operand->key, where->property->name, format_type_be(type)),
				 orm_errdetail_at(operand, "Patterns are for text.")));
	where->operator_schema = "pg_catalog";
	where->operator_name = pstrdup(name);
	where->type = TEXTOID;
	if (type >= FirstNormalObjectId)
	{
		char	   *schema = type_schema(type);
		Oid			op = schema ? OpernameGetOprid(list_make2(makeString(schema), makeString(pstrdup(name))),
												  type, TEXTOID) : InvalidOid;

		if (OidIsValid(op))
			name_operator(where, op);
		else
			where->property_cast = "pg_catalog.text";
	}
}

static char *
pattern_text(const char *text, int how)
{
	StringInfoData buf;

	initStringInfo(&buf);
	if (how == PATTERN_ENDS || how == PATTERN_CONTAINS)
		appendStringInfoChar(&buf, '%');
	for (const char *c = text; *c; c++)
	{
		if (*c == '%' || *c == '_' || *c == '\\')
			appendStringInfoChar(&buf, '\\');
		appendStringInfoChar(&buf, *c);
	}
	if (how == PATTERN_STARTS || how == PATTERN_CONTAINS)
		appendStringInfoChar(&buf, '%');
	return buf.data;
}

static OrmWhere *
parse_pattern(OrmWhere *subject, const OrmJson *operand, const Operator *op)
{
	OrmWhere   *where = about(subject, ORM_WHERE_COMPARE);
	char	   *text;

	set_pattern_operator(where, op->sql, operand);
	if (operand->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" takes a string", op->name),
				 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand))));
	text = orm_json_string(operand);
	where->value = CStringGetTextDatum(op->detail == PATTERN_VERBATIM ? text : pattern_text(text, op->detail));
	return where;
}

/* ---- fields and groups ---- */

static const Operator *
find_operator(const OrmJson *entry)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(operators); i++)
		if (strcmp(operators[i].name, entry->key) == 0)
			return &operators[i];
	for (int i = 0; i < lengthof(operators); i++)
		names = lappend(names, unconstify(char *, operators[i].name));
	/* those who come from elsewhere write "gte" */
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown operator \"%s\"", entry->key),
			 orm_errdetail_at(entry, "Every operator starts with \"$\"."),
			 orm_hint_names(entry->key[0] == '$' ? entry->key : psprintf("$%s", entry->key), names, "operators")));
	return NULL;
}

static OrmWhere *parse_field(OrmWhere *subject, const OrmJson *field, int depth);

static OrmWhere *
parse_operators(OrmWhere *subject, const OrmJson *field, int depth)
{
	List	   *items = NIL;

	if (field->nitems == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("condition on \"%s\" is empty", subject->property->name),
				 orm_errdetail_at(field, "An operator with its operand is expected.")));
	for (int i = 0; i < field->nitems; i++)
	{
		const OrmJson *entry = &field->items[i];
		const Operator *op = find_operator(entry);

		if (op->parse == NULL)
			items = lappend(items, negate(parse_field(subject, entry, depth + 1)));
		else
			items = lappend(items, op->parse(subject, entry, op));
	}
	return list_length(items) == 1 ? linitial(items) : orm_where_and(items);
}

static void
check_depth(const OrmJson *node, int depth)
{
	check_stack_depth();
	if (depth > orm_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("condition is nested too deeply"),
				 orm_errdetail_at(node, "Groups may be nested %d levels deep.", orm_max_depth),
				 errhint("The setting is orm.max_depth.")));
}

static OrmWhere *
parse_field(OrmWhere *subject, const OrmJson *field, int depth)
{
	Oid			type = orm_property_type(subject->entity, subject->property);

	check_depth(field, depth);
	switch (field->kind)
	{
		case ORM_JSON_NULL:
			return is_null(subject);
		case ORM_JSON_OBJECT:
			return parse_operators(subject, field, depth);
		case ORM_JSON_ARRAY:
			if (is_document_type(type) || type_is_array(type))
				return compare(subject, field, BTEqualStrategyNumber);
			return in_list(subject, field, true);
		default:
			return compare(subject, field, BTEqualStrategyNumber);
	}
}

static void
unknown_property(OrmEntity *entity, const OrmJson *entry)
{
	const char *dot = strchr(entry->key, '.');
	List	   *names = list_concat(orm_entity_property_names(entity, true), orm_entity_relation_names(entity));

	if (dot)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no property \"%s\"", entity->name, entry->key),
				 orm_errdetail_at(entry, "A condition goes through a relation by nesting."),
				 errhint("Write {\"%s\": {\"%s\": ...}}.", pnstrdup(entry->key, dot - entry->key), dot + 1)));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("entity \"%s\" has no property \"%s\"", entity->name, entry->key),
			 orm_errdetail_at(entry, "Only properties can be compared."),
			 orm_hint_names(entry->key, names, "properties")));
}

static OrmWhere *
parse_list_group(OrmEntity *entity, const OrmJson *entry, OrmWhereKind kind, int depth)
{
	OrmWhere   *where = new_where(kind);

	if (entry->kind != ORM_JSON_ARRAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" takes a list of conditions", entry->key),
				 orm_errdetail_at(entry, "%s stands here.", orm_json_a_kind(entry))));
	for (int i = 0; i < entry->nitems; i++)
		where->items = lappend(where->items, parse_group(entity, &entry->items[i], depth + 1));
	return where;
}

static OrmWhere *
parse_entry(OrmEntity *entity, const OrmJson *entry, int depth)
{
	const char *name = entry->key;
	OrmWhere	subject = {0};

	if (name[0] == '$' && name[1] != '$')
	{
		if (strcmp(name, "$and") == 0)
			return parse_list_group(entity, entry, ORM_WHERE_AND, depth);
		if (strcmp(name, "$or") == 0)
			return parse_list_group(entity, entry, ORM_WHERE_OR, depth);
		if (strcmp(name, "$not") == 0)
			return negate(parse_group(entity, entry, depth + 1));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown operator \"%s\"", name),
				 orm_errdetail_at(entry, "Here stand properties and the groups $and, $or and $not."),
				 orm_entity_property(entity, name)
				 ? errhint("The property is written \"$%s\".", name)
				 : orm_hint_names(name, list_make3("$and", "$or", "$not"), "groups")));
	}
	if (name[0] == '$')
		name++;
	subject.entity = entity;
	subject.property = orm_entity_property(entity, name);
	if (subject.property == NULL)
		unknown_property(entity, entry);
	return parse_field(&subject, entry, depth);
}

static OrmWhere *
parse_group(OrmEntity *entity, const OrmJson *document, int depth)
{
	OrmWhere   *where = new_where(ORM_WHERE_AND);

	check_depth(document, depth);
	if (document->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a condition is a JSON object"),
				 orm_errdetail_at(document, "%s stands here.", orm_json_a_kind(document))));
	for (int i = 0; i < document->nitems; i++)
		where->items = lappend(where->items, parse_entry(entity, &document->items[i], depth));
	return where;
}

OrmWhere *
orm_where_parse(OrmEntity *entity, const OrmJson *document)
{
	OrmWhere   *where = parse_group(entity, document, 1);

	return where->items == NIL ? NULL : where;
}

void
orm_where_check(OrmEntity *entity, Jsonb *condition)
{
	orm_where_parse(entity, orm_json_read(condition, 0, orm_max_depth * 4));
}

OrmWhere *
orm_where_equal(OrmEntity *entity, OrmProperty *property, Oid type, Datum value)
{
	OrmWhere   *where = new_where(ORM_WHERE_COMPARE);

	where->entity = entity;
	where->property = property;
	where->type = type;
	where->value = value;
	name_operator(where, operator_of_type(type, BTEqualStrategyNumber));
	return where;
}
