/*
 * hydrator.c
 *	  Prints rows, links them to their parents and puts entities together.
 */
#include "base/compat.h"

#include "executor/tuptable.h"
#include "utils/memutils.h"

#include "run/hydrator.h"

typedef struct LevelReceiver
{
	DestReceiver pub;
	OrmLevel   *level;
} LevelReceiver;

/* arrays that grow by doubling, past 1 GB if need be */
#define ENSURE(context, array, max, n, first) \
	do { \
		if ((n) >= (max)) \
		{ \
			int			new_max = Max((max) * 2, Max((first), (n) + 1)); \
			if ((array) == NULL) \
				(array) = MemoryContextAllocHuge((context), sizeof(*(array)) * new_max); \
			else \
				(array) = repalloc_huge((array), sizeof(*(array)) * new_max); \
			(max) = new_max; \
		} \
	} while (0)

static void
set_label(OrmLevel *level, const char *name, MemoryContext context)
{
	OrmBuffer	label;

	orm_buffer_init(&label, context, strlen(name) + 16);
	orm_buffer_append_char(&label, ',');
	orm_json_escape(&label, name, strlen(name));
	orm_buffer_append_char(&label, ':');
	level->label = label.data;
	level->label_len = label.len;
}

static OrmKeySet *
identity_of(const OrmStatement *statement, const OrmRowEncoder *encoder, MemoryContext context)
{
	Oid		   *types;

	if (statement == NULL || statement->nidentity == 0)
		return NULL;
	types = palloc(sizeof(Oid) * statement->nidentity);
	for (int i = 0; i < statement->nidentity; i++)
		types[i] = encoder->types[statement->identity[i]];
	return orm_key_set_new(statement->nidentity, types, context);
}

static void
init_relation(OrmLevel *level, MemoryContext context)
{
	OrmRelation *relation = level->step->relation;
	Oid		   *types = palloc(sizeof(Oid) * relation->nlinks);

	for (int i = 0; i < relation->nlinks; i++)
		types[i] = relation->links[i].near_type;
	level->keys = orm_key_set_new(relation->nlinks, types, context);
	level->identity = identity_of(level->step->statement, level->encoder, context);
	set_label(level, relation->name, context);
	orm_buffer_init(&level->pivots, context, 64);
}

/* the encoder of a plan's rows, or one for rows of "given" */
static void
set_encoder(OrmLevel *level, TupleDesc given, MemoryContext context)
{
	OrmStatement *statement = level->step->statement;

	if (given == NULL)
	{
		level->plan = orm_plan_get(statement, context);
		/* another run of the same plan may be in the middle of a row */
		if (level->plan->pins == 1)
		{
			level->encoder = level->plan->encoder;
			return;
		}
		given = level->plan->source->resultDesc;
	}
	level->encoder = orm_row_encoder(given, statement->columns, statement->ncolumns, context);
}

OrmLevel *
orm_level_new(OrmStep *step, TupleDesc given, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmLevel   *level = palloc0(sizeof(OrmLevel));
	ListCell   *cell;

	check_stack_depth();
	level->step = step;
	set_encoder(level, given, context);
	orm_buffer_init(&level->text, context, 1024);
	if (step->relation)
		init_relation(level, context);
	level->children = palloc(sizeof(OrmLevel *) * Max(list_length(step->children), 1));
	foreach(cell, step->children)
		level->children[level->nchildren++] = orm_level_new(lfirst(cell), NULL, context);
	MemoryContextSwitchTo(old);
	return level;
}

void
orm_level_reset(OrmLevel *level)
{
	level->text.len = 0;
	level->nrows = 0;
	if (level->keys)
	{
		orm_key_set_reset(level->keys);
		level->nlinks = 0;
		level->pivots.len = 0;
	}
	if (level->identity)
		orm_key_set_reset(level->identity);
	for (int i = 0; i < level->nchildren; i++)
		orm_level_reset(level->children[i]);
}

