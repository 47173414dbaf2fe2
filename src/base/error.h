/*
 * error.h
 *	  SQLSTATEs of our own and the wording that errors share.
 *
 * Not here: checks. Callers check and ereport themselves.
 */
#ifndef ORM_BASE_ERROR_H
#define ORM_BASE_ERROR_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* class OR: outcomes that a client handles by code */
#define ERRCODE_ORM_STALE			MAKE_SQLSTATE('O', 'R', '0', '0', '1')
#define ERRCODE_ORM_VETOED			MAKE_SQLSTATE('O', 'R', '0', '0', '2')
#define ERRCODE_ORM_NOT_WRITABLE	MAKE_SQLSTATE('O', 'R', '0', '0', '3')
#define ERRCODE_ORM_TOO_MANY_ROWS	MAKE_SQLSTATE('O', 'R', '0', '0', '4')

/*
 * The member of "names" (a List of char *) that is nearest to "name", or NULL
 * when none is near enough to be a slip of the pen. Allocates nothing that
 * the caller must free.
 */
extern const char *orm_nearest_name(const char *name, List *names);

/*
 * errhint("Did you mean \"...\"?") for the nearest of "names"; with none near
 * enough, a hint that lists them all (up to a sane length), and no hint when
 * the list is empty. "what" is the plural shown: "properties", "entities".
 */
extern int	orm_hint_names(const char *name, List *names, const char *what);

#endif							/* ORM_BASE_ERROR_H */
