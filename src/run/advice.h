/*
 * advice.h
 *	  Notices relations that are read one key at a time, over and over.
 */
#ifndef ORM_RUN_ADVICE_H
#define ORM_RUN_ADVICE_H

#include "run/hydrator.h"

extern int	orm_n_plus_one_threshold;	/* the setting; 0: off */

/*
 * A relation was read for one key, in a call that was about one entity. More
 * often than the threshold in one transaction: one WARNING. Counted with the
 * plan, for orm.stats, however it is set.
 */
extern void orm_advice_one_key(const OrmEntity *entity, const OrmRelation *relation, OrmLevel *level);

/* the same for the relations of a level that has one row, and for its call no more */
extern void orm_advice_one_row(const OrmLevel *level);

#endif							/* ORM_RUN_ADVICE_H */
