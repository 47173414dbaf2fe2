/*
 * catalog_follow.c
 *	  Declarations follow DDL: a relation or column that was dropped, a column
 *	  that was renamed.
 *
 * Who may issue the DDL has been checked by the server; nothing is checked
 * here. Finding out what happened is the event triggers' work.
 */
#include "base/compat.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/property_names.h"
#include "declare/stamp_trigger.h"
#include "model/derive_morph.h"
#include "model/expression.h"

/* a column with its property before and after; "to" is NULL when the column is dropped */
typedef struct Change
{
	Oid			relid;
	const char *from;
	const char *to;
	const char *old_name;		/* property; NULL when it had none */
	const char *new_name;		/* equal to old_name when it was given explicitly */
} Change;

/* replaces the name in a list, in a copy */
static List *
renamed(List *names, const char *from, const char *to)
{
	List	   *copy = NIL;
	ListCell   *cell;

	foreach(cell, names)
		copy = lappend(copy, strcmp(lfirst(cell), from) == 0 ? unconstify(char *, to) : (char *) lfirst(cell));
	return copy;
}

static List *
without(List *names, const char *name)
{
	List	   *copy = NIL;
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) != 0)
			copy = lappend(copy, lfirst(cell));
	return copy;
}

static List *
every_relation(void)
{
	List	   *all = NIL;
	ListCell   *cell;

	foreach(cell, orm_catalog_entities())
		all = list_concat(all, orm_catalog_relations(((OrmEntityRow *) lfirst(cell))->relation));
	return all;
}

/* ---- entities ---- */

static void
follow_special(char **column, const Change *change)
{
	if (*column && strcmp(*column, change->from) == 0)
		*column = change->to ? pstrdup(change->to) : NULL;
}

static void
follow_entity(OrmEntityRow *row, const Change *change)
{
	if (change->to)
	{
		row->key = renamed(row->key, change->from, change->to);
		row->columns = renamed(row->columns, change->from, change->to);
	}
	else
	{
		/* a part of a key tells nothing apart: the primary key holds again */
		if (orm_names_include(row->key, change->from))
			row->key = NIL;
		/* an empty list would mean all columns */
		if (list_length(row->columns) > 1)
			row->columns = without(row->columns, change->from);
	}
	follow_special(&row->version, change);
	follow_special(&row->soft_delete, change);
	follow_special(&row->created_at, change);
	follow_special(&row->updated_at, change);
	follow_special(&row->flex, change);
	orm_catalog_write_entity(row);
	orm_stamp_trigger_follow(row);
}

/* ---- properties ---- */

static void
follow_expression(OrmPropertyRow *row, const Change *change)
{
	bool		mentioned;
	char	   *text = orm_expression_rename_column(row->expression, change->from,
													change->to ? change->to : change->from, &mentioned);

	if (!mentioned)
		return;
	if (change->to == NULL)
	{
		ereport(WARNING,
				(errmsg("property \"%s\" of \"%s\" can no longer be computed", row->name, get_rel_name(change->relid)),
				 errdetail("Its expression speaks of column \"%s\": %s", change->from, row->expression),
				 errhint("Declare it again, or drop it with orm.drop_property().")));
		return;
	}
	row->expression = text;
	orm_catalog_write_property(row);
}

/* a value object without columns is none */
static void
follow_embed(OrmPropertyRow *row, const Change *change)
{
	row->columns = change->to ? renamed(row->columns, change->from, change->to)
		: without(row->columns, change->from);
	if (row->columns == NIL)
		orm_catalog_delete_property(row->relation, row->name);
	else
		orm_catalog_write_property(row);
}

static void
follow_property(OrmPropertyRow *row, const Change *change)
{
	if (row->expression)
		follow_expression(row, change);
	if (orm_names_include(row->columns, change->from))
	{
		follow_embed(row, change);
		return;
	}
	if (row->column_name == NULL || strcmp(row->column_name, change->from) != 0)
		return;
	if (change->to == NULL)
	{
		orm_catalog_delete_property(row->relation, row->name);
		return;
	}
	row->column_name = unconstify(char *, change->to);
	if (change->old_name && strcmp(row->name, change->old_name) == 0 &&
		strcmp(change->old_name, change->new_name) != 0)
	{
		orm_catalog_delete_property(row->relation, row->name);
		row->name = unconstify(char *, change->new_name);
	}
	orm_catalog_write_property(row);
}

/* ---- relations ---- */

/* "posted_at" and "-posted_at" speak of the property, a path does not */
static List *
follow_order(List *order, const Change *change)
{
	List	   *copy = NIL;
	ListCell   *cell;

	foreach(cell, order)
	{
		char	   *entry = lfirst(cell);
		bool		descending = entry[0] == '-';

		if (strcmp(entry + (descending ? 1 : 0), change->old_name) != 0)
			copy = lappend(copy, entry);
		else if (change->to)
			copy = lappend(copy, psprintf("%s%s", descending ? "-" : "", change->new_name));
	}
	return copy;
}

