/*
 * graft.c
 *	  Finds what entities at hand lack, has it loaded, and writes them again.
 *
 * Objects at hand stand behind the rows that were loaded for their level: the
 * object i of a level of n rows is row n + i to the levels below. So rows and
 * objects share one statement per relation.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "model/type_codec.h"
#include "query/aggregate.h"
#include "run/graft.h"
#include "run/relation_loader.h"
#include "run/tally.h"
#include "run/tree.h"

/* deeper than any value of a type that can be a key */
#define KEY_DEPTH	64

typedef struct Objects
{
	int			n;
	int			max;
	OrmJsonSpan *spans;
} Objects;

/* what a level's objects are looked through for, on behalf of one relation or aggregate */
typedef struct Wanted
{
	OrmLevel   *level;			/* of the relation, or of the aggregate's tally */
	OrmRelation *relation;
	int			aggregate;		/* of the level above; -1: the relation itself */
	const char *name;			/* the member that it becomes */
	Size		name_len;
	OrmProperty **properties;	/* by link; NULL: the entity does not show it */
	Size	   *property_len;
	OrmDecoder *decoders;
	bool		present;		/* the object at hand has a member of that name */
	OrmJsonSpan member;
	bool	   *key_present;
	OrmJsonSpan *key;
	struct Wanted *root;		/* upward in a tree: the object's own key, where it shows it; else NULL */
	int			nkeys;			/* links, and behind them the type column of a branch of a morph_to */
	Objects		inside;			/* the relation's objects at hand */
} Wanted;

typedef struct Insertion
{
	Size		at;
	int			number;			/* insertions at one place are in this order */
	OrmLevel   *level;			/* of the relation, or that whose rows an aggregate is about */
	int			aggregate;		/* -1: a relation */
	int			row;
} Insertion;

typedef struct Graft
{
	const char *text;
	Size		len;
	Snapshot	snapshot;
	MemoryContext context;
	MemoryContext scratch;		/* for one object */
	int			ninsertions;
	int			maxinsertions;
	Insertion  *insertions;
} Graft;

/* ---- collecting ---- */

static void
add_object(Graft *graft, Objects *objects, OrmJsonSpan span)
{
	if (objects->n == objects->max)
	{
		objects->max = Max(16, objects->max * 2);
		objects->spans = objects->spans == NULL
			? MemoryContextAllocHuge(graft->context, sizeof(OrmJsonSpan) * objects->max)
			: repalloc_huge(objects->spans, sizeof(OrmJsonSpan) * objects->max);
	}
	objects->spans[objects->n++] = span;
}

static void
refuse_value(Graft *graft, OrmJsonSpan span)
{
	const char *place = orm_json_text_pointer(graft->text, graft->len, span.start);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 place[0] ? errmsg("value at %s of the entities is no entity", place)
			 : errmsg("value is no entity"),
			 errdetail("An entity is a JSON object.")));
}

/* objects that a value is or holds; with "strict" there may be nothing else but nulls */
static void
add_objects(Graft *graft, Objects *objects, OrmJsonSpan value, bool strict)
{
	OrmJsonCursor cursor;

	if (value.kind == ORM_JSON_OBJECT)
		add_object(graft, objects, value);
	else if (value.kind == ORM_JSON_ARRAY)
	{
		orm_json_text_enter(&cursor, graft->text, value);
		while (orm_json_text_next(&cursor))
		{
			if (cursor.value.kind == ORM_JSON_OBJECT)
				add_object(graft, objects, cursor.value);
			else if (strict && cursor.value.kind != ORM_JSON_NULL)
				refuse_value(graft, cursor.value);
		}
	}
	else if (strict && value.kind != ORM_JSON_NULL)
		refuse_value(graft, value);
}

static void
add_insertion(Graft *graft, Size at, OrmLevel *level, int aggregate, int row)
{
	Insertion  *insertion;

	if (graft->ninsertions == graft->maxinsertions)
	{
		graft->maxinsertions = Max(64, graft->maxinsertions * 2);
		graft->insertions = graft->insertions == NULL
			? MemoryContextAllocHuge(graft->context, sizeof(Insertion) * graft->maxinsertions)
			: repalloc_huge(graft->insertions, sizeof(Insertion) * graft->maxinsertions);
	}
	insertion = &graft->insertions[graft->ninsertions];
	insertion->at = at;
	insertion->number = graft->ninsertions++;
	insertion->level = level;
	insertion->aggregate = aggregate;
	insertion->row = row;
}

