/*
 * derive_through.c
 *	  The way of relations that go through other relations.
 *
 * A path may go through entities whose own relations lead back here, so those
 * are built on the side, without such ways, and kept with this entity. What
 * they were derived from, it depends on as well.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "base/path.h"
#include "model/derive.h"
#include "model/derive_link.h"

/* relations on the way, throughs resolved */
#define MAX_HOPS	16

typedef struct Way
{
	OrmEntity  *owner;			/* whose ways are looked for */
	List	   *entities;		/* OrmEntity *, built on the side */
	List	   *hops;			/* OrmRelation *, so far */
} Way;

/* a relation of "entity" that is being resolved; a path that comes to it again has no end */
typedef struct Visit
{
	const OrmRelation *relation;
	const struct Visit *outer;
} Visit;

/* NULL when the relation bears none */
static OrmEntity *
entity_on_the_way(Way *way, Oid relid)
{
	ListCell   *cell;
	OrmEntityRow *row;
	OrmEntity  *entity;

	if (relid == way->owner->relid)
		return way->owner;
	foreach(cell, way->entities)
		if (((OrmEntity *) lfirst(cell))->relid == relid)
			return lfirst(cell);
	orm_derive_depends_on(way->owner, relid);
	row = orm_catalog_entity_by_relid(relid);
	entity = row ? orm_derive_entity_unchained(row, CurrentMemoryContext) : NULL;
	if (entity == NULL)
		return NULL;
	for (int i = 0; i < entity->ndependencies; i++)
		orm_derive_depends_on(way->owner, entity->dependencies[i]);
	way->owner->by_function |= entity->by_function;
	way->entities = lappend(way->entities, entity);
	return entity;
}

/* the rows of a function are made for one owner: they can't be joined, nor told apart */
static bool
can_be_hop(const OrmRelation *relation)
{
	return relation->function == NULL && relation->nbranches == 0;
}

/* adds the hops of a path from "entity"; false when there is no such way */
static bool
follow(Way *way, OrmEntity *entity, const OrmRelation *through, const Visit *outer)
{
	Visit		visit = {through, outer};
	List	   *names = orm_path_split(through->path);
	ListCell   *cell;

	check_stack_depth();
	for (const Visit *v = outer; v; v = v->outer)
		if (v->relation == through)
			return false;
	foreach(cell, names)
	{
		OrmRelation *relation = entity ? orm_entity_relation(entity, lfirst(cell)) : NULL;

		if (relation == NULL || !can_be_hop(relation))
			return false;
		if (relation->path == NULL)
		{
			/* a copy: the array that it stands in may still change */
			OrmRelation *hop = palloc(sizeof(OrmRelation));

			*hop = *relation;
			way->hops = lappend(way->hops, hop);
		}
		else if (!follow(way, entity, relation, &visit))
			return false;
		if (list_length(way->hops) > MAX_HOPS)
			return false;
		entity = entity_on_the_way(way, relation->target);
	}
	return names != NIL && entity && entity->relid == through->target;
}

static bool
is_unique(Oid relid, const OrmLinkColumn *links, int nlinks)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	AttrNumber	attnums[INDEX_MAX_KEYS];
	OrmUnique  *uniques;
	int			nuniques;
	bool		unique;

	if (rel == NULL)
		return false;
	for (int i = 0; i < nlinks; i++)
		attnums[i] = links[i].near_attnum;
	nuniques = orm_derive_uniques(rel, &uniques);
	unique = orm_unique_within(uniques, nuniques, attnums, nlinks);
	relation_close(rel, AccessShareLock);
	return unique;
}

/*
 * Whether what far_links start from comes once for each owner. Rows that
 * reference rows of which each comes once come once themselves; and from one
 * row a to-one leads to one.
 */
static bool
keys_come_once(const OrmRelation *through, Oid owner)
{
	bool		one = true;		/* at most one row so far */
	bool		once = true;	/* each row once */
	Oid			near = owner;
	const OrmRelation *last = through->hops[through->nhops - 1];

	for (int i = 0; i < through->nhops - 1; i++)
	{
		const OrmRelation *hop = through->hops[i];
		bool		children = orm_relation_is_by_key(hop) && hop->kind != ORM_BELONGS_TO && !orm_relation_is_tree(hop);

		once = (one && (children || !hop->to_many)) || (once && children && is_unique(near, hop->links, hop->nlinks));
		one = one && !hop->to_many;
		near = hop->target;
	}
	if (!orm_relation_is_by_key(last) || orm_relation_is_tree(last))
		return false;
	return one || (once && is_unique(near, last->links, last->nlinks));
}

/* links from the target's key to itself, for a way that ends at the very row; false without a key */
static bool
link_to_itself(OrmRelation *through, const OrmEntity *target)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];

	for (int i = 0; i < target->nkeys; i++)
		attnums[i] = target->properties[target->keys[i]].attnum;
	through->nfar_links = target->nkeys;
	return target->nkeys > 0 &&
		orm_derive_links(&through->far_links, target->relid, attnums, target->relid, attnums, target->nkeys);
}

/* false when the target's rows can't be told apart where that is needed */
static bool
take_hops(OrmRelation *through, Way *way)
{
	OrmRelation *last = llast(way->hops);
	ListCell   *cell;

	through->hops = palloc(sizeof(OrmRelation *) * list_length(way->hops));
	through->far_indexed = true;
	through->far_unique = !through->to_many;
	foreach(cell, way->hops)
	{
		OrmRelation *hop = lfirst(cell);

		through->hops[through->nhops++] = hop;
		through->far_indexed = through->far_indexed && (hop->far_indexed || hop->kind == ORM_BELONGS_TO);
		through->far_unique = through->far_unique && !hop->to_many;
	}
	through->links = through->hops[0]->links;
	through->nlinks = through->hops[0]->nlinks;
	through->element_type = through->hops[0]->element_type;
	through->near_nullable = through->hops[0]->near_nullable;
	through->keys_distinct = keys_come_once(through, way->owner->relid);
	/* a condition may be about the junction's row, which is on the way */
	through->to_the_row = orm_relation_chooses(last) || OidIsValid(last->element_type) || orm_relation_is_tree(last) ||
		(orm_relation_has_junction(last) && last->condition);
	if (through->to_the_row)
		return link_to_itself(through, entity_on_the_way(way, through->target));
	through->far_links = orm_relation_has_junction(last) ? last->far_links : last->links;
	through->nfar_links = orm_relation_has_junction(last) ? last->nfar_links : last->nlinks;
	return true;
}

void
orm_derive_throughs(OrmEntity *entity)
{
	Way			way = {.owner = entity};
	bool	   *lost = palloc0(sizeof(bool) * (entity->nrelations + 1));
	int			n = 0;

	for (int i = 0; i < entity->nrelations; i++)
	{
		OrmRelation *relation = &entity->relations[i];

		way.hops = NIL;
		lost[i] = relation->path && (!follow(&way, entity, relation, NULL) || !take_hops(relation, &way));
	}
	for (int i = 0; i < entity->nrelations; i++)
	{
		if (lost[i])
			orm_derive_orphan(entity, entity->relations[i].name, "declared");
		else
			entity->relations[n++] = entity->relations[i];
	}
	entity->nrelations = n;
}
