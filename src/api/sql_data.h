/*
 * sql_data.h
 *	  Arguments that hold small data, of whatever SQL type, as a tree of JSON.
 *
 * Graphs, which may be large, are text: api/sql_json.h.
 */
#ifndef ORM_API_SQL_DATA_H
#define ORM_API_SQL_DATA_H

#include "base/json_reader.h"

/*
 * Argument "at" as a tree, in the current context: json, jsonb and text are
 * JSON. With "values" an array of SQL is a list, and a value of any other type
 * itself; without, another type is 42804. SQL NULL is 22004, text that is no
 * JSON 22P02.
 */
extern OrmJson *orm_arg_data(FunctionCallInfo fcinfo, int at, const char *name, int max_depth, bool values);

#endif							/* ORM_API_SQL_DATA_H */
