/*
 * catalog.c
 *	  Reads rows of orm.entities, orm.properties, orm.relations and orm.scopes.
 *
 * The scans are those that the server uses for its own catalogs: newest
 * snapshot, no grants asked. Writing is declare/catalog_writer.c's.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "model/catalog.h"

/* attribute numbers, as in src/sql/catalog.sql */
enum
{
	ENT_RELATION = 1, ENT_NAME, ENT_KEY, ENT_NAMING, ENT_COLUMNS, ENT_VERSION, ENT_SOFT_DELETE,
	ENT_CREATED_AT, ENT_UPDATED_AT, ENT_FLEX, ENT_DERIVE
};

enum
{
	PROP_RELATION = 1, PROP_NAME, PROP_COLUMN_NAME, PROP_EXPRESSION, PROP_CAST_AS, PROP_INSERT,
	PROP_UPDATE, PROP_HIDDEN, PROP_LAZY, PROP_DROPPED, PROP_COLUMNS
};

enum
{
	REL_RELATION = 1, REL_NAME, REL_KIND, REL_TARGET, REL_FOREIGN_KEY, REL_LOCAL_KEY, REL_TARGET_KEY,
	REL_THROUGH, REL_TARGET_FOREIGN_KEY, REL_PIVOT, REL_INVERSE, REL_CONDITION, REL_ORDER_BY,
	REL_EAGER, REL_LAZY, REL_OWNED, REL_ON_MISSING, REL_ON_FOREIGN, REL_PATH, REL_KEYS, REL_FUNCTION,
	REL_TYPE_COLUMN, REL_ID_COLUMNS, REL_TYPES, REL_TYPE_ALIAS
};

enum
{
	SCOPE_RELATION = 1, SCOPE_NAME, SCOPE_CONDITION, SCOPE_PREDICATE, SCOPE_ARGUMENTS, SCOPE_GLOBAL
};

/* a row under the scan, with its descriptor */
typedef struct CatalogRow
{
	HeapTuple	tuple;
	TupleDesc	desc;
} CatalogRow;

typedef void *(*RowReader) (CatalogRow *row);

Oid
orm_catalog_schema(void)
{
	return get_namespace_oid("orm", true);
}

Oid
orm_catalog_table(const char *table)
{
	Oid			schema = orm_catalog_schema();

	return OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
}

static Datum
row_attr(CatalogRow *row, int attnum, bool *isnull)
{
	return heap_getattr(row->tuple, attnum, row->desc, isnull);
}

