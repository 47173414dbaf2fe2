/*
 * graft.c
 *	  Finds what entities at hand lack, has it loaded, and writes them again.
 *
 * Objects at hand stand behind the rows that were loaded for their level: the
 * object i of a level of n rows is row n + i to the levels below. So rows and
 * objects share one statement per relation.
 */
#include "base/compat.h"

#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "query/aggregate.h"
#include "run/advice.h"
#include "run/graft.h"
#include "run/objects.h"
#include "run/relation_loader.h"
#include "run/tally.h"
#include "run/tree.h"

/* what a level's objects are looked through for, on behalf of one relation or aggregate */
typedef struct Wanted
{
	OrmLevel   *level;			/* of the relation, or of the aggregate's tally */
	OrmRelation *relation;
	int			aggregate;		/* of the level above; -1: the relation itself */
	const char *name;			/* the member that it becomes */
	Size		name_len;
	OrmMember  *members;		/* by link: what it is found by */
	bool		present;		/* the object at hand has a member of that name */
	OrmJsonSpan member;
	struct Wanted *root;		/* upward in a tree: the object's own key, where it shows it; else NULL */
	int			nkeys;			/* links, and behind them the type column of a branch of a morph_to */
	OrmObjects	inside;			/* the relation's objects at hand */
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
	OrmProperty *property = wanted->members[link].property;

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
	OrmMember  *member = &wanted->members[key];
	MemoryContext old;

	if (!member->present)
		lacks_key(graft, wanted, key, object);
	if (member->value.kind == ORM_JSON_NULL)
		return false;
	old = MemoryContextSwitchTo(graft->scratch);
	*value = orm_member_decode(member, graft->text, graft->len, member->value, object);
	MemoryContextSwitchTo(old);
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
note_root(Graft *graft, Wanted *root, OrmJsonSpan object, int row)
{
	Datum		key[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS] = {false};
	MemoryContext old;

	for (int i = 0; i < root->relation->nlinks; i++)
		if (!root->members[i].present || root->members[i].value.kind == ORM_JSON_NULL)
			return;
	old = MemoryContextSwitchTo(graft->scratch);
	for (int i = 0; i < root->relation->nlinks; i++)
		key[i] = orm_member_decode(&root->members[i], graft->text, graft->len, root->members[i].value, object);
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
	MemoryContext old;

	for (int i = 0; i < wanted->relation->nlinks; i++)
		nulls[i] = !of_type || !read_key(graft, wanted, i, object, &key[i]);
	old = MemoryContextSwitchTo(graft->scratch);
	orm_level_note_key(wanted->level, row, key, nulls);
	MemoryContextSwitchTo(old);
	if (wanted->root)
		note_root(graft, wanted->root, object, row);
}

/* ---- levels ---- */

static Oid
near_type(const Wanted *wanted, int key)
{
	const OrmRelation *relation = wanted->relation;

	return key < relation->nlinks ? orm_relation_near_type(relation, key) : wanted->level->guard->type;
}

/* the properties of these columns, and how their values are read; "far": the key itself, not what refers to it */
static void
init_keys(Graft *graft, Wanted *wanted, OrmEntity *entity, bool far)
{
	OrmRelation *relation = wanted->relation;
	int			n = relation->nlinks + (wanted->level->guard && !far ? 1 : 0);

	wanted->nkeys = n;
	wanted->members = palloc(sizeof(OrmMember) * n);
	for (int i = 0; i < n; i++)
	{
		const char *column = far ? relation->links[i].far_column : near_column(relation, i);
		OrmProperty *property = orm_entity_property_by_column(entity, column);

		orm_member_init(&wanted->members[i], property, far && property ? getBaseType(property->type) : near_type(wanted, i),
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
	orm_objects_init(&wanted->inside, graft->text, graft->len, graft->context);
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
	for (int i = 0; i < wanted->nkeys; i++)
		wanted->members[i].present = false;
	if (wanted->root)
		forget_member(wanted->root);
}

static void
match_keys(Wanted *wanted, const OrmJsonCursor *cursor)
{
	for (int i = 0; i < wanted->nkeys; i++)
		orm_member_match(&wanted->members[i], cursor);
	if (wanted->root)
		match_keys(wanted->root, cursor);
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
		match_keys(wanted, cursor);
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
				orm_objects_add(&wanted[i].inside, wanted[i].member, false);
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
look_through_all(Graft *graft, OrmLevel *level, const OrmObjects *objects)
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
add_followers(Graft *graft, const OrmLevel *level, OrmObjects *objects)
{
	const char *name = level->step->query->tree->nested;

	for (int i = 0; name && i < objects->n; i++)
	{
		OrmJsonCursor cursor;

		CHECK_FOR_INTERRUPTS();
		orm_json_text_enter(&cursor, graft->text, objects->spans[i]);
		while (orm_json_text_next(&cursor))
			if (orm_json_text_is(graft->text, cursor.key, name, strlen(name)))
				orm_objects_add(objects, cursor.value, false);
	}
}

/* the relations of a level whose rows are there, for these and for the level's objects at hand */
static void
graft_level(Graft *graft, OrmLevel *level, const OrmObjects *objects)
{
	static const OrmObjects none = {0};
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
	OrmObjects	objects;
	OrmLevel   *root = orm_level_new(step, CreateTemplateTupleDesc(0), CurrentMemoryContext);

	graft.scratch = AllocSetContextCreate(CurrentMemoryContext, "orm graft", ALLOCSET_DEFAULT_SIZES);
	orm_objects_init(&objects, text, len, CurrentMemoryContext);
	orm_objects_add(&objects, orm_json_text_root(text, len), true);
	graft_level(&graft, root, &objects);
	if (objects.n == 1)
		orm_advice_one_row(root);
	write_all(&graft, out);
}
