/*
 * page.c
 *	  Reads one page of roots.
 */
#include "base/compat.h"

#include "utils/datum.h"
#include "utils/memutils.h"

#include "query/cursor.h"
#include "run/execution.h"
#include "run/page.h"
#include "run/relation_loader.h"

typedef struct PageReceiver
{
	DestReceiver pub;
	DestReceiver *level;		/* to which the rows of the page go */
	OrmPage    *page;
	int64		wanted;
	int64		seen;
} PageReceiver;

static void
note_order(const OrmStatement *statement, TupleTableSlot *slot, Datum *values, bool *nulls)
{
	for (int i = 0; i < statement->norder; i++)
	{
		int			at = statement->order[i];
		Form_pg_attribute attribute = TupleDescAttr(slot->tts_tupleDescriptor, at);

		nulls[i] = slot->tts_isnull[at];
		values[i] = nulls[i] ? (Datum) 0 : datumCopy(slot->tts_values[at], attribute->attbyval, attribute->attlen);
	}
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	PageReceiver *receiver = (PageReceiver *) self;
	OrmPage    *page = receiver->page;
	OrmStatement *statement = page->level->step->statement;
	MemoryContext old;

	if (receiver->seen == receiver->wanted)
	{
		page->more = true;
		return true;
	}
	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(GetMemoryChunkContext(page));
	if (receiver->seen++ == 0)
		note_order(statement, slot, page->first, page->first_nulls);
	MemoryContextSwitchTo(page->last_context);
	MemoryContextReset(page->last_context);
	note_order(statement, slot, page->last, page->last_nulls);
	MemoryContextSwitchTo(old);
	return receiver->level->receiveSlot(slot, receiver->level);
}

static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	PageReceiver *receiver = (PageReceiver *) self;

	receiver->level->rStartup(receiver->level, operation, desc);
}

static void
finish(DestReceiver *self)
{
}

OrmPage *
orm_page_read(OrmStep *step, Snapshot snapshot, MemoryContext context)
{
	OrmStatement *statement = step->statement;
	OrmPage    *page = MemoryContextAllocZero(context, sizeof(OrmPage));
	PageReceiver receiver = {{receive, start, finish, finish, DestTuplestore}};
	OrmExecution execution = {.trace = step->trace};

	page->level = orm_level_new(step, NULL, context);
	page->backwards = step->query->reversed;
	page->last_context = AllocSetContextCreate(context, "orm page end", ALLOCSET_SMALL_SIZES);
	page->first = MemoryContextAllocZero(context, sizeof(Datum) * (statement->norder + 1));
	page->first_nulls = MemoryContextAllocZero(context, sizeof(bool) * (statement->norder + 1));
	page->last = MemoryContextAllocZero(context, sizeof(Datum) * (statement->norder + 1));
	page->last_nulls = MemoryContextAllocZero(context, sizeof(bool) * (statement->norder + 1));
	receiver.level = orm_level_receiver(page->level, context);
	receiver.page = page;
	receiver.wanted = step->query->limit - 1;
	orm_execution_start(&execution, page->level->plan, statement, statement->values, statement->nulls, snapshot,
						&receiver.pub);
	orm_execution_run(&execution, 0);
	orm_execution_end(&execution);
	orm_load_relations(page->level, snapshot);
	return page;
}

char *
orm_page_cursor(const OrmPage *page, bool at_end)
{
	OrmStep    *step = page->level->step;

	if (step->statement->norder == 0 || page->level->nrows == 0)
		return NULL;
	if (at_end != page->backwards)
		return orm_cursor_write(step->query, page->last, page->last_nulls);
	return orm_cursor_write(step->query, page->first, page->first_nulls);
}

void
orm_page_write(OrmPage *page, OrmBuffer *out)
{
	int			n = page->level->nrows;

	orm_buffer_append_char(out, '[');
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			orm_buffer_append_char(out, ',');
		orm_level_write(page->level, page->backwards ? n - 1 - i : i, out);
	}
	orm_buffer_append_char(out, ']');
}
