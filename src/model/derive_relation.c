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
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "model/derive.h"
#include "model/derive_link.h"
#include "model/derive_morph.h"
#include "model/foreign_key.h"

/* a derived relation on its way to a name */
typedef struct Candidate
{
	OrmRelation relation;
	char	   *name;			/* the name wanted */
	char	   *fallback;		/* the longer form */
	char	   *rank;			/* qualified table and constraint: who comes first */
	bool		long_form;
} Candidate;

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
		bool		same = other->kind <= ORM_MANY_TO_MANY &&
			other->target == derived->target && other->through == derived->through &&
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

/* ---- declared relations ---- */

void
orm_derive_orphan(OrmEntity *entity, const char *name, const char *source)
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

static bool
link_by_key(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	bool		belongs_to = relation->kind == ORM_BELONGS_TO || relation->kind == ORM_ANCESTORS;

	if (!orm_derive_target(entity, relation, row->target) ||
		!orm_derive_link_names(&relation->links, &relation->nlinks,
							   entity->relid, belongs_to ? row->foreign_key : row->local_key,
							   row->target, belongs_to ? row->target_key : row->foreign_key))
		return false;
	orm_derive_far_side(relation);
	orm_derive_near_side(entity, relation);
	return true;
}

static bool
link_by_junction(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	orm_derive_depends_on(entity, row->through);
	relation->through = row->through;
	if (!orm_derive_target(entity, relation, row->target) ||
		!orm_derive_link_names(&relation->links, &relation->nlinks, entity->relid, row->local_key,
							   row->through, row->foreign_key) ||
		!orm_derive_link_names(&relation->far_links, &relation->nfar_links, row->through, row->target_foreign_key,
							   row->target, row->target_key))
		return false;
	orm_derive_pivots(relation, row->pivot_given, row->pivot);
	orm_derive_far_side(relation);
	orm_derive_near_side(entity, relation);
	return true;
}

/*
 * Fills in what the declaration of each kind says of its rows: target, links,
 * facts of both sides. False when something it speaks of no longer exists.
 */
static bool
link_declared(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	switch (relation->kind)
	{
		case ORM_BELONGS_TO:
		case ORM_HAS_ONE:
		case ORM_HAS_MANY:
		case ORM_ANCESTORS:
		case ORM_DESCENDANTS:
			return link_by_key(entity, relation, row);
		case ORM_MANY_TO_MANY:
			return link_by_junction(entity, relation, row);
		case ORM_MORPH_TO:
		case ORM_MORPH_ONE:
		case ORM_MORPH_MANY:
		case ORM_MORPH_TO_MANY:
			return orm_derive_morph(entity, relation, row);
		case ORM_HAS_ONE_THROUGH:
		case ORM_HAS_MANY_THROUGH:
			/* its way is looked for when all that it may go through is there */
			relation->path = row->path;
			return orm_derive_target(entity, relation, row->target);
		case ORM_HAS_MANY_IN:
			return orm_derive_has_many_in(entity, relation, row);
		case ORM_HAS_MANY_BY:
			return orm_derive_has_many_by(entity, relation, row);
		default:
			return false;
	}
}

