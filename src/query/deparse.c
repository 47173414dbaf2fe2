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

#include "model/cast_codec.h"
#include "query/deparse_aggregate.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/deparse_where.h"
#include "query/distinct.h"
#include "query/keyset.h"
#include "query/lock.h"
#include "query/order.h"
#include "query/remember.h"

/* ---- columns ---- */

/* what the rows at hand lack is left out, unless it was asked for by name */
static void
property_not_given(OrmQuery *query, OrmProperty *property)
{
	if (query->select)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the rows have no column for property \"%s\"", property->name),
				 orm_errdetail_at(query->select, "It is selected here.")));
}

/* names that a key of the flex column does not take from its bearer */
static List *
taken_names(OrmQuery *query)
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
	return names;
}

static void
add_flex(OrmStatement *statement, OrmQuery *query, const OrmSource *source)
{
	OrmProperty *flex = query->entity->flex_property;
	int			at;

	if (flex == NULL || !query->flexible || !orm_source_has(source, flex->column))
		return;
	at = orm_statement_column(statement, psprintf("t.%s", quote_identifier(flex->column)));
	statement->columns[at].flex = taken_names(query);
}

static void
add_properties(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query, const OrmSource *source)
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
			property_not_given(query, property);
			continue;
		}
		if (property->column == NULL && source && source->kind == ORM_SOURCE_QUERY)
			value = psprintf("t.%s", quote_identifier(property->name));
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
orm_deparse_properties(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query)
{
	add_properties(deparse, statement, query, NULL);
}

static void
link_not_given(OrmRelation *relation, const char *column)
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
		link_not_given(relation, column);
	sql = psprintf("t.%s", quote_identifier(column));
	/* the column of a query may be of another type than the table's */
	if (source && source->kind == ORM_SOURCE_QUERY)
		sql = psprintf("CAST(%s AS %s)", sql, orm_deparse_type_name(type));
	return orm_statement_column(statement, sql);
}

static void
add_near_columns(OrmStatement *statement, OrmStep *step, const OrmSource *source)
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
										 relation->links[i].near_type, source);
		if (relation->whole)
			child->near_type = near_column(statement, relation, relation->type->column, relation->type->type, source);
		if (child->query->tree && child->query->tree->upward)
			orm_tree_root_columns(statement, child, source);
	}
}

static void
add_pivots(OrmStatement *statement, OrmRelation *relation)
{
	for (int i = 0; i < relation->npivots; i++)
	{
		int			at = orm_statement_column(statement, psprintf("p.%s", quote_identifier(relation->pivots[i])));

		statement->columns[at].pivot = relation->pivots[i];
	}
}

static void
add_identity(OrmStatement *statement, OrmEntity *entity)
{
	statement->identity = palloc(sizeof(int) * Max(entity->nkeys, 1));
	for (int i = 0; i < entity->nkeys; i++)
		statement->identity[statement->nidentity++] =
			orm_statement_column(statement, psprintf("t.%s", quote_identifier(entity->properties[entity->keys[i]].column)));
}

/* the target's key as columns, to sort by after the rows have come */
static void
add_sort(OrmStatement *statement, OrmEntity *entity)
{
	statement->sort = palloc(sizeof(int) * Max(entity->nkeys, 1));
	for (int i = 0; i < entity->nkeys; i++)
		statement->sort[statement->nsort++] =
			orm_statement_column(statement, psprintf("t.%s", quote_identifier(entity->properties[entity->keys[i]].column)));
}

/* columns of the inner query get names, the outer one passes them on */
static void
append_inner_columns(StringInfo buf, OrmStatement *statement)
{
	for (int i = 0; i < statement->ncolumns; i++)
		if (i != statement->ordinal)
			appendStringInfo(buf, "%s AS c%d, ", statement->columns[i].sql, i);
}

static void
append_outer_columns(StringInfo buf, OrmStatement *statement, const char *ordinal)
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

/* can a parent have several rows? */
static bool
needs_order(OrmRelation *relation)
{
	return relation->to_many || !relation->far_unique;
}

/* ---- clauses ---- */

/* every group in parentheses of its own */
static void
append_wheres(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, const char *lead)
{
	orm_deparse_groups(deparse, buf, query->wheres, lead, "t");
	if (query->keyset)
	{
		appendStringInfoString(buf, query->wheres != NIL ? " AND " : lead);
		orm_keyset_append(deparse, buf, query->keyset, "t");
	}
}

