/*
 * stamp.c
 *	  The row trigger that keeps an entity's version and timestamps.
 *
 * It fires before each row that is inserted or updated, whoever writes it.
 *
 *	version		INSERT: 1, unless a number is given; UPDATE: one more than it was,
 *				whatever the statement says
 *	created_at	INSERT: now, unless a time is given; UPDATE: what it was, unless
 *				that was NULL
 *	updated_at	INSERT: now, unless a time is given; UPDATE: now
 *
 * What is given on INSERT stays because rows that are copied, restored, or
 * moved to another partition come by that way. "Now" is the transaction's time,
 * which is that of the server's own now().
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/int.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "model/stamp.h"

PG_FUNCTION_INFO_V1(orm_stamp);

typedef struct StampColumn
{
	bool		is_version;
	bool		updates;		/* set by an UPDATE; else kept by it */
	AttrNumber	attnum;
	Oid			type;			/* domains resolved */
	int32		typmod;
	Oid			domain;			/* InvalidOid: none */
	void	   *domain_checks;
} StampColumn;

#define MAX_STAMPS 3

/* the trigger's arguments, looked up once for each statement and table */
typedef struct Stamps
{
	int			n;
	StampColumn columns[MAX_STAMPS];
} Stamps;

/* depth of triggers at which versions are held; -1: nowhere */
static int	held_at = -1;

static int
trigger_depth(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0));
}

int
orm_stamp_hold(void)
{
	int			former = held_at;

	held_at = trigger_depth() + 1;
	return former;
}

void
orm_stamp_release(int former)
{
	held_at = former;
}

/* ---- the trigger's arguments ---- */

static void
check_type(Relation rel, const char *column, const StampColumn *stamp)
{
	bool		fits;

	if (stamp->is_version)
		fits = stamp->type == INT2OID || stamp->type == INT4OID || stamp->type == INT8OID;
	else
		fits = stamp->type == TIMESTAMPTZOID || stamp->type == TIMESTAMPOID || stamp->type == DATEOID;
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of \"%s\" is of type %s, not %s", column, RelationGetRelationName(rel),
						format_type_be(stamp->type), stamp->is_version ? "an integer" : "a timestamp or date"),
				 errhint("Declare the entity again with orm.entity().")));
}

static void
read_stamp(StampColumn *stamp, Relation rel, const char *role, const char *column)
{
	Form_pg_attribute att;
	int			attnum = SPI_fnumber(RelationGetDescr(rel), column);

	if (strcmp(role, ORM_STAMP_VERSION) != 0 && strcmp(role, ORM_STAMP_CREATED_AT) != 0 &&
		strcmp(role, ORM_STAMP_UPDATED_AT) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown argument \"%s\" of trigger function orm.%s()", role, ORM_STAMP_FUNCTION)));
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", column, RelationGetRelationName(rel)),
				 errdetail("It is declared as \"%s\".", role),
				 errhint("Declare the entity again with orm.entity().")));
	att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
	stamp->is_version = strcmp(role, ORM_STAMP_VERSION) == 0;
	stamp->updates = strcmp(role, ORM_STAMP_CREATED_AT) != 0;
	stamp->attnum = attnum;
	stamp->typmod = att->atttypmod;
	stamp->type = getBaseTypeAndTypmod(att->atttypid, &stamp->typmod);
	stamp->domain = stamp->type != att->atttypid ? att->atttypid : InvalidOid;
	check_type(rel, column, stamp);
}

static Stamps *
read_stamps(FmgrInfo *flinfo, TriggerData *data)
{
	Trigger    *trigger = data->tg_trigger;
	Stamps	   *stamps = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Stamps));

	if (trigger->tgnargs % 2 != 0 || trigger->tgnargs / 2 > MAX_STAMPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("trigger function orm.%s() takes at most %d pairs of arguments", ORM_STAMP_FUNCTION, MAX_STAMPS)));
	for (int i = 0; i < trigger->tgnargs; i += 2)
		read_stamp(&stamps->columns[stamps->n++], data->tg_relation, trigger->tgargs[i], trigger->tgargs[i + 1]);
	flinfo->fn_extra = stamps;
	return stamps;
}

