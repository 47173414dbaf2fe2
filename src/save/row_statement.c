/*
 * row_statement.c
 *	  Writes the statements that read, insert and update rows of the input.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/deparse_columns.h"
#include "model/foreign_key.h"
#include "save/row_statement.h"
#include "save/statement.h"
#include "save/value_operator.h"

OrmSaveStatement *
orm_save_statement(OrmSaveTable *table)
{
	OrmSaveStatement *st = palloc0(sizeof(OrmSaveStatement));

	st->table = table;
	st->statement = palloc0(sizeof(OrmStatement));
	st->statement->ordinal = -1;
	st->statement->generic = true;
	st->ord = -1;
	st->guard = -1;
	st->columns = palloc(sizeof(int) * table->natts);
	st->changed = palloc(sizeof(int) * table->natts);
	for (int i = 0; i < table->natts; i++)
		st->columns[i] = st->changed[i] = -1;
	orm_deparse_param(&st->deparse, table->array_type, (Datum) 0, true);
	return st;
}

static char *
old_value(const OrmSaveTable *table, int i)
{
	return psprintf("t.%s", table->columns[i].name);
}

/* parentheses, for an operator may want an element of it */
static char *
new_value(int i)
{
	return psprintf("(v.c%d)", i + 1);
}

/* what is printed of a row, and columns that are needed besides */
static void
add_columns(OrmSaveStatement *st, const bool *wanted)
{
	OrmSaveTable *table = st->table;

	if (table->query)
	{
		orm_columns_properties(&st->deparse, st->statement, table->query, NULL);
		st->printed = true;
	}
	for (int i = 0; i < table->natts; i++)
		if (wanted[i])
			st->columns[i] = orm_statement_column(st->statement, old_value(table, i));
}

/* "c1, c2, …"; dropped columns have no place among the names */
void
orm_save_append_names(StringInfo buf, const OrmSaveTable *table, const char *prefix)
{
	const char *comma = "";

	for (int i = 0; i < table->natts; i++)
		if (table->columns[i].live)
		{
			appendStringInfo(buf, "%s%s%d", comma, prefix, i + 1);
			comma = ", ";
		}
}

/* "pg_catalog.unnest($1) AS v(c1, c2, …)" */
static void
append_rows(StringInfo buf, const OrmSaveTable *table, bool numbered)
{
	appendStringInfo(buf, "pg_catalog.unnest($1)%s AS v(", numbered ? " WITH ORDINALITY" : "");
	orm_save_append_names(buf, table, "c");
	appendStringInfoString(buf, numbered ? ", ord)" : ")");
}

static void
append_match(StringInfo buf, const OrmSaveTable *table, const OrmSaveMatch *match, bool before)
{
	for (int i = 0; i < match->ncolumns; i++)
	{
		int			at = match->attnums[i] - 1;

		appendStringInfo(buf, "%s%s", i > 0 ? " AND " : "",
						 orm_statement_equal(old_value(table, at), before ? psprintf("v.d%d", at + 1) : new_value(at),
											 getBaseType(table->columns[at].type)));
	}
}

/*
 * A foreign server does not see the rows of the input: without a condition of
 * its own it would give, and lock, all that it has.
 */
static void
append_any(OrmSaveStatement *st, StringInfo buf, const OrmSaveMatch *match)
{
	OrmSaveTable *table = st->table;

	for (int i = 0; table->entity->relkind == RELKIND_FOREIGN_TABLE && i < match->ncolumns; i++)
	{
		int			at = match->attnums[i] - 1;
		Oid			type = getBaseType(table->columns[at].type);
		Oid			op = orm_link_operator(type, type);
		Oid			array = get_array_type(type);

		if (!OidIsValid(op) || !OidIsValid(array))
			continue;
		st->any[st->nanys] = match->attnums[i];
		st->any_params[st->nanys] = orm_deparse_param(&st->deparse, array, (Datum) 0, true);
		appendStringInfo(buf, " AND %s OPERATOR(%s.%s) ANY ($%d)", old_value(table, at),
						 quote_identifier(orm_operator_schema(op)), get_opname(op), st->any_params[st->nanys]);
		st->nanys++;
	}
}

