/*
 * identity.h
 *	  Which row of the table a row of the input is.
 */
#ifndef ORM_SAVE_IDENTITY_H
#define ORM_SAVE_IDENTITY_H

#include "save/graph.h"

/* does the table draw its key from a sequence? then a key that is given names a row that is there */
extern bool orm_save_key_is_generated(const OrmSaveTable *table);

/* is the value of a column known by now? */
extern bool orm_save_known(const OrmSaveRow *row, AttrNumber attnum);

/*
 * After rows were looked up: rows of the input that are one row of the table
 * become one. 22023 naming both places where they contradict each other.
 */
extern void orm_save_unite(OrmSaveTable *table, OrmSaveRow **rows, int nrows);

/* the row of the call that has these values in these columns, or NULL; the table's rows are looked up */
extern OrmSaveRow *orm_save_row_with(OrmSaveTable *table, const AttrNumber *attnums, int n, const Datum *values);

/* 22023: two places say different things of one row */
extern void orm_save_contradiction(const OrmSaveRow *one, const OrmSaveRow *other, const char *what);

#endif							/* ORM_SAVE_IDENTITY_H */
