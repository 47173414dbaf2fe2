/*
 * assignment.h
 *	  New values for all rows that satisfy a condition: the data of update_all.
 */
#ifndef ORM_SAVE_ASSIGNMENT_H
#define ORM_SAVE_ASSIGNMENT_H

#include "base/json_reader.h"
#include "model/entity.h"
#include "save/change.h"

typedef struct OrmAssignment
{
	OrmProperty *property;
	OrmChange	change;
	Datum		value;			/* of the property's type, domains resolved */
	bool		isnull;
} OrmAssignment;

/*
 * The members of an object as assignments: List of OrmAssignment *. 42703 for
 * an unknown name, OR003 for what may not be written, 22023 for an operator
 * that does not suit, 22P02 for a value that does not fit.
 */
extern List *orm_assignments_read(OrmEntity *entity, const OrmJson *data);

/*
 * Assigns in all rows that satisfy the groups (OrmWhere *) and in which that
 * changes anything; returns their number. No statement where there is nothing
 * to assign.
 */
extern uint64 orm_assignments_run(OrmEntity *entity, List *assignments, List *groups);

/*
 * May the document that is saved write this property of a row that is there?
 * Computed and generated ones, versions and timestamps are the database's.
 */
extern bool orm_assignment_allowed(const OrmEntity *entity, const OrmProperty *property);

#endif							/* ORM_SAVE_ASSIGNMENT_H */
