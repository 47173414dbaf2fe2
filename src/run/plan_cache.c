/*
 * plan_cache.c
 *	  Keeps prepared plans and the encoders of their rows.
 *
 * The text of a plan is rebuilt by the query floor on every call, so a change
 * of the model gives another text and finds another plan; the server's plan
 * cache sees to what changes below the text. Kept apart besides: plans made
 * under another search_path, and plans with row-level security made for
 * another role. The server would analyse those anew at each turn.
 *
 * Least recently used plans go when the sum of sizes passes the setting. A
 * plan that is running is only marked, and goes when its last user does.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rls.h"

#include "model/cast_codec.h"
#include "run/plan_cache.h"
#include "run/step_cache.h"

int			orm_plan_cache_size = 16 * 1024;

typedef struct PlanSlot
{
	const char *key;			/* hash key */
	OrmPlan    *plans;
} PlanSlot;

typedef struct Pin
{
	MemoryContextCallback callback;
	OrmPlan    *plan;
} Pin;

static HTAB *plans = NULL;
static dlist_head recently_used = DLIST_STATIC_INIT(recently_used);
static Size total_bytes = 0;

static uint32
hash_key(const void *key, Size keysize)
{
	const char *text = *(const char *const *) key;

	return hash_bytes((const unsigned char *) text, strlen(text));
}