/* {"a":1,"b":2 without the closing brace */
static inline void
print_fields(OrmBuffer *buf, OrmField *fields, int nfields, const Datum *values, const bool *nulls)
{
	orm_buffer_append_char(buf, '{');
	for (int i = 0; i < nfields; i++)
	{
		OrmField   *field = &fields[i];
		int			skip = i == 0;	/* the first label has no comma */

		orm_buffer_append(buf, field->label + skip, field->label_len - skip);
		if (nulls[field->column])
			orm_buffer_append(buf, "null", 4);
		else
			orm_json_value(buf, values[field->column], &field->encoder);
	}
}

static void
note_keys(OrmLevel *level, int row, const Datum *values, const bool *nulls)
{
	for (int i = 0; i < level->nchildren; i++)
	{
		OrmLevel   *child = level->children[i];
		int		   *near = child->step->near;
		Datum		key[INDEX_MAX_KEYS];
		bool		null[INDEX_MAX_KEYS];

		for (int k = 0; k < child->step->nnear; k++)
		{
			key[k] = values[near[k]];
			null[k] = nulls[near[k]];
		}
		ENSURE(GetMemoryChunkContext(child->keys), child->parent_keys, child->maxparents, row, 64);
		child->parent_keys[row] = orm_key_set_add(child->keys, key, null);
	}
}

static int
print_row(OrmLevel *level, const Datum *values, const bool *nulls)
{
	OrmSlice   *slice;

	ENSURE(GetMemoryChunkContext(level), level->rows, level->maxrows, level->nrows, 64);
	slice = &level->rows[level->nrows];
	if (level->header > 0)
	{
		orm_buffer_reserve(&level->text, level->header + sizeof(int32));
		level->text.len = INTALIGN(level->text.len) + level->header;
	}
	slice->start = level->text.len;
	print_fields(&level->text, level->encoder->fields, level->encoder->nfields, values, nulls);
	slice->len = level->text.len - slice->start;
	/* room for the brace that closes a row used in place */
	if (level->header > 0)
		orm_buffer_append_char(&level->text, '}');
	if (level->nchildren > 0)
		note_keys(level, level->nrows, values, nulls);
	return level->nrows++;
}

/* the row that stands for these values: one printed before, or a new one */
static int
row_for(OrmLevel *level, const Datum *values, const bool *nulls)
{
	OrmStatement *statement = level->step->statement;
	Datum		key[INDEX_MAX_KEYS];
	bool		is_new;
	uint32		number;

	if (level->identity == NULL)
		return print_row(level, values, nulls);
	for (int i = 0; i < statement->nidentity; i++)
	{
		if (nulls[statement->identity[i]])
			return print_row(level, values, nulls);
		key[i] = values[statement->identity[i]];
	}
	number = orm_key_set_intern(level->identity, key, &is_new);
	if (is_new && print_row(level, values, nulls) != (int) number - 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("relation \"%s\" gave a row whose key is null", level->step->relation->name)));
	return number - 1;
}

static void
link_row(OrmLevel *level, int row, int64 key, const Datum *values, const bool *nulls)
{
	OrmLink    *link;

	ENSURE(GetMemoryChunkContext(level), level->links, level->maxlinks, level->nlinks, 64);
	link = &level->links[level->nlinks++];
	link->row = row;
	link->next = 0;
	link->pivot.len = 0;
	if (level->encoder->npivots > 0)
	{
		link->pivot.start = level->pivots.len;
		print_fields(&level->pivots, level->encoder->pivots, level->encoder->npivots, values, nulls);
		orm_buffer_append_char(&level->pivots, '}');
		link->pivot.len = level->pivots.len - link->pivot.start;
	}
	if (level->heads[key] == 0)
		level->heads[key] = level->nlinks;
	else
		level->links[level->tails[key] - 1].next = level->nlinks;
	level->tails[key] = level->nlinks;
}

