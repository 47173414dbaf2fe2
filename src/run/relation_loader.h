/*
 * relation_loader.h
 *	  Loads the relations of a window: one statement per relation, level by level.
 */
#ifndef ORM_RUN_RELATION_LOADER_H
#define ORM_RUN_RELATION_LOADER_H

#include "utils/snapshot.h"

#include "run/hydrator.h"

/*
 * Fills all levels below one whose rows are there. A relation whose window has
 * no key runs no statement. Garbage goes to the current memory context.
 */
extern void orm_load_relations(OrmLevel *level, Snapshot snapshot);

/* the same for one level alone, whose keys are there; what is below it stays empty */
extern void orm_load_level(OrmLevel *level, Snapshot snapshot);

#endif							/* ORM_RUN_RELATION_LOADER_H */
