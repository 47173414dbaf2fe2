/*
 * save.c
 *	  Saves a graph, table by table.
 *
 * The number of statements follows the shape of the graph: for each table one
 * that reads and locks, then one for each verb and set of columns.
 */
#include "base/compat.h"

#include "utils/memutils.h"

#include "save/children.h"
#include "save/deferral.h"
#include "save/graph.h"
#include "save/junction.h"
#include "save/order.h"
#include "save/owned.h"
#include "save/readable.h"
#include "save/result.h"
#include "save/row_reader.h"
#include "save/save.h"
#include "save/table_writer.h"

/* relations are loaded by properties of the entities that are given back */
static void
select_for_loads(OrmQuery *query)
{
	OrmEntity  *entity = query->entity;
	ListCell   *cell;

	foreach(cell, query->loads)
	{
		OrmLoad    *load = lfirst(cell);

		for (int i = 0; !load->query->unasked && i < load->relation->nlinks; i++)
		{
			OrmProperty *property = orm_entity_property_by_attnum(entity, load->relation->links[i].near_attnum);

			if (property)
				query->selected[property - entity->properties] = true;
		}
	}
}

/* what is printed of the rows of each table */
static void
set_queries(OrmSaveCall *call)
{
	ListCell   *cell;

	if (call->options->silent)
		return;
	foreach(cell, call->tables)
	{
		OrmSaveTable *table = lfirst(cell);

		if (!orm_save_is_shown(table))
			continue;
		table->query = table == call->root ? call->options->returning : orm_query_new(table->entity);
		orm_query_finish(table->query);
		orm_save_leave_out_unreadable(table->query);
		select_for_loads(table->query);
	}
}

/* the tables of one group: what is there, what goes, what comes */
static void
save_group(List *tables)
{
	ListCell   *cell;
	int			levels;

	foreach(cell, tables)
		orm_save_look_up_shadows(lfirst(cell));
	foreach(cell, tables)
		orm_save_look_up(lfirst(cell));
	foreach(cell, tables)
		orm_save_check_foreign(lfirst(cell));
	foreach(cell, tables)
		orm_save_remove_children(lfirst(cell));
	levels = orm_save_levels(tables);
	for (int level = 0; level < levels; level++)
		foreach(cell, tables)
		{
			/* keys that hold a parent's are known only now */
			if (level > 0)
			{
				orm_save_look_up(lfirst(cell));
				orm_save_check_foreign(lfirst(cell));
			}
			orm_save_write_rows(lfirst(cell), level);
		}
	if (((OrmSaveTable *) linitial(tables))->cyclic)
		foreach(cell, tables)
			orm_save_write_cuts(lfirst(cell));
}

void
orm_save(OrmEntity *entity, OrmSaveVerb verb, const OrmSaveOptions *options, const char *text, Size len, OrmBuffer *out)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "orm save", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmSaveCall *call = palloc0(sizeof(OrmSaveCall));
	ListCell   *cell;

	call->verb = verb;
	call->options = options;
	call->context = context;
	call->scratch = AllocSetContextCreate(context, "orm save scratch", ALLOCSET_SMALL_SIZES);
	call->text = text;
	call->len = len;
	call->root = orm_save_table(call, entity);
	orm_save_read(call);
	set_queries(call);
	foreach(cell, orm_save_order(call))
		save_group(lfirst(cell));
	orm_save_junctions(call);
	orm_save_bump_roots(call);
	orm_save_check_deferred(call);
	if (!options->silent)
		orm_save_result(call, out);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
