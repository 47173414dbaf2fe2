/*
 * step_shape.h
 *	  Whether documents are alike but for the values that they give.
 */
#ifndef ORM_RUN_STEP_SHAPE_H
#define ORM_RUN_STEP_SHAPE_H

#include "base/json_reader.h"
#include "query/deparse.h"

/* equal for documents that are alike; values in "where" do not count */
extern uint32 orm_shape_hash(OrmJson *const *documents, int n);

/*
 * Is "other" the same as "documents", from which the statement was made, but
 * for the values that these give it? "sources" gets, in the order of
 * statement->given, where these stand in "other".
 */
extern bool orm_shape_is_same(const OrmStatement *statement, OrmJson *const *documents, OrmJson *const *other, int n,
							  const OrmJson **sources);

/* do all the values that the statement is given stand in these documents? */
extern bool orm_shape_holds(const OrmStatement *statement, OrmJson *const *documents, int n);

#endif							/* ORM_RUN_STEP_SHAPE_H */
