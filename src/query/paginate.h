/*
 * paginate.h
 *	  What "page", "limit" and the cursors of a page mean together.
 */
#ifndef ORM_QUERY_PAGINATE_H
#define ORM_QUERY_PAGINATE_H

#include "query/query_document.h"

typedef enum OrmTotal
{
	ORM_TOTAL_NONE,
	ORM_TOTAL_EXACT,
	ORM_TOTAL_PLANNED,			/* as the planner thinks */
	ORM_TOTAL_ESTIMATED			/* as the server remembers, or as the planner thinks */
} OrmTotal;

typedef struct OrmPaging
{
	int64		limit;
	int64		page;			/* 0: the rows go by a cursor or an offset */
	bool		from_start;		/* nothing comes in front of the page */
	OrmTotal	total;
} OrmPaging;

extern void orm_paginate_parse_page(OrmQuery *query, const OrmJson *value);
extern void orm_paginate_parse_total(OrmQuery *query, const OrmJson *value);

/*
 * After the last clause and before the query is finished: makes it one of a
 * page and the row behind it. 22023 for clauses that can't stand together.
 */
extern void orm_paginate_settle(OrmQuery *query, OrmPaging *paging);

/* of a finished query: all that its pages are of, a copy */
extern OrmQuery *orm_paginate_whole(const OrmQuery *query);

#endif							/* ORM_QUERY_PAGINATE_H */
