/*
 * link_data.c
 *	  Reads what is to be linked: keys, with or without pivot values.
 */
#include "base/compat.h"

#include "base/error.h"
#include "query/query_document.h"
#include "save/link.h"
#include "save/lookup.h"

static void
wrong_element(const OrmLinkCall *call, const OrmJson *node, const char *what)
{
	StringInfoData key;

	initStringInfo(&key);
	for (int i = 0; i < call->target->nkeys; i++)
		appendStringInfo(&key, "%s\"%s\": ...", i > 0 ? ", " : "", call->target->properties[call->target->keys[i]].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("relation \"%s\" takes keys of entity \"%s\"", call->relation->name, call->target->name),
			 orm_errdetail_at(node, "%s", what),
			 errhint("A key is %s{%s}.", call->target->nkeys > 1 ? "" : "a value, or an object ", key.data)));
}

static void
set_key(OrmLinkCall *call, int element, int column, const OrmJson *value)
{
	if (value->kind == ORM_JSON_NULL)
		wrong_element(call, value, "A null is no key.");
	call->keys->columns[column].values[element] = orm_where_value(value, call->keys->columns[column].type, -1);
}

/* "pivot" where the relation has one, and nothing but the key besides */
static void
check_members(OrmLinkCall *call, const OrmJson *object)
{
	for (int i = 0; i < object->nitems; i++)
	{
		const OrmJson *member = &object->items[i];
		OrmProperty *property;

		if (strcmp(member->key, "pivot") == 0 && orm_relation_has_junction(call->relation))
		{
			if (call->verb == ORM_UNLINK)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("\"pivot\" has no place where links are removed"),
						 orm_errdetail_at(member, "A link is removed whatever its pivot values are.")));
			continue;
		}
		property = orm_entity_property(call->target, member->key);
		if (property == NULL || !property->is_key)
			ereport(ERROR,
					(errcode(property ? ERRCODE_INVALID_PARAMETER_VALUE : ERRCODE_UNDEFINED_COLUMN),
					 property ? errmsg("a link says nothing of \"%s\"", member->key)
					 : errmsg("entity \"%s\" has no property \"%s\"", call->target->name, member->key),
					 orm_errdetail_at(member, "Only the key%s can stand here.",
									  orm_relation_has_junction(call->relation) ? " and \"pivot\"" : ""),
					 errhint("orm.save writes rows that a relation leads to.")));
	}
}

static void
read_element(OrmLinkCall *call, int element)
{
	const OrmJson *node = call->elements[element];

	if (node->kind == ORM_JSON_OBJECT)
	{
		check_members(call, node);
		for (int i = 0; i < call->target->nkeys; i++)
		{
			OrmProperty *property = &call->target->properties[call->target->keys[i]];
			const OrmJson *value = orm_json_member(node, property->name);

			if (value == NULL)
				wrong_element(call, node, psprintf("\"%s\" is missing.", property->name));
			set_key(call, element, i, value);
		}
	}
	else if (call->target->nkeys > 1 || node->kind == ORM_JSON_ARRAY)
		wrong_element(call, node, psprintf("%s stands here.", orm_json_a_kind(node)));
	else
		set_key(call, element, 0, node);
}

void
orm_link_read(OrmLinkCall *call, const OrmJson *data)
{
	if (data->kind == ORM_JSON_NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("null is no list of keys"),
				 orm_errdetail_at(data, "Keys of entity \"%s\" stand here.", call->target->name),
				 errhint("No keys are [].")));
	call->nelements = data->kind == ORM_JSON_ARRAY ? data->nitems : 1;
	call->elements = palloc(sizeof(OrmJson *) * Max(call->nelements, 1));
	for (int i = 0; i < call->nelements; i++)
		call->elements[i] = data->kind == ORM_JSON_ARRAY ? &data->items[i] : data;
	call->keys = orm_lookup_keys(call->target, call->nelements);
	for (int i = 0; i < call->nelements; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_element(call, i);
	}
	if (!call->relation->to_many && call->verb != ORM_UNLINK && call->nelements > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" leads to one row", call->relation->name, call->entity->name),
				 orm_errdetail_at(data, "%d keys stand here.", call->nelements)));
}

const OrmJson *
orm_link_pivot(const OrmLinkCall *call, int element)
{
	const OrmJson *node = call->elements[element];

	return node->kind == ORM_JSON_OBJECT && orm_relation_has_junction(call->relation) ? orm_json_member(node, "pivot") : NULL;
}

void
orm_link_missing(const OrmLinkCall *call, int element)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("there is no such row of entity \"%s\"", call->target->name),
			 orm_errdetail_at(call->elements[element], "It is not there, or not to be seen, or no row of relation \"%s\".",
							  call->relation->name)));
	pg_unreachable();
}
