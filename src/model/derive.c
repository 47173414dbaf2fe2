/*
 * derive.c
 *	  Builds an entity: its properties, its key and its unique sets of columns.
 *
 * Relations are derive_relation.c's. What is built here is never changed
 * afterwards; model_cache.c decides how long it lives.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "model/derive.h"
#include "model/embed.h"

char *
orm_camel_case(const char *name, bool upper_first)
{
	char	   *camel = palloc(strlen(name) + 1);
	char	   *to = camel;
	bool		upper = upper_first;

	for (const char *from = name; *from; from++)
	{
		/* a leading underscore stays: it says something */
		if (*from == '_' && from != name && from[1] != '\0')
			upper = true;
		else
		{
			*to++ = upper ? pg_toupper((unsigned char) *from) : *from;
			upper = false;
		}
	}
	*to = '\0';
	return camel;
}

char *
orm_without_id(const char *column)
{
	size_t		len = strlen(column);

	if (len > 3 && strcmp(column + len - 3, "_id") == 0)
		return pnstrdup(column, len - 3);
	if (len > 2 && strcmp(column + len - 2, "Id") == 0)
		return pnstrdup(column, len - 2);
	return NULL;
}

void
orm_derive_depends_on(OrmEntity *entity, Oid relid)
{
	if (!OidIsValid(relid))
		return;
	for (int i = 0; i < entity->ndependencies; i++)
		if (entity->dependencies[i] == relid)
			return;
	if (entity->ndependencies == 0)
		entity->dependencies = palloc(8 * sizeof(Oid));
	else if (entity->ndependencies >= 8 && (entity->ndependencies & (entity->ndependencies - 1)) == 0)
		entity->dependencies = repalloc(entity->dependencies, 2 * entity->ndependencies * sizeof(Oid));
	entity->dependencies[entity->ndependencies++] = relid;
}

/* unique, usable, over plain columns and all rows */
static bool
index_is_unique_set(Relation index)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique || !form->indisvalid ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (form->indkey.values[i] == 0)
			return false;
	return true;
}

int
orm_derive_uniques(Relation rel, OrmUnique **uniques)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	int			n = 0;

	*uniques = palloc0(sizeof(OrmUnique) * (list_length(indexes) + 1));
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index_is_unique_set(index))
		{
			OrmUnique	unique = {0};

			unique.name = pstrdup(RelationGetRelationName(index));
			unique.ncolumns = index->rd_index->indnkeyatts;
			unique.attnums = palloc(sizeof(AttrNumber) * unique.ncolumns);
			for (int i = 0; i < unique.ncolumns; i++)
				unique.attnums[i] = index->rd_index->indkey.values[i];
			unique.primary = index->rd_index->indisprimary;
			unique.deferrable = !index->rd_index->indimmediate;
			if (unique.primary && n > 0)
			{
				(*uniques)[n] = (*uniques)[0];
				(*uniques)[0] = unique;
			}
			else
				(*uniques)[n] = unique;
			n++;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return n;
}

static bool
attnum_in(AttrNumber attnum, const AttrNumber *attnums, int n)
{
	for (int i = 0; i < n; i++)
		if (attnums[i] == attnum)
			return true;
	return false;
}

bool
orm_unique_within(const OrmUnique *uniques, int nuniques, const AttrNumber *attnums, int n)
{
	for (int u = 0; u < nuniques; u++)
	{
		int			found = 0;

		while (found < uniques[u].ncolumns && attnum_in(uniques[u].attnums[found], attnums, n))
			found++;
		if (found == uniques[u].ncolumns)
			return true;
	}
	return false;
}

List *
orm_primary_key_columns(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	OrmUnique  *uniques;
	List	   *names = NIL;

	if (rel == NULL)
		return NIL;
	if (orm_derive_uniques(rel, &uniques) > 0 && uniques[0].primary)
		for (int i = 0; i < uniques[0].ncolumns; i++)
			names = lappend(names, get_attname(relid, uniques[0].attnums[i], false));
	relation_close(rel, NoLock);
	return names;
}

List *
orm_key_columns(const OrmEntityRow *row)
{
	return row->key != NIL ? row->key : orm_primary_key_columns(row->relation);
}

bool
orm_index_starts_with(Relation index, const AttrNumber *attnums, int n)
{
	Form_pg_index form = index->rd_index;
	bool		all = form->indisvalid && form->indnkeyatts >= n;

	for (int i = 0; all && i < n; i++)
		all = attnum_in(form->indkey.values[i], attnums, n);
	return all;
}

bool
orm_index_leads_with(Relation rel, const AttrNumber *attnums, int n, bool partial)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	bool		leads = false;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		leads = heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) != partial &&
			orm_index_starts_with(index, attnums, n);
		index_close(index, AccessShareLock);
		if (leads)
			break;
	}
	list_free(indexes);
	return leads;
}

/* a flag of a declaration, or what holds without one */
static bool
flag_or(int8 said, bool otherwise)
{
	return said < 0 ? otherwise : said == 1;
}

