/*
 * point.h
 *	  One row by a statement without relations: the shortest way to an entity.
 */
#ifndef ORM_RUN_POINT_H
#define ORM_RUN_POINT_H

#include "query/deparse.h"

/*
 * The first row that a statement gives for these parameters as a json datum in
 * the current memory context, or false. Under the active snapshot.
 */
extern bool orm_point_read(OrmStatement *statement, const Datum *values, const bool *nulls, Datum *entity);

#endif							/* ORM_RUN_POINT_H */
