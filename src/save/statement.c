/*
 * statement.c
 *	  Runs statements that write, with batches of values as parameters.
 *
 * A batch is one array per column. Values whose type has no array type, such
 * as arrays themselves, travel as text and are cast in the statement.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "portability/instr_time.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "model/foreign_key.h"
#include "run/plan_cache.h"
#include "save/statement.h"

/* up to so many rows one plan serves all calls */
#define FEW_ROWS 64

/* ---- batches ---- */

OrmBatch *
orm_batch_new(int nrows, int ncolumns)
{
	OrmBatch   *batch = palloc0(sizeof(OrmBatch));

	batch->nrows = nrows;
	batch->ncolumns = ncolumns;
	batch->columns = palloc0(sizeof(OrmBatchColumn) * Max(ncolumns, 1));
	for (int i = 0; i < ncolumns; i++)
		batch->columns[i].values = palloc0(sizeof(Datum) * Max(nrows, 1));
	return batch;
}

void
orm_batch_nullable(OrmBatch *batch, int column)
{
	if (batch->columns[column].nulls == NULL)
		batch->columns[column].nulls = palloc0(sizeof(bool) * Max(batch->nrows, 1));
}

static bool
travels_as_text(Oid type)
{
	return !OidIsValid(get_array_type(type)) || OidIsValid(get_element_type(type)) || type_is_rowtype(type);
}

/* the same values as text, read back without loss whatever the settings */
static Datum *
as_texts(const OrmBatchColumn *column, int nrows)
{
	Datum	   *texts = palloc0(sizeof(Datum) * Max(nrows, 1));
	Oid			output;
	bool		varlena;
	int			nest = NewGUCNestLevel();

	(void) set_config_option("extra_float_digits", "3", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("intervalstyle", "iso_8601", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	getTypeOutputInfo(column->type, &output, &varlena);
	for (int i = 0; i < nrows; i++)
		if (column->nulls == NULL || !column->nulls[i])
			texts[i] = PointerGetDatum(cstring_to_text(OidOutputFunctionCall(output, column->values[i])));
	AtEOXact_GUC(true, nest);
	return texts;
}

static Datum
array_of(const OrmBatchColumn *column, int nrows, Oid *type)
{
	Datum	   *values = column->values;
	int			dims[1] = {nrows};
	int			lower[1] = {1};
	int16		len;
	bool		byval;
	char		align;

	*type = column->type;
	if (travels_as_text(column->type))
	{
		*type = TEXTOID;
		values = as_texts(column, nrows);
	}
	get_typlenbyvalalign(*type, &len, &byval, &align);
	return PointerGetDatum(construct_md_array(values, column->nulls, 1, dims, lower, *type, len, byval, align));
}

void
orm_batch_append(OrmDeparse *deparse, StringInfo buf, const OrmBatch *batch, const char *alias)
{
	appendStringInfoString(buf, "ROWS FROM (");
	for (int i = 0; i < batch->ncolumns; i++)
	{
		Oid			type;
		Datum		array = array_of(&batch->columns[i], batch->nrows, &type);

		appendStringInfo(buf, "%spg_catalog.unnest($%d)", i > 0 ? ", " : "",
						 orm_deparse_param(deparse, get_array_type(type), array, false));
	}
	appendStringInfo(buf, ") WITH ORDINALITY AS %s(", alias);
	for (int i = 0; i < batch->ncolumns; i++)
		appendStringInfo(buf, "k%d, ", i + 1);
	appendStringInfoString(buf, "ord)");
}

char *
orm_batch_value(const OrmBatch *batch, int column, const char *alias)
{
	char	   *value = psprintf("%s.k%d", alias, column + 1);

	if (travels_as_text(batch->columns[column].type))
		return psprintf("CAST(%s AS %s)", value, orm_statement_type(batch->columns[column].type, -1));
	return value;
}

char *
orm_batch_any(OrmDeparse *deparse, const OrmBatch *batch, int column, const char *left, Oid left_type)
{
	Oid			type = batch->columns[column].type;
	Oid			op = orm_link_operator(left_type, type);
	Datum		array;

	if (!OidIsValid(op) || travels_as_text(type))
		return NULL;
	array = array_of(&batch->columns[column], batch->nrows, &type);
	return psprintf("%s OPERATOR(%s.%s) ANY ($%d)", left, quote_identifier(orm_operator_schema(op)), get_opname(op),
					orm_deparse_param(deparse, get_array_type(type), array, false));
}

/* ---- text ---- */

char *
orm_statement_equal(const char *left, const char *right, Oid type)
{
	Oid			op = orm_link_operator(type, type);

	if (!OidIsValid(op))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("type %s has no equality operator", format_type_be(type))));
	return psprintf("%s OPERATOR(%s.%s) %s", left, quote_identifier(orm_operator_schema(op)), get_opname(op), right);
}

