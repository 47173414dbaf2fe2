/*
 * sql_model.c
 *	  The SQL functions that read the model back: export, describe, model.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"

#include "api/sql_arguments.h"
#include "declare/facts.h"
#include "declare/model_document.h"
#include "model/model_cache.h"
#include "query/expression.h"

PG_FUNCTION_INFO_V1(orm_export);
PG_FUNCTION_INFO_V1(orm_describe);
PG_FUNCTION_INFO_V1(orm_model);

Datum
orm_export(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not be null", "entities")));
	PG_RETURN_TEXT_P(cstring_to_text(orm_model_export(orm_arg_names(fcinfo, 0, "entities"))));
}

/* the words of a cell, separated by commas */
static void
add_word(StringInfo text, bool said, const char *word)
{
	if (said)
		appendStringInfo(text, "%s%s", text->len > 0 ? ", " : "", word);
}

/*
 * The type of a computed property, or NULL when its expression no longer
 * parses: what is broken has to be shown as well. The subtransaction is what
 * allows to go on after the parser's error.
 */
static char *
computed_type(OrmEntity *entity, OrmProperty *property)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile Oid type = InvalidOid;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		MemoryContextSwitchTo(context);
		type = orm_expression_type(entity, property);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION)
			ReThrowError(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return OidIsValid(type) ? format_type_be(type) : NULL;
}

static char *
property_type(OrmEntity *entity, OrmProperty *property)
{
	if (property->expression)
		return computed_type(entity, property);
	return format_type_with_typemod(property->type, property->typmod);
}

static List *
link_columns(const OrmLinkColumn *links, int n, bool near)
{
	List	   *names = NIL;

	for (int i = 0; i < n; i++)
		names = lappend(names, near ? links[i].near_column : links[i].far_column);
	return names;
}

/* ---- describe ---- */

