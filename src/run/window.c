/*
 * window.c
 *	  Pulls roots a window at a time, has their relations loaded, and gives
 *	  entities one by one.
 *
 * Where an outer LIMIT may stop the reading, the first window is two roots and
 * each next one four times as many: two windows make the ten of a usual page.
 * What a window may hold is bounded by a few times work_mem: rows of a relation
 * lie scattered over its table, so every window visits much of it again, and
 * few large windows cost a fraction of many small ones.
 */
#include "base/compat.h"

#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "run/execution.h"
#include "run/advice.h"
#include "run/hydrator.h"
#include "run/lazy.h"
#include "run/relation_loader.h"
#include "run/window.h"

/* a flat window stays in the processor's cache; one with relations saves statements */
#define LARGEST_FLAT_WINDOW	128
#define LARGEST_WINDOW	8192

#define FIRST_WINDOW	2
/* roots of the first window where the query has a limit of its own, or all are wanted, or are wanted at once */
#define FIRST_OF_MANY	128
#define FIRST_OF_WHOLE	512
#define WINDOW_GROWTH	4

/* window bytes, in multiples of work_mem */
#define WINDOW_MEMORY	8

int			orm_window_size = 0;

struct OrmRead
{
	MemoryContext context;
	MemoryContext window_context;	/* garbage of one window */
	OrmLevel   *root;
	OrmExecution execution;
	OrmBuffer	out;
	int			largest;		/* what the window grows to */
	int			window;			/* roots asked for in the next window */
	int			at;				/* the next root of this one */
	bool		started;
	bool		finished;
};

static int
first_window(const OrmQuery *query, OrmDemand demand)
{
	if (orm_window_size > 0)
		return orm_window_size;
	if (demand == ORM_DEMAND_WHOLE)
		return FIRST_OF_WHOLE;
	return demand == ORM_DEMAND_STREAM || query->limit >= 0 ? FIRST_OF_MANY : FIRST_WINDOW;
}

OrmRead *
orm_read_start(OrmStep *step, OrmDemand demand, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "orm read", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmRead    *read = palloc0(sizeof(OrmRead));
	OrmStatement *statement = step->statement;

	read->context = context;
	read->window_context = AllocSetContextCreate(context, "orm window", ALLOCSET_DEFAULT_SIZES);
	read->root = orm_level_new(step, NULL, context);
	/* without relations a row is the entity: it is printed where it will be returned from */
	if (read->root->nchildren == 0)
		read->root->header = VARHDRSZ;
	else
		orm_buffer_init(&read->out, context, 1024);
	read->largest = read->root->nchildren == 0 ? LARGEST_FLAT_WINDOW : LARGEST_WINDOW;
	read->window = Min(first_window(step->query, demand), Max(read->largest, orm_window_size));
	read->execution.trace = step->trace;
	orm_execution_start(&read->execution, read->root->plan, statement, statement->values, statement->nulls,
						orm_execution_snapshot(), orm_level_receiver(read->root, context));
	MemoryContextSwitchTo(old);
	return read;
}

OrmRead *
orm_read_given(OrmLevel *root, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "orm read", ALLOCSET_DEFAULT_SIZES);
	OrmRead    *read = MemoryContextAllocZero(context, sizeof(OrmRead));

	read->context = context;
	read->root = root;
	read->finished = true;
	orm_buffer_init(&read->out, context, 1024);
	return read;
}

/* more next time, or as many as memory allows if all are as large as these */
static void
adapt_window(OrmRead *read)
{
	double		each = (double) orm_level_bytes(read->root) / read->root->nrows;
	double		bound = (double) work_mem * 1024 * WINDOW_MEMORY;

	if (orm_window_size > 0)
		read->window = orm_window_size;
	else
		read->window = Max(1, Min(Min(read->window * WINDOW_GROWTH, read->largest), bound / each));
}

/* reading ahead shall not fail for rows that the caller may not ask for */
static void
bound_window(OrmRead *read)
{
	if (orm_max_rows > 0)
		read->window = Max(1, Min(read->window, orm_max_rows - *read->root->loaded));
}

/* locked rows may be newer than the snapshot; what is loaded for them shall not be older */
static void
load_relations(OrmRead *read)
{
	if (read->root->step->query->lock == NULL)
	{
		orm_load_relations(read->root, read->execution.query->snapshot);
		return;
	}
	PushActiveSnapshot(GetTransactionSnapshot());
	orm_load_relations(read->root, GetActiveSnapshot());
	PopActiveSnapshot();
}

static bool
next_window(OrmRead *read)
{
	MemoryContext old;

	if (read->finished)
		return false;
	if (read->root->nrows > 0)
		adapt_window(read);
	bound_window(read);
	old = MemoryContextSwitchTo(read->window_context);
	orm_level_reset(read->root);
	orm_lazy_next_window(read->root);
	read->at = 0;
	orm_execution_run(&read->execution, read->window);
	if (read->root->nrows < read->window)
		read->finished = true;
	if (read->root->nrows > 0)
		load_relations(read);
	if (!read->started && read->finished && read->root->nrows == 1)
		orm_advice_one_row(read->root);
	read->started = true;
	MemoryContextSwitchTo(old);
	MemoryContextReset(read->window_context);
	return read->root->nrows > 0;
}

static void
check_size(Size size)
{
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("entity is too large"),
				 errdetail("One entity with its relations may take 1 GB as JSON.")));
}

Datum
orm_entity_datum(OrmBuffer *out)
{
	check_size(out->len);
	SET_VARSIZE(out->data, out->len);
	return PointerGetDatum(out->data);
}

/* a row that was printed behind room for its header, brace included */
static Datum
row_in_place(OrmLevel *level, int row)
{
	const OrmSlice *slice = &level->rows[row];
	char	   *start = level->text.data + slice->start - VARHDRSZ;

	check_size(slice->len + 1 + VARHDRSZ);
	SET_VARSIZE(start, slice->len + 1 + VARHDRSZ);
	return PointerGetDatum(start);
}

bool
orm_read_next(OrmRead *read, Datum *entity)
{
	if (read->at >= read->root->nrows && !next_window(read))
		return false;
	if (read->root->header > 0)
		*entity = row_in_place(read->root, read->at);
	else
	{
		read->out.len = VARHDRSZ;
		orm_level_write(read->root, read->at, &read->out);
		*entity = orm_entity_datum(&read->out);
	}
	read->at++;
	return true;
}

void
orm_read_end(OrmRead *read)
{
	orm_execution_end(&read->execution);
}
