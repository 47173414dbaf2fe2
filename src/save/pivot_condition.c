/*
 * pivot_condition.c
 *	  Takes the condition of a relation apart: what it says of the junction, and
 *	  what it says of the targets.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/json_reader.h"
#include "model/type_codec.h"
#include "query/declared_condition.h"
#include "query/scope.h"
#include "save/pivot_condition.h"

static const OrmJson *
condition_of(const OrmRelation *relation)
{
	if (relation->condition == NULL)
		return NULL;
	return orm_json_read(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(relation->condition))), 0,
						 orm_max_depth * 4);
}

static OrmPivotConstant *
new_constant(const OrmRelation *relation, const char *column)
{
	OrmPivotConstant *constant = palloc0(sizeof(OrmPivotConstant));

	constant->column = column;
	constant->attnum = get_attnum(relation->through, column);
	constant->type = getBaseType(get_atttype(relation->through, constant->attnum));
	return constant;
}

static OrmPivotConstant *
type_constant(const OrmRelation *relation)
{
	OrmPivotConstant *constant = new_constant(relation, relation->type->column);
	OrmDecoder	decoder;

	orm_codec_decoder(&decoder, constant->type, -1, CurrentMemoryContext);
	constant->value = orm_codec_from_text(&decoder, relation->type->alias);
	return constant;
}

List *
orm_pivot_constants(const OrmEntity *entity, const OrmRelation *relation)
{
	const OrmJson *condition = condition_of(relation);
	const OrmJson *pivot = condition ? orm_json_member(condition, "$pivot") : NULL;
	List	   *constants = NIL;

	if (relation->type && !relation->type->near)
		constants = lappend(constants, type_constant(relation));
	for (int i = 0; pivot && i < pivot->nitems; i++)
	{
		const OrmJson *value = &pivot->items[i];
		OrmPivotConstant *constant;

		if (value->key[0] == '$' || value->kind == ORM_JSON_OBJECT || value->kind == ORM_JSON_ARRAY || value->kind == ORM_JSON_NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("nothing can be linked by relation \"%s\" of entity \"%s\"", relation->name, entity->name),
					 errdetail("Its condition says of \"%s\" in the junction no one value that a new row could have.", value->key)));
		constant = new_constant(relation, value->key);
		constant->value = orm_where_value(value, constant->type, -1);
		constants = lappend(constants, constant);
	}
	return constants;
}

List *
orm_pivot_target_groups(OrmRelation *relation, OrmEntity *target)
{
	List	   *groups = orm_scope_groups(target, NIL, ORM_TRASHED_OUT);
	OrmWhere   *where;
	Datum		rest;

	if (relation->condition == NULL)
		return groups;
	rest = DirectFunctionCall2(jsonb_delete, DirectFunctionCall1(jsonb_in, CStringGetDatum(relation->condition)),
							   PointerGetDatum(cstring_to_text("$pivot")));
	where = orm_declared_condition(relation, target, DatumGetCString(DirectFunctionCall1(jsonb_out, rest)), NIL, NULL);
	return where ? lcons(where, groups) : groups;
}
