/*
 * declaration_relation.c
 *	  Declares and drops relations: the checks, the notices, the row.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/property_names.h"
#include "declare/relation_keys.h"
#include "model/derive.h"
#include "model/foreign_key.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"

static bool
is_kind(const OrmRelationCheck *check, const char *kind)
{
	return strcmp(check->row.kind, kind) == 0;
}

static bool
has_indexes(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW;
}

/* ---- names and options ---- */

static void
check_name(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (row->name[0] == '\0')
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "a relation needs a name");
	if (strcmp(row->name, "pivot") == 0)
		orm_fault(&check->faults, ERRCODE_RESERVED_NAME, "the relation name \"pivot\" is reserved");
	if (orm_named_property(orm_named_properties(check->owner), row->name))
	{
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a property \"%s\" already",
				  check->owner->name, row->name);
		orm_fault_hint(&check->faults, "Give the relation or the property another name.");
	}
	if (row->inverse == NULL)
		return;
	if (!is_kind(check, "belongs_to"))
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"inverse\" is for a belongs_to");
	if (orm_named_property(orm_named_properties(check->target), row->inverse) ||
		strcmp(row->inverse, "pivot") == 0)
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT,
				  "the inverse cannot be \"%s\": entity \"%s\" has a property of that name",
				  row->inverse, check->target->name);
}

static bool
is_one_of(const char *value, const char *const *valid)
{
	while (*valid && strcmp(*valid, value) != 0)
		valid++;
	return *valid != NULL;
}

static void
check_options(OrmRelationCheck *check)
{
	static const char *const missing[] = {"delete", "unlink", "ignore", "error", NULL};
	static const char *const foreign[] = {"error", "move", NULL};
	OrmRelationRow *row = &check->row;
	OrmFaults  *faults = &check->faults;
	bool		to_children = is_kind(check, "has_one") || is_kind(check, "has_many") || row->inverse != NULL;

	if (row->on_missing && !is_one_of(row->on_missing, missing))
	{
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "invalid value for \"on_missing\": \"%s\"", row->on_missing);
		orm_fault_hint(faults, "Valid are delete, unlink, ignore and error.");
	}
	if (row->on_foreign && !is_one_of(row->on_foreign, foreign))
	{
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "invalid value for \"on_foreign\": \"%s\"", row->on_foreign);
		orm_fault_hint(faults, "Valid are error and move.");
	}
	if (row->eager == 1 && row->lazy == 1)
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" cannot be both eager and lazy", row->name);
	if (!to_children && row->owned == 1)
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"owned\" is for a has_one or has_many");
	if (!to_children && row->on_foreign)
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"on_foreign\" is for a has_one or has_many");
	if (!to_children && row->on_missing &&
		(is_kind(check, "belongs_to") || strcmp(row->on_missing, "delete") == 0))
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"on_missing\" of a %s cannot be \"%s\"",
				  row->kind, row->on_missing);
	if (!is_kind(check, "many_to_many") && row->pivot_given)
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"pivot\" is for a many_to_many");
}

/* ---- order ---- */

/* the first name of a path, quotes taken off; "rest" is set to what follows its dot, or NULL */
static char *
first_of_path(const char *path, const char **rest)
{
	const char *end;

	if (path[0] == '"' && (end = strchr(path + 1, '"')) != NULL && (end[1] == '\0' || end[1] == '.'))
	{
		*rest = end[1] == '.' ? end + 2 : NULL;
		return pnstrdup(path + 1, end - path - 1);
	}
	end = strchr(path, '.');
	*rest = end ? end + 1 : NULL;
	return end ? pnstrdup(path, end - path) : pstrdup(path);
}

static void
check_order(OrmRelationCheck *check, OrmEntity *target)
{
	OrmRelationRow *row = &check->row;
	ListCell   *cell;

	foreach(cell, row->order_by)
	{
		const char *entry = lfirst(cell);
		const char *rest;
		char	   *name = first_of_path(entry[0] == '-' ? entry + 1 : entry, &rest);

		if (rest && OidIsValid(row->through) && strcmp(name, "pivot") == 0)
		{
			if (!orm_facts_has_column(row->through, rest))
				orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN,
						  "column \"%s\" of relation \"%s\" does not exist", rest, get_rel_name(row->through));
		}
		else if (rest ? orm_entity_relation(target, name) == NULL : orm_entity_property(target, name) == NULL)
		{
			orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "%s \"%s\" of entity \"%s\" does not exist",
					  rest ? "relation" : "property", name, target->name);
			orm_fault_hint_names(&check->faults, name,
								 rest ? orm_entity_relation_names(target) : orm_entity_property_names(target, true),
								 rest ? "relations" : "properties");
		}
	}
}

/* ---- columns ---- */

static bool
check_columns(OrmRelationCheck *check, Oid relid, List *columns)
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

