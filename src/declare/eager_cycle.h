/*
 * eager_cycle.h
 *	  Eager relations that would load each other without end.
 */
#ifndef ORM_DECLARE_EAGER_CYCLE_H
#define ORM_DECLARE_EAGER_CYCLE_H

#include "model/entity.h"

/*
 * The way from a relation of the entity back to the entity, through eager
 * relations alone, as "posts.author", palloc'd; NULL when there is none, or
 * when the relation is not eager itself.
 */
extern char *orm_eager_cycle(OrmEntity *entity, const OrmRelation *relation);

/* 42P17 when the relation of that name, just declared, closes such a way */
extern void orm_eager_refuse_cycle(Oid relid, const char *name);

#endif							/* ORM_DECLARE_EAGER_CYCLE_H */
