/*
 * result.c
 *	  Puts the saved graph together: rows were printed as statements gave them.
 */
#include "base/compat.h"

#include "utils/snapmgr.h"

#include "query/deparse.h"
#include "run/graft.h"
#include "save/result.h"

static void write_row(OrmSaveRow *row, OrmBuffer *out);

static const char *
action_name(const OrmSaveRow *row)
{
	switch (row->own_action ? row->action : orm_save_canonical(unconstify(OrmSaveRow *, row))->action)
	{
		case ORM_SAVE_INSERTED:
			return "inserted";
		case ORM_SAVE_UPDATED:
			return row->foreign ? "moved" : "updated";
		case ORM_SAVE_LINKED:
			return "linked";
		case ORM_SAVE_DELETED:
			return row->own_action ? "unlinked" : "deleted";
		case ORM_SAVE_NOTHING_YET:
			return "linked";
		default:
			return "unchanged";
	}
}

static void
append_member(OrmBuffer *out, bool *first, const char *name)
{
	if (!*first)
		orm_buffer_append_char(out, ',');
	*first = false;
	orm_json_escape(out, name, strlen(name));
	orm_buffer_append_char(out, ':');
}

static void
write_rows(OrmSaveRow *row, OrmBuffer *out)
{
	bool		first = true;

	orm_buffer_append_char(out, '[');
	for (OrmSaveRow *each = row; each; each = each->sibling)
	{
		CHECK_FOR_INTERRUPTS();
		/* what has gone is only told of where it is asked what became of each row */
		if (each->delete && !each->table->call->options->actions)
			continue;
		if (!first)
			orm_buffer_append_char(out, ',');
		first = false;
		write_row(each, out);
	}
	orm_buffer_append_char(out, ']');
}

/* does "returning" load the relation itself? then what was saved is not shown in its stead */
static bool
is_loaded(const OrmSaveSet *set)
{
	OrmQuery   *query = set->owner->table->call->options->returning;
	ListCell   *cell;

	if (set->owner->set || query == NULL)
		return false;
	foreach(cell, query->loads)
	{
		OrmLoad    *load = lfirst(cell);

		if (load->relation == set->relation)
			return !load->query->unasked;
	}
	return false;
}

bool
orm_save_is_shown(const OrmSaveTable *table)
{
	for (const OrmSaveRow *row = table->first; row; row = row->next)
	{
		const OrmSaveSet *set = row->set;

		CHECK_FOR_INTERRUPTS();
		while (set && set->owner->set)
			set = set->owner->set;
		if (set == NULL || !is_loaded(set))
			return true;
	}
	return false;
}

static void
write_sets(OrmSaveRow *row, bool *first, OrmBuffer *out)
{
	for (OrmSaveSet *set = row->sets; set; set = set->next)
	{
		if (is_loaded(set))
			continue;
		append_member(out, first, set->relation->name);
		if (set->relation->to_many)
			write_rows(set->first, out);
		else if (set->first)
			write_row(set->first, out);
		else
			orm_buffer_append(out, "null", 4);
	}
}

static void
write_row(OrmSaveRow *row, OrmBuffer *out)
{
	OrmSaveRow *written = orm_save_canonical(row);
	OrmSaveTable *table = row->table;
	bool		first = written->text.len <= 1;

	check_stack_depth();
	if (written->action == ORM_SAVE_SUPPRESSED)
	{
		orm_buffer_append(out, "null", 4);
		return;
	}
	if (written->text.len == 0)
		orm_buffer_append_char(out, '{');
	else
		orm_buffer_append(out, table->text.data + written->text.start, written->text.len);
	write_sets(row, &first, out);
	if (row->pivot_text.len > 0)
	{
		append_member(out, &first, "pivot");
		orm_buffer_append(out, table->text.data + row->pivot_text.start, row->pivot_text.len);
	}
	if (table->call->options->actions)
	{
		append_member(out, &first, "$action");
		orm_json_escape(out, action_name(row), strlen(action_name(row)));
	}
	orm_buffer_append_char(out, '}');
}

/* relations that load by themselves are not asked for here: the graph shows what was saved */
static bool
loads_more(const OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->loads)
		if (!((OrmLoad *) lfirst(cell))->query->unasked)
			return true;
	return query->aggregates != NIL;
}

void
orm_save_result(OrmSaveCall *call, OrmBuffer *out)
{
	OrmQuery   *query = call->options->returning;
	OrmBuffer	graph;
	OrmBuffer  *into = out;

	if (loads_more(query))
	{
		orm_buffer_init(&graph, call->context, 1024);
		into = &graph;
	}
	if (call->is_array)
		write_rows(call->first, into);
	else
		write_row(call->first, into);
	if (into != out)
		orm_graft(orm_deparse_relations(query), graph.data, graph.len, GetTransactionSnapshot(), out);
}
