/*
 * sql_link.c
 *	  link, unlink and sync, as SQL calls them.
 */
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "api/sql_data.h"
#include "api/sql_key.h"
#include "model/cast_codec.h"
#include "query/query_document.h"
#include "run/window.h"
#include "save/link.h"

PG_FUNCTION_INFO_V1(orm_link_rows);
PG_FUNCTION_INFO_V1(orm_unlink_rows);
PG_FUNCTION_INFO_V1(orm_sync_rows);

/* how the key of an entity is printed */
typedef struct KeyPrinter
{
	OrmEntity  *entity;
	OrmEncoder *encoders;
} KeyPrinter;

static void
key_printer(KeyPrinter *printer, OrmEntity *entity)
{
	printer->entity = entity;
	printer->encoders = palloc0(sizeof(OrmEncoder) * entity->nkeys);
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		orm_cast_encoder(&printer->encoders[i], property->cast_as, property->type, CurrentMemoryContext,
						 CurrentMemoryContext);
	}
}

/* a value for a key of one column, an object for another */
static void
print_key(OrmBuffer *out, KeyPrinter *printer, const Datum *key)
{
	if (printer->entity->nkeys == 1)
	{
		orm_json_value(out, key[0], &printer->encoders[0]);
		return;
	}
	for (int i = 0; i < printer->entity->nkeys; i++)
	{
		const char *name = printer->entity->properties[printer->entity->keys[i]].name;

		orm_buffer_append_char(out, i > 0 ? ',' : '{');
		orm_json_escape(out, name, strlen(name));
		orm_buffer_append_char(out, ':');
		orm_json_value(out, key[i], &printer->encoders[i]);
	}
	orm_buffer_append_char(out, '}');
}

static void
print_keys(OrmBuffer *out, const char *label, KeyPrinter *printer, List *keys)
{
	ListCell   *cell;

	orm_buffer_append(out, label, strlen(label));
	foreach(cell, keys)
	{
		CHECK_FOR_INTERRUPTS();
		if (cell != list_head(keys))
			orm_buffer_append_char(out, ',');
		print_key(out, printer, lfirst(cell));
	}
	orm_buffer_append_char(out, ']');
}

static Datum
run(FunctionCallInfo fcinfo, OrmLinkVerb verb)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm link", ALLOCSET_DEFAULT_SIZES);
	OrmEntity  *entity;
	OrmRelation *relation;
	OrmLinkResult *result;
	KeyPrinter	printer;
	OrmBuffer	out;

	MemoryContextSwitchTo(context);
	entity = orm_arg_entity(fcinfo, 0);
	relation = orm_query_relation_or_raise(entity, orm_arg_text_required(fcinfo, 2, "relation"), NULL);
	result = orm_link(verb, entity, relation, orm_arg_key(fcinfo, 1, entity), orm_arg_data(fcinfo, 3, "data", 8, true));
	key_printer(&printer, result->target);
	orm_buffer_init(&out, caller, 256);
	out.len = VARHDRSZ;
	print_keys(&out, "{\"linked\":[", &printer, result->linked);
	print_keys(&out, ",\"updated\":[", &printer, result->updated);
	print_keys(&out, ",\"unlinked\":[", &printer, result->unlinked);
	orm_buffer_append_char(&out, '}');
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_DATUM(orm_entity_datum(&out));
}

Datum
orm_link_rows(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.link()");
	return run(fcinfo, ORM_LINK);
}

Datum
orm_unlink_rows(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.unlink()");
	return run(fcinfo, ORM_UNLINK);
}

Datum
orm_sync_rows(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.sync()");
	return run(fcinfo, ORM_SYNC);
}
