/*
 * objects.c
 *	  Finds objects in JSON text, and reads the values of their properties.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "model/cast_codec.h"
#include "run/objects.h"

/* deeper than any value of a type that can be a key */
#define KEY_DEPTH	64

void
orm_objects_init(OrmObjects *objects, const char *text, Size len, MemoryContext context)
{
	memset(objects, 0, sizeof(OrmObjects));
	objects->text = text;
	objects->len = len;
	objects->context = context;
}

static void
add_object(OrmObjects *objects, OrmJsonSpan span)
{
	if (objects->n == objects->max)
	{
		objects->max = Max(16, objects->max * 2);
		objects->spans = objects->spans == NULL
			? MemoryContextAllocHuge(objects->context, sizeof(OrmJsonSpan) * objects->max)
			: repalloc_huge(objects->spans, sizeof(OrmJsonSpan) * objects->max);
	}
	objects->spans[objects->n++] = span;
}

static void
refuse_value(OrmObjects *objects, OrmJsonSpan span)
{
	const char *place = orm_json_text_pointer(objects->text, objects->len, span.start);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 place[0] ? errmsg("value at %s of the entities is no entity", place)
			 : errmsg("value is no entity"),
			 errdetail("An entity is a JSON object.")));
}

void
orm_objects_add(OrmObjects *objects, OrmJsonSpan value, bool strict)
{
	OrmJsonCursor cursor;

	if (value.kind == ORM_JSON_OBJECT)
		add_object(objects, value);
	else if (value.kind == ORM_JSON_ARRAY)
	{
		orm_json_text_enter(&cursor, objects->text, value);
		while (orm_json_text_next(&cursor))
		{
			if (cursor.value.kind == ORM_JSON_OBJECT)
				add_object(objects, cursor.value);
			else if (strict && cursor.value.kind != ORM_JSON_NULL)
				refuse_value(objects, cursor.value);
		}
	}
	else if (strict && value.kind != ORM_JSON_NULL)
		refuse_value(objects, value);
}

/* ---- properties ---- */

void
orm_member_init(OrmMember *member, OrmProperty *property, Oid type, MemoryContext context)
{
	memset(member, 0, sizeof(OrmMember));
	/* a member of a value object does not stand by itself */
	if (property && property->embed)
		property = NULL;
	member->property = property;
	member->name_len = property ? strlen(property->name) : 0;
	orm_codec_decoder(&member->decoder, type, -1, context);
}

bool
orm_member_match(OrmMember *member, const OrmJsonCursor *cursor)
{
	if (member->property == NULL ||
		!orm_json_text_is(cursor->text, cursor->key, member->property->name, member->name_len))
		return false;
	member->present = true;
	member->value = cursor->value;
	return true;
}

typedef struct ValuePlace
{
	const char *text;
	Size		len;
	OrmJsonSpan in;
	OrmProperty *property;
} ValuePlace;

static void
say_value_place(void *arg)
{
	ValuePlace *place = arg;
	const char *pointer = orm_json_text_pointer(place->text, place->len, place->in.start);
	const char *what = place->in.kind == ORM_JSON_OBJECT ? "entity" : "key";

	if (pointer[0])
		errcontext("property \"%s\" of the %s at %s", place->property->name, what, pointer);
	else
		errcontext("property \"%s\" of the %s", place->property->name, what);
}

/* numbers as they stand, so that none is rounded on its way */
static Datum
decode(OrmMember *member, const char *text, OrmJsonSpan span)
{
	OrmDecoder *decoder = &member->decoder;
	const char *cast_as = member->property->cast_as;
	char	   *slice;
	Datum		document;

	if (cast_as == NULL && span.kind == ORM_JSON_STRING && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, orm_json_text_string(text, span));
	slice = pnstrdup(text + span.start, span.end - span.start);
	if (cast_as == NULL && span.kind != ORM_JSON_OBJECT && span.kind != ORM_JSON_ARRAY && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, slice);
	document = DirectFunctionCall1(jsonb_in, CStringGetDatum(slice));
	return orm_cast_from_json(cast_as, decoder, &orm_json_read(DatumGetJsonbP(document), 0, KEY_DEPTH)->value);
}

Datum
orm_member_decode(OrmMember *member, const char *text, Size len, OrmJsonSpan value, OrmJsonSpan in)
{
	ValuePlace	place = {text, len, in, member->property};
	ErrorContextCallback callback = {error_context_stack, say_value_place, &place};
	Datum		datum;

	error_context_stack = &callback;
	datum = decode(member, text, value);
	error_context_stack = callback.previous;
	return datum;
}