/* ---- keys ---- */

typedef struct KeyPlace
{
	Graft	   *graft;
	OrmJsonSpan object;
	OrmProperty *property;
} KeyPlace;

static void
say_key_place(void *arg)
{
	KeyPlace   *place = arg;
	const char *pointer = orm_json_text_pointer(place->graft->text, place->graft->len, place->object.start);

	if (pointer[0])
		errcontext("property \"%s\" of the entity at %s", place->property->name, pointer);
	else
		errcontext("property \"%s\" of the entity", place->property->name);
}

/* numbers as they stand, so that none is rounded on its way */
static Datum
decode(Graft *graft, OrmDecoder *decoder, OrmJsonSpan span)
{
	char	   *slice;
	Datum		document;

	if (span.kind == ORM_JSON_STRING && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, orm_json_text_string(graft->text, span));
	slice = pnstrdup(graft->text + span.start, span.end - span.start);
	if (span.kind != ORM_JSON_OBJECT && span.kind != ORM_JSON_ARRAY && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, slice);
	document = DirectFunctionCall1(jsonb_in, CStringGetDatum(slice));
	return orm_codec_from_json(decoder, &orm_json_read(DatumGetJsonbP(document), 0, KEY_DEPTH)->value);
}

/* of links, and behind them the type column of a branch */
static const char *
near_column(const OrmRelation *relation, int key)
{
	return key < relation->nlinks ? relation->links[key].near_column : relation->type->column;
}

static void
lacks_key(Graft *graft, Wanted *wanted, int link, OrmJsonSpan object)
{
	const char *place = orm_json_text_pointer(graft->text, graft->len, object.start);
	OrmProperty *property = wanted->properties[link];

	if (property == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" can't be loaded for entities at hand", wanted->relation->name),
				 errdetail("It needs column \"%s\", which is no property.",
						   near_column(wanted->relation, link))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 place[0] ? errmsg("entity at %s lacks property \"%s\"", place, property->name)
			 : errmsg("entity lacks property \"%s\"", property->name),
			 errdetail("Relation \"%s\" is loaded by it.", wanted->relation->name),
			 errhint("Select it where the entities are read.")));
}

/* the value of a key at hand in the scratch context; false for a null */
static bool
read_key(Graft *graft, Wanted *wanted, int key, OrmJsonSpan object, Datum *value)
{
	KeyPlace	place = {graft, object, wanted->properties[key]};
	ErrorContextCallback callback = {error_context_stack, say_key_place, &place};
	MemoryContext old;

	if (!wanted->key_present[key])
		lacks_key(graft, wanted, key, object);
	if (wanted->key[key].kind == ORM_JSON_NULL)
		return false;
	error_context_stack = &callback;
	old = MemoryContextSwitchTo(graft->scratch);
	*value = decode(graft, &wanted->decoders[key], wanted->key[key]);
	MemoryContextSwitchTo(old);
	error_context_stack = callback.previous;
	return true;
}

/* does the object lead to rows of this level? To those of a branch it does by its type. */
static bool
is_of_type(Graft *graft, Wanted *wanted, OrmJsonSpan object)
{
	OrmTypeGuard *guard = wanted->level->guard;
	Datum		value = (Datum) 0;
	bool		present;

	if (guard == NULL)
		return true;
	present = read_key(graft, wanted, wanted->relation->nlinks, object, &value);
	return orm_type_guard_holds(guard, value, !present);
}

/* an object that is its own ancestor is known again, if it shows its key */
static void
note_root(Graft *graft, Wanted *root, int row)
{
	Datum		key[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS] = {false};
	MemoryContext old;

	for (int i = 0; i < root->relation->nlinks; i++)
		if (!root->key_present[i] || root->key[i].kind == ORM_JSON_NULL)
			return;
	old = MemoryContextSwitchTo(graft->scratch);
	for (int i = 0; i < root->relation->nlinks; i++)
		key[i] = decode(graft, &root->decoders[i], root->key[i]);
	MemoryContextSwitchTo(old);
	orm_tree_note_root(root->level, row, key, nulls);
}

