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
#include "declare/eager_cycle.h"
#include "declare/facts.h"
#include "declare/property_names.h"
#include "declare/relation_kind.h"
#include "model/derive.h"
#include "model/foreign_key.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"

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
	if (row->inverse == NULL || check->target == NULL)
		return;
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

/* what only some kinds can be told; a through has its path, and other kinds their types, by what they are */
static void
check_particulars(OrmRelationCheck *check, const OrmRelationRules *rules)
{
	OrmRelationRow *row = &check->row;
	struct
	{
		const char *name;
		bool		said;
		const char *kinds;
		bool		taken;
	}			particulars[] = {
		{"keys", row->keys != NULL, "a has_many_in", rules->takes & ORM_TAKES_KEYS},
		{"function", row->function != NULL, "a has_many_by", rules->takes & ORM_TAKES_FUNCTION},
		{"type_column", row->type_column != NULL, "a morph_to or morph_to_many", rules->takes & ORM_TAKES_TYPE},
		{"id_columns", row->id_columns != NIL, "a morph_to or morph_to_many", rules->takes & ORM_TAKES_TYPE},
		{"type_alias", row->type_alias != NULL, "a morph_to_many", rules->takes & ORM_TAKES_ALIAS},
		{"pivot", row->pivot_given, "a many_to_many", rules->takes & ORM_TAKES_PIVOT},
		{"inverse", row->inverse != NULL, "a belongs_to", rules->takes & ORM_TAKES_INVERSE},
	};

	for (int i = 0; i < lengthof(particulars); i++)
		if (particulars[i].said && !particulars[i].taken)
			orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"%s\" is for %s",
					  particulars[i].name, particulars[i].kinds);
}

static void
check_options(OrmRelationCheck *check, const OrmRelationRules *rules)
{
	static const char *const missing[] = {"delete", "unlink", "ignore", "error", NULL};
	static const char *const foreign[] = {"error", "move", NULL};
	OrmRelationRow *row = &check->row;
	OrmFaults  *faults = &check->faults;
	bool		to_children = rules->to_children || row->inverse != NULL;
	bool		junction = rules->takes & ORM_TAKES_PIVOT;

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
	if (!to_children && row->on_missing && (!junction || strcmp(row->on_missing, "delete") == 0))
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"on_missing\" of a %s cannot be \"%s\"",
				  row->kind, row->on_missing);
	check_particulars(check, rules);
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

/* ---- declare and drop ---- */

void
orm_declare_relation(const OrmRelationRow *row)
{
	const OrmRelationRules *rules = orm_relation_rules(row->kind);
	OrmRelationCheck check = {0};

	if (rules == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of relation \"%s\"", row->kind),
				 errhint("Valid are %s.", orm_names_joined(orm_relation_kinds()))));
	orm_check_owner(row->relation);
	orm_catalog_lock();
	check.row = *row;
	check.owner = orm_declared_entity(row->relation);
	if (rules->find_target)
		check.row.target = rules->find_target(&check);
	if (OidIsValid(check.row.target))
	{
		LockRelationOid(check.row.target, AccessShareLock);
		check.target = orm_declared_entity(check.row.target);
	}
	if (OidIsValid(row->through))
		LockRelationOid(row->through, AccessShareLock);

	rules->complete(&check);
	check_name(&check);
	check_options(&check, rules);
	if (rules->check)
		rules->check(&check);
	if (row->order_by && check.target)
		check_order(&check, orm_model_by_relid(check.row.target, false));
	orm_faults_raise(&check.faults);
	/* raises by itself, so it comes last */
	if (row->condition && check.target)
	{
		/* as far as a condition looks at it */
		OrmRelation relation = {.name = row->name,.through = check.row.through};

		orm_declared_check(&relation, orm_model_by_relid(check.row.target, false), row->condition, NIL);
	}

	orm_catalog_write_relation(&check.row);
	if (check.row.eager == 1)
		orm_eager_refuse_cycle(check.row.relation, check.row.name);
	if (rules->give_notices)
		rules->give_notices(&check);
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
