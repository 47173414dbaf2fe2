/*
 * reflect.c
 *	  Declares the tables of a schema as they are.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/property_names.h"
#include "declare/reflect.h"
#include "model/derive.h"

/* tables and partitioned tables of the schema that can be declared without being asked */
static bool
is_wanted(Form_pg_class form)
{
	return (form->relkind == RELKIND_RELATION || form->relkind == RELKIND_PARTITIONED_TABLE) &&
		!form->relispartition && form->relpersistence != RELPERSISTENCE_TEMP &&
		orm_relation_owned(form->oid, GetUserId()) &&
		!OidIsValid(getExtensionOfObject(RelationRelationId, form->oid));
}

static int
compare_relation_names(const ListCell *a, const ListCell *b)
{
	const char *one = get_rel_name(lfirst_oid(a));
	const char *other = get_rel_name(lfirst_oid(b));

	return strcmp(one ? one : "", other ? other : "");
}

static List *
wanted_tables(Oid schema)
{
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *relids = NIL;

	ScanKeyInit(&key, Anum_pg_class_relnamespace, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(schema));
	scan = systable_beginscan(classes, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		if (is_wanted((Form_pg_class) GETSTRUCT(tuple)))
			relids = lappend_oid(relids, ((Form_pg_class) GETSTRUCT(tuple))->oid);
	}
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	list_sort(relids, compare_relation_names);
	return relids;
}

/* a name that is free: the table's, or that with its schema; NULL when both are taken */
static char *
free_name(Oid relid, const char *naming)
{
	bool		camel = strcmp(naming, "camel") == 0;
	char	   *table = get_rel_name(relid);
	char	   *name = camel ? orm_camel_case(table, true) : table;

	if (orm_catalog_entity_by_name(name) == NULL)
		return name;
	name = psprintf("%s.%s", get_namespace_name(get_rel_namespace(relid)), name);
	return orm_catalog_entity_by_name(name) == NULL ? name : NULL;
}

/* a column whose property would bear the reserved name is left out, rather than keep its table out */
static List *
usable_columns(const OrmEntityRow *row)
{
	List	   *columns = orm_facts_columns(row->relation);
	List	   *usable = NIL;
	ListCell   *cell;

	foreach(cell, columns)
	{
		if (strcmp(orm_derived_name(row, lfirst(cell)), "pivot") != 0)
			usable = lappend(usable, lfirst(cell));
		else
			ereport(NOTICE,
					(errmsg("column \"%s\" of table \"%s\" is left out", (char *) lfirst(cell),
							get_rel_name(row->relation)),
					 errdetail("The property name \"pivot\" is reserved."),
					 errhint("Declare it as a property of another name.")));
	}
	return list_length(usable) < list_length(columns) ? usable : NIL;
}

static char *
reflect_table(Oid relid, const char *naming)
{
	OrmEntityRow row = {0};

	LockRelationOid(relid, AccessShareLock);
	if (get_rel_name(relid) == NULL || orm_catalog_entity_by_relid(relid) != NULL ||
		orm_facts_primary_key(relid) == NIL)
		return NULL;
	row.relation = relid;
	row.naming = unconstify(char *, naming);
	row.name = free_name(relid, naming);
	row.columns = usable_columns(&row);
	row.derive = true;
	if (row.name == NULL)
		return NULL;
	orm_declare_entity(&row);
	return row.name;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

List *
orm_reflect_schema(const char *schema, const char *naming)
{
	Oid			schema_oid = LookupExplicitNamespace(schema, false);
	List	   *names = NIL;
	ListCell   *cell;

	if (strcmp(naming, "column") != 0 && strcmp(naming, "camel") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown naming \"%s\"", naming),
				 errhint("Valid are \"column\" and \"camel\".")));
	foreach(cell, wanted_tables(schema_oid))
	{
		char	   *name = reflect_table(lfirst_oid(cell), naming);

		CHECK_FOR_INTERRUPTS();
		if (name)
			names = lappend(names, name);
	}
	list_sort(names, compare_names);
	return names;
}
