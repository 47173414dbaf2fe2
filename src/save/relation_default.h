/*
 * relation_default.h
 *	  What the condition of a relation says of a row that is saved through it.
 */
#ifndef ORM_SAVE_RELATION_DEFAULT_H
#define ORM_SAVE_RELATION_DEFAULT_H

#include "save/graph.h"

/*
 * The values that a new row has because of {"status": "open"}: properties that
 * the condition wants equal to a value, or null. List of OrmSaveDefault *; what
 * else it says is no default.
 */
extern List *orm_save_defaults(OrmSaveTable *table, OrmRelation *relation);

#endif							/* ORM_SAVE_RELATION_DEFAULT_H */
