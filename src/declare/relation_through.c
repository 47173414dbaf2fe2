/*
 * relation_through.c
 *	  Declares relations that go through other relations.
 */
#include "base/compat.h"

#include "utils/lsyscache.h"

#include "base/error.h"
#include "base/path.h"
#include "declare/relation_kind.h"
#include "model/model_cache.h"

/* the relation at the end of the path; adds a fault and gives NULL where there is none */
static OrmRelation *
end_of_path(OrmRelationCheck *check)
{
	OrmEntity  *entity = orm_model_by_relid(check->row.relation, false);
	List	   *names = check->row.path ? orm_path_split(check->row.path) : NIL;
	OrmRelation *relation = NULL;
	ListCell   *cell;

	if (names == NIL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"path\": %s",
				  check->row.name, check->row.path ? "that is malformed" : "the relations that it goes through");
		orm_fault_hint(&check->faults, "Names of relations stand with dots between, as in 'posts.comments'.");
		return NULL;
	}
	foreach(cell, names)
	{
		relation = orm_entity_relation(entity, lfirst(cell));
		if (relation == NULL)
		{
			orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "entity \"%s\" has no relation \"%s\"",
					  entity->name, (char *) lfirst(cell));
			orm_fault_hint_names(&check->faults, lfirst(cell), orm_entity_relation_names(entity), "relations");
			return NULL;
		}
		if (!OidIsValid(relation->target) || relation->function)
		{
			orm_fault(&check->faults, ERRCODE_FEATURE_NOT_SUPPORTED,
					  "relation \"%s\" of entity \"%s\" can't be part of a path", relation->name, entity->name);
			return NULL;
		}
		entity = orm_model_by_relid(relation->target, false);
	}
	return relation;
}

static bool
is_ready(const OrmRelationRow *row)
{
	OrmRelationCheck check = {.row = *row};

	return end_of_path(&check) != NULL;
}

static Oid
find_target(OrmRelationCheck *check)
{
	OrmRelation *end = end_of_path(check);

	return end ? end->target : InvalidOid;
}

static void
complete(OrmRelationCheck *check)
{
}

/* what the row leads to is known only now that it is written */
static void
check_way(OrmRelationCheck *check)
{
	OrmEntity  *entity = orm_model_by_relid(check->row.relation, false);

	if (orm_entity_relation(entity, check->row.name) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" finds no way through \"%s\"", check->row.name, check->row.path),
				 errdetail("A path doesn't go through itself, takes at most 16 steps, and where its last step takes one of"
						   " many, the target needs a key.")));
}

static void
notice_has_one(OrmRelationCheck *check)
{
	OrmRelation *relation;

	check_way(check);
	relation = orm_entity_relation(orm_model_by_relid(check->row.relation, false), check->row.name);
	if (check->row.order_by == NIL && orm_relation_chooses(relation))
		ereport(NOTICE,
				(errmsg("relation \"%s\" has one row, but \"%s\" may lead to several", relation->name,
						check->row.path),
				 errhint("Give \"order_by\" to say which one of many, or declare the relation as has_many_through.")));
}

const OrmRelationRules orm_relation_has_one_through = {
	.value = ORM_RELATION_PATH,
	.is_ready = is_ready,
	.find_target = find_target,
	.complete = complete,
	.give_notices = notice_has_one,
};

const OrmRelationRules orm_relation_has_many_through = {
	.value = ORM_RELATION_PATH,
	.is_ready = is_ready,
	.find_target = find_target,
	.complete = complete,
	.give_notices = check_way,
};
