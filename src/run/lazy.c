/*
 * lazy.c
 *	  Keeps windows of entities, and values of their lazy relations.
 *
 * All of it lies in one context below the transaction's. Windows are found by
 * going through them from the newest on: there are few, and each knows its keys
 * by hash. Nothing points at a window for longer than a call into here lasts,
 * but for its number: statements run in between may push it out.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "lib/ilist.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "query/remember.h"
#include "run/key_index.h"
#include "run/lazy.h"
#include "run/window.h"

/* rows of a window that is not a reading's, as when orm.hydrate is called for one row after the other */
#define LARGEST_WINDOW	8192

typedef struct Value
{
	char	   *data;			/* NULL: not loaded */
	Size		len;
} Value;

/* what was loaded of one relation for one role */
typedef struct Values
{
	struct Values *next;
	MemoryContext context;
	char	   *relation;
	Oid			role;
	CommandId	command;		/* what the transaction had written by then */
	List	   *settings;		/* char *: those that conditions have read */
	char	   *shown;			/* what they were, and those that show in JSON */
	int			max;
	Value	   *rows;			/* by row of the window */
	int			stored;			/* of the batch that is being put in */
	bool		full;
} Values;

struct OrmLazyWindow
{
	dlist_node	node;
	uint64		number;
	Oid			relid;
	SubTransactionId subid;
	bool		single;			/* entities that were in no window: each stands for itself */
	MemoryContext context;
	Size		bytes;
	int			nkeys;
	Oid		   *types;			/* of the key */
	OrmKeyIndex *keys;
	int			nstarts;		/* columns that relations start from */
	AttrNumber *attnums;
	Oid		   *start_types;
	int			max;
	Datum	   *starts;			/* by row, nstarts each */
	bool	   *start_nulls;
	Oid			role;			/* who has read them, and what the transaction had written by then */
	CommandId	command;
	int			chunk;			/* entities to load at once; 0: all */
	Values	   *values;
	Values	   *filling;
};

static MemoryContext lazy_context = NULL;
static dlist_head windows = DLIST_STATIC_INIT(windows); /* the newest first */
static Size total = 0;
static uint64 last_number = 0;

/* ---- room ---- */

static Size
room(void)
{
	return (Size) work_mem * 1024;
}

static void
measure(OrmLazyWindow *window)
{
	Size		bytes = MemoryContextMemAllocated(window->context, true);

	total += bytes - window->bytes;
	window->bytes = bytes;
}

static void
drop_window(OrmLazyWindow *window)
{
	dlist_delete(&window->node);
	total -= window->bytes;
	MemoryContextDelete(window->context);
}

/* the oldest windows go until there is room for "more" bytes; false when there is none even so */
static bool
make_room(const OrmLazyWindow *except, Size more)
{
	while (total + more > room())
	{
		OrmLazyWindow *oldest = dlist_tail_element(OrmLazyWindow, node, &windows);

		if (oldest == except)
		{
			if (!dlist_has_prev(&windows, &oldest->node))
				return false;
			oldest = dlist_container(OrmLazyWindow, node, dlist_prev_node(&windows, &oldest->node));
		}
		drop_window(oldest);
	}
	return true;
}

static void
drop_values(OrmLazyWindow *window, Values *values)
{
	Values	  **link = &window->values;

	while (*link != values)
		link = &(*link)->next;
	*link = values->next;
	MemoryContextDelete(values->context);
	measure(window);
}

/* ---- the transaction's end ---- */

static void
forget_all(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	/* the memory goes with the transaction */
	lazy_context = NULL;
	dlist_init(&windows);
	total = 0;
}

/*
 * What was loaded may have seen what is rolled back, whichever window it
 * belongs to.
 */
static void
forget_savepoint(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	dlist_mutable_iter iter;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	dlist_foreach_modify(iter, &windows)
	{
		OrmLazyWindow *window = dlist_container(OrmLazyWindow, node, iter.cur);

		if (event == SUBXACT_EVENT_COMMIT_SUB)
		{
			if (window->subid == mine)
				window->subid = parent;
		}
		else if (window->subid == mine)
			drop_window(window);
		else
			while (window->values)
				drop_values(window, window->values);
	}
}

static void
begin(void)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(forget_all, NULL);
		RegisterSubXactCallback(forget_savepoint, NULL);
		registered = true;
	}
	if (lazy_context == NULL)
		lazy_context = AllocSetContextCreate(TopTransactionContext, "orm lazy", ALLOCSET_SMALL_SIZES);
}

/* ---- windows ---- */

