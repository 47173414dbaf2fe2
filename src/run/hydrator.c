/*
 * hydrator.c
 *	  Prints rows, links them to their parents and puts entities together.
 */
#include "base/compat.h"

#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "run/array.h"
#include "run/hydrator.h"
#include "run/lazy.h"
#include "run/tally.h"
#include "run/tree.h"

int			orm_max_rows = 0;

/* rows whose memory is asked for ahead, bytes of each, and how large a level has to be for it */
#define AHEAD			16
#define AHEAD_BYTES		512
#define LEAST_AHEAD		(512 * 1024)
#define CACHE_LINE		64

/* rows of one key beyond those asked for, up to which it is cheaper to print and drop them */
#define MOST_TIES		32

typedef struct LevelReceiver
{
	DestReceiver pub;
	OrmLevel   *level;
} LevelReceiver;

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
	if (OidIsValid(relation->element_type))
	{
		Oid			out;
		bool		varlena;

		getTypeOutputInfo(orm_relation_near_type(relation, 0), &out, &varlena);
		level->array_out = palloc(sizeof(FmgrInfo));
		fmgr_info_cxt(out, level->array_out, context);
	}
	if (relation->whole)
		level->guard = orm_type_guard_new(relation->type, context);
	level->identity = identity_of(level->step->statement, level->encoder, context);
	level->label = orm_row_label(relation->name, context, &level->label_len);
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

/* the branches of one relation stand side by side */
static void
add_child(OrmLevel *level, OrmLevel *child)
{
	OrmRelation *whole = child->step->relation->whole;
	OrmLevel   *before = level->nchildren > 0 ? level->children[level->nchildren - 1] : NULL;

	if (whole && before && before->step->relation->whole == whole)
	{
		before->next_branch = child;
		child->follows = true;
	}
	level->children[level->nchildren++] = child;
}

static OrmLevel *
new_level(OrmStep *step, TupleDesc given, int64 *loaded, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmLevel   *level = palloc0(sizeof(OrmLevel));
	ListCell   *cell;

	check_stack_depth();
	level->step = step;
	level->loaded = loaded;
	level->reader = GetUserId();
	set_encoder(level, given, context);
	orm_buffer_init(&level->text, context, 1024);
	if (step->relation)
		init_relation(level, context);
	level->children = palloc(sizeof(OrmLevel *) * Max(list_length(step->children), 1));
	foreach(cell, step->children)
		add_child(level, new_level(lfirst(cell), NULL, loaded, context));
	orm_tally_init(level, context);
	orm_tree_init(level, context);
	MemoryContextSwitchTo(old);
	return level;
}

OrmLevel *
orm_level_new(OrmStep *step, TupleDesc given, MemoryContext context)
{
	return new_level(step, given, MemoryContextAllocZero(context, sizeof(int64)), context);
}

static void
reset_rows(OrmLevel *level)
{
	level->text.len = 0;
	level->nrows = 0;
	level->nlinks = 0;
	level->pivots.len = 0;
	level->tied_key = 0;
	level->spare = 0;
	if (level->identity)
		orm_key_set_reset(level->identity);
	if (level->tree)
		orm_tree_reset(level);
	for (int i = 0; i < level->nchildren; i++)
		orm_level_reset(level->children[i]);
}

void
orm_level_reset(OrmLevel *level)
{
	if (level->keys)
	{
		orm_key_set_reset(level->keys);
		level->asked = 0;
	}
	reset_rows(level);
}

void
orm_level_forget_rows(OrmLevel *level)
{
	*level->loaded -= level->nrows - level->spare;
	reset_rows(level);
}

/* a value object: null when all in it is */
static void
print_object(OrmBuffer *buf, OrmField *field, const Datum *values, const bool *nulls)
{
	for (int i = 0; i < field->nmembers; i++)
		if (!nulls[field->members[i].column])
		{
			orm_row_print(buf, field->members, field->nmembers, values, nulls);
			orm_buffer_append_char(buf, '}');
			return;
		}
	orm_buffer_append(buf, "null", 4);
}

static inline void
print_field(OrmBuffer *buf, OrmField *field, bool first, const Datum *values, const bool *nulls)
{
	orm_buffer_append(buf, field->label + first, field->label_len - first);
	if (unlikely(field->members != NULL))
		print_object(buf, field, values, nulls);
	else if (nulls[field->column])
		orm_buffer_append(buf, "null", 4);
	else
		orm_json_value(buf, values[field->column], &field->encoder);
}

