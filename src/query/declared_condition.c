/*
 * declared_condition.c
 *	  Conditions of declarations: arguments and settings become values.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "query/declared_condition.h"

uint64		orm_declared_settings_read = 0;

/* a condition may ask for another one, by "$scope" or through a relation: how deep we are in that */
static int	nesting = 0;

/* a condition being filled in */
typedef struct Filling
{
	List	   *arguments;		/* char * */
	const OrmJson **values;		/* NULL: it is only checked */
	bool	   *used;			/* by argument, when it is checked */
} Filling;

/* how the operand of an operator is read */
typedef enum OperandKind
{
	OPERAND_NONE,				/* a group: conditions stand below it */
	OPERAND_VALUE,
	OPERAND_LIST,
	OPERAND_PAIR,
	OPERAND_FLAG,
	OPERAND_NUMBER,
	OPERAND_PARTS,				/* an object whose members are operands and names */
	OPERAND_ARGUMENTS			/* of another scope: they are values already */
} OperandKind;

static OperandKind
operand_kind(const char *name)
{
	static const struct
	{
		const char *name;
		OperandKind kind;
	}			known[] = {
		{"$and", OPERAND_NONE}, {"$or", OPERAND_NONE}, {"$not", OPERAND_NONE}, {"$some", OPERAND_NONE},
		{"$none", OPERAND_NONE}, {"$every", OPERAND_NONE}, {"$where", OPERAND_NONE}, {"$pivot", OPERAND_NONE},
		{"$is", OPERAND_NONE}, {"$any", OPERAND_NONE}, {"$all", OPERAND_NONE},
		{"$in", OPERAND_LIST}, {"$nin", OPERAND_LIST}, {"$between", OPERAND_PAIR},
		{"$null", OPERAND_FLAG}, {"$empty", OPERAND_FLAG}, {"$len", OPERAND_NUMBER}, {"$count", OPERAND_NUMBER},
		{"$op", OPERAND_PARTS}, {"$search", OPERAND_PARTS}, {"$aggregate", OPERAND_PARTS},
		{"$scope", OPERAND_ARGUMENTS},
	};

	for (int i = 0; i < lengthof(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].kind;
	return OPERAND_VALUE;
}

static bool
is_operator(const char *key)
{
	return key && key[0] == '$' && key[1] != '$';
}

/* a group of operators about the same property, or one value */
static bool
takes_field(const char *name)
{
	return strcmp(name, "$not") == 0 || strcmp(name, "$any") == 0 || strcmp(name, "$all") == 0;
}

/* {"$arg": …} or {"$setting": …} */
static bool
is_placeholder(const OrmJson *node)
{
	return node->kind == ORM_JSON_OBJECT && node->nitems == 1 &&
		(strcmp(node->items[0].key, "$arg") == 0 || strcmp(node->items[0].key, "$setting") == 0);
}

/* ---- nodes ---- */

/* an argument stands in a document; what a setting says stands nowhere */
static const OrmJson *
origin_of(const OrmJson *content)
{
	return content->parent ? content : content->origin;
}

/* takes over what a node holds, and for errors its place */
static void
set_content(OrmJson *node, const OrmJson *from)
{
	node->kind = from->kind;
	node->nitems = from->nitems;
	node->items = from->items;
	node->value = from->value;
	node->unknown = from->unknown;
	node->origin = origin_of(from);
}

static void
set_string(OrmJson *node, const char *text)
{
	node->kind = ORM_JSON_STRING;
	node->nitems = 0;
	node->value.type = jbvString;
	node->value.val.string.val = pstrdup(text);
	node->value.val.string.len = strlen(text);
}

/* {key: content} */
static void
set_member(OrmJson *node, const char *key, const OrmJson *content)
{
	OrmJson    *member = palloc0(sizeof(OrmJson));

	set_content(member, content);
	member->key = key;
	member->parent = node;
	member->clause = node->clause;
	node->kind = ORM_JSON_OBJECT;
	node->nitems = 1;
	node->items = member;
	node->unknown = false;
	node->origin = origin_of(content);
}

static void
set_list(OrmJson *node, const OrmJson *content, int n)
{
	node->kind = ORM_JSON_ARRAY;
	node->nitems = n;
	node->items = palloc0(sizeof(OrmJson) * Max(n, 1));
	node->unknown = false;
	for (int i = 0; i < n; i++)
	{
		set_content(&node->items[i], content);
		node->items[i].index = i;
		node->items[i].parent = node;
		node->items[i].clause = node->clause;
	}
}

static bool
is_container(const OrmJson *node)
{
	return node->kind == ORM_JSON_OBJECT || node->kind == ORM_JSON_ARRAY;
}

/* a list whose elements are values, whatever they look like */
static void
set_list_of_values(OrmJson *node, const OrmJson *list)
{
	OrmJson    *items = palloc0(sizeof(OrmJson) * Max(list->nitems, 1));

	set_content(node, list);
	for (int i = 0; i < list->nitems; i++)
	{
		CHECK_FOR_INTERRUPTS();
		items[i] = list->items[i];
		items[i].origin = &list->items[i];
		items[i].parent = node;
		if (is_container(&list->items[i]))
			set_member(&items[i], "$value", &list->items[i]);
	}
	node->items = items;
}

/* ---- values ---- */

static List *setting_names = NIL;

List *
orm_declared_setting_names(void)
{
	return setting_names;
}

static void
note_setting(const char *name)
{
	MemoryContext old;
	ListCell   *cell;

	orm_declared_settings_read++;
	foreach(cell, setting_names)
		if (strcmp(lfirst(cell), name) == 0)
			return;
	old = MemoryContextSwitchTo(TopMemoryContext);
	setting_names = lappend(setting_names, pstrdup(name));
	MemoryContextSwitchTo(old);
}

static void
read_setting(const OrmJson *name_node, OrmJson *value)
{
	char	   *name = orm_json_string(name_node);
	char	   *text = GetConfigOptionByName(name, NULL, true);

	if (text == NULL || text[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"%s\" is %s", name, text ? "empty" : "not set"),
				 errdetail("A condition of the model compares with it."),
				 errhint("Set it before reading: SELECT set_config(%s, ..., true).", quote_literal_cstr(name))));
	set_string(value, text);
	note_setting(name);
}

