/*
 * keyed.c
 *	  Builds the query of a relation for entities that are known by key.
 *
 * An entity's own rows are read as a relation to itself over its key: so they
 * come in one statement for all keys, matched by the key's own "=", and what
 * hangs below is loaded as ever.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/foreign_key.h"
#include "query/keyed.h"
#include "query/load_clause.h"

static const OrmJson no_properties = {.kind = ORM_JSON_ARRAY};

bool
orm_relation_starts_from_key(const OrmEntity *entity, const OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		OrmLinkColumn *link = &relation->links[i];
		bool		in_key = false;

		for (int k = 0; !in_key && k < entity->nkeys; k++)
		{
			OrmProperty *property = &entity->properties[entity->keys[k]];

			in_key = property->attnum == link->near_attnum && getBaseType(property->type) == link->near_type;
		}
		if (!in_key)
			return false;
	}
	return relation->nlinks > 0;
}

static void
link_to_itself(OrmEntity *entity, OrmProperty *property, OrmLinkColumn *link)
{
	Oid			type = getBaseType(property->type);
	Oid			op = orm_link_operator(type, type);

	if (!OidIsValid(op) || !OidIsValid(get_array_type(type)) || type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("entity \"%s\" can't be read by a list of keys", entity->name),
				 errdetail("Its key is of type %s.", format_type_be(property->type))));
	link->near_column = link->far_column = property->column;
	link->near_attnum = link->far_attnum = property->attnum;
	link->near_type = type;
	link->operator_name = get_opname(op);
	link->operator_schema = orm_operator_schema(op);
	link->image_equal = orm_link_is_image_equal(property->type, property->collation, type);
}

static OrmRelation *
relation_to_itself(OrmEntity *entity)
{
	OrmRelation *relation = palloc0(sizeof(OrmRelation));

	relation->name = entity->name;
	relation->kind = ORM_HAS_ONE;
	relation->target = entity->relid;
	relation->target_name = entity->name;
	relation->nlinks = entity->nkeys;
	relation->links = palloc0(sizeof(OrmLinkColumn) * entity->nkeys);
	relation->far_unique = relation->far_indexed = relation->far_large = true;
	for (int i = 0; i < entity->nkeys; i++)
		link_to_itself(entity, &entity->properties[entity->keys[i]], &relation->links[i]);
	return relation;
}

/* nothing holds on the rows, and nothing comes with them: they are there to start from */
static OrmQuery *
own_rows(OrmQuery *root)
{
	OrmEntity  *entity = root->entity;
	OrmLoad    *load = palloc0(sizeof(OrmLoad));

	load->relation = relation_to_itself(entity);
	load->query = orm_query_new(entity);
	load->query->relation = load->relation;
	load->query->given = true;
	load->query->select = &no_properties;
	root->loads = list_make1(load);
	return load->query;
}

static void
leave_eager_off(OrmQuery *query, const OrmRelation *wanted)
{
	for (int i = 0; i < query->entity->nrelations; i++)
		if (&query->entity->relations[i] != wanted)
			query->refused = lappend(query->refused, &query->entity->relations[i]);
}

OrmQuery *
orm_keyed_query(OrmEntity *entity, OrmRelation *relation, bool read, List **loaded)
{
	OrmQuery   *root = orm_query_new(entity);
	OrmQuery   *from = root;

	root->given = true;
	leave_eager_off(root, read ? NULL : relation);
	if (read)
	{
		from = own_rows(root);
		leave_eager_off(from, relation);
	}
	*loaded = orm_load_relation(from, relation);
	return root;
}
