/*
 * step_cache.h
 *	  Load trees with their statements, kept by what was asked for.
 *
 * A client that asks for the same again, or for the same with other values in
 * "where", is spared the reading of the documents and the writing of SQL. Kept
 * is only what says the same each time: trees that read a setting, or compare
 * with the time, are made anew.
 */
#ifndef ORM_RUN_STEP_CACHE_H
#define ORM_RUN_STEP_CACHE_H

#include "base/json_reader.h"
#include "query/deparse.h"

/* a call that wants a load tree; calls that differ in nothing here get the same one */
typedef struct OrmStepCall
{
	OrmEntity  *entity;
	int			form;			/* what the caller makes of the clauses, by a number of his own */
	int			by;				/* number of a unique set whose values come with the call, or -1 */
	const char *clauses;		/* as they came */
	Size		clauses_len;

	/* reads the clauses in the current memory context; how many documents they are */
	int			(*read) (void *arg, OrmJson ***documents);
	/* makes the tree of them, with all that belongs to it in the current memory context */
	OrmStep    *(*build) (void *arg, OrmJson **documents, int n);
	void	   *arg;
} OrmStepCall;

/*
 * The tree of a call, with the values that its documents give. Good until
 * "owner", in which the rest is allocated, is reset or deleted; others may use
 * it at the same time. Raises what reading and building raise.
 */
extern OrmStep *orm_step_get(const OrmStepCall *call, MemoryContext owner);

/*
 * A tree whose root statement is one's own, so that its values can be set; in
 * the current memory context.
 */
extern OrmStep *orm_step_copy(OrmStep *step);

/* bytes of all trees kept: they count towards the plan cache's bound */
extern Size orm_step_cache_bytes(void);

#endif							/* ORM_RUN_STEP_CACHE_H */
