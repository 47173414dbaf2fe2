/*
 * deparse_load.h
 *	  Statements that load the rows of a relation for the keys of a window.
 */
#ifndef ORM_QUERY_DEPARSE_LOAD_H
#define ORM_QUERY_DEPARSE_LOAD_H

#include "query/deparse.h"

/*
 * The statement of a step that loads a relation, and the step's strategy. With
 * "range" all rows between two keys: see orm_deparse_range.
 */
extern OrmStatement *orm_deparse_load(OrmStep *step, bool range);

#endif							/* ORM_QUERY_DEPARSE_LOAD_H */
