/*
 * model_document.c
 *	  Declarations in: one JSON document, read by jansson.
 *
 * jansson allocates by malloc, so its tree belongs to a memory context through
 * a callback and goes with it, also when an error is raised. Its numbers are
 * doubles: what a condition says is taken from the server's own jsonb.
 */
#include "base/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/varlena.h"

/* the server has a function of this name as well; jansson's is not used here */
#define json_object jansson_json_object
#include <jansson.h>
#undef json_object

#include "base/error.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/model_document.h"
#include "declare/relation_kind.h"

#define MAX_DOCUMENT_BYTES (16 * 1024 * 1024)
#define MAX_DOCUMENT_DEPTH 64

/* the tree, freed with the context that holds this */
typedef struct Document
{
	json_t	   *root;
	Datum		exact;			/* the same as jsonb; 0 until asked for */
	const char *text;
	List	   *later;			/* LaterRelation * */
	MemoryContextCallback release;
} Document;

/* one object of the document under the eyes: where it is, and what it is called in SQL's encoding */
typedef struct Part
{
	Document   *document;
	json_t	   *object;
	char	   *pointer;
	char	   *name;
	List	   *path;			/* char *, for the exact value */
} Part;

/* a relation that speaks of others, which have to be there before it */
typedef struct LaterRelation
{
	Part		part;
	OrmRelationRow row;
} LaterRelation;

static void
release_document(void *arg)
{
	json_decref(((Document *) arg)->root);
}

static char *
to_server(const char *utf8)
{
	char	   *text = pg_any_to_server(utf8, strlen(utf8), PG_UTF8);

	return text == utf8 ? pstrdup(utf8) : text;
}

/* a step of an RFC 6901 pointer */
static char *
pointer_to(const char *parent, const char *name)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s/", parent);
	for (; *name; name++)
	{
		if (*name == '~' || *name == '/')
			appendStringInfoString(&text, *name == '~' ? "~0" : "~1");
		else
			appendStringInfoChar(&text, *name);
	}
	return text.data;
}

/* ---- text to tree ---- */

/* brackets outside strings: jansson descends by recursion */
static void
check_depth(const char *text, Size len)
{
	int			depth = 0;
	bool		in_string = false;

	for (Size i = 0; i < len; i++)
	{
		char		c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > MAX_DOCUMENT_DEPTH)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("model document is nested too deeply"),
					 errdetail("The limit is %d levels.", MAX_DOCUMENT_DEPTH)));
	}
}

static Document *
load_document(const char *text, Size len)
{
	Document   *document = palloc0(sizeof(Document));
	json_error_t error;
	char	   *utf8;

	if (len > MAX_DOCUMENT_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("model document is too large"),
				 errdetail("The limit is %d MB.", MAX_DOCUMENT_BYTES / (1024 * 1024))));
	check_depth(text, len);
	utf8 = pg_server_to_any(text, len, PG_UTF8);

	document->text = text;
	document->release.func = release_document;
	document->release.arg = document;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &document->release);
	document->root = json_loads(utf8, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (document->root == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid model document: %s", to_server(error.text)),
				 errdetail("At line %d, column %d.", error.line, error.column)));
	return document;
}

/* the value at a path, with numbers as they are written */
static char *
exact_text(Part *part, const char *key)
{
	List	   *path = lappend(list_copy(part->path), unconstify(char *, key));
	Datum	   *steps = palloc(sizeof(Datum) * list_length(path));
	Datum		value;
	Jsonb	   *jsonb;
	ListCell   *cell;
	int			n = 0;

	if (part->document->exact == (Datum) 0)
		part->document->exact = DirectFunctionCall1(jsonb_in, CStringGetDatum(part->document->text));
	foreach(cell, path)
		steps[n++] = CStringGetTextDatum((char *) lfirst(cell));
	value = DirectFunctionCall2(jsonb_extract_path, part->document->exact,
								PointerGetDatum(construct_array(steps, n, TEXTOID, -1, false, TYPALIGN_INT)));
	jsonb = DatumGetJsonbP(value);
	return JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
}

/* ---- members ---- */

static void
refuse_member(Part *part, const char *key, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" must be %s", key, wanted),
			 errdetail("At %s: this is something else.", pointer_to(part->pointer, key))));
}

static Part
part_of(Part *parent, const char *key, json_t *object)
{
	Part		part = {.document = parent->document,.object = object};

	part.name = to_server(key);
	part.pointer = pointer_to(parent->pointer, part.name);
	part.path = lappend(list_copy(parent->path), part.name);
	if (!json_is_object(object))
		refuse_member(parent, part.name, "an object");
	return part;
}

