/*
 * relation_links.c
 *	  Whether the columns that a declared relation links by can be used.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "declare/facts.h"
#include "declare/relation_links.h"
#include "model/foreign_key.h"

bool
orm_relation_check_columns(OrmRelationCheck *check, Oid relid, List *columns)
{
	ListCell   *cell;
	bool		all = true;

	foreach(cell, columns)
		if (!orm_facts_has_column(relid, lfirst(cell)))
		{
			orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
					  (char *) lfirst(cell), get_rel_name(relid));
			orm_fault_hint_names(&check->faults, lfirst(cell), orm_facts_columns(relid), "columns");
			all = false;
		}
	return all;
}

void
orm_relation_check_link(OrmRelationCheck *check, Oid near, List *near_columns, Oid far, List *far_columns)
{
	bool		near_exist = orm_relation_check_columns(check, near, near_columns);
	bool		far_exist = orm_relation_check_columns(check, far, far_columns);
	ListCell   *a;
	ListCell   *b;

	if (near_columns == NIL || !near_exist || !far_exist)
		return;
	if (far_columns == NIL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"%s\" has no key that relation \"%s\" could link to",
				  get_rel_name(far), check->row.name);
		return;
	}
	if (list_length(near_columns) != list_length(far_columns))
	{
		orm_fault(&check->faults, ERRCODE_INVALID_FOREIGN_KEY,
				  "relation \"%s\" links (%s) of \"%s\" to (%s) of \"%s\"", check->row.name,
				  orm_names_joined(near_columns), get_rel_name(near),
				  orm_names_joined(far_columns), get_rel_name(far));
		orm_fault_hint(&check->faults, "Both sides need the same number of columns.");
		return;
	}
	forboth(a, near_columns, b, far_columns)
	{
		Oid			near_type = get_atttype(near, get_attnum(near, lfirst(a)));
		Oid			far_type = get_atttype(far, get_attnum(far, lfirst(b)));

		if (!OidIsValid(orm_link_operator(far_type, near_type)))
			orm_fault(&check->faults, ERRCODE_UNDEFINED_FUNCTION,
					  "operator does not exist: %s = %s, to link \"%s\" of \"%s\" with \"%s\" of \"%s\"",
					  format_type_be(far_type), format_type_be(near_type),
					  (char *) lfirst(b), get_rel_name(far), (char *) lfirst(a), get_rel_name(near));
	}
}

static bool
has_indexes(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW;
}

void
orm_relation_notice_index(OrmRelationCheck *check, Oid relid, List *columns)
{
	if (has_indexes(relid) && !orm_facts_indexed(relid, columns))
		ereport(NOTICE,
				(errmsg("relation \"%s\" has no index to read by", check->row.name),
				 errhint("CREATE INDEX ON %s (%s);", orm_facts_qualified(relid), orm_names_joined(columns))));
}

void
orm_relation_notice_one(OrmRelationCheck *check, List *columns)
{
	OrmRelationRow *row = &check->row;

	if (row->order_by == NIL && !orm_facts_unique(row->target, columns))
		ereport(NOTICE,
				(errmsg("relation \"%s\" has one row, but nothing says that (%s) of \"%s\" is unique",
						row->name, orm_names_joined(columns), get_rel_name(row->target)),
				 errhint("Give \"order_by\" to say which one of many, or add a unique constraint.")));
}
