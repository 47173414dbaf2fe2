/*
 * keyed_load.h
 *	  One relation for many entities at once, of which the keys are known.
 */
#ifndef ORM_RUN_KEYED_LOAD_H
#define ORM_RUN_KEYED_LOAD_H

#include "run/hydrator.h"
#include "utils/snapshot.h"

typedef struct OrmKeyedLoad
{
	OrmEntity  *entity;
	OrmLevel   *root;			/* its rows are the entities */
	OrmLevel   *own;			/* what is read of them for the relation to start from; NULL: nothing */
	OrmLevel   *relation;
	int			n;
} OrmKeyedLoad;

/* for a query of orm_keyed_query that is finished; in the current memory context */
extern OrmKeyedLoad *orm_keyed_load_new(OrmQuery *query);

/* the next entity, by its key: base types, no nulls */
extern void orm_keyed_load_add_key(OrmKeyedLoad *load, const Datum *key);

/* the next entity, by the values that the relation starts from; not where rows are read */
extern void orm_keyed_load_add_near(OrmKeyedLoad *load, const Datum *near, const bool *nulls);

/* bytes that will be held for one entity, as the planner takes it */
extern double orm_keyed_load_estimate(const OrmKeyedLoad *load);

/* runs a statement per relation; without entities, or where none has a key, it runs none */
extern void orm_keyed_load_run(OrmKeyedLoad *load, Snapshot snapshot);

/* what was loaded for the entity of that number, from 0: an array, an object or null */
extern void orm_keyed_load_write(OrmKeyedLoad *load, int number, OrmBuffer *out);

/* what stands where nothing was loaded */
extern const char *orm_relation_nothing(const OrmRelation *relation);

#endif							/* ORM_RUN_KEYED_LOAD_H */
