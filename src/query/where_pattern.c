/*
 * where_pattern.c
 *	  Conditions on text: patterns, regular expressions, full text search.
 */
#include "base/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/value.h"
#include "tsearch/ts_cache.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/error.h"
#include "query/query_document.h"
#include "query/where_parse.h"

bool
orm_where_is_text(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

/* ---- patterns ---- */

static char *
type_schema(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *schema = NULL;

	if (HeapTupleIsValid(tuple))
	{
		schema = get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace);
		ReleaseSysCache(tuple);
	}
	return schema;
}

/*
 * The server's operator for its own text types; the type's own (citext has
 * them) where its schema has one; else the property is cast to text.
 */
static void
set_pattern_operator(OrmWhere *where, const char *name)
{
	Oid			type = where->left->type;

	where->operator_schema = "pg_catalog";
	where->operator_name = pstrdup(name);
	if (type >= FirstNormalObjectId)
	{
		char	   *schema = type_schema(type);
		Oid			op = schema ? OpernameGetOprid(list_make2(makeString(schema), makeString(pstrdup(name))),
												   type, TEXTOID) : InvalidOid;

		if (OidIsValid(op))
			orm_where_set_operator(where, op);
		else
			where->left = orm_term_cast(where->left, TEXTOID);
	}
}

static char *
pattern_text(const char *text, int how)
{
	StringInfoData buf;

	initStringInfo(&buf);
	if (how == ORM_PATTERN_ENDS || how == ORM_PATTERN_CONTAINS)
		appendStringInfoChar(&buf, '%');
	for (const char *c = text; *c; c++)
	{
		if (*c == '%' || *c == '_' || *c == '\\')
			appendStringInfoChar(&buf, '\\');
		appendStringInfoChar(&buf, *c);
	}
	if (how == ORM_PATTERN_STARTS || how == ORM_PATTERN_CONTAINS)
		appendStringInfoChar(&buf, '%');
	return buf.data;
}

/* the least text, by bytes, that is greater than all with the prefix; NULL when there is none */
static char *
after_prefix(const char *prefix)
{
	char	   *text = pstrdup(prefix);
	int			end = strlen(text);

	while (end > 0)
	{
		int			start = end - 1;
		pg_wchar	c;

		while (start > 0 && (text[start] & 0xC0) == 0x80)
			start--;
		c = utf8_to_unicode((unsigned char *) text + start) + 1;
		if (c == 0xD800)
			c = 0xE000;
		if (c <= 0x10FFFF)
		{
			unsigned char next[MAX_MULTIBYTE_CHAR_LEN + 1] = {0};

			unicode_to_utf8(c, next);
			return psprintf("%.*s%s", start, text, (char *) next);
		}
		end = start;
	}
	return NULL;
}

/*
 * A prefix as a range besides, which an index answers even in a plan made for
 * all values. In the collation C that is the type's own order, else the one of
 * text_pattern_ops; bytes are ordered as code points in UTF-8 only.
 */
static OrmWhere *
with_range(const OrmSubject *subject, OrmWhere *like, const char *prefix)
{
	OrmTerm    *term = subject->term;
	char	   *after = after_prefix(prefix);
	bool		plain;
	List	   *items;

	if (subject->place.negated || term->kind != ORM_TERM_PROPERTY || term->property->column == NULL ||
		(term->type != TEXTOID && term->type != VARCHAROID) || GetDatabaseEncoding() != PG_UTF8 ||
		after == NULL || !OidIsValid(term->property->collation))
		return like;
	plain = orm_collation_is_c(term->property->collation);
	items = list_make2(like, orm_where_operation(term, "pg_catalog", plain ? ">=" : "~>=~", orm_term_text(prefix)));
	items = lappend(items, orm_where_operation(term, "pg_catalog", plain ? "<" : "~<~", orm_term_text(after)));
	return orm_where_and(items);
}

