/*
 * missing.h
 *	  Rows that a relation has and the input does not list.
 */
#ifndef ORM_SAVE_MISSING_H
#define ORM_SAVE_MISSING_H

#include "save/graph.h"

/* does the set state all rows of its relation? else those that it does not list are left alone */
extern bool orm_save_states_all(const OrmSaveSet *set);

/*
 * Does with the rows of a table that lists leave out what "on_missing" says:
 * those whose owners are there. The table's rows are looked up.
 */
extern void orm_save_remove_missing(OrmSaveTable *table);

#endif							/* ORM_SAVE_MISSING_H */
