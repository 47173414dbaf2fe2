/*
 * sql_arguments.h
 *	  Arguments of SQL functions that are not strict, as C values.
 *
 * NULL where a value is needed is 22004 and names the argument.
 */
#ifndef ORM_API_SQL_ARGUMENTS_H
#define ORM_API_SQL_ARGUMENTS_H

#include "base/compat.h"

#include "nodes/pg_list.h"

/* 22004 for SQL NULL */
extern void orm_arg_refuse_null(FunctionCallInfo fcinfo, int at, const char *name);
/* palloc'd; NULL for SQL NULL */
extern char *orm_arg_text(FunctionCallInfo fcinfo, int at);
extern char *orm_arg_text_required(FunctionCallInfo fcinfo, int at, const char *name);
/* InvalidOid for NULL */
extern Oid	orm_arg_relation(FunctionCallInfo fcinfo, int at);
extern Oid	orm_arg_relation_required(FunctionCallInfo fcinfo, int at, const char *name);
/* -1 for NULL */
extern int8 orm_arg_flag(FunctionCallInfo fcinfo, int at);
/* text[] of one dimension without NULLs: List of char *, NIL for NULL */
extern List *orm_arg_names(FunctionCallInfo fcinfo, int at, const char *name);
/* jsonb as its text; NULL for NULL */
extern char *orm_arg_jsonb(FunctionCallInfo fcinfo, int at);

/* gives a list of char * as the rows of a function that returns SETOF text */
extern Datum orm_return_names(FunctionCallInfo fcinfo, List *names);

#endif							/* ORM_API_SQL_ARGUMENTS_H */
