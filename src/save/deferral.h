/*
 * deferral.h
 *	  Foreign keys that are checked later, where rows need each other.
 */
#ifndef ORM_SAVE_DEFERRAL_H
#define ORM_SAVE_DEFERRAL_H

#include "save/row_link.h"

/*
 * Has the foreign key of a link checked at the end of the call, or of the
 * transaction where it is declared so; false when it is not deferrable.
 */
extern bool orm_save_defer(const OrmSaveLink *link);

/* checks what was deferred by this call */
extern void orm_save_check_deferred(OrmSaveCall *call);

#endif							/* ORM_SAVE_DEFERRAL_H */