void
orm_field_print(OrmBuffer *buf, OrmField *field, bool first, const Datum *values, const bool *nulls)
{
	print_field(buf, field, first, values, nulls);
}

void
orm_row_print_all(OrmBuffer *buf, OrmRowEncoder *encoder, const Datum *values, const bool *nulls)
{
	orm_row_print(buf, encoder->fields, encoder->nfields, values, nulls);
	if (encoder->flex >= 0 && !nulls[encoder->flex])
		orm_json_jsonb_members(buf, values[encoder->flex], encoder->taken);
}

void
orm_row_print(OrmBuffer *buf, OrmField *fields, int nfields, const Datum *values, const bool *nulls)
{
	orm_buffer_append_char(buf, '{');
	for (int i = 0; i < nfields; i++)
		print_field(buf, &fields[i], i == 0, values, nulls);
}

void
orm_level_note_key(OrmLevel *level, int parent_row, const Datum *key, const bool *nulls)
{
	Datum		text;

	/* an array can't be an element of the array of keys */
	if (level->array_out && !nulls[0])
	{
		text = CStringGetTextDatum(OutputFunctionCall(level->array_out, key[0]));
		key = &text;
	}
	ENSURE(GetMemoryChunkContext(level->keys), level->parent_keys, level->maxparents, parent_row, 64);
	level->parent_keys[parent_row] = orm_key_set_add(level->keys, key, nulls);
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
		if (unlikely(child->guard != NULL) &&
			!orm_type_guard_holds(child->guard, values[child->step->near_type], nulls[child->step->near_type]))
			null[0] = true;
		orm_level_note_key(child, row, key, null);
		if (child->tree)
			orm_tree_note_row(child, row, values, nulls);
	}
}

OrmSlice *
orm_level_slices(OrmLevel *level, int first, int n)
{
	ENSURE(GetMemoryChunkContext(level), level->rows, level->maxrows, first + n - 1, 64);
	return &level->rows[first];
}

static void
too_many_rows(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_ORM_TOO_MANY_ROWS),
			 errmsg("more rows than allowed"),
			 errdetail("One call may read %d entities, loaded ones included.", orm_max_rows),
			 errhint("Ask for fewer with \"limit\". The setting is orm.max_rows.")));
}

int
orm_level_print_row(OrmLevel *level, const Datum *values, const bool *nulls)
{
	OrmSlice   *slice;

	if (++*level->loaded > orm_max_rows && orm_max_rows > 0)
		too_many_rows();
	slice = orm_level_slices(level, level->nrows, 1);
	if (level->header > 0)
	{
		orm_buffer_reserve(&level->text, level->header + sizeof(int32));
		level->text.len = INTALIGN(level->text.len) + level->header;
	}
	slice->start = level->text.len;
	orm_row_print_all(&level->text, level->encoder, values, nulls);
	slice->len = level->text.len - slice->start;
	/* room for the brace that closes a row used in place */
	if (level->header > 0)
		orm_buffer_append_char(&level->text, '}');
	if (level->nchildren > 0)
		note_keys(level, level->nrows, values, nulls);
	if (unlikely(level->step->statement->remembered != NULL))
		orm_lazy_note(level, values, nulls);
	return level->nrows++;
}

int
orm_level_skip_row(OrmLevel *level)
{
	orm_level_slices(level, level->nrows, 1)->len = 0;
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

	if (orm_is_tally(level))
		return orm_tally_print(level, values, nulls);
	if (level->tree)
		return orm_tree_row(level, values, nulls);
	if (level->identity == NULL)
		return orm_level_print_row(level, values, nulls);
	for (int i = 0; i < statement->nidentity; i++)
	{
		if (nulls[statement->identity[i]])
			return orm_level_print_row(level, values, nulls);
		key[i] = values[statement->identity[i]];
	}
	number = orm_key_set_intern(level->identity, key, &is_new);
	if (is_new && orm_level_print_row(level, values, nulls) != (int) number - 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("relation \"%s\" gave a row whose key is null", level->step->relation->name)));
	return number - 1;
}

