/*
 * tree.h
 *	  Rows that are followed from one to the next.
 *
 * A level of a tree is a level below itself: the rows that it has got give it
 * further keys, until there are none or the depth asked for is reached. So a
 * row is read and printed once, under however many roots of the window it
 * stands, and a level of the tree is one statement for all of them. The trees
 * of the roots come into being only when they are written.
 */
#ifndef ORM_RUN_TREE_H
#define ORM_RUN_TREE_H

#include "query/deparse_tree.h"
#include "run/hydrator.h"

/* sets level->tree, where the level is one */
extern void orm_tree_init(OrmLevel *level, MemoryContext context);
extern void orm_tree_reset(OrmLevel *level);

/*
 * The key of a row of the level above, by link, to know it again among its
 * ancestors; only where "orm_tree_wants_root".
 */
extern bool orm_tree_wants_root(const OrmLevel *level);
extern void orm_tree_note_root(OrmLevel *level, int parent_row, const Datum *key, const bool *nulls);
/* the same, from a row of its statement */
extern void orm_tree_note_row(OrmLevel *level, int parent_row, const Datum *values, const bool *nulls);

/* takes a row: the key of those that follow it, and whether it comes in the list; gives its number */
extern int	orm_tree_row(OrmLevel *level, const Datum *values, const bool *nulls);

/* may keys that rows have given be asked for, after "rounds" statements? */
extern bool orm_tree_goes_on(const OrmLevel *level, int rounds);

/* after the last row */
extern void orm_tree_loaded(OrmLevel *level);

/* writes what was loaded for a row of the level above, behind its label */
extern void orm_tree_write(OrmLevel *level, int parent_row, OrmBuffer *out);

#endif							/* ORM_RUN_TREE_H */
