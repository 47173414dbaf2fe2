/*
 * link.h
 *	  Links, removes links, or brings the links of one row to a list: the verbs
 *	  link, unlink and sync.
 *
 * Of a many-to-many it is rows of the junction that come and go (pivot.h), of
 * other relations the foreign key that is set or cleared. No row is deleted
 * but those of a junction.
 */
#ifndef ORM_SAVE_LINK_H
#define ORM_SAVE_LINK_H

#include "base/json_reader.h"
#include "model/entity.h"
#include "query/where.h"
#include "save/statement.h"

typedef enum OrmLinkVerb
{
	ORM_LINK,
	ORM_UNLINK,
	ORM_SYNC
} OrmLinkVerb;

typedef struct OrmLinkResult
{
	OrmEntity  *target;
	List	   *linked;			/* Datum *: keys of the target, as are the next two */
	List	   *updated;
	List	   *unlinked;
} OrmLinkResult;

/*
 * Runs the verb for the row of "entity" that satisfies "key". "data" is a key,
 * a key object, an object of a key and "pivot", or a list of these. Everything
 * is allocated in the current context. P0002 for a row that is not there, the
 * owner's or a target's to be linked; 22023 and 22P02 for bad data; 23502
 * where a foreign key can't be cleared; OR003 where it may not be written.
 */
extern OrmLinkResult *orm_link(OrmLinkVerb verb, OrmEntity *entity, OrmRelation *relation, OrmWhere *key,
							   const OrmJson *data);

/* ---- for link*.c only ---- */

typedef struct OrmLinkCall
{
	OrmLinkVerb verb;
	OrmEntity  *entity;
	OrmRelation *relation;
	OrmEntity  *target;
	OrmWhere   *key;
	int			nelements;
	const OrmJson **elements;
	OrmBatch   *keys;			/* of the elements */
	Datum	   *owner;			/* near columns of the relation's links */
	bool	   *owner_nulls;
	OrmLinkResult *result;
} OrmLinkCall;

/* in link_data.c: reads elements and their keys */
extern void orm_link_read(OrmLinkCall *call, const OrmJson *data);
/* the clause "pivot" of an element, or NULL */
extern const OrmJson *orm_link_pivot(const OrmLinkCall *call, int element);
/* P0002: the element names a row that is not there */
orm_noreturn extern void orm_link_missing(const OrmLinkCall *call, int element);

/* in link.c: reads the owner; with "needed" none of the values may be NULL */
extern void orm_link_read_owner(OrmLinkCall *call, bool needed);

/* in link_key.c: relations over a foreign key */
extern void orm_link_children(OrmLinkCall *call);
extern void orm_link_owning(OrmLinkCall *call);

#endif							/* ORM_SAVE_LINK_H */
