/*
 * load_clause.h
 *	  The clause "load", and the relations that are loaded by themselves.
 */
#ifndef ORM_QUERY_LOAD_CLAUSE_H
#define ORM_QUERY_LOAD_CLAUSE_H

#include "query/query_document.h"

/* ["posts.comments", …] or {"posts": {…}, "tags": false}; 22023 and 42703 with the place */
extern void orm_load_parse(OrmQuery *query, const OrmJson *value);

/* the same for several entities at once: each relation is loaded where it is one, and must be one somewhere */
extern void orm_load_parse_all(List *queries, const OrmJson *value);

/* the clause "types" of a morph_to: what it says of the type that "query" is for */
extern void orm_load_parse_types(OrmQuery *query, const OrmJson *value);

/* after the last clause: the eager relations that were not left off */
extern void orm_load_add_eager(OrmQuery *query);

/* loads a relation that no clause names, and gives its queries for orm_query_merge_all */
extern List *orm_load_relation(OrmQuery *query, OrmRelation *relation);

#endif							/* ORM_QUERY_LOAD_CLAUSE_H */
