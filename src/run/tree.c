/*
 * tree.c
 *	  Follows rows of a tree, and writes them nested or as a list.
 *
 * A row is known again by the number of its own key. Downward that is the key
 * by which rows find it as their parent; upward it is a column besides. So data
 * that goes round in a circle ends, at the row that is there already.
 *
 * Writing does not call itself for what is below a row: how deep data is must
 * not depend on the stack.
 */
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/sortsupport.h"
#include "utils/typcache.h"

#include "run/array.h"
#include "run/tree.h"

/* a row whose followers are being written */
typedef struct Frame
{
	int			at;				/* the next of its links, in "ordered" */
	int			end;
	uint32		id;
	bool		written;		/* one was */
} Frame;

/* an element of a list */
typedef struct Entry
{
	int			link;
	int			parent;			/* the entry that it follows; -1: it starts the list */
} Entry;

struct OrmTreeLevel
{
	const OrmTree *asked;
	const OrmTreeColumns *columns;
	MemoryContext context;
	char	   *label;			/* ,"children": */
	int			label_len;

	int			maxnext;
	uint32	   *next;			/* by row: number of the key of its followers; 0: it has none */
	int			maxkept;
	bool	   *kept;			/* by row, where some are left out of the list */

	/* upward: own keys */
	OrmKeySet  *ids;
	int			maxown;
	uint32	   *own;			/* by row */
	int			nroots;
	int			maxroots;
	uint32	   *roots;			/* by row of the level above */

	/* by number of an own key: the walk that has been there, or is there now */
	int			maxseen;
	uint32	   *seen;
	uint32		walk;

	int			maxframes;
	Frame	   *frames;
	int			nentries;
	int			maxentries;
	Entry	   *entries;

	/* a list: what its rows are sorted by, nsort each */
	MemoryContext sort_context;
	int			maxsort;
	Datum	   *sort_values;
	int			maxsort_nulls;
	bool	   *sort_nulls;
	SortSupport sort;
};

/* ---- rows ---- */

static OrmKeySet *
own_keys(const OrmLevel *level, MemoryContext context)
{
	const OrmTreeColumns *columns = level->step->tree;
	Oid			types[INDEX_MAX_KEYS];

	for (int i = 0; i < columns->nlinks; i++)
		types[i] = getBaseType(level->encoder->types[columns->own[i]]);
	return orm_key_set_new(columns->nlinks, types, context);
}

void
orm_tree_init(OrmLevel *level, MemoryContext context)
{
	const OrmTree *asked = level->step->query->tree;
	OrmTreeLevel *tree;

	if (asked == NULL || level->step->tree == NULL)
		return;
	tree = MemoryContextAllocZero(context, sizeof(OrmTreeLevel));
	tree->asked = asked;
	tree->columns = level->step->tree;
	tree->context = context;
	if (asked->nested)
		tree->label = orm_row_label(asked->nested, context, &tree->label_len);
	if (tree->columns->own)
		tree->ids = own_keys(level, context);
	if (tree->columns->nsort > 0)
		tree->sort_context = AllocSetContextCreate(context, "orm tree", ALLOCSET_DEFAULT_SIZES);
	level->tree = tree;
}

void
orm_tree_reset(OrmLevel *level)
{
	OrmTreeLevel *tree = level->tree;

	tree->nroots = 0;
	if (tree->ids)
		orm_key_set_reset(tree->ids);
	if (tree->sort_context)
		MemoryContextReset(tree->sort_context);
}

bool
orm_tree_wants_root(const OrmLevel *level)
{
	return level->tree != NULL && level->tree->ids != NULL;
}

void
orm_tree_note_root(OrmLevel *level, int parent_row, const Datum *key, const bool *nulls)
{
	OrmTreeLevel *tree = level->tree;

	ENSURE(tree->context, tree->roots, tree->maxroots, parent_row, 64);
	while (tree->nroots <= parent_row)
		tree->roots[tree->nroots++] = 0;
	tree->roots[parent_row] = orm_key_set_add(tree->ids, key, nulls);
}

static void
pick(int n, const int *columns, const Datum *values, const bool *nulls, Datum *key, bool *null)
{
	for (int i = 0; i < n; i++)
	{
		key[i] = values[columns[i]];
		null[i] = nulls[columns[i]];
	}
}

