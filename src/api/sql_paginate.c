/*
 * sql_paginate.c
 *	  orm.paginate: a page, what is around it, and how many there are.
 */
#include "base/compat.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/sql_clauses.h"
#include "api/sql_support.h"
#include "query/paginate.h"
#include "run/execution.h"
#include "run/page.h"
#include "run/value.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_paginate);

static int64
total_of(const OrmQuery *query, OrmTotal kind, MemoryContext context)
{
	OrmQuery   *whole = orm_paginate_whole(query);
	double		rows = -1;

	if (kind == ORM_TOTAL_EXACT)
		return DatumGetInt64(orm_value_read(orm_deparse_count(whole), GetActiveSnapshot(), context));
	/* row-level security is a condition too */
	if (kind == ORM_TOTAL_ESTIMATED && whole->wheres == NIL && whole->distinct == NIL && !whole->entity->rls)
		rows = orm_table_rows(whole->entity->relid);
	if (rows < 0)
		rows = orm_value_estimate(orm_deparse_estimate(whole), context);
	return (int64) rint(rows);
}

static void
append_text(OrmBuffer *out, const char *text)
{
	orm_buffer_append(out, text, strlen(text));
}

static void
append_flag(OrmBuffer *out, const char *label, bool flag)
{
	append_text(out, label);
	append_text(out, flag ? "true" : "false");
}

/* the letters of a cursor need no escapes */
static void
append_cursor(OrmBuffer *out, const char *label, const char *cursor)
{
	append_text(out, label);
	append_text(out, cursor ? psprintf("\"%s\"", cursor) : "null");
}

static void
append_number(OrmBuffer *out, const char *label, int64 number)
{
	append_text(out, psprintf("%s" INT64_FORMAT, label, number));
}

static void
write_page(OrmBuffer *out, OrmPage *page, const OrmPaging *paging)
{
	/* the way one came from by a cursor is there, unless there is nothing to come back from */
	bool		way_back = paging->page > 0 ? paging->page > 1 : !paging->from_start && page->level->nrows > 0;
	bool		has_next = page->backwards ? way_back : page->more;
	bool		has_prev = page->backwards ? page->more : way_back;

	append_text(out, "{\"items\":");
	orm_page_write(page, out);
	append_flag(out, ",\"has_next\":", has_next);
	append_flag(out, ",\"has_prev\":", has_prev);
	append_cursor(out, ",\"next\":", has_next ? orm_page_cursor(page, true) : NULL);
	append_cursor(out, ",\"prev\":", has_prev ? orm_page_cursor(page, false) : NULL);
	if (paging->page > 0)
		append_number(out, ",\"page\":", paging->page);
}

Datum
orm_paginate(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm paginate", ALLOCSET_DEFAULT_SIZES);
	OrmQuery   *query;
	OrmPaging	paging;
	OrmStep    *step;
	OrmBuffer	out;

	MemoryContextSwitchTo(context);
	query = orm_query_new(orm_arg_entity(fcinfo, 0));
	orm_arg_clauses(fcinfo, 1, query, ORM_CLAUSE_PAGE);
	orm_paginate_settle(query, &paging);
	orm_query_finish(query);
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	step = orm_deparse(query, NULL);
	/* for the total too, whatever was waited for */
	PushActiveSnapshot(orm_execution_snapshot());
	write_page(&out, orm_page_read(step, GetActiveSnapshot(), context), &paging);
	if (paging.total != ORM_TOTAL_NONE)
	{
		int64		total = total_of(query, paging.total, context);

		append_number(&out, ",\"total\":", total);
		append_number(&out, ",\"pages\":", total / paging.limit + (total % paging.limit > 0));
	}
	PopActiveSnapshot();
	orm_buffer_append_char(&out, '}');
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(orm_entity_datum(&out));
}