static void
add_declared(OrmEntity *entity, const OrmRelationRow *row)
{
	OrmRelation *relation = &entity->relations[entity->nrelations];

	memset(relation, 0, sizeof(OrmRelation));
	relation->name = row->name;
	relation->declared = true;
	relation->source = "declared";
	if (!orm_relation_kind_named(row->kind, &relation->kind))
		return;
	relation->to_many = orm_relation_kind_is_to_many(relation->kind);
	relation->condition = row->condition;
	if (!link_declared(entity, relation, row))
	{
		orm_derive_orphan(entity, row->name, "declared");
		return;
	}
	relation->order_by = row->order_by;
	relation->eager = row->eager == 1;
	relation->lazy = row->lazy == 1;
	relation->owned = row->owned == 1;
	relation->on_missing = row->on_missing;
	relation->on_foreign = row->on_foreign;
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

/* NULL when the target bears no entity */
static Candidate *
new_candidate(OrmEntity *entity, OrmRelationKind kind, Oid target, const char *constraint)
{
	Candidate  *candidate = palloc0(sizeof(Candidate));

	candidate->relation.kind = kind;
	candidate->relation.to_many = orm_relation_kind_is_to_many(kind);
	candidate->relation.source = pstrdup(constraint);
	return orm_derive_target(entity, &candidate->relation, target) ? candidate : NULL;
}

static Candidate *
belongs_to_candidate(OrmEntity *entity, OrmKeyConstraint *key)
{
	char	   *column = last_column(key->referencing, key->columns, key->ncolumns);
	char	   *stem = orm_without_id(column);
	Candidate  *candidate = new_candidate(entity, ORM_BELONGS_TO, key->referenced, key->name);

	if (candidate == NULL)
		return NULL;
	candidate->name = stem ? stem : table_name_of(key->referenced);
	candidate->fallback = psprintf("%s_by_%s", table_name_of(key->referenced), column);
	candidate->rank = rank_of(key->referencing, key->name);
	candidate->relation.nlinks = key->ncolumns;
	if (!orm_derive_links(&candidate->relation.links, key->referencing, key->columns,
					  key->referenced, key->targets, key->ncolumns))
		return NULL;
	orm_derive_far_side(&candidate->relation);
	return candidate;
}

static Candidate *
has_candidate(OrmEntity *entity, OrmKeyConstraint *key)
{
	char	   *column = last_column(key->referencing, key->columns, key->ncolumns);
	Candidate  *candidate = new_candidate(entity, ORM_HAS_MANY, key->referencing, key->name);

	if (candidate == NULL)
		return NULL;
	candidate->name = table_name_of(key->referencing);
	candidate->fallback = psprintf("%s_by_%s", candidate->name, column_stem(column));
	candidate->rank = rank_of(key->referencing, key->name);
	candidate->relation.nlinks = key->ncolumns;
	candidate->relation.far_cascades = key->cascades;
	if (!orm_derive_links(&candidate->relation.links, key->referenced, key->targets,
					  key->referencing, key->columns, key->ncolumns))
		return NULL;
	orm_derive_far_side(&candidate->relation);
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

	if (junction == NULL)
		return NULL;
	orm_derive_depends_on(entity, key->referencing);
	if (orm_derive_uniques(junction, &uniques) > 0 && uniques[0].primary)
		partner = orm_junction_partner(key, &uniques[0]);
	relation_close(junction, AccessShareLock);
	candidate = partner ? new_candidate(entity, ORM_MANY_TO_MANY, partner->referenced, partner->name) : NULL;
	if (candidate == NULL)
		return NULL;
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
	if (!orm_derive_links(&relation->links, key->referenced, key->targets,
					  key->referencing, key->columns, key->ncolumns) ||
		!orm_derive_links(&relation->far_links, partner->referencing, partner->columns,
					  partner->referenced, partner->targets, partner->ncolumns))
		return NULL;
	orm_derive_pivots(relation, false, NIL);
	orm_derive_far_side(relation);
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
	orm_derive_near_side(entity, relation);
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
			orm_derive_orphan(entity, candidate->fallback, candidate->relation.source);
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

static bool
same_links(const OrmRelation *one, const OrmRelation *other)
{
	bool		same = one->nlinks == other->nlinks && one->target == other->target;

	for (int i = 0; same && i < one->nlinks; i++)
		same = one->links[i].near_attnum == other->links[i].near_attnum &&
			one->links[i].far_attnum == other->links[i].far_attnum;
	return same;
}

/* descendants come in the order of the children, unless they have one of their own */
static void
share_orders(OrmEntity *entity)
{
	for (int i = 0; i < entity->nrelations; i++)
	{
		OrmRelation *relation = &entity->relations[i];

		for (int k = 0; relation->kind == ORM_DESCENDANTS && k < entity->nrelations && relation->order_by == NIL; k++)
			if (entity->relations[k].kind == ORM_HAS_MANY && same_links(&entity->relations[k], relation))
				relation->order_by = entity->relations[k].order_by;
	}
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
	share_orders(entity);
}
