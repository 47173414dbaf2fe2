/*
 * reloptions.c
 *	  Takes the options in the namespace "orm" out of a DDL statement.
 *
 * The grammar lets "namespace.option = value" through wherever a relation or
 * a column has storage options, and analysis refuses a namespace it does not
 * know. So the options are taken out before, and no other option is touched.
 *
 * The tree is only ever made smaller: a list node made here would live in the
 * caller's memory context, which may be gone long before the statement is.
 * A SET or RESET that has lost all its options goes too, because ALTER TABLE
 * takes an AccessExclusiveLock for an empty one; with no subcommand left it
 * takes a ShareUpdateExclusiveLock and still checks who owns the relation.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "nodes/value.h"

#include "declare/reloptions.h"

#define OPTION_NAMESPACE "orm"

typedef enum OptionType
{
	OPTION_BOOL,
	OPTION_TEXT,
	OPTION_NAMES,				/* comma separated in one string */
	OPTION_KEYWORD
} OptionType;

typedef struct OptionDefinition
{
	const char *name;
	bool		of_column;
	OptionType	type;
	const char *keywords[5];	/* NULL-terminated */
} OptionDefinition;

static const OptionDefinition option_definitions[] = {
	[ORM_OPTION_ENTITY] = {"entity", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_KEY] = {"key", false, OPTION_NAMES, {NULL}},
	[ORM_OPTION_COLUMNS] = {"columns", false, OPTION_NAMES, {NULL}},
	[ORM_OPTION_NAMING] = {"naming", false, OPTION_KEYWORD, {"column", "camel", NULL}},
	[ORM_OPTION_VERSION] = {"version", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_SOFT_DELETE] = {"soft_delete", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_CREATED_AT] = {"created_at", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_UPDATED_AT] = {"updated_at", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_FLEX] = {"flex", false, OPTION_TEXT, {NULL}},
	[ORM_OPTION_DERIVE] = {"derive", false, OPTION_BOOL, {NULL}},
	[ORM_OPTION_PROPERTY] = {"property", true, OPTION_TEXT, {NULL}},
	[ORM_OPTION_INSERT] = {"insert", true, OPTION_BOOL, {NULL}},
	[ORM_OPTION_UPDATE] = {"update", true, OPTION_BOOL, {NULL}},
	[ORM_OPTION_HIDDEN] = {"hidden", true, OPTION_BOOL, {NULL}},
	[ORM_OPTION_LAZY] = {"lazy", true, OPTION_BOOL, {NULL}},
	[ORM_OPTION_CAST] = {"cast", true, OPTION_TEXT, {NULL}},
	[ORM_OPTION_RELATION] = {"relation", true, OPTION_TEXT, {NULL}},
	[ORM_OPTION_INVERSE] = {"inverse", true, OPTION_TEXT, {NULL}},
	[ORM_OPTION_ON_MISSING] = {"on_missing", true, OPTION_KEYWORD, {"delete", "unlink", "ignore", "error", NULL}},
	[ORM_OPTION_ON_FOREIGN] = {"on_foreign", true, OPTION_KEYWORD, {"error", "move", NULL}},
	[ORM_OPTION_OWNED] = {"owned", true, OPTION_BOOL, {NULL}},
};

static bool
is_ours(const DefElem *def)
{
	return def->defnamespace != NULL && strcmp(def->defnamespace, OPTION_NAMESPACE) == 0;
}

static bool
list_has_ours(List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (is_ours(lfirst_node(DefElem, lc)))
			return true;
	}
	return false;
}

/* ---------- values ---------- */

static char *
join_names(List *names)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, names)
		appendStringInfo(&text, "%s%s", foreach_current_index(lc) > 0 ? ", " : "", (char *) lfirst(lc));
	return text.data;
}

/* errhint that names all options of a relation or of a column */
static int
hint_options(bool of_column)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(option_definitions); i++)
	{
		if (option_definitions[i].of_column == of_column)
			names = lappend(names, psprintf("orm.%s", option_definitions[i].name));
	}
	return errhint("Valid options of a %s are %s.", of_column ? "column" : "relation",
				   join_names(names));
}

