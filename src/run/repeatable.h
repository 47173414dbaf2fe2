/*
 * repeatable.h
 *	  Would the statements of levels give the same again, as long as nothing is
 *	  written?
 */
#ifndef ORM_RUN_REPEATABLE_H
#define ORM_RUN_REPEATABLE_H

#include "run/hydrator.h"

/*
 * Not where row-level security of a table that is read holds for the caller,
 * where a function may give something else next time, or where a table was
 * made by this transaction.
 */
extern bool orm_level_repeatable(const OrmLevel *level);

#endif							/* ORM_RUN_REPEATABLE_H */
