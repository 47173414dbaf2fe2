/*
 * predicate.h
 *	  Conditions that are SQL of a declaration's: the predicate of a scope, and
 *	  the test for a soft-deleted row.
 *
 * Which of them hold where is scope.h's.
 */
#ifndef ORM_QUERY_PREDICATE_H
#define ORM_QUERY_PREDICATE_H

#include "query/deparse_where.h"

typedef struct OrmPredicate
{
	OrmEntity  *entity;
	const char *text;			/* with $1 …; NULL: the test of a column */
	int			nargs;
	Oid		   *types;
	Datum	   *values;
	bool	   *nulls;
	const char *column;
	const char *test;			/* "IS NULL" */
} OrmPredicate;

/*
 * A predicate with its arguments, in their order: NULL is SQL's NULL. Raises
 * what its analysis raises, and 22P02 for a value that does not fit.
 */
extern OrmWhere *orm_predicate_where(OrmEntity *entity, const char *text, int nargs, const OrmJson **values);

/* is the row live, or with "trashed": is it soft-deleted? The entity has such a column. */
extern OrmWhere *orm_predicate_trashed(OrmEntity *entity, bool trashed);

/* appends it, on lines of its own */
extern void orm_predicate_deparse(OrmDeparse *deparse, StringInfo buf, const OrmPredicate *predicate,
								  const char *alias);

#endif							/* ORM_QUERY_PREDICATE_H */
