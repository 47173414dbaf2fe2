/*
 * deparse_tree.c
 *	  Columns by which rows of a tree are followed, and SQL that follows them.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_clause.h"
#include "query/deparse_tree.h"
#include "query/deparse_where.h"
#include "query/order.h"

static Oid
own_type(const OrmRelation *relation, int link)
{
	return getBaseType(get_atttype(relation->target, relation->links[link].far_attnum));
}

static OrmTreeColumns *
columns_of(OrmStep *step)
{
	OrmTreeColumns *tree = step->tree;

	if (tree)
		return tree;
	step->tree = tree = palloc0(sizeof(OrmTreeColumns));
	tree->nlinks = step->relation->nlinks;
	tree->keep = -1;
	return tree;
}

static void
add_sort(OrmTreeColumns *tree, int column, const OrmOrder *order)
{
	tree->sort[tree->nsort] = column;
	tree->descending[tree->nsort] = order && order->descending;
	tree->nulls_first[tree->nsort] = order && orm_order_nulls_first(order);
	tree->nsort++;
}

/* the order asked for, and the key behind it */
static void
add_sort_columns(OrmDeparse *deparse, OrmStatement *statement, OrmTreeColumns *tree, const OrmQuery *query)
{
	int			n = list_length(query->order) + query->entity->nkeys;
	ListCell   *cell;

	tree->nsort = 0;
	tree->sort = palloc(sizeof(int) * Max(n, 1));
	tree->descending = palloc(sizeof(bool) * Max(n, 1));
	tree->nulls_first = palloc(sizeof(bool) * Max(n, 1));
	foreach(cell, query->order)
		add_sort(tree, orm_statement_column(statement, orm_deparse_order_value(deparse, lfirst(cell), "t")), lfirst(cell));
	for (int i = 0; i < query->entity->nkeys; i++)
	{
		OrmProperty *property = &query->entity->properties[query->entity->keys[i]];

		add_sort(tree, orm_statement_column(statement, orm_deparse_column("t", property->column)), NULL);
	}
}

void
orm_tree_columns(OrmDeparse *deparse, OrmStatement *statement, OrmStep *step)
{
	const OrmTree *asked = step->query->tree;
	OrmTreeColumns *tree = columns_of(step);
	StringInfoData keep;

	tree->next = palloc(sizeof(int) * tree->nlinks);
	tree->own = asked->upward ? palloc(sizeof(int) * tree->nlinks) : NULL;
	for (int i = 0; i < tree->nlinks; i++)
	{
		const OrmLinkColumn *link = &step->relation->links[i];

		tree->next[i] = orm_statement_column(statement, orm_deparse_column("t", link->near_column));
		if (tree->own)
			tree->own[i] = orm_statement_column(statement, orm_deparse_column("t", link->far_column));
	}
	if (orm_tree_orders(step->query))
		add_sort_columns(deparse, statement, tree, step->query);
	if (asked->filter == NIL)
		return;
	initStringInfo(&keep);
	orm_deparse_groups(deparse, &keep, asked->filter, "(", "t");
	appendStringInfoString(&keep, ") IS TRUE");
	tree->keep = orm_statement_column(statement, keep.data);
}

void
orm_tree_root_columns(OrmStatement *statement, OrmStep *step, const OrmSource *source)
{
	OrmTreeColumns *tree = columns_of(step);
	int		   *root = palloc(sizeof(int) * tree->nlinks);

	for (int i = 0; i < tree->nlinks; i++)
	{
		const OrmLinkColumn *link = &step->relation->links[i];
		char	   *sql = orm_deparse_column("t", link->far_column);

		if (!orm_source_has(source, link->far_column))
			return;
		/* the column of a query may be of another type than the table's */
		if (source && source->kind == ORM_SOURCE_QUERY)
			sql = psprintf("CAST(%s AS %s)", sql, orm_deparse_type_name(own_type(step->relation, i)));
		root[i] = orm_statement_column(statement, sql);
	}
	tree->root = root;
}