static bool
is_ordered_by(OrmQuery *query, OrmProperty *property)
{
	ListCell   *cell;

	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		if (order->path == NIL && order->property == property)
			return true;
	}
	return false;
}

/* the order asked for, and with "stable" the key behind it; returns false when there is none */
static bool
append_order(OrmDeparse *deparse, StringInfo buf, OrmQuery *query, bool stable, const char *lead)
{
	const char *start = lead;
	ListCell   *cell;

	/* rows of several statements make one list, and are sorted when it is written */
	if (orm_tree_is_flat(query))
		return false;
	foreach(cell, query->order)
	{
		appendStringInfoString(buf, lead);
		orm_deparse_order_item(deparse, buf, lfirst(cell), "t");
		lead = ", ";
	}
	for (int i = 0; stable && i < query->entity->nkeys; i++)
	{
		OrmProperty *property = &query->entity->properties[query->entity->keys[i]];

		if (is_ordered_by(query, property))
			continue;
		appendStringInfo(buf, "%st.%s ASC", lead, quote_identifier(property->column));
		lead = ", ";
	}
	return lead != start;
}

static void
append_limit(OrmDeparse *deparse, StringInfo buf, OrmQuery *query)
{
	if (query->limit >= 0)
		appendStringInfo(buf, " LIMIT $%d",
						 orm_deparse_param(deparse, INT8OID, Int64GetDatum(query->limit), false));
	if (query->offset > 0)
		appendStringInfo(buf, " OFFSET $%d",
						 orm_deparse_param(deparse, INT8OID, Int64GetDatum(query->offset), false));
}

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
	append_outer_columns(buf, statement, NULL);
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

	statement->ordinal = -1;
	take_source_params(&deparse, source);
	add_properties(&deparse, statement, query, source);
	add_near_columns(statement, step, source);
	orm_remember(statement, query, source);
	if ((query->paged && query->order_mark != 0) || turned)
		add_order(&deparse, statement, query);
	initStringInfo(&buf);
	if (turned)
		append_turned_start(&buf, statement);
	appendStringInfoString(&buf, "SELECT ");
	orm_distinct_append(&deparse, &buf, query, NULL);
	if (turned)
	{
		append_inner_columns(&buf, statement);
		appendStringInfoString(&buf, "true");
	}
	else
		orm_statement_columns(&buf, statement);
	appendStringInfoString(&buf, " FROM ");
	append_source(&buf, query, source);
	append_wheres(&deparse, &buf, query, " WHERE ");
	append_order(&deparse, &buf, query,
				 (query->limit >= 0 || query->offset > 0) && query->order != NIL, " ORDER BY ");
	append_limit(&deparse, &buf, query);
	orm_lock_append(&buf, query);
	if (turned)
		append_turned_end(&buf, statement, query);
	orm_statement_take(statement, &deparse, buf.data);
	step->strategy = "scan";
	return statement;
}

/* ---- relations ---- */

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
	if (query->order != NIL || !needs_order(query->relation) || orm_tree_is_flat(query))
		return false;
	for (int i = 0; i < query->entity->nkeys; i++)
	{
		Oid			type = getBaseType(query->entity->properties[query->entity->keys[i]].type);

		if (!get_typbyval(type))
			return false;
	}
	return query->entity->nkeys > 0;
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
	append_wheres(deparse, buf, query, " AND ");
	append_order(deparse, buf, query, needs_order(relation) && statement->nsort == 0, " ORDER BY ");
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
	orm_relation_join(buf, relation);
	append_wheres(deparse, buf, query, " WHERE ");
	append_order(deparse, buf, query, needs_order(relation) && statement->nsort == 0,
				 query->distinct != NIL ? " ORDER BY k.ord, " : " ORDER BY ");
}

/* a few rows per key, where an index finds the rows of each */
static void
write_lateral(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query)
{
	appendStringInfoString(buf, "SELECT ");
	append_outer_columns(buf, statement, "k.ord");
	appendStringInfoString(buf, " FROM ");
	orm_relation_keys(buf, query->relation);
	appendStringInfoString(buf, " CROSS JOIN LATERAL (SELECT ");
	orm_distinct_append(deparse, buf, query, NULL);
	append_inner_columns(buf, statement);
	appendStringInfoString(buf, "true FROM ");
	orm_relation_from(buf, query->relation);
	appendStringInfoString(buf, " WHERE ");
	orm_relation_matches(buf, query->relation);
	append_wheres(deparse, buf, query, " AND ");
	append_order(deparse, buf, query, true, " ORDER BY ");
	append_limit(deparse, buf, query);
	appendStringInfoString(buf, ") AS l");
}

