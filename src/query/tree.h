/*
 * tree.h
 *	  Relations that are followed from row to row: the clauses "depth" and
 *	  "flat".
 *
 * What is below a row (descendants, or has_many with "depth"), and what is
 * above it (ancestors, or belongs_to with "depth"). Only what was asked for;
 * statements are deparse_tree.c's, walking the rows is run/tree.c's.
 */
#ifndef ORM_QUERY_TREE_H
#define ORM_QUERY_TREE_H

#include "query/query_document.h"

/* how far rows are followed when it is all the way */
#define ORM_TREE_ALL	PG_INT64_MAX

struct OrmTree
{
	int64		depth;
	bool		flat;			/* one list with the depth of each element */
	int64		limit;			/* of that list; -1: none */
	int64		offset;
	bool		upward;			/* from a row to the one that it references */
	bool		single;			/* at most one row follows another */
	const char *nested;			/* the name under which following rows come; NULL: flat */
	List	   *filter;			/* OrmWhere *, flat: which rows come, whereas all are followed */
};

/* "all" or a whole number, true or false */
extern void orm_tree_parse_depth(OrmQuery *query, const OrmJson *value);
extern void orm_tree_parse_flat(OrmQuery *query, const OrmJson *value);

/*
 * After the last clause, before anything is added to the level: sets the tree
 * of one that is followed, and takes its conditions apart.
 */
extern void orm_tree_begin(OrmQuery *query);

/* when all else is there: refuses what does not go together */
extern void orm_tree_finish(OrmQuery *query);

/* the same before that: does the level say, or mean, a list? */
extern bool orm_tree_asks_flat(const OrmQuery *query);

/* are the rows put in order when the list is written, for they are those of several statements? */
static inline bool
orm_tree_orders(const OrmQuery *query)
{
	return query->tree != NULL && query->tree->flat && !query->tree->single;
}

#endif							/* ORM_QUERY_TREE_H */
