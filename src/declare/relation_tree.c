/*
 * relation_tree.c
 *	  Trees: relations that lead from an entity to itself, over and over.
 *
 * ancestors and descendants link like the belongs_to and the has_many over the
 * same columns. How far they are followed is said when they are loaded.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/property_names.h"
#include "declare/relation_links.h"

static bool
leads_elsewhere(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (row->target == row->relation)
		return false;
	orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" leads from \"%s\" to \"%s\"",
			  row->name, check->owner->name, check->target->name);
	orm_fault_hint(&check->faults, "A tree is of one entity.");
	return true;
}

static void
complete_ancestors(OrmRelationCheck *check)
{
	if (!leads_elsewhere(check))
		orm_relation_belongs_to.complete(check);
}

static void
complete_descendants(OrmRelationCheck *check)
{
	if (!leads_elsewhere(check))
		orm_relation_has_many.complete(check);
}

/* the name under which rows that follow others come, when they come nested */
static void
check_nested(OrmRelationCheck *check, const char *name)
{
	if (orm_named_property(orm_named_properties(check->owner), name))
	{
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a property \"%s\" already",
				  check->owner->name, name);
		orm_fault_hint(&check->faults, "Give the property another name: a tree needs this one.");
	}
	if (check->row.eager == 1)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "relation \"%s\" cannot be eager: each row of a tree would load its own", check->row.name);
}

static void
check_ancestors(OrmRelationCheck *check)
{
	check_nested(check, "parent");
	if (check->row.target == check->row.relation)
		orm_relation_belongs_to.check(check);
}

static void
check_descendants(OrmRelationCheck *check)
{
	check_nested(check, "children");
	if (check->row.target == check->row.relation)
		orm_relation_has_many.check(check);
}

const OrmRelationRules orm_relation_ancestors = {
	.complete = complete_ancestors,
	.check = check_ancestors,
};

const OrmRelationRules orm_relation_descendants = {
	.complete = complete_descendants,
	.check = check_descendants,
};

/* ---- orm.tree ---- */

/* the columns of the one foreign key from the table to itself */
static List *
own_key(const OrmEntityRow *entity, OrmFaults *faults)
{
	List	   *keys = orm_facts_foreign_keys(entity->relation, entity->relation);

	if (list_length(keys) == 1)
		return ((OrmForeignKey *) linitial(keys))->columns;
	orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "the tree of \"%s\" needs \"foreign_key\": %s leads from \"%s\" to itself",
			  entity->name, keys == NIL ? "no foreign key" : "more than one foreign key", get_rel_name(entity->relation));
	if (keys == NIL)
		orm_fault_hint(faults, "Name the columns that hold the key of a row's parent.");
	else
		orm_fault_hint(faults, "Choose one of %s.", orm_facts_choices(keys));
	return NIL;
}

/* is there one already that says the same and more, an order for example? */
static bool
is_declared(const OrmRelationRow *wanted, List *rows)
{
	ListCell   *cell;

	foreach(cell, rows)
	{
		OrmRelationRow *row = lfirst(cell);

		if (strcmp(row->name, wanted->name) == 0)
			return strcmp(row->kind, wanted->kind) == 0 && row->target == wanted->target &&
				orm_names_equal_sets(row->foreign_key, wanted->foreign_key);
	}
	return false;
}

List *
orm_declare_tree(Oid relid, List *foreign_key)
{
	static const struct
	{
		char	   *name;
		char	   *kind;
	}			relations[] = {
		{"parent", "belongs_to"},
		{"children", "has_many"},
		{"ancestors", "ancestors"},
		{"descendants", "descendants"},
	};
	OrmEntityRow *entity;
	OrmFaults	faults = {0};
	List	   *rows;
	List	   *names = NIL;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	rows = orm_catalog_relations(relid);
	for (int i = 0; i < lengthof(relations); i++)
		if (orm_named_property(orm_named_properties(entity), relations[i].name))
		{
			orm_fault(&faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a property \"%s\" already",
					  entity->name, relations[i].name);
			orm_fault_hint(&faults, "Give the property another name.");
		}
	if (foreign_key == NIL)
		foreign_key = own_key(entity, &faults);
	orm_faults_raise(&faults);
	for (int i = 0; i < lengthof(relations); i++)
	{
		OrmRelationRow row = {.relation = relid,.target = relid,.eager = -1,.lazy = -1,.owned = -1};

		row.name = relations[i].name;
		row.kind = relations[i].kind;
		row.foreign_key = foreign_key;
		if (!is_declared(&row, rows))
			orm_declare_relation(&row);
		names = lappend(names, relations[i].name);
	}
	return names;
}