static OrmOptionId
option_lookup(const DefElem *def, bool of_column)
{
	bool		elsewhere = false;

	for (int i = 0; i < lengthof(option_definitions); i++)
	{
		if (strcmp(option_definitions[i].name, def->defname) != 0)
			continue;
		if (option_definitions[i].of_column == of_column)
			return (OrmOptionId) i;
		elsewhere = true;
	}

	if (elsewhere)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 of_column ? errmsg("option \"orm.%s\" is of a relation, not of a column", def->defname)
				 : errmsg("option \"orm.%s\" is of a column, not of a relation", def->defname),
				 hint_options(of_column)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized option \"orm.%s\"", def->defname),
			 hint_options(of_column)));
}

/*
 * The text of a value: a string constant, or one of on, off, true and false,
 * of which the grammar makes a string, a boolean or a type's name. NULL for
 * everything else, an unquoted word above all.
 */
static const char *
value_text(const DefElem *def)
{
	switch (nodeTag(def->arg))
	{
		case T_String:
			return strVal(def->arg);
		case T_Boolean:
			return boolVal(def->arg) ? "true" : "false";
		case T_TypeName:
			{
				TypeName   *type = (TypeName *) def->arg;

				if (list_length(type->names) == 1 && type->typmods == NIL && type->arrayBounds == NIL &&
					!type->setof && !type->pct_type && strcmp(strVal(linitial(type->names)), "off") == 0)
					return "off";
				return NULL;
			}
		default:
			return NULL;
	}
}

static bool
value_bool(const OptionDefinition *definition, const DefElem *def)
{
	const char *value;

	if (def->arg == NULL)
		return true;
	value = value_text(def);
	if (value != NULL && (pg_strcasecmp(value, "on") == 0 || pg_strcasecmp(value, "true") == 0))
		return true;
	if (value != NULL && (pg_strcasecmp(value, "off") == 0 || pg_strcasecmp(value, "false") == 0))
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 value ? errmsg("invalid value for option \"orm.%s\": \"%s\"", definition->name, value)
			 : errmsg("invalid value for option \"orm.%s\"", definition->name),
			 errhint("Valid values are on, off, true and false.")));
}

static const char *
value_string(const OptionDefinition *definition, const DefElem *def)
{
	if (def->arg == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"orm.%s\" needs a value", definition->name),
				 errhint("Write orm.%s = '...'.", definition->name)));
	if (!IsA(def->arg, String))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value of option \"orm.%s\" must be a string constant", definition->name),
				 errdetail("An unquoted word would be folded to lower case."),
				 errhint("Write orm.%s = '...'.", definition->name)));
	if (strVal(def->arg)[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value of option \"orm.%s\" must not be empty", definition->name)));
	return strVal(def->arg);
}

static void
check_keyword(const OptionDefinition *definition, const char *value)
{
	List	   *keywords = NIL;

	for (const char *const *keyword = definition->keywords; *keyword; keyword++)
	{
		if (strcmp(*keyword, value) == 0)
			return;
		keywords = lappend(keywords, pstrdup(*keyword));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"orm.%s\": \"%s\"", definition->name, value),
			 errhint("Valid values are %s.", join_names(keywords))));
}

/*
 * One name of a list, from *cursor on: up to the next comma without the blanks
 * around it, case kept, or in double quotes as in SQL. Leaves *cursor at the
 * comma or the end. NULL when there is no name.
 */