static void
append_row(StringInfo buf, List *values)
{
	ListCell   *cell;

	appendStringInfoString(buf, "ROW(");
	foreach(cell, values)
		appendStringInfo(buf, "%s%s", cell == list_head(values) ? "" : ", ", (char *) lfirst(cell));
	appendStringInfoChar(buf, ')');
}

char *
orm_statement_differs(List *left, List *right)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "pg_catalog.record_image_ne(");
	append_row(&buf, left);
	appendStringInfoString(&buf, ", ");
	append_row(&buf, right);
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

char *
orm_statement_type(Oid type, int32 typmod)
{
	return format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

/* ---- running ---- */

/* rows of SPI's, which end with it, as rows in "context" */
static void
take_rows(OrmRows *rows, SPITupleTable *table, MemoryContext context)
{
	TupleDesc	desc = table->tupdesc;
	MemoryContext old = MemoryContextSwitchTo(context);

	rows->nrows = table->numvals;
	rows->ncolumns = desc->natts;
	rows->values = palloc(sizeof(Datum *) * Max(rows->nrows, 1));
	rows->nulls = palloc(sizeof(bool *) * Max(rows->nrows, 1));
	for (int r = 0; r < rows->nrows; r++)
	{
		CHECK_FOR_INTERRUPTS();
		rows->values[r] = palloc(sizeof(Datum) * desc->natts);
		rows->nulls[r] = palloc(sizeof(bool) * desc->natts);
		heap_deform_tuple(table->vals[r], desc, rows->values[r], rows->nulls[r]);
		for (int c = 0; c < desc->natts; c++)
			if (!rows->nulls[r][c])
				rows->values[r][c] = datumCopy(rows->values[r][c], TupleDescAttr(desc, c)->attbyval,
											   TupleDescAttr(desc, c)->attlen);
	}
	MemoryContextSwitchTo(old);
}

static char *
nulls_as_letters(const OrmDeparse *deparse)
{
	char	   *letters = palloc(deparse->nparams + 1);

	for (int i = 0; i < deparse->nparams; i++)
		letters[i] = deparse->nulls[i] ? 'n' : ' ';
	letters[deparse->nparams] = '\0';
	return letters;
}

OrmRows *
orm_statement_write(OrmDeparse *deparse, StringInfo sql, int nrows)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "orm write", ALLOCSET_SMALL_SIZES);
	OrmRows    *rows = palloc0(sizeof(OrmRows));
	OrmStatement statement = {.sql = sql->data, .nparams = deparse->nparams, .types = deparse->types, .ordinal = -1};
	OrmStatement *kept;
	OrmPlan    *plan;
	instr_time	start;
	instr_time	end;
	int			result;

	MemoryContextSwitchTo(context);
	kept = palloc(sizeof(OrmStatement));
	*kept = statement;
	kept->generic = nrows <= FEW_ROWS;
	kept->custom = !kept->generic;
	plan = orm_plan_get(kept, context);
	INSTR_TIME_SET_CURRENT(start);
	SPI_connect();
	result = SPI_execute_plan(plan->spi, deparse->values, nulls_as_letters(deparse), false, 0);
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not run a statement: %s", SPI_result_code_string(result))));
	rows->processed = SPI_processed;
	if (SPI_tuptable)
		take_rows(rows, SPI_tuptable, caller);
	SPI_finish();
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	plan->calls++;
	plan->rows += rows->processed;
	plan->seconds += INSTR_TIME_GET_DOUBLE(end);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return rows;
}
