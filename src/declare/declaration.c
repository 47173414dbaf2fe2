/*
 * declaration.c
 *	  Declares and drops entities: ownership, checks, the row.
 *
 * Properties are declaration_property.c's, relations declaration_relation.c's.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/catalog.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/fault.h"
#include "declare/property_names.h"
#include "declare/stamp_trigger.h"
#include "model/derive_morph.h"
#include "model/model_cache.h"

void
orm_check_owner(Oid relid)
{
	char	   *name;

	LockRelationOid(relid, AccessShareLock);
	name = get_rel_name(relid);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!orm_relation_owned(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relid)), name);
}

OrmEntityRow *
orm_declared_entity(Oid relid)
{
	OrmEntityRow *row = orm_catalog_entity_by_relid(relid);
	char	   *name;

	if (row)
		return row;
	name = get_rel_name(relid);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 name ? errmsg("relation \"%s\" bears no entity", name) :
			 errmsg("relation with OID %u bears no entity", relid),
			 errhint("Declare one with orm.entity().")));
}

OrmEntityRow *
orm_declared_entity_by_name(const char *name)
{
	OrmEntityRow *row = orm_catalog_entity_by_name(name);

	if (row)
		LockRelationOid(row->relation, AccessShareLock);
	if (row == NULL || get_rel_name(row->relation) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("entity \"%s\" does not exist", name),
				 orm_hint_names(name, orm_model_names(), "entities")));
	return row;
}

/* only what has rows of its own that outlive the session; nothing else could be checked after this */
static void
check_kind(Oid relid)
{
	char		kind = get_rel_relkind(relid);
	char	   *name = get_rel_name(relid);

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_VIEW &&
		kind != RELKIND_MATVIEW && kind != RELKIND_FOREIGN_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot bear an entity", name),
				 errdetail_relkind_not_supported(kind)));
	if (IsCatalogRelationOid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot bear an entity", name),
				 errdetail("This is a system catalog.")));
	if (get_rel_persistence(relid) == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("temporary table \"%s\" cannot bear an entity", name),
				 errdetail("The model is shared by all sessions.")));
}

static bool
is_table(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

static void
check_columns(OrmFaults *faults, Oid relid, List *columns, const char *argument)
{
	List	   *seen = NIL;
	ListCell   *cell;

	foreach(cell, columns)
	{
		char	   *column = lfirst(cell);

		if (!orm_facts_has_column(relid, column))
		{
			orm_fault(faults, ERRCODE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
					  column, get_rel_name(relid));
			orm_fault_hint_names(faults, column, orm_facts_columns(relid), "columns");
		}
		else if (orm_names_include(seen, column))
			orm_fault(faults, ERRCODE_DUPLICATE_COLUMN, "column \"%s\" is given twice in \"%s\"",
					  column, argument);
		seen = lappend(seen, column);
	}
}

static void
check_key(OrmFaults *faults, const OrmEntityRow *row)
{
	List	   *key = orm_facts_key(row);
	char	   *name = get_rel_name(row->relation);
	ListCell   *cell;

	check_columns(faults, row->relation, row->key, "key");
	if (key == NIL && is_table(row->relation))
	{
		orm_fault(faults, ERRCODE_INVALID_TABLE_DEFINITION, "table \"%s\" has no primary key", name);
		orm_fault_hint(faults, "Add a primary key, or name the columns that tell its rows apart as \"key\".");
	}
	foreach(cell, key)
	{
		AttrNumber	attnum = get_attnum(row->relation, lfirst(cell));
		Oid			type;

		if (attnum <= 0)
			continue;
		type = get_atttype(row->relation, attnum);
		if (!OidIsValid(lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr))
			orm_fault(faults, ERRCODE_UNDEFINED_FUNCTION,
					  "key column \"%s\" is of type %s, which has no equality operator",
					  (char *) lfirst(cell), format_type_be(type));
		if (row->columns != NIL && row->key == NIL && !orm_names_include(row->columns, lfirst(cell)))
		{
			orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "key column \"%s\" is not in \"columns\"",
					  (char *) lfirst(cell));
			orm_fault_hint(faults, "Add it; a property can be declared hidden.");
		}
	}
}

/* a column with a meaning of its own, as an argument of the declaration */
typedef struct SpecialColumn
{
	const char *argument;
	const char *column;			/* NULL: not declared */
	const Oid  *types;			/* ended by InvalidOid */
	const char *wanted;			/* those types, in words */
	bool		by_trigger;
	bool		nullable;		/* NULL has a meaning, except in a boolean */
} SpecialColumn;

static bool
is_not_null(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(attnum));
	bool		not_null = HeapTupleIsValid(tuple) && ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return not_null;
}

