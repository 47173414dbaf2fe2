/*
 * value.h
 *	  Statements that give no entities: one value, or only a plan.
 */
#ifndef ORM_RUN_VALUE_H
#define ORM_RUN_VALUE_H

#include "utils/snapshot.h"

#include "query/deparse.h"

/* runs a statement of one row and one column passed by value; its plan is pinned by "context" */
extern Datum orm_value_read(OrmStatement *statement, Snapshot snapshot, MemoryContext context);

/* how many rows the planner thinks a statement gives; it is not run */
extern double orm_value_estimate(OrmStatement *statement, MemoryContext context);

#endif							/* ORM_RUN_VALUE_H */