static int
match_key(const void *a, const void *b, Size keysize)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void
make_table(void)
{
	HASHCTL		info = {0};

	info.keysize = sizeof(char *);
	info.entrysize = sizeof(PlanSlot);
	info.hash = hash_key;
	info.match = match_key;
	info.hcxt = CacheMemoryContext;
	plans = hash_create("orm plans", 128, &info, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

static inline void
append_part(StringInfo buf, char mark, const char *text)
{
	appendStringInfoCharMacro(buf, mark);
	if (text)
		appendStringInfoString(buf, text);
}

/* the text, then what is printed of it, then the types of its parameters, and how it is planned */
static char *
key_of(const OrmStatement *statement)
{
	StringInfoData buf;
	ListCell   *cell;

	initStringInfo(&buf);
	appendStringInfoString(&buf, statement->sql);
	for (int i = 0; i < statement->ncolumns; i++)
	{
		const OrmColumn *column = &statement->columns[i];

		append_part(&buf, '\001', column->name);
		append_part(&buf, '\002', column->pivot);
		append_part(&buf, '\002', column->cast_as);
		append_part(&buf, '\002', column->embed);
		foreach(cell, column->flex)
			append_part(&buf, '\004', lfirst(cell));
	}
	for (int i = 0; i < statement->nparams; i++)
	{
		char		type[MAXINT8LEN + 1];

		type[pg_ultoa_n(statement->types[i], type)] = '\0';
		append_part(&buf, '\003', type);
	}
	if (statement->by_page)
		appendStringInfoChar(&buf, '\006');
	if (statement->custom)
		appendStringInfoChar(&buf, '\005');
	return buf.data;
}

/* ---- encoders ---- */

char *
orm_row_label(const char *name, MemoryContext context, int *len)
{
	OrmBuffer	label;

	orm_buffer_init(&label, context, strlen(name) + 16);
	orm_buffer_append_char(&label, ',');
	orm_json_escape(&label, name, strlen(name));
	orm_buffer_append_char(&label, ':');
	*len = label.len;
	return label.data;
}

static void
set_field(OrmField *field, TupleDesc desc, const OrmColumn *columns, int column, const char *name,
		  OrmRowEncoder *encoder, MemoryContext context)
{
	field->column = column;
	field->label = orm_row_label(name, context, &field->label_len);
	orm_cast_encoder(&field->encoder, columns[column].cast_as, TupleDescAttr(desc, column)->atttypid, context,
					 encoder->scratch);
}

/* room for one more member of a value object, which stands where its first one came */
static OrmField *
add_member(OrmRowEncoder *encoder, const char *embed, int ncolumns, MemoryContext context)
{
	OrmField   *field = NULL;
	OrmField	object = {0};

	object.label = orm_row_label(embed, context, &object.label_len);
	for (int i = 0; i < encoder->nfields; i++)
		if (encoder->fields[i].members && encoder->fields[i].label_len == object.label_len &&
			memcmp(encoder->fields[i].label, object.label, object.label_len) == 0)
			field = &encoder->fields[i];
	if (field == NULL)
	{
		field = &encoder->fields[encoder->nfields++];
		*field = object;
		field->members = palloc0(sizeof(OrmField) * ncolumns);
	}
	return &field->members[field->nmembers++];
}

static void
set_flex(OrmRowEncoder *encoder, const OrmColumn *columns, int ncolumns)
{
	ListCell   *cell;

	encoder->flex = -1;
	for (int i = 0; i < ncolumns; i++)
	{
		if (columns[i].flex == NIL)
			continue;
		encoder->flex = i;
		foreach(cell, columns[i].flex)
			encoder->taken = lappend(encoder->taken, pstrdup(lfirst(cell)));
	}
}

OrmRowEncoder *
orm_row_encoder(TupleDesc desc, const OrmColumn *columns, int ncolumns, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmRowEncoder *encoder = palloc0(sizeof(OrmRowEncoder));

	encoder->scratch = AllocSetContextCreate(context, "orm encode", ALLOCSET_SMALL_SIZES);
	encoder->ncolumns = ncolumns;
	encoder->types = palloc(sizeof(Oid) * Max(ncolumns, 1));
	encoder->fields = palloc0(sizeof(OrmField) * Max(ncolumns, 1));
	encoder->pivots = palloc0(sizeof(OrmField) * Max(ncolumns, 1));
	for (int i = 0; i < ncolumns; i++)
	{
		encoder->types[i] = TupleDescAttr(desc, i)->atttypid;
		if (columns[i].embed)
			set_field(add_member(encoder, columns[i].embed, ncolumns, context), desc, columns, i, columns[i].name,
					  encoder, context);
		else if (columns[i].name)
			set_field(&encoder->fields[encoder->nfields++], desc, columns, i, columns[i].name, encoder, context);
		if (columns[i].pivot)
			set_field(&encoder->pivots[encoder->npivots++], desc, columns, i, columns[i].pivot, encoder, context);
	}
	set_flex(encoder, columns, ncolumns);
	MemoryContextSwitchTo(old);
	return encoder;
}

bool
orm_row_encoder_fits(const OrmRowEncoder *encoder, TupleDesc desc)
{
	for (int i = 0; i < encoder->ncolumns; i++)
		if (TupleDescAttr(desc, i)->atttypid != encoder->types[i])
			return false;
	return true;
}

/* ---- size and eviction ---- */

static void
free_plan(OrmPlan *plan)
{
	SPI_freeplan(plan->spi);
	MemoryContextDelete(plan->context);
}

static void
unlink_plan(OrmPlan *plan)
{
	PlanSlot   *slot = hash_search(plans, &plan->key, HASH_FIND, NULL);
	OrmPlan   **link = &slot->plans;
	const char *key = slot->key;

	while (*link != plan)
		link = &(*link)->next;
	*link = plan->next;
	if (slot->plans == NULL)
		hash_search(plans, &key, HASH_REMOVE, NULL);
	else if (slot->key == plan->key)
		slot->key = slot->plans->key;	/* the same text, in memory that stays */
	dlist_delete(&plan->used);
	total_bytes -= plan->bytes;
	if (plan->pins == 0)
		free_plan(plan);
	else
		plan->evicted = true;
}

static void
evict(const OrmPlan *except)
{
	Size		bound = (Size) orm_plan_cache_size * 1024 - Min(orm_step_cache_bytes(), (Size) orm_plan_cache_size * 1024);
	dlist_iter	iter;

	while (total_bytes > bound)
	{
		OrmPlan    *oldest = NULL;

		dlist_reverse_foreach(iter, &recently_used)
		{
			oldest = dlist_container(OrmPlan, used, iter.cur);
			break;
		}
		if (oldest == NULL || oldest == except)
			return;
		unlink_plan(oldest);
	}
}

static void
measure(OrmPlan *plan)
{
	Size		bytes = MemoryContextMemAllocated(plan->context, true) +
		MemoryContextMemAllocated(plan->source->context, true);

	if (plan->source->gplan)
		bytes += MemoryContextMemAllocated(plan->source->gplan->context, true);
	total_bytes += bytes - plan->bytes;
	plan->bytes = bytes;
	plan->generation = plan->source->generation;
	evict(plan);
}

static void
unpin(void *arg)
{
	Pin		   *pin = arg;
	OrmPlan    *plan = pin->plan;

	if (--plan->pins == 0 && plan->evicted)
		free_plan(plan);
}

static OrmPlan *
pin_plan(OrmPlan *plan, MemoryContext owner)
{
	Pin		   *pin = MemoryContextAlloc(owner, sizeof(Pin));

	pin->callback.func = unpin;
	pin->callback.arg = pin;
	pin->plan = plan;
	plan->pins++;
	MemoryContextRegisterResetCallback(owner, &pin->callback);
	return plan;
}

/* ---- lookup ---- */

/* is this the plan for the caller as he stands: his search_path, and his role where it matters? */
static bool
plan_suits(const OrmPlan *plan)
{
	const CachedPlanSource *source = plan->source;

	/* the setting is part of the encoders */
	if (plan->json_numbers != orm_json_numbers)
		return false;
	if (source->dependsOnRLS &&
		(source->rewriteRoleId != GetUserId() || source->rewriteRowSecurity != row_security))
		return false;
	return source->search_path == NULL || orm_search_path_is(source->search_path);
}

static SPIPlanPtr
prepare(const OrmStatement *statement)
{
	int			options = statement->generic ? CURSOR_OPT_GENERIC_PLAN : statement->custom ? CURSOR_OPT_CUSTOM_PLAN : 0;
	SPIPlanPtr	spi;

	SPI_connect();
	spi = SPI_prepare_cursor(statement->sql, statement->nparams, statement->types, options);
	if (spi == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not prepare a statement: %s", SPI_result_code_string(SPI_result))));
	SPI_keepplan(spi);
	SPI_finish();
	return spi;
}

static OrmPlan *
new_plan(const OrmStatement *statement, const char *key)
{
	MemoryContext context;
	SPIPlanPtr	spi = prepare(statement);
	OrmPlan    *plan;

	context = AllocSetContextCreate(CurrentMemoryContext, "orm plan", ALLOCSET_SMALL_SIZES);
	plan = MemoryContextAllocZero(context, sizeof(OrmPlan));
	plan->context = context;
	plan->key = MemoryContextStrdup(context, key);
	plan->spi = spi;
	plan->json_numbers = orm_json_numbers;
	plan->source = linitial(SPI_plan_get_plan_sources(spi));
	PG_TRY();
	{
		plan->encoder = orm_row_encoder(plan->source->resultDesc, statement->columns,
										statement->ncolumns, context);
	}
	PG_CATCH();
	{
		SPI_freeplan(spi);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSetParent(context, CacheMemoryContext);
	return plan;
}

void
orm_plan_set_key(OrmStatement *statement)
{
	MemoryContext old;

	if (statement->key != NULL)
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(statement));
	statement->key = key_of(statement);
	statement->hash = hash_key(&statement->key, sizeof(char *));
	MemoryContextSwitchTo(old);
}

OrmPlan *
orm_plan_get(OrmStatement *statement, MemoryContext owner)
{
	PlanSlot   *slot;
	OrmPlan    *plan;
	bool		found;

	if (plans == NULL)
		make_table();
	orm_plan_set_key(statement);
	slot = hash_search_with_hash_value(plans, &statement->key, statement->hash, HASH_FIND, NULL);
	for (plan = slot ? slot->plans : NULL; plan; plan = plan->next)
		if (plan_suits(plan))
		{
			dlist_move_head(&recently_used, &plan->used);
			return pin_plan(plan, owner);
		}
	plan = new_plan(statement, statement->key);
	slot = hash_search_with_hash_value(plans, &plan->key, statement->hash, HASH_ENTER, &found);
	plan->next = found ? slot->plans : NULL;
	if (!found)
		slot->key = plan->key;
	slot->plans = plan;
	dlist_push_head(&recently_used, &plan->used);
	pin_plan(plan, owner);
	measure(plan);
	return plan;
}

/* does the statement read one table, and no subquery, of a policy for example, reads another? */
static bool
reads_one_table(const CachedPlanSource *source)
{
	Query	   *query;

	/* an analysis that failed has left none */
	if (source->query_list == NIL)
		return false;
	query = linitial_node(Query, source->query_list);
	return list_length(query->rtable) == 1 && !query->hasSubLinks;
}

/* The planner takes the order of an index for that of the table as soon as they go the same way by and large. */
static CachedPlan *
plan_by_page(OrmPlan *plan, ParamListInfo params)
{
	CachedPlan *volatile cached = NULL;
	bool		indexscan = enable_indexscan;

	PG_TRY();
	{
		enable_indexscan = false;
		cached = GetCachedPlan(plan->source, params, CurrentResourceOwner, NULL);
	}
	PG_FINALLY();
	{
		enable_indexscan = indexscan;
	}
	PG_END_TRY();
	return cached;
}

CachedPlan *
orm_plan_execute(OrmPlan *plan, const OrmStatement *statement, ParamListInfo params)
{
	CachedPlan *cached = statement->by_page && reads_one_table(plan->source)
		? plan_by_page(plan, params)
		: GetCachedPlan(plan->source, params, CurrentResourceOwner, NULL);

	if (!orm_row_encoder_fits(plan->encoder, plan->source->resultDesc))
		plan->encoder = orm_row_encoder(plan->source->resultDesc, statement->columns, statement->ncolumns,
										plan->context);
	/* an evicted plan is no longer counted */
	if (plan->generation != plan->source->generation && !plan->evicted)
		measure(plan);
	return cached;
}

void
orm_plan_each(void (*visit) (const OrmPlan *plan, void *arg), void *arg)
{
	dlist_iter	iter;

	dlist_foreach(iter, &recently_used)
		visit(dlist_container(OrmPlan, used, iter.cur), arg);
}
