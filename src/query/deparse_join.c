/*
 * deparse_join.c
 *	  Joins values of other rows to the root's rows, one to each.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "model/derive.h"
#include "query/deparse_join.h"
#include "query/deparse_relation.h"
#include "query/predicate.h"
#include "query/where.h"

/* an index finds the related rows of each row in less work, if there are more of them than these for each */
#define MOST_TO_A_ROW	50

/*
 * Does the condition choose among the root's rows by something else than
 * aggregates? Then it may leave few of them, for which nothing is gathered.
 */
static bool
chooses(const OrmWhere *where)
{
	ListCell   *cell;

	check_stack_depth();
	switch (where->kind)
	{
		case ORM_WHERE_AND:
			foreach(cell, where->items)
				if (chooses(lfirst(cell)))
					return true;
			return false;
		case ORM_WHERE_OR:
			foreach(cell, where->items)
				if (!chooses(lfirst(cell)))
					return false;
			return true;
		case ORM_WHERE_NOT:
		case ORM_WHERE_UNTRUE:
			return chooses(linitial(where->items));
		case ORM_WHERE_COMPARE:
			return where->left->kind != ORM_TERM_AGGREGATE;
		case ORM_WHERE_PREDICATE:
			return where->predicate->text != NULL;
		default:
			return true;
	}
}

void
orm_joins_start(OrmDeparse *deparse, const OrmQuery *query, const OrmSource *source)
{
	ListCell   *cell;

	/* what is locked is looked at anew when another transaction has written it, and what is joined to it is not */
	if (query->lock != NULL || (source && source->kind != ORM_SOURCE_TABLE))
		return;
	deparse->joins = makeStringInfo();
	deparse->root = query->entity->relid;
	deparse->few = query->keyset != NULL;
	foreach(cell, query->wheres)
		if (chooses(lfirst(cell)))
			deparse->few = true;
}

void
orm_joins_insert(const OrmDeparse *deparse, StringInfo buf, int at)
{
	char	   *rest;

	if (deparse->joins == NULL || deparse->joins->len == 0)
		return;
	rest = pstrdup(buf->data + at);
	buf->len = at;
	appendStringInfo(buf, "%s%s", deparse->joins->data, rest);
}

static bool
is_joined_to(const OrmDeparse *deparse, const char *alias)
{
	return deparse->joins != NULL && strcmp(alias, "t") == 0;
}

/* ---- a row ---- */

/* has no key more than one row, now and at every moment? */
static bool
is_one_row(const OrmRelation *relation)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];
	OrmUnique  *uniques;
	int			nuniques;
	int			n = 0;
	bool		unique;
	Relation	rel;

	if (!orm_relation_is_by_key(relation) || relation->to_many || !relation->far_unique || orm_relation_is_tree(relation))
		return false;
	rel = table_open(relation->target, AccessShareLock);
	for (int i = 0; i < relation->nlinks; i++)
		attnums[i] = relation->links[i].far_attnum;
	nuniques = orm_derive_uniques(rel, &uniques);
	for (int i = 0; i < nuniques; i++)
		if (!uniques[i].deferrable)
			uniques[n++] = uniques[i];
	/* tables that inherit have indexes of their own */
	unique = orm_unique_within(uniques, n, attnums, relation->nlinks) &&
		(rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE || !rel->rd_rel->relhassubclass);
	table_close(rel, NoLock);
	return unique;
}

bool
orm_join_suits_path(const OrmDeparse *deparse, const char *alias, List *path)
{
	ListCell   *cell;

	if (!is_joined_to(deparse, alias))
		return false;
	foreach(cell, path)
		if (!is_one_row(lfirst(cell)))
			return false;
	return true;
}

char *
orm_join_row(OrmDeparse *deparse, const char *value, const char *from, const char *where)
{
	int			n = ++deparse->njoins;

	appendStringInfo(deparse->joins, " LEFT JOIN LATERAL (SELECT %s AS v FROM %s WHERE %s) AS j%d ON true", value, from, where, n);
	return psprintf("j%d.v", n);
}

