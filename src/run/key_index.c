/*
 * key_index.c
 *	  A hash table of keys over the hash and equality functions of their types.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "run/key_index.h"

#define FIRST_KEYS	16

typedef struct KeyColumn
{
	Oid			collation;
	TypeCacheEntry *type;
	Datum	   *values;
} KeyColumn;

struct OrmKeyIndex
{
	MemoryContext context;
	int			ncolumns;
	KeyColumn  *columns;
	int			n;
	int			max;
	uint32	   *hashes;
	uint32		nbuckets;		/* power of two */
	int		   *buckets;		/* number of a key, -1: free */
};

OrmKeyIndex *
orm_key_index_new(int ncolumns, const Oid *types, const Oid *collations, MemoryContext context)
{
	OrmKeyIndex *index = MemoryContextAllocZero(context, sizeof(OrmKeyIndex));

	index->context = context;
	index->ncolumns = ncolumns;
	index->columns = MemoryContextAllocZero(context, sizeof(KeyColumn) * ncolumns);
	for (int i = 0; i < ncolumns; i++)
	{
		KeyColumn  *column = &index->columns[i];

		column->collation = collations[i];
		column->type = lookup_type_cache(types[i], TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(column->type->eq_opr_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("could not identify an equality operator for type %s", format_type_be(types[i]))));
	}
	return index;
}

static uint32
hash_key(const OrmKeyIndex *index, const Datum *key)
{
	uint32		hash = 0;

	for (int i = 0; i < index->ncolumns; i++)
	{
		KeyColumn  *column = &index->columns[i];

		/* a type that can't be hashed is compared key by key */
		if (OidIsValid(column->type->hash_proc_finfo.fn_oid))
			hash = hash_combine(hash, DatumGetUInt32(FunctionCall1Coll(&column->type->hash_proc_finfo,
																	   column->collation, key[i])));
	}
	return hash;
}

static bool
same_key(const OrmKeyIndex *index, int number, const Datum *key)
{
	for (int i = 0; i < index->ncolumns; i++)
	{
		KeyColumn  *column = &index->columns[i];

		if (!DatumGetBool(FunctionCall2Coll(&column->type->eq_opr_finfo, column->collation,
											column->values[number], key[i])))
			return false;
	}
	return true;
}

static void
put_in_bucket(OrmKeyIndex *index, int number)
{
	uint32		at = index->hashes[number] & (index->nbuckets - 1);

	while (index->buckets[at] >= 0)
		at = (at + 1) & (index->nbuckets - 1);
	index->buckets[at] = number;
}

static void
grow(OrmKeyIndex *index)
{
	int			max = index->max == 0 ? FIRST_KEYS : index->max * 2;

	for (int i = 0; i < index->ncolumns; i++)
		index->columns[i].values = index->max == 0
			? MemoryContextAllocHuge(index->context, sizeof(Datum) * max)
			: repalloc_huge(index->columns[i].values, sizeof(Datum) * max);
	index->hashes = index->max == 0 ? MemoryContextAllocHuge(index->context, sizeof(uint32) * max)
		: repalloc_huge(index->hashes, sizeof(uint32) * max);
	if (index->buckets)
		pfree(index->buckets);
	index->max = max;
	index->nbuckets = (uint32) max * 2;
	index->buckets = MemoryContextAllocHuge(index->context, sizeof(int) * index->nbuckets);
	memset(index->buckets, -1, sizeof(int) * index->nbuckets);
	for (int i = 0; i < index->n; i++)
		put_in_bucket(index, i);
}

static int
find(const OrmKeyIndex *index, const Datum *key, uint32 hash)
{
	int			number;

	if (index->n == 0)
		return -1;
	for (uint32 at = hash & (index->nbuckets - 1); (number = index->buckets[at]) >= 0;
		 at = (at + 1) & (index->nbuckets - 1))
		if (index->hashes[number] == hash && same_key(index, number, key))
			return number;
	return -1;
}

int
orm_key_index_find(const OrmKeyIndex *index, const Datum *key)
{
	return find(index, key, hash_key(index, key));
}

int
orm_key_index_add(OrmKeyIndex *index, const Datum *key, bool *is_new)
{
	uint32		hash = hash_key(index, key);
	int			number = find(index, key, hash);
	MemoryContext old;

	*is_new = number < 0;
	if (number >= 0)
		return number;
	if (index->n == index->max)
		grow(index);
	old = MemoryContextSwitchTo(index->context);
	for (int i = 0; i < index->ncolumns; i++)
	{
		TypeCacheEntry *type = index->columns[i].type;

		index->columns[i].values[index->n] = type->typlen == -1 ? PointerGetDatum(PG_DETOAST_DATUM_COPY(key[i]))
			: datumCopy(key[i], type->typbyval, type->typlen);
	}
	MemoryContextSwitchTo(old);
	index->hashes[index->n] = hash;
	put_in_bucket(index, index->n);
	return index->n++;
}

Datum
orm_key_index_value(const OrmKeyIndex *index, int number, int column)
{
	return index->columns[column].values[number];
}

int
orm_key_index_count(const OrmKeyIndex *index)
{
	return index->n;
}