/* ---- values ---- */

static Datum
next_version(const StampColumn *stamp, Relation rel, Datum old)
{
	bool		overflow;
	Datum		next;

	switch (stamp->type)
	{
		case INT2OID:
			{
				int16		sum = 0;

				overflow = pg_add_s16_overflow(DatumGetInt16(old), 1, &sum);
				next = Int16GetDatum(sum);
				break;
			}
		case INT4OID:
			{
				int32		sum = 0;

				overflow = pg_add_s32_overflow(DatumGetInt32(old), 1, &sum);
				next = Int32GetDatum(sum);
				break;
			}
		default:
			{
				int64		sum = 0;

				overflow = pg_add_s64_overflow(DatumGetInt64(old), 1, &sum);
				next = Int64GetDatum(sum);
			}
	}
	if (overflow)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("version of a row in \"%s\" is out of range for type %s", RelationGetRelationName(rel),
						format_type_be(stamp->type)),
				 errhint("Give the column a larger type.")));
	return next;
}

static Datum
first_version(const StampColumn *stamp)
{
	if (stamp->type == INT8OID)
		return Int64GetDatum(1);
	return stamp->type == INT4OID ? Int32GetDatum(1) : Int16GetDatum(1);
}

static Datum
present_time(const StampColumn *stamp)
{
	if (stamp->type == TIMESTAMPTZOID)
		return TimestampTzGetDatum(GetSQLCurrentTimestamp(stamp->typmod));
	if (stamp->type == TIMESTAMPOID)
		return TimestampGetDatum(GetSQLLocalTimestamp(stamp->typmod));
	return DateADTGetDatum(GetSQLCurrentDate());
}

/* the value that the column is to have; false: what it has stays */
static bool
stamp_value(const StampColumn *stamp, TriggerData *data, Datum *value)
{
	TupleDesc	desc = RelationGetDescr(data->tg_relation);
	bool		isnull;
	Datum		old = heap_getattr(data->tg_trigtuple, stamp->attnum, desc, &isnull);

	if (TRIGGER_FIRED_BY_INSERT(data->tg_event))
	{
		if (!isnull)
			return false;
		*value = stamp->is_version ? first_version(stamp) : present_time(stamp);
	}
	else if (stamp->is_version)
	{
		if (held_at >= 0 && held_at == trigger_depth() && !isnull)
			*value = old;
		else
			*value = isnull ? first_version(stamp) : next_version(stamp, data->tg_relation, old);
	}
	else if (stamp->updates)
		*value = present_time(stamp);
	else
	{
		if (isnull)
			return false;
		*value = old;
	}
	return true;
}

static void
check_called(FunctionCallInfo fcinfo)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(data->tg_event) || !TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
		!(TRIGGER_FIRED_BY_INSERT(data->tg_event) || TRIGGER_FIRED_BY_UPDATE(data->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function orm.%s() must be called as a trigger before an insert or update of a row",
						ORM_STAMP_FUNCTION)));
}

Datum
orm_stamp(PG_FUNCTION_ARGS)
{
	TriggerData *data;
	Stamps	   *stamps;
	HeapTuple	tuple;
	int			attnums[MAX_STAMPS];
	Datum		values[MAX_STAMPS];
	bool		nulls[MAX_STAMPS] = {false};
	int			n = 0;

	check_called(fcinfo);
	data = (TriggerData *) fcinfo->context;
	tuple = TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple;
	stamps = fcinfo->flinfo->fn_extra;
	if (stamps == NULL)
		stamps = read_stamps(fcinfo->flinfo, data);
	for (int i = 0; i < stamps->n; i++)
	{
		StampColumn *stamp = &stamps->columns[i];

		if (!stamp_value(stamp, data, &values[n]))
			continue;
		if (OidIsValid(stamp->domain))
			domain_check(values[n], false, stamp->domain, &stamp->domain_checks, fcinfo->flinfo->fn_mcxt);
		attnums[n++] = stamp->attnum;
	}
	if (n > 0)
		tuple = heap_modify_tuple_by_cols(tuple, RelationGetDescr(data->tg_relation), n, attnums, values, nulls);
	return PointerGetDatum(tuple);
}