void
orm_tree_note_row(OrmLevel *level, int parent_row, const Datum *values, const bool *nulls)
{
	const OrmTreeColumns *columns = level->tree->columns;
	Datum		key[INDEX_MAX_KEYS];
	bool		null[INDEX_MAX_KEYS];

	if (columns->root == NULL)
		return;
	pick(columns->nlinks, columns->root, values, nulls, key, null);
	orm_tree_note_root(level, parent_row, key, null);
}

static void
note_next(OrmLevel *level, int row, const Datum *values, const bool *nulls)
{
	OrmTreeLevel *tree = level->tree;
	Datum		key[INDEX_MAX_KEYS];
	bool		null[INDEX_MAX_KEYS];

	pick(tree->columns->nlinks, tree->columns->next, values, nulls, key, null);
	ENSURE(tree->context, tree->next, tree->maxnext, row, 64);
	tree->next[row] = orm_key_set_add(level->keys, key, null);
	if (tree->ids == NULL)
		return;
	pick(tree->columns->nlinks, tree->columns->own, values, nulls, key, null);
	ENSURE(tree->context, tree->own, tree->maxown, row, 64);
	tree->own[row] = orm_key_set_add(tree->ids, key, null);
}

static void
note_sort(OrmLevel *level, int row, const Datum *values, const bool *nulls)
{
	OrmTreeLevel *tree = level->tree;
	int			nsort = tree->columns->nsort;
	MemoryContext old = MemoryContextSwitchTo(tree->sort_context);

	ENSURE(tree->context, tree->sort_values, tree->maxsort, (row + 1) * nsort - 1, 64);
	ENSURE(tree->context, tree->sort_nulls, tree->maxsort_nulls, (row + 1) * nsort - 1, 64);
	for (int i = 0; i < nsort; i++)
	{
		int			column = tree->columns->sort[i];
		int			at = row * nsort + i;
		int16		len;
		bool		byval;

		get_typlenbyval(level->encoder->types[column], &len, &byval);
		tree->sort_nulls[at] = nulls[column];
		if (!nulls[column])
			tree->sort_values[at] = datumCopy(values[column], byval, len);
	}
	MemoryContextSwitchTo(old);
}

int
orm_tree_row(OrmLevel *level, const Datum *values, const bool *nulls)
{
	OrmTreeLevel *tree = level->tree;
	int			keep = tree->columns->keep;
	bool		kept = keep < 0 || (!nulls[keep] && DatumGetBool(values[keep]));
	int			row = kept ? orm_level_print_row(level, values, nulls) : orm_level_skip_row(level);

	if (keep >= 0)
	{
		ENSURE(tree->context, tree->kept, tree->maxkept, row, 64);
		tree->kept[row] = kept;
	}
	if (tree->sort_context)
		note_sort(level, row, values, nulls);
	note_next(level, row, values, nulls);
	return row;
}

bool
orm_tree_goes_on(const OrmLevel *level, int rounds)
{
	return level->keys->nkeys > level->asked && rounds < level->tree->asked->depth;
}

void
orm_tree_loaded(OrmLevel *level)
{
	OrmTreeLevel *tree = level->tree;
	int			nkeys = tree->ids ? tree->ids->nkeys : level->keys->nkeys;

	ENSURE(tree->context, tree->seen, tree->maxseen, nkeys, 64);
	memset(tree->seen, 0, sizeof(uint32) * (nkeys + 1));
	tree->walk = 0;
}

/* ---- walking ---- */

/* by what the row of a link is known again; 0: by nothing */
static uint32
id_of(const OrmLevel *level, int link)
{
	const OrmTreeLevel *tree = level->tree;

	return (tree->ids ? tree->own : tree->next)[level->links[link].row];
}

static uint32
root_id(const OrmLevel *level, int parent_row)
{
	const OrmTreeLevel *tree = level->tree;

	if (tree->ids == NULL)
		return level->parent_keys[parent_row];
	return parent_row < tree->nroots ? tree->roots[parent_row] : 0;
}

/* the links of a key, in "ordered" */
static void
links_of(const OrmLevel *level, uint32 key, int *start, int *end)
{
	*start = key > 0 ? level->starts[key] : 0;
	*end = key > 0 ? level->starts[key + 1] : 0;
	if (level->tree->asked->single)
		*end = Min(*end, *start + 1);
}

