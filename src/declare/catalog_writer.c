/*
 * catalog_writer.c
 *	  Writes rows of orm.entities, orm.properties, orm.relations and orm.scopes.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"

#include "declare/catalog_writer.h"

#define MAX_COLUMNS 32

/* a row to be written: column names with their values */
typedef struct RowImage
{
	int			n;
	const char *columns[MAX_COLUMNS];
	Oid			types[MAX_COLUMNS];
	Datum		values[MAX_COLUMNS];
	char		nulls[MAX_COLUMNS];
} RowImage;

static void
put(RowImage *image, const char *column, Oid type, Datum value, bool isnull)
{
	Assert(image->n < MAX_COLUMNS);
	image->columns[image->n] = column;
	image->types[image->n] = type;
	image->values[image->n] = value;
	image->nulls[image->n] = isnull ? 'n' : ' ';
	image->n++;
}

static void
put_relation(RowImage *image, const char *column, Oid relid)
{
	put(image, column, REGCLASSOID, ObjectIdGetDatum(relid), !OidIsValid(relid));
}

static void
put_text(RowImage *image, const char *column, const char *text)
{
	put(image, column, TEXTOID, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

static void
put_flag(RowImage *image, const char *column, int8 flag)
{
	put(image, column, BOOLOID, BoolGetDatum(flag == 1), flag < 0);
}

static void
put_names(RowImage *image, const char *column, List *names, bool given)
{
	Datum	   *elements = palloc(sizeof(Datum) * (list_length(names) + 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, names)
		elements[n++] = CStringGetTextDatum((char *) lfirst(cell));
	put(image, column, TEXTARRAYOID,
		PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT)), !given);
}

static void
put_jsonb(RowImage *image, const char *column, const char *text)
{
	put(image, column, JSONBOID,
		text ? DirectFunctionCall1(jsonb_in, CStringGetDatum(text)) : (Datum) 0, text == NULL);
}

static Oid
catalog_table_or_error(const char *table)
{
	Oid			relid = orm_catalog_table(table);

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"orm.%s\" does not exist", table),
				 errhint("Create the extension with CREATE EXTENSION orm.")));
	return relid;
}

static Oid
catalog_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(catalog_table_or_error("entities")));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for orm.entities");
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Runs one statement as the owner of the catalog. An error leaves the security
 * context to the abort of the (sub)transaction, which restores it.
 */
static void
execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	Oid			user;
	int			context;
	int			done;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(catalog_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	done = SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0);
	if (done < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(done));
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/*
 * Inserts the row, or replaces the one whose first "nkeys" columns are equal.
 * An equal row is not written again: it would tell all sessions of a change
 * that is none.
 */
static void
upsert(const char *table, RowImage *image, int nkeys)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO orm.%s AS old (", table);
	for (int i = 0; i < image->n; i++)
		appendStringInfo(&sql, "%s%s", i > 0 ? ", " : "", quote_identifier(image->columns[i]));
	appendStringInfoString(&sql, ") VALUES (");
	for (int i = 0; i < image->n; i++)
		appendStringInfo(&sql, "%s$%d", i > 0 ? ", " : "", i + 1);
	appendStringInfoString(&sql, ") ON CONFLICT (");
	for (int i = 0; i < nkeys; i++)
		appendStringInfo(&sql, "%s%s", i > 0 ? ", " : "", quote_identifier(image->columns[i]));
	appendStringInfoString(&sql, ") DO UPDATE SET ");
	for (int i = nkeys; i < image->n; i++)
		appendStringInfo(&sql, "%s%s = excluded.%s", i > nkeys ? ", " : "",
						 quote_identifier(image->columns[i]), quote_identifier(image->columns[i]));
	appendStringInfoString(&sql, " WHERE (old.*) OPERATOR(pg_catalog.*<>) (excluded.*)");
	execute(sql.data, image->n, image->types, image->values, image->nulls);
}

static void
delete_named(const char *sql, Oid relid, const char *name)
{
	RowImage	image = {0};

	put_relation(&image, "relation", relid);
	if (name)
		put_text(&image, "name", name);
	execute(sql, image.n, image.types, image.values, image.nulls);
}

void
orm_catalog_lock(void)
{
	LockRelationOid(catalog_table_or_error("entities"), ShareRowExclusiveLock);
}

void
orm_catalog_write_entity(const OrmEntityRow *row)
{
	RowImage	image = {0};

	put_relation(&image, "relation", row->relation);
	put_text(&image, "name", row->name);
	put_names(&image, "key", row->key, row->key != NIL);
	put_text(&image, "naming", row->naming);
	put_names(&image, "columns", row->columns, row->columns != NIL);
	put_text(&image, "version", row->version);
	put_text(&image, "soft_delete", row->soft_delete);
	put_text(&image, "created_at", row->created_at);
	put_text(&image, "updated_at", row->updated_at);
	put_text(&image, "flex", row->flex);
	put_flag(&image, "derive", row->derive ? 1 : 0);
	upsert("entities", &image, 1);
}

