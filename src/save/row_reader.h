/*
 * row_reader.h
 *	  Reads what is there of the rows of a table, and compares.
 */
#ifndef ORM_SAVE_ROW_READER_H
#define ORM_SAVE_ROW_READER_H

#include "save/row_statement.h"

/*
 * Looks up the rows of a table that have not been looked up and whose key (or
 * whatever else they are found by) is known by now, by one statement that
 * locks them: all but mere links. Afterwards each is there or not, differs or
 * not, and rows of the input that are one row of the table are one. P0002 for
 * a row that has to be there and is not, OR001 for a stale one, OR003 for a
 * value that may not be changed.
 */
extern void orm_save_look_up(OrmSaveTable *table);

/* asks for the rows that are only to be known to be there: before all others of a group */
extern void orm_save_look_up_shadows(OrmSaveTable *table);

/* reads rows as they are now, for the result */
extern void orm_save_read_again(OrmSaveTable *table, OrmSaveRow **rows, int nrows);

#endif							/* ORM_SAVE_ROW_READER_H */
