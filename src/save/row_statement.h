/*
 * row_statement.h
 *	  Statements over rows of the input, which go in as one array of the
 *	  table's own row type.
 *
 * Such an array bears every type a column can have. Aliases: "t" is the
 * table, "v" the rows of the input; v's columns are c1, c2 … by number, and
 * "ord" numbers the rows from 1. Parameter $1 is the array. What holds for
 * query/deparse.h holds here: names qualified, values as parameters.
 */
#ifndef ORM_SAVE_ROW_STATEMENT_H
#define ORM_SAVE_ROW_STATEMENT_H

#include "query/deparse_relation.h"
#include "save/graph.h"

/* what becomes of rows that other rows of the table have to be written before */
typedef enum OrmSaveWait
{
	ORM_WAIT_NOT,				/* an error */
	ORM_WAIT_ALL,				/* they wait, and with them all of their statement */
	ORM_WAIT_ROWS				/* they wait, and the others of their statement are written */
} OrmSaveWait;

typedef struct OrmSaveStatement
{
	OrmSaveTable *table;
	OrmStatement *statement;
	OrmDeparse	deparse;
	bool		printed;		/* gives what is printed of a row */
	bool		guarded;		/* rows may be left out because others have come in between */
	int			ord;			/* column of the result; -1: rows come in the order of the input */
	int			guard;			/* tells whether the clause "where" holds; -1: there is none */
	int		   *columns;		/* by column number - 1: its place in the result, or -1 */
	int		   *changed;		/* the same for what an operator makes of it */
	OrmSaveWait keys_wait;		/* where rows are not there yet that foreign keys refer to */
	OrmSaveWait uniques_wait;	/* where unique values are still held by other rows */
	bool		backwards;		/* rows that are written apart are so from the end */
	bool		apart;			/* row_writer.c's, of the error at hand: rows are written apart */
	bool		again;			/* the same: a foreign key is deferred, and all is tried again */
	bool		early;			/* row_writer.c's: rows were left unwritten that way */
	char	   *objected;		/* row_writer.c's: the unique or exclusion constraint that objected last */
	int			nanys;			/* columns whose values go in as plain arrays, too, for a foreign server */
	AttrNumber	any[INDEX_MAX_KEYS + 1];
	int			any_params[INDEX_MAX_KEYS + 1];
	OrmSaveTable *other;		/* of the rows that go in as $2; NULL: there are none */
	OrmSaveRow **others;		/* NULL: what each row was before */
	int			nothers;
} OrmSaveStatement;

/* a statement with no text yet, whose first parameter is an array of the table's rows */
extern OrmSaveStatement *orm_save_statement(OrmSaveTable *table);

/* "c1, c2, …" with a prefix: names for the columns of an array of rows, appended */
extern void orm_save_append_names(StringInfo buf, const OrmSaveTable *table, const char *prefix);

/* its text, with all parameters that writing it has collected */
extern OrmSaveStatement *orm_save_statement_take(OrmSaveStatement *st, StringInfo buf);

/* what a row is to be read by and for */
typedef struct OrmSaveReading
{
	const OrmSaveMatch *match;
	const bool *wanted;			/* columns that are read; by column number - 1 */
	const uint8 *given;			/* operators whose result is read, too; or NULL */
	OrmWhere   *guard;
	bool		lock;
	bool		scoped;			/* scopes and soft deletion hold */
} OrmSaveReading;

extern OrmSaveStatement *orm_save_read_statement(OrmSaveTable *table, const OrmSaveReading *reading);

/*
 * "given" says what each column gets. With "conflict", a row that has come in
 * between gets what "update" names, or with NIL stays as it is, and the row of
 * the input is not written.
 */
typedef struct OrmSaveInsertion
{
	const uint8 *given;
	const OrmSaveMatch *conflict;
	List	   *update;			/* OrmProperty * */
} OrmSaveInsertion;

extern OrmSaveStatement *orm_save_insert_statement(OrmSaveTable *table, const OrmSaveInsertion *insertion);

/* sets the columns of "set"; rows are found by "match", with "rekeyed" by what their "before" has there */
extern OrmSaveStatement *orm_save_update_statement(OrmSaveTable *table, const OrmSaveMatch *match, const uint8 *given,
												   const bool *set, bool rekeyed);

#endif							/* ORM_SAVE_ROW_STATEMENT_H */