static void
apply_property_row(OrmProperty *property, const OrmPropertyRow *row)
{
	property->declared = true;
	property->cast_as = row->cast_as ? pstrdup(row->cast_as) : NULL;
	property->insert = flag_or(row->insert, property->insert);
	property->update = flag_or(row->update, property->update);
	property->hidden = flag_or(row->hidden, property->hidden);
	property->lazy = flag_or(row->lazy, property->lazy);
}

static void
fill_column_property(OrmProperty *property, Form_pg_attribute att, const char *name)
{
	bool		always = att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS || att->attgenerated != '\0';

	memset(property, 0, sizeof(OrmProperty));
	property->name = pstrdup(name);
	property->column = pstrdup(NameStr(att->attname));
	property->attnum = att->attnum;
	property->type = att->atttypid;
	property->typmod = att->atttypmod;
	property->collation = att->attcollation;
	property->not_null = att->attnotnull;
	property->has_default = att->atthasdef;
	property->identity = att->attidentity != '\0';
	property->generated = always;
	property->insert = !always;
	property->update = !always;
}

/*
 * The type of a computed property stays unknown here: its expression may no
 * longer parse after an ALTER, which must raise for those who use it and not
 * for those who use its entity.
 */
static void
fill_computed_property(OrmProperty *property, const OrmPropertyRow *row)
{
	memset(property, 0, sizeof(OrmProperty));
	property->name = pstrdup(row->name);
	property->expression = pstrdup(row->expression);
	apply_property_row(property, row);
	property->insert = false;
	property->update = false;
	property->type = InvalidOid;
	property->typmod = -1;
}

static bool
column_is_wanted(const OrmEntityRow *row, const char *column)
{
	ListCell   *cell;

	if (row->columns == NIL)
		return true;
	foreach(cell, row->columns)
		if (strcmp(lfirst(cell), column) == 0)
			return true;
	foreach(cell, row->key)
		if (strcmp(lfirst(cell), column) == 0)
			return true;
	return false;
}

/* the properties of one column: as declared, else derived unless it was dropped */
static int
derive_column(OrmEntity *entity, const OrmEntityRow *row, List *rows, Form_pg_attribute att, int at)
{
	const char *column = NameStr(att->attname);
	const char *derived = entity->naming == ORM_NAMING_CAMEL ? orm_camel_case(column, false) : column;
	bool		declared = false;
	bool		dropped = false;
	ListCell   *cell;

	foreach(cell, rows)
	{
		OrmPropertyRow *property = lfirst(cell);

		if (property->dropped)
			dropped = dropped || strcmp(property->name, derived) == 0;
		else if (property->column_name && strcmp(property->column_name, column) == 0)
		{
			fill_column_property(&entity->properties[at], att, property->name);
			apply_property_row(&entity->properties[at], property);
			declared = true;
			at++;
		}
	}
	if (row->flex && strcmp(row->flex, column) == 0 && getBaseType(att->atttypid) == JSONBOID)
	{
		entity->flex_property = palloc(sizeof(OrmProperty));
		fill_column_property(entity->flex_property, att, column);
	}
	else if (!declared && !dropped && column_is_wanted(row, column))
		fill_column_property(&entity->properties[at++], att, derived);
	return at;
}

static Form_pg_attribute
attribute_named(TupleDesc desc, const char *column)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), column) == 0)
			return att;
	}
	return NULL;
}

/* the members of a value object, all at the place of its first column */
static int
derive_embed(OrmEntity *entity, List *rows, const OrmPropertyRow *embed, TupleDesc desc, int at)
{
	List	   *members = orm_embed_members(embed->name, embed->columns, entity->naming);
	ListCell   *name;
	ListCell   *column;
	ListCell   *cell;

	forboth(name, members, column, embed->columns)
	{
		Form_pg_attribute att = attribute_named(desc, lfirst(column));

		if (att == NULL)
			continue;
		fill_column_property(&entity->properties[at], att, lfirst(name));
		foreach(cell, rows)
		{
			OrmPropertyRow *row = lfirst(cell);

			if (!row->dropped && row->column_name && strcmp(row->column_name, lfirst(column)) == 0)
				apply_property_row(&entity->properties[at], row);
		}
		entity->properties[at].declared = true;
		entity->properties[at++].embed = pstrdup(embed->name);
	}
	return at;
}

