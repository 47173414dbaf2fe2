/*
 * deparse_aggregate.h
 *	  SQL of aggregates: grouped by the keys of a window, or for one row.
 */
#ifndef ORM_QUERY_DEPARSE_AGGREGATE_H
#define ORM_QUERY_DEPARSE_AGGREGATE_H

#include "query/aggregate.h"
#include "query/deparse.h"
#include "query/deparse_where.h"

/*
 * The statement of a tally: for each key that has rows, its number (or the
 * key) and the aggregates, in the tally's order.
 */
extern OrmStatement *orm_deparse_tally(OrmStep *step);

/* the aggregate about the row of "alias", as a scalar subquery, palloc'd */
extern char *orm_deparse_aggregate(OrmDeparse *deparse, const OrmAggregate *aggregate, const char *alias);

#endif							/* ORM_QUERY_DEPARSE_AGGREGATE_H */
