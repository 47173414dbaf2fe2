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

/* how much of what it gives a read is going to be asked for */
typedef enum OrmDemand
{
	ORM_DEMAND_OPEN,			/* that is not known: reading may stop after any entity */
	ORM_DEMAND_STREAM,			/* all, and the first ones had better come soon */
	ORM_DEMAND_WHOLE			/* all, and nothing is passed on before all is there */
} OrmDemand;

/*
 * Starts reading under the active snapshot and CurrentResourceOwner; all it
 * needs is allocated under "parent". The demand says how large the first window
 * may be.
 */
extern OrmRead *orm_read_start(OrmStep *step, OrmDemand demand, MemoryContext parent);

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
