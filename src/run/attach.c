/*
 * attach.c
 *	  Matches loaded values with entities at hand, and writes the entities again.
 */
#include "base/compat.h"

#include "utils/memutils.h"

#include "run/attach.h"
#include "run/keyed_load.h"
#include "run/json_key.h"
#include "run/key_index.h"

typedef struct Attach
{
	OrmRelation *relation;
	bool		either;			/* one row after the other may come as a list or nested */
	OrmJsonKey	key;
	MemoryContext scratch;		/* for one entity */
	const char *loaded;
	Size		loaded_len;
	OrmKeyIndex *index;
	int			max;
	OrmJsonSpan *values;		/* by number of key, in "loaded" */
} Attach;

/* ---- what was loaded ---- */

static void
refuse_loaded(Attach *attach, OrmJsonSpan span, const char *what)
{
	const char *place = orm_json_text_pointer(attach->loaded, attach->loaded_len, span.start);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("malformed list of what was loaded for relation \"%s\"", attach->relation->name),
			 errdetail("At %s: %s", place[0] ? place : "\"\"", what),
			 errhint("It is what orm.related gives: SELECT json_agg(r) FROM orm.related(...) AS r.")));
}

static bool
is_kind(const Attach *attach, OrmJsonSpan value)
{
	bool		list = value.kind == ORM_JSON_ARRAY;
	bool		object = value.kind == ORM_JSON_OBJECT || value.kind == ORM_JSON_NULL;

	if (attach->either)
		return list || object;
	return attach->relation->to_many ? list : object;
}

static void
add_value(Attach *attach, OrmJsonSpan key, OrmJsonSpan value)
{
	Datum		datums[INDEX_MAX_KEYS];
	MemoryContext old = MemoryContextSwitchTo(attach->scratch);
	bool		is_new;
	int			number;

	if (orm_json_key_value(&attach->key, attach->loaded, attach->loaded_len, key, datums))
	{
		number = orm_key_index_add(attach->index, datums, &is_new);
		if (number >= attach->max)
		{
			attach->max = Max(64, attach->max * 2);
			attach->values = repalloc_huge(attach->values, sizeof(OrmJsonSpan) * attach->max);
		}
		attach->values[number] = value;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(attach->scratch);
}

static void
read_element(Attach *attach, OrmJsonSpan element)
{
	OrmJsonCursor cursor;
	OrmJsonSpan key = {0};
	OrmJsonSpan value = {0};

	if (element.kind != ORM_JSON_OBJECT)
		refuse_loaded(attach, element, "An object with \"key\" and \"value\" is wanted.");
	orm_json_text_enter(&cursor, attach->loaded, element);
	while (orm_json_text_next(&cursor))
	{
		if (orm_json_text_is(attach->loaded, cursor.key, "key", 3))
			key = cursor.value;
		else if (orm_json_text_is(attach->loaded, cursor.key, "value", 5))
			value = cursor.value;
	}
	if (key.end == 0)
		refuse_loaded(attach, element, "\"key\" is missing.");
	if (value.end == 0)
		refuse_loaded(attach, element, "\"value\" is missing.");
	if (!is_kind(attach, value))
		refuse_loaded(attach, value, attach->relation->to_many ? "The value of a relation to many is an array."
					  : "The value of a relation to one is an object or null.");
	add_value(attach, key, value);
}

static void
read_loaded(Attach *attach)
{
	OrmJsonSpan root = orm_json_text_root(attach->loaded, attach->loaded_len);
	OrmJsonCursor cursor;

	if (root.kind == ORM_JSON_NULL)
		return;
	if (root.kind != ORM_JSON_ARRAY)
		refuse_loaded(attach, root, "An array is wanted.");
	orm_json_text_enter(&cursor, attach->loaded, root);
	while (orm_json_text_next(&cursor))
	{
		CHECK_FOR_INTERRUPTS();
		read_element(attach, cursor.value);
	}
}

/* ---- entities ---- */

static void
lacks_key(Attach *attach, const OrmObjects *objects, OrmJsonSpan object, const OrmProperty *property)
{
	const char *place = orm_json_text_pointer(objects->text, objects->len, object.start);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 place[0] ? errmsg("entity at %s lacks property \"%s\"", place, property->name)
			 : errmsg("entity lacks property \"%s\"", property->name),
			 errdetail("What was loaded is found by the entity's key."),
			 errhint("Select it where the entities are read.")));
}

