/*
 * keyed.h
 *	  One relation for entities of which only the keys are known.
 */
#ifndef ORM_QUERY_KEYED_H
#define ORM_QUERY_KEYED_H

#include "query/query_document.h"

/*
 * A query whose roots are rows at hand, with the relation below. Where the
 * relation starts from columns of the root it is its only load; with "read"
 * the roots have keys only, and between them and the relation stands one that
 * reads the entity's rows by key, with no property of theirs. "loaded" is
 * set to the relation's queries, for orm_query_merge_all; then orm_query_finish the root.
 */
extern OrmQuery *orm_keyed_query(OrmEntity *entity, OrmRelation *relation, bool read, List **loaded);

/* does the relation start from columns of its entity's key alone? */
extern bool orm_relation_starts_from_key(const OrmEntity *entity, const OrmRelation *relation);

#endif							/* ORM_QUERY_KEYED_H */
