/*
 * expression.c
 *	  Analyses the expressions of computed properties.
 */
#include "base/compat.h"

#include "access/table.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_expr.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "query/expression.h"

int
orm_expression_path_begin(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
orm_expression_path_end(int level)
{
	AtEOXact_GUC(true, level);
}

/* the analysed expression; its columns belong to range table entry 1 */
static Node *
analyse(OrmEntity *entity, OrmProperty *property)
{
	char	   *text = psprintf("SELECT (\n%s\n)", property->expression);
	RawStmt    *raw = linitial_node(RawStmt, raw_parser(text, RAW_PARSE_DEFAULT));
	SelectStmt *select = castNode(SelectStmt, raw->stmt);
	ResTarget  *target = linitial_node(ResTarget, select->targetList);
	ParseState *state = make_parsestate(NULL);
	Relation	rel = table_open(entity->relid, AccessShareLock);
	ParseNamespaceItem *item;
	Node	   *expression;

	state->p_sourcetext = text;
	item = addRangeTableEntryForRelation(state, rel, AccessShareLock, NULL, false, true);
	addNSItemToQuery(state, item, false, true, true);
	expression = transformExpr(state, target->val, EXPR_KIND_SELECT_TARGET);
	assign_expr_collations(state, expression);
	free_parsestate(state);
	table_close(rel, NoLock);
	return expression;
}

Oid
orm_expression_type(OrmEntity *entity, OrmProperty *property)
{
	int			level = orm_expression_path_begin();
	Oid			type = exprType(analyse(entity, property));

	orm_expression_path_end(level);
	return type;
}

char *
orm_expression_text(OrmEntity *entity, OrmProperty *property, const char *alias)
{
	int			level = orm_expression_path_begin();
	Node	   *expression = analyse(entity, property);
	List	   *context = deparse_context_for(alias, entity->relid);
	char	   *text = deparse_expression(expression, context, true, false);

	orm_expression_path_end(level);
	return text;
}
