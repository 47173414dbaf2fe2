/*
 * derive_morph.c
 *	  Builds polymorphic relations: what a type column and the columns of a key
 *	  beside it lead to.
 *
 * A morph_to is one relation for each of its types. The other kinds are links
 * as a has_many or a many_to_many has them, with one column more that has to
 * bear the owner's alias. Keys are those of the entities, as they are now.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "model/derive.h"
#include "model/derive_link.h"
#include "model/derive_morph.h"
#include "model/foreign_key.h"

List *
orm_morph_types(const char *types)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(types)));
	JsonbIterator *it = JsonbIteratorInit(&jsonb->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *list = NIL;
	OrmMorphType *type = NULL;

	if (!JB_ROOT_IS_OBJECT(jsonb))
		return NIL;
	(void) JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			type = palloc0(sizeof(OrmMorphType));
			type->alias = pnstrdup(value.val.string.val, value.val.string.len);
			list = lappend(list, type);
		}
		else if (token == WJB_VALUE && value.type == jbvString)
			type->entity = pnstrdup(value.val.string.val, value.val.string.len);
	}
	return list;
}

OrmMorphType *
orm_morph_type_of(const char *types, const char *entity)
{
	ListCell   *cell;

	foreach(cell, orm_morph_types(types))
	{
		OrmMorphType *type = lfirst(cell);

		if (type->entity && strcmp(type->entity, entity) == 0)
			return type;
	}
	return NULL;
}

/* what has to hold of a type column; NULL when it is gone, or can't be compared */
static OrmTypeColumn *
type_column(Oid relid, const char *column, bool near, const char *alias)
{
	OrmTypeColumn *type = palloc0(sizeof(OrmTypeColumn));
	Oid			declared;
	int32		typmod;
	Oid			op;

	type->near = near;
	type->column = pstrdup(column);
	type->attnum = get_attnum(relid, column);
	if (type->attnum == InvalidAttrNumber)
		return NULL;
	get_atttypetypmodcoll(relid, type->attnum, &declared, &typmod, &type->collation);
	type->type = getBaseType(declared);
	op = lookup_type_cache(type->type, TYPECACHE_EQ_OPR)->eq_opr;
	if (!OidIsValid(op))
		return NULL;
	type->equal = get_opcode(op);
	type->operator_name = get_opname(op);
	type->operator_schema = orm_operator_schema(op);
	type->alias = pstrdup(alias);
	return type;
}

/* the relation to the entity of one type; false when that is gone, or can't be linked to any more */
static bool
derive_branch(OrmEntity *entity, OrmRelation *branch, const OrmRelationRow *row, const OrmMorphType *type)
{
	OrmEntityRow *target = type->entity ? orm_catalog_entity_by_name(type->entity) : NULL;

	if (target == NULL || !orm_derive_target(entity, branch, target->relation))
		return false;
	branch->type = type_column(entity->relid, row->type_column, true, type->alias);
	if (branch->type == NULL ||
		!orm_derive_link_names(&branch->links, &branch->nlinks, entity->relid, row->id_columns,
							   target->relation, orm_key_columns(target)))
		return false;
	orm_derive_far_side(branch);
	orm_derive_near_side(entity, branch);
	return true;
}

static bool
derive_morph_to(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	List	   *types = orm_morph_types(row->types);
	ListCell   *cell;

	relation->branches = palloc0(sizeof(OrmRelation) * (list_length(types) + 1));
	foreach(cell, types)
	{
		OrmRelation *branch = &relation->branches[relation->nbranches];

		memset(branch, 0, sizeof(OrmRelation));
		branch->name = relation->name;
		branch->kind = ORM_MORPH_TO;
		branch->declared = true;
		branch->source = relation->source;
		branch->condition = row->condition;
		if (derive_branch(entity, branch, row, lfirst(cell)))
			relation->nbranches++;
		else
			relation->dangling = lappend(relation->dangling, ((OrmMorphType *) lfirst(cell))->alias);
	}
	/* an entity of that name may be declared */
	if (relation->dangling != NIL)
		orm_derive_depends_on(entity, orm_catalog_table("entities"));
	return relation->nbranches > 0;
}

static OrmRelationRow *
morph_to_of(Oid relid, const char *name)
{
	ListCell   *cell;

	foreach(cell, orm_catalog_relations(relid))
	{
		OrmRelationRow *row = lfirst(cell);

		if (strcmp(row->name, name) == 0 && strcmp(row->kind, "morph_to") == 0)
			return row;
	}
	return NULL;
}

static bool
derive_morph_has(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row, const OrmEntityRow *owner)
{
	OrmRelationRow *inverse;
	OrmMorphType *type;

	if (!orm_derive_target(entity, relation, row->target))
		return false;
	inverse = morph_to_of(row->target, row->inverse);
	type = inverse ? orm_morph_type_of(inverse->types, owner->name) : NULL;
	if (type == NULL)
		return false;
	relation->type = type_column(row->target, inverse->type_column, false, type->alias);
	return relation->type != NULL &&
		orm_derive_link_names(&relation->links, &relation->nlinks, entity->relid, orm_key_columns(owner),
							  row->target, inverse->id_columns);
}

static bool
derive_morph_to_many(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row, const OrmEntityRow *owner)
{
	orm_derive_depends_on(entity, row->through);
	relation->through = row->through;
	relation->type = type_column(row->through, row->type_column, false, row->type_alias);
	if (relation->type == NULL || !orm_derive_target(entity, relation, row->target) ||
		!orm_derive_link_names(&relation->links, &relation->nlinks, entity->relid, orm_key_columns(owner),
							   row->through, row->id_columns) ||
		!orm_derive_link_names(&relation->far_links, &relation->nfar_links, row->through, row->target_foreign_key,
							   row->target, row->target_key))
		return false;
	orm_derive_pivots(relation, row->pivot_given, row->pivot);
	return true;
}

bool
orm_derive_morph(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	OrmEntityRow *owner = orm_catalog_entity_by_relid(entity->relid);

	if (relation->kind == ORM_MORPH_TO)
		return derive_morph_to(entity, relation, row);
	if (owner == NULL)
		return false;
	if (relation->kind == ORM_MORPH_TO_MANY ? !derive_morph_to_many(entity, relation, row, owner)
		: !derive_morph_has(entity, relation, row, owner))
		return false;
	orm_derive_far_side(relation);
	orm_derive_near_side(entity, relation);
	return true;
}
