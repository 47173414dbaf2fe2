/*
 * declaration_property.c
 *	  Declares and drops properties.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/error.h"
#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/fault.h"
#include "declare/property_names.h"
#include "model/cast_codec.h"
#include "model/expression.h"

/* a declaration on its way through the checks */
typedef struct PropertyCheck
{
	OrmPropertyRow row;			/* completed as it goes */
	OrmEntityRow *entity;
	List	   *rows;			/* those declared before */
	List	   *names;			/* OrmNamedProperty * as they are now */
	OrmFaults	faults;
} PropertyCheck;

static void
report_unknown_column(PropertyCheck *check, const char *column)
{
	orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
			  column, get_rel_name(check->row.relation));
	orm_fault_hint_names(&check->faults, column, orm_facts_columns(check->row.relation), "columns");
}

/* the column that a property named so stands for: as it does now, as it would, or the one of that name */
static char *
column_for_name(PropertyCheck *check, char *name)
{
	OrmNamedProperty *property = orm_named_property(check->names, name);
	ListCell   *cell;

	if (property && property->column)
		return property->column;
	foreach(cell, orm_facts_columns(check->row.relation))
		if (strcmp(orm_derived_name(check->entity, lfirst(cell)), name) == 0)
			return lfirst(cell);
	return name;
}

static char *
name_for_column(PropertyCheck *check, const char *column)
{
	ListCell   *cell;

	foreach(cell, check->names)
	{
		OrmNamedProperty *property = lfirst(cell);

		if (property->column && strcmp(property->column, column) == 0)
			return property->name;
	}
	return orm_derived_name(check->entity, column);
}

static void
complete(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;

	if (row->name == NULL && row->column_name != NULL)
		row->name = name_for_column(check, row->column_name);
	if (row->column_name == NULL && row->expression == NULL)
		row->column_name = column_for_name(check, row->name);
}

static void
check_name(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;
	OrmNamedProperty *other = orm_named_property(check->names, row->name);
	OrmRelationRow *relation = orm_relation_row(orm_catalog_relations(row->relation), row->name);

	if (row->name[0] == '\0')
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "a property needs a name");
	if (strcmp(row->name, "pivot") == 0)
		orm_fault(&check->faults, ERRCODE_RESERVED_NAME, "the property name \"pivot\" is reserved");
	if (relation && strcmp(relation->kind, "dropped") != 0)
		orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "entity \"%s\" has a relation \"%s\" already",
				  check->entity->name, row->name);

	/* what is declared under the name is replaced, what is derived is in the way */
	if (other == NULL || other->column == NULL || orm_property_row(check->rows, row->name) != NULL)
		return;
	if (row->column_name && strcmp(other->column, row->column_name) == 0)
		return;
	orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT, "property \"%s\" stands for column \"%s\" already",
			  row->name, other->column);
	orm_fault_hint(&check->faults, "Give that column another property name first: orm.property(%s, ..., column_name => %s).",
				   quote_literal_cstr(check->entity->name), quote_literal_cstr(other->column));
}

static void
check_column(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;
	AttrNumber	attnum = get_attnum(row->relation, row->column_name);

	if (attnum <= 0)
		report_unknown_column(check, row->column_name);
	else if (get_attgenerated(row->relation, attnum) != '\0' && (row->insert == 1 || row->update == 1))
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "property \"%s\" cannot be written: column \"%s\" is generated", row->name, row->column_name);
}

static void
check_expression(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;
	OrmExpression expression;
	Relation	rel;

	if (row->insert == 1 || row->update == 1)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "property \"%s\" cannot be written: it is computed", row->name);

	/* the parser raises by itself: whatever else is wrong is told first */
	orm_faults_raise(&check->faults);
	rel = relation_open(row->relation, AccessShareLock);
	orm_expression_analyse(&expression, rel, row->expression);
	relation_close(rel, NoLock);
	row->expression = expression.text;
}

/* "name" as a qualified name of the one function it can mean, or NULL with a fault */
static char *
resolve_function(PropertyCheck *check, const char *name)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(name));
	Oid			any = InvalidOid;	/* not looked at, but may not be NULL */
	Oid			function = LookupFuncName(names, -1, &any, true);
	HeapTuple	tuple;
	Form_pg_proc form;
	char	   *qualified;

	if (!OidIsValid(function))
	{
		orm_fault(&check->faults, ERRCODE_UNDEFINED_FUNCTION, "function \"%s\" does not exist", name);
		return NULL;
	}
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (form->pronargs != 1 || form->proretset || form->prokind != PROKIND_FUNCTION)
		orm_fault(&check->faults, ERRCODE_INVALID_FUNCTION_DEFINITION,
				  "function \"%s\" does not turn one value into another", name);
	qualified = quote_qualified_identifier(get_namespace_name(form->pronamespace), NameStr(form->proname));
	ReleaseSysCache(tuple);
	return qualified;
}

