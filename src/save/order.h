/*
 * order.h
 *	  Which tables and rows are written before which.
 */
#ifndef ORM_SAVE_ORDER_H
#define ORM_SAVE_ORDER_H

#include "save/graph.h"

/*
 * The tables of a call in groups, as foreign keys want them: List of List of
 * OrmSaveTable *. The tables of one group depend on each other. The order is
 * the same whichever way a document names the tables, so that two callers lock
 * in one order.
 */
extern List *orm_save_order(OrmSaveCall *call);

/*
 * Levels within a group: a row stands above all rows that must be there before
 * it. Cuts cycles at links that may be null at first. Returns the number of
 * levels; 22023 for a cycle that can't be cut.
 */
extern int	orm_save_levels(List *tables);

#endif							/* ORM_SAVE_ORDER_H */
