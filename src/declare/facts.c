/*
 * facts.c
 *	  What the server's catalogs say of a relation, by column names.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "declare/facts.h"
#include "model/derive.h"

bool
orm_names_include(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

bool
orm_names_equal_sets(List *one, List *other)
{
	ListCell   *cell;

	if (list_length(one) != list_length(other))
		return false;
	foreach(cell, one)
		if (!orm_names_include(other, lfirst(cell)))
			return false;
	return true;
}

char *
orm_names_joined(List *names)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "", quote_identifier(lfirst(cell)));
	return text.data;
}

char *
orm_facts_qualified(Oid relid)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));
	char	   *name = get_rel_name(relid);

	return name ? quote_qualified_identifier(schema, name) : psprintf("%u", relid);
}

List *
orm_facts_columns(Oid relid)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	List	   *names = NIL;

	for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped)
			names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	relation_close(rel, NoLock);
	return names;
}

bool
orm_facts_has_column(Oid relid, const char *column)
{
	return get_attnum(relid, column) > 0;
}

static List *
column_names(Oid relid, const AttrNumber *attnums, int n)
{
	List	   *names = NIL;

	for (int i = 0; i < n; i++)
		names = lappend(names, get_attname(relid, attnums[i], false));
	return names;
}

/* attribute numbers of the columns, or NULL when one is missing */
static AttrNumber *
column_numbers(Oid relid, List *columns)
{
	AttrNumber *attnums = palloc(sizeof(AttrNumber) * (list_length(columns) + 1));
	ListCell   *cell;
	int			n = 0;

	foreach(cell, columns)
	{
		attnums[n] = get_attnum(relid, lfirst(cell));
		if (attnums[n++] <= 0)
			return NULL;
	}
	return attnums;
}

List *
orm_facts_primary_key(Oid relid)
{
	return orm_primary_key_columns(relid);
}

List *
orm_facts_key(const OrmEntityRow *row)
{
	return orm_key_columns(row);
}

static int
compare_foreign_keys(const ListCell *a, const ListCell *b)
{
	return strcmp(((OrmForeignKey *) lfirst(a))->name, ((OrmForeignKey *) lfirst(b))->name);
}

List *
orm_facts_foreign_keys(Oid relid, Oid target)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	List	   *keys = NIL;
	ListCell   *cell;

	/* a copy: the relcache entry may be rebuilt by the lookups below */
	foreach(cell, (List *) copyObject(RelationGetFKeyList(rel)))
	{
		ForeignKeyCacheInfo *info = lfirst(cell);
		OrmForeignKey *key;

		if (info->confrelid != target)
			continue;
		key = palloc0(sizeof(OrmForeignKey));
		key->name = get_constraint_name(info->conoid);
		key->relation = relid;
		key->target = target;
		key->columns = column_names(relid, info->conkey, info->nkeys);
		key->target_columns = column_names(target, info->confkey, info->nkeys);
		keys = lappend(keys, key);
	}
	relation_close(rel, NoLock);
	list_sort(keys, compare_foreign_keys);
	return keys;
}

/* tables with a foreign key of their own to the relation, in order of OID, each as often as it has one */
static List *
referencing(Oid target)
{
	Relation	constraints = table_open(ConstraintRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	List	   *relids = NIL;

	ScanKeyInit(&key, Anum_pg_constraint_confrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(target));
	scan = systable_beginscan(constraints, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		CHECK_FOR_INTERRUPTS();
		if (form->contype == CONSTRAINT_FOREIGN && !OidIsValid(form->conparentid))
			relids = lappend_oid(relids, form->conrelid);
	}
	systable_endscan(scan);
	table_close(constraints, AccessShareLock);
	list_sort(relids, list_oid_cmp);
	return relids;
}

List *
orm_facts_junctions(Oid one, Oid other)
{
	List	   *ones = referencing(one);
	List	   *others = one == other ? NIL : referencing(other);
	List	   *both = NIL;
	ListCell   *cell;
	Oid			previous = InvalidOid;

	foreach(cell, ones)
	{
		Oid			relid = lfirst_oid(cell);

		/* of a link to itself the junction needs two keys */
		if (one == other ? relid == previous : list_member_oid(others, relid))
			both = list_append_unique_oid(both, relid);
		previous = relid;
	}
	return both;
}

char *
orm_facts_choices(List *foreign_keys)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, foreign_keys)
		appendStringInfo(&text, "%s(%s)", text.len > 0 ? ", " : "",
						 orm_names_joined(((OrmForeignKey *) lfirst(cell))->columns));
	return text.data;
}

OrmForeignKey *
orm_facts_foreign_key_over(List *foreign_keys, List *columns)
{
	ListCell   *cell;

	foreach(cell, foreign_keys)
	{
		OrmForeignKey *key = lfirst(cell);
		OrmForeignKey *ordered;
		ListCell   *column;

		if (!orm_names_equal_sets(columns, key->columns))
			continue;
		ordered = palloc(sizeof(OrmForeignKey));
		*ordered = *key;
		ordered->columns = columns;
		ordered->target_columns = NIL;
		foreach(column, columns)
		{
			int			at = 0;

			while (strcmp(list_nth(key->columns, at), lfirst(column)) != 0)
				at++;
			ordered->target_columns = lappend(ordered->target_columns, list_nth(key->target_columns, at));
		}
		return ordered;
	}
	return NULL;
}

bool
orm_facts_unique(Oid relid, List *columns)
{
	AttrNumber *attnums = column_numbers(relid, columns);
	Relation	rel;
	OrmUnique  *uniques;
	int			n;
	bool		unique;

	if (attnums == NULL || columns == NIL)
		return false;
	rel = relation_open(relid, AccessShareLock);
	n = orm_derive_uniques(rel, &uniques);
	unique = orm_unique_within(uniques, n, attnums, list_length(columns));
	relation_close(rel, NoLock);
	return unique;
}

bool
orm_facts_indexed(Oid relid, List *columns)
{
	AttrNumber *attnums = column_numbers(relid, columns);
	Relation	rel;
	bool		indexed;

	if (attnums == NULL || columns == NIL)
		return false;
	rel = relation_open(relid, AccessShareLock);
	indexed = orm_index_leads_with(rel, attnums, list_length(columns), false);
	relation_close(rel, NoLock);
	return indexed;
}
