/*
 * model_export.c
 *	  Declarations out: the rows of the catalog as one JSON document.
 *
 * What the document says, orm.define() stores again as it was.
 */
#include "base/compat.h"

#include "utils/json.h"
#include "utils/lsyscache.h"

#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/model_document.h"
#include "model/catalog.h"
#include "model/derive_morph.h"
#include "model/model_cache.h"

void
orm_put_key(StringInfo out, const char *key)
{
	char		last = out->len > 0 ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[')
		appendStringInfoChar(out, ',');
	escape_json(out, key);
	appendStringInfoChar(out, ':');
}

void
orm_put_names(StringInfo out, List *names)
{
	ListCell   *cell;
	const char *comma = "";

	appendStringInfoChar(out, '[');
	foreach(cell, names)
	{
		appendStringInfoString(out, comma);
		escape_json(out, lfirst(cell));
		comma = ",";
	}
	appendStringInfoChar(out, ']');
}

void
orm_put_text_member(StringInfo out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	orm_put_key(out, key);
	escape_json(out, text);
}

void
orm_put_names_member(StringInfo out, const char *key, List *names)
{
	if (names == NIL)
		return;
	orm_put_key(out, key);
	orm_put_names(out, names);
}

void
orm_put_flag_member(StringInfo out, const char *key, int8 flag)
{
	if (flag < 0)
		return;
	orm_put_key(out, key);
	appendStringInfoString(out, flag ? "true" : "false");
}

void
orm_put_document(StringInfo out, const char *key, const char *json)
{
	bool		in_string = false;

	if (json == NULL)
		return;
	orm_put_key(out, key);
	for (; *json; json++)
	{
		if (*json == '"')
			in_string = !in_string;
		if (*json == '\\' && in_string)
			appendStringInfoChar(out, *json++);
		if (in_string || *json != ' ')
			appendStringInfoChar(out, *json);
	}
}

static void
export_property(StringInfo out, const OrmPropertyRow *row)
{
	orm_put_key(out, row->name);
	if (row->dropped)
	{
		appendStringInfoString(out, "false");
		return;
	}
	appendStringInfoChar(out, '{');
	orm_put_text_member(out, "column", row->column_name);
	orm_put_text_member(out, "expression", row->expression);
	orm_put_text_member(out, "cast_as", row->cast_as);
	orm_put_flag_member(out, "insert", row->insert);
	orm_put_flag_member(out, "update", row->update);
	orm_put_flag_member(out, "hidden", row->hidden);
	orm_put_flag_member(out, "lazy", row->lazy);
	appendStringInfoChar(out, '}');
}

/* those of a morph_to's types whose entity is there; one that is not could not be declared again */
static List *
types_that_exist(const OrmRelationRow *row)
{
	List	   *types = NIL;
	ListCell   *cell;

	foreach(cell, orm_morph_types(row->types))
	{
		OrmMorphType *type = lfirst(cell);
		OrmEntityRow *entity = type->entity ? orm_catalog_entity_by_name(type->entity) : NULL;

		if (entity && get_rel_name(entity->relation) != NULL)
			types = lappend(types, type);
	}
	return types;
}

/* the kind, and what it says: see OrmRelationValue */
static void
export_kind(StringInfo out, const OrmRelationRow *row, const char *target)
{
	ListCell   *cell;

	if (row->types == NULL)
	{
		orm_put_text_member(out, row->kind, row->path ? row->path : target);
		return;
	}
	orm_put_key(out, row->kind);
	appendStringInfoChar(out, '{');
	foreach(cell, types_that_exist(row))
		orm_put_text_member(out, ((OrmMorphType *) lfirst(cell))->alias, ((OrmMorphType *) lfirst(cell))->entity);
	appendStringInfoChar(out, '}');
}

static void
export_relation(StringInfo out, const OrmRelationRow *row, const char *target)
{
	orm_put_key(out, row->name);
	if (strcmp(row->kind, "dropped") == 0)
	{
		appendStringInfoString(out, "false");
		return;
	}
	appendStringInfoChar(out, '{');
	export_kind(out, row, target);
	if (OidIsValid(row->through))
		orm_put_text_member(out, "through", orm_facts_qualified(row->through));
	orm_put_names_member(out, "foreign_key", row->foreign_key);
	orm_put_names_member(out, "local_key", row->local_key);
	orm_put_names_member(out, "target_foreign_key", row->target_foreign_key);
	orm_put_names_member(out, "target_key", row->target_key);
	if (row->pivot_given)
	{
		orm_put_key(out, "pivot");
		orm_put_names(out, row->pivot);
	}
	orm_put_text_member(out, "inverse", row->inverse);
	orm_put_text_member(out, "keys", row->keys);
	orm_put_text_member(out, "function", row->function);
	orm_put_text_member(out, "type_column", row->type_column);
	orm_put_names_member(out, "id_columns", row->id_columns);
	orm_put_text_member(out, "type_alias", row->type_alias);
	orm_put_document(out, "condition", row->condition);
	orm_put_names_member(out, "order_by", row->order_by);
	orm_put_flag_member(out, "eager", row->eager);
	orm_put_flag_member(out, "lazy", row->lazy);
	orm_put_flag_member(out, "owned", row->owned);
	orm_put_text_member(out, "on_missing", row->on_missing);
	orm_put_text_member(out, "on_foreign", row->on_foreign);
	appendStringInfoChar(out, '}');
}

/*
 * A row may outlive the relations it names, where they were dropped with event
 * triggers off, and the function or the relations that it goes through.
 */
static bool
leads_somewhere(const OrmRelationRow *row)
{
	if ((row->path || row->function) &&
		orm_entity_relation(orm_model_by_relid(row->relation, false), row->name) == NULL)
		return false;
	return (!OidIsValid(row->target) || get_rel_name(row->target) != NULL) &&
		(!OidIsValid(row->through) || get_rel_name(row->through) != NULL) &&
		(row->types == NULL || types_that_exist(row) != NIL);
}

static void
export_relations(StringInfo out, Oid relid)
{
	List	   *rows = orm_catalog_relations(relid);
	bool		opened = false;
	ListCell   *cell;

	foreach(cell, rows)
	{
		OrmRelationRow *row = lfirst(cell);
		OrmEntityRow *target = OidIsValid(row->target) ? orm_catalog_entity_by_relid(row->target) : NULL;

		/* one that leads nowhere could not be declared again */
		if (!leads_somewhere(row) || (target == NULL && OidIsValid(row->target)))
			continue;
		if (!opened)
		{
			orm_put_key(out, "relations");
			appendStringInfoChar(out, '{');
			opened = true;
		}
		export_relation(out, row, target ? target->name : NULL);
	}
	if (opened)
		appendStringInfoChar(out, '}');
}

static void
export_scopes(StringInfo out, Oid relid)
{
	List	   *rows = orm_catalog_scopes(relid);
	ListCell   *cell;

	if (rows == NIL)
		return;
	orm_put_key(out, "scopes");
	appendStringInfoChar(out, '{');
	foreach(cell, rows)
	{
		OrmScopeRow *row = lfirst(cell);

		orm_put_key(out, row->name);
		appendStringInfoChar(out, '{');
		orm_put_document(out, "condition", row->condition);
		orm_put_text_member(out, "predicate", row->predicate);
		orm_put_names_member(out, "arguments", row->arguments);
		if (row->global)
			orm_put_flag_member(out, "global", 1);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, '}');
}

static void
export_properties(StringInfo out, List *rows)
{
	bool		opened = false;
	ListCell   *cell;

	foreach(cell, rows)
	{
		OrmPropertyRow *row = lfirst(cell);

		if (row->columns != NIL)
			continue;
		if (!opened)
		{
			orm_put_key(out, "properties");
			appendStringInfoChar(out, '{');
			opened = true;
		}
		export_property(out, row);
	}
	if (opened)
		appendStringInfoChar(out, '}');
}

static void
export_embeds(StringInfo out, List *rows)
{
	bool		opened = false;
	ListCell   *cell;

	foreach(cell, rows)
	{
		OrmPropertyRow *row = lfirst(cell);

		if (row->columns == NIL)
			continue;
		if (!opened)
		{
			orm_put_key(out, "embeds");
			appendStringInfoChar(out, '{');
			opened = true;
		}
		orm_put_names_member(out, row->name, row->columns);
	}
	if (opened)
		appendStringInfoChar(out, '}');
}

static void
export_entity(StringInfo out, const OrmEntityRow *row)
{
	List	   *properties = orm_catalog_properties(row->relation);

	orm_put_key(out, row->name);
	appendStringInfoChar(out, '{');
	orm_put_text_member(out, "source", orm_facts_qualified(row->relation));
	orm_put_names_member(out, "key", row->key);
	orm_put_text_member(out, "naming", row->naming);
	orm_put_names_member(out, "columns", row->columns);
	orm_put_text_member(out, "version", row->version);
	orm_put_text_member(out, "soft_delete", row->soft_delete);
	orm_put_text_member(out, "created_at", row->created_at);
	orm_put_text_member(out, "updated_at", row->updated_at);
	orm_put_text_member(out, "flex", row->flex);
	if (!row->derive)
		orm_put_flag_member(out, "derive", 0);
	export_properties(out, properties);
	export_embeds(out, properties);
	export_relations(out, row->relation);
	export_scopes(out, row->relation);
	appendStringInfoChar(out, '}');
}

char *
orm_model_export(List *names)
{
	StringInfoData out;
	ListCell   *cell;

	foreach(cell, names)
		(void) orm_declared_entity_by_name(lfirst(cell));
	initStringInfo(&out);
	appendStringInfo(&out, "{\"orm\":%d,\"entities\":{", ORM_MODEL_DOCUMENT_VERSION);
	foreach(cell, orm_catalog_entities())
	{
		OrmEntityRow *row = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (get_rel_name(row->relation) != NULL && (names == NIL || orm_names_include(names, row->name)))
			export_entity(&out, row);
	}
	appendStringInfoString(&out, "}}");
	return out.data;
}