/* ---- groups ---- */

static bool
is_own_term(const OrmTerm *term)
{
	return term == NULL || term->kind == ORM_TERM_VALUE ||
		(term->kind == ORM_TERM_PROPERTY && term->up == 0 && term->path == NIL);
}

/* conditions on values of the rows themselves: others may look at the row around them */
static bool
is_own(const OrmWhere *where)
{
	ListCell   *cell;

	check_stack_depth();
	switch (where->kind)
	{
		case ORM_WHERE_AND:
		case ORM_WHERE_OR:
		case ORM_WHERE_NOT:
		case ORM_WHERE_UNTRUE:
			foreach(cell, where->items)
				if (!is_own(lfirst(cell)))
					return false;
			return true;
		case ORM_WHERE_COMPARE:
		case ORM_WHERE_ANY:
		case ORM_WHERE_ALL:
		case ORM_WHERE_NULL:
			return is_own_term(where->left) && is_own_term(where->right);
		case ORM_WHERE_PREDICATE:
			return true;
		default:
			return false;
	}
}

static bool
are_own(List *wheres)
{
	ListCell   *cell;

	foreach(cell, wheres)
		if (!is_own(lfirst(cell)))
			return false;
	return true;
}

/* 0: not known */
static double
known_rows(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		rows = 0;

	if (!HeapTupleIsValid(tuple))
		return 0;
	rows = Max(0, ((Form_pg_class) GETSTRUCT(tuple))->reltuples);
	ReleaseSysCache(tuple);
	return rows;
}

/* is there an index, and does it find less than all there is? */
static bool
goes_by_index(const OrmDeparse *deparse, const OrmRelation *relation)
{
	double		rows = known_rows(deparse->root);

	return relation->far_indexed &&
		(deparse->few || (rows > 0 && known_rows(relation->target) > rows * MOST_TO_A_ROW));
}

bool
orm_join_suits_groups(const OrmDeparse *deparse, const char *alias, OrmRelation *relation, List *groups, List *filters)
{
	if (!is_joined_to(deparse, alias) || !orm_relation_is_by_key(relation) || !relation->to_many ||
		orm_relation_is_tree(relation) || relation->type || relation->nlinks == 0)
		return false;
	/* values that are one to the link and several to GROUP BY would make several rows of one */
	for (int i = 0; i < relation->nlinks; i++)
		if (!relation->links[i].image_equal)
			return false;
	return !goes_by_index(deparse, relation) && are_own(groups) && are_own(filters);
}

char *
orm_join_groups(OrmDeparse *deparse, OrmRelation *relation, const char *value, const char *none, const char *far,
				List *groups, List *filters)
{
	StringInfo	buf = makeStringInfo();
	int			n = ++deparse->njoins;

	appendStringInfoString(buf, " LEFT JOIN (SELECT ");
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%s AS k%d, ", orm_deparse_column(far, relation->links[i].far_column), i + 1);
	appendStringInfo(buf, "%s AS v FROM %s AS %s", value, orm_relation_table(relation->target), far);
	orm_deparse_groups(deparse, buf, groups, " WHERE ", far);
	orm_deparse_groups(deparse, buf, filters, groups == NIL ? " WHERE " : " AND ", far);
	appendStringInfoString(buf, " GROUP BY ");
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", orm_deparse_column(far, relation->links[i].far_column));
	appendStringInfo(buf, ") AS j%d ON ", n);
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%sj%d.k%d OPERATOR(%s.%s) %s", i > 0 ? " AND " : "", n, i + 1,
						 quote_identifier(relation->links[i].operator_schema), relation->links[i].operator_name,
						 orm_deparse_column("t", relation->links[i].near_column));
	appendStringInfoString(deparse->joins, buf->data);
	return none ? psprintf("COALESCE(j%d.v, %s)", n, none) : psprintf("j%d.v", n);
}
