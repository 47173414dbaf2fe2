/*
 * table_writer.h
 *	  Brings one table to the rows of a call: one statement per verb and set of
 *	  columns.
 */
#ifndef ORM_SAVE_TABLE_WRITER_H
#define ORM_SAVE_TABLE_WRITER_H

#include "save/graph.h"

/* inserts and updates the rows of one level, all of which were looked up */
extern void orm_save_write_rows(OrmSaveTable *table, int level);

/* makes the links at which cycles were cut; all rows of the group are there */
extern void orm_save_write_cuts(OrmSaveTable *table);

#endif							/* ORM_SAVE_TABLE_WRITER_H */