/* notes the key of an object that lacks the relation, as that of a row of the level above */
static void
note_key(Graft *graft, Wanted *wanted, OrmJsonSpan object, int row)
{
	Datum		key[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];
	bool		of_type = is_of_type(graft, wanted, object);

	for (int i = 0; i < wanted->relation->nlinks; i++)
		nulls[i] = !of_type || !read_key(graft, wanted, i, object, &key[i]);
	orm_level_note_key(wanted->level, row, key, nulls);
	if (wanted->root)
		note_root(graft, wanted->root, row);
}

/* ---- levels ---- */

static Oid
near_type(const Wanted *wanted, int key)
{
	const OrmRelation *relation = wanted->relation;

	return key < relation->nlinks ? relation->links[key].near_type : wanted->level->guard->type;
}

/* the properties of these columns, and how their values are read; "far": the key itself, not what refers to it */
static void
init_keys(Graft *graft, Wanted *wanted, OrmEntity *entity, bool far)
{
	OrmRelation *relation = wanted->relation;
	int			n = relation->nlinks + (wanted->level->guard && !far ? 1 : 0);

	wanted->nkeys = n;
	wanted->properties = palloc0(sizeof(OrmProperty *) * n);
	wanted->property_len = palloc0(sizeof(Size) * n);
	wanted->decoders = palloc0(sizeof(OrmDecoder) * n);
	wanted->key_present = palloc0(sizeof(bool) * n);
	wanted->key = palloc0(sizeof(OrmJsonSpan) * n);
	for (int i = 0; i < n; i++)
	{
		const char *column = far ? relation->links[i].far_column : near_column(relation, i);
		OrmProperty *property = orm_entity_property_by_column(entity, column);

		/* a member of a value object does not stand by itself */
		if (property && property->embed)
			property = NULL;
		wanted->properties[i] = property;
		wanted->property_len[i] = property ? strlen(property->name) : 0;
		if (!far || property)
			orm_codec_decoder(&wanted->decoders[i], far ? getBaseType(property->type) : near_type(wanted, i), -1,
							  graft->context);
	}
}

static void
init_wanted(Graft *graft, Wanted *wanted, OrmEntity *entity, OrmLevel *level, const char *name, int aggregate)
{
	wanted->level = level;
	wanted->relation = level->step->relation;
	wanted->aggregate = aggregate;
	wanted->name = name;
	wanted->name_len = strlen(name);
	init_keys(graft, wanted, entity, false);
	if (!orm_tree_wants_root(level))
		return;
	wanted->root = palloc0(sizeof(Wanted));
	wanted->root->level = level;
	wanted->root->relation = wanted->relation;
	init_keys(graft, wanted->root, entity, true);
}

static void
forget_member(Wanted *wanted)
{
	wanted->present = false;
	memset(wanted->key_present, 0, sizeof(bool) * wanted->nkeys);
	if (wanted->root)
		forget_member(wanted->root);
}

static void
match_keys(Graft *graft, Wanted *wanted, const OrmJsonCursor *cursor)
{
	for (int i = 0; i < wanted->nkeys; i++)
		if (wanted->properties[i] &&
			orm_json_text_is(graft->text, cursor->key, wanted->properties[i]->name, wanted->property_len[i]))
		{
			wanted->key_present[i] = true;
			wanted->key[i] = cursor->value;
		}
	if (wanted->root)
		match_keys(graft, wanted->root, cursor);
}

/* of several members of one name the last counts, as everywhere in the server */
static void
match_member(Graft *graft, Wanted *wanted, const OrmJsonCursor *cursor)
{
	if (orm_json_text_is(graft->text, cursor->key, wanted->name, wanted->name_len))
	{
		wanted->present = true;
		wanted->member = cursor->value;
	}
	else
		match_keys(graft, wanted, cursor);
}

static void
look_through(Graft *graft, OrmLevel *level, Wanted *wanted, int nwanted, OrmJsonSpan object, int row)
{
	OrmJsonCursor cursor;
	Size		at = object.start + 1;

	for (int i = 0; i < nwanted; i++)
		forget_member(&wanted[i]);
	orm_json_text_enter(&cursor, graft->text, object);
	while (orm_json_text_next(&cursor))
	{
		at = cursor.value.end;
		for (int i = 0; i < nwanted; i++)
			match_member(graft, &wanted[i], &cursor);
	}
	for (int i = 0; i < nwanted; i++)
	{
		if (wanted[i].present)
		{
			if (wanted[i].level->nchildren > 0 && is_of_type(graft, &wanted[i], object))
				add_objects(graft, &wanted[i].inside, wanted[i].member, false);
			continue;
		}
		note_key(graft, &wanted[i], object, row);
		if (!wanted[i].level->follows)
			add_insertion(graft, at, wanted[i].aggregate < 0 ? wanted[i].level : level, wanted[i].aggregate, row);
	}
	MemoryContextReset(graft->scratch);
}

