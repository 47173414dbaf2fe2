/*
 * key_index.h
 *	  Keys that are found again by value, as the type's own "=" sees it.
 *
 * For keys that meet without a statement: 1.0 finds 1.00, and what a collation
 * takes for equal is. run/key_set goes by bytes, since there a statement
 * matches.
 */
#ifndef ORM_RUN_KEY_INDEX_H
#define ORM_RUN_KEY_INDEX_H

#include "base/compat.h"

typedef struct OrmKeyIndex OrmKeyIndex;

/* empty, in "context"; the types are base types */
extern OrmKeyIndex *orm_key_index_new(int ncolumns, const Oid *types, const Oid *collations, MemoryContext context);

/* the number of a key, from 0: that of an equal one, or a new one for a copy of it */
extern int	orm_key_index_add(OrmKeyIndex *index, const Datum *key, bool *is_new);

/* the number of a key that is there, or -1 */
extern int	orm_key_index_find(const OrmKeyIndex *index, const Datum *key);

/* one column of the key of that number */
extern Datum orm_key_index_value(const OrmKeyIndex *index, int number, int column);

extern int	orm_key_index_count(const OrmKeyIndex *index);

#endif							/* ORM_RUN_KEY_INDEX_H */
