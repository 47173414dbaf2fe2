/*
 * eager_cycle.c
 *	  Looks for a way through eager relations that leads back to where it starts.
 */
#include "base/compat.h"

#include "declare/eager_cycle.h"
#include "model/model_cache.h"

typedef struct Search
{
	Oid			wanted;
	List	   *seen;			/* OIDs of entities that do not lead there */
} Search;

static char *way_by(Search *search, const OrmRelation *relation);

/* the rest of a path that leads from an entity to the one wanted, or NULL */
static char *
way_from(Search *search, Oid relid)
{
	OrmEntity  *entity;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (relid == search->wanted)
		return pstrdup("");
	if (list_member_oid(search->seen, relid))
		return NULL;
	search->seen = lappend_oid(search->seen, relid);
	entity = orm_model_by_relid(relid, true);
	for (int i = 0; entity && i < entity->nrelations; i++)
	{
		char	   *rest = way_by(search, &entity->relations[i]);

		if (rest)
			return psprintf(".%s", rest);
	}
	return NULL;
}

/* the same by one relation, from its name on */
static char *
way_by(Search *search, const OrmRelation *relation)
{
	char	   *rest = NULL;

	if (!relation->eager)
		return NULL;
	if (relation->nbranches == 0)
		rest = way_from(search, relation->target);
	for (int i = 0; rest == NULL && i < relation->nbranches; i++)
		rest = way_from(search, relation->branches[i].target);
	return rest ? psprintf("%s%s", relation->name, rest) : NULL;
}

char *
orm_eager_cycle(OrmEntity *entity, const OrmRelation *relation)
{
	Search		search = {.wanted = entity->relid};

	return way_by(&search, relation);
}

void
orm_eager_refuse_cycle(Oid relid, const char *name)
{
	OrmEntity  *entity = orm_model_by_relid(relid, false);
	OrmRelation *relation = orm_entity_relation(entity, name);
	char	   *cycle = relation ? orm_eager_cycle(entity, relation) : NULL;

	if (cycle)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("eager relations would load each other without end"),
				 errdetail("From entity \"%s\" the path \"%s\" leads back to it.", entity->name, cycle),
				 errhint("Declare one of these relations without eager, and name it in \"load\" where it is wanted.")));
}
