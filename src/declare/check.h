/*
 * check.h
 *	  Looks through the whole model for what does not hold, or holds badly.
 */
#ifndef ORM_DECLARE_CHECK_H
#define ORM_DECLARE_CHECK_H

#include "base/compat.h"

#include "nodes/pg_list.h"

typedef struct OrmFinding
{
	char	   *entity;
	char	   *subject;		/* "relation posts" */
	const char *severity;		/* error: can't be used; warning: slow, or not what it says; notice */
	char	   *message;
	char	   *hint;			/* NULL: none */
} OrmFinding;

/*
 * OrmFinding *, by entity, in the current memory context. Reads catalogs only,
 * no rows, and nothing that the caller may not look up is reported as a fault.
 */
extern List *orm_check_model(void);

#endif							/* ORM_DECLARE_CHECK_H */
