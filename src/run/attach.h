/*
 * attach.h
 *	  Puts what was loaded by key into entities that are JSON already.
 */
#ifndef ORM_RUN_ATTACH_H
#define ORM_RUN_ATTACH_H

#include "base/json_text.h"
#include "base/json_writer.h"
#include "model/entity.h"

/*
 * Appends the text "entities" (an object, or an array of objects and nulls) to
 * "out" with the member of the relation set in each: to the value that the
 * array "loaded" of {"key": ..., "value": ...} has for its key, else to null
 * or []. "loaded" NULL is an empty one. All else stays byte for byte. 22023
 * where an entity lacks a property of its key, or "loaded" is something else.
 * Garbage goes to the current memory context.
 */
extern void orm_attach_text(OrmEntity *entity, OrmRelation *relation, const char *entities, const char *loaded,
							OrmBuffer *out);

#endif							/* ORM_RUN_ATTACH_H */
