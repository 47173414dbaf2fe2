/*
 * derive_relation.c
 *	  Builds the relations of an entity: those declared, then those that
 *	  foreign keys and junction tables give, and names for the latter.
 *
 * Names are given class by class: belongs_to, has_one and has_many,
 * many_to_many. Within a class two candidates for one name both take the
 * longer form, so that adding a foreign key never silently gives an old name
 * to a new relation.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "model/derive.h"
#include "model/foreign_key.h"

/* pages up to which a table is read through sooner than looked up in */
#define SMALL_TABLE		16

/* a derived relation on its way to a name */
typedef struct Candidate
{
	OrmRelation relation;
	char	   *name;			/* the name wanted */
	char	   *fallback;		/* the longer form */
	char	   *rank;			/* qualified table and constraint: who comes first */
	bool		long_form;
} Candidate;

/* keys travel as arrays of their type, taken apart to one value a key: not so arrays and rows */
static bool
type_can_travel(Oid type)
{
	return OidIsValid(get_array_type(type)) && !type_is_rowtype(type);
}

/*
 * Links near columns to far columns. False when a column is gone, or when no
 * operator joins the types.
 */
static bool
link_columns(OrmLinkColumn **links, Oid near_relid, const AttrNumber *near, Oid far_relid,
			 const AttrNumber *far, int n)
{
	*links = palloc0(sizeof(OrmLinkColumn) * n);
	for (int i = 0; i < n; i++)
	{
		OrmLinkColumn *link = &(*links)[i];
		Oid			op;
		Oid			far_type;
		int32		far_typmod;
		Oid			far_collation;

		link->near_attnum = near[i];
		link->near_column = get_attname(near_relid, near[i], true);
		link->far_attnum = far[i];
		link->far_column = get_attname(far_relid, far[i], true);
		if (link->near_column == NULL || link->far_column == NULL)
			return false;
		link->near_type = getBaseType(get_atttype(near_relid, near[i]));
		op = orm_link_operator(get_atttype(far_relid, far[i]), link->near_type);
		if (!OidIsValid(op) || !type_can_travel(link->near_type))
			return false;
		link->operator_name = get_opname(op);
		link->operator_schema = orm_operator_schema(op);
		get_atttypetypmodcoll(far_relid, far[i], &far_type, &far_typmod, &far_collation);
		link->image_equal = orm_link_is_image_equal(far_type, far_collation, link->near_type);
	}
	return true;
}

/*
 * Does a declared relation stand for a derived one over the same columns? It
 * does under the same name. Under another, one with a condition is a part of
 * it, and one of many ("the latest post") is a relation besides.
 */
static bool
stands_for(const OrmRelation *declared, const OrmRelation *derived, const char *name)
{
	if (strcmp(declared->name, name) == 0)
		return true;
	if (declared->condition != NULL || (declared->kind == ORM_BELONGS_TO) != (derived->kind == ORM_BELONGS_TO))
		return false;
	return declared->to_many || !derived->to_many;
}

/* is (near, far) over the same columns and target as a relation already there? */
static bool
already_declared(OrmEntity *entity, const OrmRelation *derived, const char *name)
{
	for (int i = 0; i < entity->nrelations; i++)
	{
		OrmRelation *other = &entity->relations[i];
		bool		same = other->target == derived->target && other->through == derived->through &&
			other->nlinks == derived->nlinks && stands_for(other, derived, name);

		for (int l = 0; same && l < derived->nlinks; l++)
		{
			same = false;
			for (int m = 0; !same && m < other->nlinks; m++)
				same = strcmp(other->links[m].near_column, derived->links[l].near_column) == 0 &&
					strcmp(other->links[m].far_column, derived->links[l].far_column) == 0;
		}
		if (same)
			return true;
	}
	return false;
}

static char *
entity_name_of(OrmEntity *entity, Oid relid)
{
	OrmEntityRow *row;

	orm_derive_depends_on(entity, relid);
	row = orm_catalog_entity_by_relid(relid);
	return row ? row->name : NULL;
}

