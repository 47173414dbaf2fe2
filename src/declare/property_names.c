/*
 * property_names.c
 *	  Which property names an entity gives to which columns, by its declaration.
 */
#include "base/compat.h"

#include "declare/facts.h"
#include "declare/property_names.h"
#include "model/derive.h"
#include "model/embed.h"

char *
orm_derived_name(const OrmEntityRow *row, const char *column)
{
	return strcmp(row->naming, "camel") == 0 ? orm_camel_case(column, false) : pstrdup(column);
}

static List *
add_name(List *properties, char *name, char *column)
{
	OrmNamedProperty *property = palloc(sizeof(OrmNamedProperty));

	property->name = name;
	property->column = column;
	return lappend(properties, property);
}

static List *
add_column(List *properties, const OrmEntityRow *row, List *rows, char *column)
{
	char	   *derived = orm_derived_name(row, column);
	bool		wanted = row->columns == NIL || orm_names_include(row->columns, column) ||
		orm_names_include(row->key, column);
	ListCell   *cell;

	/* the members of value objects have names of their own */
	if (orm_embed_of_column(rows, column))
		return properties;
	if (row->flex && strcmp(row->flex, column) == 0)
		wanted = false;
	foreach(cell, rows)
	{
		OrmPropertyRow *property = lfirst(cell);

		if (property->dropped && strcmp(property->name, derived) == 0)
			wanted = false;
		else if (!property->dropped && property->column_name &&
				 strcmp(property->column_name, column) == 0)
			return add_name(properties, property->name, column);
	}
	return wanted ? add_name(properties, derived, column) : properties;
}

List *
orm_named_properties(const OrmEntityRow *row)
{
	List	   *rows = orm_catalog_properties(row->relation);
	List	   *properties = NIL;
	ListCell   *cell;

	foreach(cell, orm_facts_columns(row->relation))
		properties = add_column(properties, row, rows, lfirst(cell));
	foreach(cell, rows)
	{
		OrmPropertyRow *property = lfirst(cell);

		if (!property->dropped && (property->expression || property->columns != NIL))
			properties = add_name(properties, property->name, NULL);
	}
	return properties;
}

OrmNamedProperty *
orm_named_property(List *properties, const char *name)
{
	ListCell   *cell;

	foreach(cell, properties)
		if (strcmp(((OrmNamedProperty *) lfirst(cell))->name, name) == 0)
			return lfirst(cell);
	return NULL;
}

List *
orm_named_property_names(List *properties)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, properties)
		names = lappend(names, ((OrmNamedProperty *) lfirst(cell))->name);
	return names;
}

OrmPropertyRow *
orm_property_row(List *rows, const char *name)
{
	ListCell   *cell;

	foreach(cell, rows)
		if (strcmp(((OrmPropertyRow *) lfirst(cell))->name, name) == 0)
			return lfirst(cell);
	return NULL;
}

OrmRelationRow *
orm_relation_row(List *rows, const char *name)
{
	ListCell   *cell;

	foreach(cell, rows)
		if (strcmp(((OrmRelationRow *) lfirst(cell))->name, name) == 0)
			return lfirst(cell);
	return NULL;
}