static List *
valid_names(const char *const *valid)
{
	List	   *names = NIL;

	for (; *valid; valid++)
		names = lappend(names, unconstify(char *, *valid));
	return names;
}

static char *
listed(const char *const *valid)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; valid[i]; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "", valid[i]);
	return text.data;
}

static void
check_keys(Part *part, const char *const *valid)
{
	const char *key;
	json_t	   *value;

	json_object_foreach(part->object, key, value)
	{
		int			i = 0;
		char	   *name;

		while (valid[i] && strcmp(valid[i], key) != 0)
			i++;
		if (valid[i])
			continue;
		name = to_server(key);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown key \"%s\" in model document", name),
				 errdetail("At %s: valid keys are %s.", pointer_to(part->pointer, name), listed(valid)),
				 orm_nearest_name(name, valid_names(valid)) ?
				 errhint("Did you mean \"%s\"?", orm_nearest_name(name, valid_names(valid))) : 0));
	}
}

static char *
text_member(Part *part, const char *key)
{
	json_t	   *value = json_object_get(part->object, key);

	if (value == NULL)
		return NULL;
	if (!json_is_string(value))
		refuse_member(part, key, "a string");
	return to_server(json_string_value(value));
}

static int8
flag_member(Part *part, const char *key)
{
	json_t	   *value = json_object_get(part->object, key);

	if (value == NULL)
		return -1;
	if (!json_is_boolean(value))
		refuse_member(part, key, "true or false");
	return json_is_true(value) ? 1 : 0;
}

/* a list of names; one name may stand alone */
static List *
names_member(Part *part, const char *key)
{
	json_t	   *value = json_object_get(part->object, key);
	json_t	   *element;
	size_t		i;
	List	   *names = NIL;

	if (value == NULL)
		return NIL;
	if (json_is_string(value))
		return list_make1(to_server(json_string_value(value)));
	if (!json_is_array(value))
		refuse_member(part, key, "a list of strings");
	json_array_foreach(value, i, element)
	{
		if (!json_is_string(element))
			refuse_member(part, key, "a list of strings");
		names = lappend(names, to_server(json_string_value(element)));
	}
	return names;
}

static Oid
relation_member(Part *part, const char *key)
{
	char	   *name = text_member(part, key);

	if (name == NULL)
		return InvalidOid;
	return RangeVarGetRelid(makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name))),
							AccessShareLock, false);
}

/* ---- declarations ---- */

static void
part_error_callback(void *arg)
{
	errcontext("model document at %s", ((Part *) arg)->pointer);
}

static void
push_part_context(ErrorContextCallback *callback, Part *part)
{
	callback->callback = part_error_callback;
	callback->arg = part;
	callback->previous = error_context_stack;
	error_context_stack = callback;
}

static void
define_entity(Part *part)
{
	static const char *const keys[] = {"source", "key", "naming", "columns", "version", "soft_delete",
		"created_at", "updated_at", "flex", "derive", "properties", "embeds", "relations", "scopes", NULL};
	OrmEntityRow row = {0};

	check_keys(part, keys);
	row.name = part->name;
	row.relation = relation_member(part, "source");
	if (!OidIsValid(row.relation))
	{
		OrmEntityRow *old = orm_catalog_entity_by_name(part->name);

		if (old == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("entity \"%s\" needs a \"source\"", part->name),
					 errdetail("At %s: it is not declared yet.", part->pointer)));
		row.relation = old->relation;
	}
	row.key = names_member(part, "key");
	row.naming = text_member(part, "naming");
	if (row.naming == NULL)
		row.naming = "column";
	row.columns = names_member(part, "columns");
	row.version = text_member(part, "version");
	row.soft_delete = text_member(part, "soft_delete");
	row.created_at = text_member(part, "created_at");
	row.updated_at = text_member(part, "updated_at");
	row.flex = text_member(part, "flex");
	row.derive = flag_member(part, "derive") != 0;
	orm_declare_entity(&row);
}

static void
define_property(Part *part, OrmEntityRow *entity)
{
	static const char *const keys[] = {"column", "expression", "cast_as", "insert", "update", "hidden", "lazy", NULL};
	OrmPropertyRow row = {0};

	check_keys(part, keys);
	row.relation = entity->relation;
	row.name = part->name;
	row.column_name = text_member(part, "column");
	row.expression = text_member(part, "expression");
	row.cast_as = text_member(part, "cast_as");
	row.insert = flag_member(part, "insert");
	row.update = flag_member(part, "update");
	row.hidden = flag_member(part, "hidden");
	row.lazy = flag_member(part, "lazy");
	orm_declare_property(&row);
}