void
orm_catalog_write_property(const OrmPropertyRow *row)
{
	RowImage	image = {0};

	put_relation(&image, "relation", row->relation);
	put_text(&image, "name", row->name);
	put_text(&image, "column_name", row->column_name);
	put_text(&image, "expression", row->expression);
	put_text(&image, "cast_as", row->cast_as);
	put_flag(&image, "insert", row->insert);
	put_flag(&image, "update", row->update);
	put_flag(&image, "hidden", row->hidden);
	put_flag(&image, "lazy", row->lazy);
	put_flag(&image, "dropped", row->dropped ? 1 : 0);
	put_names(&image, "columns", row->columns, row->columns != NIL);
	upsert("properties", &image, 2);
}

void
orm_catalog_write_relation(const OrmRelationRow *row)
{
	RowImage	image = {0};

	put_relation(&image, "relation", row->relation);
	put_text(&image, "name", row->name);
	put_text(&image, "kind", row->kind);
	put_relation(&image, "target", row->target);
	put_names(&image, "foreign_key", row->foreign_key, row->foreign_key != NIL);
	put_names(&image, "local_key", row->local_key, row->local_key != NIL);
	put_names(&image, "target_key", row->target_key, row->target_key != NIL);
	put_relation(&image, "through", row->through);
	put_names(&image, "target_foreign_key", row->target_foreign_key, row->target_foreign_key != NIL);
	put_names(&image, "pivot", row->pivot, row->pivot_given);
	put_text(&image, "inverse", row->inverse);
	put_jsonb(&image, "condition", row->condition);
	put_names(&image, "order_by", row->order_by, row->order_by != NIL);
	put_flag(&image, "eager", row->eager);
	put_flag(&image, "lazy", row->lazy);
	put_flag(&image, "owned", row->owned);
	put_text(&image, "on_missing", row->on_missing);
	put_text(&image, "on_foreign", row->on_foreign);
	put_text(&image, "path", row->path);
	put_text(&image, "keys", row->keys);
	put_text(&image, "function", row->function);
	put_text(&image, "type_column", row->type_column);
	put_names(&image, "id_columns", row->id_columns, row->id_columns != NIL);
	put_jsonb(&image, "types", row->types);
	put_text(&image, "type_alias", row->type_alias);
	upsert("relations", &image, 2);
}

void
orm_catalog_write_scope(const OrmScopeRow *row)
{
	RowImage	image = {0};

	put_relation(&image, "relation", row->relation);
	put_text(&image, "name", row->name);
	put_jsonb(&image, "condition", row->condition);
	put_text(&image, "predicate", row->predicate);
	put_names(&image, "arguments", row->arguments, true);
	put_flag(&image, "global", row->global ? 1 : 0);
	upsert("scopes", &image, 2);
}

void
orm_catalog_delete_property(Oid relid, const char *name)
{
	delete_named("DELETE FROM orm.properties WHERE relation OPERATOR(pg_catalog.=) $1"
				 " AND name OPERATOR(pg_catalog.=) $2", relid, name);
}

void
orm_catalog_delete_relation(Oid relid, const char *name)
{
	delete_named("DELETE FROM orm.relations WHERE relation OPERATOR(pg_catalog.=) $1"
				 " AND name OPERATOR(pg_catalog.=) $2", relid, name);
}

void
orm_catalog_delete_scope(Oid relid, const char *name)
{
	delete_named("DELETE FROM orm.scopes WHERE relation OPERATOR(pg_catalog.=) $1"
				 " AND name OPERATOR(pg_catalog.=) $2", relid, name);
}

void
orm_catalog_delete_entity(Oid relid, bool gone)
{
	delete_named("DELETE FROM orm.relations WHERE relation OPERATOR(pg_catalog.=) $1"
				 " OR target OPERATOR(pg_catalog.=) $1", relid, NULL);
	if (gone)
		delete_named("DELETE FROM orm.relations WHERE through OPERATOR(pg_catalog.=) $1", relid, NULL);
	delete_named("DELETE FROM orm.properties WHERE relation OPERATOR(pg_catalog.=) $1", relid, NULL);
	delete_named("DELETE FROM orm.scopes WHERE relation OPERATOR(pg_catalog.=) $1", relid, NULL);
	delete_named("DELETE FROM orm.entities WHERE relation OPERATOR(pg_catalog.=) $1", relid, NULL);
}
