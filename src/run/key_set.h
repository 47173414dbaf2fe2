/*
 * key_set.h
 *	  The distinct keys of a window, in the order in which they were met.
 *
 * Keys that have the same bytes are one. Keys that are equal by the type's
 * operator but differ in bytes stay two: the statement that looks for them
 * matches each by the server's own "=", so nothing is missed or given twice.
 */
#ifndef ORM_RUN_KEY_SET_H
#define ORM_RUN_KEY_SET_H

#include "base/compat.h"

typedef struct OrmKeySet
{
	int			ncolumns;
	Oid		   *types;
	int16	   *typlen;
	bool	   *typbyval;
	char	   *typalign;
	int			nkeys;
	int			maxkeys;
	Datum	  **values;			/* by column, then by key */
	uint32	   *hashes;
	uint32		nbuckets;		/* power of two, or 0 */
	uint32	   *buckets;		/* number of a key, 0: free */
	MemoryContext values_context;	/* copies of values passed by reference */
	MemoryContext context;
} OrmKeySet;

/* allocated in "context"; the set's arrays are kept between windows */
extern OrmKeySet *orm_key_set_new(int ncolumns, const Oid *types, MemoryContext context);

extern void orm_key_set_reset(OrmKeySet *set);

/* the number of a key, from 1; added when it is new; 0 when some column is null */
extern uint32 orm_key_set_add(OrmKeySet *set, const Datum *values, const bool *nulls);

/* the same for a key that must have no nulls; *is_new tells whether it was added */
extern uint32 orm_key_set_intern(OrmKeySet *set, const Datum *values, bool *is_new);

/* the number of a key that is there, or 0 */
extern uint32 orm_key_set_find(const OrmKeySet *set, const Datum *values);

/* one column of all keys but the "first" ones as an array of its type, in the current memory context */
extern Datum orm_key_set_array(const OrmKeySet *set, int column, int first);

#endif							/* ORM_RUN_KEY_SET_H */
