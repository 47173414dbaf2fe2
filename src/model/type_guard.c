/*
 * type_guard.c
 *	  Does a row say that its polymorphic target is of one type?
 */
#include "base/compat.h"

#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "model/type_guard.h"

OrmTypeGuard *
orm_type_guard_new(const OrmTypeColumn *column, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OrmTypeGuard *guard = palloc(sizeof(OrmTypeGuard));
	Oid			input;
	Oid			param;

	guard->type = column->type;
	guard->collation = column->collation;
	fmgr_info_cxt(column->equal, &guard->equal, context);
	getTypeInputInfo(column->type, &input, &param);
	guard->alias = OidInputFunctionCall(input, column->alias, param, -1);
	MemoryContextSwitchTo(old);
	return guard;
}

bool
orm_type_guard_holds(OrmTypeGuard *guard, Datum value, bool isnull)
{
	return !isnull && DatumGetBool(FunctionCall2Coll(&guard->equal, guard->collation, value, guard->alias));
}
