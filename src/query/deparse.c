/*
 * deparse.c
 *	  Writes the statements of a load tree.
 *
 * Aliases: "t" is the entity's relation, "k" the keys of a batch, "p" the
 * junction table of a many-to-many, "l" a relation cut to size per parent.
 *
 * A relation's statement takes the distinct keys of a window as arrays and
 * joins them WITH ORDINALITY, so every row says which key it belongs to and
 * the match is the server's own "=". A foreign table gets "= ANY" besides:
 * that is what can be sent to the other server.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_aggregate.h"
#include "query/deparse_clause.h"
#include "query/deparse_columns.h"
#include "query/deparse_join.h"
#include "query/deparse_load.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/distinct.h"
#include "query/lock.h"
#include "query/order.h"
#include "query/remember.h"

/* ---- the root ---- */

static void
append_source(StringInfo buf, OrmQuery *query, const OrmSource *source)
{
	if (source == NULL || source->kind == ORM_SOURCE_TABLE)
		appendStringInfo(buf, "%s AS t", orm_entity_qualified(query->entity));
	else if (source->kind == ORM_SOURCE_QUERY)
		appendStringInfo(buf, "(\n%s\n) AS t", source->query);
	else
		appendStringInfoString(buf, "pg_catalog.unnest($1) AS t");
}

static void
take_source_params(OrmDeparse *deparse, const OrmSource *source)
{
	for (int i = 0; source && i < source->nparams; i++)
		orm_deparse_param(deparse, source->types[i], source->values[i], source->nulls[i]);
}

/* the values that the query orders by */
static void
add_order(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query)
{
	ListCell   *cell;

	statement->order = palloc(sizeof(int) * list_length(query->order));
	foreach(cell, query->order)
		statement->order[statement->norder++] = orm_statement_column(statement, orm_deparse_order_value(deparse, lfirst(cell), "t"));
}

/* the last rows before a cursor are found backwards, and given forwards */
static void
append_turned_start(StringInfo buf, OrmStatement *statement)
{
	appendStringInfoString(buf, "SELECT ");
	orm_columns_outer(buf, statement, NULL);
	appendStringInfoString(buf, " FROM (");
}

static void
append_turned_end(StringInfo buf, OrmStatement *statement, OrmQuery *query)
{
	appendStringInfoString(buf, ") AS l ORDER BY ");
	for (int i = 0; i < statement->norder; i++)
	{
		appendStringInfo(buf, "%sl.c%d", i > 0 ? ", " : "", statement->order[i]);
		orm_deparse_direction(buf, orm_order_turned(list_nth(query->order, i)));
	}
}

static OrmStatement *
root_statement(OrmStep *step, const OrmSource *source)
{
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	OrmDeparse	deparse = {0};
	OrmQuery   *query = step->query;
	bool		turned = query->reversed && !query->paged;
	StringInfoData buf;
	int			joined;

	statement->ordinal = -1;
	take_source_params(&deparse, source);
	orm_joins_start(&deparse, query, source);
	orm_columns_properties(&deparse, statement, query, source);
	orm_columns_near(statement, step, source);
	orm_remember(statement, query, source);
	if ((query->paged && query->order_mark != 0) || turned)
		add_order(&deparse, statement, query);
	initStringInfo(&buf);
	if (turned)
		append_turned_start(&buf, statement);
	appendStringInfoString(&buf, "SELECT ");
	orm_distinct_append(&deparse, &buf, query, NULL);
	if (turned)
		orm_columns_inner(&buf, statement);
	else
		orm_statement_columns(&buf, statement);
	appendStringInfoString(&buf, " FROM ");
	append_source(&buf, query, source);
	joined = buf.len;
	orm_deparse_wheres(&deparse, &buf, query, " WHERE ");
	orm_deparse_order(&deparse, &buf, query, (query->limit >= 0 || query->offset > 0) && query->order != NIL, false,
					  " ORDER BY ", "t");
	orm_deparse_limit(&deparse, &buf, query, false);
	orm_lock_append(&buf, query);
	orm_joins_insert(&deparse, &buf, joined);
	if (turned)
		append_turned_end(&buf, statement, query);
	orm_statement_take(statement, &deparse, buf.data);
	step->strategy = "scan";
	return statement;
}

/* ---- relations ---- */

OrmStatement *
orm_deparse_range(OrmStep *step)
{
	if (step->range == NULL)
		step->range = orm_deparse_load(step, ORM_LOAD_BY_RANGE);
	return step->range;
}

OrmStatement *
orm_deparse_without_ties(OrmStep *step)
{
	if (step->without_ties == NULL)
		step->without_ties = orm_deparse_load(step, ORM_LOAD_WITHOUT_TIES);
	return step->without_ties;
}

static OrmStep *
new_step(OrmQuery *query)
{
	OrmStep    *step = palloc0(sizeof(OrmStep));
	ListCell   *cell;

	check_stack_depth();
	step->query = query;
	step->relation = query->relation;
	step->near_type = -1;
	foreach(cell, query->tallies)
		step->children = lappend(step->children, new_step(lfirst(cell)));
	foreach(cell, query->loads)
		step->children = lappend(step->children, new_step(((OrmLoad *) lfirst(cell))->query));
	return step;
}

