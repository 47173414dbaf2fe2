/*
 * key_set.c
 *	  An open-addressing table over the bytes of keys.
 *
 * simplehash.h and dynahash want keys of one fixed size; these are columns of
 * any types. Linear probing, at most half full.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "run/key_set.h"

#define FIRST_KEYS		64

OrmKeySet *
orm_key_set_new(int ncolumns, const Oid *types, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmKeySet  *set = palloc0(sizeof(OrmKeySet));

	set->context = context;
	set->values_context = AllocSetContextCreate(context, "orm keys", ALLOCSET_SMALL_SIZES);
	set->ncolumns = ncolumns;
	set->types = palloc(sizeof(Oid) * ncolumns);
	set->typlen = palloc(sizeof(int16) * ncolumns);
	set->typbyval = palloc(sizeof(bool) * ncolumns);
	set->typalign = palloc(sizeof(char) * ncolumns);
	set->values = palloc0(sizeof(Datum *) * ncolumns);
	for (int i = 0; i < ncolumns; i++)
	{
		set->types[i] = types[i];
		get_typlenbyvalalign(types[i], &set->typlen[i], &set->typbyval[i], &set->typalign[i]);
	}
	MemoryContextSwitchTo(old);
	return set;
}

void
orm_key_set_reset(OrmKeySet *set)
{
	if (set->nkeys > 0)
		memset(set->buckets, 0, sizeof(uint32) * set->nbuckets);
	set->nkeys = 0;
	MemoryContextReset(set->values_context);
}

static inline uint32
hash_column(const OrmKeySet *set, int column, Datum value)
{
	if (set->typbyval[column])
		return (uint32) murmurhash32((uint32) value ^ (uint32) ((uint64) value >> 32));
	return datum_image_hash(value, false, set->typlen[column]);
}

static inline uint32
hash_values(const OrmKeySet *set, const Datum *values)
{
	uint32		hash = hash_column(set, 0, values[0]);

	for (int i = 1; i < set->ncolumns; i++)
		hash = hash_combine(hash, hash_column(set, i, values[i]));
	return hash;
}

static inline bool
same_key(const OrmKeySet *set, uint32 key, const Datum *values)
{
	for (int i = 0; i < set->ncolumns; i++)
	{
		Datum		other = set->values[i][key];

		if (set->typbyval[i] ? other != values[i]
			: !datum_image_eq(other, values[i], false, set->typlen[i]))
			return false;
	}
	return true;
}

static void
grow(OrmKeySet *set)
{
	int			max = set->maxkeys == 0 ? FIRST_KEYS : set->maxkeys * 2;

	for (int i = 0; i < set->ncolumns; i++)
	{
		if (set->values[i] == NULL)
			set->values[i] = MemoryContextAllocHuge(set->context, sizeof(Datum) * max);
		else
			set->values[i] = repalloc_huge(set->values[i], sizeof(Datum) * max);
	}
	if (set->hashes == NULL)
		set->hashes = MemoryContextAllocHuge(set->context, sizeof(uint32) * max);
	else
	{
		set->hashes = repalloc_huge(set->hashes, sizeof(uint32) * max);
		pfree(set->buckets);
	}
	set->maxkeys = max;
	set->nbuckets = (uint32) max * 2;
	set->buckets = MemoryContextAllocExtended(set->context, sizeof(uint32) * set->nbuckets,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < set->nkeys; i++)
	{
		uint32		at = set->hashes[i] & (set->nbuckets - 1);

		while (set->buckets[at] != 0)
			at = (at + 1) & (set->nbuckets - 1);
		set->buckets[at] = i + 1;
	}
}

uint32
orm_key_set_find(const OrmKeySet *set, const Datum *values)
{
	uint32		hash = hash_values(set, values);
	uint32		key;

	for (uint32 at = hash & (set->nbuckets - 1); (key = set->buckets[at]) != 0; at = (at + 1) & (set->nbuckets - 1))
		if (set->hashes[key - 1] == hash && same_key(set, key - 1, values))
			return key;
	return 0;
}

uint32
orm_key_set_intern(OrmKeySet *set, const Datum *values, bool *is_new)
{
	uint32		hash = hash_values(set, values);
	uint32		at;

	if (set->nkeys == set->maxkeys)
		grow(set);
	for (at = hash & (set->nbuckets - 1); set->buckets[at] != 0; at = (at + 1) & (set->nbuckets - 1))
	{
		uint32		key = set->buckets[at];

		if (set->hashes[key - 1] == hash && same_key(set, key - 1, values))
		{
			*is_new = false;
			return key;
		}
	}
	for (int i = 0; i < set->ncolumns; i++)
	{
		if (set->typbyval[i])
			set->values[i][set->nkeys] = values[i];
		else
		{
			MemoryContext old = MemoryContextSwitchTo(set->values_context);

			set->values[i][set->nkeys] = set->typlen[i] == -1
				? PointerGetDatum(PG_DETOAST_DATUM_COPY(values[i]))
				: datumCopy(values[i], false, set->typlen[i]);
			MemoryContextSwitchTo(old);
		}
	}
	set->hashes[set->nkeys] = hash;
	set->buckets[at] = ++set->nkeys;
	*is_new = true;
	return set->nkeys;
}

uint32
orm_key_set_add(OrmKeySet *set, const Datum *values, const bool *nulls)
{
	bool		is_new;

	for (int i = 0; i < set->ncolumns; i++)
		if (nulls[i])
			return 0;
	return orm_key_set_intern(set, values, &is_new);
}

Datum
orm_key_set_array(const OrmKeySet *set, int column, int first)
{
	return PointerGetDatum(construct_array(set->values[column] + first, set->nkeys - first, set->types[column],
										   set->typlen[column], set->typbyval[column],
										   set->typalign[column]));
}
