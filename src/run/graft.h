/*
 * graft.h
 *	  Relations for entities that are JSON already.
 */
#ifndef ORM_RUN_GRAFT_H
#define ORM_RUN_GRAFT_H

#include "base/json_text.h"
#include "run/hydrator.h"
#include "utils/snapshot.h"

/*
 * Appends JSON text to "out" with the relations of "step" (orm_deparse_relations)
 * added to the entities in it: one object, or an array of objects and nulls.
 *
 * An object without the member of a relation gets it; one that has it keeps
 * it, and where the load tree goes on, so do the objects inside. All else
 * stays byte for byte. One statement per relation and level. An eager relation
 * that was not asked for is given to what is loaded, not to what is there.
 * Raises 22023 where a property that a relation needs is missing, and what the
 * input function of its type raises where its value does not fit. Garbage goes
 * to the current memory context.
 */
extern void orm_graft(OrmStep *step, const char *text, Size len, Snapshot snapshot, OrmBuffer *out);

#endif							/* ORM_RUN_GRAFT_H */