static char *
next_name(const char **cursor)
{
	const char *p = *cursor;
	StringInfoData name;

	initStringInfo(&name);
	while (*p == ' ' || *p == '\t' || *p == '\n')
		p++;
	if (*p == '"')
	{
		for (p++; *p != '\0' && (*p != '"' || p[1] == '"'); p++)
		{
			if (*p == '"')
				p++;
			appendStringInfoChar(&name, *p);
		}
		if (*p != '"')
			return NULL;
		for (p++; *p == ' ' || *p == '\t' || *p == '\n'; p++)
			;
		if (*p != ',' && *p != '\0')
			return NULL;
	}
	else
	{
		for (; *p != ',' && *p != '\0'; p++)
			appendStringInfoChar(&name, *p);
		while (name.len > 0 && strchr(" \t\n", name.data[name.len - 1]) != NULL)
			name.data[--name.len] = '\0';
	}
	*cursor = p;
	return name.len > 0 ? name.data : NULL;
}

static List *
split_names(const OptionDefinition *definition, const char *value)
{
	List	   *names = NIL;
	const char *cursor = value;

	for (;;)
	{
		char	   *name = next_name(&cursor);

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"orm.%s\": \"%s\"", definition->name, value),
					 errhint("Write the names in one string, separated by commas.")));
		names = lappend(names, name);
		if (*cursor == '\0')
			return names;
		cursor++;
	}
}

static OrmOption *
read_option(const DefElem *def, bool of_column, bool reset)
{
	OrmOption  *option = palloc0(sizeof(OrmOption));
	const OptionDefinition *definition;

	option->id = option_lookup(def, of_column);
	definition = &option_definitions[option->id];

	if (reset)
	{
		if (def->arg != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_SYNTAX_ERROR),
					 errmsg("RESET must not include values for parameters")));
		return option;
	}

	switch (definition->type)
	{
		case OPTION_BOOL:
			option->flag = value_bool(definition, def);
			break;
		case OPTION_TEXT:
			option->text = pstrdup(value_string(definition, def));
			break;
		case OPTION_KEYWORD:
			option->text = pstrdup(value_string(definition, def));
			check_keyword(definition, option->text);
			break;
		case OPTION_NAMES:
			option->names = split_names(definition, value_string(definition, def));
			break;
	}
	return option;
}

/* ---------- taking out ---------- */

/* what a list of options says, or NULL; our options leave the list */
static OrmOptionClause *
take_clause(List **options, const char *column, bool reset)
{
	OrmOptionClause *clause = NULL;
	ListCell   *lc;

	foreach(lc, *options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		OrmOption  *option;
		ListCell   *seen;

		if (!is_ours(def))
			continue;
		option = read_option(def, column != NULL, reset);
		if (clause == NULL)
		{
			clause = palloc0(sizeof(OrmOptionClause));
			clause->column = column ? pstrdup(column) : NULL;
			clause->reset = reset;
		}
		foreach(seen, clause->options)
		{
			if (((OrmOption *) lfirst(seen))->id == option->id)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("option \"orm.%s\" specified more than once", def->defname)));
		}
		clause->options = lappend(clause->options, option);
		*options = foreach_delete_current(*options, lc);
	}
	return clause;
}

static List *
take_created(List *subjects, RangeVar *relation, List **options, char relkind, bool replace)
{
	OrmOptionSubject *subject;
	OrmOptionClause *clause = take_clause(options, NULL, false);

	if (clause == NULL)
		return subjects;
	if (relation->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("temporary relation \"%s\" cannot bear an entity", relation->relname)));

	subject = palloc0(sizeof(OrmOptionSubject));
	subject->relation = copyObject(relation);
	subject->relkind = relkind;
	subject->replace = replace;
	subject->clauses = list_make1(clause);
	return lappend(subjects, subject);
}

static void
refuse_index(const char *index)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 index ? errmsg("index \"%s\" cannot bear an entity", index)
			 : errmsg("an index cannot bear an entity"),
			 errhint("Set the options in the namespace \"orm\" on its table.")));
}

/* is it a subcommand that may hold options? */
static bool
sets_options(const AlterTableCmd *cmd)
{
	return cmd->subtype == AT_SetRelOptions || cmd->subtype == AT_ResetRelOptions ||
		cmd->subtype == AT_SetOptions || cmd->subtype == AT_ResetOptions;
}