/* a few rows per key, numbered after one pass over all of them */
static void
write_row_number(OrmDeparse *deparse, OrmStatement *statement, StringInfo buf, OrmQuery *query)
{
	OrmRelation *relation = query->relation;

	appendStringInfoString(buf, "SELECT ");
	append_outer_columns(buf, statement, "l.ord");
	appendStringInfoString(buf, " FROM (SELECT ");
	append_inner_columns(buf, statement);
	appendStringInfoString(buf, "k.ord, pg_catalog.row_number() OVER (PARTITION BY k.ord");
	append_order(deparse, buf, query, true, " ORDER BY ");
	appendStringInfoString(buf, ") AS rn FROM ");
	orm_relation_keys(buf, relation);
	/* a table alone stands in no parentheses: SQL knows those for joins only */
	appendStringInfoString(buf, orm_relation_has_junction(relation) ? " JOIN (" : " JOIN ");
	orm_relation_from(buf, relation);
	appendStringInfoString(buf, orm_relation_has_junction(relation) ? ") ON " : " ON ");
	orm_relation_matches(buf, relation);
	append_wheres(deparse, buf, query, " WHERE ");
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

static OrmStatement *
relation_statement(OrmStep *step, bool range)
{
	OrmStatement *statement = palloc0(sizeof(OrmStatement));
	OrmDeparse	deparse = {0};
	OrmQuery   *query = step->query;
	OrmRelation *relation = step->relation;
	bool		whole = (query->limit < 0 && query->offset == 0) || orm_tree_is_flat(query);
	bool		any = whole && query->distinct == NIL && orm_relation_by_image(relation);
	StringInfoData buf;

	if (range)
		reserve_bounds(&deparse, statement, relation);
	else
		orm_relation_reserve_keys(&deparse, statement, relation);
	statement->ordinal = -1;
	if (!any)
		statement->ordinal = orm_statement_column(statement, "k.ord");
	/* properties first: they are printed in the order of the columns */
	add_properties(&deparse, statement, query, NULL);
	if (any)
		orm_statement_match(statement, relation);
	if (whole && sorts_afterwards(query))
		add_sort(statement, query->entity);
	add_near_columns(statement, step, NULL);
	if (!query->given)
		orm_remember(statement, query, NULL);
	if (query->tree)
		orm_tree_columns(&deparse, statement, step);
	if (orm_relation_has_junction(relation))
	{
		add_pivots(statement, relation);
		add_identity(statement, query->entity);
	}
	statement->generic = true;
	initStringInfo(&buf);
	if (any)
	{
		step->strategy = "any";
		write_any(&deparse, statement, &buf, query, range);
	}
	else if (whole)
	{
		step->strategy = "ordinality";
		write_whole(&deparse, statement, &buf, query);
	}
	else if (relation->far_indexed || query->distinct != NIL)
	{
		step->strategy = "lateral";
		write_lateral(&deparse, statement, &buf, query);
	}
	else
	{
		step->strategy = "row_number";
		write_row_number(&deparse, statement, &buf, query);
	}
	orm_statement_take(statement, &deparse, buf.data);
	return statement;
}

OrmStatement *
orm_deparse_range(OrmStep *step)
{
	if (step->range == NULL)
		step->range = relation_statement(step, true);
	return step->range;
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

		child->statement = child->query->tallied ? orm_deparse_tally(child) : relation_statement(child, false);
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
		link_not_given(relation, column);
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
		child->near[i] = given_column(relation, relation->links[i].near_column, relation->links[i].near_type, desc);
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
			property_not_given(query, property);
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
			statement->columns[at].flex = taken_names(query);
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

	statement->ordinal = -1;
	orm_statement_column(statement, pstrdup(column));
	initStringInfo(&buf);
	appendStringInfo(&buf, "%sSELECT ", before);
	orm_distinct_append(&deparse, &buf, query, NULL);
	appendStringInfo(&buf, "%s FROM ", column);
	append_source(&buf, query, NULL);
	append_wheres(&deparse, &buf, query, " WHERE ");
	append_limit(&deparse, &buf, query);
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
