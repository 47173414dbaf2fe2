/*
 * deparse_relation.c
 *	  Pieces of the statements that are run for the keys of a window.
 *
 * Aliases are deparse.c's: "t" is the target's relation, "k" the keys of a
 * batch, "p" what stands between, "h" what one key leads to.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_chain.h"
#include "query/deparse_relation.h"
#include "query/deparse_where.h"
#include "query/partial_index.h"

int
orm_statement_column(OrmStatement *statement, char *sql)
{
	for (int i = 0; i < statement->ncolumns; i++)
		if (strcmp(statement->columns[i].sql, sql) == 0)
			return i;
	if (statement->columns == NULL)
		statement->columns = palloc0(sizeof(OrmColumn) * 8);
	else if (statement->ncolumns >= 8 && (statement->ncolumns & (statement->ncolumns - 1)) == 0)
		statement->columns = repalloc(statement->columns, sizeof(OrmColumn) * statement->ncolumns * 2);
	memset(&statement->columns[statement->ncolumns], 0, sizeof(OrmColumn));
	statement->columns[statement->ncolumns].sql = sql;
	return statement->ncolumns++;
}

int
orm_statement_column_named(OrmStatement *statement, char *sql, const char *name)
{
	int			at = orm_statement_column(statement, sql);

	if (statement->columns[at].name != NULL || statement->columns[at].pivot != NULL)
	{
		at = orm_statement_column(statement, psprintf("%s /* %d */", sql, statement->ncolumns));
		statement->columns[at].sql = sql;
	}
	statement->columns[at].name = name;
	return at;
}

void
orm_statement_columns(StringInfo buf, OrmStatement *statement)
{
	for (int i = 0; i < statement->ncolumns; i++)
	{
		if (i > 0)
			appendBinaryStringInfo(buf, ", ", 2);
		appendStringInfoString(buf, statement->columns[i].sql);
	}
}

void
orm_statement_take(OrmStatement *statement, OrmDeparse *deparse, char *sql)
{
	statement->sql = sql;
	statement->nparams = deparse->nparams;
	statement->types = deparse->types;
	statement->values = deparse->values;
	statement->nulls = deparse->nulls;
	statement->given = deparse->given;
}

/* types whose values do not depend on the time and on settings */
static bool
is_plain_type(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case UUIDOID:
		case JSONBOID:
			return true;
		default:
			return false;
	}
}

static bool
is_given(const OrmStatement *statement, int param)
{
	ListCell   *cell;

	foreach(cell, statement->given)
		if (((OrmGivenValue *) lfirst(cell))->param == param)
			return true;
	return false;
}

bool
orm_statement_is_constant(const OrmStatement *statement, bool but_for_given)
{
	for (int i = statement->nkeys; i < statement->nparams; i++)
		if (!is_plain_type(statement->types[i]) && !is_plain_type(get_element_type(statement->types[i])) &&
			!(but_for_given && is_given(statement, i)))
			return false;
	return true;
}

char *
orm_relation_table(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

bool
orm_source_has(const OrmSource *source, const char *column)
{
	ListCell   *cell;

	if (source == NULL || source->kind != ORM_SOURCE_QUERY)
		return true;
	foreach(cell, source->columns)
		if (strcmp(lfirst(cell), column) == 0)
			return true;
	return false;
}

void
orm_relation_reserve_keys(OrmDeparse *deparse, OrmStatement *statement, OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
		orm_deparse_param(deparse, get_array_type(relation->links[i].near_type), (Datum) 0, true);
	statement->nkeys = relation->nlinks;
}

void
orm_relation_key_arrays(StringInfo buf, const OrmRelation *relation)
{
	appendStringInfoString(buf, "ROWS FROM (");
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%spg_catalog.unnest($%d)", i > 0 ? ", " : "", i + 1);
	appendStringInfoString(buf, ") WITH ORDINALITY AS k(");
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "k%d, ", i + 1);
	appendStringInfoString(buf, "ord)");
}

/* of the owner's type column the keys have been chosen by */
static void
append_far_type(StringInfo buf, const OrmRelation *relation, const char *far)
{
	if (relation->type && !relation->type->near)
		orm_deparse_type(buf, relation->type, far);
}

void
orm_relation_key_match(StringInfo buf, const OrmRelation *relation, const char *far, const char *keys)
{
	orm_deparse_key_links(buf, relation->links, relation->nlinks, far, keys);
	append_far_type(buf, relation, far);
}

char *
orm_relation_array_of_text(OrmRelation *relation, const char *text)
{
	return psprintf("CAST(%s AS %s)", text, orm_deparse_type_name(get_array_type(relation->element_type)));
}

/* the elements of the array that a key is, each at its first place: those that are equal where they meet the target are one */
static void
append_elements(StringInfo buf, OrmRelation *relation, const char *group)
{
	const OrmLinkColumn *link = &relation->links[0];
	char	   *element = "e.e";

	if (link->met_type != relation->element_type)
		element = psprintf("CAST(%s AS %s)", element, orm_deparse_type_name(link->met_type));
	if (link->met_collation != DEFAULT_COLLATION_OID)
		element = psprintf("%s%s", element, orm_deparse_collation(link->met_collation));
	appendStringInfo(buf, "(SELECT %s%s AS k1, pg_catalog.min(e.pos) AS pos FROM ", group, element);
	if (group[0] != '\0')
	{
		orm_relation_key_arrays(buf, relation);
		appendStringInfoString(buf, " CROSS JOIN LATERAL ");
	}
	appendStringInfo(buf, "pg_catalog.unnest(%s) WITH ORDINALITY AS e(e, pos) GROUP BY %s%s)",
					 orm_relation_array_of_text(relation, "k.k1"), group, element);
}

