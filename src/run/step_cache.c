/*
 * step_cache.c
 *	  Keeps load trees with their statements.
 *
 * A tree is good as long as every entity that was looked up to make it is the
 * one of today: they are looked up again, locks included, as making it anew
 * would. Least recently used trees go when they take more than a part of what
 * is set for plans. One that is in use is only marked, and goes with its last
 * user.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/json_reader.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"
#include "query/strict.h"
#include "run/plan_cache.h"
#include "run/step_cache.h"

/* trees take up to this part of the plan cache's size */
#define PART_OF_PLANS	8

/* an entity that a tree was made from */
typedef struct Source
{
	Oid			relid;
	uint64		serial;
} Source;

/* the key, and whatever else changes the tree */
typedef struct Asked
{
	uint64		serial;			/* of the entity */
	Oid			role;
	bool		strict;
	int			max_depth;
	OrmStepKey	key;
} Asked;

typedef struct CachedStep
{
	Asked		asked;
	OrmStep    *step;
	uint64		catalog;		/* the catalogs' state when it was made */
	int			nsources;
	Source	   *sources;
	MemoryContext context;		/* holds all of it */
	Size		bytes;
	dlist_node	used;			/* in order of last use */
	int			pins;
	bool		evicted;
} CachedStep;

typedef struct StepSlot
{
	const Asked *asked;			/* hash key */
	CachedStep *cached;
} StepSlot;

typedef struct StepPin
{
	MemoryContextCallback callback;
	CachedStep *cached;
} StepPin;

static HTAB *steps = NULL;
static dlist_head recently_used = DLIST_STATIC_INIT(recently_used);
static Size total_bytes = 0;

static uint32
hash_asked(const void *key, Size keysize)
{
	const Asked *asked = *(const Asked *const *) key;

	return hash_combine(hash_bytes((const unsigned char *) asked->key.clauses, asked->key.clauses_len),
						hash_bytes_uint32((uint32) asked->serial ^ (uint32) asked->key.by << 24));
}

static int
match_asked(const void *a, const void *b, Size keysize)
{
	const Asked *left = *(const Asked *const *) a;
	const Asked *right = *(const Asked *const *) b;

	return !(left->serial == right->serial && left->role == right->role && left->strict == right->strict &&
			 left->max_depth == right->max_depth && left->key.form == right->key.form && left->key.by == right->key.by &&
			 left->key.clauses_len == right->key.clauses_len &&
			 memcmp(left->key.clauses, right->key.clauses, left->key.clauses_len) == 0);
}

