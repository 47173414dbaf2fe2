/*
 * row_function.h
 *	  Functions that take the row of a relation and give rows of another.
 */
#ifndef ORM_MODEL_ROW_FUNCTION_H
#define ORM_MODEL_ROW_FUNCTION_H

#include "base/compat.h"

/*
 * The function of that name, qualified or found by search_path, that takes one
 * row of the relation; InvalidOid when there is none. A qualified one is found
 * whatever the rights of the caller.
 */
extern Oid	orm_row_function(const char *name, Oid relid);
/* does it return a set of rows of the relation? False for InvalidOid. */
extern bool orm_row_function_gives(Oid function, Oid relid);
/* its name as "schema.function", quoted where needed */
extern char *orm_row_function_qualified(Oid function);

#endif							/* ORM_MODEL_ROW_FUNCTION_H */