static void
link_row(OrmLevel *level, int row, uint32 key, const Datum *values, const bool *nulls)
{
	MemoryContext context = GetMemoryChunkContext(level);
	OrmStatement *statement = level->step->statement;
	int			at = level->nlinks;

	ENSURE(context, level->links, level->maxlinks, at, 64);
	level->links[at].row = row;
	level->links[at].key = key;
	if (level->encoder->npivots > 0)
	{
		OrmSlice   *pivot;

		ENSURE(context, level->link_pivots, level->maxpivots, at, 64);
		pivot = &level->link_pivots[at];
		pivot->start = level->pivots.len;
		orm_row_print(&level->pivots, level->encoder->pivots, level->encoder->npivots, values, nulls);
		orm_buffer_append_char(&level->pivots, '}');
		pivot->len = level->pivots.len - pivot->start;
	}
	for (int i = 0; i < statement->nsort; i++)
	{
		int			sorted = at * statement->nsort + i;

		ENSURE(context, level->link_sort, level->maxsort, sorted, 64);
		ENSURE(context, level->link_sort_nulls, level->maxsort_nulls, sorted, 64);
		level->link_sort[sorted] = values[statement->sort[i].column];
		level->link_sort_nulls[sorted] = nulls[statement->sort[i].column];
	}
	level->nlinks++;
}

/* the number of the key that a row belongs to */
static uint32
key_of_row(OrmLevel *level, const Datum *values)
{
	OrmStatement *statement = level->step->statement;
	Datum		key[INDEX_MAX_KEYS];

	if (statement->ordinal >= 0)
		return level->asked + DatumGetInt64(values[statement->ordinal]);
	for (int i = 0; i < statement->nmatch; i++)
		key[i] = values[statement->match[i]];
	return orm_key_set_find(level->keys, key);
}

/*
 * The rows of a key come together, those asked for and then those alike the
 * last of these in the order. False when these are too many to keep until the
 * key says which are in, or any where others would be loaded for them.
 */
static bool
takes_tie(OrmLevel *level, uint32 key)
{
	if (level->tied_key != key)
	{
		level->tied_key = key;
		level->of_tied_key = 0;
	}
	if (++level->of_tied_key <= level->step->statement->with_ties)
		return true;
	level->many_ties = level->nchildren > 0 || level->of_tied_key > level->step->statement->with_ties + MOST_TIES;
	if (level->many_ties)
		return false;
	/* in its place one is left out */
	level->spare++;
	--*level->loaded;
	return true;
}

bool
orm_level_add(OrmLevel *level, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(level->encoder->scratch);
	bool		more = true;

	if (level->step->relation == NULL)
		orm_level_print_row(level, values, nulls);
	else
	{
		uint32		key = key_of_row(level, values);

		if (unlikely(level->step->statement->with_ties > 0) && !level->many_ties)
			more = takes_tie(level, key);
		/* a range of keys may hold some that were asked for before */
		if (more && key > level->asked)
			link_row(level, row_for(level, values, nulls), key, values, nulls);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(level->encoder->scratch);
	return more;
}

/* ---- receiving ---- */

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	OrmLevel   *level = ((LevelReceiver *) self)->level;

	slot_getallattrs(slot);
	return orm_level_add(level, slot->tts_values, slot->tts_isnull);
}

static void
check_near_type(const OrmRelation *relation, Oid type, Oid wanted)
{
	if (type != wanted && getBaseType(type) != wanted)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("relation \"%s\" needs a key of type %s, not of type %s", relation->name,
						format_type_be(wanted), format_type_be(type))));
}

/* keys are passed on as what the relation below takes them for */
static void
check_near_types(OrmLevel *level, TupleDesc desc)
{
	for (int i = 0; i < level->nchildren; i++)
	{
		OrmLevel   *child = level->children[i];

		for (int k = 0; k < child->step->nnear; k++)
			check_near_type(child->step->relation, TupleDescAttr(desc, child->step->near[k])->atttypid,
							orm_relation_near_type(child->step->relation, k));
		if (child->guard)
			check_near_type(child->step->relation, TupleDescAttr(desc, child->step->near_type)->atttypid,
							child->guard->type);
	}
}

/*
 * Only now is it certain what the rows look like: the statement may have been
 * analysed anew since the level was made, also between two windows.
 */
static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	OrmLevel   *level = ((LevelReceiver *) self)->level;
	OrmStatement *statement = level->step->statement;

	if (!orm_row_encoder_fits(level->encoder, desc))
	{
		MemoryContext context = GetMemoryChunkContext(level);

		level->encoder = orm_row_encoder(desc, statement->columns, statement->ncolumns, context);
		level->identity = identity_of(statement, level->encoder, context);
	}
	check_near_types(level, desc);
}

