/*
 * model_cache.c
 *	  Keeps entities, and knows when one is no longer true.
 *
 * Every relation that some entity was derived from has a mark with the number
 * of the last message that named it. An entity is true while no mark of its
 * dependencies is younger than its building. The callback only sets numbers:
 * it may run inside any lock acquisition, also while an entity is being built.
 *
 * A retired entity moves under the transaction's context, so pointers to it
 * stay good until the transaction's end. A name that was not found is never
 * remembered: no message would take that back.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "model/derive.h"
#include "model/model_cache.h"

/* a build that messages keep overtaking is used once and not kept */
#define MAX_BUILDS 3

/* with fewer entities than these nobody looks for those that are no longer true */
#define LEAST_SWEPT 64

typedef struct EntitySlot
{
	Oid			relid;			/* hash key */
	OrmEntity  *entity;			/* NULL: not built, or retired */
	uint64		built_at;		/* message number when the build began */
	uint64		checked_at;		/* message number when last found true */
} EntitySlot;

typedef struct NameSlot
{
	const char *name;			/* hash key, in the cache's context */
	Oid			relid;
} NameSlot;

typedef struct Mark
{
	Oid			relid;			/* hash key */
	uint64		message;		/* the last message that named it */
} Mark;

static MemoryContext cache_context = NULL;
static HTAB *slots = NULL;
static HTAB *names = NULL;
static HTAB *marks = NULL;
static TimestampTz waited_at = 0;	/* start of the statement that last waited for a lock */
static uint64 messages = 0;		/* messages seen that may concern us */
static uint64 flushed_at = 0;	/* the last message that named everything */
static uint64 functions_at = 0; /* the last message that a function came, changed or went */
static uint64 catalog_at = 0;	/* the last message about what stands in statements and in no entity */
static uint64 serial = 0;		/* of the entity built last */
static long sweep_at = LEAST_SWEPT; /* number of slots */
static List **watched = NULL;	/* where entities that are looked up are noted, or NULL */

static void
relcache_changed(Datum arg, Oid relid)
{
	Mark	   *mark;

	messages++;
	if (marks == NULL)
		return;
	if (!OidIsValid(relid))
		flushed_at = messages;
	else if ((mark = hash_search(marks, &relid, HASH_FIND, NULL)) != NULL)
		mark->message = messages;
}

/*
 * Names of schemas and operators stand in entities; when one is renamed or
 * moved, the relations that stand on it send no message of their own.
 */
static void
names_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	flushed_at = ++messages;
}

/* a function says what it takes and gives, and relations by functions stand on that */
static void
functions_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	functions_at = catalog_at = ++messages;
}

static void
catalog_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	catalog_at = ++messages;
}

uint64
orm_model_catalog_state(void)
{
	return Max(catalog_at, flushed_at);
}

List	  **
orm_model_watch(List **entities)
{
	List	  **before = watched;

	watched = entities;
	return before;
}

static uint32
hash_name(const void *key, Size keysize)
{
	const char *name = *(const char *const *) key;

	return hash_bytes((const unsigned char *) name, strlen(name));
}

static int
match_name(const void *a, const void *b, Size keysize)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void
orm_model_cache_init(void)
{
	CacheRegisterRelcacheCallback(relcache_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, names_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(OPEROID, names_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, functions_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, catalog_changed, (Datum) 0);
	/* whose rights a role has is part of how some statements are written */
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, catalog_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, catalog_changed, (Datum) 0);
}

