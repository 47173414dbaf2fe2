/*
 * row_writer.c
 *	  Runs statements over rows of the input.
 *
 * Each runs as a statement of its own would: as the caller, under a snapshot
 * taken for it, with its triggers at its end.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "portability/instr_time.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "model/stamp.h"
#include "run/execution.h"
#include "save/deferral.h"
#include "save/row_writer.h"

/* one run */
typedef struct Receiver
{
	DestReceiver pub;
	OrmSaveStatement *st;
	OrmPlan    *plan;
	OrmRowEncoder *encoder;
	OrmSaveRow **rows;
	int			nrows;
	int			nreceived;
	OrmSaveReceive receive;
	void	   *arg;
	MemoryContext context;
} Receiver;

/* the encoder of the run at hand, for orm_save_take */
static OrmRowEncoder *current_encoder = NULL;

/* ---- rows in ---- */

/* the rows as one array of the table's row type */
static Datum
rows_array(OrmSaveTable *table, OrmSaveRow **rows, int nrows)
{
	Datum	   *tuples = palloc_extended(sizeof(Datum) * nrows, MCXT_ALLOC_HUGE);
	int			dims = nrows;
	int			lower_bound = 1;

	for (int i = 0; i < nrows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tuples[i] = HeapTupleGetDatum(heap_form_tuple(table->desc, rows[i]->values, rows[i]->nulls));
	}
	return PointerGetDatum(construct_md_array(tuples, NULL, 1, &dims, &lower_bound, table->desc->tdtypeid, -1, false,
											  TYPALIGN_DOUBLE));
}

static OrmSaveRow **
befores(OrmSaveRow **rows, int nrows)
{
	OrmSaveRow **before = palloc_extended(sizeof(OrmSaveRow *) * nrows, MCXT_ALLOC_HUGE);

	for (int i = 0; i < nrows; i++)
		before[i] = rows[i]->before ? rows[i]->before : rows[i];
	return before;
}

/* one column of the rows as an array of its type */
static Datum
column_array(const OrmSaveTable *table, AttrNumber attnum, OrmSaveRow **rows, int nrows)
{
	Oid			type = getBaseType(table->columns[attnum - 1].type);
	Datum	   *values = palloc_extended(sizeof(Datum) * nrows, MCXT_ALLOC_HUGE);
	int16		typlen;
	bool		typbyval;
	char		typalign;

	for (int i = 0; i < nrows; i++)
		values[i] = rows[i]->values[attnum - 1];
	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	return PointerGetDatum(construct_array(values, nrows, type, typlen, typbyval, typalign));
}

/* the parameters that depend on the rows */
static void
set_params(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	OrmStatement *statement = st->statement;
	OrmSaveRow **keyed = rows;

	statement->values[0] = rows_array(st->table, rows, nrows);
	statement->nulls[0] = false;
	if (st->other)
	{
		if (st->others == NULL)
			keyed = befores(rows, nrows);
		statement->values[1] = rows_array(st->other, st->others ? st->others : keyed, st->others ? st->nothers : nrows);
		statement->nulls[1] = false;
	}
	for (int i = 0; i < st->nanys; i++)
	{
		statement->values[st->any_params[i] - 1] = column_array(st->table, st->any[i], keyed, nrows);
		statement->nulls[st->any_params[i] - 1] = false;
	}
}

/* ---- rows out ---- */

static void
startup(DestReceiver *self, int operation, TupleDesc desc)
{
	Receiver   *receiver = (Receiver *) self;
	OrmStatement *statement = receiver->st->statement;

	/* another run of the same plan may be in the middle of a row */
	if (receiver->plan->pins > 1 || !orm_row_encoder_fits(receiver->plan->encoder, desc))
		receiver->encoder = orm_row_encoder(desc, statement->columns, statement->ncolumns, receiver->context);
	else
		receiver->encoder = receiver->plan->encoder;
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver   *receiver = (Receiver *) self;
	OrmSaveStatement *st = receiver->st;
	OrmRowEncoder *outer = current_encoder;
	int			at = receiver->nreceived++;
	MemoryContext old;

	slot_getallattrs(slot);
	if (st->ord >= 0)
		at = DatumGetInt64(slot->tts_values[st->ord]) - 1;
	if (at >= receiver->nrows)
		return true;
	old = MemoryContextSwitchTo(receiver->encoder->scratch);
	current_encoder = receiver->encoder;
	receiver->receive(st, receiver->rows[at], slot->tts_values, slot->tts_isnull, receiver->arg);
	current_encoder = outer;
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->encoder->scratch);
	return true;
}