static int
argument_number(const Filling *filling, const OrmJson *name_node)
{
	char	   *name = orm_json_string(name_node);
	ListCell   *cell;

	foreach(cell, filling->arguments)
		if (strcmp(lfirst(cell), name) == 0)
			return foreach_current_index(cell);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"%s\" is not declared", name),
			 orm_errdetail_at(name_node, "Only arguments that have a name can stand here."),
			 orm_hint_names(name, filling->arguments, "arguments")));
	return -1;
}

/* ---- places ---- */

static void
misplaced(const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" stands for a whole operand", node->items[0].key),
			 orm_errdetail_at(node, "Here is no operand of a comparison."),
			 errhint("Write {\"property\": {\"$gte\": {\"%s\": \"name\"}}}.", node->items[0].key)));
}

/* what will be a value, in a form that passes as the operand of this operator */
static void
set_unknown(OrmJson *node, OperandKind kind)
{
	OrmJson		value = {0};

	set_string(&value, "");
	if (kind == OPERAND_FLAG)
	{
		value.kind = ORM_JSON_BOOL;
		value.value.type = jbvBool;
		value.value.val.boolean = true;
	}
	else if (kind == OPERAND_NUMBER)
	{
		value.kind = ORM_JSON_NUMBER;
		value.value.type = jbvNumeric;
		value.value.val.numeric = DatumGetNumeric(DirectFunctionCall1(int4_numeric, Int32GetDatum(0)));
	}
	value.unknown = true;
	if (kind == OPERAND_LIST || kind == OPERAND_PAIR)
		set_list(node, &value, kind == OPERAND_PAIR ? 2 : 1);
	else
		set_content(node, &value);
}

/* a value that stands alone under a property, where null and objects would be grammar */
static void
set_field(OrmJson *node, const OrmJson *value)
{
	OrmJson		literal = {0};

	if (value->kind == ORM_JSON_ARRAY)
		set_list_of_values(node, value);
	else if (value->kind == ORM_JSON_NULL)
		set_member(node, "$eq", value);
	else if (value->kind == ORM_JSON_OBJECT)
	{
		set_member(&literal, "$value", value);
		set_member(node, "$eq", &literal);
		node->items[0].items[0].parent = &node->items[0];
	}
	else
		set_content(node, value);
}

static void
set_value(OrmJson *node, OperandKind kind, const OrmJson *value)
{
	if ((kind == OPERAND_LIST || kind == OPERAND_PAIR) && value->kind == ORM_JSON_ARRAY)
		set_list_of_values(node, value);
	else if (kind == OPERAND_NONE)
		set_field(node, value);
	else if (kind != OPERAND_ARGUMENTS && is_container(value))
		set_member(node, "$value", value);
	else
		set_content(node, value);
}

/* "kind" says how the place of the node reads what stands there; NONE is a property's */
static void
replace(Filling *filling, OrmJson *node, OperandKind kind)
{
	const OrmJson *name = &node->items[0];
	bool		setting = strcmp(name->key, "$setting") == 0;
	OrmJson		value = {0};
	int			number = 0;

	if (name->kind != ORM_JSON_STRING || orm_json_string(name)[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" takes a name", name->key),
				 orm_errdetail_at(name, "%s stands here.", orm_json_a_kind(name))));
	if (!setting)
		number = argument_number(filling, name);
	if (filling->values == NULL)
	{
		if (!setting)
			filling->used[number] = true;
		set_unknown(node, kind);
		return;
	}
	if (setting)
	{
		read_setting(name, &value);
		set_value(node, kind, &value);
	}
	else
		set_value(node, kind, filling->values[number]);
}