/* it must exist and be of a type that fits, and what keeps it must be able to */
static void
check_special(OrmFaults *faults, const OrmEntityRow *row, const SpecialColumn *special)
{
	char	   *name = get_rel_name(row->relation);
	char		kind = get_rel_relkind(row->relation);
	const Oid  *types = special->types;
	AttrNumber	attnum;
	Oid			type;

	if (special->by_trigger && (kind == RELKIND_VIEW || kind == RELKIND_MATVIEW))
		orm_fault(faults, ERRCODE_FEATURE_NOT_SUPPORTED,
				  "\"%s\" needs row triggers, which \"%s\" cannot have", special->argument, name);
	check_columns(faults, row->relation, list_make1(unconstify(char *, special->column)), special->argument);
	attnum = get_attnum(row->relation, special->column);
	if (attnum <= 0)
		return;
	type = getBaseType(get_atttype(row->relation, attnum));
	while (OidIsValid(*types) && *types != type)
		types++;
	if (!OidIsValid(*types))
		orm_fault(faults, ERRCODE_DATATYPE_MISMATCH, "column \"%s\" for \"%s\" is of type %s, not %s",
				  special->column, special->argument, format_type_be(type), special->wanted);
	if (get_attgenerated(row->relation, attnum))
		orm_fault(faults, ERRCODE_INVALID_TABLE_DEFINITION, "column \"%s\" for \"%s\" is generated",
				  special->column, special->argument);
	if (orm_names_include(orm_facts_key(row), special->column))
		orm_fault(faults, ERRCODE_INVALID_TABLE_DEFINITION, "column \"%s\" for \"%s\" is a column of the key",
				  special->column, special->argument);
	if (special->nullable && type != BOOLOID && is_not_null(row->relation, attnum))
	{
		orm_fault(faults, ERRCODE_INVALID_TABLE_DEFINITION, "column \"%s\" for \"%s\" is NOT NULL",
				  special->column, special->argument);
		orm_fault_hint(faults, "It is null in every row that is not trashed.");
	}
}

static void
check_special_columns(OrmFaults *faults, const OrmEntityRow *row)
{
	static const Oid integers[] = {INT2OID, INT4OID, INT8OID, InvalidOid};
	static const Oid times[] = {TIMESTAMPTZOID, TIMESTAMPOID, DATEOID, InvalidOid};
	static const Oid marks[] = {TIMESTAMPTZOID, TIMESTAMPOID, DATEOID, BOOLOID, InvalidOid};
	static const Oid documents[] = {JSONBOID, InvalidOid};
	const SpecialColumn specials[] = {
		{"version", row->version, integers, "an integer", true, false},
		{"soft_delete", row->soft_delete, marks, "a timestamp, date or boolean", false, true},
		{"created_at", row->created_at, times, "a timestamp or date", true, false},
		{"updated_at", row->updated_at, times, "a timestamp or date", true, false},
		{"flex", row->flex, documents, "jsonb", false, false},
	};

	for (int i = 0; i < lengthof(specials); i++)
	{
		if (specials[i].column == NULL)
			continue;
		check_special(faults, row, &specials[i]);
		for (int before = 0; before < i; before++)
			if (specials[before].column && strcmp(specials[before].column, specials[i].column) == 0)
				orm_fault(faults, ERRCODE_DUPLICATE_COLUMN, "column \"%s\" is both \"%s\" and \"%s\"",
						  specials[i].column, specials[before].argument, specials[i].argument);
	}
	orm_stamp_trigger_check(faults, row);
}

/* the names of its properties as they will be: each once, none reserved, none a declared relation's */
static void
check_names(OrmFaults *faults, const OrmEntityRow *row)
{
	List	   *relations = orm_catalog_relations(row->relation);
	List	   *seen = NIL;
	ListCell   *cell;

	foreach(cell, orm_named_properties(row))
	{
		OrmNamedProperty *property = lfirst(cell);
		OrmRelationRow *relation = orm_relation_row(relations, property->name);

		if (strcmp(property->name, "pivot") == 0)
		{
			orm_fault(faults, ERRCODE_RESERVED_NAME, "the property name \"pivot\" is reserved");
			orm_fault_hint(faults, "Leave the column out with \"columns\" and declare it as a property of another name.");
		}
		if (orm_names_include(seen, property->name))
			orm_fault(faults, ERRCODE_DUPLICATE_OBJECT, "property \"%s\" would stand for two columns",
					  property->name);
		if (relation && strcmp(relation->kind, "dropped") != 0)
			orm_fault(faults, ERRCODE_DUPLICATE_OBJECT, "property \"%s\" has the name of a relation",
					  property->name);
		seen = lappend(seen, property->name);
	}
}

