/*
 * json_reader.c
 *	  Turns jsonb into a tree of nodes, each with its parent, and names places
 *	  in it.
 */
#include "base/compat.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/json_reader.h"

static void read_container(OrmJson *node, JsonbContainer *container, int depth_left);

static void
set_scalar(OrmJson *node, const JsonbValue *value)
{
	node->value = *value;
	switch (value->type)
	{
		case jbvNull:
			node->kind = ORM_JSON_NULL;
			break;
		case jbvBool:
			node->kind = ORM_JSON_BOOL;
			break;
		case jbvNumeric:
			node->kind = ORM_JSON_NUMBER;
			break;
		default:
			node->kind = ORM_JSON_STRING;
			break;
	}
}

static void
set_value(OrmJson *node, const JsonbValue *value, int depth_left)
{
	if (value->type == jbvBinary)
	{
		node->value = *value;
		read_container(node, value->val.binary.data, depth_left - 1);
	}
	else
		set_scalar(node, value);
}

static void
read_container(OrmJson *node, JsonbContainer *container, int depth_left)
{
	bool		is_object = JsonContainerIsObject(container);
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	check_stack_depth();
	if (depth_left < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("document is nested too deeply"),
				 orm_errdetail_at(node, "No query that may be run is as deep."),
				 errhint("The setting is orm.max_depth.")));
	node->kind = is_object ? ORM_JSON_OBJECT : ORM_JSON_ARRAY;
	node->nitems = JsonContainerSize(container);
	node->items = palloc0(sizeof(OrmJson) * Max(node->nitems, 1));
	token = JsonbIteratorNext(&iterator, &value, true);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		OrmJson    *item = &node->items[n];

		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
			item->key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE || token == WJB_ELEM)
		{
			item->parent = node;
			item->clause = node->clause;
			item->index = n;
			set_value(item, &value, depth_left);
			n++;
		}
	}
}

OrmJson *
orm_json_read(Jsonb *document, int clause, int max_depth)
{
	OrmJson    *root = palloc0(sizeof(OrmJson));
	JsonbValue	scalar;

	root->clause = clause;
	if (JB_ROOT_IS_SCALAR(document))
	{
		JsonbExtractScalar(&document->root, &scalar);
		set_scalar(root, &scalar);
	}
	else
	{
		root->value.type = jbvBinary;
		root->value.val.binary.data = &document->root;
		root->value.val.binary.len = VARSIZE(document) - VARHDRSZ;
		read_container(root, &document->root, max_depth);
	}
	return root;
}

OrmJson *
orm_json_member(const OrmJson *object, const char *key)
{
	for (int i = 0; i < object->nitems; i++)
		if (object->items[i].key && strcmp(object->items[i].key, key) == 0)
			return &object->items[i];
	return NULL;
}

char *
orm_json_string(const OrmJson *node)
{
	Assert(node->kind == ORM_JSON_STRING);
	return pnstrdup(node->value.val.string.val, node->value.val.string.len);
}

char *
orm_json_as_text(const OrmJson *node)
{
	return JsonbToCString(NULL, &JsonbValueToJsonb(unconstify(JsonbValue *, &node->value))->root, 0);
}

const char *
orm_json_a_kind(const OrmJson *node)
{
	static const char *const names[] = {"A null", "A boolean", "A number", "A string", "An array", "An object"};

	return names[node->kind];
}

static void
append_pointer(StringInfo buf, const OrmJson *node)
{
	if (node->origin)
	{
		append_pointer(buf, node->origin);
		return;
	}
	if (node->parent == NULL)
		return;
	append_pointer(buf, node->parent);
	appendStringInfoChar(buf, '/');
	if (node->key == NULL)
	{
		appendStringInfo(buf, "%d", node->index);
		return;
	}
	for (const char *c = node->key; *c; c++)
	{
		if (*c == '~')
			appendStringInfoString(buf, "~0");
		else if (*c == '/')
			appendStringInfoString(buf, "~1");
		else
			appendStringInfoChar(buf, *c);
	}
}

char *
orm_json_pointer(const OrmJson *node)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_pointer(&buf, node);
	return buf.data;
}

static int
clause_of(const OrmJson *node)
{
	for (const OrmJson *at = node; at; at = at->parent)
		if (at->origin)
			return clause_of(at->origin);
	return node->clause;
}

char *
orm_json_place(const OrmJson *node)
{
	char	   *pointer = orm_json_pointer(node);
	int			clause = clause_of(node);

	if (clause > 0)
		return psprintf("Clause %d at %s: ", clause, pointer);
	return psprintf("At %s: ", pointer);
}

int
orm_errdetail_at(const OrmJson *node, const char *fmt,...)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, orm_json_place(node));
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&buf, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	errdetail_internal("%s", buf.data);
	return 0;
}
