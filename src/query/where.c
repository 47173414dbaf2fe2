/*
 * where.c
 *	  Parses the grammar of "where" into a typed tree: groups and their entries.
 *
 * Every group that a caller, a scope or a relation adds is a node of its own,
 * so no "$or" can reach across. A filter is never dropped: what is not
 * understood raises. What stands under a property is where_operator.c's, under
 * a relation where_relation.c's.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"

#include "base/error.h"
#include "model/cast_codec.h"
#include "query/scope.h"
#include "query/query_document.h"
#include "query/where_parse.h"

int			orm_max_depth = 16;

void
orm_where_check_depth(const OrmWherePlace *place, const OrmJson *node)
{
	check_stack_depth();
	if (place->depth > orm_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("condition is nested too deeply"),
				 orm_errdetail_at(node, "Groups may be nested %d levels deep.", orm_max_depth),
				 errhint("The setting is orm.max_depth.")));
}

/* "a.b.c" as {"a": {"b": {"c": ...}}} */
static char *
nested(const char *path)
{
	StringInfoData buf;
	int			depth = 1;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "{\"");
	for (const char *c = path; *c; c++)
	{
		depth += *c == '.' ? 1 : 0;
		if (*c == '.')
			appendStringInfoString(&buf, "\": {\"");
		else
			appendStringInfoChar(&buf, *c);
	}
	appendStringInfoString(&buf, "\": ...");
	for (int i = 0; i < depth; i++)
		appendStringInfoChar(&buf, '}');
	return buf.data;
}

/* "name__gte", "author.name" and the like; does not return when it was one */
static void
refuse_path(OrmEntity *entity, const char *name, const OrmJson *node)
{
	const char *dot = strchr(name, '.');
	const char *underscores = strstr(name, "__");

	if (dot)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no property \"%s\"", entity->name, name),
				 orm_errdetail_at(node, "A condition goes through a relation by nesting."),
				 errhint("Write %s.", nested(name))));
	if (underscores)
	{
		char	   *front = pnstrdup(name, underscores - name);
		bool		property = orm_entity_property(entity, front) != NULL;

		if (property || orm_entity_relation(entity, front))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("entity \"%s\" has no property \"%s\"", entity->name, name),
					 orm_errdetail_at(node, "An operator, or a property of a relation, is nested."),
					 errhint("Write {\"%s\": {\"%s%s\": ...}}.", front, property ? "$" : "", underscores + 2)));
	}
}

OrmProperty *
orm_where_property(OrmEntity *entity, const char *name, const OrmJson *node)
{
	OrmProperty *property = orm_entity_property(entity, name);

	if (property)
		return property;
	refuse_path(entity, name, node);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("entity \"%s\" has no property \"%s\"", entity->name, name),
			 orm_errdetail_at(node, "Only properties can be compared."),
			 orm_hint_operator(name, list_concat(orm_entity_property_names(entity, true),
												 orm_entity_relation_names(entity)), "properties")));
	return NULL;
}

static OrmWhere *
parse_list_group(OrmWherePlace place, const OrmJson *entry, OrmWhereKind kind)
{
	OrmWhere   *where = orm_where_new(kind);

	if (entry->kind != ORM_JSON_ARRAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" takes a list of conditions", entry->key),
				 orm_errdetail_at(entry, "%s stands here.", orm_json_a_kind(entry))));
	place.depth++;
	for (int i = 0; i < entry->nitems; i++)
		where->items = lappend(where->items, orm_where_group(place, &entry->items[i]));
	return where;
}

static OrmWhere *
parse_not(OrmWherePlace place, const OrmJson *entry)
{
	place.depth++;
	place.negated = true;
	return orm_where_not(orm_where_group(place, entry));
}

static OrmWhere *
parse_special(const OrmWherePlace *place, const OrmJson *entry)
{
	const char *name = entry->key;
	List	   *names = list_make5("$and", "$or", "$not", "$search", "$scope");
	bool		pivot = place->relation && orm_relation_has_junction(place->relation);

	if (strcmp(name, "$and") == 0)
		return parse_list_group(*place, entry, ORM_WHERE_AND);
	if (strcmp(name, "$or") == 0)
		return parse_list_group(*place, entry, ORM_WHERE_OR);
	if (strcmp(name, "$not") == 0)
		return parse_not(*place, entry);
	if (strcmp(name, "$search") == 0)
		return orm_where_search(place, entry);
	if (strcmp(name, "$scope") == 0)
		return orm_scope_in_where(place->entity, entry);
	if (strcmp(name, "$pivot") == 0 && pivot)
		return orm_where_pivot(place, entry);
	if (pivot)
		names = lappend(names, "$pivot");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown operator \"%s\"", name),
			 orm_errdetail_at(entry, "Here stand properties, relations, and the groups $and, $or and $not."),
			 orm_entity_property(place->entity, name)
			 ? errhint("The property is written \"$%s\".", name)
			 : orm_hint_operator(name, names, "groups")));
	return NULL;
}

