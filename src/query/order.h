/*
 * order.h
 *	  Items of an order: properties, paths to them, columns of a junction table.
 */
#ifndef ORM_QUERY_ORDER_H
#define ORM_QUERY_ORDER_H

#include "query/query_document.h"

/* "-a.b", "pivot.position" or {"a": "desc nulls last"} against the query's entity */
extern OrmOrder *orm_order_item(const OrmQuery *query, const OrmJson *item);

/* after the last clause: finds what aliases stand for, or raises 42703 */
extern void orm_order_finish(OrmQuery *query);

/* what the query's relation declares as its order: List of OrmOrder * */
extern List *orm_order_declared(const OrmQuery *query);

/* 22023 for a property whose type has no order; "node" is its place, or NULL */
extern void orm_order_check_sortable(OrmEntity *entity, OrmProperty *property, const OrmJson *node);

/* is the property itself an item of the order? */
extern bool orm_order_has(const OrmQuery *query, const OrmProperty *property);

/*
 * Whether an index gives the rows of one owner in the query's order, but for
 * rows alike in it, and these can be told apart by the key when they are here.
 */
extern bool orm_order_is_of_index(const OrmQuery *query);

/* does an index that finds the rows of one owner go on with what the order, or without one the key, starts with? */
extern bool orm_order_starts_in_index(const OrmQuery *query);

/* puts the key behind the order, so that it tells any two rows apart; false where there is none */
extern bool orm_order_add_key(OrmQuery *query);

/* the same the other way round, a copy */
extern OrmOrder *orm_order_turned(const OrmOrder *order);

/* do nulls come first, said or not? */
extern bool orm_order_nulls_first(const OrmOrder *order);

#endif							/* ORM_QUERY_ORDER_H */