static void
append_way(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation, const char *batch)
{
	OrmChain	chain;

	orm_chain_start(&chain, deparse, "k", true);
	appendStringInfoChar(buf, '(');
	orm_chain_append_keys(buf, &chain, relation, batch);
	appendStringInfoChar(buf, ')');
}

void
orm_relation_keys(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation)
{
	if (relation->path)
	{
		StringInfoData arrays;

		initStringInfo(&arrays);
		orm_relation_key_arrays(&arrays, relation);
		append_way(deparse, buf, relation, arrays.data);
		appendStringInfoString(buf, " AS k");
	}
	else if (relation->kind == ORM_HAS_MANY_IN)
	{
		append_elements(buf, relation, "k.ord, ");
		appendStringInfoString(buf, " AS k");
	}
	else
		orm_relation_key_arrays(buf, relation);
}

/* what a foreign server can answer: the keys as a plain condition on its table */
static void
append_key_any(StringInfo buf, OrmRelation *relation, const char *far, Oid far_relid)
{
	if (get_rel_relkind(far_relid) != RELKIND_FOREIGN_TABLE)
		return;
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, " AND %s.%s OPERATOR(%s.%s) ANY ($%d)", far,
						 quote_identifier(relation->links[i].far_column),
						 quote_identifier(relation->links[i].operator_schema),
						 relation->links[i].operator_name, i + 1);
}

/* what is between the keys and the target: the junction, or the owner's row for a function; NULL: nothing */
static char *
table_between(OrmRelation *relation)
{
	if (relation->function)
		return orm_relation_table(relation->owner);
	return orm_relation_has_junction(relation) ? orm_relation_table(relation->through) : NULL;
}

/* the target, joined to what is before it */
static void
append_target(StringInfo buf, OrmRelation *relation)
{
	if (relation->function)
		appendStringInfo(buf, " CROSS JOIN LATERAL %s(p.*) AS t", relation->function);
	else
	{
		appendStringInfo(buf, " JOIN %s AS t ON ", orm_relation_table(relation->target));
		orm_deparse_links(buf, relation->far_links, relation->nfar_links, "t", "p");
	}
}

bool
orm_relation_is_join(OrmRelation *relation)
{
	return table_between(relation) != NULL;
}

void
orm_relation_from(StringInfo buf, OrmRelation *relation)
{
	char	   *between = table_between(relation);

	appendStringInfo(buf, "%s AS %s", between ? between : orm_relation_table(relation->target), between ? "p" : "t");
	if (between)
		append_target(buf, relation);
}

static void
append_matches(StringInfo buf, OrmRelation *relation, const char *keys)
{
	const char *far = orm_relation_is_join(relation) ? "p" : "t";

	if (relation->path)
		orm_deparse_end_links(buf, relation, far, keys);
	else
	{
		orm_relation_key_match(buf, relation, far, keys);
		if (orm_relation_is_direct(relation))
			append_key_any(buf, relation, far, orm_relation_far(relation));
	}
}

void
orm_relation_matches(StringInfo buf, OrmRelation *relation)
{
	append_matches(buf, relation, "k");
}

void
orm_relation_of_one_key(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation)
{
	bool		tied = relation->path != NULL || relation->kind == ORM_HAS_MANY_IN;

	if (relation->path)
		append_way(deparse, buf, relation, NULL);
	else if (tied)
		append_elements(buf, relation, "");
	if (tied)
		appendStringInfoString(buf, " AS h CROSS JOIN ");
	orm_relation_from(buf, relation);
	appendStringInfoString(buf, " WHERE ");
	append_matches(buf, relation, tied ? "h" : "k");
}

bool
orm_relation_can_image(OrmRelation *relation)
{
	return orm_relation_is_direct(relation) && relation->nlinks == 1 && relation->links[0].image_equal;
}

bool
orm_relation_by_image(OrmRelation *relation, List *wheres)
{
	return orm_relation_can_image(relation) && relation->far_large &&
		(relation->far_indexed || orm_partial_index_serves(relation, wheres));
}

void
orm_statement_match(OrmStatement *statement, OrmRelation *relation)
{
	const char *far = orm_relation_has_junction(relation) ? "p" : "t";

	statement->match = palloc(sizeof(int) * relation->nlinks);
	for (int i = 0; i < relation->nlinks; i++)
		statement->match[statement->nmatch++] =
			orm_statement_column(statement, orm_deparse_column(far, relation->links[i].far_column));
}

void
orm_relation_join(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation)
{
	char	   *between = table_between(relation);

	orm_relation_keys(deparse, buf, relation);
	appendStringInfo(buf, " JOIN %s AS %s ON ", between ? between : orm_relation_table(relation->target),
					 between ? "p" : "t");
	orm_relation_matches(buf, relation);
	if (between)
		append_target(buf, relation);
}

/* the far column of the only link, and the alias it stands under */
static char *
only_far_column(OrmRelation *relation, const char **far)
{
	*far = orm_relation_has_junction(relation) ? "p" : "t";
	return orm_deparse_column(*far, relation->links[0].far_column);
}

void
orm_relation_any(StringInfo buf, OrmRelation *relation)
{
	OrmLinkColumn *link = &relation->links[0];
	const char *far;

	appendStringInfo(buf, "%s OPERATOR(%s.%s) ANY ($1)", only_far_column(relation, &far),
					 quote_identifier(link->operator_schema), link->operator_name);
	append_far_type(buf, relation, far);
}

void
orm_relation_range(StringInfo buf, OrmRelation *relation)
{
	const char *far;
	char	   *column = only_far_column(relation, &far);

	appendStringInfo(buf, "%s OPERATOR(pg_catalog.>=) $1 AND %s OPERATOR(pg_catalog.<=) $2", column, column);
	append_far_type(buf, relation, far);
}
