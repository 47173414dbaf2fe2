/*
 * sql_related.c
 *	  related and attach: what one relation has for a list of keys, and into
 *	  which entities it goes.
 *
 * Between the two the application may do what it likes: keep the rows, send
 * them on, attach them in another transaction.
 */
#include "base/compat.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/sql_clauses.h"
#include "api/sql_json.h"
#include "query/keyed.h"
#include "run/advice.h"
#include "run/attach.h"
#include "run/keyed_load.h"
#include "run/execution.h"
#include "run/json_key.h"
#include "run/key_index.h"
#include "run/window.h"

PG_FUNCTION_INFO_V1(orm_related);
PG_FUNCTION_INFO_V1(orm_attach);

/* the keys of a call: where the distinct ones stand */
typedef struct Keys
{
	const char *text;
	Size		len;
	OrmJsonKey	key;
	OrmKeyIndex *index;
	int			max;
	OrmJsonSpan *spans;
} Keys;

static void
add_key(Keys *keys, OrmJsonSpan span)
{
	Datum		datums[INDEX_MAX_KEYS];
	bool		is_new;
	int			number;

	if (!orm_json_key_value(&keys->key, keys->text, keys->len, span, datums))
		return;
	number = orm_key_index_add(keys->index, datums, &is_new);
	if (!is_new)
		return;
	if (number >= keys->max)
	{
		keys->max *= 2;
		keys->spans = repalloc_huge(keys->spans, sizeof(OrmJsonSpan) * keys->max);
	}
	keys->spans[number] = span;
}

static void
read_keys(Keys *keys, OrmEntity *entity, const char *text)
{
	OrmJsonSpan root;
	OrmJsonCursor cursor;
	MemoryContext scratch;
	MemoryContext old = CurrentMemoryContext;

	keys->text = text;
	keys->len = strlen(text);
	keys->max = 64;
	keys->spans = palloc(sizeof(OrmJsonSpan) * keys->max);
	orm_json_key_init(&keys->key, entity, CurrentMemoryContext);
	keys->index = orm_key_index_new(keys->key.n, keys->key.types, keys->key.collations, CurrentMemoryContext);
	root = orm_json_text_root(text, keys->len);
	if (root.kind != ORM_JSON_ARRAY)
	{
		add_key(keys, root);
		return;
	}
	scratch = AllocSetContextCreate(CurrentMemoryContext, "orm keys", ALLOCSET_DEFAULT_SIZES);
	orm_json_text_enter(&cursor, text, root);
	while (orm_json_text_next(&cursor))
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(scratch);
		add_key(keys, cursor.value);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
}

static void
put_row(ReturnSetInfo *result, const Keys *keys, OrmKeyedLoad *load, int number, OrmBuffer *out)
{
	Datum		values[2];
	bool		nulls[2] = {false};
	OrmJsonSpan span = keys->spans[number];

	values[0] = PointerGetDatum(cstring_to_text_with_len(keys->text + span.start, span.end - span.start));
	out->len = VARHDRSZ;
	orm_keyed_load_write(load, number, out);
	values[1] = orm_entity_datum(out);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	pfree(DatumGetPointer(values[0]));
}

static void
load_keys(OrmKeyedLoad *load, const Keys *keys, ReturnSetInfo *result)
{
	int			n = orm_key_index_count(keys->index);
	OrmBuffer	out;

	for (int i = 0; i < n; i++)
	{
		Datum		key[INDEX_MAX_KEYS];

		for (int k = 0; k < keys->key.n; k++)
			key[k] = orm_key_index_value(keys->index, i, k);
		orm_keyed_load_add_key(load, key);
	}
	orm_keyed_load_run(load, orm_execution_snapshot());
	if (n == 1)
		orm_advice_one_key(load->entity, orm_relation_whole(load->relation->step->relation), load->relation);
	orm_buffer_init(&out, CurrentMemoryContext, 1024);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_row(result, keys, load, i, &out);
	}
}

Datum
orm_related(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	OrmEntity  *entity;
	OrmRelation *relation;
	OrmQuery   *query;
	List	   *loaded;
	OrmJson   **documents;
	Keys		keys = {0};
	char	   *text;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(caller, "orm related", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	entity = orm_arg_entity(fcinfo, 0);
	relation = orm_arg_entity_relation(fcinfo, 2, entity);
	query = orm_keyed_query(entity, relation, !orm_relation_starts_from_key(entity, relation), &loaded);
	n = orm_arg_documents(fcinfo, 3, false, &documents);
	for (int i = 0; i < n; i++)
		orm_query_merge_all(loaded, documents[i]);
	orm_query_finish(query);
	text = orm_arg_json(fcinfo, 1, "keys");
	if (text)
	{
		read_keys(&keys, entity, text);
		load_keys(orm_keyed_load_new(query), &keys, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return (Datum) 0;
}

Datum
orm_attach(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm attach", ALLOCSET_DEFAULT_SIZES);
	OrmEntity  *entity;
	OrmRelation *relation;
	OrmBuffer	out;
	char	   *text;

	MemoryContextSwitchTo(context);
	entity = orm_arg_entity(fcinfo, 0);
	relation = orm_arg_entity_relation(fcinfo, 2, entity);
	text = orm_arg_json(fcinfo, 1, "entities");
	if (text)
	{
		orm_buffer_init(&out, caller, 1024);
		out.len = VARHDRSZ;
		orm_attach_text(entity, relation, text, orm_arg_json(fcinfo, 3, "loaded"), &out);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	if (text == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(orm_entity_datum(&out));
}