/* what the column gets, as SQL */
static char *
value_for(const OrmSaveTable *table, int i, uint8 given, const char *old)
{
	if (given == ORM_GIVEN_RESET)
		return pstrdup(table->columns[i].default_sql ? table->columns[i].default_sql : "DEFAULT");
	return orm_save_operation(table, i + 1, given, old, new_value(i));
}

OrmSaveStatement *
orm_save_statement_take(OrmSaveStatement *st, StringInfo buf)
{
	orm_statement_take(st->statement, &st->deparse, buf->data);
	return st;
}

static void
append_returning(OrmSaveStatement *st, StringInfo buf)
{
	if (st->statement->ncolumns == 0)
		return;
	appendStringInfoString(buf, " RETURNING ");
	orm_statement_columns(buf, st->statement);
}

/* ---- reading ---- */

static void
add_changed(OrmSaveStatement *st, const uint8 *given)
{
	OrmSaveTable *table = st->table;

	for (int i = 0; given && i < table->natts; i++)
		if (given[i] >= ORM_GIVEN_INC || (given[i] == ORM_GIVEN_RESET && table->columns[i].default_sql))
			st->changed[i] = orm_statement_column(st->statement, value_for(table, i, given[i], old_value(table, i)));
}

static void
add_guard(OrmSaveStatement *st, OrmWhere *guard)
{
	StringInfoData buf;

	if (guard == NULL)
		return;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "((");
	orm_deparse_where(&st->deparse, &buf, guard, "t");
	appendStringInfoString(&buf, ") IS TRUE)");
	st->guard = orm_statement_column(st->statement, buf.data);
}

/* only where the server can tell which rows of which table to lock */
static bool
can_lock(const OrmEntity *entity)
{
	return entity->relkind != RELKIND_VIEW ||
		(DatumGetInt32(DirectFunctionCall2(pg_relation_is_updatable, ObjectIdGetDatum(entity->relid),
										   BoolGetDatum(false))) & (1 << CMD_UPDATE)) != 0;
}

OrmSaveStatement *
orm_save_read_statement(OrmSaveTable *table, const OrmSaveReading *reading)
{
	OrmSaveStatement *st = orm_save_statement(table);
	StringInfoData buf;

	add_columns(st, reading->wanted);
	add_changed(st, reading->given);
	add_guard(st, reading->guard);
	st->ord = orm_statement_column(st->statement, "v.ord");
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT ");
	orm_statement_columns(&buf, st->statement);
	appendStringInfoString(&buf, " FROM ");
	append_rows(&buf, table, true);
	appendStringInfo(&buf, " JOIN %s AS t ON ", orm_entity_qualified(table->entity));
	append_match(&buf, table, reading->match, false);
	append_any(st, &buf, reading->match);
	if (reading->scoped)
		orm_deparse_groups(&st->deparse, &buf, orm_scope_groups(table->entity, NIL, ORM_TRASHED_OUT), " WHERE ", "t");
	if (reading->lock && can_lock(table->entity))
	{
		appendStringInfoString(&buf, " ORDER BY ");
		for (int i = 0; i < reading->match->ncolumns; i++)
			appendStringInfo(&buf, "%s%s", i > 0 ? ", " : "", old_value(table, reading->match->attnums[i] - 1));
		appendStringInfoString(&buf, " FOR NO KEY UPDATE OF t");
	}
	return orm_save_statement_take(st, &buf);
}

/* ---- inserting ---- */

/* may the column be named when a row is inserted? */
static bool
goes_in(const OrmSaveTable *table, int i, uint8 given)
{
	const OrmSaveColumn *column = &table->columns[i];

	return given != ORM_GIVEN_NOT && given != ORM_GIVEN_LINK && given != ORM_GIVEN_RESET && !column->passed_over &&
		(column->property == NULL || column->property->insert);
}

