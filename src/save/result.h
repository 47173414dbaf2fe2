/*
 * result.h
 *	  The saved graph as JSON.
 */
#ifndef ORM_SAVE_RESULT_H
#define ORM_SAVE_RESULT_H

#include "save/graph.h"

/* appends the roots with all that the input gave below them, as the database has them */
extern void orm_save_result(OrmSaveCall *call, OrmBuffer *out);

#endif							/* ORM_SAVE_RESULT_H */