/* the member named as the kind, and what it says depends on the kind */
static void
read_kind_value(Part *part, const char *kind, OrmRelationRow *row)
{
	switch (orm_relation_rules(kind)->value)
	{
		case ORM_RELATION_TARGET:
			row->target = orm_declared_entity_by_name(text_member(part, kind))->relation;
			break;
		case ORM_RELATION_PATH:
			row->path = text_member(part, kind);
			break;
		case ORM_RELATION_TYPES:
			if (!json_is_object(json_object_get(part->object, kind)))
				refuse_member(part, kind, "an object");
			row->types = exact_text(part, kind);
			break;
	}
}

/* exactly one of the kinds says what the relation is */
static void
read_kind(Part *part, OrmRelationRow *row)
{
	List	   *kinds = orm_relation_kinds();
	ListCell   *cell;

	foreach(cell, kinds)
	{
		char	   *kind = lfirst(cell);

		if (json_object_get(part->object, kind) == NULL)
			continue;
		if (row->kind)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("relation \"%s\" has more than one kind", part->name),
					 errdetail("At %s: it is both %s and %s.", part->pointer, row->kind, kind)));
		row->kind = kind;
	}
	if (row->kind == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" has no kind", part->name),
				 errdetail("At %s: give one of %s with the target's name.", part->pointer, orm_names_joined(kinds))));
	read_kind_value(part, row->kind, row);
}

/* the kinds, and what any of them may say besides */
static const char *const *
relation_keys(void)
{
	static const char *const keys[] = {"foreign_key", "target_key", "local_key", "through", "target_foreign_key",
		"pivot", "inverse", "keys", "function", "type_column", "id_columns", "type_alias", "condition", "order_by",
		"eager", "lazy", "owned", "on_missing", "on_foreign"};
	List	   *kinds = orm_relation_kinds();
	const char **all = palloc0(sizeof(char *) * (list_length(kinds) + lengthof(keys) + 1));
	ListCell   *cell;
	int			n = 0;

	foreach(cell, kinds)
		all[n++] = lfirst(cell);
	for (int i = 0; i < lengthof(keys); i++)
		all[n++] = keys[i];
	return all;
}

static void
define_relation(Part *part, OrmEntityRow *entity)
{
	OrmRelationRow row = {0};

	check_keys(part, relation_keys());
	row.relation = entity->relation;
	row.name = part->name;
	read_kind(part, &row);
	row.foreign_key = names_member(part, "foreign_key");
	row.target_key = names_member(part, "target_key");
	row.local_key = names_member(part, "local_key");
	row.through = relation_member(part, "through");
	row.target_foreign_key = names_member(part, "target_foreign_key");
	row.pivot = names_member(part, "pivot");
	row.pivot_given = json_object_get(part->object, "pivot") != NULL;
	row.inverse = text_member(part, "inverse");
	row.keys = text_member(part, "keys");
	row.function = text_member(part, "function");
	row.type_column = text_member(part, "type_column");
	row.id_columns = names_member(part, "id_columns");
	row.type_alias = text_member(part, "type_alias");
	if (json_object_get(part->object, "condition") != NULL)
		row.condition = exact_text(part, "condition");
	row.order_by = names_member(part, "order_by");
	row.eager = flag_member(part, "eager");
	row.lazy = flag_member(part, "lazy");
	row.owned = flag_member(part, "owned");
	row.on_missing = text_member(part, "on_missing");
	row.on_foreign = text_member(part, "on_foreign");
	if (orm_relation_rules(row.kind)->is_ready)
	{
		LaterRelation *later = palloc(sizeof(LaterRelation));

		*later = (LaterRelation) {*part, row};
		part->document->later = lappend(part->document->later, later);
	}
	else
		orm_declare_relation(&row);
}

static void
define_scope(Part *part, OrmEntityRow *entity)
{
	static const char *const keys[] = {"condition", "predicate", "arguments", "global", NULL};
	OrmScopeRow row = {0};

	check_keys(part, keys);
	row.relation = entity->relation;
	row.name = part->name;
	if (json_object_get(part->object, "condition") != NULL)
		row.condition = exact_text(part, "condition");
	row.predicate = text_member(part, "predicate");
	row.arguments = names_member(part, "arguments");
	row.global = flag_member(part, "global") == 1;
	orm_declare_scope(&row);
}