static OrmLazyWindow *
window_numbered(uint64 number)
{
	dlist_iter	iter;

	dlist_foreach(iter, &windows)
	{
		OrmLazyWindow *window = dlist_container(OrmLazyWindow, node, iter.cur);

		if (window->number == number)
			return window;
	}
	return NULL;
}

/* a window of one that nobody has asked about gives way to the next */
static void
drop_idle(Oid relid)
{
	OrmLazyWindow *newest;

	if (dlist_is_empty(&windows))
		return;
	newest = dlist_head_element(OrmLazyWindow, node, &windows);
	if (newest->relid == relid && !newest->single && newest->values == NULL && orm_key_index_count(newest->keys) == 1)
		drop_window(newest);
}

/* the newest one, or with "behind" the next older than the one of that number */
static OrmLazyWindow *
new_window(const OrmEntity *entity, bool single, uint64 behind)
{
	OrmLazyWindow *newer = behind > 0 ? window_numbered(behind) : NULL;
	MemoryContext context;
	OrmLazyWindow *window;
	Oid			collations[INDEX_MAX_KEYS];

	begin();
	if (newer == NULL)
		drop_idle(entity->relid);
	context = AllocSetContextCreate(lazy_context, "orm lazy window", 0, 1024, 8 * 1024);
	window = MemoryContextAllocZero(context, sizeof(OrmLazyWindow));
	window->number = ++last_number;
	window->relid = entity->relid;
	window->subid = GetCurrentSubTransactionId();
	window->single = single;
	window->context = context;
	window->nkeys = entity->nkeys;
	window->types = MemoryContextAlloc(context, sizeof(Oid) * entity->nkeys);
	for (int i = 0; i < entity->nkeys; i++)
	{
		window->types[i] = getBaseType(entity->properties[entity->keys[i]].type);
		collations[i] = entity->properties[entity->keys[i]].collation;
	}
	window->keys = orm_key_index_new(entity->nkeys, window->types, collations, context);
	if (newer)
		dlist_insert_after(&newer->node, &window->node);
	else
		dlist_push_head(&windows, &window->node);
	measure(window);
	return window;
}

/* a key's type may have been altered since */
static bool
is_window_of(const OrmLazyWindow *window, const OrmEntity *entity)
{
	if (window->relid != entity->relid || window->nkeys != entity->nkeys)
		return false;
	for (int i = 0; i < entity->nkeys; i++)
		if (window->types[i] != getBaseType(entity->properties[entity->keys[i]].type))
			return false;
	return true;
}

OrmLazyWindow *
orm_lazy_find(OrmEntity *entity, const Datum *key, int *row)
{
	OrmLazyWindow *found = NULL;
	int			found_row = 0;
	dlist_iter	iter;

	dlist_foreach(iter, &windows)
	{
		OrmLazyWindow *window = dlist_container(OrmLazyWindow, node, iter.cur);

		if (!is_window_of(window, entity) || (*row = orm_key_index_find(window->keys, key)) < 0)
			continue;
		if (orm_lazy_count(window) > 1)
			return window;
		if (found == NULL)
		{
			found = window;
			found_row = *row;
		}
	}
	*row = found_row;
	return found;
}

OrmLazyWindow *
orm_lazy_single(OrmEntity *entity, const Datum *key, int *row)
{
	OrmLazyWindow *window = NULL;
	dlist_iter	iter;
	bool		is_new;

	dlist_foreach(iter, &windows)
	{
		OrmLazyWindow *other = dlist_container(OrmLazyWindow, node, iter.cur);

		if (window == NULL && other->single && is_window_of(other, entity))
			window = other;
	}
	if (window == NULL || window->bytes > room() / 2)
		window = new_window(entity, true, 0);
	*row = orm_key_index_add(window->keys, key, &is_new);
	measure(window);
	make_room(window, 0);
	return window;
}

uint64
orm_lazy_number(const OrmLazyWindow *window)
{
	return window->number;
}

OrmLazyWindow *
orm_lazy_numbered(uint64 number)
{
	return window_numbered(number);
}

int
orm_lazy_count(const OrmLazyWindow *window)
{
	return window->single ? 1 : orm_key_index_count(window->keys);
}

int
orm_lazy_chunk(const OrmLazyWindow *window)
{
	int			n = orm_lazy_count(window);

	return window->chunk > 0 ? Min(window->chunk, n) : n;
}

void
orm_lazy_key(const OrmLazyWindow *window, int row, Datum *key)
{
	for (int i = 0; i < window->nkeys; i++)
		key[i] = orm_key_index_value(window->keys, row, i);
}