static List *
follow_pivot_order(List *order, const Change *change)
{
	List	   *copy = order;
	const char *const signs[] = {"", "-"};

	for (int i = 0; i < lengthof(signs); i++)
	{
		char	   *old_entry = psprintf("%spivot.%s", signs[i], change->from);

		copy = change->to ? renamed(copy, old_entry, psprintf("%spivot.%s", signs[i], change->to))
			: without(copy, old_entry);
	}
	return copy;
}

/* as written in a condition: a name that starts with $ has it doubled */
static char *
condition_key(const char *name)
{
	return psprintf("%s%s", name[0] == '$' ? "$" : "", name);
}

static bool
is_key(const JsonbValue *value, const char *key)
{
	return value->val.string.len == strlen(key) && strncmp(value->val.string.val, key, value->val.string.len) == 0;
}

/*
 * Copies a condition with a key renamed, here and under $and, $or and $not; what
 * stands under other keys speaks of other things. With "pivot" the key is a
 * column of the junction, and stands under $pivot only.
 */
static JsonbValue *
rename_in_condition(JsonbParseState **state, JsonbContainer *container, const char *from, const char *to, bool pivot)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;
	JsonbValue *result = NULL;
	bool		group = JsonContainerIsArray(container);
	bool		inside = false;

	check_stack_depth();
	(void) JsonbIteratorNext(&it, &value, true);
	pushJsonbValue(state, group ? WJB_BEGIN_ARRAY : WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			group = is_key(&value, "$and") || is_key(&value, "$not") || is_key(&value, "$or");
			inside = pivot && is_key(&value, "$pivot");
			if (!pivot && is_key(&value, from))
			{
				value.val.string.val = unconstify(char *, to);
				value.val.string.len = strlen(to);
			}
			pushJsonbValue(state, WJB_KEY, &value);
		}
		else if (token == WJB_VALUE || token == WJB_ELEM)
		{
			if ((group || inside) && value.type == jbvBinary)
				rename_in_condition(state, value.val.binary.data, from, to, pivot && !inside);
			else
				pushJsonbValue(state, token, &value);
		}
	}
	result = pushJsonbValue(state, JsonContainerIsArray(container) ? WJB_END_ARRAY : WJB_END_OBJECT, NULL);
	return result;
}

static char *
renamed_condition(const char *condition, const char *from, const char *to, bool pivot)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(condition)));
	JsonbParseState *state = NULL;

	if (!JB_ROOT_IS_OBJECT(jsonb))
		return pstrdup(condition);
	jsonb = JsonbValueToJsonb(rename_in_condition(&state, &jsonb->root, condition_key(from), condition_key(to), pivot));
	return JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
}

static char *
follow_condition(const char *condition, const Change *change)
{
	return renamed_condition(condition, change->old_name, change->new_name, false);
}

/* the lists and the single columns that belong to the relation that has changed */
typedef struct Named
{
	int			nlists;
	List	  **lists[4];
	int			ncolumns;
	char	  **columns[2];
} Named;

static void
add_list(Named *named, List **list)
{
	named->lists[named->nlists++] = list;
}

static void
add_column(Named *named, char **column)
{
	named->columns[named->ncolumns++] = column;
}

/* a junction's, or without one the owner's */
static void
add_polymorphic(Named *named, OrmRelationRow *row)
{
	add_column(named, &row->type_column);
	add_list(named, &row->id_columns);
}

static Named
named_columns(OrmRelationRow *row, Oid relid)
{
	bool		belongs_to = strcmp(row->kind, "belongs_to") == 0;
	bool		junction = OidIsValid(row->through);
	Named		named = {0};

	if (row->relation == relid)
	{
		add_list(&named, belongs_to ? &row->foreign_key : &row->local_key);
		add_column(&named, &row->keys);
		if (!junction)
			add_polymorphic(&named, row);
	}
	if (row->target == relid)
		add_list(&named, belongs_to || junction || row->keys ? &row->target_key : &row->foreign_key);
	if (junction && row->through == relid)
	{
		add_list(&named, &row->foreign_key);
		add_list(&named, &row->target_foreign_key);
		add_polymorphic(&named, row);
	}
	return named;
}

/* false when one of them is dropped, without which the relation means nothing */
static bool
follow_columns(const Named *named, const Change *change)
{
	for (int i = 0; i < named->nlists; i++)
	{
		if (change->to)
			*named->lists[i] = renamed(*named->lists[i], change->from, change->to);
		else if (orm_names_include(*named->lists[i], change->from))
			return false;
	}
	for (int i = 0; i < named->ncolumns; i++)
	{
		char	  **column = named->columns[i];

		if (*column == NULL || strcmp(*column, change->from) != 0)
			continue;
		if (change->to == NULL)
			return false;
		*column = pstrdup(change->to);
	}
	return true;
}

