/*
 * pivot_pairs.h
 *	  Pairs that are asked for more than once, and the columns whose values tell.
 */
#ifndef ORM_SAVE_PIVOT_PAIRS_H
#define ORM_SAVE_PIVOT_PAIRS_H

#include "save/pivot.h"

/* a column as values of it are compared and written */
typedef struct OrmPivotColumn
{
	Oid			type;			/* as the column has it */
	Oid			base;			/* domains resolved */
	int16		len;
	bool		byval;
} OrmPivotColumn;

typedef struct OrmPivotColumns
{
	OrmPivotColumn *pivots;		/* of relation->pivots */
	OrmPivotColumn *targets;	/* the far columns of relation->far_links */
} OrmPivotColumns;

extern OrmPivotColumns *orm_pivot_columns(const OrmRelation *relation);

/* is a value given for the pivot column? */
static inline bool
orm_pivot_given(const OrmPivotPair *pair, int pivot)
{
	return pair->given && pair->given[pivot];
}

/*
 * Sets same_as of all pairs, and their outcome to begin with. 22023 where two
 * equal ones say different things.
 */
extern void orm_pivot_find_equal(OrmPivotWrite *write, const OrmPivotColumns *columns);

#endif							/* ORM_SAVE_PIVOT_PAIRS_H */
