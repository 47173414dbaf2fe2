/*
 * deparse_relation.c
 *	  Pieces of the statements that are run for the keys of a window.
 *
 * Aliases are deparse.c's: "t" is the target's relation, "k" the keys of a
 * batch, "p" the junction table of a many-to-many.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_relation.h"

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
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", statement->columns[i].sql);
}

void
orm_statement_take(OrmStatement *statement, OrmDeparse *deparse, char *sql)
{
	statement->sql = sql;
	statement->nparams = deparse->nparams;
	statement->types = deparse->types;
	statement->values = deparse->values;
	statement->nulls = deparse->nulls;
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
orm_relation_keys(StringInfo buf, const OrmRelation *relation)
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
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(buf, "%s%s.%s OPERATOR(%s.%s) %s.k%d", i > 0 ? " AND " : "", far,
						 quote_identifier(relation->links[i].far_column),
						 quote_identifier(relation->links[i].operator_schema),
						 relation->links[i].operator_name, keys, i + 1);
	append_far_type(buf, relation, far);
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

void
orm_relation_from(StringInfo buf, OrmRelation *relation)
{
	if (orm_relation_has_junction(relation))
	{
		appendStringInfo(buf, "%s AS p JOIN %s AS t ON ", orm_relation_table(relation->through),
						 orm_relation_table(relation->target));
		orm_deparse_links(buf, relation->far_links, relation->nfar_links, "t", "p");
	}
	else
		appendStringInfo(buf, "%s AS t", orm_relation_table(relation->target));
}

void
orm_relation_matches(StringInfo buf, OrmRelation *relation)
{
	const char *far = orm_relation_has_junction(relation) ? "p" : "t";

	orm_relation_key_match(buf, relation, far, "k");
	append_key_any(buf, relation, far, orm_relation_far(relation));
}

bool
orm_relation_by_image(OrmRelation *relation)
{
	return relation->nlinks == 1 && relation->links[0].image_equal && relation->far_indexed && relation->far_large;
}

void
orm_statement_match(OrmStatement *statement, OrmRelation *relation)
{
	const char *far = orm_relation_has_junction(relation) ? "p" : "t";

	statement->match = palloc(sizeof(int) * relation->nlinks);
	for (int i = 0; i < relation->nlinks; i++)
		statement->match[statement->nmatch++] =
			orm_statement_column(statement, psprintf("%s.%s", far, quote_identifier(relation->links[i].far_column)));
}

void
orm_relation_join(StringInfo buf, OrmRelation *relation)
{
	orm_relation_keys(buf, relation);
	appendStringInfoString(buf, " JOIN ");
	if (orm_relation_has_junction(relation))
	{
		appendStringInfo(buf, "%s AS p ON ", orm_relation_table(relation->through));
		orm_relation_matches(buf, relation);
		appendStringInfo(buf, " JOIN %s AS t ON ", orm_relation_table(relation->target));
		orm_deparse_links(buf, relation->far_links, relation->nfar_links, "t", "p");
	}
	else
	{
		appendStringInfo(buf, "%s AS t ON ", orm_relation_table(relation->target));
		orm_relation_matches(buf, relation);
	}
}

/* the far column of the only link, and the alias it stands under */
static char *
only_far_column(OrmRelation *relation, const char **far)
{
	*far = orm_relation_has_junction(relation) ? "p" : "t";
	return psprintf("%s.%s", *far, quote_identifier(relation->links[0].far_column));
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
