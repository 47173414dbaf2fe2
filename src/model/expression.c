/*
 * expression.c
 *	  SQL expressions over one relation: analysis and qualified text.
 *
 * Where SQL has no place for a schema (IS DISTINCT FROM, NULLIF, CASE x WHEN,
 * IN (SELECT ...), USING) an operator is still looked up on the reader's path,
 * with operands whose types fit the server's own exactly.
 *
 * The server deparses an expression with as few qualifications as the current
 * search_path allows, and pg_catalog is on every path. So the text is deparsed
 * under a path of pg_catalog alone, where a bare name can only mean
 * pg_catalog's, and then every bare name is given that schema.
 */
#include "base/compat.h"

#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_param.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "model/expression.h"

/* the name under which a kept text speaks of its own relation where it must */
#define SELF "self"

/* errors of the parser point into the expression, not into the statement that declares it */
static void
expression_error_callback(void *arg)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery((const char *) arg);
	}
}

static void
push_error_context(ErrorContextCallback *callback, const char *text)
{
	callback->callback = expression_error_callback;
	callback->arg = unconstify(char *, text);
	callback->previous = error_context_stack;
	error_context_stack = callback;
}

/* is it nothing but one unnamed target? */
static bool
is_one_target(SelectStmt *select)
{
	ResTarget  *target;

	if (select->op != SETOP_NONE || list_length(select->targetList) != 1 ||
		select->distinctClause != NIL || select->intoClause != NULL || select->fromClause != NIL ||
		select->whereClause != NULL || select->groupClause != NIL || select->havingClause != NULL ||
		select->windowClause != NIL || select->valuesLists != NIL || select->sortClause != NIL ||
		select->limitOffset != NULL || select->limitCount != NULL || select->lockingClause != NIL ||
		select->withClause != NULL)
		return false;
	target = linitial_node(ResTarget, select->targetList);
	/* a star stands for any number of targets, and transformExpr does not expect one */
	if (IsA(target->val, ColumnRef) && IsA(llast(((ColumnRef *) target->val)->fields), A_Star))
		return false;
	return target->name == NULL && target->indirection == NIL;
}

static Node *
parse_one_expression(const char *text)
{
	List	   *parsed = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select = castNode(SelectStmt, linitial_node(RawStmt, parsed)->stmt);

	if (!is_one_target(select))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("\"%s\" is not one scalar expression", text),
				 errhint("Write one expression over the columns of the relation, without a name; a SELECT stands in parentheses.")));
	return linitial_node(ResTarget, select->targetList)->val;
}

/* the relation's columns stand bare, under its name, and under SELF */
static void
add_relation(ParseState *pstate, Relation rel)
{
	ParseNamespaceItem *item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock, NULL, false, true);

	addNSItemToQuery(pstate, item, false, true, true);
	if (strcmp(RelationGetRelationName(rel), SELF) != 0)
	{
		ParseNamespaceItem *self = palloc(sizeof(ParseNamespaceItem));

		*self = *item;
		/* names that are not the entry's own would be taken for a join's, and its row for a record */
		self->p_rte = copyObject(item->p_rte);
		self->p_names = self->p_rte->eref;
		self->p_names->aliasname = SELF;
		addNSItemToQuery(pstate, self, false, true, false);
	}
}

static void
check_scalar(ParseState *pstate, Node *expr, const char *text)
{
	if (pstate->p_hasAggs)
		ereport(ERROR,
				(errcode(ERRCODE_GROUPING_ERROR),
				 errmsg("aggregate functions are not allowed in \"%s\"", text)));
	if (pstate->p_hasWindowFuncs)
		ereport(ERROR,
				(errcode(ERRCODE_WINDOWING_ERROR),
				 errmsg("window functions are not allowed in \"%s\"", text)));
	if (expression_returns_set(expr))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-returning functions are not allowed in \"%s\"", text)));
	if (get_typtype(getBaseType(exprType(expr))) == TYPTYPE_PSEUDO)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("\"%s\" is of pseudo-type %s", text, format_type_be(exprType(expr)))));
}

/* the arguments of a predicate: their types as the parser finds them, by number */
typedef struct Arguments
{
	int			ntypes;
	Oid		   *types;
} Arguments;

