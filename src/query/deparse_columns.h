/*
 * deparse_columns.h
 *	  The columns of the statements that give rows of an entity: what is
 *	  printed of a row, and what finds its relations and its place.
 *
 * The entity's relation is "t", a junction "p".
 */
#ifndef ORM_QUERY_DEPARSE_COLUMNS_H
#define ORM_QUERY_DEPARSE_COLUMNS_H

#include "query/deparse.h"
#include "query/deparse_where.h"

/* the properties selected, and the flex column; source NULL: the entity's own table */
extern void orm_columns_properties(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query,
								   const OrmSource *source);
/* the columns by which the relations of a step find their rows */
extern void orm_columns_near(OrmStatement *statement, OrmStep *step, const OrmSource *source);
extern void orm_columns_pivots(OrmStatement *statement, OrmRelation *relation);
/* the target's key: by which equal rows are one */
extern void orm_columns_identity(OrmStatement *statement, OrmEntity *entity);
/* the order, then the target's key, to sort by after the rows have come */
extern void orm_columns_sort(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query);

/* columns of an inner query get names, the outer one, over "l", passes them on; appended */
extern void orm_columns_inner(StringInfo buf, OrmStatement *statement);
extern void orm_columns_outer(StringInfo buf, OrmStatement *statement, const char *ordinal);

/* names that a key of the flex column does not take from its bearer */
extern List *orm_columns_taken_names(OrmQuery *query);
/* 42703 where the rows at hand lack what was asked for by name */
extern void orm_columns_not_given(OrmQuery *query, OrmProperty *property);
extern void orm_columns_link_not_given(OrmRelation *relation, const char *column);

#endif							/* ORM_QUERY_DEPARSE_COLUMNS_H */
