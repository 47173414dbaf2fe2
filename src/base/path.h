/*
 * path.h
 *	  Names with dots between, as in "posts.comments".
 */
#ifndef ORM_BASE_PATH_H
#define ORM_BASE_PATH_H

#include "base/compat.h"

#include "nodes/pg_list.h"

/*
 * Splits a path at dots outside double quotes: List of char *, in the current
 * memory context; NIL when it is malformed.
 */
extern List *orm_path_split(const char *path);

#endif							/* ORM_BASE_PATH_H */