/* facts of the far side that the loader and the checks want to know */
static void
note_far_side(OrmRelation *relation)
{
	Oid			far = OidIsValid(relation->through) ? relation->through : relation->target;
	Relation	rel = try_relation_open(far, AccessShareLock);
	AttrNumber *attnums = palloc(sizeof(AttrNumber) * relation->nlinks);
	OrmUnique  *uniques;
	int			nuniques;

	if (rel == NULL)
		return;
	for (int i = 0; i < relation->nlinks; i++)
		attnums[i] = relation->links[i].far_attnum;
	nuniques = orm_derive_uniques(rel, &uniques);
	relation->far_unique = orm_unique_within(uniques, nuniques, attnums, relation->nlinks);
	relation->far_indexed = orm_index_leads_with(rel, attnums, relation->nlinks);
	relation->far_large = !RELKIND_HAS_STORAGE(rel->rd_rel->relkind) || RelationGetNumberOfBlocks(rel) > SMALL_TABLE;
	relation_close(rel, AccessShareLock);
}

static void
note_near_side(OrmEntity *entity, OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		OrmProperty *property = orm_entity_property_by_attnum(entity, relation->links[i].near_attnum);

		if (property == NULL || !property->not_null)
			relation->near_nullable = true;
	}
}

/* ---- declared relations ---- */

/* attribute numbers of a list of column names; false when one is gone */
static bool
columns_by_name(Oid relid, List *names, AttrNumber *attnums)
{
	ListCell   *cell;
	int			n = 0;

	if (list_length(names) > INDEX_MAX_KEYS)
		return false;
	foreach(cell, names)
	{
		attnums[n] = get_attnum(relid, lfirst(cell));
		if (attnums[n] == InvalidAttrNumber)
			return false;
		n++;
	}
	return true;
}

static List *
columns_not_linked(OrmRelation *relation)
{
	Relation	rel = relation_open(relation->through, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		linked = att->attisdropped;

		for (int l = 0; !linked && l < relation->nlinks; l++)
			linked = relation->links[l].far_attnum == att->attnum;
		for (int l = 0; !linked && l < relation->nfar_links; l++)
			linked = relation->far_links[l].near_attnum == att->attnum;
		if (!linked)
			names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	relation_close(rel, AccessShareLock);
	return names;
}

static void
set_pivots(OrmRelation *relation, List *names)
{
	ListCell   *cell;

	relation->pivots = palloc(sizeof(char *) * (list_length(names) + 1));
	relation->pivot_attnums = palloc(sizeof(AttrNumber) * (list_length(names) + 1));
	foreach(cell, names)
	{
		AttrNumber	attnum = get_attnum(relation->through, lfirst(cell));

		if (attnum == InvalidAttrNumber)
			continue;
		relation->pivots[relation->npivots] = lfirst(cell);
		relation->pivot_attnums[relation->npivots++] = attnum;
	}
}

static bool
kind_by_name(const char *name, OrmRelationKind *kind)
{
	static const char *const names[] = {"belongs_to", "has_one", "has_many", "many_to_many"};

	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(names[i], name) == 0)
		{
			*kind = i;
			return true;
		}
	return false;
}

/* the links of a declared relation; false when its columns no longer exist */
static bool
link_declared(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	AttrNumber	near[INDEX_MAX_KEYS];
	AttrNumber	far[INDEX_MAX_KEYS];
	bool		belongs_to = relation->kind == ORM_BELONGS_TO;
	List	   *near_names = belongs_to ? row->foreign_key : row->local_key;
	List	   *far_names = belongs_to ? row->target_key : row->foreign_key;
	Oid			far_relid = relation->kind == ORM_MANY_TO_MANY ? row->through : row->target;

	relation->nlinks = list_length(near_names);
	if (relation->nlinks == 0 || relation->nlinks != list_length(far_names) ||
		!columns_by_name(entity->relid, near_names, near) ||
		!columns_by_name(far_relid, far_names, far) ||
		!link_columns(&relation->links, entity->relid, near, far_relid, far, relation->nlinks))
		return false;
	if (relation->kind != ORM_MANY_TO_MANY)
		return true;

	relation->through = row->through;
	relation->nfar_links = list_length(row->target_foreign_key);
	return relation->nfar_links > 0 &&
		relation->nfar_links == list_length(row->target_key) &&
		columns_by_name(row->through, row->target_foreign_key, near) &&
		columns_by_name(row->target, row->target_key, far) &&
		link_columns(&relation->far_links, row->through, near, row->target, far, relation->nfar_links);
}

