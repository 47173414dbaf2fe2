/*
 * readable.c
 *	  Which columns the caller may read.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"

#include "model/expression.h"
#include "save/readable.h"

static bool
may_read_all(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

bool
orm_save_may_read(Oid relid, AttrNumber attnum)
{
	return may_read_all(relid) || pg_attribute_aclcheck(relid, attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/* of a computed property: all columns that it is computed from */
static bool
may_compute(Oid relid, const char *expression)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	Bitmapset  *columns = orm_expression_columns(rel, expression);
	int			column = -1;
	bool		may = true;

	relation_close(rel, NoLock);
	/* 0 is the row as a whole */
	while (may && (column = bms_next_member(columns, column)) >= 0)
		may = column > 0 && orm_save_may_read(relid, column);
	return may;
}

void
orm_save_leave_out_unreadable(OrmQuery *query)
{
	OrmEntity  *entity = query->entity;
	Oid			relid = entity->relid;

	if (query->select || may_read_all(relid))
		return;
	for (int i = 0; i < entity->nproperties; i++)
	{
		OrmProperty *property = &entity->properties[i];

		query->selected[i] = query->selected[i] &&
			(property->column ? orm_save_may_read(relid, property->attnum) : may_compute(relid, property->expression));
	}
	if (entity->flex_property)
		query->flexible = query->flexible && orm_save_may_read(relid, entity->flex_property->attnum);
}
