/*
 * pivot_condition.h
 *	  What a relation over a junction says of its rows before any is given: of
 *	  the junction's, and of the targets'.
 */
#ifndef ORM_SAVE_PIVOT_CONDITION_H
#define ORM_SAVE_PIVOT_CONDITION_H

#include "model/entity.h"

/* a column of the junction that has one value in all rows of the relation */
typedef struct OrmPivotConstant
{
	const char *column;
	AttrNumber	attnum;
	Oid			type;			/* of the value, domains resolved */
	Datum		value;
} OrmPivotConstant;

/*
 * These columns: the type column of a polymorphic relation, and those that the
 * condition's "$pivot" says one value of. List of OrmPivotConstant *. 22023 for
 * a "$pivot" that says anything else: a new row could not be made to satisfy it.
 */
extern List *orm_pivot_constants(const OrmEntity *entity, const OrmRelation *relation);

/* the groups that hold on targets, without what the condition says of the junction: List of OrmWhere * */
extern List *orm_pivot_target_groups(OrmRelation *relation, OrmEntity *target);

#endif							/* ORM_SAVE_PIVOT_CONDITION_H */
