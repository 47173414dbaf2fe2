/*
 * deparse_aggregate.c
 *	  Writes aggregates as SQL.
 *
 * Related rows are never joined to the rows they are counted for: so no two
 * relations multiply each other.
 */
#include "base/compat.h"

#include "utils/builtins.h"

#include "model/cast_codec.h"
#include "query/deparse_aggregate.h"
#include "query/deparse_chain.h"
#include "query/deparse_join.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/scope.h"

/* "count(*)", "sum(t.views)" */
static char *
call(OrmDeparse *deparse, const OrmAggregate *aggregate, const char *alias)
{
	char	   *argument = aggregate->property
		? orm_deparse_property(deparse, aggregate->entity, aggregate->property, alias) : "*";

	return psprintf("%s(%s)", quote_qualified_identifier(aggregate->function_schema, aggregate->function_name),
					argument);
}

static void
add_aggregates(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *tally)
{
	ListCell   *cell;

	foreach(cell, tally->tallied)
	{
		OrmAggregate *aggregate = lfirst(cell);
		char	   *value = call(deparse, aggregate, "t");
		int			at;

		if (aggregate->keeps_type)
			value = orm_deparse_shown(aggregate->property, value);
		at = orm_statement_column_named(statement, value, aggregate->alias);
		if (aggregate->keeps_type && orm_cast_is_known(aggregate->property->cast_as))
			statement->columns[at].cast_as = aggregate->property->cast_as;
	}
}

static void
append_group_by(StringInfo buf, OrmStatement *statement)
{
	appendStringInfoString(buf, " GROUP BY ");
	if (statement->ordinal >= 0)
		appendStringInfoString(buf, statement->columns[statement->ordinal].sql);
	for (int i = 0; i < statement->nmatch; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", statement->columns[statement->match[i]].sql);
}

/* the keys of all rows above or below those of the window, joined with the rows */
static void
join_tree(OrmDeparse *deparse, StringInfo buf, const OrmQuery *tally)
{
	orm_tree_walk(deparse, buf, tally->relation,
				  list_concat(orm_scope_relation_groups(tally->relation, tally->entity), tally->between), NULL, false, "k");
	appendStringInfo(buf, " JOIN %s AS t ON ", orm_relation_table(tally->relation->target));
	orm_relation_key_match(buf, tally->relation, "t", "k");
}

/* of a to-one that may find several rows, the one that is loaded */
static void
join_first(OrmDeparse *deparse, StringInfo buf, const OrmQuery *tally)
{
	OrmChain	chain;

	orm_chain_start(&chain, deparse, "k", true);
	orm_relation_key_arrays(&chain.from, tally->relation);
	orm_chain_take_once(&chain, tally->relation, "t", tally->wheres);
	appendStringInfo(buf, "%s WHERE %s", chain.from.data, chain.where.data);
}

OrmStatement *
orm_deparse_tally(OrmStep *step)
{
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	OrmDeparse	deparse = {0};
	OrmRelation *relation = step->relation;
	bool		first = orm_relation_chooses(relation);
	bool		any = !first && !orm_relation_is_tree(relation) && orm_relation_by_image(relation, step->query->wheres);
	StringInfoData buf;

	orm_relation_reserve_keys(&deparse, statement, relation);
	statement->ordinal = any ? -1 : orm_statement_column(statement, "k.ord");
	if (any)
		orm_statement_match(statement, relation);
	add_aggregates(&deparse, statement, step->query);
	statement->generic = true;
	step->strategy = any ? "any" : "ordinality";
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT ");
	orm_statement_columns(&buf, statement);
	appendStringInfoString(&buf, " FROM ");
	if (any)
	{
		orm_relation_from(&buf, relation);
		appendStringInfoString(&buf, " WHERE ");
		orm_relation_any(&buf, relation);
		orm_deparse_groups(&deparse, &buf, step->query->wheres, " AND ", "t");
	}
	else if (first)
		join_first(&deparse, &buf, step->query);
	else
	{
		if (orm_relation_is_tree(relation))
			join_tree(&deparse, &buf, step->query);
		else
			orm_relation_join(&deparse, &buf, relation);
		orm_deparse_groups(&deparse, &buf, step->query->wheres, " WHERE ", "t");
	}
	append_group_by(&buf, statement);
	orm_statement_take(statement, &deparse, buf.data);
	return statement;
}

char *
orm_deparse_aggregate(OrmDeparse *deparse, const OrmAggregate *aggregate, const char *alias)
{
	char	   *target = orm_deparse_alias(deparse);
	const OrmQuery *tally = aggregate->tally;
	OrmChain	chain;

	if (orm_join_suits_groups(deparse, alias, tally->relation, tally->wheres, NIL))
		return orm_join_groups(deparse, tally->relation, call(deparse, aggregate, target),
							   strcmp(aggregate->function_name, "count") == 0 ? "0" : NULL, target, tally->wheres, NIL);
	orm_chain_start(&chain, deparse, alias, false);
	chain.between = tally->between;
	orm_chain_take_once(&chain, tally->relation, target, tally->wheres);
	return psprintf("(SELECT %s FROM %s WHERE %s)", call(deparse, aggregate, target), chain.from.data,
					chain.where.data);
}
