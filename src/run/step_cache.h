/*
 * step_cache.h
 *	  Load trees with their statements, kept by what was asked for.
 *
 * A client that asks for the same again, by the same clauses, is spared their
 * reading and the writing of SQL. Kept is only what says the same each time:
 * trees with other values than these, or that read a setting, are made anew.
 */
#ifndef ORM_RUN_STEP_CACHE_H
#define ORM_RUN_STEP_CACHE_H

#include "query/deparse.h"

/* what makes two calls ask for the same */
typedef struct OrmStepKey
{
	OrmEntity  *entity;
	int			form;			/* what the caller makes of the clauses, by a number of his own */
	int			by;				/* number of a unique set whose values come with the call, or -1 */
	const char *clauses;		/* as they came */
	Size		clauses_len;
} OrmStepKey;

/* makes the tree, with all that belongs to it in the current memory context */
typedef OrmStep *(*OrmStepBuild) (void *arg);

/*
 * The tree that "build" makes of "arg", or made of the like before. Good until
 * "owner" is reset or deleted. Of a statement that takes values with the call
 * (nkeys of them) the caller makes a copy to put them in.
 */
extern OrmStep *orm_step_get(const OrmStepKey *key, OrmStepBuild build, void *arg, MemoryContext owner);

/* bytes of all trees kept: they count towards the plan cache's bound */
extern Size orm_step_cache_bytes(void);

#endif							/* ORM_RUN_STEP_CACHE_H */
