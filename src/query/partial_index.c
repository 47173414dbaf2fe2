/*
 * partial_index.c
 *	  Whether a partial index finds the rows that a relation's query asks for.
 *
 * The proof is the server's, of conditions as the planner will see them; this
 * file only says them in its terms.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "access/genam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "model/derive.h"
#include "query/partial_index.h"
#include "query/predicate.h"
#include "query/where.h"

static Expr *
column(Oid relid, const char *name)
{
	AttrNumber	attnum = get_attnum(relid, name);
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, attnum, &type, &typmod, &collation);
	return (Expr *) makeVar(1, attnum, type, typmod, collation, 0);
}

/* the term as a column of the rows themselves, or NULL */
static Expr *
own_column(Oid relid, const OrmTerm *term)
{
	if (term->kind != ORM_TERM_PROPERTY || term->up > 0 || term->path != NIL || term->property->column == NULL)
		return NULL;
	return column(relid, term->property->column);
}

static List *
add_null_test(List *clauses, Expr *argument, NullTestType type)
{
	NullTest   *test;

	if (argument == NULL || type_is_rowtype(exprType((Node *) argument)))
		return clauses;
	test = makeNode(NullTest);
	test->arg = argument;
	test->nulltesttype = type;
	test->location = -1;
	return lappend(clauses, test);
}

static List *
add_trashed(List *clauses, Oid relid, const OrmPredicate *predicate)
{
	BooleanTest *test;

	if (predicate->text != NULL)
		return clauses;
	if (strcmp(predicate->test, "IS NULL") == 0)
		return add_null_test(clauses, column(relid, predicate->column), IS_NULL);
	if (strcmp(predicate->test, "IS NOT NULL") == 0)
		return add_null_test(clauses, column(relid, predicate->column), IS_NOT_NULL);
	test = makeNode(BooleanTest);
	test->arg = column(relid, predicate->column);
	test->booltesttype = strcmp(predicate->test, "IS TRUE") == 0 ? IS_TRUE : IS_NOT_TRUE;
	test->location = -1;
	return lappend(clauses, test);
}

/* "flag = true" is what the planner makes of it: flag */
static List *
add_flag(List *clauses, Oid relid, const OrmWhere *where)
{
	Expr	   *flag;

	if (where->right->kind != ORM_TERM_VALUE || where->right->type != BOOLOID || where->right->later ||
		strcmp(where->operator_name, "=") != 0)
		return clauses;
	flag = own_column(relid, where->left);
	if (flag == NULL || exprType((Node *) flag) != BOOLOID)
		return clauses;
	return lappend(clauses, DatumGetBool(where->right->value) ? flag : make_notclause(flag));
}

/* what the condition says for sure */
static List *
add_clauses(List *clauses, Oid relid, const OrmWhere *where)
{
	const OrmWhere *inner;
	ListCell   *cell;

	check_stack_depth();
	switch (where->kind)
	{
		case ORM_WHERE_AND:
			foreach(cell, where->items)
				clauses = add_clauses(clauses, relid, lfirst(cell));
			return clauses;
		case ORM_WHERE_NULL:
			return add_null_test(clauses, own_column(relid, where->left), IS_NULL);
		case ORM_WHERE_NOT:
			inner = linitial(where->items);
			return inner->kind == ORM_WHERE_NULL
				? add_null_test(clauses, own_column(relid, inner->left), IS_NOT_NULL) : clauses;
		case ORM_WHERE_COMPARE:
			return add_flag(clauses, relid, where);
		case ORM_WHERE_PREDICATE:
			return add_trashed(clauses, relid, where->predicate);
		default:
			return clauses;
	}
}

static bool
some_index_serves(Relation rel, const AttrNumber *attnums, int n, List *clauses)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	bool		serves = false;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		List	   *predicate = RelationGetIndexPredicate(index);

		serves = serves || (predicate != NIL && orm_index_starts_with(index, attnums, n) &&
							predicate_implied_by(predicate, clauses, false));
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return serves;
}

bool
orm_partial_index_serves(OrmRelation *relation, List *wheres)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];
	List	   *clauses = NIL;
	ListCell   *cell;
	Relation	rel;
	bool		serves;

	if (!relation->far_partial || !orm_relation_is_by_key(relation))
		return false;
	foreach(cell, wheres)
		clauses = add_clauses(clauses, relation->target, lfirst(cell));
	if (clauses == NIL)
		return false;
	for (int i = 0; i < relation->nlinks; i++)
		attnums[i] = relation->links[i].far_attnum;
	rel = relation_open(relation->target, AccessShareLock);
	serves = some_index_serves(rel, attnums, relation->nlinks, clauses);
	relation_close(rel, NoLock);
	return serves;
}