/* each once those are there that it speaks of; the first that lacks any raises what it lacks */
static void
define_later_relations(Document *document)
{
	while (document->later != NIL)
	{
		LaterRelation *next = NULL;
		ListCell   *cell;
		ErrorContextCallback callback;

		CHECK_FOR_INTERRUPTS();
		foreach(cell, document->later)
		{
			LaterRelation *later = lfirst(cell);

			if (orm_relation_rules(later->row.kind)->is_ready(&later->row))
			{
				next = later;
				break;
			}
		}
		if (next == NULL)
			next = linitial(document->later);
		document->later = list_delete_ptr(document->later, next);
		push_part_context(&callback, &next->part);
		orm_declare_relation(&next->row);
		error_context_stack = callback.previous;
	}
}

typedef void (*DefineMember) (Part *part, OrmEntityRow *entity);
typedef void (*HideMember) (Oid relid, const char *name);

/* the properties, relations or scopes of one entity; false stands for one that is not to be there */
static void
define_members(Part *entity_part, const char *key, DefineMember define, HideMember hide)
{
	json_t	   *members = json_object_get(entity_part->object, key);
	OrmEntityRow *entity = orm_declared_entity_by_name(entity_part->name);
	Part		all;
	const char *name;
	json_t	   *value;

	if (members == NULL)
		return;
	all = part_of(entity_part, key, members);
	json_object_foreach(members, name, value)
	{
		ErrorContextCallback callback;
		Part		part;

		CHECK_FOR_INTERRUPTS();
		if (json_is_false(value))
		{
			hide(entity->relation, to_server(name));
			continue;
		}
		part = part_of(&all, name, value);
		push_part_context(&callback, &part);
		define(&part, entity);
		error_context_stack = callback.previous;
	}
}

/* {"address": ["street", "city"]} */
static void
define_embeds(Part *entity_part)
{
	json_t	   *embeds = json_object_get(entity_part->object, "embeds");
	Part		all;
	const char *name;
	json_t	   *value;

	if (embeds == NULL)
		return;
	all = part_of(entity_part, "embeds", embeds);
	json_object_foreach(embeds, name, value)
	{
		OrmPropertyRow row = {.insert = -1,.update = -1,.hidden = -1,.lazy = -1};

		row.relation = orm_declared_entity_by_name(entity_part->name)->relation;
		row.name = to_server(name);
		row.columns = names_member(&all, name);
		orm_declare_embed(&row);
	}
}

static void
check_head(Part *root)
{
	static const char *const keys[] = {"orm", "entities", NULL};
	json_t	   *version;

	if (!json_is_object(root->object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a model document is an object"),
				 errhint("It looks like {\"orm\": 1, \"entities\": {...}}.")));
	check_keys(root, keys);
	version = json_object_get(root->object, "orm");
	if (!json_is_number(version) || json_number_value(version) != ORM_MODEL_DOCUMENT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is no model document of version %d", ORM_MODEL_DOCUMENT_VERSION),
				 errdetail("At /orm: the version must be %d.", ORM_MODEL_DOCUMENT_VERSION)));
}

List *
orm_model_define(const char *text, Size len)
{
	Part		root = {.pointer = ""};
	Part		entities;
	json_t	   *object;
	const char *key;
	json_t	   *value;
	List	   *names = NIL;
	List	   *parts = NIL;
	ListCell   *cell;

	root.document = load_document(text, len);
	root.object = root.document->root;
	check_head(&root);
	object = json_object_get(root.object, "entities");
	if (object == NULL)
		return NIL;
	entities = part_of(&root, "entities", object);
	json_object_foreach(object, key, value)
	{
		Part	   *part = palloc(sizeof(Part));
		ErrorContextCallback callback;

		CHECK_FOR_INTERRUPTS();
		*part = part_of(&entities, key, value);
		push_part_context(&callback, part);
		define_entity(part);
		error_context_stack = callback.previous;
		parts = lappend(parts, part);
		names = lappend(names, part->name);
	}
	foreach(cell, parts)
	{
		define_members(lfirst(cell), "properties", define_property, orm_hide_property);
		define_embeds(lfirst(cell));
	}
	foreach(cell, parts)
		define_members(lfirst(cell), "relations", define_relation, orm_hide_relation);
	define_later_relations(root.document);
	foreach(cell, parts)
		define_members(lfirst(cell), "scopes", define_scope, orm_hide_scope);
	return names;
}