static void
nothing(DestReceiver *self)
{
}

void
orm_save_take(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls)
{
	OrmSaveTable *table = st->table;
	MemoryContext old;

	if (st->printed)
	{
		row->text.start = table->text.len;
		orm_row_print_all(&table->text, current_encoder, values, nulls);
		row->text.len = table->text.len - row->text.start;
	}
	old = MemoryContextSwitchTo(table->call->context);
	for (int i = 0; i < table->natts; i++)
	{
		int			at = st->columns[i];

		if (at < 0 || !table->looked_at[i])
			continue;
		row->nulls[i] = nulls[at];
		if (!nulls[at])
			row->values[i] = datumCopy(values[at], table->columns[i].typbyval, table->columns[i].typlen);
	}
	MemoryContextSwitchTo(old);
	row->written = true;
}

void
orm_save_take_pivot(OrmSaveRow *row, const Datum *values, const bool *nulls)
{
	OrmBuffer  *text = &row->table->text;

	row->pivot_text.start = text->len;
	orm_row_print(text, current_encoder->pivots, current_encoder->npivots, values, nulls);
	orm_buffer_append_char(text, '}');
	row->pivot_text.len = text->len - row->pivot_text.start;
}

/* ---- runs ---- */

/* CONTEXT of whatever is raised while one row is written */
static void
name_row(void *arg)
{
	const OrmSaveRow *row = arg;
	const char *pointer = orm_save_pointer(row->table->call, row->start);

	errcontext("entity \"%s\" at \"%s\"", row->table->entity->name, pointer);
}

static uint64
run(OrmSaveStatement *st, OrmSaveRow **rows, int nrows, OrmSaveReceive receive_row, void *arg)
{
	OrmSaveTable *table = st->table;
	OrmStatement *statement = st->statement;
	MemoryContext context = AllocSetContextCreate(table->call->context, "orm save statement", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Receiver	receiver = {{receive, startup, nothing, nothing, DestTuplestore}};
	ErrorContextCallback place = {.callback = name_row, .arg = rows[0]};
	SPIExecuteOptions options;
	instr_time	begin;
	instr_time	end;
	uint64		processed;
	int			result;

	set_params(st, rows, nrows);
	receiver.st = st;
	receiver.plan = orm_plan_get(statement, context);
	receiver.rows = rows;
	receiver.nrows = nrows;
	receiver.receive = receive_row;
	receiver.arg = arg;
	receiver.context = context;
	memset(&options, 0, sizeof(options));
	options.params = orm_execution_params(statement, statement->values, statement->nulls);
	options.dest = &receiver.pub;
	place.previous = error_context_stack;
	if (nrows == 1)
		error_context_stack = &place;
	INSTR_TIME_SET_CURRENT(begin);
	SPI_connect();
	result = SPI_execute_plan_extended(receiver.plan->spi, &options);
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not run a statement: %s", SPI_result_code_string(result))));
	processed = SPI_processed;
	SPI_finish();
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, begin);
	error_context_stack = place.previous;
	receiver.plan->calls++;
	receiver.plan->rows += processed;
	receiver.plan->seconds += INSTR_TIME_GET_DOUBLE(end);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return processed;
}

/* an array holds 1 GB at most: of larger inputs, as many rows go in at a time as about this much text gives */
#define PART_OF_INPUT	(64 * 1024 * 1024)

static int
rows_at_a_time(const OrmSaveStatement *st, int nrows)
{
	Size		parts = st->table->call->len / PART_OF_INPUT + 1;

	/* arrays that stand beside each other stay whole */
	return st->others ? nrows : nrows / parts + 1;
}

void
orm_save_run_read(OrmSaveStatement *st, OrmSaveRow **rows, int nrows, OrmSaveReceive receive_row, void *arg)
{
	int			part = rows_at_a_time(st, nrows);

	for (int i = 0; i < nrows; i += part)
		run(st, rows + i, Min(part, nrows - i), receive_row, arg);
}

static void
take(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls, void *arg)
{
	orm_save_take(st, row, values, nulls);
}

/* does the error say something of a row, so that it is worth looking for it? */
static bool
is_about_rows(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INTERNAL_ERROR:
		case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE:
		case ERRCODE_INVALID_TRANSACTION_STATE:
			return false;
		default:
			return true;
	}
}

