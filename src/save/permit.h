/*
 * permit.h
 *	  The clause "permit": the only paths that a document may give.
 *
 * A tree of names beside the tree of the input. NULL stands for "everything".
 */
#ifndef ORM_SAVE_PERMIT_H
#define ORM_SAVE_PERMIT_H

#include "save/save.h"

typedef struct OrmPermit OrmPermit;
struct OrmSaveRow;

/* the clause: 22023 for what is no list of paths, 42703 for an unknown name */
extern OrmPermit *orm_permit_parse(OrmEntity *entity, const OrmJson *node);

/*
 * OR003 unless the property may be given at this level; "start" is its place in
 * the input. False when it may only say which row is meant, if nothing else is said of it.
 */
extern bool orm_permit_property(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start);

/* OR003 when a row was given a property that may only say which row is meant, and more is said of the row */
extern void orm_permit_named(const OrmPermit *permit, const struct OrmSaveRow *row);

/* OR003 unless a row may be named by its key alone at this level */
extern void orm_permit_link(const OrmPermit *permit, const OrmSaveCall *call, Size start);

/* OR003 unless the relation, one of the types of a morph_to, may be given; what may be given of its rows */
extern const OrmPermit *orm_permit_relation(const OrmPermit *permit, const OrmRelation *relation,
											const OrmSaveCall *call, Size start);

#endif							/* ORM_SAVE_PERMIT_H */
