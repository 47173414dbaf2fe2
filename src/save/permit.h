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

/* the clause: 22023 for what is no list of paths, 42703 for an unknown name */
extern OrmPermit *orm_permit_parse(OrmEntity *entity, const OrmJson *node);

/* OR003 unless the property may be given at this level; "start" is its place in the input */
extern void orm_permit_property(const OrmPermit *permit, const char *name, const OrmSaveCall *call, Size start);

/* OR003 unless a row may be named by its key alone at this level */
extern void orm_permit_link(const OrmPermit *permit, const OrmSaveCall *call, Size start);

/* OR003 unless the relation may be given; what may be given of its rows */
extern const OrmPermit *orm_permit_relation(const OrmPermit *permit, const char *name, const OrmSaveCall *call,
											Size start);

#endif							/* ORM_SAVE_PERMIT_H */
