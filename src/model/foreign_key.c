/*
 * foreign_key.c
 *	  Reads foreign key constraints and finds the operators of their columns.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_am.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/trigger.h"
#include "parser/parse_coerce.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "model/foreign_key.h"

Oid
orm_link_operator(Oid far_type, Oid near_type)
{
	Oid			far = getBaseType(far_type);
	Oid			near = getBaseType(near_type);
	Oid			sides[2] = {far, near};

	if (far == near)
		return lookup_type_cache(far, TYPECACHE_EQ_OPR)->eq_opr;
	for (int i = 0; i < 2; i++)
	{
		Oid			opclass = GetDefaultOpClass(sides[i], BTREE_AM_OID);
		Oid			family;
		Oid			input;
		Oid			other;
		Oid			op;

		if (!OidIsValid(opclass) || !get_opclass_opfamily_and_input_type(opclass, &family, &input))
			continue;
		opclass = GetDefaultOpClass(sides[1 - i], BTREE_AM_OID);
		other = OidIsValid(opclass) ? get_opclass_input_type(opclass) : sides[1 - i];
		op = i == 0 ? get_opfamily_member(family, input, other, BTEqualStrategyNumber)
			: get_opfamily_member(family, other, input, BTEqualStrategyNumber);
		if (OidIsValid(op))
			return op;
	}
	/* as the parser would: one side is cast to the other's type */
	if (can_coerce_type(1, &near, &far, COERCION_IMPLICIT))
		return lookup_type_cache(far, TYPECACHE_EQ_OPR)->eq_opr;
	if (can_coerce_type(1, &far, &near, COERCION_IMPLICIT))
		return lookup_type_cache(near, TYPECACHE_EQ_OPR)->eq_opr;
	return InvalidOid;
}

bool
orm_is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* integers of all widths are one image as datums, and so are text and varchar */
static Oid
image_type(Oid type)
{
	if (orm_is_integer_type(type))
		return INT8OID;
	return type == VARCHAROID ? TEXTOID : type;
}

bool
orm_link_is_image_equal(Oid far_type, Oid far_collation, Oid near_type)
{
	Oid			far = getBaseType(far_type);
	Oid			opclass = GetDefaultOpClass(far, BTREE_AM_OID);
	Oid			family;
	Oid			input;
	Oid			proc;

	if (image_type(far) != image_type(getBaseType(near_type)) || !OidIsValid(opclass) ||
		!get_opclass_opfamily_and_input_type(opclass, &family, &input))
		return false;
	proc = get_opfamily_proc(family, input, input, BTEQUALIMAGE_PROC);
	return OidIsValid(proc) &&
		DatumGetBool(OidFunctionCall1Coll(proc, far_collation, ObjectIdGetDatum(input)));
}

char *
orm_operator_schema(Oid op)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
	char	   *schema;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	schema = get_namespace_name(((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace);
	ReleaseSysCache(tuple);
	return schema;
}

static Oid
constraint_parent(Oid constraint)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	Oid			relid = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		relid = ((Form_pg_constraint) GETSTRUCT(tuple))->conrelid;
		ReleaseSysCache(tuple);
	}
	return relid;
}

static OrmKeyConstraint *
read_foreign_key(HeapTuple tuple)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
	OrmKeyConstraint *key = palloc0(sizeof(OrmKeyConstraint));

	key->name = pstrdup(NameStr(form->conname));
	key->referencing = form->conrelid;
	key->referenced = form->confrelid;
	key->cascades = form->confdeltype == FKCONSTR_ACTION_CASCADE;
	DeconstructFkConstraintRow(tuple, &key->ncolumns, key->columns, key->targets,
							   NULL, NULL, NULL, NULL, NULL);
	return key;
}

/*
 * Foreign keys of a relation. Of a key that references a partitioned table the
 * server keeps a row per referenced partition as well, with the same
 * referencing relation: those are not keys of their own.
 */
List *
orm_foreign_keys_of(Oid relid)
{
	Relation	constraints = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData scankey;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *keys = NIL;

	ScanKeyInit(&scankey, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(constraints, ConstraintRelidTypidNameIndexId, true, NULL, 1, &scankey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		if (form->contype != CONSTRAINT_FOREIGN)
			continue;
		if (OidIsValid(form->conparentid) && constraint_parent(form->conparentid) == relid)
			continue;
		keys = lappend(keys, read_foreign_key(tuple));
	}
	systable_endscan(scan);
	table_close(constraints, AccessShareLock);
	return keys;
}

/*
 * Foreign keys that reference a relation, found by the triggers that they put
 * on it: pg_constraint has no index for that direction. Keys of partitions
 * that come from their parent's are left to the parent.
 */
List *
orm_foreign_keys_to(Relation rel)
{
	/* a copy: the relcache entry may be rebuilt by the lookups below */
	TriggerDesc *triggers = CopyTriggerDesc(rel->trigdesc);
	List	   *seen = NIL;
	List	   *keys = NIL;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
	{
		Oid			constraint = triggers->triggers[i].tgconstraint;
		HeapTuple	tuple;

		if (!OidIsValid(constraint) || list_member_oid(seen, constraint))
			continue;
		seen = lappend_oid(seen, constraint);
		tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
		if (!HeapTupleIsValid(tuple))
			continue;
		if (((Form_pg_constraint) GETSTRUCT(tuple))->contype == CONSTRAINT_FOREIGN &&
			((Form_pg_constraint) GETSTRUCT(tuple))->confrelid == RelationGetRelid(rel) &&
			!OidIsValid(((Form_pg_constraint) GETSTRUCT(tuple))->conparentid))
			keys = lappend(keys, read_foreign_key(tuple));
		ReleaseSysCache(tuple);
	}
	return keys;
}

static bool
same_columns(const AttrNumber *a, int na, const AttrNumber *b, int nb)
{
	if (na != nb)
		return false;
	for (int i = 0; i < na; i++)
	{
		int			j = 0;

		while (j < nb && b[j] != a[i])
			j++;
		if (j == nb)
			return false;
	}
	return true;
}

/* are the primary key's columns just those of the two keys? */
static bool
keys_make_primary(const OrmUnique *primary, const OrmKeyConstraint *one, const OrmKeyConstraint *two)
{
	AttrNumber	columns[INDEX_MAX_KEYS * 2];
	int			n = 0;

	if (same_columns(one->columns, one->ncolumns, two->columns, two->ncolumns))
		return false;
	for (int i = 0; i < one->ncolumns; i++)
		columns[n++] = one->columns[i];
	for (int i = 0; i < two->ncolumns; i++)
	{
		int			j = 0;

		while (j < n && columns[j] != two->columns[i])
			j++;
		if (j == n)
			columns[n++] = two->columns[i];
	}
	return same_columns(primary->attnums, primary->ncolumns, columns, n);
}

/* the other key of a junction table that "key" belongs to, or NULL */
OrmKeyConstraint *
orm_junction_partner(OrmKeyConstraint *key, const OrmUnique *primary)
{
	OrmKeyConstraint *partner = NULL;
	ListCell   *cell;

	foreach(cell, orm_foreign_keys_of(key->referencing))
	{
		OrmKeyConstraint *other = lfirst(cell);

		if (strcmp(other->name, key->name) == 0 || !keys_make_primary(primary, key, other))
			continue;
		if (partner == NULL || strcmp(other->name, partner->name) < 0)
			partner = other;
	}
	return partner;
}