void
orm_level_add(OrmLevel *level, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(level->encoder->scratch);
	int			ordinal = level->step->statement ? level->step->statement->ordinal : -1;

	if (ordinal < 0)
		print_row(level, values, nulls);
	else
	{
		int64		key = DatumGetInt64(values[ordinal]) - 1;

		/* a second row of a to-one is not printed: the first is the one */
		if (level->step->relation->to_many || level->heads[key] == 0)
			link_row(level, row_for(level, values, nulls), key, values, nulls);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(level->encoder->scratch);
}

void
orm_level_prepare_links(OrmLevel *level)
{
	int			nkeys = level->keys->nkeys;

	if (nkeys > level->maxheads)
	{
		MemoryContext context = GetMemoryChunkContext(level);

		if (level->heads)
		{
			pfree(level->heads);
			pfree(level->tails);
		}
		level->maxheads = Max(64, nkeys * 2);
		level->heads = MemoryContextAllocHuge(context, sizeof(int) * level->maxheads);
		level->tails = MemoryContextAllocHuge(context, sizeof(int) * level->maxheads);
	}
	if (nkeys > 0)
		memset(level->heads, 0, sizeof(int) * nkeys);
}

/* ---- receiving ---- */

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	OrmLevel   *level = ((LevelReceiver *) self)->level;

	slot_getallattrs(slot);
	orm_level_add(level, slot->tts_values, slot->tts_isnull);
	return true;
}

/*
 * Only now it is certain what the rows look like: the plan may have been made
 * anew since the level was, after an ALTER of a column's type.
 */
static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	OrmLevel   *level = ((LevelReceiver *) self)->level;
	const OrmStatement *statement = level->step->statement;
	MemoryContext context = GetMemoryChunkContext(level);

	if (orm_row_encoder_fits(level->encoder, desc))
		return;
	level->encoder = orm_row_encoder(desc, statement->columns, statement->ncolumns, context);
	if (level->identity)
		level->identity = identity_of(statement, level->encoder, context);
}

static void
receiver_shutdown(DestReceiver *self)
{
}

DestReceiver *
orm_level_receiver(OrmLevel *level, MemoryContext context)
{
	LevelReceiver *receiver = MemoryContextAllocZero(context, sizeof(LevelReceiver));

	receiver->pub.receiveSlot = receive;
	receiver->pub.rStartup = receiver_startup;
	receiver->pub.rShutdown = receiver_shutdown;
	receiver->pub.rDestroy = receiver_shutdown;
	receiver->pub.mydest = DestTuplestore;
	receiver->level = level;
	return &receiver->pub;
}

/* ---- assembly ---- */

static void
write_link(OrmLevel *level, const OrmLink *link, OrmBuffer *out)
{
	orm_level_write(level, link->row, out);
	if (link->pivot.len == 0)
		return;
	/* behind all else, inside the brace that was just written */
	out->len--;
	if (out->data[out->len - 1] == '{')
		orm_buffer_append(out, "\"pivot\":", 8);
	else
		orm_buffer_append(out, ",\"pivot\":", 9);
	orm_buffer_append(out, level->pivots.data + link->pivot.start, link->pivot.len);
	orm_buffer_append_char(out, '}');
}

static void
write_relation(OrmLevel *level, int parent_row, bool first, OrmBuffer *out)
{
	uint32		key = level->parent_keys[parent_row];
	int			at = key > 0 ? level->heads[key - 1] : 0;
	bool		to_many = level->step->relation->to_many;

	orm_buffer_append(out, level->label + first, level->label_len - first);
	if (!to_many)
	{
		if (at == 0)
			orm_buffer_append(out, "null", 4);
		else
			write_link(level, &level->links[at - 1], out);
		return;
	}
	orm_buffer_append_char(out, '[');
	while (at > 0)
	{
		const OrmLink *link = &level->links[at - 1];

		CHECK_FOR_INTERRUPTS();
		write_link(level, link, out);
		at = link->next;
		if (at > 0)
			orm_buffer_append_char(out, ',');
	}
	orm_buffer_append_char(out, ']');
}

void
orm_level_write(OrmLevel *level, int row, OrmBuffer *out)
{
	const OrmSlice *slice = &level->rows[row];
	bool		first = slice->len == 1;

	check_stack_depth();
	orm_buffer_append(out, level->text.data + slice->start, slice->len);
	for (int i = 0; i < level->nchildren; i++)
	{
		write_relation(level->children[i], row, first, out);
		first = false;
	}
	orm_buffer_append_char(out, '}');
}

Size
orm_level_bytes(const OrmLevel *level)
{
	Size		bytes = level->text.len + sizeof(OrmSlice) * level->nrows + sizeof(OrmLink) * level->nlinks;

	for (int i = 0; i < level->nchildren; i++)
		bytes += orm_level_bytes(level->children[i]);
	return bytes;
}