static void
derive_properties(OrmEntity *entity, const OrmEntityRow *row, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *rows = orm_catalog_properties(entity->relid);
	ListCell   *cell;
	int			n = 0;

	entity->properties = palloc0(sizeof(OrmProperty) * (desc->natts + list_length(rows) + 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		OrmPropertyRow *embed = att->attisdropped ? NULL : orm_embed_of_column(rows, NameStr(att->attname));

		if (embed)
			{
			/* what stands there so far */
			entity->nproperties = n;
			if (!orm_entity_has_embed(entity, embed->name))
				n = derive_embed(entity, rows, embed, desc, n);
		}
		else if (!att->attisdropped)
			n = derive_column(entity, row, rows, att, n);
	}
	foreach(cell, rows)
	{
		OrmPropertyRow *property = lfirst(cell);

		if (!property->dropped && property->expression)
			fill_computed_property(&entity->properties[n++], property);
	}
	entity->nproperties = n;
}

/* the declared key, or else the primary key; keys are given, not updated */
static void
derive_key(OrmEntity *entity, const OrmEntityRow *row)
{
	ListCell   *cell;
	int			n = 0;

	if (row->key != NIL)
	{
		OrmUnique  *unique = &entity->uniques[entity->nuniques];

		entity->keys = palloc(sizeof(int) * list_length(row->key));
		unique->attnums = palloc(sizeof(AttrNumber) * list_length(row->key));
		foreach(cell, row->key)
		{
			OrmProperty *property = orm_entity_property_by_column(entity, lfirst(cell));

			if (property == NULL)
				return;			/* the column is gone: no key, as orm.describe shows */
			unique->attnums[n] = property->attnum;
			entity->keys[n++] = property - entity->properties;
		}
		entity->nkeys = n;
		unique->name = "key";
		unique->ncolumns = n;
		entity->nuniques++;
	}
	else if (entity->nuniques > 0 && entity->uniques[0].primary)
	{
		OrmUnique  *primary = &entity->uniques[0];

		entity->keys = palloc(sizeof(int) * primary->ncolumns);
		for (int i = 0; i < primary->ncolumns; i++)
		{
			OrmProperty *property = orm_entity_property_by_attnum(entity, primary->attnums[i]);

			if (property == NULL)
				return;
			entity->keys[n++] = property - entity->properties;
		}
		entity->nkeys = n;
	}
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		property->is_key = true;
		if (!property->declared)
			property->update = false;
	}
}

/* the rows are in the entity's context */
static void
derive_scopes(OrmEntity *entity)
{
	List	   *rows = orm_catalog_scopes(entity->relid);
	ListCell   *cell;

	entity->scopes = palloc0(sizeof(OrmScope) * (list_length(rows) + 1));
	foreach(cell, rows)
	{
		OrmScopeRow *row = lfirst(cell);
		OrmScope   *scope = &entity->scopes[entity->nscopes++];

		scope->name = row->name;
		scope->condition = row->condition;
		scope->predicate = row->predicate;
		scope->arguments = row->arguments;
		scope->global = row->global;
	}
}

static char *
copy_or_null(const char *text)
{
	return text ? pstrdup(text) : NULL;
}

/* when none of the relations moves any more */
static void
tie_branches(OrmEntity *entity)
{
	for (int i = 0; i < entity->nrelations; i++)
		for (int b = 0; b < entity->relations[i].nbranches; b++)
			entity->relations[i].branches[b].whole = &entity->relations[i];
}

static OrmEntity *
derive_entity(const OrmEntityRow *row, MemoryContext parent, bool chained)
{
	Relation	rel = try_relation_open(row->relation, AccessShareLock);
	MemoryContext context;
	MemoryContext old;
	OrmEntity  *entity;

	if (rel == NULL)
		return NULL;
	/* an error on the way takes it along with the caller's context */
	context = AllocSetContextCreate(CurrentMemoryContext, "orm entity", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	entity = palloc0(sizeof(OrmEntity));
	entity->context = context;
	entity->relid = row->relation;
	entity->name = pstrdup(row->name);
	entity->schema_name = get_namespace_name(RelationGetNamespace(rel));
	entity->relation_name = pstrdup(RelationGetRelationName(rel));
	entity->relkind = rel->rd_rel->relkind;
	entity->rls = rel->rd_rel->relrowsecurity;
	entity->naming = strcmp(row->naming, "camel") == 0 ? ORM_NAMING_CAMEL : ORM_NAMING_COLUMN;
	entity->derive = row->derive;
	entity->version = copy_or_null(row->version);
	entity->soft_delete = copy_or_null(row->soft_delete);
	entity->created_at = copy_or_null(row->created_at);
	entity->updated_at = copy_or_null(row->updated_at);
	entity->flex = copy_or_null(row->flex);
	orm_derive_depends_on(entity, row->relation);
	/* which is never signalled for a row, but when the extension is dropped */
	orm_derive_depends_on(entity, orm_catalog_table("properties"));

	entity->nuniques = orm_derive_uniques(rel, &entity->uniques);
	derive_properties(entity, row, rel);
	derive_key(entity, row);
	orm_derive_relations(entity, rel);
	if (chained)
		orm_derive_throughs(entity);
	tie_branches(entity);
	/* what could not be built may come to life when an entity is declared */
	if (entity->norphans > 0)
		orm_derive_depends_on(entity, orm_catalog_table("entities"));
	derive_scopes(entity);

	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, parent);
	relation_close(rel, NoLock);
	return entity;
}

OrmEntity *
orm_derive_entity(const OrmEntityRow *row, MemoryContext parent)
{
	return derive_entity(row, parent, true);
}

OrmEntity *
orm_derive_entity_unchained(const OrmEntityRow *row, MemoryContext parent)
{
	return derive_entity(row, parent, false);
}