static void
check_entity(const OrmEntityRow *row)
{
	OrmFaults	faults = {0};

	if (row->name[0] == '\0')
		orm_fault(&faults, ERRCODE_INVALID_PARAMETER_VALUE, "an entity needs a name");
	if (strcmp(row->naming, "column") != 0 && strcmp(row->naming, "camel") != 0)
	{
		orm_fault(&faults, ERRCODE_INVALID_PARAMETER_VALUE, "unknown naming \"%s\"", row->naming);
		orm_fault_hint(&faults, "Valid are \"column\" and \"camel\".");
	}
	check_key(&faults, row);
	check_columns(&faults, row->relation, row->columns, "columns");
	check_special_columns(&faults, row);
	check_names(&faults, row);
	orm_faults_raise(&faults);
}

/* of a morph_to, one of its types then leads nowhere */
static void
notice_dropped_types(const OrmEntityRow *row)
{
	ListCell   *cell;
	ListCell   *relation;

	foreach(cell, orm_catalog_entities())
	{
		OrmEntityRow *other = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		foreach(relation, orm_catalog_relations(other->relation))
		{
			OrmRelationRow *morph = lfirst(relation);
			OrmMorphType *type = morph->types ? orm_morph_type_of(morph->types, row->name) : NULL;

			if (type && other->relation != row->relation)
				ereport(NOTICE,
						(errmsg("type \"%s\" of relation \"%s\" of entity \"%s\" leads nowhere without entity \"%s\"",
								type->alias, morph->name, other->name, row->name)));
		}
	}
}

/* relations of others go with their target */
static void
notice_dropped(const OrmEntityRow *row)
{
	ListCell   *cell;

	foreach(cell, orm_catalog_relations_to(row->relation))
	{
		OrmRelationRow *relation = lfirst(cell);
		OrmEntityRow *other = orm_catalog_entity_by_relid(relation->relation);

		if (other && other->relation != row->relation)
			ereport(NOTICE,
					(errmsg("relation \"%s\" of entity \"%s\" goes with entity \"%s\"",
							relation->name, other->name, row->name)));
	}
	notice_dropped_types(row);
}

/* a name that another relation bears moves here when the caller owns that one too */
static void
take_name(const OrmEntityRow *row)
{
	OrmEntityRow *bearer = orm_catalog_entity_by_name(row->name);

	if (bearer == NULL || bearer->relation == row->relation)
		return;
	if (get_rel_name(bearer->relation) != NULL && !orm_relation_owned(bearer->relation, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("entity \"%s\" already exists", row->name),
				 errdetail("It is declared over \"%s\", which belongs to another role.",
						   get_rel_name(bearer->relation))));
	if (get_rel_name(bearer->relation) != NULL)
	{
		ereport(NOTICE,
				(errmsg("entity \"%s\" is no longer declared over \"%s\"", row->name, get_rel_name(bearer->relation)),
				 errdetail("Its name goes to \"%s\", and what was declared of it is dropped.", get_rel_name(row->relation))));
		notice_dropped(bearer);
		orm_stamp_trigger_drop(bearer->relation);
	}
	orm_catalog_delete_entity(bearer->relation, false);
}

static void
notice_key(const OrmEntityRow *row)
{
	char		kind = get_rel_relkind(row->relation);
	List	   *key = orm_facts_key(row);

	if (key == NIL)
		ereport(NOTICE,
				(errmsg("entity \"%s\" has no key", row->name),
				 errhint("It can be fetched, but not found by key. Name the columns that tell its rows apart as \"key\".")));
	else if ((is_table(row->relation) || kind == RELKIND_MATVIEW) && !orm_facts_unique(row->relation, key))
		ereport(NOTICE,
				(errmsg("the key of entity \"%s\" is not unique", row->name),
				 errhint("Add a unique constraint on (%s).", orm_names_joined(key))));
}

void
orm_declare_entity(const OrmEntityRow *row)
{
	OrmEntityRow *before;

	orm_check_owner(row->relation);
	check_kind(row->relation);
	orm_catalog_lock();
	check_entity(row);
	take_name(row);
	before = orm_catalog_entity_by_relid(row->relation);
	orm_catalog_write_entity(row);
	orm_stamp_trigger_follow(row);
	if (before && strcmp(before->name, row->name) != 0)
		orm_catalog_entity_renamed(before->name, row->name);
	notice_key(row);
}

void
orm_drop_entity(Oid relid)
{
	OrmEntityRow *row;

	orm_check_owner(relid);
	orm_catalog_lock();
	row = orm_declared_entity(relid);
	notice_dropped(row);
	orm_stamp_trigger_drop(relid);
	orm_catalog_delete_entity(relid, false);
}

/* what is left over of a relation that went where no event trigger saw it has no owner, and means nothing */
void
orm_drop_entity_named(const char *name)
{
	OrmEntityRow *row = orm_catalog_entity_by_name(name);

	if (row)
		LockRelationOid(row->relation, AccessShareLock);
	if (row && get_rel_name(row->relation) == NULL)
	{
		orm_catalog_lock();
		orm_catalog_delete_entity(row->relation, true);
	}
	else
		orm_drop_entity(orm_declared_entity_by_name(name)->relation);
}
