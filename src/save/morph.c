/*
 * morph.c
 *	  What the type columns of polymorphic relations say of rows of the input.
 */
#include "base/compat.h"

#include "model/type_guard.h"
#include "save/morph.h"

/* a type, made ready once for all rows of the call */
typedef struct OrmSaveGuard
{
	const OrmTypeColumn *type;
	OrmTypeGuard *guard;
	Datum		value;			/* as the column has it */
} OrmSaveGuard;

static OrmSaveGuard *
guard_of(OrmSaveTable *table, const OrmTypeColumn *type)
{
	OrmSaveCall *call = table->call;
	OrmSaveGuard *guard;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, call->guards)
	{
		guard = lfirst(cell);
		if (guard->type == type)
			return guard;
	}
	old = MemoryContextSwitchTo(call->context);
	guard = palloc(sizeof(OrmSaveGuard));
	guard->type = type;
	guard->guard = orm_type_guard_new(type, call->context);
	guard->value = orm_codec_from_text(orm_save_decoder(table, type->attnum), type->alias);
	call->guards = lappend(call->guards, guard);
	MemoryContextSwitchTo(old);
	return guard;
}

bool
orm_save_says_type(const OrmSaveRow *row, const OrmTypeColumn *type)
{
	int			at = type->attnum - 1;

	return row->given[at] == ORM_GIVEN_VALUE &&
		orm_type_guard_holds(guard_of(row->table, type)->guard, row->values[at], row->nulls[at]);
}

Datum
orm_save_type_value(OrmSaveTable *table, const OrmTypeColumn *type)
{
	return guard_of(table, type)->value;
}
