/*
 * sql_clauses.h
 *	  The VARIADIC clauses of the reading functions as one query.
 */
#ifndef ORM_API_SQL_CLAUSES_H
#define ORM_API_SQL_CLAUSES_H

#include "query/query_document.h"

/* an entity by the function's argument; 22004 when that is NULL, 42704 when there is none */
extern OrmEntity *orm_arg_entity(FunctionCallInfo fcinfo, int at);

/* merges the clauses of argument "at" into the query; NULL clauses are 22004 */
extern void orm_arg_clauses(FunctionCallInfo fcinfo, int at, OrmQuery *query, int also);

#endif							/* ORM_API_SQL_CLAUSES_H */
