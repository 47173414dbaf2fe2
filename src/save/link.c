/*
 * link.c
 *	  The verbs link, unlink and sync, and what they do to a junction.
 */
#include "base/compat.h"

#include "model/model_cache.h"
#include "query/scope.h"
#include "save/link.h"
#include "save/lookup.h"
#include "save/pivot.h"
#include "save/pivot_condition.h"

void
orm_link_read_owner(OrmLinkCall *call, bool needed)
{
	OrmLookup	lookup = {.entity = call->entity};
	OrmFound   *found;

	lookup.groups = orm_scope_groups(call->entity, NIL, ORM_TRASHED_OUT);
	lookup.lock = call->verb == ORM_SYNC;
	for (int i = 0; i < call->relation->nlinks; i++)
		lookup.columns = lappend(lookup.columns, call->relation->links[i].near_column);
	found = orm_lookup_row(&lookup, call->key);
	if (!found->found)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no such row of entity \"%s\"", call->entity->name),
				 errdetail("It is not there, or not to be seen.")));
	for (int i = 0; needed && i < call->relation->nlinks; i++)
		if (found->nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NOT_NULL_VIOLATION),
					 errmsg("nothing can be linked to this \"%s\"", call->entity->name),
					 errdetail("Its column \"%s\", by which relation \"%s\" finds rows, is null.",
							   call->relation->links[i].near_column, call->relation->name)));
	call->owner = found->values;
	call->owner_nulls = found->nulls;
}

/* ---- the junction ---- */

/* the rows that are named, with their key and then the columns that the junction refers to */
static OrmFound *
read_targets(OrmLinkCall *call)
{
	OrmLookup	lookup = {.entity = call->target};

	lookup.groups = orm_pivot_target_groups(call->relation, call->target);
	lookup.columns = orm_lookup_key_columns(call->target);
	for (int i = 0; i < call->relation->nfar_links; i++)
		lookup.columns = lappend(lookup.columns, call->relation->far_links[i].far_column);
	return orm_lookup_rows(&lookup, call->keys);
}

/* adds a pair for each element whose row is there; "targets" keeps the rows of the pairs */
static void
add_pairs(OrmLinkCall *call, OrmPivotWrite *write, OrmFound **targets)
{
	OrmFound   *found = read_targets(call);
	int			nkeys = call->target->nkeys;

	write->pairs = palloc0(sizeof(OrmPivotPair) * Max(call->nelements, 1));
	for (int i = 0; i < call->nelements; i++)
	{
		OrmPivotPair *pair = &write->pairs[write->npairs];
		const OrmJson *pivot = orm_link_pivot(call, i);
		bool		referable = found[i].found;

		for (int c = 0; referable && c < call->relation->nfar_links; c++)
			referable = !found[i].nulls[nkeys + c];
		if (!referable && call->verb != ORM_UNLINK)
			orm_link_missing(call, i);
		/* of what is not there, there is no link to remove */
		if (!referable)
			continue;
		pair->target = found[i].values + nkeys;
		pair->remove = call->verb == ORM_UNLINK;
		pair->place = orm_json_place(call->elements[i]);
		if (pivot)
			orm_pivot_read(call->entity, call->relation, pivot, pair);
		targets[write->npairs++] = &found[i];
	}
}

static void
link_junction(OrmLinkCall *call)
{
	OrmPivotWrite write = {.entity = call->entity,.relation = call->relation};
	OrmPivotOwner owner = {0};
	OrmFound  **targets = palloc(sizeof(OrmFound *) * Max(call->nelements, 1));

	orm_link_read_owner(call, true);
	owner.values = call->owner;
	owner.sync = call->verb == ORM_SYNC;
	write.nowners = 1;
	write.owners = &owner;
	add_pairs(call, &write, targets);
	orm_pivot_write(&write);
	for (int i = 0; i < write.npairs; i++)
	{
		if (write.pairs[i].same_as >= 0)
			continue;
		if (write.pairs[i].outcome == ORM_PIVOT_LINKED)
			call->result->linked = lappend(call->result->linked, targets[i]->values);
		else if (write.pairs[i].outcome == ORM_PIVOT_UPDATED)
			call->result->updated = lappend(call->result->updated, targets[i]->values);
		else if (write.pairs[i].outcome == ORM_PIVOT_UNLINKED)
			call->result->unlinked = lappend(call->result->unlinked, targets[i]->values);
	}
	for (int i = 0; i < write.nextras; i++)
		call->result->unlinked = lappend(call->result->unlinked, write.extras[i].key);
}

/* ---- the verbs ---- */

typedef void (*Runner) (OrmLinkCall *call);

/* what a kind of relation is linked by; NULL: it can't be */
static Runner
runner(const OrmRelation *relation)
{
	switch (relation->kind)
	{
		case ORM_MANY_TO_MANY:
		case ORM_MORPH_TO_MANY:
			return link_junction;
		case ORM_HAS_ONE:
		case ORM_HAS_MANY:
		case ORM_MORPH_ONE:
		case ORM_MORPH_MANY:
			return orm_link_children;
		case ORM_BELONGS_TO:
			return orm_link_owning;
		default:
			return NULL;
	}
}

OrmLinkResult *
orm_link(OrmLinkVerb verb, OrmEntity *entity, OrmRelation *relation, OrmWhere *key, const OrmJson *data)
{
	OrmLinkCall call = {.verb = verb,.entity = entity,.relation = relation,.key = key};
	Runner		run = runner(relation);

	if (run == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" can't be linked", relation->name, entity->name),
				 errdetail("It is a %s. Links are made by belongs_to, has_one, has_many, many_to_many, morph_one, morph_many and morph_to_many.",
						   orm_relation_kind_name(relation->kind))));
	call.target = orm_model_by_relid(relation->target, false);
	call.result = palloc0(sizeof(OrmLinkResult));
	call.result->target = call.target;
	orm_link_read(&call, data);
	run(&call);
	return call.result;
}
