/*
 * step_cache.c
 *	  Keeps load trees with their statements.
 *
 * A tree is found by the very bytes of the clauses, or, where these give values
 * to the root's conditions, by documents that are alike but for such values. It
 * is good as long as every entity that was looked up to make it is the one of
 * today: they are looked up again, locks included, as making it anew would.
 *
 * What is asked for once only is not kept: a tree is when the like was asked
 * for not long before. Least recently used ones go when all take more than a
 * part of what is set for plans. One that is in use is only marked, and goes
 * with its last user.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "model/model_cache.h"
#include "query/declared_condition.h"
#include "query/deparse_where.h"
#include "query/strict.h"
#include "run/plan_cache.h"
#include "run/step_cache.h"
#include "run/step_shape.h"

/* trees take up to this part of the plan cache's size */
#define PART_OF_PLANS	8

/* so many of the same hash are kept, and beyond these every so many-th in the place of the oldest */
#define MOST_ALIKE		4
#define TURN_ALIKE		16

/* hashes of what was asked for lately */
#define REMEMBERED		512

/* an entity that a tree was made from */
typedef struct Source
{
	Oid			relid;
	uint64		serial;
} Source;

/* what calls have to have in common, besides the clauses */
typedef struct Asked
{
	uint64		serial;			/* of the entity */
	int			form;
	int			by;
	Oid			role;
	bool		strict;
	int			max_depth;
} Asked;

typedef struct CachedStep
{
	Asked		asked;
	char	   *clauses;		/* found by these bytes; NULL: by the shape of the documents */
	Size		clauses_len;
	int			ndocuments;
	OrmJson   **documents;
	OrmStep    *step;
	uint64		catalog;		/* the catalogs' state when it was made */
	int			nsources;
	Source	   *sources;
	MemoryContext context;		/* holds all of it */
	Size		bytes;
	uint32		hash;
	struct CachedStep *next;	/* of the same hash, the newest first */
	dlist_node	used;			/* in order of last use */
	int			pins;
	bool		evicted;
} CachedStep;

typedef struct StepSlot
{
	uint32		hash;			/* hash key */
	CachedStep *first;
} StepSlot;

typedef struct StepPin
{
	MemoryContextCallback callback;
	CachedStep *cached;
} StepPin;

/* a call on its way through the cache */
typedef struct Request
{
	const OrmStepCall *call;
	Asked		asked;
	MemoryContext owner;
	uint32		bytes_hash;
	uint32		shape_hash;
	int			ndocuments;
	OrmJson   **documents;
	const OrmJson **sources;	/* where the values of the tree found stand in them */
} Request;

static HTAB *steps = NULL;
static dlist_head recently_used = DLIST_STATIC_INIT(recently_used);
static Size total_bytes = 0;
static uint32 asked_lately[REMEMBERED];
static uint32 refused_lately[REMEMBERED];

/* ---- in use and out of it ---- */