static void
make_table(void)
{
	HASHCTL		info = {0};

	info.keysize = sizeof(Asked *);
	info.entrysize = sizeof(StepSlot);
	info.hash = hash_asked;
	info.match = match_asked;
	info.hcxt = CacheMemoryContext;
	steps = hash_create("orm load trees", 64, &info, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/* ---- in use and out of it ---- */

static void
forget(CachedStep *cached)
{
	const Asked *asked = &cached->asked;

	hash_search(steps, &asked, HASH_REMOVE, NULL);
	dlist_delete(&cached->used);
	total_bytes -= cached->bytes;
	if (cached->pins == 0)
		MemoryContextDelete(cached->context);
	else
		cached->evicted = true;
}

static void
evict(const CachedStep *except)
{
	Size		bound = (Size) orm_plan_cache_size * 1024 / PART_OF_PLANS;

	while (total_bytes > bound && !dlist_is_empty(&recently_used))
	{
		CachedStep *oldest = dlist_tail_element(CachedStep, used, &recently_used);

		if (oldest == except)
			return;
		forget(oldest);
	}
}

static void
unpin(void *arg)
{
	CachedStep *cached = ((StepPin *) arg)->cached;

	if (--cached->pins == 0 && cached->evicted)
		MemoryContextDelete(cached->context);
}

/* a tree grows: statements for other plans are written when they are first wanted */
static void
measure(CachedStep *cached)
{
	Size		bytes = MemoryContextMemAllocated(cached->context, true);

	total_bytes += bytes - cached->bytes;
	cached->bytes = bytes;
	evict(cached);
}

static OrmStep *
pin_step(CachedStep *cached, MemoryContext owner)
{
	StepPin    *pin = MemoryContextAlloc(owner, sizeof(StepPin));

	pin->callback.func = unpin;
	pin->callback.arg = pin;
	pin->cached = cached;
	cached->pins++;
	MemoryContextRegisterResetCallback(owner, &pin->callback);
	return cached->step;
}

Size
orm_step_cache_bytes(void)
{
	return total_bytes;
}

/* ---- what can be kept ---- */

/* do all statements say the same each time, but for the values of keys? */
static bool
is_constant(const OrmStep *step)
{
	ListCell   *cell;

	check_stack_depth();
	/* what lazy relations will want of the rows outlives the call */
	if (step->statement->remembered != NULL || !orm_statement_is_constant(step->statement))
		return false;
	foreach(cell, step->children)
		if (!is_constant(lfirst(cell)))
			return false;
	return true;
}

/* is every entity that the tree was made from the one of today? */
static bool
is_true(const CachedStep *cached)
{
	if (cached->catalog != orm_model_catalog_state())
		return false;
	for (int i = 0; i < cached->nsources; i++)
	{
		OrmEntity  *entity = orm_model_by_relid(cached->sources[i].relid, true);

		if (entity == NULL || entity->serial != cached->sources[i].serial)
			return false;
	}
	return true;
}

static void
set_plan_keys(OrmStep *step)
{
	ListCell   *cell;

	check_stack_depth();
	orm_plan_set_key(step->statement);
	foreach(cell, step->children)
		set_plan_keys(lfirst(cell));
}

static void
keep(OrmStep *step, const Asked *asked, List *entities, uint64 catalog, MemoryContext context, MemoryContext owner)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	CachedStep *cached = palloc0(sizeof(CachedStep));
	const Asked *key = &cached->asked;
	StepSlot   *slot;
	ListCell   *cell;
	bool		found;

	cached->asked = *asked;
	cached->asked.key.entity = NULL;
	cached->asked.key.clauses = memcpy(palloc(Max(asked->key.clauses_len, 1)), asked->key.clauses, asked->key.clauses_len);
	cached->step = step;
	set_plan_keys(step);
	cached->catalog = catalog;
	cached->context = context;
	cached->sources = palloc(sizeof(Source) * Max(list_length(entities), 1));
	foreach(cell, entities)
	{
		OrmEntity  *entity = lfirst(cell);

		cached->sources[cached->nsources].relid = entity->relid;
		cached->sources[cached->nsources++].serial = entity->serial;
	}
	MemoryContextSwitchTo(old);
	slot = hash_search(steps, &key, HASH_ENTER, &found);
	/* making it has asked for the same, by a function of somebody's */
	if (found)
		return;
	slot->asked = key;
	slot->cached = cached;
	MemoryContextSetParent(context, CacheMemoryContext);
	dlist_push_head(&recently_used, &cached->used);
	(void) pin_step(cached, owner);
	measure(cached);
}

/* makes the tree, and keeps it where it would be the same the next time */
static OrmStep *
make_step(const Asked *asked, OrmStepBuild build, void *arg, MemoryContext owner)
{
	MemoryContext context = AllocSetContextCreate(owner, "orm load tree", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	uint64		settings = orm_declared_settings_read;
	uint64		catalog = orm_model_catalog_state();
	OrmStep    *volatile step = NULL;
	List	   *entities = NIL;
	List	  **outer = orm_model_watch(&entities);

	PG_TRY();
	{
		step = build(arg);
	}
	PG_FINALLY();
	{
		orm_model_watch(outer);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	if (settings == orm_declared_settings_read && catalog == orm_model_catalog_state() && is_constant(step))
		keep(step, asked, entities, catalog, context, owner);
	return step;
}

OrmStep *
orm_step_get(const OrmStepKey *key, OrmStepBuild build, void *arg, MemoryContext owner)
{
	Asked		asked = {key->entity->serial, GetUserId(), orm_strict, orm_max_depth, *key};
	const Asked *wanted = &asked;
	StepSlot   *slot;

	if (steps == NULL)
		make_table();
	slot = hash_search(steps, &wanted, HASH_FIND, NULL);
	if (slot)
	{
		CachedStep *cached = slot->cached;

		if (is_true(cached))
		{
			dlist_move_head(&recently_used, &cached->used);
			measure(cached);
			return pin_step(cached, owner);
		}
		forget(cached);
	}
	return make_step(&asked, build, arg, owner);
}
