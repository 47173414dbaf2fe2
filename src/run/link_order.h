/*
 * link_order.h
 *	  The order in which the rows of a batch belong to their parents.
 */
#ifndef ORM_RUN_LINK_ORDER_H
#define ORM_RUN_LINK_ORDER_H

#include "run/hydrator.h"

/* after the last row of a batch: gives each key its rows, in order, and no more than were asked for */
extern void orm_level_order_links(OrmLevel *level);

#endif							/* ORM_RUN_LINK_ORDER_H */
