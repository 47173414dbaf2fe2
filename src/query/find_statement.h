/*
 * find_statement.h
 *	  The statements of find by key alone, written once per entity and unique set.
 *
 * Not for a find with clauses: that is an ordinary query.
 */
#ifndef ORM_QUERY_FIND_STATEMENT_H
#define ORM_QUERY_FIND_STATEMENT_H

#include "query/deparse.h"

/* conditions that find the row of a key, or of a unique set whose columns are all properties: a value by column is to come */
extern List *orm_find_wheres(OrmEntity *entity, const OrmUnique *unique);

/*
 * SELECT of the default properties of the row whose key is $1; what parameters
 * there are beyond have their values in the statement. It lives with the
 * entity. NULL where find takes more than that: no key or a composite one,
 * relations loaded by default, scopes that say something else each time.
 */
extern OrmStatement *orm_find_statement(OrmEntity *entity);

/*
 * The same by a unique set whose columns are all properties: $1 is the value
 * of its first column, and so on. NULL where find takes more.
 */
extern OrmStatement *orm_find_statement_by(OrmEntity *entity, OrmUnique *unique);

#endif							/* ORM_QUERY_FIND_STATEMENT_H */
