/*
 * sql_key.c
 *	  Turns a key of any SQL type into a condition.
 *
 * A scalar is a key of one column, an object names its properties. Text is
 * read as an object for a composite key only, and then names just that key:
 * what a client sends as text never chooses the lookup.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "api/sql_key.h"
#include "base/error.h"
#include "model/type_codec.h"
#include "run/json_key.h"

static List *
key_names(OrmEntity *entity)
{
	List	   *names = NIL;

	for (int i = 0; i < entity->nkeys; i++)
		names = lappend(names, entity->properties[entity->keys[i]].name);
	return names;
}

/* text as a value of the property's type; whatever does not fit is 22P02 */
static Datum
value_from_text(OrmProperty *property, Oid type, const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	OrmDecoder	decoder;
	Datum		value = (Datum) 0;

	orm_codec_decoder(&decoder, type, -1, context);
	PG_TRY();
	{
		value = orm_codec_from_text(&decoder, text);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		FlushErrorState();
		error->sqlerrcode = ERRCODE_INVALID_TEXT_REPRESENTATION;
		if (error->detail == NULL)
			error->detail = psprintf("The key's property \"%s\" is of type %s.", property->name,
									 format_type_be(type));
		if (error->hint == NULL && text[0] == '{')
			error->hint = pstrdup("An object that names the properties of a unique constraint is passed as jsonb.");
		ReThrowError(error);
	}
	PG_END_TRY();
	return value;
}

static Datum
scalar_value(OrmProperty *property, Oid target, Datum value, Oid type)
{
	Oid			output;
	bool		varlena;

	if (type == target)
		return value;
	if (target == INT8OID && type == INT4OID)
		return Int64GetDatum(DatumGetInt32(value));
	getTypeOutputInfo(type, &output, &varlena);
	return value_from_text(property, target, OidOutputFunctionCall(output, value));
}

bool
orm_key_scalar(OrmEntity *entity, Datum value, Oid type, Datum *key)
{
	OrmProperty *property;

	type = getBaseType(type);
	if (entity->nkeys != 1 || type == JSONBOID || type == JSONOID)
		return false;
	property = &entity->properties[entity->keys[0]];
	*key = scalar_value(property, orm_property_type(entity, property), value, type);
	return true;
}

static OrmWhere *
scalar_key(OrmEntity *entity, Datum value, Oid type)
{
	OrmProperty *property = &entity->properties[entity->keys[0]];
	Oid			target = orm_property_type(entity, property);

	return orm_where_equal(entity, property, target, scalar_value(property, target, value, type));
}

/* the property that an item of a key object names, or 42703 */
static OrmProperty *
named_property(OrmEntity *entity, const OrmJson *item, bool any)
{
	OrmProperty *property = orm_entity_property(entity, item->key);

	if (property == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no property \"%s\"", entity->name, item->key),
				 orm_errdetail_at(item, "A key names properties."),
				 orm_hint_names(item->key, any ? orm_entity_property_names(entity, true) : key_names(entity),
								any ? "properties" : "key properties")));
	return property;
}

static int
attnum_at(AttrNumber attnum, const AttrNumber *attnums, int n)
{
	for (int i = 0; i < n; i++)
		if (attnums[i] == attnum)
			return i;
	return -1;
}

/* the unique set whose columns the properties of an object are, or NULL */
static OrmUnique *
named_unique_set(OrmEntity *entity, const OrmJson *object)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];
	int			n = 0;

	for (int i = 0; i < object->nitems && n < INDEX_MAX_KEYS; i++)
		attnums[n++] = named_property(entity, &object->items[i], true)->attnum;
	for (int u = 0; u < entity->nuniques; u++)
	{
		OrmUnique  *unique = &entity->uniques[u];
		bool		same = unique->ncolumns == object->nitems;

		for (int c = 0; same && c < n; c++)
			same = attnum_at(unique->attnums[c], attnums, n) >= 0;
		if (same)
			return unique;
	}
	return NULL;
}

/* does an object name just the properties of the key? */
static bool
names_key(OrmEntity *entity, const OrmJson *object)
{
	for (int i = 0; i < object->nitems; i++)
		if (!named_property(entity, &object->items[i], false)->is_key)
			return false;
	return object->nitems == entity->nkeys;
}

