/*
 * aggregate.h
 *	  The clauses "count" and "aggregate": numbers about the rows of a relation.
 *
 * Aggregates over the same relation and the same filter share a tally, a query
 * of the target that gives no rows: it becomes one statement.
 */
#ifndef ORM_QUERY_AGGREGATE_H
#define ORM_QUERY_AGGREGATE_H

#include "query/query_document.h"

struct OrmAggregate
{
	const char *alias;
	OrmQuery   *tally;			/* the rows it is taken over; its groups are complete once finished */
	OrmEntity  *entity;			/* whose property it is */
	OrmProperty *property;		/* NULL: rows are counted */
	const char *function_schema;
	const char *function_name;
	bool		keeps_type;		/* gives one of the property's own values */
	const char *none;			/* what it is over no rows, as JSON */
};

/* ["posts", …]: each as "posts_count" */
extern void orm_aggregate_parse_count(OrmQuery *query, const OrmJson *value);

/* {"views": {"relation": "posts", "function": "sum", "property": "views", "where": …}} */
extern void orm_aggregate_parse(OrmQuery *query, const OrmJson *value);

/* after the last clause: refuses what does not go together */
extern void orm_aggregate_finish(OrmQuery *query);

/* the aggregate of that alias, or NULL */
extern OrmAggregate *orm_aggregate_named(const OrmQuery *query, const char *alias);

#endif							/* ORM_QUERY_AGGREGATE_H */
