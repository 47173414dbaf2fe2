/*
 * strict.h
 *	  The setting orm.strict, and whether a relation has an index to read by.
 */
#ifndef ORM_QUERY_STRICT_H
#define ORM_QUERY_STRICT_H

#include "query/query_document.h"

extern bool orm_strict;			/* the setting */

typedef enum OrmIndexState
{
	ORM_INDEX_USABLE,			/* also where there can be none: views, foreign tables */
	ORM_INDEX_MISSING,
	ORM_INDEX_DEFEATED			/* the far columns are cast to be compared */
} OrmIndexState;

/*
 * What the relation's rows are found by. Unless it is usable, *detail says what
 * is wrong, as a whole sentence, and *hint what helps, palloc'd.
 */
extern OrmIndexState orm_relation_index(const OrmRelation *relation, char **detail, char **hint);

/* with orm.strict: 55000 for a load below "query" whose relation has no usable index */
extern void orm_strict_check(OrmQuery *query);

/* with orm.strict: 55000 */
extern void orm_strict_refuse_lazy(const OrmEntity *entity, const OrmRelation *relation);

#endif							/* ORM_QUERY_STRICT_H */
