/*
 * window.h
 *	  Entities of a query, one after the other, hydrated a window at a time.
 */
#ifndef ORM_RUN_WINDOW_H
#define ORM_RUN_WINDOW_H

#include "base/json_writer.h"
#include "query/deparse.h"
#include "run/hydrator.h"

typedef struct OrmRead OrmRead;

extern int	orm_window_size;	/* the setting; 0: adaptive */

/*
 * Starts reading under the active snapshot and CurrentResourceOwner; all it
 * needs is allocated under "parent". With "everything" the caller will read to
 * the end, so the first window need not be small.
 */
extern OrmRead *orm_read_start(OrmStep *step, bool everything, MemoryContext parent);

/* gives the entities of a level that is filled already, relations and all */
extern OrmRead *orm_read_given(OrmLevel *root, MemoryContext parent);

/*
 * The next entity as a json datum, or false at the end. The datum stays good
 * until the next call.
 */
extern bool orm_read_next(OrmRead *read, Datum *entity);

/* ends the run; memory goes with "parent"; twice does no harm */
extern void orm_read_end(OrmRead *read);

/* the buffer, which starts with room for the header, as a json datum in its memory */
extern Datum orm_entity_datum(OrmBuffer *out);

#endif							/* ORM_RUN_WINDOW_H */
