/*
 * owned.h
 *	  Rows that belong to their root as parts of it: when they change, the root
 *	  has a new version.
 */
#ifndef ORM_SAVE_OWNED_H
#define ORM_SAVE_OWNED_H

#include "save/graph.h"

/* bumps the roots of owned rows that were changed in this call, unless they were written themselves */
extern void orm_save_bump_roots(OrmSaveCall *call);

#endif							/* ORM_SAVE_OWNED_H */