static void
receiver_done(DestReceiver *self)
{
}

DestReceiver *
orm_level_receiver(OrmLevel *level, MemoryContext context)
{
	LevelReceiver *receiver = MemoryContextAllocZero(context, sizeof(LevelReceiver));

	receiver->pub.receiveSlot = receive;
	receiver->pub.rStartup = receiver_startup;
	receiver->pub.rShutdown = receiver_done;
	receiver->pub.rDestroy = receiver_done;
	receiver->pub.mydest = DestTuplestore;
	receiver->level = level;
	return &receiver->pub;
}

/* ---- assembly ---- */

static void
write_link(OrmLevel *level, int at, OrmBuffer *out)
{
	const OrmSlice *pivot;

	orm_level_write(level, level->links[at].row, out);
	if (level->encoder->npivots == 0)
		return;
	/* behind all else, inside the brace that was just written */
	pivot = &level->link_pivots[at];
	out->len--;
	if (out->data[out->len - 1] == '{')
		orm_buffer_append(out, "\"pivot\":", 8);
	else
		orm_buffer_append(out, ",\"pivot\":", 9);
	orm_buffer_append(out, level->pivots.data + pivot->start, pivot->len);
	orm_buffer_append_char(out, '}');
}

/*
 * Rows of one parent lie far apart when their table was read page by page: the
 * memory of several is asked for at once, not waited for one after the other.
 */
static void
fetch_ahead(const OrmLevel *level, int start, int end)
{
#ifdef __GNUC__
	int			n = Min(end - start, AHEAD);
	const OrmSlice *slices[AHEAD];

	if (level->text.len < LEAST_AHEAD)
		return;
	for (int i = 0; i < n; i++)
		slices[i] = &level->rows[level->links[level->ordered[start + i]].row];
	for (int i = 0; i < n; i++)
		for (Size at = 0; at < Min(slices[i]->len, AHEAD_BYTES); at += CACHE_LINE)
			__builtin_prefetch(level->text.data + slices[i]->start + at);
#endif
}

int
orm_level_first_row(const OrmLevel *level, int parent_row)
{
	uint32		key = level->parent_keys[parent_row];

	if (key == 0 || level->starts[key] == level->starts[key + 1])
		return -1;
	return level->links[level->ordered[level->starts[key]]].row;
}

void
orm_level_write_related(OrmLevel *level, int parent_row, OrmBuffer *out)
{
	uint32		key;
	int			start;
	int			end;

	/* a row is of one type only: of the branches at most one has a key for it */
	while (level->next_branch && level->parent_keys[parent_row] == 0)
		level = level->next_branch;
	key = level->parent_keys[parent_row];
	start = key > 0 ? level->starts[key] : 0;
	end = key > 0 ? level->starts[key + 1] : 0;
	if (level->tree)
	{
		orm_tree_write(level, parent_row, out);
		return;
	}
	if (!level->step->relation->to_many)
	{
		if (start == end)
			orm_buffer_append(out, "null", 4);
		else
			write_link(level, level->ordered[start], out);
		return;
	}
	orm_buffer_append_char(out, '[');
	for (int i = start; i < end; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > start)
			orm_buffer_append_char(out, ',');
		if ((i - start) % AHEAD == 0)
			fetch_ahead(level, i, end);
		write_link(level, level->ordered[i], out);
	}
	orm_buffer_append_char(out, ']');
}

void
orm_level_write_relation(OrmLevel *level, int parent_row, bool first, OrmBuffer *out)
{
	orm_buffer_append(out, level->label + first, level->label_len - first);
	orm_level_write_related(level, parent_row, out);
}

void
orm_level_write(OrmLevel *level, int row, OrmBuffer *out)
{
	const OrmSlice *slice = &level->rows[row];
	bool		first = slice->len == 1;

	check_stack_depth();
	orm_buffer_append(out, level->text.data + slice->start, slice->len);
	for (int i = 0; i < level->ntallied; i++)
	{
		orm_tally_write(level, i, row, first, out);
		first = false;
	}
	for (int i = level->ntallies; i < level->nchildren; i++)
	{
		if (level->children[i]->follows)
			continue;
		orm_level_write_relation(level->children[i], row, first, out);
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
