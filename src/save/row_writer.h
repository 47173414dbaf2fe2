/*
 * row_writer.h
 *	  Runs a statement over rows of the input, and says which row an error is
 *	  about.
 */
#ifndef ORM_SAVE_ROW_WRITER_H
#define ORM_SAVE_ROW_WRITER_H

#include "save/row_statement.h"

/* what the statement gave of one row; the values are the statement's own */
typedef void (*OrmSaveReceive) (OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls,
								void *arg);

/* rows that are read; each goes to "receive" */
extern void orm_save_run_read(OrmSaveStatement *st, OrmSaveRow **rows, int nrows, OrmSaveReceive receive, void *arg);

/*
 * Rows that are written, each of which goes to orm_save_take. What the server
 * raises gets the place of the row as CONTEXT: where several rows were written
 * at once, they are written again, fewer and fewer at a time, until it is known
 * which it was. Rows that a trigger suppressed stay without "written".
 *
 * Where the statement says that they wait, rows that come too early stay
 * without "written" as well, and it says "early".
 */
extern void orm_save_run_write(OrmSaveStatement *st, OrmSaveRow **rows, int nrows);

/* the same for rows that are written once more in this call: their versions stay */
extern void orm_save_run_held(OrmSaveStatement *st, OrmSaveRow **rows, int nrows);

/* the same, but where a row can't be written nothing is raised of it: false, and rows may be written in part */
extern bool orm_save_try_held(OrmSaveStatement *st, OrmSaveRow **rows, int nrows);

/* prints a row as the statement gives it, and keeps the columns that the table looks at */
extern void orm_save_take(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls);

/* prints the pivot of an element, as the statement gives it */
extern void orm_save_take_pivot(OrmSaveRow *row, const Datum *values, const bool *nulls);

#endif							/* ORM_SAVE_ROW_WRITER_H */
