/*
 * stamp.h
 *	  The row trigger that keeps an entity's version and timestamps, for every
 *	  writer of its table.
 *
 * Making and dropping the trigger is declare/stamp_trigger's. Its arguments are
 * pairs of a role and a column: 'version', 'lock_version', 'updated_at', 'changed'.
 */
#ifndef ORM_MODEL_STAMP_H
#define ORM_MODEL_STAMP_H

#include "base/compat.h"

#define ORM_STAMP_FUNCTION "_stamp"

#define ORM_STAMP_VERSION "version"
#define ORM_STAMP_CREATED_AT "created_at"
#define ORM_STAMP_UPDATED_AT "updated_at"

/*
 * Between the two, updates by statements of the caller's own leave versions as
 * they are, for a row that the same call has written before. What triggers
 * write meanwhile is bumped as ever. The caller sees to the second call on
 * every way out, errors included, and hands it what the first one gave: a
 * trigger may have come to do the same in between.
 */
extern int	orm_stamp_hold(void);
extern void orm_stamp_release(int former);

#endif							/* ORM_MODEL_STAMP_H */