static char *
row_text(CatalogRow *row, int attnum)
{
	bool		isnull;
	Datum		value = row_attr(row, attnum, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/* as text */
static char *
row_jsonb(CatalogRow *row, int attnum)
{
	bool		isnull;
	Datum		value = row_attr(row, attnum, &isnull);
	Jsonb	   *jsonb;

	if (isnull)
		return NULL;
	jsonb = DatumGetJsonbP(value);
	return JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
}

static Oid
row_oid(CatalogRow *row, int attnum)
{
	bool		isnull;
	Datum		value = row_attr(row, attnum, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

/* -1 for NULL: not said */
static int8
row_flag(CatalogRow *row, int attnum)
{
	bool		isnull;
	Datum		value = row_attr(row, attnum, &isnull);

	return isnull ? -1 : (DatumGetBool(value) ? 1 : 0);
}

static List *
row_names(CatalogRow *row, int attnum)
{
	bool		isnull;
	Datum		value = row_attr(row, attnum, &isnull);
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	List	   *names = NIL;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			names = lappend(names, TextDatumGetCString(elements[i]));
	return names;
}

static void *
read_entity(CatalogRow *row)
{
	OrmEntityRow *entity = palloc0(sizeof(OrmEntityRow));

	entity->relation = row_oid(row, ENT_RELATION);
	entity->name = row_text(row, ENT_NAME);
	entity->key = row_names(row, ENT_KEY);
	entity->naming = row_text(row, ENT_NAMING);
	entity->columns = row_names(row, ENT_COLUMNS);
	entity->version = row_text(row, ENT_VERSION);
	entity->soft_delete = row_text(row, ENT_SOFT_DELETE);
	entity->created_at = row_text(row, ENT_CREATED_AT);
	entity->updated_at = row_text(row, ENT_UPDATED_AT);
	entity->flex = row_text(row, ENT_FLEX);
	entity->derive = row_flag(row, ENT_DERIVE) != 0;
	return entity;
}

static void *
read_property(CatalogRow *row)
{
	OrmPropertyRow *property = palloc0(sizeof(OrmPropertyRow));

	property->relation = row_oid(row, PROP_RELATION);
	property->name = row_text(row, PROP_NAME);
	property->column_name = row_text(row, PROP_COLUMN_NAME);
	property->expression = row_text(row, PROP_EXPRESSION);
	property->cast_as = row_text(row, PROP_CAST_AS);
	property->insert = row_flag(row, PROP_INSERT);
	property->update = row_flag(row, PROP_UPDATE);
	property->hidden = row_flag(row, PROP_HIDDEN);
	property->lazy = row_flag(row, PROP_LAZY);
	property->dropped = row_flag(row, PROP_DROPPED) == 1;
	property->columns = row_names(row, PROP_COLUMNS);
	return property;
}

static void *
read_relation(CatalogRow *row)
{
	OrmRelationRow *relation = palloc0(sizeof(OrmRelationRow));

	relation->relation = row_oid(row, REL_RELATION);
	relation->name = row_text(row, REL_NAME);
	relation->kind = row_text(row, REL_KIND);
	relation->target = row_oid(row, REL_TARGET);
	relation->foreign_key = row_names(row, REL_FOREIGN_KEY);
	relation->local_key = row_names(row, REL_LOCAL_KEY);
	relation->target_key = row_names(row, REL_TARGET_KEY);
	relation->through = row_oid(row, REL_THROUGH);
	relation->target_foreign_key = row_names(row, REL_TARGET_FOREIGN_KEY);
	relation->pivot = row_names(row, REL_PIVOT);
	relation->pivot_given = !heap_attisnull(row->tuple, REL_PIVOT, row->desc);
	relation->inverse = row_text(row, REL_INVERSE);
	relation->condition = row_jsonb(row, REL_CONDITION);
	relation->order_by = row_names(row, REL_ORDER_BY);
	relation->eager = row_flag(row, REL_EAGER);
	relation->lazy = row_flag(row, REL_LAZY);
	relation->owned = row_flag(row, REL_OWNED);
	relation->on_missing = row_text(row, REL_ON_MISSING);
	relation->on_foreign = row_text(row, REL_ON_FOREIGN);
	relation->path = row_text(row, REL_PATH);
	relation->keys = row_text(row, REL_KEYS);
	relation->function = row_text(row, REL_FUNCTION);
	relation->type_column = row_text(row, REL_TYPE_COLUMN);
	relation->id_columns = row_names(row, REL_ID_COLUMNS);
	relation->types = row_jsonb(row, REL_TYPES);
	relation->type_alias = row_text(row, REL_TYPE_ALIAS);
	return relation;
}

static void *
read_scope(CatalogRow *row)
{
	OrmScopeRow *scope = palloc0(sizeof(OrmScopeRow));

	scope->relation = row_oid(row, SCOPE_RELATION);
	scope->name = row_text(row, SCOPE_NAME);
	scope->condition = row_jsonb(row, SCOPE_CONDITION);
	scope->predicate = row_text(row, SCOPE_PREDICATE);
	scope->arguments = row_names(row, SCOPE_ARGUMENTS);
	scope->global = row_flag(row, SCOPE_GLOBAL) == 1;
	return scope;
}

/* the index of "table" whose first column is "attnum", or InvalidOid */
static Oid
index_leading_with(Relation table, AttrNumber attnum)
{
	List	   *indexes = RelationGetIndexList(table);
	Oid			found = InvalidOid;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Oid			index = lfirst_oid(cell);
		Relation	rel = index_open(index, AccessShareLock);

		if (rel->rd_index->indisvalid && rel->rd_index->indkey.values[0] == attnum)
			found = index;
		index_close(rel, AccessShareLock);
		if (OidIsValid(found))
			break;
	}
	list_free(indexes);
	return found;
}

/*
 * All rows of a table where "attnum" has the value, read by "reader"; attnum 0
 * reads the whole table. In the order of the index, or of the heap without.
 */
static List *
scan(const char *table, AttrNumber attnum, RegProcedure equal, Datum value, RowReader reader)
{
	Oid			relid = orm_catalog_table(table);
	Relation	rel;
	ScanKeyData key;
	SysScanDesc desc;
	Oid			index = InvalidOid;
	CatalogRow	row;
	List	   *rows = NIL;

	if (!OidIsValid(relid))
		return NIL;
	rel = table_open(relid, AccessShareLock);
	if (attnum != 0)
	{
		ScanKeyInit(&key, attnum, BTEqualStrategyNumber, equal, value);
		index = index_leading_with(rel, attnum);
	}
	desc = systable_beginscan(rel, index, OidIsValid(index), NULL, attnum != 0 ? 1 : 0, &key);
	row.desc = RelationGetDescr(rel);
	while (HeapTupleIsValid(row.tuple = systable_getnext(desc)))
	{
		CHECK_FOR_INTERRUPTS();
		rows = lappend(rows, reader(&row));
	}
	systable_endscan(desc);
	table_close(rel, AccessShareLock);
	return rows;
}

static List *
scan_by_relid(const char *table, AttrNumber attnum, Oid relid, RowReader reader)
{
	return scan(table, attnum, F_OIDEQ, ObjectIdGetDatum(relid), reader);
}

static int
compare_entities(const ListCell *a, const ListCell *b)
{
	return strcmp(((OrmEntityRow *) lfirst(a))->name, ((OrmEntityRow *) lfirst(b))->name);
}

static int
compare_properties(const ListCell *a, const ListCell *b)
{
	return strcmp(((OrmPropertyRow *) lfirst(a))->name, ((OrmPropertyRow *) lfirst(b))->name);
}

static int
compare_relations(const ListCell *a, const ListCell *b)
{
	return strcmp(((OrmRelationRow *) lfirst(a))->name, ((OrmRelationRow *) lfirst(b))->name);
}

static int
compare_scopes(const ListCell *a, const ListCell *b)
{
	return strcmp(((OrmScopeRow *) lfirst(a))->name, ((OrmScopeRow *) lfirst(b))->name);
}

OrmEntityRow *
orm_catalog_entity_by_name(const char *name)
{
	List	   *rows = scan("entities", ENT_NAME, F_TEXTEQ, CStringGetTextDatum(name), read_entity);

	return rows == NIL ? NULL : linitial(rows);
}

OrmEntityRow *
orm_catalog_entity_by_relid(Oid relid)
{
	List	   *rows = scan_by_relid("entities", ENT_RELATION, relid, read_entity);

	return rows == NIL ? NULL : linitial(rows);
}

List *
orm_catalog_entities(void)
{
	List	   *rows = scan("entities", 0, InvalidOid, (Datum) 0, read_entity);

	list_sort(rows, compare_entities);
	return rows;
}

List *
orm_catalog_properties(Oid relid)
{
	List	   *rows = scan_by_relid("properties", PROP_RELATION, relid, read_property);

	list_sort(rows, compare_properties);
	return rows;
}

List *
orm_catalog_relations(Oid relid)
{
	List	   *rows = scan_by_relid("relations", REL_RELATION, relid, read_relation);

	list_sort(rows, compare_relations);
	return rows;
}

List *
orm_catalog_relations_to(Oid target)
{
	List	   *rows = scan_by_relid("relations", REL_TARGET, target, read_relation);

	list_sort(rows, compare_relations);
	return rows;
}

List *
orm_catalog_scopes(Oid relid)
{
	List	   *rows = scan_by_relid("scopes", SCOPE_RELATION, relid, read_scope);

	list_sort(rows, compare_scopes);
	return rows;
}
