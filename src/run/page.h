/*
 * page.h
 *	  One page of roots, read in one window, and the cursors at its ends.
 */
#ifndef ORM_RUN_PAGE_H
#define ORM_RUN_PAGE_H

#include "run/hydrator.h"

typedef struct OrmPage
{
	OrmLevel   *level;
	bool		backwards;		/* the rows came last one first */
	bool		more;			/* there is a row behind the page, in the direction of reading */
	Datum	   *first;			/* values of the order at the first and the last row that came */
	bool	   *first_nulls;
	Datum	   *last;
	bool	   *last_nulls;
	MemoryContext last_context;
} OrmPage;

/*
 * Reads the roots of a query of a page with their relations into "context". The row behind the page, which the statement gives
 * too, is neither printed nor are its relations loaded.
 */
extern OrmPage *orm_page_read(OrmStep *step, Snapshot snapshot, MemoryContext context);

/* the cursor at the start or end of the page; NULL where there is none */
extern char *orm_page_cursor(const OrmPage *page, bool at_end);

/* the roots as a JSON array, in the order asked for */
extern void orm_page_write(OrmPage *page, OrmBuffer *out);

#endif							/* ORM_RUN_PAGE_H */