/*
 * Inserted rows find their places by position, which holds only when none is
 * missing: a trigger may have suppressed some.
 */
static bool
is_complete(const OrmSaveStatement *st, uint64 processed, int nrows)
{
	return st->ord >= 0 || processed == nrows || (st->statement->ncolumns == 0 && !st->guarded);
}

/* is the error one that other rows of the table can cure, when they are written first? */
static void
note_objection(OrmSaveStatement *st, const ErrorData *error)
{
	OrmSaveWait wait = ORM_WAIT_NOT;

	if (error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION)
	{
		st->again = st->table->call->deferrable != NIL;
		wait = st->keys_wait;
	}
	else if ((error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION || error->sqlerrcode == ERRCODE_EXCLUSION_VIOLATION) &&
			 error->constraint_name)
	{
		st->objected = MemoryContextStrdup(st->table->call->context, error->constraint_name);
		wait = st->uniques_wait;
	}
	st->early = wait != ORM_WAIT_NOT;
	st->apart = wait == ORM_WAIT_ROWS;
}

/*
 * Writes in a subtransaction of its own; false when that had to be undone, and
 * is worth doing again for fewer rows at a time.
 */
static bool
try_write(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorContextCallback *stack = error_context_stack;
	OrmBuffer  *text = &st->table->text;
	Size		len = text->len;
	volatile bool done = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		done = is_complete(st, run(st, rows, nrows, take, NULL), nrows);
		if (done)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		note_objection(st, error);
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!is_about_rows(error->sqlerrcode))
			ReThrowError(error);
		FreeErrorData(error);
	}
	PG_END_TRY();
	error_context_stack = stack;
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (!done)
	{
		text->len = len;
		for (int i = 0; i < nrows; i++)
			rows[i]->written = false;
	}
	return done;
}

/* whether an error is raised at once, with nothing to be tried before */
static bool
has_last_word(const OrmSaveStatement *st)
{
	return st->keys_wait == ORM_WAIT_NOT && st->uniques_wait == ORM_WAIT_NOT && st->table->call->deferrable == NIL;
}

static void
write_part(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	int			half = nrows / 2;
	bool		early;

	CHECK_FOR_INTERRUPTS();
	st->early = st->again = false;
	if (nrows == 0)
		return;
	if (nrows == 1 && has_last_word(st))
	{
		if (run(st, rows, 1, take, NULL) == 0)
			return;
	}
	else if (!try_write(st, rows, nrows))
	{
		if (st->again)
		{
			orm_save_defer_now(st->table->call);
			write_part(st, rows, nrows);
			return;
		}
		/* the caller makes room first, or writes other rows first */
		if (st->early && !(st->apart && nrows > 1))
			return;
		if (nrows > 1)
		{
			write_part(st, st->backwards ? rows + half : rows, st->backwards ? nrows - half : half);
			early = st->early;
			write_part(st, st->backwards ? rows : rows + half, st->backwards ? half : nrows - half);
			st->early = st->early || early;
			return;
		}
		if (run(st, rows, 1, take, NULL) == 0)
			return;
	}
	/* nothing was asked back */
	for (int i = 0; st->statement->ncolumns == 0 && i < nrows; i++)
		rows[i]->written = true;
}

void
orm_save_run_write(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	int			part = rows_at_a_time(st, nrows);
	bool		early = false;

	for (int i = 0; i < nrows; i += part)
	{
		write_part(st, rows + i, Min(part, nrows - i));
		early = early || st->early;
	}
	st->early = early;
}

void
orm_save_run_held(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	int			former = orm_stamp_hold();

	PG_TRY();
	{
		orm_save_run_write(st, rows, nrows);
	}
	PG_FINALLY();
	{
		orm_stamp_release(former);
	}
	PG_END_TRY();
}

bool
orm_save_try_held(OrmSaveStatement *st, OrmSaveRow **rows, int nrows)
{
	int			former = orm_stamp_hold();
	int			part = rows_at_a_time(st, nrows);
	volatile bool done = true;

	PG_TRY();
	{
		for (int i = 0; done && i < nrows; i += part)
			done = try_write(st, rows + i, Min(part, nrows - i));
	}
	PG_FINALLY();
	{
		orm_stamp_release(former);
	}
	PG_END_TRY();
	return done;
}
