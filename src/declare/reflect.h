/*
 * reflect.h
 *	  Declares the tables of a schema as they are.
 */
#ifndef ORM_DECLARE_REFLECT_H
#define ORM_DECLARE_REFLECT_H

#include "base/compat.h"

#include "nodes/pg_list.h"

/*
 * Declares every table of the schema that has a primary key, belongs to the
 * caller, to no extension, and is not declared yet. Gives the names declared,
 * sorted: List of char *. 3F000 for an unknown schema.
 */
extern List *orm_reflect_schema(const char *schema, const char *naming);

#endif							/* ORM_DECLARE_REFLECT_H */
