/*
 * relation_default.c
 *	  Conditions of relations as defaults.
 */
#include "base/compat.h"

#include "query/scope.h"
#include "save/relation_default.h"

/* a column of the row itself, or 0 */
static AttrNumber
own_column(const OrmTerm *term)
{
	if (term == NULL || term->kind != ORM_TERM_PROPERTY || term->up != 0 || term->path != NIL)
		return 0;
	return term->property->attnum;
}

static List *
add(List *defaults, AttrNumber attnum, Datum value, bool isnull)
{
	OrmSaveDefault *preset;

	if (attnum == 0)
		return defaults;
	preset = palloc(sizeof(OrmSaveDefault));
	preset->attnum = attnum;
	preset->value = value;
	preset->isnull = isnull;
	return lappend(defaults, preset);
}

static List *
collect(List *defaults, const OrmWhere *where)
{
	ListCell   *cell;

	check_stack_depth();
	switch (where->kind)
	{
		case ORM_WHERE_AND:
			foreach(cell, where->items)
				defaults = collect(defaults, lfirst(cell));
			return defaults;
		case ORM_WHERE_NULL:
			return add(defaults, own_column(where->left), (Datum) 0, true);
		case ORM_WHERE_COMPARE:
			if (strcmp(where->operator_name, "=") != 0 || where->right->kind != ORM_TERM_VALUE)
				return defaults;
			return add(defaults, own_column(where->left), where->right->value, false);
		default:
			return defaults;
	}
}

List *
orm_save_defaults(OrmSaveTable *table, OrmRelation *relation)
{
	MemoryContext old;
	OrmWhere   *condition;
	List	   *defaults;

	if (relation->condition == NULL)
		return NIL;
	old = MemoryContextSwitchTo(table->call->context);
	condition = orm_scope_relation_condition(relation, table->entity);
	defaults = condition ? collect(NIL, condition) : NIL;
	MemoryContextSwitchTo(old);
	return defaults;
}
