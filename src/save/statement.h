/*
 * statement.h
 *	  Statements that write: many rows of values as arrays, run as the caller,
 *	  and what they return.
 *
 * Text is written with query/deparse_where.h's parameters. Plans are kept by
 * run/plan_cache. Not here: which statements there are.
 */
#ifndef ORM_SAVE_STATEMENT_H
#define ORM_SAVE_STATEMENT_H

#include "query/deparse.h"
#include "query/deparse_where.h"

/* one column of a batch of values, which goes into a statement as one parameter */
typedef struct OrmBatchColumn
{
	Oid			type;			/* of the values, domains resolved */
	Datum	   *values;
	bool	   *nulls;			/* NULL: there are none */
} OrmBatchColumn;

typedef struct OrmBatch
{
	int			nrows;
	int			ncolumns;
	OrmBatchColumn *columns;
} OrmBatch;

/* what a statement gave: the values are in the context that was current */
typedef struct OrmRows
{
	uint64		processed;		/* rows that it wrote or read */
	int			nrows;			/* rows that it returned */
	int			ncolumns;
	Datum	  **values;			/* by row */
	bool	  **nulls;
} OrmRows;

/* room for a batch, no values yet, no nulls; its types are the caller's to set */
extern OrmBatch *orm_batch_new(int nrows, int ncolumns);

/* room for nulls in a column, none of them set */
extern void orm_batch_nullable(OrmBatch *batch, int column);

/*
 * "ROWS FROM (unnest($1), unnest($2)) WITH ORDINALITY AS k(k1, k2, ord)",
 * appended, under the alias; "ord" is the number of the row, from 1.
 */
extern void orm_batch_append(OrmDeparse *deparse, StringInfo buf, const OrmBatch *batch, const char *alias);

/* a value of the batch as SQL, of the column's type, palloc'd; columns from 0 */
extern char *orm_batch_value(const OrmBatch *batch, int column, const char *alias);

/*
 * "left OPERATOR(schema.=) ANY ($1)" for the values of a column of the batch,
 * palloc'd; NULL where they can't be an array, or no operator joins the types.
 * Of many values the server makes a hash table, whatever it thinks how many
 * rows will look into it.
 */
extern char *orm_batch_any(OrmDeparse *deparse, const OrmBatch *batch, int column, const char *left, Oid left_type);

/* "left OPERATOR(schema.=) right" of two values of one type, palloc'd */
extern char *orm_statement_equal(const char *left, const char *right, Oid type);

/* "pg_catalog.record_image_ne(ROW(...), ROW(...))" of two lists of SQL texts, palloc'd */
extern char *orm_statement_differs(List *left, List *right);

/* a type as CAST wants it, with its modifier, palloc'd */
extern char *orm_statement_type(Oid type, int32 typmod);

/*
 * Runs it as the caller, under a snapshot of its own; triggers fire at its
 * end. "nrows" says how many rows its batches hold: a plan for few of them is
 * kept for all calls, one for many is made for the values. Raises what the
 * server raises.
 */
extern OrmRows *orm_statement_write(OrmDeparse *deparse, StringInfo sql, int nrows);

#endif							/* ORM_SAVE_STATEMENT_H */
