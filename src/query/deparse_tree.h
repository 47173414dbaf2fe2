/*
 * deparse_tree.h
 *	  What statements need to follow rows from one to the next.
 *
 * Rows that are loaded are followed by the loader, with one statement for each
 * step (run/tree.c): here are the columns it looks at. Where rows of a tree
 * are counted or asked about, SQL follows them itself.
 */
#ifndef ORM_QUERY_DEPARSE_TREE_H
#define ORM_QUERY_DEPARSE_TREE_H

#include "query/deparse_relation.h"
#include "query/tree.h"

/* by what a row of a tree is followed, and what else is to be known of it */
typedef struct OrmTreeColumns
{
	int			nlinks;
	int		   *next;			/* by link: of a row, the key of those that follow it */
	int		   *own;			/* upward, by link: of a row, its own key, to know it again */
	int		   *root;			/* the same of a row of the parent's; NULL: no columns have it */
	int			keep;			/* does the row come in the list? -1: each does */
	int			nsort;			/* what a flat list is sorted by */
	int		   *sort;
	bool	   *descending;
	bool	   *nulls_first;
} OrmTreeColumns;

/* adds these columns to a statement of the step's */
extern void orm_tree_columns(OrmDeparse *deparse, OrmStatement *statement, OrmStep *step);

/*
 * For a step that is followed upward: the columns of its parent's result that
 * are the key of the row it starts from, added to a statement or found in rows
 * at hand. Where they are not to be had, that row is not known again.
 */
extern void orm_tree_root_columns(OrmStatement *statement, OrmStep *step, const OrmSource *source);
extern void orm_tree_root_given(OrmStep *step, TupleDesc desc);

/*
 * "(WITH RECURSIVE … SELECT …) AS alias(k1, …)", appended: the keys that meet
 * the rows of a tree. They start from the row "near", with "keys" from its key
 * (k1, …); where that is NULL, from all keys that are the statement's first
 * parameters, and "ord" numbers those.
 * A row on which the groups do not hold is not followed. Each key comes once,
 * so data that goes round in a circle ends.
 */
extern void orm_tree_walk(OrmDeparse *deparse, StringInfo buf, const OrmRelation *relation, List *groups,
						  const char *near, bool keys, const char *alias);

#endif							/* ORM_QUERY_DEPARSE_TREE_H */