/* what the server would only object to when it meets a row */
static void
check_verbatim(const OrmOperator *op, const char *text, const OrmJson *operand)
{
	MemoryContext context = CurrentMemoryContext;
	int			escapes = 0;

	if (op->sql[1] == '~')
	{
		for (const char *c = text + strlen(text); c > text && c[-1] == '\\'; c--)
			escapes++;
		if (escapes % 2 == 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("pattern \"%s\" ends with an escape character", text),
					 orm_errdetail_at(operand, "A backslash takes the next character as it stands.")));
		return;
	}
	PG_TRY();
	{
		(void) DirectFunctionCall2Coll(op->sql[1] == '*' ? texticregexeq : textregexeq, DEFAULT_COLLATION_OID,
									   PointerGetDatum(cstring_to_text("")), PointerGetDatum(cstring_to_text(text)));
	}
	PG_CATCH();
	{
		orm_where_value_failed(context, operand);
	}
	PG_END_TRY();
}

OrmWhere *
orm_where_pattern(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op)
{
	OrmWhere   *where = orm_where_new(ORM_WHERE_COMPARE);
	const OrmJson *value = orm_where_literal(operand);
	bool		step = orm_where_is_step(subject->term);
	OrmTerm    *column = op->detail == ORM_PATTERN_VERBATIM ? orm_where_column(subject, operand) : NULL;
	char	   *text;

	if (!step && !orm_where_is_text(subject->term->type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" needs a text property, and \"%s\" is of type %s",
						operand->key, subject->name, format_type_be(subject->term->type)),
				 orm_errdetail_at(operand, "Patterns are for text.")));
	where->left = step ? orm_where_step_text(subject->term) : subject->term;
	set_pattern_operator(where, op->sql);
	if (column)
	{
		where->right = orm_where_operand(subject, operand, TEXTOID);
		return where;
	}
	if (value->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" takes a string", op->name),
				 orm_errdetail_at(operand, "%s stands here.", orm_json_a_kind(operand))));
	text = orm_json_string(value);
	if (op->detail == ORM_PATTERN_VERBATIM && !value->unknown)
		check_verbatim(op, text, operand);
	where->right = orm_term_text(op->detail == ORM_PATTERN_VERBATIM ? text : pattern_text(text, op->detail));
	if (op->detail == ORM_PATTERN_STARTS && strcmp(op->sql, "~~") == 0)
		return with_range(subject, where, text);
	return where;
}

/* ---- full text ---- */

/* a configuration of pg_catalog by its bare name, of elsewhere by a qualified one; by default the session's */
static OrmTerm *
search_config(const OrmJson *node)
{
	OrmTerm    *term = orm_term_new(ORM_TERM_CONFIG, REGCONFIGOID);
	List	   *names = NIL;
	ListCell   *cell;
	HeapTuple	tuple;
	Form_pg_ts_config form;
	Oid			config;

	if (node == NULL)
		config = getTSCurrentConfig(true);
	else
	{
		if (node->kind != ORM_JSON_STRING)
			orm_where_wrong_kind(node, "the name of a text search configuration");
		foreach(cell, orm_query_path(node, orm_json_string(node)))
			names = lappend(names, makeString(lfirst(cell)));
		if (list_length(names) == 1)
			names = lcons(makeString("pg_catalog"), names);
		config = list_length(names) == 2 ? get_ts_config_oid(names, true) : InvalidOid;
	}
	tuple = SearchSysCache1(TSCONFIGOID, ObjectIdGetDatum(config));
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no text search configuration %s", node ? orm_json_as_text(node) : "by default"),
				 node ? orm_errdetail_at(node, "A bare name is looked for in pg_catalog.") : 0,
				 errhint("One of another schema is written \"schema.name\".")));
	form = (Form_pg_ts_config) GETSTRUCT(tuple);
	term->name = quote_qualified_identifier(get_namespace_name(form->cfgnamespace), NameStr(form->cfgname));
	ReleaseSysCache(tuple);
	return term;
}

