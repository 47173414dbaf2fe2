/*
 * pivot.h
 *	  Links of one many-to-many relation, for many owners at once: rows of its
 *	  junction table are added, changed and removed.
 *
 * The number of statements does not depend on the number of rows. Owners and
 * targets must have been read before, as the caller (save/lookup.h): the
 * junction's foreign keys would also take rows that the caller can't see.
 */
#ifndef ORM_SAVE_PIVOT_H
#define ORM_SAVE_PIVOT_H

#include "base/json_reader.h"
#include "model/entity.h"

typedef struct OrmPivotOwner
{
	Datum	   *values;			/* of the near columns of relation->links; none is NULL */
	bool		sync;			/* what is not listed goes */
} OrmPivotOwner;

typedef enum OrmPivotOutcome
{
	ORM_PIVOT_UNCHANGED,		/* it was there; or to be removed and not there */
	ORM_PIVOT_LINKED,
	ORM_PIVOT_UPDATED,
	ORM_PIVOT_UNLINKED
} OrmPivotOutcome;

/* a link that is asked for */
typedef struct OrmPivotPair
{
	int			owner;			/* index */
	Datum	   *target;			/* of the far columns of relation->far_links, as read; none is NULL */
	bool		remove;			/* it is to go */
	bool	   *given;			/* by index of relation->pivots; NULL: none of them */
	Datum	   *pivots;
	bool	   *nulls;
	const char *place;			/* in the input, for messages: "At /tags/0: "; NULL: the write tells it */
	/* set by orm_pivot_write */
	OrmPivotOutcome outcome;
	int			same_as;		/* index of an equal pair before it, whose outcome it shares; or -1 */
} OrmPivotPair;

/* a link that was removed because it was not listed */
typedef struct OrmPivotExtra
{
	int			owner;
	Datum	   *key;			/* of the target */
} OrmPivotExtra;

typedef struct OrmPivotWrite
{
	OrmEntity  *entity;			/* the owners' */
	OrmRelation *relation;
	int			nowners;
	OrmPivotOwner *owners;
	int			npairs;
	OrmPivotPair *pairs;
	/* palloc'd place of a pair without one; NULL when all have theirs */
	char	   *(*place) (const struct OrmPivotWrite *write, int pair);
	void	   *arg;			/* for "place" */
	/* set by orm_pivot_write */
	int			nextras;
	OrmPivotExtra *extras;
} OrmPivotWrite;

/*
 * Brings the junction to what is asked for. Equal pairs are one; with unequal
 * pivot values, or one to be removed and one not, 22023 that names both places.
 * Rows that differ in no given pivot column are not touched. Removed by "sync"
 * is only what the relation shows the caller: a link to a row that row-level
 * security, a scope or the relation's condition hides stays. All results are
 * allocated in the current context. Raises what the server raises.
 */
extern void orm_pivot_write(OrmPivotWrite *write);

/*
 * In pivot_values.c: reads {"position": 1, …} into a pair. 42703 for an unknown column, 22P02 for
 * a value that does not fit, 22023 for what is no object.
 */
extern void orm_pivot_read(OrmEntity *entity, OrmRelation *relation, const OrmJson *node, OrmPivotPair *pair);

#endif							/* ORM_SAVE_PIVOT_H */