/* ---- noting ---- */

static void
init_starts(OrmLazyWindow *window, OrmLevel *level)
{
	OrmRemembered *remembered = level->step->statement->remembered;

	window->nstarts = remembered->n - remembered->nkeys;
	/* a cursor that another role has opened reads by that one's rights */
	if (level->reader != GetUserId())
		window->nstarts = 0;
	window->role = level->reader;
	window->command = GetActiveSnapshot()->curcid;
	window->attnums = MemoryContextAlloc(window->context, sizeof(AttrNumber) * Max(window->nstarts, 1));
	window->start_types = MemoryContextAlloc(window->context, sizeof(Oid) * Max(window->nstarts, 1));
	for (int i = 0; i < window->nstarts; i++)
	{
		window->attnums[i] = remembered->attnums[remembered->nkeys + i];
		window->start_types[i] = getBaseType(level->encoder->types[remembered->columns[remembered->nkeys + i]]);
	}
}

static void
note_starts(OrmLazyWindow *window, const OrmRemembered *remembered, int row, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(window->context);

	if (row >= window->max)
	{
		int			max = Max(window->max * 2, 64);
		Size		n = (Size) max * window->nstarts;

		window->starts = window->max == 0 ? MemoryContextAllocHuge(window->context, sizeof(Datum) * n)
			: repalloc_huge(window->starts, sizeof(Datum) * n);
		window->start_nulls = window->max == 0 ? MemoryContextAllocHuge(window->context, n)
			: repalloc_huge(window->start_nulls, n);
		window->max = max;
	}
	for (int i = 0; i < window->nstarts; i++)
	{
		int			at = row * window->nstarts + i;
		Datum		value = values[remembered->columns[remembered->nkeys + i]];
		int16		typlen;
		bool		typbyval;

		window->start_nulls[at] = nulls[remembered->columns[remembered->nkeys + i]];
		if (window->start_nulls[at])
			continue;
		get_typlenbyval(window->start_types[i], &typlen, &typbyval);
		window->starts[at] = typlen == -1 ? PointerGetDatum(PG_DETOAST_DATUM_COPY(value))
			: datumCopy(value, typbyval, typlen);
	}
	MemoryContextSwitchTo(old);
}

void
orm_lazy_note(OrmLevel *level, const Datum *values, const bool *nulls)
{
	OrmRemembered *remembered = level->step->statement->remembered;
	OrmLazyWindow *window = window_numbered(level->lazy_window);
	Datum		key[INDEX_MAX_KEYS];
	bool		is_new;
	int			row;

	for (int i = 0; i < remembered->nkeys; i++)
	{
		if (nulls[remembered->columns[i]])
			return;
		key[i] = values[remembered->columns[i]];
	}
	if (window == NULL || orm_key_index_count(window->keys) >= Max(LARGEST_WINDOW, orm_window_size) ||
		window->bytes > room() / 2)
	{
		window = new_window(remembered->entity, false, level->lazy_behind);
		init_starts(window, level);
		level->lazy_window = window->number;
	}
	row = orm_key_index_add(window->keys, key, &is_new);
	if (window->nstarts > 0)
		note_starts(window, remembered, row, values, nulls);
	measure(window);
	make_room(window, 0);
}

void
orm_lazy_next_window(OrmLevel *level)
{
	level->lazy_window = 0;
	for (int i = 0; i < level->nchildren; i++)
		orm_lazy_next_window(level->children[i]);
}

void
orm_lazy_behind(OrmLevel *level, uint64 number)
{
	level->lazy_behind = number;
	for (int i = 0; i < level->nchildren; i++)
		orm_lazy_behind(level->children[i], number);
}

/* ---- what relations start from ---- */

static int
start_of(const OrmLazyWindow *window, const OrmLinkColumn *link)
{
	for (int i = 0; i < window->nstarts; i++)
		if (window->attnums[i] == link->near_attnum && window->start_types[i] == link->near_type)
			return i;
	return -1;
}

bool
orm_lazy_starts(const OrmLazyWindow *window, const OrmEntity *entity, const OrmRelation *relation)
{
	/* a row that is its own ancestor is known again by its key as well */
	if (window->nstarts == 0 || relation->nlinks == 0 || relation->kind == ORM_ANCESTORS ||
		window->role != GetUserId() || window->command != GetActiveSnapshot()->curcid)
		return false;
	/* what a view or a policy shows may depend on a setting */
	if ((entity->relkind != RELKIND_RELATION && entity->relkind != RELKIND_PARTITIONED_TABLE &&
		 entity->relkind != RELKIND_MATVIEW) ||
		check_enable_rls(entity->relid, InvalidOid, true) == RLS_ENABLED)
		return false;
	for (int i = 0; i < relation->nlinks; i++)
		if (start_of(window, &relation->links[i]) < 0)
			return false;
	return true;
}

