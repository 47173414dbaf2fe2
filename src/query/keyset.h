/*
 * keyset.h
 *	  Going on from a cursor: the rows behind it, or in front of it.
 *
 * Not here: what a cursor looks like (query/cursor).
 */
#ifndef ORM_QUERY_KEYSET_H
#define ORM_QUERY_KEYSET_H

#include "query/deparse_where.h"

struct OrmKeyset
{
	List	   *order;			/* OrmOrder *, turned so that the rows come behind the cursor */
	Oid		   *types;			/* by item of the order */
	Datum	   *values;
	bool	   *nulls;
};

extern void orm_keyset_parse_after(OrmQuery *query, const OrmJson *value);
extern void orm_keyset_parse_before(OrmQuery *query, const OrmJson *value);

/*
 * Of a query with a cursor, or one whose rows make up a page: puts the key
 * behind the order, reads the cursor, and turns the order round where the last
 * rows before a cursor are wanted. 22023 for an entity without a key, a cursor
 * that is none, two at once, and an order that no cursor can hold.
 */
extern void orm_keyset_finish(OrmQuery *query);

/* the condition that a row comes behind the cursor, in parentheses of its own */
extern void orm_keyset_append(OrmDeparse *deparse, StringInfo buf, const OrmKeyset *keyset,
							  const char *alias);

#endif							/* ORM_QUERY_KEYSET_H */