/*
 * The analysed tree; "subqueries" tells whether columns need a prefix when it
 * is deparsed. With arguments it is a predicate.
 */
static Node *
analyse(Relation rel, const char *text, Arguments *arguments, bool *subqueries)
{
	ErrorContextCallback callback;
	ParseState *pstate = make_parsestate(NULL);
	Node	   *expr;

	push_error_context(&callback, text);
	expr = parse_one_expression(text);
	pstate->p_sourcetext = text;
	add_relation(pstate, rel);
	if (arguments)
		setup_parse_variable_parameters(pstate, &arguments->types, &arguments->ntypes);
	expr = transformExpr(pstate, expr, EXPR_KIND_OTHER);
	if (arguments)
		expr = coerce_to_boolean(pstate, expr, "predicate");
	if (exprType(expr) == UNKNOWNOID)
		expr = coerce_type(pstate, expr, UNKNOWNOID, TEXTOID, -1, COERCION_IMPLICIT,
						   COERCE_IMPLICIT_CAST, -1);
	assign_expr_collations(pstate, expr);
	check_scalar(pstate, expr, text);
	error_context_stack = callback.previous;

	*subqueries = pstate->p_hasSubLinks;
	free_parsestate(pstate);
	return expr;
}

/* a place in a text and what goes in there */
typedef struct Insertion
{
	int			location;
	int			skip;			/* bytes of the text that are replaced */
	char	   *text;
} Insertion;

typedef struct Edit
{
	const char *text;
	List	   *insertions;		/* Insertion * */
	const char *from;			/* rename_column only */
	const char *to;
} Edit;

static void
insert_at(Edit *edit, int location, int skip, const char *text)
{
	Insertion  *insertion = palloc(sizeof(Insertion));

	if (location < 0)
		return;
	insertion->location = location;
	insertion->skip = skip;
	insertion->text = pstrdup(text);
	edit->insertions = lappend(edit->insertions, insertion);
}

/* does the text have this name, as the server quotes it, at this place? */
static bool
name_stands_at(Edit *edit, int location, const char *name)
{
	const char *quoted = quote_identifier(name);

	return location >= 0 && strncmp(edit->text + location, quoted, strlen(quoted)) == 0;
}

static void
qualify_operator(Edit *edit, A_Expr *expr)
{
	const char *name;

	if (list_length(expr->name) != 1 || expr->location < 0)
		return;
	name = strVal(linitial(expr->name));
	if (strncmp(edit->text + expr->location, name, strlen(name)) == 0)
		insert_at(edit, expr->location, strlen(name), psprintf("OPERATOR(pg_catalog.%s)", name));
}

static bool
qualify_walker(Node *node, void *context)
{
	Edit	   *edit = context;

	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
	{
		FuncCall   *call = (FuncCall *) node;

		if (list_length(call->funcname) == 1 &&
			name_stands_at(edit, call->location, strVal(linitial(call->funcname))))
			insert_at(edit, call->location, 0, "pg_catalog.");
	}
	else if (IsA(node, TypeName))
	{
		TypeName   *type = (TypeName *) node;

		if (list_length(type->names) == 1 && name_stands_at(edit, type->location, strVal(linitial(type->names))))
			insert_at(edit, type->location, 0, "pg_catalog.");
	}
	else if (IsA(node, CollateClause))
	{
		CollateClause *collate = (CollateClause *) node;
		int			location = collate->location + strlen("COLLATE ");

		if (list_length(collate->collname) == 1 && collate->location >= 0 &&
			name_stands_at(edit, location, strVal(linitial(collate->collname))))
			insert_at(edit, location, 0, "pg_catalog.");
	}
	else if (IsA(node, RangeVar))
	{
		RangeVar   *range = (RangeVar *) node;

		/* a name that WITH gives inside the expression is not in the catalogs */
		if (range->schemaname == NULL && name_stands_at(edit, range->location, range->relname) &&
			OidIsValid(get_relname_relid(range->relname, PG_CATALOG_NAMESPACE)))
			insert_at(edit, range->location, 0, "pg_catalog.");
	}
	else if (IsA(node, A_Expr))
		qualify_operator(edit, (A_Expr *) node);
	return raw_expression_tree_walker(node, qualify_walker, context);
}