static void
check_link(OrmRelationCheck *check, Oid near, List *near_columns, Oid far, List *far_columns)
{
	bool		near_exist = check_columns(check, near, near_columns);
	bool		far_exist = check_columns(check, far, far_columns);
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

static void
check_links(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (is_kind(check, "belongs_to"))
		check_link(check, row->relation, row->foreign_key, row->target, row->target_key);
	else if (!is_kind(check, "many_to_many"))
		check_link(check, row->target, row->foreign_key, row->relation, row->local_key);
	else if (OidIsValid(row->through))
	{
		check_link(check, row->through, row->foreign_key, row->relation, row->local_key);
		check_link(check, row->through, row->target_foreign_key, row->target, row->target_key);
		check_columns(check, row->through, row->pivot);
	}
	if (is_kind(check, "belongs_to") && row->target_key != NIL &&
		(get_rel_relkind(row->target) == RELKIND_RELATION ||
		 get_rel_relkind(row->target) == RELKIND_PARTITIONED_TABLE) &&
		check->faults.messages == NIL && !orm_facts_unique(row->target, row->target_key))
	{
		orm_fault(&check->faults, ERRCODE_INVALID_FOREIGN_KEY,
				  "relation \"%s\" belongs to one row, but (%s) of \"%s\" is not unique", row->name,
				  orm_names_joined(row->target_key), get_rel_name(row->target));
		orm_fault_hint(&check->faults, "Add a unique constraint, or declare the relation as has_many.");
	}
}

/* ---- notices ---- */

static void
notice_index(OrmRelationCheck *check, Oid relid, List *columns)
{
	if (has_indexes(relid) && !orm_facts_indexed(relid, columns))
		ereport(NOTICE,
				(errmsg("relation \"%s\" has no index to read by", check->row.name),
				 errhint("CREATE INDEX ON %s (%s);", orm_facts_qualified(relid), orm_names_joined(columns))));
}

static void
give_notices(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (is_kind(check, "belongs_to"))
	{
		if (!orm_facts_unique(row->target, row->target_key))
			ereport(NOTICE,
					(errmsg("relation \"%s\" belongs to one row, but nothing says that (%s) of \"%s\" is unique",
							row->name, orm_names_joined(row->target_key), get_rel_name(row->target))));
		return;
	}
	if (is_kind(check, "has_one") && row->order_by == NIL && !orm_facts_unique(row->target, row->foreign_key))
		ereport(NOTICE,
				(errmsg("relation \"%s\" has one row, but nothing says that (%s) of \"%s\" is unique",
						row->name, orm_names_joined(row->foreign_key), get_rel_name(row->target)),
				 errhint("Give \"order_by\" to say which one of many, or add a unique constraint.")));
	notice_index(check, is_kind(check, "many_to_many") ? row->through : row->target, row->foreign_key);
}

/* ---- declare and drop ---- */

void
orm_declare_relation(const OrmRelationRow *row)
{
	static const char *const kinds[] = {"belongs_to", "has_one", "has_many", "many_to_many", NULL};
	OrmRelationCheck check = {0};

	if (!is_one_of(row->kind, kinds))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of relation \"%s\"", row->kind),
				 errhint("Valid are belongs_to, has_one, has_many and many_to_many.")));
	orm_check_owner(row->relation);
	orm_catalog_lock();
	check.row = *row;
	check.owner = orm_declared_entity(row->relation);
	LockRelationOid(row->target, AccessShareLock);
	check.target = orm_declared_entity(row->target);
	if (OidIsValid(row->through))
		LockRelationOid(row->through, AccessShareLock);

	orm_relation_complete(&check);
	check_name(&check);
	check_options(&check);
	check_links(&check);
	if (row->order_by)
		check_order(&check, orm_model_by_relid(row->target, false));
	orm_faults_raise(&check.faults);
	/* raises by itself, so it comes last */
	if (row->condition)
		orm_declared_check(orm_model_by_relid(row->target, false), row->condition, NIL);

	orm_catalog_write_relation(&check.row);
	give_notices(&check);
}

/* hides the relation that foreign keys give by themselves */
static void
hide_derived(OrmEntityRow *entity, const char *name)
{
	OrmEntity  *model = orm_model_by_relid(entity->relation, false);
	OrmRelation *relation = orm_entity_relation(model, name);
	OrmRelationRow hidden = {0};

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" of entity \"%s\" does not exist", name, entity->name),
				 orm_hint_names(name, orm_entity_relation_names(model), "relations")));
	hidden.relation = entity->relation;
	hidden.name = unconstify(char *, name);
	hidden.kind = "dropped";
	hidden.eager = hidden.lazy = hidden.owned = -1;
	orm_catalog_write_relation(&hidden);
}

void
orm_drop_relation(Oid relid, const char *name)
{
	OrmEntityRow *entity;
	OrmRelationRow *row;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	row = orm_relation_row(orm_catalog_relations(relid), name);
	if (row == NULL || strcmp(row->kind, "dropped") == 0)
	{
		hide_derived(entity, name);
		return;
	}
	orm_catalog_delete_relation(relid, name);
	if (orm_entity_relation(orm_model_by_relid(relid, false), name))
		ereport(NOTICE,
				(errmsg("relation \"%s\" of entity \"%s\" is now the one that a foreign key gives", name, entity->name),
				 errhint("Drop that as well to leave it out.")));
}

void
orm_hide_relation(Oid relid, const char *name)
{
	OrmEntityRow *entity;
	OrmRelationRow *row;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	row = orm_relation_row(orm_catalog_relations(relid), name);
	if (row && strcmp(row->kind, "dropped") == 0)
		return;
	if (row)
	{
		orm_catalog_delete_relation(relid, name);
		if (orm_entity_relation(orm_model_by_relid(relid, false), name) == NULL)
			return;
	}
	hide_derived(entity, name);
}