/* a row with all that was loaded for it, its brace left open */
static void
open_element(OrmLevel *level, int link, OrmBuffer *out)
{
	orm_level_write(level, level->links[link].row, out);
	out->len--;
}

/* ,"name": without the comma where it is the first */
static void
append_label(OrmBuffer *out, const char *label, int len)
{
	bool		first = out->data[out->len - 1] == '{';

	orm_buffer_append(out, label + first, len - first);
}

static void
append_cycle(OrmBuffer *out)
{
	append_label(out, ",\"cycle\":", 9);
	orm_buffer_append(out, "true", 4);
}

/* ---- nested ---- */

/* how deep the frame stands that was pushed: the depth of the rows in it */
static int
push(OrmLevel *level, int depth, uint32 key, uint32 id, OrmBuffer *out)
{
	OrmTreeLevel *tree = level->tree;
	Frame	   *frame;

	ENSURE(tree->context, tree->frames, tree->maxframes, depth, 16);
	frame = &tree->frames[depth];
	links_of(level, key, &frame->at, &frame->end);
	frame->id = id;
	frame->written = false;
	if (id > 0)
		tree->seen[id] = tree->walk;
	if (!tree->asked->single)
		orm_buffer_append_char(out, '[');
	return depth + 1;
}

static int
pop(OrmTreeLevel *tree, int depth, OrmBuffer *out)
{
	Frame	   *frame = &tree->frames[depth - 1];

	if (!tree->asked->single)
		orm_buffer_append_char(out, ']');
	else if (!frame->written)
		orm_buffer_append(out, "null", 4);
	if (frame->id > 0)
		tree->seen[frame->id] = 0;
	/* the row that these followed is complete */
	if (depth > 1)
		orm_buffer_append_char(out, '}');
	return depth - 1;
}

static void
write_nested(OrmLevel *level, uint32 key, uint32 root, OrmBuffer *out)
{
	OrmTreeLevel *tree = level->tree;
	int			depth = push(level, 0, key, root, out);

	while (depth > 0)
	{
		Frame	   *frame = &tree->frames[depth - 1];
		int			link;
		uint32		id;
		bool		cycle;

		CHECK_FOR_INTERRUPTS();
		if (frame->at == frame->end)
		{
			depth = pop(tree, depth, out);
			continue;
		}
		if (frame->written)
			orm_buffer_append_char(out, ',');
		frame->written = true;
		link = level->ordered[frame->at++];
		id = id_of(level, link);
		cycle = id > 0 && tree->seen[id] == tree->walk;
		open_element(level, link, out);
		if (cycle)
			append_cycle(out);
		if (cycle || depth >= tree->asked->depth)
		{
			orm_buffer_append_char(out, '}');
			continue;
		}
		append_label(out, tree->label, tree->label_len);
		depth = push(level, depth, tree->next[level->links[link].row], id, out);
	}
}

/* ---- a list ---- */

static void
prepare_sort(OrmLevel *level)
{
	OrmTreeLevel *tree = level->tree;
	const OrmTreeColumns *columns = tree->columns;
	TupleDesc	desc = level->plan->source->resultDesc;

	tree->sort = MemoryContextAllocZero(tree->context, sizeof(SortSupportData) * columns->nsort);
	for (int i = 0; i < columns->nsort; i++)
	{
		SortSupport sort = &tree->sort[i];
		TypeCacheEntry *type = lookup_type_cache(getBaseType(level->encoder->types[columns->sort[i]]),
												 TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);

		sort->ssup_cxt = tree->context;
		sort->ssup_collation = TupleDescAttr(desc, columns->sort[i])->attcollation;
		sort->ssup_nulls_first = columns->nulls_first[i];
		PrepareSortSupportFromOrderingOp(columns->descending[i] ? type->gt_opr : type->lt_opr, sort);
	}
}

static int
compare_entries(const void *a, const void *b, void *arg)
{
	const OrmLevel *level = arg;
	const OrmTreeLevel *tree = level->tree;
	int			nsort = tree->columns->nsort;
	int			left = level->links[((const Entry *) a)->link].row * nsort;
	int			right = level->links[((const Entry *) b)->link].row * nsort;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < nsort; i++)
	{
		int			order = ApplySortComparator(tree->sort_values[left + i], tree->sort_nulls[left + i],
												tree->sort_values[right + i], tree->sort_nulls[right + i],
												&tree->sort[i]);

		if (order != 0)
			return order;
	}
	return ((const Entry *) a)->link - ((const Entry *) b)->link;
}