static void
append_conflict(OrmSaveStatement *st, StringInfo buf, const OrmSaveInsertion *insertion)
{
	OrmSaveTable *table = st->table;
	const OrmSaveMatch *match = insertion->conflict;
	const char *comma = "";
	ListCell   *cell;

	appendStringInfoString(buf, " ON CONFLICT (");
	for (int i = 0; i < match->ncolumns; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", table->columns[match->attnums[i] - 1].name);
	if (insertion->update == NIL)
	{
		appendStringInfoString(buf, ") DO NOTHING");
		return;
	}
	appendStringInfoString(buf, ") DO UPDATE SET ");
	foreach(cell, insertion->update)
	{
		int			at = ((OrmProperty *) lfirst(cell))->attnum - 1;
		char	   *excluded = psprintf("(excluded.%s)", table->columns[at].name);

		appendStringInfo(buf, "%s%s = %s", comma, table->columns[at].name,
						 orm_save_operation(table, at + 1, insertion->given[at], old_value(table, at), excluded));
		comma = ", ";
	}
	orm_deparse_groups(&st->deparse, buf, orm_scope_groups(table->entity, NIL, ORM_TRASHED_OUT), " WHERE ", "t");
}

OrmSaveStatement *
orm_save_insert_statement(OrmSaveTable *table, const OrmSaveInsertion *insertion)
{
	OrmSaveStatement *st = orm_save_statement(table);
	StringInfoData buf;
	StringInfoData values;

	add_columns(st, table->looked_at);
	initStringInfo(&buf);
	initStringInfo(&values);
	appendStringInfo(&buf, "INSERT INTO %s AS t", orm_entity_qualified(table->entity));
	for (int i = 0; i < table->natts; i++)
	{
		if (!goes_in(table, i, insertion->given[i]))
			continue;
		appendStringInfo(&buf, "%s%s", values.len == 0 ? " (" : ", ", table->columns[i].name);
		appendStringInfo(&values, "%s%s", values.len == 0 ? " " : ", ",
						 value_for(table, i, insertion->given[i], NULL));
	}
	appendStringInfo(&buf, "%s SELECT%s FROM ", values.len > 0 ? ")" : "", values.data);
	append_rows(&buf, table, false);
	st->guarded = insertion->conflict && insertion->update == NIL;
	if (insertion->conflict)
		append_conflict(st, &buf, insertion);
	append_returning(st, &buf);
	return orm_save_statement_take(st, &buf);
}

/* ---- updating ---- */

static void
append_rows_and_before(OrmSaveStatement *st, StringInfo buf)
{
	st->other = st->table;
	orm_deparse_param(&st->deparse, st->table->array_type, (Datum) 0, true);
	appendStringInfoString(buf, "ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS v(");
	orm_save_append_names(buf, st->table, "c");
	appendStringInfoString(buf, ", ");
	orm_save_append_names(buf, st->table, "d");
	appendStringInfoString(buf, ", ord)");
}

OrmSaveStatement *
orm_save_update_statement(OrmSaveTable *table, const OrmSaveMatch *match, const uint8 *given, const bool *set, bool rekeyed)
{
	OrmSaveStatement *st = orm_save_statement(table);
	const char *comma = "";
	StringInfoData buf;

	add_columns(st, table->looked_at);
	st->ord = orm_statement_column(st->statement, "v.ord");
	initStringInfo(&buf);
	appendStringInfo(&buf, "UPDATE %s AS t SET ", orm_entity_qualified(table->entity));
	for (int i = 0; i < table->natts; i++)
	{
		if (!set[i])
			continue;
		appendStringInfo(&buf, "%s%s = %s", comma, table->columns[i].name,
						 value_for(table, i, given[i], old_value(table, i)));
		comma = ", ";
	}
	appendStringInfoString(&buf, " FROM ");
	if (rekeyed)
		append_rows_and_before(st, &buf);
	else
		append_rows(&buf, table, true);
	appendStringInfoString(&buf, " WHERE ");
	append_match(&buf, table, match, rekeyed);
	append_any(st, &buf, match);
	append_returning(st, &buf);
	return orm_save_statement_take(st, &buf);
}
