/*
 * remember.h
 *	  What a level's statement gives besides, for orm.lazy: the entity's key,
 *	  and what its lazy relations start from.
 */
#ifndef ORM_QUERY_REMEMBER_H
#define ORM_QUERY_REMEMBER_H

#include "access/tupdesc.h"

#include "query/deparse.h"

typedef struct OrmRemembered
{
	OrmEntity  *entity;
	int			n;
	int			nkeys;			/* the first of them are the key's */
	int		   *columns;		/* of the statement's result */
	AttrNumber *attnums;
} OrmRemembered;

/*
 * Adds the columns to a statement that is being written, and notes them there.
 * An entity without lazy relations, or without a key, has none. What relations
 * start from is taken from the entity's own relation only ("source" NULL).
 */
extern void orm_remember(OrmStatement *statement, OrmQuery *query, const OrmSource *source);

/* the same for rows at hand, whose columns "desc" says */
extern void orm_remember_given(OrmStatement *statement, OrmQuery *query, TupleDesc desc);

#endif							/* ORM_QUERY_REMEMBER_H */
