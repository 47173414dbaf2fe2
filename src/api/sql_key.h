/*
 * sql_key.h
 *	  The key argument of find and its kin as a condition.
 */
#ifndef ORM_API_SQL_KEY_H
#define ORM_API_SQL_KEY_H

#include "query/query_document.h"

/*
 * The condition "is the row of this key" for a value of any SQL type; NULL
 * when part of the key is null, for no row has that. 22P02 for what does not
 * fit, an object that names no unique set of properties included; 22023 where
 * the entity has no key.
 */
extern OrmWhere *orm_key_condition(OrmEntity *entity, Datum value, Oid type);

/*
 * The value of a key of one column as a Datum of its base type; false for a
 * key that has to be read as an object.
 */
extern bool orm_key_scalar(OrmEntity *entity, Datum value, Oid type, Datum *key);

/*
 * The unique set that a jsonb object names, and its values by column of it as
 * Datums of their base types; NULL for all that has to go the long way. Raises
 * what orm_key_condition does.
 */
extern OrmUnique *orm_key_unique(OrmEntity *entity, Datum value, Oid type, Datum *key);

/* the key in argument "at" as a condition; of a NULL key one that no row satisfies */
extern OrmWhere *orm_arg_key(FunctionCallInfo fcinfo, int at, OrmEntity *entity);

/*
 * The key of a value of any SQL type by column, as base types; false when part
 * of it is null. Other unique sets do not count. Raises as above.
 */
extern bool orm_key_values(OrmEntity *entity, Datum value, Oid type, Datum *key);

#endif							/* ORM_API_SQL_KEY_H */