static int
compare_insertions(const ListCell *a, const ListCell *b)
{
	return ((Insertion *) lfirst(a))->location - ((Insertion *) lfirst(b))->location;
}

static char *
apply_edit(Edit *edit)
{
	StringInfoData out;
	int			done = 0;
	ListCell   *cell;

	initStringInfo(&out);
	list_sort(edit->insertions, compare_insertions);
	foreach(cell, edit->insertions)
	{
		Insertion  *insertion = lfirst(cell);

		if (insertion->location < done)
			continue;			/* one node may be met twice */
		appendBinaryStringInfo(&out, edit->text + done, insertion->location - done);
		appendStringInfoString(&out, insertion->text);
		done = insertion->location + insertion->skip;
		if (insertion->skip == 0)
		{
			/* what follows is the name itself: step over its first byte */
			appendStringInfoChar(&out, edit->text[done]);
			done++;
		}
	}
	appendStringInfoString(&out, edit->text + done);
	return out.data;
}

/*
 * The settings under which text is written, until AtEOXact_GUC: a constant in
 * it is read back under whatever settings the reader has, and has to be the
 * same text whoever writes it.
 */
static int
enter_neutral_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"DateStyle", "ISO, MDY"},
		{"IntervalStyle", "iso_8601"},
		{"TimeZone", "UTC"},
		{"extra_float_digits", "1"},
		{"bytea_output", "hex"},
		{"quote_all_identifiers", "off"},
	};
	int			level = NewGUCNestLevel();

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* the tree as text in which no name is looked up on a path */
static char *
deparse_qualified(Node *expr, Relation rel, const char *alias, bool prefix)
{
	List	   *context = deparse_context_for(alias, RelationGetRelid(rel));
	Edit		edit = {0};
	int			level = enter_neutral_settings();

	edit.text = deparse_expression(expr, context, prefix, false);
	qualify_walker(parse_one_expression(edit.text), &edit);
	AtEOXact_GUC(true, level);
	return apply_edit(&edit);
}

void
orm_expression_analyse(OrmExpression *result, Relation rel, const char *text)
{
	bool		subqueries;
	Node	   *expr = analyse(rel, text, NULL, &subqueries);

	result->text = deparse_qualified(expr, rel, SELF, subqueries);
	result->type = exprType(expr);
	result->typmod = exprTypmod(expr);
	result->collation = exprCollation(expr);
}

char *
orm_expression_under_alias(Relation rel, const char *text, const char *alias)
{
	bool		subqueries;
	Node	   *expr = analyse(rel, text, NULL, &subqueries);

	return deparse_qualified(expr, rel, alias, true);
}

/* columns of the relation at hand, seen from "depth" queries further in */
typedef struct ColumnWalk
{
	int			depth;
	Bitmapset  *columns;
} ColumnWalk;

static bool
note_column(Node *node, void *context)
{
	ColumnWalk *walk = context;
	bool		done;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varlevelsup == walk->depth && var->varattno >= 0)
			walk->columns = bms_add_member(walk->columns, var->varattno);
		return false;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, note_column, context);
	walk->depth++;
	done = query_tree_walker((Query *) node, note_column, context, 0);
	walk->depth--;
	return done;
}

Bitmapset *
orm_expression_columns(Relation rel, const char *text)
{
	bool		subqueries;
	ColumnWalk	walk = {0};

	(void) note_column(analyse(rel, text, NULL, &subqueries), &walk);
	return walk.columns;
}

/* ---- predicates ---- */

/* where in a tree its arguments are looked at, and what they become */
typedef struct ArgumentWalk
{
	const Arguments *arguments;
	const int  *numbers;		/* NULL: as they are */
} ArgumentWalk;

/* one seen before its type was known keeps no type of its own */
static bool
argument_is_unclear(Node *node, void *context)
{
	const Arguments *arguments = context;

	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXTERN)
	{
		Param	   *param = (Param *) node;

		if (param->paramtype != arguments->types[param->paramid - 1] || param->paramtype == UNKNOWNOID)
			ereport(ERROR,
					(errcode(param->paramtype == UNKNOWNOID ? ERRCODE_INDETERMINATE_DATATYPE :
							 ERRCODE_AMBIGUOUS_PARAMETER),
					 errmsg("could not determine data type of argument $%d", param->paramid),
					 errhint("Cast it: $%d::bigint.", param->paramid)));
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, argument_is_unclear, context, 0);
	return expression_tree_walker(node, argument_is_unclear, context);
}

