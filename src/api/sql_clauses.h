/*
 * sql_clauses.h
 *	  The VARIADIC clauses of the reading functions as one query.
 */
#ifndef ORM_API_SQL_CLAUSES_H
#define ORM_API_SQL_CLAUSES_H

#include "query/query_document.h"

/* deeper than any query that orm_max_depth allows, and no deeper than the stack bears */
#define ORM_DOCUMENT_DEPTH	(orm_max_depth * 4 + 16)

/* an entity by the function's argument; 22004 when that is NULL, 42704 when there is none */
extern OrmEntity *orm_arg_entity(FunctionCallInfo fcinfo, int at);

/* a relation of the entity by the function's argument; 42703 when there is none, 22023 for a path */
extern OrmRelation *orm_arg_entity_relation(FunctionCallInfo fcinfo, int at, OrmEntity *entity);

/* the clauses of argument "at" (jsonb[], or one jsonb with "single"): List of Jsonb *, copies; NULL is 22004 */
extern List *orm_arg_clause_list(FunctionCallInfo fcinfo, int at, bool single);

/* merges the clauses of argument "at" into the query; NULL clauses are 22004 */
extern void orm_arg_clauses(FunctionCallInfo fcinfo, int at, OrmQuery *query, int also);

/* the documents of argument "at" (jsonb[], or one jsonb with "single"); returns their number */
extern int	orm_arg_documents(FunctionCallInfo fcinfo, int at, bool single, OrmJson ***documents);

/* the last entity that a clause names, or NULL */
extern const char *orm_documents_entity(OrmJson **documents, int n);

/* 22023 for clauses that choose rows: these are for rows that the caller has chosen */
extern void orm_documents_refuse_choice(OrmJson **documents, int n);

#endif							/* ORM_API_SQL_CLAUSES_H */
