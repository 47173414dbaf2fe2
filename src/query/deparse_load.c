/*
 * deparse_load.c
 *	  Writes the statements that load relations, by one strategy or another.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "query/deparse_clause.h"
#include "query/deparse_columns.h"
#include "query/deparse_load.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/distinct.h"
#include "query/order.h"
#include "query/partial_index.h"
#include "query/remember.h"
#include "query/strategy.h"

/* can a parent have several rows? */
static bool
needs_order(OrmRelation *relation)
{
	return relation->to_many || !relation->far_unique;
}

/* instead of the keys, the first and the last of them */
static void
reserve_bounds(OrmDeparse *deparse, OrmStatement *statement, OrmRelation *relation)
{
	for (int i = 0; i < 2; i++)
		orm_deparse_param(deparse, relation->links[0].near_type, (Datum) 0, true);
	statement->nkeys = 2;
}

/*
 * Whether the order of the target's key can be made when the rows are here:
 * sorting a few keys of one parent is cheaper than sorting all rows of all
 * parents, whole. For types passed by value, which need no copy.
 */
static bool
sorts_afterwards(OrmQuery *query)
{
	return query->order == NIL && needs_order(query->relation) && query->relation->kind != ORM_HAS_MANY_IN &&
		!orm_tree_orders(query) && orm_entity_key_is_by_value(query->entity);
}

/* the order of the rows of one parent; elements of an array, "keys", keep their places where no other is asked for */
static void
append_order(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, const char *keys, bool stable, bool apart,
			 const char *lead)
{
	if (query->relation->kind == ORM_HAS_MANY_IN && query->order == NIL)
		appendStringInfo(buf, "%s%s.pos ASC", lead, keys);
	else
		orm_deparse_order(deparse, buf, query, stable, apart, lead, "t");
}

/* all rows of all keys, wherever they are in the table, or with "range" between two keys */
static void
write_any(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query, bool range)
{
	OrmRelation *relation = query->relation;

	appendStringInfoString(buf, "SELECT ");
	orm_statement_columns(buf, statement);
	appendStringInfoString(buf, " FROM ");
	orm_relation_from(buf, relation);
	appendStringInfoString(buf, " WHERE ");
	if (range)
		orm_relation_range(buf, relation);
	else
		orm_relation_any(buf, relation);
	orm_deparse_wheres(deparse, buf, query, " AND ");
	append_order(deparse, buf, query, "k", needs_order(relation) && statement->nsort == 0, false, " ORDER BY ");
}

/* all rows of all keys: one join */
static void
write_whole(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query)
{
	OrmRelation *relation = query->relation;

	appendStringInfoString(buf, "SELECT ");
	orm_distinct_append(deparse, buf, query, "k.ord");
	orm_statement_columns(buf, statement);
	appendStringInfoString(buf, " FROM ");
	orm_relation_join(deparse, buf, relation);
	orm_deparse_wheres(deparse, buf, query, " WHERE ");
	append_order(deparse, buf, query, "k", needs_order(relation) && statement->nsort == 0, false,
				 query->distinct != NIL ? " ORDER BY k.ord, " : " ORDER BY ");
}

/* a few rows per key, where an index finds the rows of each */
static void
write_lateral(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query)
{
	appendStringInfoString(buf, "SELECT ");
	orm_columns_outer(buf, statement, "k.ord");
	appendStringInfoString(buf, " FROM ");
	orm_relation_key_arrays(buf, query->relation);
	appendStringInfoString(buf, " CROSS JOIN LATERAL (SELECT ");
	orm_distinct_append(deparse, buf, query, NULL);
	orm_columns_inner(buf, statement);
	appendStringInfoString(buf, " FROM ");
	orm_relation_of_one_key(deparse, buf, query->relation);
	orm_deparse_wheres(deparse, buf, query, " AND ");
	append_order(deparse, buf, query, "h", needs_order(query->relation) && statement->with_ties == 0,
				 query->distinct == NIL && query->limit >= 0, " ORDER BY ");
	orm_deparse_limit(deparse, buf, query, statement->with_ties > 0);
	appendStringInfoString(buf, ") AS l");
}

/* a few rows per key, numbered after one pass over all of them */
static void
write_row_number(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query)
{
	OrmRelation *relation = query->relation;
	bool		join = orm_relation_is_join(relation);

	appendStringInfoString(buf, "SELECT ");
	orm_columns_outer(buf, statement, "l.ord");
	appendStringInfoString(buf, " FROM (SELECT ");
	orm_columns_inner(buf, statement);
	appendStringInfoString(buf, ", k.ord, pg_catalog.row_number() OVER (PARTITION BY k.ord");
	append_order(deparse, buf, query, "k", needs_order(relation), false, " ORDER BY ");
	appendStringInfoString(buf, ") AS rn FROM ");
	orm_relation_keys(deparse, buf, relation);
	/* a table alone stands in no parentheses: SQL knows those for joins only */
	appendStringInfoString(buf, join ? " JOIN (" : " JOIN ");
	orm_relation_from(buf, relation);
	appendStringInfoString(buf, join ? ") ON " : " ON ");
	orm_relation_matches(buf, relation);
	orm_deparse_wheres(deparse, buf, query, " WHERE ");
	appendStringInfo(buf, ") AS l WHERE l.rn OPERATOR(pg_catalog.>) $%d",
					 orm_deparse_param(deparse, INT8OID, Int64GetDatum(query->offset), false));
	if (query->limit >= 0)
	{
		int64		last = query->limit > PG_INT64_MAX - query->offset ? PG_INT64_MAX : query->offset + query->limit;

		appendStringInfo(buf, " AND l.rn OPERATOR(pg_catalog.<=) $%d",
						 orm_deparse_param(deparse, INT8OID, Int64GetDatum(last), false));
	}
	appendStringInfoString(buf, " ORDER BY l.ord, l.rn");
}

