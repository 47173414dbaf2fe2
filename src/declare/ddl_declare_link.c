/*
 * ddl_declare_link.c
 *	  What ALTER COLUMN says of a foreign key, as relations on its two sides.
 *
 * orm.relation names the side that holds the key (a belongs_to), orm.inverse
 * the other (has_one over unique columns, else has_many), which is also what
 * owned, on_missing and on_foreign are said of. The rows are found again by
 * the columns of the key, so that each name may change alone.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_constraint.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "declare/catalog_writer.h"
#include "declare/ddl.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "model/model_cache.h"

/*
 * Of a key that references a partitioned table the server keeps one more
 * constraint for each partition, below the one that was declared.
 */
static bool
is_for_partition(const ForeignKeyCacheInfo *key)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	Oid			parent = InvalidOid;
	bool		result = false;

	if (!HeapTupleIsValid(tuple))
		return true;
	parent = ((Form_pg_constraint) GETSTRUCT(tuple))->conparentid;
	ReleaseSysCache(tuple);
	tuple = OidIsValid(parent) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(parent)) : NULL;
	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_constraint) GETSTRUCT(tuple))->conrelid == key->conrelid;
		ReleaseSysCache(tuple);
	}
	return result;
}

/* how well a key answers to a column: 2 it alone, 1 its last, 0 not at all */
static int
key_rank(const ForeignKeyCacheInfo *key, AttrNumber attnum)
{
	if (key->conkey[key->nkeys - 1] != attnum || is_for_partition(key))
		return 0;
	return key->nkeys == 1 ? 2 : 1;
}

/* the foreign key that a column stands for: of several alike, the first by name; NULL without one */
static OrmForeignKey *
key_of_column(Oid relid, const char *column)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	AttrNumber	attnum = get_attnum(relid, column);
	List	   *keys = copyObject(RelationGetFKeyList(rel));
	OrmForeignKey *best = NULL;
	int			best_rank = 0;
	ListCell   *lc;

	relation_close(rel, NoLock);
	foreach(lc, keys)
	{
		const ForeignKeyCacheInfo *key = lfirst(lc);
		int			rank = key_rank(key, attnum);
		char	   *name = rank > 0 ? get_constraint_name(key->conoid) : NULL;
		ListCell   *named;

		if (name == NULL || rank < best_rank || (rank == best_rank && strcmp(name, best->name) > 0))
			continue;
		foreach(named, orm_facts_foreign_keys(relid, key->confrelid))
		{
			OrmForeignKey *candidate = lfirst(named);

			if (strcmp(candidate->name, name) == 0)
				best = candidate;
		}
		best_rank = rank;
	}
	return best;
}

/* the declared relation of "relid" to "target" that goes over the key, or NULL */
static OrmRelationRow *
find_row(Oid relid, Oid target, const OrmForeignKey *key, bool belongs_to)
{
	ListCell   *lc;

	foreach(lc, orm_catalog_relations(relid))
	{
		OrmRelationRow *row = lfirst(lc);
		bool		kind = belongs_to ? strcmp(row->kind, "belongs_to") == 0 :
			(strcmp(row->kind, "has_one") == 0 || strcmp(row->kind, "has_many") == 0);

		if (kind && row->target == target && orm_names_equal_sets(row->foreign_key, key->columns))
			return row;
	}
	return NULL;
}

static OrmRelationRow *
new_row(Oid relid, Oid target, const char *kind, const OrmForeignKey *key)
{
	OrmRelationRow *row = palloc0(sizeof(OrmRelationRow));

	row->relation = relid;
	row->kind = pstrdup(kind);
	row->target = target;
	row->foreign_key = key->columns;
	row->eager = row->lazy = row->owned = -1;
	return row;
}

static void
delete_row(const OrmRelationRow *row, const char *name)
{
	orm_check_owner(row->relation);
	orm_catalog_delete_relation(row->relation, name);
	CommandCounterIncrement();
}

/* writes a row that may have borne another name before */
static void
write_row(const OrmRelationRow *row, const char *former_name)
{
	if (former_name != NULL && strcmp(former_name, row->name) != 0)
		delete_row(row, former_name);
	orm_declare_relation(row);
	CommandCounterIncrement();
}