static void
add_orphan(OrmEntity *entity, const char *name, const char *source)
{
	OrmOrphan  *orphan;

	if (entity->norphans == 0)
		entity->orphans = palloc(sizeof(OrmOrphan));
	else
		entity->orphans = repalloc(entity->orphans, sizeof(OrmOrphan) * (entity->norphans + 1));
	orphan = &entity->orphans[entity->norphans++];
	orphan->name = pstrdup(name);
	orphan->source = pstrdup(source);
}

static void
add_declared(OrmEntity *entity, const OrmRelationRow *row)
{
	OrmRelation *relation = &entity->relations[entity->nrelations];

	memset(relation, 0, sizeof(OrmRelation));
	relation->name = row->name;
	relation->declared = true;
	relation->source = "declared";
	relation->target = row->target;
	orm_derive_depends_on(entity, row->through);
	if (!kind_by_name(row->kind, &relation->kind))
		return;
	relation->to_many = relation->kind == ORM_HAS_MANY || relation->kind == ORM_MANY_TO_MANY;
	relation->target_name = entity_name_of(entity, row->target);
	if (relation->target_name == NULL || !link_declared(entity, relation, row))
	{
		add_orphan(entity, row->name, "declared");
		return;
	}
	relation->condition = row->condition;
	relation->order_by = row->order_by;
	relation->eager = row->eager == 1;
	relation->lazy = row->lazy == 1;
	relation->owned = row->owned == 1;
	relation->on_missing = row->on_missing;
	relation->on_foreign = row->on_foreign;
	if (relation->kind == ORM_MANY_TO_MANY)
		set_pivots(relation, row->pivot_given ? row->pivot : columns_not_linked(relation));
	note_far_side(relation);
	note_near_side(entity, relation);
	entity->nrelations++;
}

/* ---- derived relations ---- */

static char *
table_name_of(Oid relid)
{
	char	   *name = get_rel_name(relid);

	return name ? name : pstrdup("");
}

static char *
rank_of(Oid relid, const char *constraint)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relid));

	return psprintf("%s\001%s\001%s", schema ? schema : "", table_name_of(relid), constraint);
}

static char *
last_column(Oid relid, const AttrNumber *attnums, int n)
{
	char	   *column = get_attname(relid, attnums[n - 1], true);

	return column ? column : pstrdup("");
}

static char *
column_stem(const char *column)
{
	char	   *stem = orm_without_id(column);

	return stem ? stem : pstrdup(column);
}

static Candidate *
new_candidate(OrmRelationKind kind, Oid target, char *target_name, const char *constraint)
{
	Candidate  *candidate = palloc0(sizeof(Candidate));

	candidate->relation.kind = kind;
	candidate->relation.to_many = kind == ORM_HAS_MANY || kind == ORM_MANY_TO_MANY;
	candidate->relation.target = target;
	candidate->relation.target_name = target_name;
	candidate->relation.source = pstrdup(constraint);
	return candidate;
}

static Candidate *
belongs_to_candidate(OrmEntity *entity, OrmKeyConstraint *key)
{
	char	   *target_name = entity_name_of(entity, key->referenced);
	char	   *column = last_column(key->referencing, key->columns, key->ncolumns);
	char	   *stem = orm_without_id(column);
	Candidate  *candidate;

	if (target_name == NULL)
		return NULL;
	candidate = new_candidate(ORM_BELONGS_TO, key->referenced, target_name, key->name);
	candidate->name = stem ? stem : table_name_of(key->referenced);
	candidate->fallback = psprintf("%s_by_%s", table_name_of(key->referenced), column);
	candidate->rank = rank_of(key->referencing, key->name);
	candidate->relation.nlinks = key->ncolumns;
	if (!link_columns(&candidate->relation.links, key->referencing, key->columns,
					  key->referenced, key->targets, key->ncolumns))
		return NULL;
	note_far_side(&candidate->relation);
	return candidate;
}

