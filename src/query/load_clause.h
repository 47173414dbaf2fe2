/*
 * load_clause.h
 *	  The clause "load", and the relations that are loaded by themselves.
 */
#ifndef ORM_QUERY_LOAD_CLAUSE_H
#define ORM_QUERY_LOAD_CLAUSE_H

#include "query/query_document.h"

/* ["posts.comments", …] or {"posts": {…}, "tags": false}; 22023 and 42703 with the place */
extern void orm_load_parse(OrmQuery *query, const OrmJson *value);

/* after the last clause: the eager relations that were not left off */
extern void orm_load_add_eager(OrmQuery *query);

#endif							/* ORM_QUERY_LOAD_CLAUSE_H */