static OrmWhere *
object_key(OrmEntity *entity, const OrmJson *object, bool any)
{
	List	   *items = NIL;

	if (any && named_unique_set(entity, object) == NULL)
		orm_key_malformed(entity, "The object names no unique set of properties.");
	if (!any && !names_key(entity, object))
		orm_key_malformed(entity, "The object does not name just the properties of the key.");
	for (int i = 0; i < object->nitems; i++)
	{
		OrmProperty *property = orm_entity_property(entity, object->items[i].key);
		Oid			type = orm_property_type(entity, property);

		if (object->items[i].kind == ORM_JSON_NULL)
			return NULL;
		items = lappend(items, orm_where_equal(entity, property, type,
											   orm_where_value(&object->items[i], type, -1)));
	}
	return orm_where_and(items);
}

OrmUnique *
orm_key_unique(OrmEntity *entity, Datum value, Oid type, Datum *key)
{
	OrmJson    *object;
	OrmUnique  *unique;

	if (entity->nkeys == 0 || getBaseType(type) != JSONBOID)
		return NULL;
	object = orm_json_read(DatumGetJsonbP(value), 0, 8);
	if (object->kind != ORM_JSON_OBJECT || (unique = named_unique_set(entity, object)) == NULL)
		return NULL;
	for (int i = 0; i < object->nitems; i++)
	{
		OrmProperty *property = orm_entity_property(entity, object->items[i].key);

		if (object->items[i].kind == ORM_JSON_NULL)
			return NULL;
		key[attnum_at(property->attnum, unique->attnums, unique->ncolumns)] =
			orm_where_value(&object->items[i], orm_property_type(entity, property), -1);
	}
	return unique;
}

static OrmWhere *
jsonb_key(OrmEntity *entity, Jsonb *jsonb, bool any)
{
	OrmJson    *node = orm_json_read(jsonb, 0, 8);
	OrmProperty *property = &entity->properties[entity->keys[0]];
	Oid			type = orm_property_type(entity, property);

	if (node->kind == ORM_JSON_NULL)
		return NULL;
	if (node->kind == ORM_JSON_OBJECT)
		return object_key(entity, node, any);
	if (entity->nkeys > 1)
		orm_key_malformed(entity, psprintf("%s stands for it.", orm_json_a_kind(node)));
	return orm_where_equal(entity, property, type, orm_where_value(node, type, -1));
}

static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID || type == UNKNOWNOID || type == NAMEOID;
}

/* text or json as jsonb; text that is no JSON does not fit */
static Jsonb *
as_jsonb(OrmEntity *entity, Datum value, Oid type)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		document = value;
	Oid			output;
	bool		varlena;

	if (type == JSONBOID)
		return DatumGetJsonbP(value);
	getTypeOutputInfo(type, &output, &varlena);
	PG_TRY();
	{
		document = DirectFunctionCall1(jsonb_in, CStringGetDatum(OidOutputFunctionCall(output, value)));
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		FlushErrorState();
		orm_key_malformed(entity, "Text that is no JSON stands for it.");
	}
	PG_END_TRY();
	return DatumGetJsonbP(document);
}

OrmWhere *
orm_key_condition(OrmEntity *entity, Datum value, Oid type)
{
	type = getBaseType(type);
	if (entity->nkeys == 0)
		orm_key_none(entity);
	if (type == JSONBOID || type == JSONOID)
		return jsonb_key(entity, as_jsonb(entity, value, type), true);
	if (entity->nkeys == 1)
		return scalar_key(entity, value, type);
	if (!is_text(type))
		orm_key_malformed(entity, psprintf("A value of type %s stands for it.", format_type_be(type)));
	return jsonb_key(entity, as_jsonb(entity, value, type), false);
}

OrmWhere *
orm_arg_key(FunctionCallInfo fcinfo, int at, OrmEntity *entity)
{
	OrmWhere   *key = NULL;

	if (!PG_ARGISNULL(at))
		key = orm_key_condition(entity, PG_GETARG_DATUM(at), get_fn_expr_argtype(fcinfo->flinfo, at));
	if (key == NULL)
	{
		key = palloc0(sizeof(OrmWhere));
		key->kind = ORM_WHERE_OR;
	}
	return key;
}

bool
orm_key_values(OrmEntity *entity, Datum value, Oid type, Datum *key)
{
	OrmJsonKey	names;
	Jsonb	   *document;
	char	   *text;

	if (entity->nkeys == 0)
		orm_key_none(entity);
	if (orm_key_scalar(entity, value, type, key))
		return true;
	type = getBaseType(type);
	if (type != JSONBOID && type != JSONOID && !is_text(type))
		orm_key_malformed(entity, psprintf("A value of type %s stands for it.", format_type_be(type)));
	document = as_jsonb(entity, value, type);
	text = JsonbToCString(NULL, &document->root, VARSIZE(document));
	orm_json_key_init(&names, entity, CurrentMemoryContext);
	return orm_json_key_value(&names, text, strlen(text), orm_json_text_root(text, strlen(text)), key);
}
