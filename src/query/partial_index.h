/*
 * partial_index.h
 *	  Whether a partial index finds the rows that a relation's query asks for.
 */
#ifndef ORM_QUERY_PARTIAL_INDEX_H
#define ORM_QUERY_PARTIAL_INDEX_H

#include "query/query_document.h"

/*
 * Does an index of some of the target's rows lead with the columns that the
 * relation is read by, and do the query's conditions leave no others? Only
 * conditions that say it whatever their values are: tests for NULL, and flags.
 */
extern bool orm_partial_index_serves(OrmRelation *relation, List *wheres);

#endif							/* ORM_QUERY_PARTIAL_INDEX_H */
