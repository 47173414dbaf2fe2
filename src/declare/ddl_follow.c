/*
 * ddl_follow.c
 *	  Declarations follow what DDL renames and drops.
 *
 * They store columns by name and relations by OID, so that a relation may be
 * renamed or moved to another schema without a word; only names of columns
 * have to follow, of the relation and of every one the server renames with it.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "declare/ddl.h"
#include "declare/declaration.h"

bool
orm_ddl_renames_column(Node *stmt)
{
	return IsA(stmt, RenameStmt) &&
		(((RenameStmt *) stmt)->renameType == OBJECT_COLUMN ||
		 ((RenameStmt *) stmt)->renameType == OBJECT_ATTRIBUTE);
}

/* the tables made OF a composite type */
static List *
typed_tables(Oid type)
{
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *tables = NIL;

	/* no index leads with reloftype; the server reads all of pg_class here too */
	ScanKeyInit(&key, Anum_pg_class_reloftype, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
	scan = systable_beginscan(classes, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		tables = lappend_oid(tables, ((Form_pg_class) GETSTRUCT(tuple))->oid);
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	return tables;
}

void
orm_ddl_follow_rename(Oid relid, const RenameStmt *stmt)
{
	List	   *roots = list_make1_oid(relid);
	List	   *relids = NIL;
	ListCell   *lc;

	if (get_rel_relkind(relid) == RELKIND_COMPOSITE_TYPE)
		roots = typed_tables(get_rel_type_id(relid));

	/* the rename holds its locks on all of them already */
	foreach(lc, roots)
		relids = list_concat_unique_oid(relids, find_all_inheritors(lfirst_oid(lc), NoLock, NULL));
	foreach(lc, relids)
	{
		CHECK_FOR_INTERRUPTS();
		orm_catalog_column_renamed(lfirst_oid(lc), stmt->subname, stmt->newname);
	}
}

void
orm_ddl_follow_drops(void)
{
	ListCell   *lc;

	foreach(lc, orm_ddl_dropped())
	{
		OrmCollected *dropped = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (dropped->column == 0)
			orm_catalog_relation_dropped(dropped->relid);
		else if (dropped->column_name != NULL)
			orm_catalog_column_dropped(dropped->relid, dropped->column_name);
	}
}