static void
forget(CachedStep *cached)
{
	StepSlot   *slot = hash_search(steps, &cached->hash, HASH_FIND, NULL);
	CachedStep **link = &slot->first;

	while (*link != cached)
		link = &(*link)->next;
	*link = cached->next;
	if (slot->first == NULL)
		hash_search(steps, &cached->hash, HASH_REMOVE, NULL);
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

static void
pin_step(CachedStep *cached, MemoryContext owner)
{
	StepPin    *pin = MemoryContextAlloc(owner, sizeof(StepPin));

	pin->callback.func = unpin;
	pin->callback.arg = pin;
	pin->cached = cached;
	cached->pins++;
	MemoryContextRegisterResetCallback(owner, &pin->callback);
}

Size
orm_step_cache_bytes(void)
{
	return total_bytes;
}

/* ---- lookup ---- */

static bool
is_asked(const CachedStep *cached, Request *request)
{
	const Asked *a = &cached->asked;
	const Asked *b = &request->asked;

	if (a->serial != b->serial || a->form != b->form || a->by != b->by || a->role != b->role || a->strict != b->strict ||
		a->max_depth != b->max_depth)
		return false;
	if (cached->clauses)
		return cached->clauses_len == request->call->clauses_len &&
			memcmp(cached->clauses, request->call->clauses, cached->clauses_len) == 0;
	if (request->documents == NULL || cached->ndocuments != request->ndocuments)
		return false;
	request->sources = palloc(sizeof(OrmJson *) * list_length(cached->step->statement->given));
	return orm_shape_is_same(cached->step->statement, cached->documents, request->documents, cached->ndocuments, request->sources);
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

static CachedStep *
find(Request *request, uint32 hash)
{
	StepSlot   *slot = hash_search(steps, &hash, HASH_FIND, NULL);

	for (CachedStep *cached = slot ? slot->first : NULL; cached; cached = cached->next)
	{
		if (!is_asked(cached, request))
			continue;
		/* looking up what it was made from may not take it away */
		pin_step(cached, request->owner);
		if (!cached->evicted && is_true(cached))
		{
			dlist_move_head(&recently_used, &cached->used);
			measure(cached);
			return cached;
		}
		if (!cached->evicted)
			forget(cached);
		return NULL;
	}
	return NULL;
}

OrmStep *
orm_step_copy(OrmStep *step)
{
	OrmStatement *shared = step->statement;
	OrmStatement *statement = palloc(sizeof(OrmStatement));
	OrmStep    *copy = palloc(sizeof(OrmStep));

	/* or each copy would write it */
	orm_plan_set_key(shared);
	*statement = *shared;
	statement->values = memcpy(palloc(sizeof(Datum) * Max(shared->nparams, 1)), shared->values, sizeof(Datum) * shared->nparams);
	statement->nulls = memcpy(palloc(sizeof(bool) * Max(shared->nparams, 1)), shared->nulls, sizeof(bool) * shared->nparams);
	*copy = *step;
	copy->statement = statement;
	return copy;
}

/* the tree with the values that this call's documents give */
static OrmStep *
with_given(CachedStep *cached, const Request *request)
{
	MemoryContext old = MemoryContextSwitchTo(request->owner);
	OrmStep    *step = orm_step_copy(cached->step);
	ListCell   *cell;

	foreach(cell, step->statement->given)
	{
		OrmGivenValue *given = lfirst(cell);

		step->statement->values[given->param] = orm_where_value_of(given->term, request->sources[foreach_current_index(cell)]);
	}
	MemoryContextSwitchTo(old);
	return step;
}

/* ---- what can be kept ---- */

/* do the statements of all relations say the same each time? */
static bool
relations_are_constant(const OrmStep *step)
{
	ListCell   *cell;

	check_stack_depth();
	foreach(cell, step->children)
	{
		OrmStep    *child = lfirst(cell);

		/* what lazy relations will want of the rows outlives the call */
		if (child->statement->remembered != NULL || !orm_statement_is_constant(child->statement, false) ||
			!relations_are_constant(child))
			return false;
	}
	return true;
}

/* whether the tree can be kept, and then whether it is found by its shape */
static bool
is_constant(const OrmStep *step, OrmJson *const *documents, int n, bool *by_shape)
{
	*by_shape = step->statement->given != NIL && orm_shape_holds(step->statement, documents, n);
	return step->statement->remembered == NULL && orm_statement_is_constant(step->statement, *by_shape) &&
		relations_are_constant(step);
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

/* makes room for one more of its hash; false: there are enough of them */
static bool
make_room(StepSlot *slot)
{
	static uint32 turn = 0;
	CachedStep *oldest = NULL;
	int			n = 0;

	for (CachedStep *cached = slot ? slot->first : NULL; cached; cached = cached->next)
	{
		oldest = cached;
		n++;
	}
	if (n < MOST_ALIKE)
		return true;
	if (++turn % TURN_ALIKE != 0)
		return false;
	forget(oldest);
	return true;
}

static void
keep(OrmStep *step, const Request *request, OrmJson **documents, bool by_shape, List *entities, uint64 catalog,
	 MemoryContext context)
{
	uint32		hash = by_shape ? request->shape_hash : request->bytes_hash;
	MemoryContext old;
	CachedStep *cached;
	StepSlot   *slot;
	ListCell   *cell;
	bool		found;

	if (!make_room(hash_search(steps, &hash, HASH_FIND, NULL)))
		return;
	old = MemoryContextSwitchTo(context);
	cached = palloc0(sizeof(CachedStep));
	cached->asked = request->asked;
	cached->ndocuments = request->ndocuments;
	cached->documents = documents;
	if (!by_shape)
	{
		cached->clauses_len = request->call->clauses_len;
		cached->clauses = memcpy(palloc(Max(cached->clauses_len, 1)), request->call->clauses, cached->clauses_len);
	}
	cached->step = step;
	set_plan_keys(step);
	cached->catalog = catalog;
	cached->context = context;
	cached->hash = hash;
	cached->sources = palloc(sizeof(Source) * Max(list_length(entities), 1));
	foreach(cell, entities)
	{
		OrmEntity  *entity = lfirst(cell);

		cached->sources[cached->nsources].relid = entity->relid;
		cached->sources[cached->nsources++].serial = entity->serial;
	}
	MemoryContextSwitchTo(old);
	slot = hash_search(steps, &hash, HASH_ENTER, &found);
	cached->next = found ? slot->first : NULL;
	slot->first = cached;
	MemoryContextSetParent(context, CacheMemoryContext);
	dlist_push_head(&recently_used, &cached->used);
	pin_step(cached, request->owner);
	measure(cached);
}

/* makes the tree, and keeps it where it would be the same the next time */
static OrmStep *
make_and_keep(Request *request)
{
	MemoryContext context = AllocSetContextCreate(request->owner, "orm load tree", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	const OrmStepCall *call = request->call;
	uint64		settings = orm_declared_settings_read;
	uint64		catalog = orm_model_catalog_state();
	OrmStep    *volatile step = NULL;
	OrmJson   **documents;
	List	   *entities = NIL;
	List	  **outer;
	bool		by_shape;

	/* once more, for they stay with the tree */
	(void) call->read(call->arg, &documents);
	outer = orm_model_watch(&entities);
	PG_TRY();
	{
		step = call->build(call->arg, documents, request->ndocuments);
	}
	PG_FINALLY();
	{
		orm_model_watch(outer);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	if (settings == orm_declared_settings_read && catalog == orm_model_catalog_state() &&
		is_constant(step, documents, request->ndocuments, &by_shape))
		keep(step, request, documents, by_shape, entities, catalog, context);
	else
		refused_lately[request->shape_hash % REMEMBERED] = request->shape_hash;
	return step;
}

/* was the like asked for before? From now on it was. */
static bool
seen(uint32 hash)
{
	bool		before = asked_lately[hash % REMEMBERED] == hash;

	asked_lately[hash % REMEMBERED] = hash;
	return before;
}

static void
begin(Request *request, const OrmStepCall *call, MemoryContext owner)
{
	memset(request, 0, sizeof(Request));
	request->call = call;
	request->owner = owner;
	request->asked.serial = call->entity->serial;
	request->asked.form = call->form;
	request->asked.by = call->by;
	request->asked.role = GetUserId();
	request->asked.strict = orm_strict;
	request->asked.max_depth = orm_max_depth;
	request->bytes_hash = hash_combine(hash_bytes((const unsigned char *) call->clauses, call->clauses_len),
									   (uint32) call->entity->serial * 16 + call->form);
	if (steps == NULL)
	{
		HASHCTL		info = {.keysize = sizeof(uint32),.entrysize = sizeof(StepSlot),.hcxt = CacheMemoryContext};

		steps = hash_create("orm load trees", 64, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
}

OrmStep *
orm_step_get(const OrmStepCall *call, MemoryContext owner)
{
	Request		request;
	CachedStep *cached;
	MemoryContext old;
	bool		repeated;

	begin(&request, call, owner);
	cached = find(&request, request.bytes_hash);
	if (cached)
		return cached->step;
	old = MemoryContextSwitchTo(owner);
	request.ndocuments = call->read(call->arg, &request.documents);
	request.shape_hash = hash_combine(orm_shape_hash(request.documents, request.ndocuments),
									  (uint32) call->entity->serial * 16 + call->form + 8);
	cached = find(&request, request.shape_hash);
	MemoryContextSwitchTo(old);
	if (cached)
		return with_given(cached, &request);
	repeated = seen(request.bytes_hash);
	repeated = seen(request.shape_hash) || repeated;
	if (repeated && refused_lately[request.shape_hash % REMEMBERED] != request.shape_hash)
		return make_and_keep(&request);
	return call->build(call->arg, request.documents, request.ndocuments);
}
