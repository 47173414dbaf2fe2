/*
 * value_operator.h
 *	  Operators in the place of a value: {"$inc": 1} and its kin.
 */
#ifndef ORM_SAVE_VALUE_OPERATOR_H
#define ORM_SAVE_VALUE_OPERATOR_H

#include "save/graph.h"

/*
 * Reads an object that stands in the place of a column's value; false when it
 * is no operator but the value itself. 22023 for an operator that the type
 * lacks.
 */
extern bool orm_save_operator(OrmSaveRow *row, AttrNumber attnum, OrmJsonSpan span);

/*
 * The value that a column gets, as SQL, palloc'd: "old" is what is there (NULL
 * for a row that is inserted), "new" the value given.
 */
extern char *orm_save_operation(const OrmSaveTable *table, AttrNumber attnum, OrmGiven given, const char *old,
								const char *new);

#endif							/* ORM_SAVE_VALUE_OPERATOR_H */
