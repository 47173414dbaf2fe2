/*
 * index_order.h
 *	  In which orders an index gives the rows that belong to one key.
 */
#ifndef ORM_MODEL_INDEX_ORDER_H
#define ORM_MODEL_INDEX_ORDER_H

#include "model/entity.h"
#include "utils/relcache.h"

/* of an index whose first columns are those of a link: the columns behind them, as they are sorted */
struct OrmIndexOrder
{
	int			ncolumns;
	AttrNumber *attnums;
	bool	   *descending;
	bool	   *nulls_first;
};

/*
 * Indexes of "rel" that lead with these columns, whichever comes first, and go
 * on with others: List of OrmIndexOrder * in the current memory context. Only
 * indexes over all rows, and of each only columns whose type is passed by value
 * and sorted as ORDER BY sorts it.
 */
extern List *orm_index_orders(Relation rel, const AttrNumber *attnums, int n);

/* the columns that stand right behind these in any index, of whatever type and over whichever rows: List of int */
extern List *orm_index_nexts(Relation rel, const AttrNumber *attnums, int n);

#endif							/* ORM_MODEL_INDEX_ORDER_H */