static void
write_relations(OrmStep *step)
{
	ListCell   *cell;

	foreach(cell, step->children)
	{
		OrmStep    *child = lfirst(cell);

		child->statement = child->query->tallied ? orm_deparse_tally(child) : orm_deparse_load(child, ORM_LOAD_BY_KEYS);
		write_relations(child);
	}
}

OrmStep *
orm_deparse(OrmQuery *query, const OrmSource *source)
{
	OrmStep    *step = new_step(query);

	step->statement = root_statement(step, source);
	write_relations(step);
	return step;
}

/* ---- rows at hand ---- */

static int
attribute_named(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped && strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i;
	return -1;
}

static int
given_column(OrmRelation *relation, const char *column, Oid type, TupleDesc desc)
{
	int			at = attribute_named(desc, column);

	if (at < 0)
		orm_columns_link_not_given(relation, column);
	if (getBaseType(TupleDescAttr(desc, at)->atttypid) != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" is of type %s, and relation \"%s\" needs %s", column,
						format_type_be(TupleDescAttr(desc, at)->atttypid), relation->name, format_type_be(type)),
				 errhint("Cast it in the query.")));
	return at;
}

static void
given_links(OrmStep *child, TupleDesc desc)
{
	OrmRelation *relation = child->relation;

	child->nnear = relation->nlinks;
	child->near = palloc(sizeof(int) * child->nnear);
	for (int i = 0; i < child->nnear; i++)
		child->near[i] = given_column(relation, relation->links[i].near_column, orm_relation_near_type(relation, i), desc);
	if (relation->whole)
		child->near_type = given_column(relation, relation->type->column, relation->type->type, desc);
}

OrmStep *
orm_deparse_given(OrmQuery *query, TupleDesc desc)
{
	OrmStep    *step = new_step(query);
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	ListCell   *cell;

	statement->ordinal = -1;
	statement->ncolumns = desc->natts;
	statement->columns = palloc0(sizeof(OrmColumn) * Max(desc->natts, 1));
	for (int i = 0; i < query->entity->nproperties; i++)
	{
		OrmProperty *property = &query->entity->properties[i];
		int			at;

		if (!query->selected[i])
			continue;
		at = attribute_named(desc, property->column ? property->column : property->name);
		if (at < 0)
		{
			orm_columns_not_given(query, property);
			continue;
		}
		statement->columns[at].name = property->name;
		statement->columns[at].cast_as = property->cast_as;
		statement->columns[at].embed = property->embed;
	}
	if (query->entity->flex_property && query->flexible)
	{
		int			at = attribute_named(desc, query->entity->flex_property->column);

		if (at >= 0)
			statement->columns[at].flex = orm_columns_taken_names(query);
	}
	orm_remember_given(statement, query, desc);
	step->statement = statement;
	step->strategy = "given";
	foreach(cell, step->children)
	{
		OrmStep    *child = lfirst(cell);

		given_links(child, desc);
		if (child->query->tree && child->query->tree->upward)
			orm_tree_root_given(child, desc);
	}
	write_relations(step);
	return step;
}

OrmStep *
orm_deparse_relations(OrmQuery *query)
{
	OrmStep    *step = new_step(query);

	step->statement = palloc0(sizeof(OrmStatement));
	step->statement->ordinal = -1;
	step->strategy = "given";
	write_relations(step);
	return step;
}

/* ---- count and exists ---- */

static OrmStatement *
bare_statement(OrmQuery *query, const char *before, const char *column, const char *after)
{
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	int			joined;

	statement->ordinal = -1;
	orm_joins_start(&deparse, query, NULL);
	orm_statement_column(statement, pstrdup(column));
	initStringInfo(&buf);
	appendStringInfo(&buf, "%sSELECT ", before);
	orm_distinct_append(&deparse, &buf, query, NULL);
	appendStringInfo(&buf, "%s FROM ", column);
	append_source(&buf, query, NULL);
	joined = buf.len;
	orm_deparse_wheres(&deparse, &buf, query, " WHERE ");
	orm_joins_insert(&deparse, &buf, joined);
	orm_deparse_limit(&deparse, &buf, query, false);
	appendStringInfoString(&buf, after);
	orm_statement_take(statement, &deparse, buf.data);
	return statement;
}

OrmStatement *
orm_deparse_count(OrmQuery *query)
{
	if (query->limit < 0 && query->offset == 0 && query->distinct == NIL)
		return bare_statement(query, "", "pg_catalog.count(*)", "");
	return bare_statement(query, "SELECT pg_catalog.count(*) FROM (", "true", ") AS l");
}

OrmStatement *
orm_deparse_exists(OrmQuery *query)
{
	return bare_statement(query, "SELECT EXISTS (", "true", ")");
}

OrmStatement *
orm_deparse_estimate(OrmQuery *query)
{
	OrmStatement *statement = bare_statement(query, "", "true", "");

	statement->custom = true;
	return statement;
}
