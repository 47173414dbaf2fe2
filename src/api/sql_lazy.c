/*
 * sql_lazy.c
 *	  lazy: a relation of one entity, loaded for all that were read with it.
 *
 * What is remembered of them, and for how long, is run/lazy.c's.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "api/sql_clauses.h"
#include "api/sql_key.h"
#include "query/declared_condition.h"
#include "query/keyed.h"
#include "query/strict.h"
#include "run/advice.h"
#include "run/keyed_load.h"
#include "run/execution.h"
#include "run/lazy.h"
#include "run/repeatable.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_lazy);

/* bytes of one load, in multiples of work_mem */
#define LOAD_MEMORY	8

static void
check_lazy(const OrmEntity *entity, const OrmRelation *relation)
{
	if (!relation->lazy)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" is not lazy", relation->name, entity->name),
				 errdetail("What was read with an entity is remembered for lazy relations only."),
				 errhint("Declare it with lazy => true, or load it with orm.related.")));
	orm_strict_refuse_lazy(entity, relation);
}

/* one relation for a window, or for as many of its entities as are loaded at once */
typedef struct LazyLoad
{
	OrmEntity  *entity;
	OrmRelation *relation;
	uint64		window;
	int			count;			/* entities in the window */
	int			first;			/* the one that is asked for */
	int			n;
	List	   *settings;		/* that conditions have read */
	OrmKeyedLoad   *batch;
} LazyLoad;

/* entities whose rows may be expected to be held together as those of a window are */
static int
bearable(const OrmKeyedLoad *batch)
{
	double		n = (double) work_mem * 1024 * LOAD_MEMORY / orm_keyed_load_estimate(batch);

	return (int) Max(1, Min(n, INT_MAX));
}

static void
build(LazyLoad *load, const OrmLazyWindow *window, bool starts)
{
	bool		read = !starts && !orm_relation_starts_from_key(load->entity, load->relation);
	List	   *loaded;
	OrmQuery   *query;
	uint64		settings;

	settings = orm_declared_settings_read;
	query = orm_keyed_query(load->entity, load->relation, read, &loaded);
	orm_query_finish(query);
	if (settings != orm_declared_settings_read)
		load->settings = orm_declared_setting_names();
	load->batch = orm_keyed_load_new(query);
	load->count = orm_lazy_count(window);
	load->n = orm_level_repeatable(load->batch->root) ? Min(orm_lazy_chunk(window), bearable(load->batch)) : 1;
}

static void
add_entities(LazyLoad *load, const OrmLazyWindow *window, bool starts)
{
	for (int i = 0; i < load->n; i++)
	{
		Datum		values[INDEX_MAX_KEYS];
		bool		nulls[INDEX_MAX_KEYS];
		int			row = load->n == 1 ? load->first : (load->first + i) % load->count;

		if (starts)
		{
			orm_lazy_start(window, load->relation, row, values, nulls);
			orm_keyed_load_add_near(load->batch, values, nulls);
		}
		else
		{
			orm_lazy_key(window, row, values);
			orm_keyed_load_add_key(load->batch, values);
		}
	}
}

/* for whoever asks next; the one who asks now has his own already */
static void
keep(LazyLoad *load)
{
	OrmLazyWindow *window = orm_lazy_numbered(load->window);
	OrmBuffer	value;

	if (window == NULL || !orm_level_repeatable(load->batch->root))
		return;
	orm_buffer_init(&value, CurrentMemoryContext, 1024);
	orm_lazy_keep(window, load->relation, load->settings);
	for (int i = 0; i < load->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		value.len = 0;
		orm_keyed_load_write(load->batch, i, &value);
		orm_lazy_put(window, load->n == 1 ? load->first : (load->first + i) % load->count, value.data, value.len);
	}
	orm_lazy_keep_done(window);
}

static void
load_lazily(LazyLoad *load, OrmLazyWindow *window, OrmBuffer *out)
{
	bool		starts = orm_lazy_starts(window, load->entity, load->relation);

	load->window = orm_lazy_number(window);
	build(load, window, starts);
	orm_lazy_behind(load->batch->root, load->window);
	add_entities(load, window, starts);
	/* read for others as well, none of whom may have more than one call may */
	*load->batch->root->loaded -= (int64) orm_max_rows * (load->n - 1);
	orm_keyed_load_run(load->batch, orm_execution_snapshot());
	orm_keyed_load_write(load->batch, 0, out);
	if (load->n == 1)
		orm_advice_one_key(load->entity, load->relation, load->batch->relation);
	keep(load);
}

Datum
orm_lazy(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm lazy call", ALLOCSET_DEFAULT_SIZES);
	LazyLoad	load = {0};
	OrmLazyWindow *window;
	Datum		key[INDEX_MAX_KEYS];
	OrmBuffer	out;
	const char *kept;
	Size		len;

	MemoryContextSwitchTo(context);
	load.entity = orm_arg_entity(fcinfo, 0);
	load.relation = orm_arg_entity_relation(fcinfo, 2, load.entity);
	check_lazy(load.entity, load.relation);
	orm_buffer_init(&out, caller, 1024);
	out.len = VARHDRSZ;
	if (PG_ARGISNULL(1) ||
		!orm_key_values(load.entity, PG_GETARG_DATUM(1), get_fn_expr_argtype(fcinfo->flinfo, 1), key))
	{
		kept = orm_relation_nothing(load.relation);
		orm_buffer_append(&out, kept, strlen(kept));
	}
	else
	{
		window = orm_lazy_find(load.entity, key, &load.first);
		if (window == NULL)
			window = orm_lazy_single(load.entity, key, &load.first);
		kept = orm_lazy_kept(window, load.relation, load.first, &len);
		if (kept)
			orm_buffer_append(&out, kept, len);
		else
			load_lazily(&load, window, &out);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(orm_entity_datum(&out));
}
