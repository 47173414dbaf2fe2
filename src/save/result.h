/*
 * result.h
 *	  The saved graph as JSON.
 */
#ifndef ORM_SAVE_RESULT_H
#define ORM_SAVE_RESULT_H

#include "save/graph.h"

/* appends the roots with all that the input gave below them, as the database has them */
extern void orm_save_result(OrmSaveCall *call, OrmBuffer *out);

/* false: relations that "returning" loads stand in the place of all rows of the table */
extern bool orm_save_is_shown(const OrmSaveTable *table);

#endif							/* ORM_SAVE_RESULT_H */