/* a moment that is shown as a day is compared as one */
static OrmTerm *
shown_as(OrmTerm *term)
{
	return orm_cast_is_day(term->property->cast_as, term->type) ? orm_term_cast(term, DATEOID) : term;
}

/* {"address": {"city": …}}; null: nothing in it */
static OrmWhere *
parse_embedded(const OrmWherePlace *place, const char *embed, const OrmJson *entry)
{
	List	   *items = NIL;

	if (entry->kind == ORM_JSON_NULL)
	{
		for (int i = 0; i < place->entity->nproperties; i++)
		{
			OrmProperty *property = &place->entity->properties[i];

			if (property->embed && strcmp(property->embed, embed) == 0)
				items = lappend(items, orm_where_null(orm_term_property(place->entity, property)));
		}
		return orm_where_and(items);
	}
	if (entry->kind != ORM_JSON_OBJECT || entry->nitems == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a condition on value object \"%s\" is null or an object of its properties", embed),
				 orm_errdetail_at(entry, "%s stands here.", orm_json_a_kind(entry))));
	for (int i = 0; i < entry->nitems; i++)
	{
		const OrmJson *item = &entry->items[i];
		OrmSubject	subject = {*place};

		subject.name = item->key[0] == '$' && item->key[1] == '$' ? item->key + 1 : item->key;
		subject.term = shown_as(orm_term_property(place->entity,
												  orm_query_embedded_or_raise(place->entity, embed, subject.name, item)));
		items = lappend(items, orm_where_field(subject, item));
	}
	return orm_where_and(items);
}

/* what is no property is looked for in the flex column */
static OrmWhere *
parse_flex(const OrmWherePlace *place, const OrmJson *entry)
{
	OrmSubject	subject = {*place};

	subject.name = place->entity->flex;
	subject.term = orm_term_property(place->entity, place->entity->flex_property);
	return orm_where_step(&subject, entry);
}

static OrmWhere *
parse_entry(const OrmWherePlace *place, const OrmJson *entry)
{
	const char *name = entry->key;
	OrmRelation *relation;
	OrmSubject	subject = {*place};

	if (name[0] == '$' && name[1] != '$')
		return parse_special(place, entry);
	if (name[0] == '$')
		name++;
	relation = orm_entity_relation(place->entity, name);
	if (relation && !orm_entity_property(place->entity, name))
		return orm_where_relation(place, relation, entry);
	if (orm_entity_has_embed(place->entity, name))
		return parse_embedded(place, name, entry);
	if (place->entity->flex_property && !orm_entity_property(place->entity, name))
		return parse_flex(place, entry);
	subject.name = name;
	subject.term = shown_as(orm_term_property(place->entity, orm_where_property(place->entity, name, entry)));
	return orm_where_field(subject, entry);
}

OrmWhere *
orm_where_group(OrmWherePlace place, const OrmJson *document)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_AND);

	orm_where_check_depth(&place, document);
	where->untrusted = document->untrusted;
	if (document->kind != ORM_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a condition is a JSON object"),
				 orm_errdetail_at(document, "%s stands here.", orm_json_a_kind(document))));
	for (int i = 0; i < document->nitems; i++)
		where->items = lappend(where->items, parse_entry(&place, &document->items[i]));
	return where;
}

static OrmWhere *
parse(const OrmWherePlace *place, const OrmJson *document)
{
	OrmWhere   *where = orm_where_group(*place, document);

	return where->items == NIL ? NULL : where;
}

OrmWhere *
orm_where_parse_loaded(OrmRelation *relation, OrmEntity *entity, const OrmJson *document)
{
	OrmWherePlace place = {.entity = entity,.relation = relation,.depth = 1};

	return parse(&place, document);
}

OrmWhere *
orm_where_parse_declared(OrmRelation *relation, OrmEntity *entity, const OrmJson *document)
{
	OrmWherePlace place = {.entity = entity,.relation = relation,.depth = 1,.declared = true};

	return parse(&place, document);
}

OrmWhere *
orm_where_parse(OrmEntity *entity, const OrmJson *document)
{
	return orm_where_parse_loaded(NULL, entity, document);
}
