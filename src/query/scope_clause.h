/*
 * scope_clause.h
 *	  The clauses "scopes", "without" and "trashed" of one level.
 */
#ifndef ORM_QUERY_SCOPE_CLAUSE_H
#define ORM_QUERY_SCOPE_CLAUSE_H

#include "query/query_document.h"

extern void orm_scope_parse_scopes(OrmQuery *query, const OrmJson *value);
extern void orm_scope_parse_without(OrmQuery *query, const OrmJson *value);
extern void orm_scope_parse_trashed(OrmQuery *query, const OrmJson *value);

/*
 * Adds to the query's conditions what holds without being said: the relation's
 * condition, global scopes, soft deletion. Rows at hand get none of these, and
 * "without" or "trashed" is 22023 for them.
 */
extern void orm_scope_finish(OrmQuery *query);

#endif							/* ORM_QUERY_SCOPE_CLAUSE_H */
