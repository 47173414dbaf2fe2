/*
 * children.h
 *	  Rows that belong to others: whether they may move, and what becomes of
 *	  those that a list no longer names.
 */
#ifndef ORM_SAVE_CHILDREN_H
#define ORM_SAVE_CHILDREN_H

#include "save/graph.h"

/* OR003 for a row that is another's and may not move; the table's rows are looked up */
extern void orm_save_check_foreign(OrmSaveTable *table);

/* takes away what is marked "$delete", and what the lists that state a whole set leave out */
extern void orm_save_remove_children(OrmSaveTable *table);

#endif							/* ORM_SAVE_CHILDREN_H */
