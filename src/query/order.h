/*
 * order.h
 *	  Items of an order: properties, paths to them, columns of a junction table.
 */
#ifndef ORM_QUERY_ORDER_H
#define ORM_QUERY_ORDER_H

#include "query/query_document.h"

/* "-a.b", "pivot.position" or {"a": "desc nulls last"} against the query's entity */
extern OrmOrder *orm_order_item(const OrmQuery *query, const OrmJson *item);

/* what the query's relation declares as its order: List of OrmOrder * */
extern List *orm_order_declared(const OrmQuery *query);

#endif							/* ORM_QUERY_ORDER_H */
