/*
 * untrusted_bounds.h
 *	  The rows of relations that a document from outside may look at.
 */
#ifndef ORM_QUERY_UNTRUSTED_BOUNDS_H
#define ORM_QUERY_UNTRUSTED_BOUNDS_H

#include "query/query_document.h"

/*
 * Makes what trusted clauses say of a relation's rows, where it is loaded, hold
 * wherever such a document uses the relation under the same path: in filters,
 * orders, counts and aggregates of the level. After the last clause, before a
 * load is taken off, and before a level below is finished.
 */
extern void orm_untrusted_bind(OrmQuery *query);

#endif							/* ORM_QUERY_UNTRUSTED_BOUNDS_H */