/* what the relations and aggregates asked for find in the objects of a level */
static Wanted *
look_through_all(Graft *graft, OrmLevel *level, const Objects *objects)
{
	Wanted	   *wanted = palloc0(sizeof(Wanted) * (level->ntallied + level->nchildren + 1));
	OrmQuery   *query = level->step->query;
	int			n = 0;

	for (int i = 0; i < level->ntallied; i++, n++)
		init_wanted(graft, &wanted[n], query->entity, level->tallied[i].tally,
					((OrmAggregate *) list_nth(query->aggregates, i))->alias, i);
	for (int i = level->ntallies; i < level->nchildren; i++)
	{
		OrmStep    *step = level->children[i]->step;

		if (!step->query->unasked)
			init_wanted(graft, &wanted[n++], query->entity, level->children[i], step->relation->name, -1);
	}
	for (int i = 0; i < objects->n; i++)
		look_through(graft, level, wanted, n, objects->spans[i], level->nrows + i);
	return wanted + level->ntallied;
}

/* what stands nested in objects of a tree is of the same level */
static void
add_followers(Graft *graft, const OrmLevel *level, Objects *objects)
{
	const char *name = level->step->query->tree->nested;

	for (int i = 0; name && i < objects->n; i++)
	{
		OrmJsonCursor cursor;

		CHECK_FOR_INTERRUPTS();
		orm_json_text_enter(&cursor, graft->text, objects->spans[i]);
		while (orm_json_text_next(&cursor))
			if (orm_json_text_is(graft->text, cursor.key, name, strlen(name)))
				add_objects(graft, objects, cursor.value, false);
	}
}

/* the relations of a level whose rows are there, for these and for the level's objects at hand */
static void
graft_level(Graft *graft, OrmLevel *level, const Objects *objects)
{
	static const Objects none = {0};
	Wanted	   *wanted;

	check_stack_depth();
	wanted = look_through_all(graft, level, objects);
	for (int i = 0; i < level->nchildren; i++)
	{
		OrmLevel   *child = level->children[i];

		orm_load_level(child, graft->snapshot);
		if (i < level->ntallies)
			continue;
		if (child->tree && !child->step->query->unasked)
			add_followers(graft, child, &wanted->inside);
		graft_level(graft, child, child->step->query->unasked ? &none : &wanted->inside);
		if (!child->step->query->unasked)
			wanted++;
	}
}

/* ---- writing ---- */

static int
compare_insertions(const void *a, const void *b)
{
	const Insertion *left = a;
	const Insertion *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->number - right->number;
}

static void
write_all(Graft *graft, OrmBuffer *out)
{
	Size		done = 0;

	if (graft->ninsertions > 0)
		qsort(graft->insertions, graft->ninsertions, sizeof(Insertion), compare_insertions);
	for (int i = 0; i < graft->ninsertions; i++)
	{
		Insertion  *insertion = &graft->insertions[i];

		CHECK_FOR_INTERRUPTS();
		orm_buffer_append(out, graft->text + done, insertion->at - done);
		done = insertion->at;
		if (insertion->aggregate < 0)
			orm_level_write_relation(insertion->level, insertion->row, out->data[out->len - 1] == '{', out);
		else
			orm_tally_write(insertion->level, insertion->aggregate, insertion->row,
							out->data[out->len - 1] == '{', out);
	}
	orm_buffer_append(out, graft->text + done, graft->len - done);
}

void
orm_graft(OrmStep *step, const char *text, Size len, Snapshot snapshot, OrmBuffer *out)
{
	Graft		graft = {text, len, snapshot, CurrentMemoryContext};
	Objects		objects = {0};
	OrmLevel   *root = orm_level_new(step, CreateTemplateTupleDesc(0), CurrentMemoryContext);

	graft.scratch = AllocSetContextCreate(CurrentMemoryContext, "orm graft", ALLOCSET_DEFAULT_SIZES);
	add_objects(&graft, &objects, orm_json_text_root(text, len), true);
	graft_level(&graft, root, &objects);
	write_all(&graft, out);
}
