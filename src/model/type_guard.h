/*
 * type_guard.h
 *	  Does a row say that its polymorphic target is of one type?
 *
 * The comparison is the server's own "=" of the column's type. Rows that come
 * from a statement, rows at hand and keys out of JSON all pass here.
 */
#ifndef ORM_MODEL_TYPE_GUARD_H
#define ORM_MODEL_TYPE_GUARD_H

#include "fmgr.h"

#include "model/entity.h"

typedef struct OrmTypeGuard
{
	Oid			type;			/* of the column, domains resolved */
	Oid			collation;
	FmgrInfo	equal;
	Datum		alias;
} OrmTypeGuard;

/* in "context" */
extern OrmTypeGuard *orm_type_guard_new(const OrmTypeColumn *column, MemoryContext context);

/* false for a null as for any other type */
extern bool orm_type_guard_holds(OrmTypeGuard *guard, Datum value, bool isnull);

#endif							/* ORM_MODEL_TYPE_GUARD_H */