static OrmTerm *
search_query(const OrmJson *query, const OrmJson *mode, OrmTerm *config)
{
	static const char *const modes[][2] = {
		{"websearch", "websearch_to_tsquery"}, {"plain", "plainto_tsquery"}, {"phrase", "phraseto_tsquery"}
	};
	const char *name = "websearch";

	if (query->kind != ORM_JSON_STRING)
		orm_where_wrong_kind(query, "the text to search for");
	if (mode)
		name = mode->kind == ORM_JSON_STRING ? orm_json_string(mode) : "";
	for (int i = 0; i < lengthof(modes); i++)
		if (strcmp(modes[i][0], name) == 0)
			return orm_term_call(modes[i][1], TSQUERYOID, list_make2(config, orm_term_text(orm_json_string(query))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown mode %s of \"$search\"", orm_json_as_text(mode)),
			 orm_errdetail_at(mode, "A query is read in one of three ways."),
			 errhint("The modes are \"websearch\", \"plain\" and \"phrase\".")));
	return NULL;
}

static OrmTerm *
search_property(const OrmWherePlace *place, const OrmJson *node)
{
	OrmTerm    *term;
	char	   *name;

	if (node->kind != ORM_JSON_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"in\" takes a list of properties"),
				 orm_errdetail_at(node, "%s stands here.", orm_json_a_kind(node))));
	name = orm_json_string(node);
	term = orm_term_property(place->entity, orm_where_property(place->entity, name, node));
	if (term->type != TSVECTOROID && !orm_where_is_text(term->type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("property \"%s\" of type %s can't be searched", name, format_type_be(term->type)),
				 orm_errdetail_at(node, "Text and tsvector are searched.")));
	return term;
}

/* the members of the object; no other may stand there */
static void
search_members(const OrmJson *entry, const OrmJson *members[4])
{
	static const char *const names[] = {"query", "in", "config", "mode"};

	if (entry->kind != ORM_JSON_OBJECT)
		orm_where_wrong_kind(entry, "an object");
	for (int i = 0; i < entry->nitems; i++)
	{
		int			at = 0;

		while (at < lengthof(names) && strcmp(names[at], entry->items[i].key) != 0)
			at++;
		if (at == lengthof(names))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown member \"%s\" of \"$search\"", entry->items[i].key),
					 orm_errdetail_at(&entry->items[i], "A search has no such member."),
					 errhint("The members are \"query\", \"in\", \"config\" and \"mode\".")));
		members[at] = &entry->items[i];
	}
	for (int i = 0; i < 2; i++)
		if (members[i] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"$search\" lacks \"%s\"", names[i]),
					 orm_errdetail_at(entry, "The query, and the properties it is searched in, have to be said.")));
}

OrmWhere *
orm_where_search(const OrmWherePlace *place, const OrmJson *entry)
{
	const OrmJson *members[4] = {0};
	OrmTerm    *config;
	OrmTerm    *query;
	List	   *texts = NIL;
	List	   *items = NIL;

	search_members(entry, members);
	config = search_config(members[2]);
	query = search_query(members[0], members[3], config);
	if (members[1]->kind != ORM_JSON_ARRAY || members[1]->nitems == 0)
		orm_where_wrong_kind(members[1], "a list of one property or more");
	for (int i = 0; i < members[1]->nitems; i++)
	{
		OrmTerm    *term = search_property(place, &members[1]->items[i]);

		if (term->type == TSVECTOROID)
			items = lappend(items, orm_where_operation(term, "pg_catalog", "@@", query));
		else
			texts = lappend(texts, term->type == TEXTOID || term->type == VARCHAROID ? term
							: orm_term_cast(term, TEXTOID));
	}
	if (texts != NIL)
	{
		OrmTerm    *text = linitial(texts);

		if (list_length(texts) > 1)
		{
			text = orm_term_new(ORM_TERM_CONCAT, TEXTOID);
			text->args = texts;
		}
		text = orm_term_call("to_tsvector", TSVECTOROID, list_make2(config, text));
		items = lappend(items, orm_where_operation(text, "pg_catalog", "@@", query));
	}
	return list_length(items) == 1 ? linitial(items) : orm_where_or(items);
}
