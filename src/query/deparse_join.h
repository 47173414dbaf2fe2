/*
 * deparse_join.h
 *	  What is joined to the root's rows: values of other rows, one to each.
 *
 * A subquery in an order or a condition is evaluated row by row; what is joined
 * the planner may also gather first. No join adds a row or drops one.
 */
#ifndef ORM_QUERY_DEPARSE_JOIN_H
#define ORM_QUERY_DEPARSE_JOIN_H

#include "query/deparse.h"
#include "query/deparse_where.h"

/* the statement's rows, "t", may have something joined to them; called before its conditions are written */
extern void orm_joins_start(OrmDeparse *deparse, const OrmQuery *query, const OrmSource *source);

/* puts what was joined where FROM ended, at "at" */
extern void orm_joins_insert(const OrmDeparse *deparse, StringInfo buf, int at);

/* have rows with that alias no more than one row at the end of the path, and may it be joined to them? */
extern bool orm_join_suits_path(const OrmDeparse *deparse, const char *alias, List *path);

/* joins the rows of "from" that satisfy "where", at most one each; palloc'd: what "value" of them is now called */
extern char *orm_join_row(OrmDeparse *deparse, const char *value, const char *from, const char *where);

/*
 * Is an aggregate over the relation's rows cheaper taken for all of them at
 * once, in groups, than for each row with that alias? "groups" and "filters"
 * are the conditions on them.
 */
extern bool orm_join_suits_groups(const OrmDeparse *deparse, const char *alias, OrmRelation *relation, List *groups,
								  List *filters);

/* joins "value", an aggregate over the rows of the target under "far"; "none": what it is over no rows, or NULL */
extern char *orm_join_groups(OrmDeparse *deparse, OrmRelation *relation, const char *value, const char *none,
							 const char *far, List *groups, List *filters);

#endif							/* ORM_QUERY_DEPARSE_JOIN_H */
