/*
 * stamp_trigger.h
 *	  Makes, changes and drops the row trigger that keeps the version and the
 *	  timestamps of an entity. What the trigger does is model/stamp's.
 */
#ifndef ORM_DECLARE_STAMP_TRIGGER_H
#define ORM_DECLARE_STAMP_TRIGGER_H

#include "declare/fault.h"
#include "model/catalog.h"

/* a partition whose partitioned table keeps other columns cannot keep its own */
extern void orm_stamp_trigger_check(OrmFaults *faults, const OrmEntityRow *row);

/*
 * Makes the trigger of row->relation such as the row says; nothing when it is
 * so already, or when it belongs to a partitioned table above. A trigger that is
 * changed keeps whether it is enabled. The caller has checked who owns the
 * relation.
 */
extern void orm_stamp_trigger_follow(const OrmEntityRow *row);

#define ORM_STAMP_TRIGGER "zz_orm_stamp"

/* "missing", "disabled" or "made for other columns"; NULL when it is as the row says */
extern const char *orm_stamp_trigger_fault(const OrmEntityRow *row);

/* the relation's own trigger goes, if it has one */
extern void orm_stamp_trigger_drop(Oid relid);

#endif							/* ORM_DECLARE_STAMP_TRIGGER_H */