/* the value for the entity whose key was matched */
static void
write_value(Attach *attach, const OrmObjects *objects, OrmJsonSpan object, OrmBuffer *out)
{
	Datum		datums[INDEX_MAX_KEYS];
	MemoryContext old = MemoryContextSwitchTo(attach->scratch);
	int			number = -1;

	for (int i = 0; i < attach->key.n; i++)
		if (!attach->key.members[i].present)
			lacks_key(attach, objects, object, attach->key.members[i].property);
	if (orm_json_key_matched(&attach->key, objects->text, objects->len, object, datums))
		number = orm_key_index_find(attach->index, datums);
	MemoryContextSwitchTo(old);
	if (number >= 0)
		orm_buffer_append(out, attach->loaded + attach->values[number].start,
						  attach->values[number].end - attach->values[number].start);
	else
	{
		const char *nothing = orm_relation_nothing(attach->relation);

		orm_buffer_append(out, nothing, strlen(nothing));
	}
	MemoryContextReset(attach->scratch);
}

/* writes one entity, from where the text has been written up to "done"; returns the new "done" */
static Size
write_entity(Attach *attach, const OrmObjects *objects, OrmJsonSpan object, Size done, OrmBuffer *out)
{
	const char *name = attach->relation->name;
	Size		at = object.start + 1;
	OrmJsonSpan member = {0};
	OrmJsonCursor cursor;

	orm_json_key_clear(&attach->key);
	orm_json_text_enter(&cursor, objects->text, object);
	while (orm_json_text_next(&cursor))
	{
		at = cursor.value.end;
		if (orm_json_text_is(objects->text, cursor.key, name, strlen(name)))
			member = cursor.value;
		else
			for (int i = 0; i < attach->key.n; i++)
				orm_member_match(&attach->key.members[i], &cursor);
	}
	if (member.end > 0)
		at = member.start;
	orm_buffer_append(out, objects->text + done, at - done);
	if (member.end == 0)
	{
		if (out->data[out->len - 1] != '{')
			orm_buffer_append_char(out, ',');
		orm_json_escape(out, name, strlen(name));
		orm_buffer_append_char(out, ':');
	}
	write_value(attach, objects, object, out);
	return member.end > 0 ? member.end : at;
}

void
orm_attach_text(OrmEntity *entity, OrmRelation *relation, const char *entities, const char *loaded, OrmBuffer *out)
{
	Attach		attach = {relation};
	OrmObjects	objects;
	Size		done = 0;

	attach.scratch = AllocSetContextCreate(CurrentMemoryContext, "orm attach", ALLOCSET_DEFAULT_SIZES);
	attach.either = relation->kind == ORM_ANCESTORS || (!relation->to_many && relation->target == entity->relid);
	attach.loaded = loaded ? loaded : "[]";
	attach.loaded_len = strlen(attach.loaded);
	attach.max = 64;
	attach.values = palloc(sizeof(OrmJsonSpan) * attach.max);
	orm_json_key_init(&attach.key, entity, CurrentMemoryContext);
	attach.index = orm_key_index_new(attach.key.n, attach.key.types, attach.key.collations, CurrentMemoryContext);
	read_loaded(&attach);
	orm_objects_init(&objects, entities, strlen(entities), CurrentMemoryContext);
	orm_objects_add(&objects, orm_json_text_root(entities, objects.len), true);
	for (int i = 0; i < objects.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		done = write_entity(&attach, &objects, objects.spans[i], done, out);
	}
	orm_buffer_append(out, entities + done, objects.len - done);
}