static Candidate *
has_candidate(OrmEntity *entity, OrmKeyConstraint *key)
{
	char	   *target_name = entity_name_of(entity, key->referencing);
	char	   *column = last_column(key->referencing, key->columns, key->ncolumns);
	Candidate  *candidate;

	if (target_name == NULL)
		return NULL;
	candidate = new_candidate(ORM_HAS_MANY, key->referencing, target_name, key->name);
	candidate->name = table_name_of(key->referencing);
	candidate->fallback = psprintf("%s_by_%s", candidate->name, column_stem(column));
	candidate->rank = rank_of(key->referencing, key->name);
	candidate->relation.nlinks = key->ncolumns;
	candidate->relation.far_cascades = key->cascades;
	if (!link_columns(&candidate->relation.links, key->referenced, key->targets,
					  key->referencing, key->columns, key->ncolumns))
		return NULL;
	note_far_side(&candidate->relation);
	if (candidate->relation.far_unique)
	{
		candidate->relation.kind = ORM_HAS_ONE;
		candidate->relation.to_many = false;
	}
	return candidate;
}

static Candidate *
junction_candidate(OrmEntity *entity, OrmKeyConstraint *key)
{
	Relation	junction = try_relation_open(key->referencing, AccessShareLock);
	OrmKeyConstraint *partner = NULL;
	OrmUnique  *uniques;
	Candidate  *candidate;
	OrmRelation *relation;
	char	   *target_name;

	if (junction == NULL)
		return NULL;
	orm_derive_depends_on(entity, key->referencing);
	if (orm_derive_uniques(junction, &uniques) > 0 && uniques[0].primary)
		partner = orm_junction_partner(key, &uniques[0]);
	relation_close(junction, AccessShareLock);
	if (partner == NULL || (target_name = entity_name_of(entity, partner->referenced)) == NULL)
		return NULL;

	candidate = new_candidate(ORM_MANY_TO_MANY, partner->referenced, target_name, partner->name);
	relation = &candidate->relation;
	relation->through = key->referencing;
	candidate->name = table_name_of(partner->referenced);
	candidate->fallback = psprintf("%s_by_%s", candidate->name,
								   partner->referenced == key->referenced
								   ? column_stem(last_column(partner->referencing, partner->columns,
															 partner->ncolumns))
								   : table_name_of(key->referencing));
	candidate->rank = rank_of(key->referencing, partner->name);
	relation->nlinks = key->ncolumns;
	relation->nfar_links = partner->ncolumns;
	if (!link_columns(&relation->links, key->referenced, key->targets,
					  key->referencing, key->columns, key->ncolumns) ||
		!link_columns(&relation->far_links, partner->referencing, partner->columns,
					  partner->referenced, partner->targets, partner->ncolumns))
		return NULL;
	set_pivots(relation, columns_not_linked(relation));
	note_far_side(relation);
	return candidate;
}

static bool
name_is_taken(OrmEntity *entity, const char *name)
{
	return strcmp(name, "pivot") == 0 || orm_entity_property(entity, name) != NULL ||
		orm_entity_relation(entity, name) != NULL;
}

static int
compare_candidates(const ListCell *a, const ListCell *b)
{
	return strcmp(((Candidate *) lfirst(a))->rank, ((Candidate *) lfirst(b))->rank);
}

static void
add_candidate(OrmEntity *entity, Candidate *candidate, char *name)
{
	OrmRelation *relation = &entity->relations[entity->nrelations];

	*relation = candidate->relation;
	relation->name = name;
	note_near_side(entity, relation);
	entity->nrelations++;
}

/*
 * Gives names to the candidates of one class and adds them. Those that want a
 * name of their own come first, then those that take the longer form.
 */