static char *
trimmed(const char *from, const char *to)
{
	while (from < to && isspace((unsigned char) *from))
		from++;
	while (to > from && isspace((unsigned char) to[-1]))
		to--;
	return pnstrdup(from, to - from);
}

static void
check_cast_type(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;
	AttrNumber	attnum = row->column_name ? get_attnum(row->relation, row->column_name) : InvalidAttrNumber;
	Oid			type = attnum > 0 ? get_atttype(row->relation, attnum) : InvalidOid;

	if (OidIsValid(type) && !orm_cast_suits(row->cast_as, type))
		orm_fault(&check->faults, ERRCODE_DATATYPE_MISMATCH, "cast \"%s\" does not suit column \"%s\" of type %s",
				  row->cast_as, row->column_name, format_type_be(type));
}

/* one of the casts known by name, or a pair of functions, kept under their qualified names */
static void
check_cast(PropertyCheck *check)
{
	OrmPropertyRow *row = &check->row;
	const char *comma;
	char	   *write_function;
	char	   *read_function;

	if (row->cast_as == NULL)
		return;
	if (orm_cast_is_known(row->cast_as))
	{
		check_cast_type(check);
		return;
	}
	comma = strchr(row->cast_as, ',');
	if (comma == NULL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "unknown cast \"%s\"", row->cast_as);
		orm_fault_hint(&check->faults, "Valid are string, number, boolean, json, date, base64, and two functions: \"write_function, read_function\".");
		return;
	}
	write_function = resolve_function(check, trimmed(row->cast_as, comma));
	read_function = resolve_function(check, trimmed(comma + 1, row->cast_as + strlen(row->cast_as)));
	if (write_function && read_function)
		row->cast_as = psprintf("%s, %s", write_function, read_function);
}

/* a column bears one property: an older name of it gives way */
static void
forget_older_names(PropertyCheck *check)
{
	ListCell   *cell;

	if (check->row.column_name == NULL)
		return;
	foreach(cell, check->rows)
	{
		OrmPropertyRow *old = lfirst(cell);

		if (old->column_name && strcmp(old->column_name, check->row.column_name) == 0 &&
			strcmp(old->name, check->row.name) != 0)
			orm_catalog_delete_property(old->relation, old->name);
	}
}

const char *
orm_declare_property(const OrmPropertyRow *row)
{
	PropertyCheck check = {0};

	orm_check_owner(row->relation);
	orm_catalog_lock();
	check.row = *row;
	check.row.dropped = false;
	check.entity = orm_declared_entity(row->relation);
	check.rows = orm_catalog_properties(row->relation);
	check.names = orm_named_properties(check.entity);

	if (row->column_name && row->expression)
		orm_fault(&check.faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "property \"%s\" has both a column and an expression", row->name ? row->name : row->column_name);
	complete(&check);
	check_name(&check);
	check_cast(&check);
	if (check.row.column_name)
		check_column(&check);
	if (check.row.expression)
		check_expression(&check);
	orm_faults_raise(&check.faults);

	forget_older_names(&check);
	orm_catalog_write_property(&check.row);
	return check.row.name;
}

/* hides the property that the column has by itself */
static void
hide_derived(OrmEntityRow *entity, const char *name)
{
	OrmNamedProperty *property = orm_named_property(orm_named_properties(entity), name);
	OrmPropertyRow hidden = {0};

	if (property == NULL || property->column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("property \"%s\" of entity \"%s\" does not exist", name, entity->name),
				 orm_hint_names(name, orm_named_property_names(orm_named_properties(entity)), "properties")));
	if (orm_names_include(orm_facts_key(entity), property->column))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("property \"%s\" of entity \"%s\" belongs to its key", name, entity->name),
				 errhint("Declare it hidden to leave it out of what is read.")));
	hidden.relation = entity->relation;
	hidden.name = unconstify(char *, name);
	hidden.column_name = property->column;
	hidden.insert = hidden.update = hidden.hidden = hidden.lazy = -1;
	hidden.dropped = true;
	orm_catalog_write_property(&hidden);
}

void
orm_drop_property(Oid relid, const char *name)
{
	OrmEntityRow *entity;
	OrmPropertyRow *row;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	row = orm_property_row(orm_catalog_properties(relid), name);
	if (row == NULL || row->dropped)
	{
		hide_derived(entity, name);
		return;
	}
	orm_catalog_delete_property(relid, name);
	if (row->column_name)
		ereport(NOTICE,
				(errmsg("column \"%s\" is property \"%s\" of entity \"%s\" again", row->column_name,
						orm_derived_name(entity, row->column_name), entity->name),
				 errhint("Drop that as well to leave the column out.")));
}

void
orm_hide_property(Oid relid, const char *name)
{
	OrmEntityRow *entity;
	OrmPropertyRow *row;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	row = orm_property_row(orm_catalog_properties(relid), name);
	if (row && row->dropped)
		return;
	if (row)
	{
		orm_catalog_delete_property(relid, name);
		if (orm_named_property(orm_named_properties(entity), name) == NULL)
			return;
	}
	hide_derived(entity, name);
}
