/*
 * deferral.h
 *	  Foreign keys that are checked later, where rows need each other.
 */
#ifndef ORM_SAVE_DEFERRAL_H
#define ORM_SAVE_DEFERRAL_H

#include "save/row_link.h"

/*
 * May the foreign key of a link be checked later? Then it will be, if it
 * objects: at the end of the call, or where the caller has deferred it already
 * when he wants it.
 */
extern bool orm_save_defer(const OrmSaveLink *link);

/* the same for a unique constraint of a table, which has objected: it is deferred now */
extern bool orm_save_defer_unique(const OrmSaveTable *table, const char *constraint);

/* what may be deferred has objected, so the caller has not done so: now it is */
extern void orm_save_defer_now(OrmSaveCall *call);

/* checks what was deferred by this call */
extern void orm_save_check_deferred(OrmSaveCall *call);

#endif							/* ORM_SAVE_DEFERRAL_H */
