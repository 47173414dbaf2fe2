/*
 * sql_declare.c
 *	  The SQL functions that declare and drop: arguments in, one call down.
 */
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/sql_arguments.h"
#include "declare/declaration.h"
#include "declare/model_document.h"
#include "declare/reflect.h"

PG_FUNCTION_INFO_V1(orm_entity);
PG_FUNCTION_INFO_V1(orm_property);
PG_FUNCTION_INFO_V1(orm_embed);
PG_FUNCTION_INFO_V1(orm_belongs_to);
PG_FUNCTION_INFO_V1(orm_has_one);
PG_FUNCTION_INFO_V1(orm_has_many);
PG_FUNCTION_INFO_V1(orm_many_to_many);
PG_FUNCTION_INFO_V1(orm_tree);
PG_FUNCTION_INFO_V1(orm_morph_to);
PG_FUNCTION_INFO_V1(orm_morph_one);
PG_FUNCTION_INFO_V1(orm_morph_many);
PG_FUNCTION_INFO_V1(orm_morph_to_many);
PG_FUNCTION_INFO_V1(orm_has_one_through);
PG_FUNCTION_INFO_V1(orm_has_many_through);
PG_FUNCTION_INFO_V1(orm_has_many_in);
PG_FUNCTION_INFO_V1(orm_has_many_by);
PG_FUNCTION_INFO_V1(orm_scope);
PG_FUNCTION_INFO_V1(orm_drop_entity_by_name);
PG_FUNCTION_INFO_V1(orm_drop_property_by_name);
PG_FUNCTION_INFO_V1(orm_drop_relation_by_name);
PG_FUNCTION_INFO_V1(orm_drop_scope_by_name);
PG_FUNCTION_INFO_V1(orm_reflect);
PG_FUNCTION_INFO_V1(orm_define);

Datum
orm_entity(PG_FUNCTION_ARGS)
{
	OrmEntityRow row = {0};

	PreventCommandIfReadOnly("orm.entity()");
	row.name = orm_arg_text_required(fcinfo, 0, "name");
	row.relation = orm_arg_relation_required(fcinfo, 1, "source");
	row.key = orm_arg_names(fcinfo, 2, "key");
	row.naming = orm_arg_text_required(fcinfo, 3, "naming");
	row.columns = orm_arg_names(fcinfo, 4, "columns");
	row.version = orm_arg_text(fcinfo, 5);
	row.soft_delete = orm_arg_text(fcinfo, 6);
	row.created_at = orm_arg_text(fcinfo, 7);
	row.updated_at = orm_arg_text(fcinfo, 8);
	row.flex = orm_arg_text(fcinfo, 9);
	row.derive = orm_arg_flag(fcinfo, 10) != 0;
	orm_declare_entity(&row);
	PG_RETURN_TEXT_P(cstring_to_text(row.name));
}