static void
follow_relation(OrmRelationRow *row, const Change *change)
{
	Named		named = named_columns(row, change->relid);

	if (!follow_columns(&named, change))
	{
		/* what foreign keys give by themselves holds again */
		orm_catalog_delete_relation(row->relation, row->name);
		return;
	}
	if (OidIsValid(row->through) && row->through == change->relid)
	{
		row->pivot = change->to ? renamed(row->pivot, change->from, change->to)
			: without(row->pivot, change->from);
		row->order_by = follow_pivot_order(row->order_by, change);
		if (row->condition && change->to)
			row->condition = renamed_condition(row->condition, change->from, change->to, true);
	}
	if (row->target == change->relid && change->old_name)
	{
		row->order_by = follow_order(row->order_by, change);
		/* a condition that lost a part would let more rows through: it stays, and fails at use */
		if (row->condition && change->to)
			row->condition = follow_condition(row->condition, change);
	}
	orm_catalog_write_relation(row);
}

/* {"post": "Post", …} with another name for one of the entities; NULL when it is none of them */
static char *
renamed_types(const char *types, const char *from, const char *to)
{
	StringInfoData text;
	bool		found = false;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, orm_morph_types(types))
	{
		OrmMorphType *type = lfirst(cell);
		bool		same = type->entity && strcmp(type->entity, from) == 0;

		found = found || same;
		appendStringInfoString(&text, text.len > 0 ? ", " : "{");
		escape_json(&text, type->alias);
		appendStringInfoString(&text, ": ");
		escape_json(&text, same ? to : type->entity ? type->entity : "");
	}
	appendStringInfoChar(&text, '}');
	return found ? text.data : NULL;
}

void
orm_catalog_entity_renamed(const char *from, const char *to)
{
	ListCell   *cell;

	foreach(cell, every_relation())
	{
		OrmRelationRow *row = lfirst(cell);
		char	   *types = row->types ? renamed_types(row->types, from, to) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (types == NULL)
			continue;
		row->types = types;
		orm_catalog_write_relation(row);
	}
}

/* ---- scopes ---- */

/* a scope that lost a part would let more rows through: it stays, and fails at use */
static void
follow_scope(OrmScopeRow *row, const Change *change)
{
	bool		mentioned;
	char	   *text;

	if (row->condition && change->to && change->old_name)
		row->condition = follow_condition(row->condition, change);
	if (row->predicate)
	{
		text = orm_expression_rename_column(row->predicate, change->from, change->to ? change->to : change->from,
											&mentioned);
		if (mentioned && change->to == NULL)
			ereport(WARNING,
					(errmsg("scope \"%s\" of \"%s\" can no longer be asked for", row->name, get_rel_name(change->relid)),
					 errdetail("Its predicate speaks of column \"%s\": %s", change->from, row->predicate),
					 errhint("Declare it again, or drop it with orm.drop_scope().")));
		row->predicate = text;
	}
	orm_catalog_write_scope(row);
}

/* ---- entry points ---- */

/* what the column was called before the change, by the rows as they still are */
static const char *
property_of_column(const OrmEntityRow *row, const char *column)
{
	ListCell   *cell;
	char	   *derived = orm_derived_name(row, column);

	foreach(cell, orm_catalog_properties(row->relation))
	{
		OrmPropertyRow *property = lfirst(cell);

		if (property->column_name && strcmp(property->column_name, column) == 0)
			return property->name;
	}
	return derived;
}

static void
follow(Change *change)
{
	OrmEntityRow *entity = orm_catalog_entity_by_relid(change->relid);
	ListCell   *cell;

	if (entity)
	{
		List	   *properties = orm_catalog_properties(change->relid);

		change->old_name = change->new_name = property_of_column(entity, change->from);
		if (change->to && strcmp(change->old_name, orm_derived_name(entity, change->from)) == 0 &&
			orm_property_row(properties, orm_derived_name(entity, change->to)) == NULL)
			change->new_name = orm_derived_name(entity, change->to);
		follow_entity(entity, change);
		foreach(cell, properties)
			follow_property(lfirst(cell), change);
		foreach(cell, orm_catalog_scopes(change->relid))
			follow_scope(lfirst(cell), change);
	}
	foreach(cell, every_relation())
	{
		OrmRelationRow *row = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(row->kind, "dropped") != 0 &&
			(row->relation == change->relid || row->target == change->relid || row->through == change->relid))
			follow_relation(row, change);
	}
}

void
orm_catalog_relation_dropped(Oid relid)
{
	orm_catalog_delete_entity(relid, true);
}

void
orm_catalog_column_dropped(Oid relid, const char *column)
{
	Change		change = {.relid = relid,.from = column};

	follow(&change);
}

void
orm_catalog_column_renamed(Oid relid, const char *from, const char *to)
{
	Change		change = {.relid = relid,.from = from,.to = to};

	if (strcmp(from, to) != 0)
		follow(&change);
}