static void
check_arguments(Node *expr, Arguments *arguments, int nargs)
{
	for (int i = nargs; i < arguments->ntypes; i++)
		if (OidIsValid(arguments->types[i]))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_PARAMETER),
					 errmsg("there is no argument $%d", i + 1),
					 errhint("Name it in \"arguments\".")));
	for (int i = 0; i < nargs; i++)
		if (i >= arguments->ntypes || !OidIsValid(arguments->types[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument $%d does not stand in the predicate", i + 1)));
	(void) argument_is_unclear(expr, arguments);
}

/* a cast that is written out gives an argument the same type whenever the text is read again */
static Node *
write_out_arguments(Node *node, void *context)
{
	ArgumentWalk *walk = context;

	if (node == NULL)
		return NULL;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXTERN)
	{
		Param	   *param = copyObject((Param *) node);

		if (walk->numbers)
			param->paramid = walk->numbers[param->paramid - 1];
		return (Node *) makeRelabelType((Expr *) param, param->paramtype, -1, param->paramcollid,
										COERCE_EXPLICIT_CAST);
	}
	if (IsA(node, Query))
		return (Node *) query_tree_mutator((Query *) node, write_out_arguments, context, 0);
	return expression_tree_mutator(node, write_out_arguments, context);
}

static Node *
analyse_predicate(Relation rel, const char *text, Arguments *arguments, int nargs, const int *numbers,
				  bool *subqueries)
{
	Node	   *expr;
	ArgumentWalk walk = {arguments, numbers};

	arguments->ntypes = nargs;
	arguments->types = palloc0(sizeof(Oid) * Max(nargs, 1));
	expr = analyse(rel, text, arguments, subqueries);
	check_arguments(expr, arguments, nargs);
	return write_out_arguments(expr, &walk);
}

char *
orm_predicate_analyse(Relation rel, const char *text, int nargs, Oid *types)
{
	Arguments	arguments;
	bool		subqueries;
	Node	   *expr = analyse_predicate(rel, text, &arguments, nargs, NULL, &subqueries);

	memcpy(types, arguments.types, sizeof(Oid) * nargs);
	return deparse_qualified(expr, rel, SELF, subqueries);
}

char *
orm_predicate_under_alias(Relation rel, const char *text, const char *alias, int nargs, const int *numbers)
{
	Arguments	arguments;
	bool		subqueries;
	Node	   *expr = analyse_predicate(rel, text, &arguments, nargs, numbers, &subqueries);

	return deparse_qualified(expr, rel, alias, true);
}

/* ---- renames ---- */

/* a bare column, or one under SELF: not those of relations inside a subquery that bear a prefix */
static bool
rename_walker(Node *node, void *context)
{
	Edit	   *edit = context;

	if (node == NULL)
		return false;
	if (IsA(node, ColumnRef))
	{
		ColumnRef  *ref = (ColumnRef *) node;
		int			location = ref->location;
		Node	   *last = llast(ref->fields);

		if (list_length(ref->fields) == 2 && IsA(linitial(ref->fields), String) &&
			strcmp(strVal(linitial(ref->fields)), SELF) == 0)
			location += strlen(SELF ".");
		else if (list_length(ref->fields) != 1)
			return false;
		if (IsA(last, String) && strcmp(strVal(last), edit->from) == 0 &&
			name_stands_at(edit, location, edit->from))
			insert_at(edit, location, strlen(quote_identifier(edit->from)), quote_identifier(edit->to));
		return false;
	}
	return raw_expression_tree_walker(node, rename_walker, context);
}

char *
orm_expression_rename_column(const char *text, const char *from, const char *to, bool *mentioned)
{
	Edit		edit = {.text = text,.from = from,.to = to};
	int			level = enter_neutral_settings();

	rename_walker(parse_one_expression(text), &edit);
	AtEOXact_GUC(true, level);
	if (mentioned)
		*mentioned = edit.insertions != NIL;
	return apply_edit(&edit);
}
