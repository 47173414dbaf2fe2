/*
 * deparse_columns.c
 *	  The columns of the statements that give rows of an entity.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/cast_codec.h"
#include "query/aggregate.h"
#include "query/deparse_clause.h"
#include "query/deparse_columns.h"
#include "query/deparse_where.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/order.h"

/* what the rows at hand lack is left out, unless it was asked for by name */
void
orm_columns_not_given(OrmQuery *query, OrmProperty *property)
{
	if (query->select)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the rows have no column for property \"%s\"", property->name),
				 orm_errdetail_at(query->select, "It is selected here.")));
}

/* names that a key of the flex column does not take from its bearer */
List *
orm_columns_taken_names(OrmQuery *query)
{
	OrmEntity  *entity = query->entity;
	List	   *names = list_make1("pivot");
	ListCell   *cell;

	for (int i = 0; i < entity->nproperties; i++)
		names = lappend(names, entity->properties[i].embed ? entity->properties[i].embed : entity->properties[i].name);
	for (int i = 0; i < entity->nrelations; i++)
		names = lappend(names, entity->relations[i].name);
	foreach(cell, query->aggregates)
		names = lappend(names, unconstify(char *, ((OrmAggregate *) lfirst(cell))->alias));
	if (query->tree)
		names = lappend(lappend(names, "cycle"), query->tree->flat ? "depth" : unconstify(char *, query->tree->nested));
	return names;
}

static void
add_flex(OrmStatement *statement, OrmQuery *query, const OrmSource *source)
{
	OrmProperty *flex = query->entity->flex_property;
	int			at;

	if (flex == NULL || !query->flexible || !orm_source_has(source, flex->column))
		return;
	at = orm_statement_column(statement, orm_deparse_column("t", flex->column));
	statement->columns[at].flex = orm_columns_taken_names(query);
}

void
orm_columns_properties(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query, const OrmSource *source)
{
	for (int i = 0; i < query->entity->nproperties; i++)
	{
		OrmProperty *property = &query->entity->properties[i];
		char	   *value;
		int			at;

		if (!query->selected[i])
			continue;
		if (!orm_source_has(source, property->column ? property->column : property->name))
		{
			orm_columns_not_given(query, property);
			continue;
		}
		if (property->column == NULL && source && source->kind == ORM_SOURCE_QUERY)
			value = orm_deparse_column("t", property->name);
		else
			value = orm_deparse_property(deparse, query->entity, property, "t");
		at = orm_statement_column_named(statement, orm_deparse_shown(property, value), property->name);
		/* a cast by functions is done by then */
		if (orm_cast_is_known(property->cast_as))
			statement->columns[at].cast_as = property->cast_as;
		statement->columns[at].embed = property->embed;
	}
	add_flex(statement, query, source);
}

void
orm_columns_link_not_given(OrmRelation *relation, const char *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("the rows have no column \"%s\", which relation \"%s\" needs", column, relation->name)));
}

/* the column of a row by which one of its relations finds its own */
static int
near_column(OrmStatement *statement, OrmRelation *relation, const char *column, Oid type, const OrmSource *source)
{
	char	   *sql;

	if (!orm_source_has(source, column))
		orm_columns_link_not_given(relation, column);
	sql = orm_deparse_column("t", column);
	/* the column of a query may be of another type than the table's */
	if (source && source->kind == ORM_SOURCE_QUERY)
		sql = psprintf("CAST(%s AS %s)", sql, orm_deparse_type_name(type));
	return orm_statement_column(statement, sql);
}

void
orm_columns_near(OrmStatement *statement, OrmStep *step, const OrmSource *source)
{
	ListCell   *cell;

	foreach(cell, step->children)
	{
		OrmStep    *child = lfirst(cell);
		OrmRelation *relation = child->relation;

		child->nnear = relation->nlinks;
		child->near = palloc(sizeof(int) * child->nnear);
		for (int i = 0; i < child->nnear; i++)
			child->near[i] = near_column(statement, relation, relation->links[i].near_column,
										 orm_relation_near_type(relation, i), source);
		if (relation->whole)
			child->near_type = near_column(statement, relation, relation->type->column, relation->type->type, source);
		if (child->query->tree && child->query->tree->upward)
			orm_tree_root_columns(statement, child, source);
	}
}

void
orm_columns_pivots(OrmStatement *statement, OrmRelation *relation)
{
	for (int i = 0; i < relation->npivots; i++)
	{
		int			at = orm_statement_column(statement, orm_deparse_column("p", relation->pivots[i]));

		statement->columns[at].pivot = relation->pivots[i];
	}
}

void
orm_columns_identity(OrmStatement *statement, OrmEntity *entity)
{
	statement->identity = palloc(sizeof(int) * Max(entity->nkeys, 1));
	for (int i = 0; i < entity->nkeys; i++)
		statement->identity[statement->nidentity++] =
			orm_statement_column(statement, orm_deparse_column("t", entity->properties[entity->keys[i]].column));
}

void
orm_columns_sort(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query)
{
	OrmEntity  *entity = query->entity;
	ListCell   *cell;

	statement->sort = palloc0(sizeof(OrmSort) * (list_length(query->order) + entity->nkeys));
	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);
		OrmSort    *sort = &statement->sort[statement->nsort++];

		sort->column = orm_statement_column(statement, orm_deparse_order_value(deparse, order, "t"));
		sort->descending = order->descending;
		sort->nulls_first = orm_order_nulls_first(order);
	}
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];

		if (!orm_order_has(query, property))
			statement->sort[statement->nsort++].column =
				orm_statement_column(statement, orm_deparse_column("t", property->column));
	}
}

/* columns of the inner query get names, the outer one passes them on */
void
orm_columns_inner(StringInfo buf, OrmStatement *statement)
{
	bool		some = false;

	for (int i = 0; i < statement->ncolumns; i++)
	{
		if (i == statement->ordinal)
			continue;
		appendStringInfo(buf, "%s%s AS c%d", some ? ", " : "", statement->columns[i].sql, i);
		some = true;
	}
	if (!some)
		appendStringInfoString(buf, "true");
}

void
orm_columns_outer(StringInfo buf, OrmStatement *statement, const char *ordinal)
{
	for (int i = 0; i < statement->ncolumns; i++)
	{
		appendStringInfoString(buf, i > 0 ? ", " : "");
		if (i == statement->ordinal)
			appendStringInfoString(buf, ordinal);
		else
			appendStringInfo(buf, "l.c%d", i);
	}
}