static void
declare_belongs_to(const OrmForeignKey *key, const OrmOptionClause *clause)
{
	OrmRelationRow *row = find_row(key->relation, key->target, key, true);
	char	   *former_name = row ? row->name : NULL;
	bool		named = false;
	bool		changed = false;
	ListCell   *lc;

	if (row == NULL && !clause->reset)
	{
		row = new_row(key->relation, key->target, "belongs_to", key);
		row->target_key = key->target_columns;
	}
	foreach(lc, clause->options)
	{
		const OrmOption *option = lfirst(lc);

		if (option->id == ORM_OPTION_RELATION)
		{
			named = changed = true;
			if (row)
				row->name = option->text;
		}
		else if (option->id == ORM_OPTION_INVERSE)
		{
			changed = true;
			if (row)
				row->inverse = option->text;
		}
	}
	if (row == NULL || !changed)
		return;
	if (named && clause->reset)
		delete_row(row, former_name);
	else if (row->name != NULL)
		write_row(row, former_name);
}

/* the name that the target's side has without a declaration, or NULL */
static char *
derived_inverse(const OrmForeignKey *key)
{
	OrmEntity  *entity = orm_model_by_relid(key->target, true);

	for (int i = 0; entity != NULL && i < entity->nrelations; i++)
	{
		OrmRelation *relation = &entity->relations[i];
		List	   *columns = NIL;

		if (relation->target != key->relation ||
			(relation->kind != ORM_HAS_ONE && relation->kind != ORM_HAS_MANY))
			continue;
		for (int k = 0; k < relation->nlinks; k++)
			columns = lappend(columns, relation->links[k].far_column);
		if (orm_names_equal_sets(columns, key->columns))
			return pstrdup(relation->name);
	}
	return NULL;
}

/* true when the option is of the inverse side */
static bool
inverse_option(OrmRelationRow *row, const OrmOption *option, bool reset)
{
	switch (option->id)
	{
		case ORM_OPTION_INVERSE:
			row->name = option->text;
			return true;
		case ORM_OPTION_OWNED:
			row->owned = reset ? -1 : (option->flag ? 1 : 0);
			return true;
		case ORM_OPTION_ON_MISSING:
			row->on_missing = option->text;
			return true;
		case ORM_OPTION_ON_FOREIGN:
			row->on_foreign = option->text;
			return true;
		default:
			return false;
	}
}

static void
declare_inverse(const OrmForeignKey *key, const OrmOptionClause *clause)
{
	OrmRelationRow *row = find_row(key->target, key->relation, key, false);
	char	   *former_name = row ? row->name : NULL;
	bool		changed = false;
	ListCell   *lc;

	if (row == NULL)
	{
		if (clause->reset)
			return;
		row = new_row(key->target, key->relation, orm_facts_unique(key->relation, key->columns) ? "has_one" : "has_many", key);
		row->local_key = key->target_columns;
		row->name = derived_inverse(key);
	}
	foreach(lc, clause->options)
		changed = inverse_option(row, lfirst(lc), clause->reset) || changed;
	if (!changed)
		return;
	if (row->name == NULL && clause->reset)
		delete_row(row, former_name);
	else if (row->name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the inverse of foreign key \"%s\" has no name", key->name),
				 errhint("Set orm.inverse as well.")));
	else
		write_row(row, former_name);
}

void
orm_ddl_declare_link(Oid relid, const OrmOptionClause *clause)
{
	OrmForeignKey *key = key_of_column(relid, clause->column);

	(void) orm_declared_entity(relid);
	if (clause->reset && (key == NULL || orm_catalog_entity_by_relid(key->target) == NULL))
		return;
	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no foreign key of relation \"%s\" ends in column \"%s\"",
						get_rel_name(relid), clause->column),
				 errhint("Add the foreign key, or declare the relation with orm.belongs_to().")));
	(void) orm_declared_entity(key->target);
	declare_belongs_to(key, clause);
	declare_inverse(key, clause);
}
