/*
 * pivot_values.c
 *	  Reads the values of "pivot".
 */
#include "base/compat.h"

#include "utils/lsyscache.h"

#include "base/error.h"
#include "query/where.h"
#include "save/pivot.h"

void
orm_pivot_read(OrmEntity *entity, OrmRelation *relation, const OrmJson *node, OrmPivotPair *pair)
{
	List	   *names = NIL;

	if (node->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"pivot\" takes an object"),
				 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
	pair->given = palloc0(sizeof(bool) * (relation->npivots + 1));
	pair->nulls = palloc0(sizeof(bool) * (relation->npivots + 1));
	pair->pivots = palloc0(sizeof(Datum) * (relation->npivots + 1));
	for (int i = 0; i < relation->npivots; i++)
		names = lappend(names, relation->pivots[i]);
	for (int m = 0; m < node->nitems; m++)
	{
		const OrmJson *value = &node->items[m];
		int			at = 0;
		Oid			type;
		int32		typmod;
		Oid			collation;

		while (at < relation->npivots && strcmp(relation->pivots[at], value->key) != 0)
			at++;
		if (at == relation->npivots)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relation \"%s\" of entity \"%s\" has no pivot column \"%s\"", relation->name, entity->name,
							value->key),
					 orm_errdetail_at(value, "Pivot columns are those of the junction that the relation names."),
					 orm_hint_names(value->key, names, "pivot columns")));
		pair->given[at] = true;
		pair->nulls[at] = value->kind == ORM_JSON_NULL;
		if (pair->nulls[at])
			continue;
		get_atttypetypmodcoll(relation->through, relation->pivot_attnums[at], &type, &typmod, &collation);
		pair->pivots[at] = orm_where_value(value, type, typmod);
	}
}
