/*
 * where_value.c
 *	  Operands of conditions: values of a type, lists, other properties.
 */
#include "base/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "model/cast_codec.h"
#include "model/model_cache.h"
#include "model/type_codec.h"
#include "query/declared_condition.h"
#include "query/query_document.h"
#include "query/where_parse.h"

/*
 * What a type says to text that is none of its values: some call it a syntax
 * error, or look names up, a domain calls it a violation, and an array of too
 * many dimensions is a program limit.
 */
static bool
does_not_fit(int sqlerrcode)
{
	return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_DATA_EXCEPTION || sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
		ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
		(ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
		 sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE);
}

void
orm_where_value_failed(MemoryContext context, const OrmJson *node)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	if (does_not_fit(error->sqlerrcode))
	{
		FlushErrorState();
		error->sqlerrcode = ERRCODE_INVALID_TEXT_REPRESENTATION;
		error->detail = psprintf("%s%s", orm_json_place(node),
								 error->detail ? error->detail : "The value does not fit the property's type.");
		ReThrowError(error);
	}
	PG_RE_THROW();
}

static Datum
decoded(OrmDecoder *decoder, const char *cast_as, const OrmJson *node)
{
	MemoryContext context = CurrentMemoryContext;
	JsonbValue	value = node->value;
	Datum		datum = (Datum) 0;

	if (node->unknown)
		return orm_declared_stand_in(decoder->type);
	PG_TRY();
	{
		if (node->text)
			datum = orm_cast_from_span(cast_as, decoder, node->text, (OrmJsonSpan) {node->kind, node->text_start, node->text_end});
		else
			datum = orm_cast_from_json(cast_as, decoder, &value);
	}
	PG_CATCH();
	{
		orm_where_value_failed(context, node);
	}
	PG_END_TRY();
	return datum;
}

Datum
orm_where_value(const OrmJson *node, Oid type, int32 typmod)
{
	OrmDecoder	decoder;

	orm_codec_decoder(&decoder, type, typmod, CurrentMemoryContext);
	return decoded(&decoder, NULL, node);
}

Datum
orm_where_property_value(const OrmJson *node, const OrmProperty *property)
{
	OrmDecoder	decoder;

	orm_codec_decoder(&decoder, property->type, property->typmod, CurrentMemoryContext);
	return decoded(&decoder, property->cast_as, node);
}

void
orm_where_refuse_null(const OrmJson *operand)
{
	const OrmJson *op = operand;

	if (operand->kind != ORM_JSON_NULL)
		return;
	/* a bound or an element stands in its operator's list */
	while (op->parent && (op->key == NULL || strcmp(op->key, "$value") == 0 ||
						  (op->parent->key && strcmp(op->parent->key, "$op") == 0)))
		op = op->parent;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 op->key && op->key[0] == '$' ? errmsg("operator \"%s\" takes no null", op->key)
			 : errmsg("a list of values takes no null"),
			 orm_errdetail_at(operand, "A null is neither equal nor unequal to anything."),
			 errhint("Ask {\"property\": null} for IS NULL, {\"$null\": false} for IS NOT NULL.")));
}

bool
orm_where_is_document(Oid type)
{
	return type == JSONBOID || type == JSONOID;
}

/* the member of an object with no other, under that key */
static const OrmJson *
only_member(const OrmJson *operand, const char *key)
{
	if (operand->kind == ORM_JSON_OBJECT && operand->nitems == 1 && strcmp(operand->items[0].key, key) == 0)
		return &operand->items[0];
	return NULL;
}

/* {"$value": v} is v itself, whatever v looks like */
const OrmJson *
orm_where_literal(const OrmJson *operand)
{
	const OrmJson *value = only_member(operand, "$value");

	return value ? value : operand;
}

/* an object stands for a value only where the type holds one, and never when it looks like grammar */
static void
check_object(const OrmJson *given, const OrmJson *value, Oid type)
{
	if (value->kind != ORM_JSON_OBJECT)
		return;
	if (!orm_where_is_document(type) && !type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an object is no value of type %s", format_type_be(type)),
				 orm_errdetail_at(value, "A value is expected here.")));
	for (int i = 0; given == value && i < value->nitems; i++)
		if (value->items[i].key[0] == '$')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown operand \"%s\"", value->items[i].key),
					 orm_errdetail_at(&value->items[i], "An operand is a value or {\"$col\": path}."),
					 errhint("An object that is a value, and has such keys, is written {\"$value\": {...}}.")));
}

/* values stand in the form in which the property shows its own */
static const char *
cast_of(const OrmSubject *subject, Oid type)
{
	const OrmTerm *term = subject ? subject->term : NULL;

	return term && term->kind == ORM_TERM_PROPERTY && term->type == type ? term->property->cast_as : NULL;
}

static Datum
operand_value(OrmDecoder *decoder, const char *cast_as, const OrmJson *operand)
{
	const OrmJson *value = orm_where_literal(operand);

	orm_where_refuse_null(value);
	if (cast_as == NULL)
		check_object(operand, value, decoder->type);
	return decoded(decoder, cast_as, value);
}

