/*
 * cursor.h
 *	  The text of a cursor: the values of an order at one row.
 *
 * It holds values and no names, and a mark of the entity and order it was made
 * for. Whoever holds one can read its values and make up others: it says where
 * to go on in an order that the caller gives, and nothing else. What rows there
 * are is not decided here.
 */
#ifndef ORM_QUERY_CURSOR_H
#define ORM_QUERY_CURSOR_H

#include "query/query_document.h"

/* what cursors of this entity and this order bear */
extern uint64 orm_cursor_mark(const OrmQuery *query);

/* the type in which a value of an order is compared */
extern Oid	orm_cursor_type(const OrmOrder *order);

/* the cursor of a row with these values, one for each item of the query's order; palloc'd */
extern char *orm_cursor_write(const OrmQuery *query, const Datum *values, const bool *nulls);

/*
 * The values of the cursor at "node", one for each item of the query's order;
 * 22023 when it is none, or one of another entity or order.
 */
extern void orm_cursor_read(const OrmQuery *query, const OrmJson *node, Datum *values, bool *nulls);

#endif							/* ORM_QUERY_CURSOR_H */
