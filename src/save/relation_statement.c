/*
 * relation_statement.c
 *	  Writes statements about the rows that relations tie to others.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/scope.h"
#include "save/relation_statement.h"
#include "save/statement.h"

static void
append_operator(StringInfo buf, const OrmLinkColumn *link)
{
	appendStringInfo(buf, " OPERATOR(%s.%s) ", quote_identifier(link->operator_schema), link->operator_name);
}

static void
take_others(OrmSaveStatement *st, OrmSaveTable *other, OrmSaveRow **rows, int nrows)
{
	orm_deparse_param(&st->deparse, other->array_type, (Datum) 0, true);
	st->other = other;
	st->others = rows;
	st->nothers = nrows;
}

OrmSaveStatement *
orm_save_missing_statement(OrmRelation *relation, OrmSaveTable *owner, OrmSaveTable *target, OrmSaveRow **given, int ngiven)
{
	OrmSaveStatement *st = orm_save_statement(owner);
	const OrmSaveMatch *key = target->key;
	StringInfoData buf;

	if (ngiven > 0)
		take_others(st, target, given, ngiven);
	for (int i = 0; i < key->ncolumns; i++)
		orm_statement_column(st->statement, psprintf("t.%s", target->columns[key->attnums[i] - 1].name));
	st->ord = orm_statement_column(st->statement, "v.ord");
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT ");
	orm_statement_columns(&buf, st->statement);
	appendStringInfoString(&buf, " FROM pg_catalog.unnest($1) WITH ORDINALITY AS v(");
	orm_save_append_names(&buf, owner, "c");
	appendStringInfo(&buf, ", ord) JOIN %s AS t ON ", orm_entity_qualified(target->entity));
	for (int i = 0; i < relation->nlinks; i++)
	{
		appendStringInfo(&buf, "%st.%s", i > 0 ? " AND " : "", quote_identifier(relation->links[i].far_column));
		append_operator(&buf, &relation->links[i]);
		appendStringInfo(&buf, "v.c%d", relation->links[i].near_attnum);
	}
	if (relation->type)
		orm_deparse_type(&buf, relation->type, "t");
	appendStringInfoString(&buf, " WHERE true");
	orm_deparse_groups(&st->deparse, &buf, orm_scope_relation_groups(relation, target->entity), " AND ", "t");
	if (ngiven > 0)
	{
		appendStringInfoString(&buf, " AND NOT EXISTS (SELECT FROM pg_catalog.unnest($2) AS g(");
		orm_save_append_names(&buf, target, "d");
		appendStringInfoString(&buf, ") WHERE ");
		for (int i = 0; i < key->ncolumns; i++)
		{
			int			at = key->attnums[i] - 1;

			appendStringInfo(&buf, "%s%s", i > 0 ? " AND " : "",
							 orm_statement_equal(psprintf("t.%s", target->columns[at].name), psprintf("g.d%d", at + 1),
												 getBaseType(target->columns[at].type)));
		}
		appendStringInfoChar(&buf, ')');
	}
	return orm_save_statement_take(st, &buf);
}

OrmSaveStatement *
orm_save_pivot_statement(OrmRelation *relation, OrmSaveTable *owner, OrmSaveTable *target, OrmSaveRow **targets, int ntargets)
{
	OrmSaveStatement *st = orm_save_statement(owner);
	StringInfoData buf;

	take_others(st, target, targets, ntargets);
	for (int i = 0; i < relation->npivots; i++)
	{
		int			at = orm_statement_column(st->statement, psprintf("p.%s", quote_identifier(relation->pivots[i])));

		st->statement->columns[at].pivot = relation->pivots[i];
	}
	st->ord = orm_statement_column(st->statement, "v.ord");
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT ");
	orm_statement_columns(&buf, st->statement);
	appendStringInfoString(&buf, " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS v(");
	orm_save_append_names(&buf, owner, "c");
	appendStringInfoString(&buf, ", ");
	orm_save_append_names(&buf, target, "d");
	appendStringInfo(&buf, ", ord) JOIN %s AS p ON ", orm_relation_table(relation->through));
	for (int i = 0; i < relation->nlinks; i++)
	{
		appendStringInfo(&buf, "%sp.%s", i > 0 ? " AND " : "", quote_identifier(relation->links[i].far_column));
		append_operator(&buf, &relation->links[i]);
		appendStringInfo(&buf, "v.c%d", relation->links[i].near_attnum);
	}
	for (int i = 0; i < relation->nfar_links; i++)
	{
		appendStringInfo(&buf, " AND v.d%d", relation->far_links[i].far_attnum);
		append_operator(&buf, &relation->far_links[i]);
		appendStringInfo(&buf, "p.%s", quote_identifier(relation->far_links[i].near_column));
	}
	if (relation->type)
		orm_deparse_type(&buf, relation->type, "p");
	return orm_save_statement_take(st, &buf);
}