void
orm_lazy_start(const OrmLazyWindow *window, const OrmRelation *relation, int row, Datum *near, bool *nulls)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		int			at = row * window->nstarts + start_of(window, &relation->links[i]);

		near[i] = window->starts[at];
		nulls[i] = window->start_nulls[at];
	}
}

/* ---- values ---- */

/* what is printed, and which rows are seen, depends on these besides */
static char *
settings_shown(List *also)
{
	static const char *const printing[] = {"TimeZone", "DateStyle", "IntervalStyle", "bytea_output", "extra_float_digits",
		"xmlbinary", "lc_monetary", "search_path", "row_security", "orm.json_numbers"};
	StringInfoData shown;
	ListCell   *cell;

	initStringInfo(&shown);
	for (int i = 0; i < lengthof(printing); i++)
		appendStringInfo(&shown, "%s\n", GetConfigOption(printing[i], false, false));
	foreach(cell, also)
	{
		char	   *value = GetConfigOptionByName(lfirst(cell), NULL, true);

		appendStringInfo(&shown, "%s\n", value ? value : "");
	}
	return shown.data;
}

static Values *
find_values(OrmLazyWindow *window, const OrmRelation *relation)
{
	Values	   *values = window->values;

	while (values && (values->role != GetUserId() || strcmp(values->relation, relation->name) != 0))
		values = values->next;
	return values;
}

static bool
still_hold(const Values *values)
{
	return values->command == GetActiveSnapshot()->curcid && strcmp(values->shown, settings_shown(values->settings)) == 0;
}

const char *
orm_lazy_kept(OrmLazyWindow *window, const OrmRelation *relation, int row, Size *len)
{
	Values	   *values = find_values(window, relation);

	if (values == NULL || row >= values->max || values->rows[row].data == NULL)
		return NULL;
	if (!still_hold(values))
	{
		drop_values(window, values);
		return NULL;
	}
	*len = values->rows[row].len;
	return values->rows[row].data;
}

void
orm_lazy_keep(OrmLazyWindow *window, const OrmRelation *relation, List *settings)
{
	Values	   *values = find_values(window, relation);
	MemoryContext context;
	MemoryContext old;

	if (values && (window->chunk > 0 || !still_hold(values)))
	{
		drop_values(window, values);
		values = NULL;
	}
	if (values == NULL)
	{
		ListCell   *cell;

		context = AllocSetContextCreate(window->context, "orm lazy values", 0, 1024, 8 * 1024);
		old = MemoryContextSwitchTo(context);
		values = palloc0(sizeof(Values));
		values->context = context;
		values->relation = pstrdup(relation->name);
		values->role = GetUserId();
		values->command = GetActiveSnapshot()->curcid;
		foreach(cell, settings)
			values->settings = lappend(values->settings, pstrdup(lfirst(cell)));
		values->shown = settings_shown(values->settings);
		MemoryContextSwitchTo(old);
		values->next = window->values;
		window->values = values;
	}
	values->stored = 0;
	values->full = false;
	window->filling = values;
}

void
orm_lazy_put(OrmLazyWindow *window, int row, const char *value, Size len)
{
	Values	   *values = window->filling;
	int			max = values->max;

	if (values->full)
		return;
	if (row >= max)
		max = Max(row + 1, orm_key_index_count(window->keys));
	values->full = !make_room(window, len + sizeof(Value) * (max - values->max));
	if (values->full)
		return;
	if (max > values->max)
	{
		values->rows = values->rows == NULL ? MemoryContextAllocHuge(values->context, sizeof(Value) * max)
			: repalloc_huge(values->rows, sizeof(Value) * max);
		memset(values->rows + values->max, 0, sizeof(Value) * (max - values->max));
		values->max = max;
	}
	values->rows[row].data = MemoryContextAllocHuge(values->context, Max(len, 1));
	memcpy(values->rows[row].data, value, len);
	values->rows[row].len = len;
	values->stored++;
	measure(window);
}

void
orm_lazy_keep_done(OrmLazyWindow *window)
{
	Values	   *values = window->filling;

	window->filling = NULL;
	if (values->full)
	{
		window->chunk = Max(1, values->stored);
		if (values->stored == 0)
			while (window->values)
				drop_values(window, window->values);
	}
	make_room(window, 0);
}