/* the entries of one depth, most often in order already */
static void
sort_entries(OrmLevel *level, int start)
{
	OrmTreeLevel *tree = level->tree;

	if (tree->sort_context == NULL)
		return;
	if (tree->sort == NULL)
		prepare_sort(level);
	for (int i = start + 1; i < tree->nentries; i++)
		if (compare_entries(&tree->entries[i - 1], &tree->entries[i], level) > 0)
		{
			qsort_arg(tree->entries + start, tree->nentries - start, sizeof(Entry), compare_entries, level);
			return;
		}
}

static void
add_entries(OrmLevel *level, uint32 key, int parent)
{
	OrmTreeLevel *tree = level->tree;
	int			start;
	int			end;

	links_of(level, key, &start, &end);
	for (int i = start; i < end; i++)
	{
		ENSURE(tree->context, tree->entries, tree->maxentries, tree->nentries, 64);
		tree->entries[tree->nentries].link = level->ordered[i];
		tree->entries[tree->nentries++].parent = parent;
	}
}

/* does an entry follow itself? */
static bool
is_cycle(const OrmLevel *level, int entry, uint32 id, uint32 root)
{
	const OrmTreeLevel *tree = level->tree;

	if (id == root)
		return true;
	for (int up = tree->entries[entry].parent; up >= 0; up = tree->entries[up].parent)
	{
		CHECK_FOR_INTERRUPTS();
		if (id_of(level, tree->entries[up].link) == id)
			return true;
	}
	return false;
}

static void
write_entry(OrmLevel *level, int entry, int depth, bool cycle, OrmBuffer *out)
{
	char		number[16];

	if (out->data[out->len - 1] != '[')
		orm_buffer_append_char(out, ',');
	open_element(level, level->tree->entries[entry].link, out);
	append_label(out, ",\"depth\":", 9);
	orm_buffer_append(out, number, snprintf(number, sizeof(number), "%d", depth));
	if (cycle)
		append_cycle(out);
	orm_buffer_append_char(out, '}');
}

/*
 * Depth by depth, and those of one depth in the order asked for. A row that can
 * be reached on two ways, which no key forbids over a view, comes once.
 */
static void
write_list(OrmLevel *level, uint32 key, uint32 root, OrmBuffer *out)
{
	OrmTreeLevel *tree = level->tree;
	int64		skip = tree->asked->offset;
	int64		left = tree->asked->limit < 0 ? PG_INT64_MAX : tree->asked->limit;
	int			entry = 0;

	tree->nentries = 0;
	add_entries(level, key, -1);
	for (int depth = 1; entry < tree->nentries && depth <= tree->asked->depth && left > 0; depth++)
	{
		int			end = tree->nentries;

		sort_entries(level, entry);
		for (; entry < end && left > 0; entry++)
		{
			int			link = tree->entries[entry].link;
			int			row = level->links[link].row;
			uint32		id = id_of(level, link);
			bool		again = id > 0 && (id == root || tree->seen[id] == tree->walk);
			bool		cycle = again && is_cycle(level, entry, id, root);

			CHECK_FOR_INTERRUPTS();
			if (again && !cycle)
				continue;
			if (id > 0)
				tree->seen[id] = tree->walk;
			if (!cycle && depth < tree->asked->depth)
				add_entries(level, tree->next[row], entry);
			if (tree->columns->keep >= 0 && !tree->kept[row])
				continue;
			if (skip > 0)
				skip--;
			else
			{
				write_entry(level, entry, depth, cycle, out);
				left--;
			}
		}
	}
}

void
orm_tree_write(OrmLevel *level, int parent_row, OrmBuffer *out)
{
	OrmTreeLevel *tree = level->tree;
	uint32		key = level->parent_keys[parent_row];
	uint32		root = root_id(level, parent_row);

	tree->walk++;
	if (tree->asked->flat)
	{
		orm_buffer_append_char(out, '[');
		write_list(level, key, root, out);
		orm_buffer_append_char(out, ']');
	}
	else if (tree->asked->depth == 0)
		orm_buffer_append(out, tree->asked->single ? "null" : "[]", tree->asked->single ? 4 : 2);
	else
		write_nested(level, key, root, out);
}