/* ---- strategies ---- */

static bool
is_whole(const OrmQuery *query)
{
	return query->limit < 0 && query->offset == 0;
}

/* can the strategy give what is asked? */
static bool
serves(OrmStrategy strategy, OrmQuery *query)
{
	switch (strategy)
	{
		case ORM_STRATEGY_ANY:
			return is_whole(query) && query->distinct == NIL && orm_relation_can_image(query->relation);
		case ORM_STRATEGY_ORDINALITY:
			return is_whole(query);
		case ORM_STRATEGY_ROW_NUMBER:
			return query->distinct == NIL;
		default:
			return true;
	}
}

static OrmStrategy
choose(OrmQuery *query)
{
	if (is_whole(query))
		return serves(ORM_STRATEGY_ANY, query) && orm_relation_by_image(query->relation, query->wheres)
			? ORM_STRATEGY_ANY : ORM_STRATEGY_ORDINALITY;
	return query->relation->far_indexed || query->distinct != NIL || orm_partial_index_serves(query->relation, query->wheres)
		? ORM_STRATEGY_LATERAL : ORM_STRATEGY_ROW_NUMBER;
}

static void
refuse_strategy(OrmQuery *query)
{
	StringInfoData others;

	initStringInfo(&others);
	for (OrmStrategy other = ORM_STRATEGY_ANY; other <= ORM_STRATEGY_ROW_NUMBER; other++)
		if (serves(other, query))
			appendStringInfo(&others, "%s\"%s\"", others.len > 0 ? ", " : "", orm_strategy_name(other));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("strategy \"%s\" can't load relation \"%s\" as it is asked for",
					orm_strategy_name(query->strategy), query->relation->name),
			 orm_errdetail_at(query->strategy_clause, "%s", query->strategy == ORM_STRATEGY_ANY && is_whole(query) && query->distinct == NIL
							  ? "It needs one key column whose equal values have the same bytes on both sides."
							  : "Limits and \"distinct\" hold for each parent."),
			 errhint("Here serve %s.", others.data)));
}

static void
write_by(OrmStrategy strategy, OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query, bool range)
{
	switch (strategy)
	{
		case ORM_STRATEGY_ANY:
			write_any(deparse, statement, buf, query, range);
			break;
		case ORM_STRATEGY_LATERAL:
			write_lateral(deparse, statement, buf, query);
			break;
		case ORM_STRATEGY_ROW_NUMBER:
			write_row_number(deparse, statement, buf, query);
			break;
		default:
			write_whole(deparse, statement, buf, query);
	}
}

/*
 * A few rows per key in the order of an index: the server sorts nothing if it
 * need not tell apart those that are alike in it. The rows come with their
 * ties, and of these the key says here which are in. That is for whoever takes
 * the rows to do: those that cursors, lazy relations and trees go on from must
 * be just the ones asked for.
 */
static bool
takes_ties(const OrmStatement *statement, OrmQuery *query, OrmStrategy strategy)
{
	return strategy == ORM_STRATEGY_LATERAL && query->limit > 0 && query->offset == 0 && query->distinct == NIL &&
		query->keyset == NULL && !query->reversed && query->tree == NULL && statement->remembered == NULL &&
		orm_order_is_of_index(query);
}

OrmStatement *
orm_deparse_load(OrmStep *step, OrmLoadForm form)
{
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	OrmDeparse	deparse = {0};
	OrmQuery   *query = step->query;
	OrmRelation *relation = step->relation;
	OrmStrategy strategy = query->strategy == ORM_STRATEGY_CHOSEN ? choose(query) : query->strategy;
	StringInfoData buf;

	if (!serves(strategy, query))
		refuse_strategy(query);
	if (form == ORM_LOAD_BY_RANGE)
		reserve_bounds(&deparse, statement, relation);
	else
		orm_relation_reserve_keys(&deparse, statement, relation);
	statement->ordinal = -1;
	if (strategy != ORM_STRATEGY_ANY)
		statement->ordinal = orm_statement_column(statement, "k.ord");
	/* properties first: they are printed in the order of the columns */
	orm_columns_properties(&deparse, statement, query, NULL);
	if (strategy == ORM_STRATEGY_ANY)
		orm_statement_match(statement, relation);
	if ((strategy == ORM_STRATEGY_ANY || strategy == ORM_STRATEGY_ORDINALITY) && sorts_afterwards(query))
		orm_columns_sort(&deparse, statement, query);
	orm_columns_near(statement, step, NULL);
	if (!query->given)
		orm_remember(statement, query, NULL);
	if (takes_ties(statement, query, strategy))
	{
		orm_columns_sort(&deparse, statement, query);
		statement->with_ties = form == ORM_LOAD_WITHOUT_TIES ? 0 : query->limit;
	}
	if (query->tree)
		orm_tree_columns(&deparse, statement, step);
	if (orm_relation_has_junction(relation))
		orm_columns_pivots(statement, relation);
	if (orm_relation_shares_rows(relation))
		orm_columns_identity(statement, query->entity);
	statement->generic = true;
	initStringInfo(&buf);
	step->strategy = orm_strategy_name(strategy);
	write_by(strategy, &deparse, statement, &buf, query, form == ORM_LOAD_BY_RANGE);
	orm_statement_take(statement, &deparse, buf.data);
	return statement;
}
