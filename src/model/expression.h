/*
 * expression.h
 *	  SQL expressions over one relation, as text: checked once, kept so that
 *	  they mean the same under any search_path, and put under any alias. Also
 *	  predicates: boolean ones with arguments.
 *
 * Not here: running them.
 */
#ifndef ORM_MODEL_EXPRESSION_H
#define ORM_MODEL_EXPRESSION_H

#include "base/compat.h"

#include "nodes/bitmapset.h"
#include "utils/relcache.h"

typedef struct OrmExpression
{
	char	   *text;
	Oid			type;
	int32		typmod;
	Oid			collation;
} OrmExpression;

/*
 * Analyses "text" as one scalar expression over the columns of "rel" (bare, or
 * under the relation's name or "self") and gives its type and its qualified
 * text: columns bare, or under "self" where it holds a subquery. Raises what
 * the parser raises, and where it is not one expression, aggregates, returns
 * sets, has parameters, or is of a pseudo-type. All in the current context.
 */
extern void orm_expression_analyse(OrmExpression *result, Relation rel, const char *text);

/* such a text with every column under "alias", for a statement that joins */
extern char *orm_expression_under_alias(Relation rel, const char *text, const char *alias);

/* the columns that such a text speaks of, 0 for the row as a whole; those in subqueries too */
extern Bitmapset *orm_expression_columns(Relation rel, const char *text);

/*
 * As orm_expression_analyse, for one boolean expression with $1 to $"nargs". Its qualified text
 * has each argument cast to the type that its place asks for, and "types" is
 * set to these. 42P02 for an argument that is not there, 42P18 and 42P08 where
 * the places don't tell one type, 22023 where an argument stands nowhere.
 */
extern char *orm_predicate_analyse(Relation rel, const char *text, int nargs, Oid *types);

/* such a text with every column under "alias", and $i as the parameter numbers[i - 1] */
extern char *orm_predicate_under_alias(Relation rel, const char *text, const char *alias,
									   int nargs, const int *numbers);

/*
 * A text that orm_expression_analyse gave, with the column "from" written as
 * "to", after a rename; the same text when it does not speak of it.
 * "mentioned" tells, and may be NULL.
 */
extern char *orm_expression_rename_column(const char *text, const char *from, const char *to,
										  bool *mentioned);

#endif							/* ORM_MODEL_EXPRESSION_H */