/* "around" is how what stands in "node" is read */
static void
fill(Filling *filling, OrmJson *node, OperandKind around)
{
	check_stack_depth();
	for (int i = 0; i < node->nitems; i++)
	{
		OrmJson    *item = &node->items[i];
		OperandKind kind = around;

		CHECK_FOR_INTERRUPTS();
		if (item->key && strcmp(item->key, "$value") == 0)
			continue;
		if (is_operator(item->key))
			kind = operand_kind(item->key);
		if (!is_placeholder(item))
		{
			fill(filling, item, kind);
			continue;
		}
		if (item->key == NULL)
		{
			/* an element: of a list of values, or of arguments */
			if (around != OPERAND_LIST && around != OPERAND_PAIR && around != OPERAND_ARGUMENTS)
				misplaced(item);
			kind = around == OPERAND_ARGUMENTS ? OPERAND_ARGUMENTS : OPERAND_VALUE;
		}
		else if (is_operator(item->key) ? kind == OPERAND_NONE && !takes_field(item->key)
				 : around != OPERAND_NONE && around != OPERAND_PARTS && around != OPERAND_ARGUMENTS)
			misplaced(item);
		replace(filling, item, kind);
	}
}

/* ---- entry points ---- */

static OrmJson *
document_of(const char *condition)
{
	Datum		jsonb = DirectFunctionCall1(jsonb_in, CStringGetDatum(condition));

	return orm_json_read(DatumGetJsonbP(jsonb), 0, orm_max_depth * 4);
}

OrmWhere *
orm_declared_condition(OrmRelation *relation, OrmEntity *entity, const char *condition, List *arguments,
					   const OrmJson **values)
{
	static const OrmJson *const none[1] = {NULL};
	Filling		filling = {arguments, values ? values : (const OrmJson **) none, NULL};
	OrmJson    *document = document_of(condition);
	OrmWhere   *where = NULL;

	if (nesting >= orm_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("conditions of the model ask for each other too deeply"),
				 errdetail("They may do so %d levels deep.", orm_max_depth),
				 errhint("Declare one of them so that it does not lead back.")));
	nesting++;
	PG_TRY();
	{
		fill(&filling, document, OPERAND_NONE);
		where = orm_where_parse_declared(relation, entity, document);
	}
	PG_FINALLY();
	{
		nesting--;
	}
	PG_END_TRY();
	return where;
}

void
orm_declared_check(OrmRelation *relation, OrmEntity *entity, const char *condition, List *arguments)
{
	Filling		filling = {arguments, NULL, palloc0(sizeof(bool) * (list_length(arguments) + 1))};
	OrmJson    *document = document_of(condition);
	ListCell   *cell;

	fill(&filling, document, OPERAND_NONE);
	(void) orm_where_parse_declared(relation, entity, document);
	foreach(cell, arguments)
		if (!filling.used[foreach_current_index(cell)])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"%s\" does not stand in the condition", (char *) lfirst(cell)),
					 errhint("It stands there as {\"$arg\": \"%s\"}.", (char *) lfirst(cell))));
}

static bool
node_varies(OrmEntity *entity, const OrmJson *node, bool group)
{
	check_stack_depth();
	for (int i = 0; i < node->nitems; i++)
	{
		const OrmJson *item = &node->items[i];
		bool		inner = item->key ? strcmp(item->key, "$and") == 0 || strcmp(item->key, "$or") == 0 ||
			strcmp(item->key, "$not") == 0 : group;

		if (item->key && (strcmp(item->key, "$setting") == 0 || strcmp(item->key, "$col") == 0))
			return true;
		if (group && item->key && !inner &&
			(is_operator(item->key) ||
			 orm_entity_property(entity, item->key + (item->key[0] == '$' ? 1 : 0)) == NULL))
			return true;
		if (node_varies(entity, item, group && inner))
			return true;
	}
	return false;
}

bool
orm_declared_varies(OrmEntity *entity, const char *condition)
{
	return node_varies(entity, document_of(condition), true);
}

Datum
orm_declared_stand_in(Oid type)
{
	int16		typlen;
	bool		typbyval;
	struct varlena *empty;

	get_typlenbyval(type, &typlen, &typbyval);
	if (typbyval)
		return (Datum) 0;
	if (typlen == -2)
		return CStringGetDatum("");
	if (typlen > 0)
		return PointerGetDatum(palloc0(typlen));
	empty = palloc0(VARHDRSZ);
	SET_VARSIZE(empty, VARHDRSZ);
	return PointerGetDatum(empty);
}
