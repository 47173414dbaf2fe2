/*
 * contested.h
 *	  Unique values that rows hand to each other.
 */
#ifndef ORM_SAVE_CONTESTED_H
#define ORM_SAVE_CONTESTED_H

#include "save/row_statement.h"

/* columns that unique indexes and exclusion constraints look at, by column number - 1; palloc'd */
extern bool *orm_save_contested(const OrmSaveTable *table);

/*
 * Takes the values of a unique set from rows that are to get others of it: a
 * column among those that are set becomes null. "match" and "rekeyed" are as
 * for orm_save_update_statement. False when there is no such column, and
 * nothing was done.
 */
extern bool orm_save_make_room(OrmSaveTable *table, const OrmSaveMatch *match, const bool *set, bool rekeyed,
							   const char *constraint, OrmSaveRow **rows, int nrows);

#endif							/* ORM_SAVE_CONTESTED_H */