static void
put_row(ReturnSetInfo *result, const char *kind, const char *name, const char *type,
		const char *source, const char *details)
{
	const char *cells[] = {kind, name, type, source, details};
	Datum		values[lengthof(cells)];
	bool		nulls[lengthof(cells)];

	for (int i = 0; i < lengthof(cells); i++)
	{
		nulls[i] = cells[i] == NULL || cells[i][0] == '\0';
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(cells[i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static const char *
relkind_name(char relkind)
{
	switch (relkind)
	{
		case RELKIND_VIEW:
			return "view";
		case RELKIND_MATVIEW:
			return "materialized view";
		case RELKIND_FOREIGN_TABLE:
			return "foreign table";
		case RELKIND_PARTITIONED_TABLE:
			return "partitioned table";
		default:
			return "table";
	}
}

static void
describe_entity(ReturnSetInfo *result, const OrmEntity *entity)
{
	StringInfoData details;
	List	   *key = NIL;
	const char *const specials[][2] = {
		{"version", entity->version}, {"soft_delete", entity->soft_delete},
		{"created_at", entity->created_at}, {"updated_at", entity->updated_at}, {"flex", entity->flex},
	};

	for (int i = 0; i < entity->nkeys; i++)
		key = lappend(key, entity->properties[entity->keys[i]].name);
	initStringInfo(&details);
	add_word(&details, true, key ? psprintf("key (%s)", orm_names_joined(key)) : "no key");
	add_word(&details, entity->naming == ORM_NAMING_CAMEL, "naming camel");
	for (int i = 0; i < lengthof(specials); i++)
		if (specials[i][1])
			add_word(&details, true, psprintf("%s %s", specials[i][0], specials[i][1]));
	add_word(&details, !entity->derive, "derives no relations");
	put_row(result, "entity", entity->name, relkind_name(entity->relkind), orm_entity_qualified(entity),
			details.data);
}

/* a member of a value object by its path */
static char *
shown_name(const OrmProperty *property)
{
	return property->embed ? psprintf("%s.%s", property->embed, property->name) : property->name;
}

static void
describe_property(ReturnSetInfo *result, OrmEntity *entity, OrmProperty *property)
{
	StringInfoData details;

	initStringInfo(&details);
	add_word(&details, property->is_key, "key");
	add_word(&details, property->not_null, "not null");
	add_word(&details, property->has_default && !property->generated, "default");
	add_word(&details, property->identity, "identity");
	add_word(&details, property->generated && !property->identity, "generated");
	add_word(&details, property->expression != NULL, "computed");
	add_word(&details, property->expression == NULL && !property->insert, "insert off");
	add_word(&details, property->expression == NULL && !property->update, "update off");
	add_word(&details, property->hidden, "hidden");
	add_word(&details, property->lazy, "lazy");
	if (property->cast_as)
		add_word(&details, true, psprintf("cast as %s", property->cast_as));
	add_word(&details, property->embed != NULL, "embedded");
	put_row(result, "property", shown_name(property), property_type(entity, property),
			property->column ? property->column : property->expression, details.data);
}

/* "(user_id) -> public.users (id)", through a junction with one more step */
static void
describe_links(StringInfo details, const OrmRelation *relation)
{
	add_word(details, true,
			 psprintf("(%s) -> %s (%s)",
					  orm_names_joined(link_columns(relation->links, relation->nlinks, true)),
					  orm_facts_qualified(orm_relation_far(relation)),
					  orm_names_joined(link_columns(relation->links, relation->nlinks, false))));
	if (relation->nfar_links > 0)
		appendStringInfo(details, " (%s) -> %s (%s)",
						 orm_names_joined(link_columns(relation->far_links, relation->nfar_links, true)),
						 orm_facts_qualified(relation->target),
						 orm_names_joined(link_columns(relation->far_links, relation->nfar_links, false)));
	if (relation->type)
		add_word(details, true, psprintf("where %s is %s", quote_identifier(relation->type->column), relation->type->alias));
}

static char *
targets_of(const OrmRelation *relation)
{
	List	   *names = NIL;

	if (relation->nbranches == 0)
		return relation->target_name;
	for (int i = 0; i < relation->nbranches; i++)
		names = lappend(names, relation->branches[i].target_name);
	return orm_names_joined(names);
}

static void
describe_relation(ReturnSetInfo *result, const OrmRelation *relation)
{
	StringInfoData details;
	ListCell   *cell;

	initStringInfo(&details);
	if (relation->path)
		add_word(&details, true, psprintf("through %s", relation->path));
	else if (relation->function)
		add_word(&details, true, psprintf("by %s(%s)", relation->function, orm_facts_qualified(relation->owner)));
	else if (relation->nbranches == 0)
		describe_links(&details, relation);
	for (int i = 0; i < relation->nbranches; i++)
		describe_links(&details, &relation->branches[i]);
	foreach(cell, relation->dangling)
		add_word(&details, true, psprintf("no entity for %s", (char *) lfirst(cell)));
	for (int i = 0; i < relation->npivots; i++)
		add_word(&details, true, psprintf("pivot %s", relation->pivots[i]));
	if (relation->condition)
		add_word(&details, true, psprintf("condition %s", relation->condition));
	foreach(cell, relation->order_by)
		add_word(&details, true, psprintf("order by %s", (char *) lfirst(cell)));
	add_word(&details, relation->eager, "eager");
	add_word(&details, relation->lazy, "lazy");
	add_word(&details, relation->owned, "owned");
	if (relation->on_missing)
		add_word(&details, true, psprintf("on missing %s", relation->on_missing));
	if (relation->on_foreign)
		add_word(&details, true, psprintf("on foreign %s", relation->on_foreign));
	add_word(&details, !relation->far_indexed && relation->kind != ORM_BELONGS_TO && relation->kind != ORM_MORPH_TO, "no index");
	put_row(result, "relation", relation->name,
			psprintf("%s %s", orm_relation_kind_name(relation->kind), targets_of(relation)), relation->source, details.data);
}

static void
describe_scope(ReturnSetInfo *result, const OrmScope *scope)
{
	put_row(result, "scope", scope->name, scope->global ? "global" : NULL,
			scope->condition ? scope->condition : scope->predicate,
			scope->arguments ? psprintf("arguments (%s)", orm_names_joined(scope->arguments)) : NULL);
}

Datum
orm_describe(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	OrmEntity  *entity = orm_model_by_name(orm_arg_text_required(fcinfo, 0, "entity"), false);

	InitMaterializedSRF(fcinfo, 0);
	describe_entity(result, entity);
	for (int i = 0; i < entity->nproperties; i++)
		describe_property(result, entity, &entity->properties[i]);
	for (int i = 0; i < entity->nrelations; i++)
		describe_relation(result, &entity->relations[i]);
	for (int i = 0; i < entity->nscopes; i++)
		describe_scope(result, &entity->scopes[i]);
	for (int i = 0; i < entity->norphans; i++)
		put_row(result, "orphan", entity->orphans[i].name, NULL, entity->orphans[i].source,
				strcmp(entity->orphans[i].source, "declared") == 0 ?
				"what it stands on is gone" : "the name is taken");
	return (Datum) 0;
}

/* ---- model ---- */

static void
model_property(StringInfo out, OrmEntity *entity, OrmProperty *property)
{
	orm_put_key(out, shown_name(property));
	appendStringInfoChar(out, '{');
	orm_put_text_member(out, "embed", property->embed);
	orm_put_text_member(out, "column", property->column);
	orm_put_text_member(out, "expression", property->expression);
	orm_put_text_member(out, "type", property_type(entity, property));
	orm_put_text_member(out, "cast_as", property->cast_as);
	orm_put_flag_member(out, "key", property->is_key);
	orm_put_flag_member(out, "nullable", !property->not_null);
	orm_put_flag_member(out, "insert", property->insert);
	orm_put_flag_member(out, "update", property->update);
	orm_put_flag_member(out, "hidden", property->hidden);
	orm_put_flag_member(out, "lazy", property->lazy);
	orm_put_flag_member(out, "declared", property->declared);
	appendStringInfoChar(out, '}');
}

static void
model_links(StringInfo out, const OrmRelation *relation)
{
	orm_put_text_member(out, "path", relation->path);
	orm_put_text_member(out, "function", relation->function);
	orm_put_names_member(out, "columns", link_columns(relation->links, relation->nlinks, true));
	if (relation->path)
		orm_put_names_member(out, "target_columns", link_columns(relation->far_links, relation->nfar_links, false));
	else if (orm_relation_has_junction(relation))
	{
		orm_put_text_member(out, "through", orm_facts_qualified(relation->through));
		orm_put_names_member(out, "through_columns", link_columns(relation->links, relation->nlinks, false));
		orm_put_names_member(out, "through_target_columns",
							  link_columns(relation->far_links, relation->nfar_links, true));
		orm_put_names_member(out, "target_columns",
							  link_columns(relation->far_links, relation->nfar_links, false));
	}
	else
		orm_put_names_member(out, "target_columns", link_columns(relation->links, relation->nlinks, false));
	if (relation->type)
	{
		orm_put_text_member(out, "type_column", relation->type->column);
		orm_put_text_member(out, "type_alias", relation->type->alias);
	}
}

/* a morph_to as what it leads to for each type */
static void
model_types(StringInfo out, const OrmRelation *relation)
{
	orm_put_key(out, "types");
	appendStringInfoChar(out, '{');
	for (int i = 0; i < relation->nbranches; i++)
	{
		orm_put_key(out, relation->branches[i].type->alias);
		appendStringInfoChar(out, '{');
		orm_put_text_member(out, "target", relation->branches[i].target_name);
		model_links(out, &relation->branches[i]);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, '}');
}

static void
model_relation(StringInfo out, const OrmRelation *relation)
{
	orm_put_key(out, relation->name);
	appendStringInfoChar(out, '{');
	orm_put_text_member(out, "kind", orm_relation_kind_name(relation->kind));
	orm_put_text_member(out, "target", relation->target_name);
	orm_put_text_member(out, "source", relation->source);
	if (relation->nbranches == 0)
		model_links(out, relation);
	else
		model_types(out, relation);
	if (relation->npivots > 0)
	{
		List	   *pivots = NIL;

		for (int i = 0; i < relation->npivots; i++)
			pivots = lappend(pivots, relation->pivots[i]);
		orm_put_names_member(out, "pivot", pivots);
	}
	orm_put_document(out, "condition", relation->condition);
	orm_put_names_member(out, "order_by", relation->order_by);
	orm_put_flag_member(out, "eager", relation->eager);
	orm_put_flag_member(out, "lazy", relation->lazy);
	orm_put_flag_member(out, "owned", relation->owned);
	orm_put_text_member(out, "on_missing", relation->on_missing);
	orm_put_text_member(out, "on_foreign", relation->on_foreign);
	orm_put_flag_member(out, "declared", relation->declared);
	appendStringInfoChar(out, '}');
}

static void
model_scope(StringInfo out, const OrmScope *scope)
{
	orm_put_key(out, scope->name);
	appendStringInfoChar(out, '{');
	orm_put_document(out, "condition", scope->condition);
	orm_put_text_member(out, "predicate", scope->predicate);
	orm_put_names_member(out, "arguments", scope->arguments);
	orm_put_flag_member(out, "global", scope->global);
	appendStringInfoChar(out, '}');
}

static void
model_entity(StringInfo out, OrmEntity *entity)
{
	List	   *key = NIL;

	for (int i = 0; i < entity->nkeys; i++)
		key = lappend(key, entity->properties[entity->keys[i]].name);
	orm_put_key(out, entity->name);
	appendStringInfoChar(out, '{');
	orm_put_text_member(out, "source", orm_entity_qualified(entity));
	orm_put_names_member(out, "key", key);
	orm_put_text_member(out, "version", entity->version);
	orm_put_text_member(out, "soft_delete", entity->soft_delete);
	orm_put_text_member(out, "created_at", entity->created_at);
	orm_put_text_member(out, "updated_at", entity->updated_at);
	orm_put_text_member(out, "flex", entity->flex);
	orm_put_key(out, "properties");
	appendStringInfoChar(out, '{');
	for (int i = 0; i < entity->nproperties; i++)
		model_property(out, entity, &entity->properties[i]);
	appendStringInfoChar(out, '}');
	orm_put_key(out, "relations");
	appendStringInfoChar(out, '{');
	for (int i = 0; i < entity->nrelations; i++)
		model_relation(out, &entity->relations[i]);
	appendStringInfoChar(out, '}');
	orm_put_key(out, "scopes");
	appendStringInfoChar(out, '{');
	for (int i = 0; i < entity->nscopes; i++)
		model_scope(out, &entity->scopes[i]);
	appendStringInfoString(out, "}}");
}

Datum
orm_model(PG_FUNCTION_ARGS)
{
	StringInfoData out;
	ListCell   *cell;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	foreach(cell, orm_model_names())
	{
		OrmEntity  *entity = orm_model_by_name(lfirst(cell), true);

		CHECK_FOR_INTERRUPTS();
		if (entity)
			model_entity(&out, entity);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_TEXT_P(cstring_to_text(out.data));
}
