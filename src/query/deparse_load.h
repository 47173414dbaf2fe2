/*
 * deparse_load.h
 *	  Statements that load the rows of a relation for the keys of a window.
 */
#ifndef ORM_QUERY_DEPARSE_LOAD_H
#define ORM_QUERY_DEPARSE_LOAD_H

#include "query/deparse.h"

/* for which of the step's statements */
typedef enum OrmLoadForm
{
	ORM_LOAD_BY_KEYS,
	ORM_LOAD_BY_RANGE,			/* all rows between two keys: see orm_deparse_range */
	ORM_LOAD_WITHOUT_TIES		/* see orm_deparse_without_ties */
} OrmLoadForm;

/* the statement of a step that loads a relation, and the step's strategy */
extern OrmStatement *orm_deparse_load(OrmStep *step, OrmLoadForm form);

#endif							/* ORM_QUERY_DEPARSE_LOAD_H */
