/*
 * derive_in_by.c
 *	  Relations by an array of keys that the owner holds, and by a function of
 *	  the owner's row.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "model/derive_link.h"
#include "model/row_function.h"

bool
orm_derive_has_many_in(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	AttrNumber	near;
	AttrNumber	far;
	OrmLinkColumn *link;

	if (!orm_derive_target(entity, relation, row->target) || list_length(row->target_key) != 1 || row->keys == NULL)
		return false;
	near = get_attnum(entity->relid, row->keys);
	far = get_attnum(row->target, linitial(row->target_key));
	if (near == InvalidAttrNumber || far == InvalidAttrNumber)
		return false;
	relation->element_type = get_element_type(getBaseType(get_atttype(entity->relid, near)));
	if (!OidIsValid(relation->element_type))
		return false;
	relation->nlinks = 1;
	relation->links = link = palloc0(sizeof(OrmLinkColumn));
	link->near_column = row->keys;
	link->near_attnum = near;
	link->near_type = TEXTOID;
	link->far_column = linitial(row->target_key);
	link->far_attnum = far;
	if (!orm_derive_meeting(link, entity->relid, relation->element_type, row->target))
		return false;
	/* as text it is compared with nothing */
	link->image_equal = false;
	orm_derive_far_side(relation);
	orm_derive_near_side(entity, relation);
	return true;
}

bool
orm_derive_has_many_by(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];
	Oid			function = row->function ? orm_row_function(row->function, entity->relid) : InvalidOid;

	entity->by_function = true;
	if (!orm_derive_target(entity, relation, row->target) || !orm_row_function_gives(function, row->target) ||
		entity->nkeys == 0)
		return false;
	relation->function = row->function;
	for (int i = 0; i < entity->nkeys; i++)
		attnums[i] = entity->properties[entity->keys[i]].attnum;
	relation->nlinks = entity->nkeys;
	if (!orm_derive_links(&relation->links, entity->relid, attnums, entity->relid, attnums, entity->nkeys))
		return false;
	relation->owner = entity->relid;
	relation->far_indexed = true;
	orm_derive_near_side(entity, relation);
	return true;
}
