/*
 * derive_link.h
 *	  How the rows of two relations meet: links, and facts of their two sides.
 *
 * Shared by the files that derive relations, each of its kinds. The entity's
 * context must be current in every call.
 */
#ifndef ORM_MODEL_DERIVE_LINK_H
#define ORM_MODEL_DERIVE_LINK_H

#include "model/catalog.h"
#include "model/entity.h"

/*
 * Links near columns to far columns. False when a column is gone, or when no
 * operator joins the types.
 */
extern bool orm_derive_links(OrmLinkColumn **links, Oid near_relid, const AttrNumber *near, Oid far_relid,
							 const AttrNumber *far, int n);
/* the same by the names of the columns: also false when there are none, or not as many on both sides */
extern bool orm_derive_link_names(OrmLinkColumn **links, int *nlinks, Oid near, List *near_columns,
								  Oid far, List *far_columns);
/*
 * How the columns of a link meet, whose attribute numbers are there: operator,
 * and what near's value is taken as. False when no operator joins the types.
 */
extern bool orm_derive_meeting(OrmLinkColumn *link, Oid near_relid, Oid near_type, Oid far_relid);
/* attribute numbers of a list of column names; false when one is gone, or there are too many for INDEX_MAX_KEYS */
extern bool orm_derive_columns(Oid relid, List *names, AttrNumber *attnums);

/* sets the target, which the entity depends on from here; false when it bears no entity */
extern bool orm_derive_target(OrmEntity *entity, OrmRelation *relation, Oid relid);
/* facts of the far side that the loader and the checks want to know; the links must be there */
extern void orm_derive_far_side(OrmRelation *relation);
extern void orm_derive_near_side(OrmEntity *entity, OrmRelation *relation);
/* the kinds that have files of their own: what a declaration says of its rows; false when something is gone */
extern bool orm_derive_has_many_in(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row);
extern bool orm_derive_has_many_by(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row);

/* columns of the junction as the pivot: those named, else those that no link is over */
extern void orm_derive_pivots(OrmRelation *relation, bool given, List *names);

#endif							/* ORM_MODEL_DERIVE_LINK_H */
