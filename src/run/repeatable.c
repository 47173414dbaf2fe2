/*
 * repeatable.c
 *	  Looks through the queries of plans, views and policies of theirs included,
 *	  for what depends on more than rows and role.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "run/repeatable.h"

static bool
is_mutable(Oid function, void *context)
{
	return func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

/* an array is as good as its elements, whatever array_in and array_out are marked as */
static bool
array_is_mutable(const CoerceViaIO *cast)
{
	Oid			from = exprType((Node *) cast->arg);
	Oid			elements[2] = {get_element_type(from), get_element_type(cast->resulttype)};
	Oid			function;
	Oid			ioparam;
	bool		varlena;

	getTypeOutputInfo(OidIsValid(elements[0]) ? elements[0] : from, &function, &varlena);
	if (is_mutable(function, NULL))
		return true;
	getTypeInputInfo(OidIsValid(elements[1]) ? elements[1] : cast->resulttype, &function, &ioparam);
	return is_mutable(function, NULL);
}

static bool
find_mutable(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceViaIO))
	{
		if (array_is_mutable((CoerceViaIO *) node))
			return true;
	}
	else if (IsA(node, SQLValueFunction) || IsA(node, NextValueExpr) || check_functions_in_node(node, is_mutable, NULL))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, find_mutable, context, 0);
	return expression_tree_walker(node, find_mutable, context);
}

static bool
table_is_lasting(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	bool		lasting;

	if (rel == NULL)
		return false;
	/* such a table may be emptied without a trace */
	lasting = rel->rd_createSubid == InvalidSubTransactionId && !orm_relation_is_rewritten(rel);
	relation_close(rel, NoLock);
	return lasting && check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

static bool
plan_is_repeatable(const CachedPlanSource *source)
{
	ListCell   *cell;

	foreach(cell, source->query_list)
		if (find_mutable(lfirst(cell), NULL))
			return false;
	foreach(cell, source->relationOids)
		if (!table_is_lasting(lfirst_oid(cell)))
			return false;
	return true;
}

bool
orm_level_repeatable(const OrmLevel *level)
{
	check_stack_depth();
	if (level->plan && !plan_is_repeatable(level->plan->source))
		return false;
	for (int i = 0; i < level->nchildren; i++)
		if (!orm_level_repeatable(level->children[i]))
			return false;
	return true;
}
