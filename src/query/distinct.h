/*
 * distinct.h
 *	  The clause "distinct": one row for each of the values of some properties.
 *
 * Of the rows that have the same values the first by the order comes; in a
 * relation, of those of one parent.
 */
#ifndef ORM_QUERY_DISTINCT_H
#define ORM_QUERY_DISTINCT_H

#include "query/deparse_where.h"

extern void orm_distinct_parse(OrmQuery *query, const OrmJson *value);

/* the properties lead the order, the key ends it; 22023 with what can't stand beside it */
extern void orm_distinct_finish(OrmQuery *query);

/* "DISTINCT ON (…) ", appended where the query has the clause; "group" is a column to lead, or NULL */
extern void orm_distinct_append(OrmDeparse *deparse, StringInfo buf, const OrmQuery *query,
								const char *group);

#endif							/* ORM_QUERY_DISTINCT_H */
