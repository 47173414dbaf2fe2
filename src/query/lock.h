/*
 * lock.h
 *	  The clause "lock": how the root's rows are locked.
 */
#ifndef ORM_QUERY_LOCK_H
#define ORM_QUERY_LOCK_H

#include "lib/stringinfo.h"

#include "query/query_document.h"

struct OrmLock
{
	const char *strength;		/* "UPDATE" … */
	const char *wait;			/* "", " NOWAIT", " SKIP LOCKED" */
	const OrmJson *clause;
};

/* "share skip locked" and the like; 22023 for all else */
extern void orm_lock_parse(OrmQuery *query, const OrmJson *value);

/* " FOR UPDATE OF t NOWAIT", appended where the query locks */
extern void orm_lock_append(StringInfo buf, const OrmQuery *query);

#endif							/* ORM_QUERY_LOCK_H */
