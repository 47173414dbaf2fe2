/*
 * tally.h
 *	  Aggregates of related rows on their way into the entities.
 *
 * A tally is a level of its own that has at most one row for each key. Of that
 * row not the whole is taken but one value at a time: aggregates come out in
 * the order in which they were asked for, whichever statement gave them.
 */
#ifndef ORM_RUN_TALLY_H
#define ORM_RUN_TALLY_H

#include "run/hydrator.h"

/* is this the level of a tally? */
extern bool orm_is_tally(const OrmLevel *level);

/* says which of the level's tallies give which aggregates; the levels below are there */
extern void orm_tally_init(OrmLevel *level, MemoryContext context);

/* prints a row of a tally's statement and returns its number */
extern int	orm_tally_print(OrmLevel *tally, const Datum *values, const bool *nulls);

/* writes one of the level's aggregates about a row of it, after a comma unless it is the first */
extern void orm_tally_write(OrmLevel *level, int aggregate, int row, bool first, OrmBuffer *out);

#endif							/* ORM_RUN_TALLY_H */
