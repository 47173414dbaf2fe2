/*
 * sql_json.h
 *	  Arguments that hold data as JSON, of whatever SQL type.
 */
#ifndef ORM_API_SQL_JSON_H
#define ORM_API_SQL_JSON_H

#include "base/compat.h"

/*
 * Argument "at", of type json, jsonb or text, as valid JSON text, palloc'd;
 * NULL for SQL NULL. Text that is no JSON is 22P02, another type 42804.
 */
extern char *orm_arg_json(FunctionCallInfo fcinfo, int at, const char *name);

#endif							/* ORM_API_SQL_JSON_H */