Datum
orm_property(PG_FUNCTION_ARGS)
{
	OrmPropertyRow row = {0};
	char	   *entity;

	PreventCommandIfReadOnly("orm.property()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	row.name = orm_arg_text_required(fcinfo, 1, "name");
	row.relation = orm_declared_entity_by_name(entity)->relation;
	row.column_name = orm_arg_text(fcinfo, 2);
	row.expression = orm_arg_text(fcinfo, 3);
	row.cast_as = orm_arg_text(fcinfo, 4);
	row.insert = orm_arg_flag(fcinfo, 5);
	row.update = orm_arg_flag(fcinfo, 6);
	row.hidden = orm_arg_flag(fcinfo, 7);
	row.lazy = orm_arg_flag(fcinfo, 8);
	PG_RETURN_TEXT_P(cstring_to_text(orm_declare_property(&row)));
}

Datum
orm_embed(PG_FUNCTION_ARGS)
{
	OrmPropertyRow row = {.insert = -1,.update = -1,.hidden = -1,.lazy = -1};
	char	   *entity;

	PreventCommandIfReadOnly("orm.embed()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	row.name = orm_arg_text_required(fcinfo, 1, "name");
	row.relation = orm_declared_entity_by_name(entity)->relation;
	row.columns = orm_arg_names(fcinfo, 2, "columns");
	orm_declare_embed(&row);
	PG_RETURN_TEXT_P(cstring_to_text(row.name));
}

/* what every relation starts with: its entity and its name */
static void
read_owner(FunctionCallInfo fcinfo, char *kind, OrmRelationRow *row)
{
	char	   *entity = orm_arg_text_required(fcinfo, 0, "entity");

	row->kind = kind;
	row->name = orm_arg_text_required(fcinfo, 1, "name");
	row->relation = orm_declared_entity_by_name(entity)->relation;
}

/* the options of every relation, which are its last arguments, "at" the first of them */
static void
read_options(FunctionCallInfo fcinfo, int at, OrmRelationRow *row)
{
	row->condition = orm_arg_jsonb(fcinfo, at);
	row->order_by = orm_arg_names(fcinfo, at + 1, "order_by");
	row->eager = orm_arg_flag(fcinfo, at + 2);
	row->lazy = orm_arg_flag(fcinfo, at + 3);
	row->owned = orm_arg_flag(fcinfo, at + 4);
	row->on_missing = orm_arg_text(fcinfo, at + 5);
	row->on_foreign = orm_arg_text(fcinfo, at + 6);
}

/* a relation with a target, which is the third argument, and its options */
static void
read_relation(FunctionCallInfo fcinfo, char *kind, OrmRelationRow *row, int options)
{
	char	   *target;

	read_owner(fcinfo, kind, row);
	target = orm_arg_text_required(fcinfo, 2, "target");
	row->target = orm_declared_entity_by_name(target)->relation;
	read_options(fcinfo, options, row);
}

static Datum
declare_relation(OrmRelationRow *row)
{
	orm_declare_relation(row);
	PG_RETURN_TEXT_P(cstring_to_text(row->name));
}

Datum
orm_belongs_to(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.belongs_to()");
	read_relation(fcinfo, "belongs_to", &row, 5);
	row.foreign_key = orm_arg_names(fcinfo, 3, "foreign_key");
	row.target_key = orm_arg_names(fcinfo, 4, "target_key");
	return declare_relation(&row);
}

static Datum
declare_has(FunctionCallInfo fcinfo, char *kind)
{
	OrmRelationRow row = {0};

	read_relation(fcinfo, kind, &row, 5);
	row.foreign_key = orm_arg_names(fcinfo, 3, "foreign_key");
	row.local_key = orm_arg_names(fcinfo, 4, "local_key");
	return declare_relation(&row);
}

Datum
orm_has_one(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.has_one()");
	return declare_has(fcinfo, "has_one");
}

Datum
orm_has_many(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.has_many()");
	return declare_has(fcinfo, "has_many");
}

Datum
orm_many_to_many(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.many_to_many()");
	read_relation(fcinfo, "many_to_many", &row, 7);
	row.through = orm_arg_relation(fcinfo, 3);
	row.foreign_key = orm_arg_names(fcinfo, 4, "foreign_key");
	row.target_foreign_key = orm_arg_names(fcinfo, 5, "target_foreign_key");
	row.pivot = orm_arg_names(fcinfo, 6, "pivot");
	row.pivot_given = !PG_ARGISNULL(6);
	return declare_relation(&row);
}

static Datum
declare_through(FunctionCallInfo fcinfo, char *kind)
{
	OrmRelationRow row = {0};

	read_owner(fcinfo, kind, &row);
	row.path = orm_arg_text_required(fcinfo, 2, "path");
	read_options(fcinfo, 3, &row);
	return declare_relation(&row);
}

Datum
orm_has_one_through(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.has_one_through()");
	return declare_through(fcinfo, "has_one_through");
}

Datum
orm_has_many_through(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.has_many_through()");
	return declare_through(fcinfo, "has_many_through");
}

Datum
orm_has_many_in(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.has_many_in()");
	read_relation(fcinfo, "has_many_in", &row, 4);
	row.keys = orm_arg_text_required(fcinfo, 3, "keys");
	return declare_relation(&row);
}

Datum
orm_has_many_by(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.has_many_by()");
	read_relation(fcinfo, "has_many_by", &row, 4);
	row.function = orm_arg_text_required(fcinfo, 3, "function");
	return declare_relation(&row);
}

Datum
orm_tree(PG_FUNCTION_ARGS)
{
	char	   *entity;

	PreventCommandIfReadOnly("orm.tree()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	return orm_return_names(fcinfo, orm_declare_tree(orm_declared_entity_by_name(entity)->relation,
													 orm_arg_names(fcinfo, 1, "foreign_key")));
}

Datum
orm_morph_to(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.morph_to()");
	read_owner(fcinfo, "morph_to", &row);
	row.type_column = orm_arg_text_required(fcinfo, 2, "type_column");
	row.id_columns = orm_arg_names(fcinfo, 3, "id_columns");
	orm_arg_refuse_null(fcinfo, 4, "types");
	row.types = orm_arg_jsonb(fcinfo, 4);
	read_options(fcinfo, 5, &row);
	return declare_relation(&row);
}

static Datum
declare_morph_has(FunctionCallInfo fcinfo, char *kind)
{
	OrmRelationRow row = {0};

	read_relation(fcinfo, kind, &row, 4);
	row.inverse = orm_arg_text_required(fcinfo, 3, "inverse");
	return declare_relation(&row);
}

Datum
orm_morph_one(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.morph_one()");
	return declare_morph_has(fcinfo, "morph_one");
}

Datum
orm_morph_many(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.morph_many()");
	return declare_morph_has(fcinfo, "morph_many");
}

Datum
orm_morph_to_many(PG_FUNCTION_ARGS)
{
	OrmRelationRow row = {0};

	PreventCommandIfReadOnly("orm.morph_to_many()");
	read_relation(fcinfo, "morph_to_many", &row, 9);
	row.through = orm_arg_relation_required(fcinfo, 3, "through");
	row.type_column = orm_arg_text_required(fcinfo, 4, "type_column");
	row.id_columns = orm_arg_names(fcinfo, 5, "id_columns");
	row.type_alias = orm_arg_text_required(fcinfo, 6, "type_alias");
	row.target_foreign_key = orm_arg_names(fcinfo, 7, "target_foreign_key");
	row.pivot = orm_arg_names(fcinfo, 8, "pivot");
	row.pivot_given = !PG_ARGISNULL(8);
	return declare_relation(&row);
}

Datum
orm_scope(PG_FUNCTION_ARGS)
{
	OrmScopeRow row = {0};
	char	   *entity;

	PreventCommandIfReadOnly("orm.scope()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	row.name = orm_arg_text_required(fcinfo, 1, "name");
	row.relation = orm_declared_entity_by_name(entity)->relation;
	row.condition = orm_arg_jsonb(fcinfo, 2);
	row.predicate = orm_arg_text(fcinfo, 3);
	row.arguments = orm_arg_names(fcinfo, 4, "arguments");
	row.global = orm_arg_flag(fcinfo, 5) == 1;
	orm_declare_scope(&row);
	PG_RETURN_TEXT_P(cstring_to_text(row.name));
}

Datum
orm_drop_entity_by_name(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("orm.drop_entity()");
	orm_drop_entity_named(orm_arg_text_required(fcinfo, 0, "name"));
	PG_RETURN_VOID();
}

Datum
orm_drop_property_by_name(PG_FUNCTION_ARGS)
{
	char	   *entity;
	char	   *name;

	PreventCommandIfReadOnly("orm.drop_property()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	name = orm_arg_text_required(fcinfo, 1, "name");
	orm_drop_property(orm_declared_entity_by_name(entity)->relation, name);
	PG_RETURN_VOID();
}

Datum
orm_drop_relation_by_name(PG_FUNCTION_ARGS)
{
	char	   *entity;
	char	   *name;

	PreventCommandIfReadOnly("orm.drop_relation()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	name = orm_arg_text_required(fcinfo, 1, "name");
	orm_drop_relation(orm_declared_entity_by_name(entity)->relation, name);
	PG_RETURN_VOID();
}

Datum
orm_drop_scope_by_name(PG_FUNCTION_ARGS)
{
	char	   *entity;
	char	   *name;

	PreventCommandIfReadOnly("orm.drop_scope()");
	entity = orm_arg_text_required(fcinfo, 0, "entity");
	name = orm_arg_text_required(fcinfo, 1, "name");
	orm_drop_scope(orm_declared_entity_by_name(entity)->relation, name);
	PG_RETURN_VOID();
}

Datum
orm_reflect(PG_FUNCTION_ARGS)
{
	char	   *schema;
	char	   *naming;

	PreventCommandIfReadOnly("orm.reflect()");
	schema = orm_arg_text_required(fcinfo, 0, "schema");
	naming = orm_arg_text_required(fcinfo, 1, "naming");
	return orm_return_names(fcinfo, orm_reflect_schema(schema, naming));
}

Datum
orm_define(PG_FUNCTION_ARGS)
{
	char	   *document;

	PreventCommandIfReadOnly("orm.define()");
	document = orm_arg_text_required(fcinfo, 0, "document");
	return orm_return_names(fcinfo, orm_model_define(document, strlen(document)));
}
