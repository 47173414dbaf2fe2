/*
 * declaration_embed.c
 *	  Declares value objects: columns that stand together as one object.
 *
 * They are dropped as properties are.
 */
#include "base/compat.h"

#include "utils/lsyscache.h"

#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/fault.h"
#include "declare/property_names.h"
#include "model/embed.h"

typedef struct EmbedCheck
{
	const OrmPropertyRow *row;
	OrmEntityRow *entity;
	List	   *rows;
	OrmFaults	faults;
} EmbedCheck;

static void
check_name(EmbedCheck *check)
{
	const OrmPropertyRow *row = check->row;
	OrmRelationRow *relation = orm_relation_row(orm_catalog_relations(row->relation), row->name);
	OrmPropertyRow *before = orm_property_row(check->rows, row->name);
	OrmNamedProperty *other = orm_named_property(orm_named_properties(check->entity), row->name);

	if (row->name[0] == '\0')
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "a value object needs a name");
	if (strcmp(row->name, "pivot") == 0)
		orm_fault(&check->faults, ERRCODE_RESERVED_NAME, "the property name \"pivot\" is reserved");
	if (relation && strcmp(relation->kind, "dropped") != 0)
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a relation \"%s\" already",
				  check->entity->name, row->name);
	if (other == NULL || (before && before->columns != NIL))
		return;
	if (other->column == NULL || !orm_names_include(row->columns, other->column))
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a property \"%s\" already",
				  check->entity->name, row->name);
}

static void
check_column(EmbedCheck *check, const char *column)
{
	const OrmPropertyRow *row = check->row;
	OrmPropertyRow *other = orm_embed_of_column(check->rows, column);

	if (!orm_facts_has_column(row->relation, column))
	{
		orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
				  column, get_rel_name(row->relation));
		orm_fault_hint_names(&check->faults, column, orm_facts_columns(row->relation), "columns");
	}
	if (orm_names_include(orm_facts_key(check->entity), column))
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "column \"%s\" belongs to the key", column);
	if (check->entity->flex && strcmp(check->entity->flex, column) == 0)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "column \"%s\" is the flex column", column);
	if (other && strcmp(other->name, row->name) != 0)
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "column \"%s\" stands in value object \"%s\" already",
				  column, other->name);
}

static void
check_members(EmbedCheck *check)
{
	OrmNaming	naming = strcmp(check->entity->naming, "camel") == 0 ? ORM_NAMING_CAMEL : ORM_NAMING_COLUMN;
	List	   *seen = NIL;
	ListCell   *cell;

	if (check->row->columns == NIL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "value object \"%s\" needs columns",
				  check->row->name);
	foreach(cell, orm_embed_members(check->row->name, check->row->columns, naming))
	{
		if (orm_names_include(seen, lfirst(cell)))
			orm_fault(&check->faults, ERRCODE_DUPLICATE_COLUMN, "value object \"%s\" would have \"%s\" twice",
					  check->row->name, (char *) lfirst(cell));
		seen = lappend(seen, lfirst(cell));
	}
}

void
orm_declare_embed(const OrmPropertyRow *row)
{
	EmbedCheck	check = {.row = row};
	ListCell   *cell;

	orm_check_owner(row->relation);
	orm_catalog_lock();
	check.entity = orm_declared_entity(row->relation);
	check.rows = orm_catalog_properties(row->relation);
	check_name(&check);
	foreach(cell, row->columns)
		check_column(&check, lfirst(cell));
	check_members(&check);
	orm_faults_raise(&check.faults);
	orm_catalog_write_property(row);
}
