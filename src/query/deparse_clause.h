/*
 * deparse_clause.h
 *	  Clauses of a query as SQL text: where, order, limit.
 */
#ifndef ORM_QUERY_DEPARSE_CLAUSE_H
#define ORM_QUERY_DEPARSE_CLAUSE_H

#include "query/deparse_where.h"

/* the values that an item of an order compares, palloc'd */
extern char *orm_deparse_order_value(OrmDeparse *deparse, const OrmOrder *order, const char *alias);

/* " DESC NULLS LAST", appended */
extern void orm_deparse_direction(StringInfo buf, const OrmOrder *order);

/* "expression DESC NULLS LAST" of one item, appended */
extern void orm_deparse_order_item(OrmDeparse *deparse, StringInfo buf, const OrmOrder *order,
								   const char *alias);

/*
 * The order asked for, and with "stable" the key behind it, appended; nothing
 * without any of them. "apart": it is the order of a few rows of one owner, for
 * which no index of the table as a whole is to be walked until they are met.
 */
extern void orm_deparse_order(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool stable, bool apart,
							  const char *lead, const char *alias);
/* all that holds on the rows of "t", a cursor's condition as well; appended, as is the next */
extern void orm_deparse_wheres(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, const char *lead);
extern void orm_deparse_limit(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool with_ties);

#endif							/* ORM_QUERY_DEPARSE_CLAUSE_H */
