/*
 * sql_check.c
 *	  What orm.check shows of the model.
 */
#include "base/compat.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "declare/check.h"

PG_FUNCTION_INFO_V1(orm_check);

#define CHECK_COLUMNS	5

Datum
orm_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, orm_check_model())
	{
		OrmFinding *finding = lfirst(cell);
		Datum		values[CHECK_COLUMNS];
		bool		nulls[CHECK_COLUMNS] = {false};

		values[0] = CStringGetTextDatum(finding->entity);
		values[1] = CStringGetTextDatum(finding->subject);
		values[2] = CStringGetTextDatum(finding->severity);
		values[3] = CStringGetTextDatum(finding->message);
		nulls[4] = finding->hint == NULL;
		values[4] = finding->hint ? CStringGetTextDatum(finding->hint) : (Datum) 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