void
orm_tree_root_given(OrmStep *step, TupleDesc desc)
{
	OrmTreeColumns *tree = columns_of(step);
	int		   *root = palloc(sizeof(int) * tree->nlinks);

	for (int i = 0; i < tree->nlinks; i++)
	{
		const OrmLinkColumn *link = &step->relation->links[i];

		root[i] = -1;
		for (int a = 0; a < desc->natts; a++)
			if (!TupleDescAttr(desc, a)->attisdropped &&
				strcmp(NameStr(TupleDescAttr(desc, a)->attname), link->far_column) == 0 &&
				getBaseType(TupleDescAttr(desc, a)->atttypid) == own_type(step->relation, i))
				root[i] = a;
		if (root[i] < 0)
			return;
	}
	tree->root = root;
}

/* ---- in SQL ---- */

/* " COLLATE s.c" where values that come from outside would meet the column under another one */
static char *
collate_text(const OrmRelation *relation, const OrmLinkColumn *link)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relation->target, link->near_attnum, &type, &typmod, &collation);
	return orm_deparse_collation(collation);
}

static void
append_names(StringInfo buf, const OrmRelation *relation, const char *near)
{
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%sk%d", i > 0 ? ", " : "", i + 1);
	appendStringInfoString(buf, near ? "" : ", ord");
}

static void
append_near(StringInfo buf, const OrmRelation *relation, const char *alias)
{
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%s%s.%s", i > 0 ? ", " : "", alias, quote_identifier(relation->links[i].near_column));
}

/* the keys that it starts from */
static void
append_start(StringInfo buf, const OrmRelation *relation, const char *near, bool keys)
{
	appendStringInfoString(buf, "SELECT ");
	if (near && !keys)
	{
		append_near(buf, relation, near);
		return;
	}
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%s%s.k%d%s", i > 0 ? ", " : "", near ? near : "k", i + 1,
						 collate_text(relation, &relation->links[i]));
	if (near)
		return;
	appendStringInfoString(buf, ", k.ord FROM ");
	orm_relation_key_arrays(buf, relation);
}

/*
 * "SELECT … FROM walk …": the keys of the rows that follow. How many rows a turn
 * has the planner cannot know, and takes it for many: with an index, each row's
 * followers are looked up behind a fence, or every turn would read the table.
 */
static void
append_turn(OrmDeparse *deparse, StringInfo buf, const OrmRelation *relation, List *groups, const char *near,
			const char *walk)
{
	char	   *row = psprintf("o%d", ++deparse->naliases);
	bool		fenced = relation->far_indexed;

	appendStringInfoString(buf, "SELECT ");
	append_near(buf, relation, row);
	if (near == NULL)
		appendStringInfo(buf, ", %s.ord", walk);
	appendStringInfo(buf, " FROM %s ", walk);
	if (fenced)
	{
		appendStringInfoString(buf, "CROSS JOIN LATERAL (SELECT ");
		append_near(buf, relation, row);
		appendStringInfo(buf, " FROM %s AS %s WHERE ", orm_relation_table(relation->target), row);
	}
	else
		appendStringInfo(buf, "JOIN %s AS %s ON ", orm_relation_table(relation->target), row);
	orm_relation_key_match(buf, relation, row, walk);
	orm_deparse_groups(deparse, buf, groups, " AND ", row);
	if (fenced)
		appendStringInfo(buf, " OFFSET 0) AS %s", row);
}

void
orm_tree_walk(OrmDeparse *deparse, StringInfo buf, const OrmRelation *relation, List *groups, const char *near,
			  bool keys, const char *alias)
{
	char	   *walk = psprintf("w%d", ++deparse->naliases);

	appendStringInfo(buf, "(WITH RECURSIVE %s(", walk);
	append_names(buf, relation, near);
	appendStringInfoString(buf, ") AS (");
	append_start(buf, relation, near, keys);
	appendStringInfoString(buf, " UNION ");
	append_turn(deparse, buf, relation, groups, near, walk);
	appendStringInfoString(buf, ") SELECT ");
	append_names(buf, relation, near);
	appendStringInfo(buf, " FROM %s) AS %s(", walk, alias);
	append_names(buf, relation, near);
	appendStringInfoChar(buf, ')');
}