OrmTerm *
orm_where_operand(const OrmSubject *subject, const OrmJson *operand, Oid type)
{
	OrmTerm    *term = orm_where_column(subject, operand);
	OrmDecoder	decoder;

	if (term == NULL)
	{
		orm_codec_decoder(&decoder, type, -1, CurrentMemoryContext);
		return orm_term_value(type, operand_value(&decoder, cast_of(subject, type), operand));
	}
	if (term->type == type || IsBinaryCoercible(term->type, type))
		return term;
	if (!can_coerce_type(1, &term->type, &type, COERCION_IMPLICIT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("property \"%s\" is of type %s, and \"%s\" takes %s", term->property->name,
						format_type_be(term->type), operand->key ? operand->key : "$col", format_type_be(type)),
				 orm_errdetail_at(operand, "The types don't meet.")));
	return orm_term_cast(term, type);
}

static Datum
list_value(const OrmJson *list, Oid type, const char *cast_as)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(list->nitems, 1));
	OrmDecoder	decoder;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	orm_codec_decoder(&decoder, type, -1, CurrentMemoryContext);
	for (int i = 0; i < list->nitems; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = operand_value(&decoder, cast_as, &list->items[i]);
	}
	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	return PointerGetDatum(construct_array(values, list->nitems, type, typlen, typbyval, typalign));
}

/* a list as one array, so that the plan does not depend on its length */
OrmTerm *
orm_where_list(const OrmSubject *subject, const OrmJson *list, Oid type)
{
	return orm_term_value(get_array_type(type), list_value(list, type, cast_of(subject, type)));
}

void
orm_where_note_source(OrmTerm *term, const OrmSubject *subject, const OrmJson *operand, Oid type)
{
	/* an object may be more than a value */
	if (operand->kind == ORM_JSON_OBJECT)
		return;
	term->source = operand;
	term->cast_as = cast_of(subject, type);
}

Datum
orm_where_value_of(const OrmTerm *term, const OrmJson *operand)
{
	OrmDecoder	decoder;

	if (operand->kind == ORM_JSON_ARRAY)
		return list_value(operand, get_element_type(term->type), term->cast_as);
	orm_codec_decoder(&decoder, term->type, -1, CurrentMemoryContext);
	return operand_value(&decoder, term->cast_as, operand);
}

/* ---- other properties ---- */

static OrmRelation *
path_relation(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmRelation *relation = orm_entity_relation(entity, name);

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no relation \"%s\"", entity->name, name),
				 orm_errdetail_at(node, "A path goes through relations."),
				 orm_hint_names(name, orm_entity_relation_names(entity), "relations")));
	if (relation->to_many)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" is to many", name, entity->name),
				 orm_errdetail_at(node, "\"$col\" goes through to-one relations only.")));
	return relation;
}

OrmTerm *
orm_where_column(const OrmSubject *subject, const OrmJson *operand)
{
	const OrmJson *node = only_member(operand, "$col");
	const OrmWherePlace *place = &subject->place;
	OrmEntity  *entity;
	OrmTerm    *term = NULL;
	List	   *names;
	List	   *path = NIL;
	ListCell   *cell;
	char	   *text;
	int			up = 0;

	if (node == NULL)
		return NULL;
	if (node->kind != ORM_JSON_STRING)
		orm_where_wrong_kind(node, "the path of a property");
	for (text = orm_json_string(node); strncmp(text, "^.", 2) == 0; text += 2)
	{
		place = place->outer;
		up++;
		if (place == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no enclosing entity for \"^.\""),
					 orm_errdetail_at(node, "\"^.\" leads out of the filter of a relation.")));
	}
	entity = place->entity;
	names = orm_query_path(node, text);
	foreach(cell, names)
	{
		ListCell   *next = lnext(names, cell);

		if (next && lnext(names, next) == NULL && orm_entity_has_embed(entity, lfirst(cell)))
		{
			term = orm_term_property(entity, orm_query_embedded_or_raise(entity, lfirst(cell), lfirst(next), node));
			break;
		}
		if (next != NULL)
		{
			OrmRelation *relation = path_relation(entity, lfirst(cell), node);

			path = lappend(path, relation);
			entity = orm_query_target_or_raise(relation, node);
		}
		else
			term = orm_term_property(entity, orm_where_property(entity, lfirst(cell), node));
	}
	term->up = up;
	term->path = path;
	return term;
}

/* the operator of one family for two types of it, or InvalidOid */
static Oid
operator_between(Oid left, Oid right, int strategy)
{
	TypeCacheEntry *l = lookup_type_cache(left, TYPECACHE_BTREE_OPFAMILY);
	TypeCacheEntry *r = lookup_type_cache(right, TYPECACHE_BTREE_OPFAMILY);

	if (left == right)
		return orm_where_operator_of(left, strategy);
	if (!OidIsValid(l->btree_opf) || l->btree_opf != r->btree_opf || IsPolymorphicType(l->btree_opintype) ||
		l->btree_opintype == RECORDOID)
		return InvalidOid;
	return get_opfamily_member(l->btree_opf, l->btree_opintype, r->btree_opintype, strategy);
}

/* the operator by which two terms are compared, one of them cast where types have to meet */
bool
orm_where_meet(OrmTerm **left, OrmTerm **right, int strategy, Oid *op)
{
	Oid			l = (*left)->type;
	Oid			r = (*right)->type;

	*op = operator_between(l, r, strategy);
	if (OidIsValid(*op))
		return true;
	if (can_coerce_type(1, &r, &l, COERCION_IMPLICIT))
		*right = orm_term_cast(*right, l);
	else if (can_coerce_type(1, &l, &r, COERCION_IMPLICIT))
		*left = orm_term_cast(*left, r);
	else
		return false;
	*op = operator_between((*left)->type, (*right)->type, strategy);
	return OidIsValid(*op);
}