static List *
take_altered(List *subjects, AlterTableStmt *stmt)
{
	OrmOptionSubject *subject;
	List	   *clauses = NIL;
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		bool		of_column = cmd->subtype == AT_SetOptions || cmd->subtype == AT_ResetOptions;
		bool		reset = cmd->subtype == AT_ResetRelOptions || cmd->subtype == AT_ResetOptions;
		List	   *options;

		if (!sets_options(cmd) || !list_has_ours((List *) cmd->def))
			continue;
		if (stmt->objtype == OBJECT_INDEX)
			refuse_index(stmt->relation->relname);
		options = (List *) cmd->def;
		clauses = lappend(clauses, take_clause(&options, of_column ? cmd->name : NULL, reset));
		cmd->def = (Node *) options;
		if (options == NIL)
			stmt->cmds = foreach_delete_current(stmt->cmds, lc);
	}
	if (clauses == NIL)
		return subjects;

	subject = palloc0(sizeof(OrmOptionSubject));
	subject->relation = copyObject(stmt->relation);
	subject->alter = stmt;
	subject->clauses = clauses;
	return lappend(subjects, subject);
}

/* the CREATE TABLE AS that an EXPLAIN explains, or NULL */
static Node *
explained(ExplainStmt *stmt)
{
	if (stmt->query != NULL && IsA(stmt->query, Query))
		return ((Query *) stmt->query)->utilityStmt;
	return NULL;
}

static List *
take_statement(List *subjects, Node *node)
{
	ListCell   *lc;

	if (node == NULL)
		return subjects;
	switch (nodeTag(node))
	{
		case T_CreateStmt:
			{
				CreateStmt *stmt = (CreateStmt *) node;

				return take_created(subjects, stmt->relation, &stmt->options, RELKIND_RELATION, false);
			}
		case T_ViewStmt:
			{
				ViewStmt   *stmt = (ViewStmt *) node;

				return take_created(subjects, stmt->view, &stmt->options, RELKIND_VIEW, stmt->replace);
			}
		case T_CreateTableAsStmt:
			{
				CreateTableAsStmt *stmt = (CreateTableAsStmt *) node;

				return take_created(subjects, stmt->into->rel, &stmt->into->options,
									stmt->objtype == OBJECT_MATVIEW ? RELKIND_MATVIEW : RELKIND_RELATION,
									false);
			}
		case T_AlterTableStmt:
			return take_altered(subjects, (AlterTableStmt *) node);
		case T_CreateSchemaStmt:
			foreach(lc, ((CreateSchemaStmt *) node)->schemaElts)
				subjects = take_statement(subjects, lfirst(lc));
			return subjects;
		case T_ExplainStmt:
			return take_statement(subjects, explained((ExplainStmt *) node));
		case T_IndexStmt:
			if (list_has_ours(((IndexStmt *) node)->options))
				refuse_index(((IndexStmt *) node)->idxname);
			return subjects;
		default:
			return subjects;
	}
}

List *
orm_reloptions_take(Node *stmt)
{
	return take_statement(NIL, stmt);
}

bool
orm_reloptions_present(Node *node)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_CreateStmt:
			return list_has_ours(((CreateStmt *) node)->options);
		case T_ViewStmt:
			return list_has_ours(((ViewStmt *) node)->options);
		case T_CreateTableAsStmt:
			return list_has_ours(((CreateTableAsStmt *) node)->into->options);
		case T_IndexStmt:
			return list_has_ours(((IndexStmt *) node)->options);
		case T_ExplainStmt:
			return orm_reloptions_present(explained((ExplainStmt *) node));
		case T_AlterTableStmt:
			foreach(lc, ((AlterTableStmt *) node)->cmds)
			{
				AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

				if (sets_options(cmd) && list_has_ours((List *) cmd->def))
					return true;
			}
			return false;
		case T_CreateSchemaStmt:
			foreach(lc, ((CreateSchemaStmt *) node)->schemaElts)
			{
				if (orm_reloptions_present(lfirst(lc)))
					return true;
			}
			return false;
		default:
			return false;
	}
}
