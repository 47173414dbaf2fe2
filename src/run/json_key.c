/*
 * json_key.c
 *	  Reads keys of entities from JSON text.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "run/json_key.h"

void
orm_key_none(const OrmEntity *entity)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("entity \"%s\" has no key", entity->name),
			 errhint("Declare one: orm.entity(%s, %s, key => ...).", quote_literal_cstr(entity->name),
					 quote_literal_cstr(orm_entity_qualified(entity)))));
}

void
orm_key_malformed(const OrmEntity *entity, const char *detail)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < entity->nkeys; i++)
		appendStringInfo(&names, "%s\"%s\": ...", i > 0 ? ", " : "", entity->properties[entity->keys[i]].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("malformed key of entity \"%s\"", entity->name),
			 errdetail_internal("%s", detail),
			 entity->nkeys > 1 ? errhint("The key is an object: {%s}.", names.data)
			 : errhint("The key is one value, that of \"%s\".", entity->properties[entity->keys[0]].name)));
}

void
orm_json_key_init(OrmJsonKey *key, OrmEntity *entity, MemoryContext context)
{
	if (entity->nkeys == 0)
		orm_key_none(entity);
	key->entity = entity;
	key->n = entity->nkeys;
	key->members = MemoryContextAlloc(context, sizeof(OrmMember) * key->n);
	key->types = MemoryContextAlloc(context, sizeof(Oid) * key->n);
	key->collations = MemoryContextAlloc(context, sizeof(Oid) * key->n);
	for (int i = 0; i < key->n; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		key->types[i] = getBaseType(property->type);
		key->collations[i] = property->collation;
		orm_member_init(&key->members[i], property, key->types[i], context);
	}
}

void
orm_json_key_clear(OrmJsonKey *key)
{
	for (int i = 0; i < key->n; i++)
		key->members[i].present = false;
}

bool
orm_json_key_matched(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan object, Datum *datums)
{
	for (int i = 0; i < key->n; i++)
		if (key->members[i].value.kind == ORM_JSON_NULL)
			return false;
	for (int i = 0; i < key->n; i++)
		datums[i] = orm_member_decode(&key->members[i], text, len, key->members[i].value, object);
	return true;
}

static void
malformed_at(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan value, const char *what)
{
	const char *place = orm_json_text_pointer(text, len, value.start);

	orm_key_malformed(key->entity, place[0] ? psprintf("At %s: %s", place, what) : what);
}

/* all columns of the key, and nothing else */
static bool
key_of_object(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan object, Datum *datums)
{
	OrmJsonCursor cursor;

	orm_json_key_clear(key);
	orm_json_text_enter(&cursor, text, object);
	while (orm_json_text_next(&cursor))
	{
		bool		known = false;

		for (int i = 0; !known && i < key->n; i++)
			known = orm_member_match(&key->members[i], &cursor);
		if (!known)
			malformed_at(key, text, len, cursor.value, "The key has no such property.");
	}
	for (int i = 0; i < key->n; i++)
		if (!key->members[i].present)
			malformed_at(key, text, len, object,
						 psprintf("Property \"%s\" of the key is missing.", key->members[i].property->name));
	return orm_json_key_matched(key, text, len, object, datums);
}

bool
orm_json_key_value(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan value, Datum *datums)
{
	bool		document = key->types[0] == JSONBOID || key->types[0] == JSONOID;

	if (value.kind == ORM_JSON_NULL)
		return false;
	if (value.kind == ORM_JSON_OBJECT && (key->n > 1 || !document))
		return key_of_object(key, text, len, value, datums);
	if (key->n > 1)
		malformed_at(key, text, len, value, "One value stands for it.");
	datums[0] = orm_member_decode(&key->members[0], text, len, value, value);
	return true;
}