static void
name_candidates(OrmEntity *entity, List *candidates)
{
	ListCell   *cell;
	ListCell   *other;

	list_sort(candidates, compare_candidates);
	foreach(cell, candidates)
	{
		Candidate  *candidate = lfirst(cell);

		if (entity->naming == ORM_NAMING_CAMEL)
		{
			candidate->name = orm_camel_case(candidate->name, false);
			candidate->fallback = orm_camel_case(candidate->fallback, false);
		}
	}
	foreach(cell, candidates)
	{
		Candidate  *candidate = lfirst(cell);

		candidate->long_form = name_is_taken(entity, candidate->name);
		foreach(other, candidates)
			if (lfirst(other) != candidate &&
				strcmp(((Candidate *) lfirst(other))->name, candidate->name) == 0)
				candidate->long_form = true;
	}
	foreach(cell, candidates)
		if (!((Candidate *) lfirst(cell))->long_form)
			add_candidate(entity, lfirst(cell), ((Candidate *) lfirst(cell))->name);
	foreach(cell, candidates)
	{
		Candidate  *candidate = lfirst(cell);

		if (!candidate->long_form)
			continue;
		if (name_is_taken(entity, candidate->fallback))
			add_orphan(entity, candidate->fallback, candidate->relation.source);
		else
			add_candidate(entity, candidate, candidate->fallback);
	}
}

static List *
add_unless_declared(OrmEntity *entity, List *candidates, Candidate *candidate)
{
	if (candidate == NULL ||
		already_declared(entity, &candidate->relation,
						 entity->naming == ORM_NAMING_CAMEL ? orm_camel_case(candidate->name, false) : candidate->name))
		return candidates;
	return lappend(candidates, candidate);
}

static void
remove_dropped(OrmEntity *entity, const OrmRelationRow *row)
{
	OrmRelation *relation = orm_entity_relation(entity, row->name);
	int			at;

	if (relation == NULL || relation->declared)
		return;
	at = relation - entity->relations;
	memmove(relation, relation + 1, sizeof(OrmRelation) * (entity->nrelations - at - 1));
	entity->nrelations--;
}

static void
derive_from_keys(OrmEntity *entity, List *own, List *inbound)
{
	List	   *belongs_to = NIL;
	List	   *has = NIL;
	List	   *many = NIL;
	ListCell   *cell;

	foreach(cell, own)
	{
		OrmKeyConstraint *key = lfirst(cell);

		belongs_to = add_unless_declared(entity, belongs_to, belongs_to_candidate(entity, key));
	}
	foreach(cell, inbound)
	{
		OrmKeyConstraint *key = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		has = add_unless_declared(entity, has, has_candidate(entity, key));
		many = add_unless_declared(entity, many, junction_candidate(entity, key));
	}
	name_candidates(entity, belongs_to);
	name_candidates(entity, has);
	name_candidates(entity, many);
}

void
orm_derive_relations(OrmEntity *entity, Relation rel)
{
	List	   *rows = orm_catalog_relations(entity->relid);
	List	   *own = NIL;
	List	   *inbound = NIL;
	ListCell   *cell;

	if (entity->derive)
	{
		own = orm_foreign_keys_of(entity->relid);
		inbound = orm_foreign_keys_to(rel);
	}
	entity->relations = palloc0(sizeof(OrmRelation) *
								(list_length(rows) + list_length(own) + 2 * list_length(inbound) + 1));
	foreach(cell, rows)
	{
		OrmRelationRow *row = lfirst(cell);

		if (strcmp(row->kind, "dropped") != 0)
			add_declared(entity, row);
	}
	derive_from_keys(entity, own, inbound);
	foreach(cell, rows)
	{
		OrmRelationRow *row = lfirst(cell);

		if (strcmp(row->kind, "dropped") == 0)
			remove_dropped(entity, row);
	}
	/* what could not be built may come to life when an entity is declared */
	if (entity->norphans > 0)
		orm_derive_depends_on(entity, orm_catalog_table("entities"));
}
