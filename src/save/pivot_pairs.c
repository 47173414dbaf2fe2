/*
 * pivot_pairs.c
 *	  Finds pairs that are asked for more than once. Equal are those whose values
 *	  have the same image: they come from rows.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "model/model_cache.h"
#include "save/pivot_pairs.h"

static void
describe_column(OrmPivotColumn *column, Oid relid, AttrNumber attnum)
{
	column->type = get_atttype(relid, attnum);
	column->base = getBaseType(column->type);
	get_typlenbyval(column->base, &column->len, &column->byval);
}

OrmPivotColumns *
orm_pivot_columns(const OrmRelation *relation)
{
	OrmPivotColumns *columns = palloc(sizeof(OrmPivotColumns));

	columns->pivots = palloc(sizeof(OrmPivotColumn) * (relation->npivots + 1));
	for (int i = 0; i < relation->npivots; i++)
		describe_column(&columns->pivots[i], relation->through, relation->pivot_attnums[i]);
	columns->targets = palloc(sizeof(OrmPivotColumn) * (relation->nfar_links + 1));
	for (int i = 0; i < relation->nfar_links; i++)
		describe_column(&columns->targets[i], relation->target, relation->far_links[i].far_attnum);
	return columns;
}

typedef struct PairKey
{
	const OrmPivotWrite *write;
	const OrmPivotColumns *columns;
	int			pair;
} PairKey;

static uint32
hash_pair(const void *key, Size size)
{
	const PairKey *k = key;
	OrmPivotPair *pair = &k->write->pairs[k->pair];
	uint32		hash = hash_uint32((uint32) pair->owner);

	for (int i = 0; i < k->write->relation->nfar_links; i++)
		hash = hash_combine(hash, datum_image_hash(pair->target[i], k->columns->targets[i].byval,
												   k->columns->targets[i].len));
	return hash;
}

static int
match_pair(const void *a, const void *b, Size size)
{
	const PairKey *k = a;
	OrmPivotPair *left = &k->write->pairs[k->pair];
	OrmPivotPair *right = &k->write->pairs[((const PairKey *) b)->pair];

	if (left->owner != right->owner)
		return 1;
	for (int i = 0; i < k->write->relation->nfar_links; i++)
		if (!datum_image_eq(left->target[i], right->target[i], k->columns->targets[i].byval,
							k->columns->targets[i].len))
			return 1;
	return 0;
}

static bool
same_pivots(const OrmPivotWrite *write, const OrmPivotColumns *columns, const OrmPivotPair *a, const OrmPivotPair *b)
{
	for (int i = 0; i < write->relation->npivots; i++)
	{
		if (orm_pivot_given(a, i) != orm_pivot_given(b, i))
			return false;
		if (!orm_pivot_given(a, i))
			continue;
		if (a->nulls[i] != b->nulls[i] ||
			(!a->nulls[i] && !datum_image_eq(a->pivots[i], b->pivots[i], columns->pivots[i].byval, columns->pivots[i].len)))
			return false;
	}
	return true;
}

static const char *
place_of(const OrmPivotWrite *write, const OrmPivotPair *pair)
{
	return pair->place ? pair->place : write->place(write, pair - write->pairs);
}

static void
unequal_pairs(const OrmPivotWrite *write, const OrmPivotPair *first, const OrmPivotPair *second)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("relation \"%s\" of entity \"%s\" names the same \"%s\" twice, and says different things of it",
					write->relation->name, write->entity->name, orm_model_by_relid(write->relation->target, false)->name),
			 errdetail_internal("%sIt was named before. %sThis was the first time.", place_of(write, second),
							   place_of(write, first)),
			 errhint("Name it once, or with equal pivot values.")));
}

void
orm_pivot_find_equal(OrmPivotWrite *write, const OrmPivotColumns *columns)
{
	HASHCTL		info = {0};
	HTAB	   *seen;

	info.keysize = sizeof(PairKey);
	info.entrysize = sizeof(PairKey);
	info.hash = hash_pair;
	info.match = match_pair;
	info.hcxt = CurrentMemoryContext;
	seen = hash_create("orm pairs", Max(write->npairs, 16), &info,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	for (int i = 0; i < write->npairs; i++)
	{
		OrmPivotPair *pair = &write->pairs[i];
		PairKey		key = {write, columns, i};
		bool		found;
		PairKey    *entry = hash_search(seen, &key, HASH_ENTER, &found);

		pair->outcome = ORM_PIVOT_UNCHANGED;
		pair->same_as = found ? entry->pair : -1;
		if (!found)
			continue;
		if (pair->remove != write->pairs[entry->pair].remove ||
			!same_pivots(write, columns, &write->pairs[entry->pair], pair))
			unequal_pairs(write, &write->pairs[entry->pair], pair);
	}
	hash_destroy(seen);
}