static void
make_tables(void)
{
	HASHCTL		info = {0};

	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "orm model cache", ALLOCSET_DEFAULT_SIZES);
	info.hcxt = cache_context;
	info.keysize = sizeof(Oid);
	info.entrysize = sizeof(EntitySlot);
	if (slots == NULL)
		slots = hash_create("orm entities", 64, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	info.entrysize = sizeof(Mark);
	if (marks == NULL)
		marks = hash_create("orm dependencies", 256, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	info.keysize = sizeof(char *);
	info.entrysize = sizeof(NameSlot);
	info.hash = hash_name;
	info.match = match_name;
	if (names == NULL)
		names = hash_create("orm entity names", 64, &info,
							HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

static bool
slot_is_true(EntitySlot *slot)
{
	OrmEntity  *entity = slot->entity;

	if (entity == NULL)
		return false;
	if (slot->checked_at == messages)
		return true;
	if (flushed_at > slot->built_at || (entity->by_function && functions_at > slot->built_at))
		return false;
	for (int i = 0; i < entity->ndependencies; i++)
	{
		Mark	   *mark = hash_search(marks, &entity->dependencies[i], HASH_FIND, NULL);

		if (mark == NULL || mark->message > slot->built_at)
			return false;
	}
	slot->checked_at = messages;
	return true;
}

static void
retire(EntitySlot *slot)
{
	OrmEntity  *entity = slot->entity;

	slot->entity = NULL;
	if (entity)
		MemoryContextSetParent(entity->context, TopTransactionContext);
}

static void
mark_dependencies(OrmEntity *entity)
{
	for (int i = 0; i < entity->ndependencies; i++)
	{
		bool		found;
		Mark	   *mark = hash_search(marks, &entity->dependencies[i], HASH_ENTER, &found);

		if (!found)
			mark->message = 0;
	}
}

/*
 * Nobody asks again for the entities of relations that are gone. Whenever there
 * are twice as many as were true the last time, those that are not true now go,
 * and with them their names and the marks of what they were derived from.
 */
static void
sweep(void)
{
	HASH_SEQ_STATUS scan;
	EntitySlot *slot;
	NameSlot   *name;

	if (hash_get_num_entries(slots) < sweep_at)
		return;
	hash_seq_init(&scan, slots);
	while ((slot = hash_seq_search(&scan)) != NULL)
		if (!slot_is_true(slot))
		{
			retire(slot);
			hash_search(slots, &slot->relid, HASH_REMOVE, NULL);
		}
	hash_seq_init(&scan, names);
	while ((name = hash_seq_search(&scan)) != NULL)
		if (hash_search(slots, &name->relid, HASH_FIND, NULL) == NULL)
		{
			char	   *text = unconstify(char *, name->name);

			hash_search(names, &name->name, HASH_REMOVE, NULL);
			pfree(text);
		}
	hash_destroy(marks);
	marks = NULL;
	make_tables();
	hash_seq_init(&scan, slots);
	while ((slot = hash_seq_search(&scan)) != NULL)
		mark_dependencies(slot->entity);
	sweep_at = Max(LEAST_SWEPT, 2 * hash_get_num_entries(slots));
}

/*
 * Builds the entity of a relation that the caller has locked. A message that
 * comes in meanwhile may name a relation that is not marked yet, so the build
 * is repeated until none came.
 */
static OrmEntity *
build(Oid relid)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "orm model build",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	OrmEntity  *entity = NULL;
	uint64		began = 0;
	bool		kept = false;

	for (int i = 0; i < MAX_BUILDS && !kept; i++)
	{
		OrmEntityRow *row;

		if (entity)
			MemoryContextDelete(entity->context);
		began = messages;
		row = orm_catalog_entity_by_relid(relid);
		entity = row ? orm_derive_entity(row, TopTransactionContext) : NULL;
		if (entity == NULL)
			break;
		entity->serial = ++serial;
		kept = began == messages;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	if (kept)
	{
		EntitySlot *slot;
		bool		found;

		sweep();
		mark_dependencies(entity);
		slot = hash_search(slots, &relid, HASH_ENTER, &found);
		if (!found)
			slot->entity = NULL;
		retire(slot);
		slot->built_at = slot->checked_at = began;
		MemoryContextSetParent(entity->context, cache_context);
		slot->entity = entity;
	}
	return entity;
}

/*
 * Locks a relation, and takes down when that had to be waited for: whoever
 * held it may have rewritten the table, and a snapshot from before sees none
 * of its rows.
 */
static void
lock_relation(Oid relid)
{
	if (ConditionalLockRelationOid(relid, AccessShareLock))
		return;
	LockRelationOid(relid, AccessShareLock);
	waited_at = GetCurrentStatementStartTimestamp();
}

bool
orm_model_waited(void)
{
	bool		waited = waited_at == GetCurrentStatementStartTimestamp();

	waited_at = 0;
	return waited;
}

static OrmEntity *
by_relid(Oid relid)
{
	EntitySlot *slot;
	OrmEntity  *entity;

	make_tables();
	lock_relation(relid);
	slot = hash_search(slots, &relid, HASH_FIND, NULL);
	if (slot && slot_is_true(slot))
		entity = slot->entity;
	else
	{
		if (slot)
			retire(slot);
		entity = build(relid);
	}
	if (watched && entity)
		*watched = list_append_unique_ptr(*watched, entity);
	return entity;
}

static void
remember_name(OrmEntity *entity)
{
	bool		found;
	const char *name = entity->name;
	NameSlot   *slot = hash_search(names, &name, HASH_FIND, NULL);

	if (slot == NULL)
	{
		name = MemoryContextStrdup(cache_context, name);
		slot = hash_search(names, &name, HASH_ENTER, &found);
	}
	slot->relid = entity->relid;
}

OrmEntity *
orm_model_by_name(const char *name, bool missing_ok)
{
	NameSlot   *slot;
	OrmEntity  *entity;
	OrmEntityRow *row;

	make_tables();
	slot = hash_search(names, &name, HASH_FIND, NULL);
	if (slot)
	{
		entity = by_relid(slot->relid);
		if (entity && strcmp(entity->name, name) == 0)
			return entity;
	}
	row = orm_catalog_entity_by_name(name);
	if (row)
	{
		entity = by_relid(row->relation);
		if (entity && strcmp(entity->name, name) == 0)
		{
			remember_name(entity);
			return entity;
		}
	}
	if (!missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("entity \"%s\" does not exist", name),
				 orm_hint_names(name, orm_model_names(), "entities")));
	return NULL;
}

OrmEntity *
orm_model_by_relid(Oid relid, bool missing_ok)
{
	OrmEntity  *entity = by_relid(relid);

	if (entity == NULL && !missing_ok)
	{
		char	   *name = get_rel_name(relid);

		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("relation \"%s\" bears no entity", name ? name : "?"),
				 errhint("Declare one with orm.entity().")));
	}
	return entity;
}

List *
orm_model_names(void)
{
	List	   *all = NIL;
	ListCell   *cell;

	foreach(cell, orm_catalog_entities())
	{
		OrmEntityRow *row = lfirst(cell);

		if (get_rel_relkind(row->relation) != '\0')
			all = lappend(all, row->name);
	}
	return all;
}
