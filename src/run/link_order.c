/*
 * link_order.c
 *	  Puts the rows of a batch in order, parent by parent.
 *
 * What has come and where it belongs is hydrator.c's; here nothing is printed.
 */
#include "base/compat.h"

#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "run/array.h"
#include "run/link_order.h"

static int
compare_links(const void *a, const void *b, void *arg)
{
	const OrmLevel *level = arg;
	int			nsort = level->step->statement->nsort;
	int			left = *(const int *) a * nsort;
	int			right = *(const int *) b * nsort;

	for (int i = 0; i < nsort; i++)
	{
		int			order = ApplySortComparator(level->link_sort[left + i], level->link_sort_nulls[left + i],
												level->link_sort[right + i], level->link_sort_nulls[right + i],
												&level->sort[i]);

		if (order != 0)
			return order;
	}
	return *(const int *) a - *(const int *) b;
}

/* the links of one key, most often in order already */
static void
sort_links(OrmLevel *level, int start, int end)
{
	for (int i = start + 1; i < end; i++)
		if (compare_links(&level->ordered[i - 1], &level->ordered[i], level) > 0)
		{
			qsort_arg(level->ordered + start, end - start, sizeof(int), compare_links, level);
			return;
		}
}

static void
prepare_sort(OrmLevel *level)
{
	OrmStatement *statement = level->step->statement;
	MemoryContext context = GetMemoryChunkContext(level);

	level->sort = MemoryContextAllocZero(context, sizeof(SortSupportData) * statement->nsort);
	for (int i = 0; i < statement->nsort; i++)
	{
		SortSupport sort = &level->sort[i];
		Oid			type = getBaseType(level->encoder->types[statement->sort[i].column]);

		sort->ssup_cxt = context;
		sort->ssup_collation = InvalidOid;
		sort->ssup_nulls_first = statement->sort[i].nulls_first;
		PrepareSortSupportFromOrderingOp(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr, sort);
		sort->ssup_reverse = statement->sort[i].descending;
	}
}

/* the last rows before a cursor come backwards */
static void
turn_round(int *links, int n)
{
	for (int i = 0, k = n - 1; i < k; i++, k--)
	{
		int			link = links[i];

		links[i] = links[k];
		links[k] = link;
	}
}

/* leaves each key its first rows, as many as were asked for */
static void
cut_ties(OrmLevel *level)
{
	int			end = 0;

	for (int key = 1; key <= level->keys->nkeys; key++)
	{
		int			start = level->starts[key];
		int			n = Min(level->starts[key + 1] - start, level->step->statement->with_ties);

		memmove(level->ordered + end, level->ordered + start, sizeof(int) * n);
		level->starts[key] = end;
		end += n;
	}
	level->starts[level->keys->nkeys + 1] = end;
}

/*
 * A counting sort by key, stable, so that rows stay in the order in which the
 * statement gave them; then, where the statement has left that to us, by the
 * target's key among the rows of one parent.
 */
void
orm_level_order_links(OrmLevel *level)
{
	MemoryContext context = GetMemoryChunkContext(level);
	int			nkeys = level->keys->nkeys;
	int			total = 0;

	ENSURE(context, level->starts, level->maxstarts, nkeys + 1, 64);
	ENSURE(context, level->ordered, level->maxordered, level->nlinks, 64);
	memset(level->starts, 0, sizeof(int) * (nkeys + 2));
	for (int i = 0; i < level->nlinks; i++)
		level->starts[level->links[i].key]++;
	/* from counts to ends: the pass below walks backwards from them */
	for (int key = 1; key <= nkeys; key++)
	{
		total += level->starts[key];
		level->starts[key] = total;
	}
	for (int i = level->nlinks - 1; i >= 0; i--)
		level->ordered[--level->starts[level->links[i].key]] = i;
	level->starts[nkeys + 1] = total;
	if (level->step->query->reversed)
		for (int key = 1; key <= nkeys; key++)
			turn_round(level->ordered + level->starts[key], level->starts[key + 1] - level->starts[key]);
	if (level->step->statement->nsort == 0)
		return;
	if (level->sort == NULL)
		prepare_sort(level);
	for (int key = 1; key <= nkeys; key++)
	{
		CHECK_FOR_INTERRUPTS();
		sort_links(level, level->starts[key], level->starts[key + 1]);
	}
	if (level->spare > 0)
		cut_ties(level);
}
