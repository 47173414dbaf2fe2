/*
 * relation_in_by.c
 *	  Declares relations by an array of keys that the owner holds, and by a
 *	  function of the owner's row.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "declare/facts.h"
#include "declare/relation_links.h"
#include "model/foreign_key.h"
#include "model/row_function.h"

/* ---- has_many_in ---- */

static void
complete_in(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (row->keys == NULL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"keys\": %s",
				  row->name, "the column that holds the keys of its rows");
	if (row->target_key == NIL)
		row->target_key = orm_facts_key(check->target);
}

static void
check_in(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	Oid			array;
	Oid			element;
	Oid			far;

	if (row->keys == NULL || !orm_relation_check_columns(check, row->relation, list_make1(row->keys)) ||
		!orm_relation_check_columns(check, row->target, row->target_key))
		return;
	if (list_length(row->target_key) != 1)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_FOREIGN_KEY,
				  "\"%s\" has no key of one column that \"%s\" could hold", get_rel_name(row->target), row->keys);
		return;
	}
	array = get_atttype(row->relation, get_attnum(row->relation, row->keys));
	element = get_element_type(getBaseType(array));
	if (!OidIsValid(element))
	{
		orm_fault(&check->faults, ERRCODE_DATATYPE_MISMATCH, "column \"%s\" of \"%s\" is of type %s, and must be an array",
				  row->keys, get_rel_name(row->relation), format_type_be(array));
		return;
	}
	far = get_atttype(row->target, get_attnum(row->target, linitial(row->target_key)));
	if (!OidIsValid(orm_link_operator(far, element)))
		orm_fault(&check->faults, ERRCODE_UNDEFINED_FUNCTION,
				  "operator does not exist: %s = %s, to find rows of \"%s\" by elements of \"%s\"",
				  format_type_be(far), format_type_be(element), get_rel_name(row->target), row->keys);
}

static void
notice_in(OrmRelationCheck *check)
{
	orm_relation_notice_index(check, check->row.target, check->row.target_key);
}

const OrmRelationRules orm_relation_has_many_in = {
	.takes = ORM_TAKES_KEYS,
	.complete = complete_in,
	.check = check_in,
	.give_notices = notice_in,
};

/* ---- has_many_by ---- */

/* the name of a function, or its name with argument types */
static Oid
find_function(const char *text, Oid owner)
{
	if (strchr(text, '(') == NULL)
		return orm_row_function(text, owner);
	return DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(text)));
}

/* the row keeps the qualified name: what the function takes is the owner's row, whatever that is called */
static void
complete_by(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	Oid			function;

	if (row->function == NULL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"function\": %s",
				  row->name, "the one that gives its rows");
		return;
	}
	function = find_function(row->function, row->relation);
	if (OidIsValid(function) && orm_row_function(orm_row_function_qualified(function), row->relation) == function)
	{
		row->function = orm_row_function_qualified(function);
		return;
	}
	orm_fault(&check->faults, ERRCODE_UNDEFINED_FUNCTION, "function \"%s\" does not exist, or takes no row of \"%s\"",
			  row->function, get_rel_name(row->relation));
	orm_fault_hint(&check->faults, "Make it as CREATE FUNCTION %s(%s) RETURNS SETOF %s.",
				   strchr(row->function, '(') ? pnstrdup(row->function, strchr(row->function, '(') - row->function)
				   : row->function, orm_facts_qualified(row->relation), orm_facts_qualified(row->target));
	row->function = NULL;
}

static void
check_by(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (orm_facts_key(check->owner) == NIL)
		orm_fault(&check->faults, ERRCODE_INVALID_FOREIGN_KEY,
				  "entity \"%s\" has no key by which a row of it could be handed to a function", check->owner->name);
	if (row->function &&
		!orm_row_function_gives(orm_row_function(row->function, row->relation), row->target))
	{
		orm_fault(&check->faults, ERRCODE_DATATYPE_MISMATCH, "function \"%s\" does not return a set of rows of \"%s\"",
				  row->function, get_rel_name(row->target));
		orm_fault_hint(&check->faults, "It must be declared as RETURNS SETOF %s.", orm_facts_qualified(row->target));
	}
}

const OrmRelationRules orm_relation_has_many_by = {
	.takes = ORM_TAKES_FUNCTION,
	.complete = complete_by,
	.check = check_by,
};
