/*
 * value_reader.c
 *	  Values of JSON text as values of columns.
 *
 * Text goes to the type's input function as it stands, so that no digit is
 * lost and json is kept byte for byte. Integers, booleans and plain text take
 * a shorter way to the same values.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "model/cast_codec.h"
#include "save/value_reader.h"

/* ---- shorter ways ---- */

/* a whole number of at most 18 digits */
static bool
plain_integer(const char *text, OrmJsonSpan span, int64 *value)
{
	const char *at = text + span.start;
	const char *end = text + span.end;
	bool		negative = *at == '-';
	int64		result = 0;

	if (negative)
		at++;
	if (at == end || end - at > 18)
		return false;
	for (; at < end; at++)
	{
		if (*at < '0' || *at > '9')
			return false;
		result = result * 10 + (*at - '0');
	}
	*value = negative ? -result : result;
	return true;
}

static bool
integer_value(Oid type, int64 number, Datum *value)
{
	switch (type)
	{
		case INT8OID:
			*value = Int64GetDatum(number);
			return true;
		case INT4OID:
			*value = Int32GetDatum((int32) number);
			return number >= PG_INT32_MIN && number <= PG_INT32_MAX;
		case INT2OID:
			*value = Int16GetDatum((int16) number);
			return number >= PG_INT16_MIN && number <= PG_INT16_MAX;
		default:
			return false;
	}
}

static Datum
text_value(OrmSaveCall *call, const char *data, Size len)
{
	text	   *value = orm_save_alloc(call, VARHDRSZ + len);

	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), data, len);
	return PointerGetDatum(value);
}

static bool
is_plain_text(const OrmSaveColumn *column)
{
	return column->type == TEXTOID || (column->type == VARCHAROID && column->typmod < 0);
}

/* true: the value is there */
static bool
short_way(OrmSaveCall *call, const OrmSaveColumn *column, OrmJsonSpan span, Datum *value)
{
	const char *start = call->text + span.start;
	int64		number;

	switch (span.kind)
	{
		case ORM_JSON_NUMBER:
			return plain_integer(call->text, span, &number) && integer_value(column->type, number, value);
		case ORM_JSON_BOOL:
			*value = BoolGetDatum(*start == 't');
			return column->type == BOOLOID;
		case ORM_JSON_STRING:
			if (!is_plain_text(column) || memchr(start, '\\', span.end - span.start) != NULL)
				return false;
			*value = text_value(call, start + 1, span.end - span.start - 2);
			return true;
		default:
			return false;
	}
}

/* ---- all others ---- */

Datum
orm_save_decode(OrmSaveCall *call, OrmDecoder *decoder, OrmJsonSpan span)
{
	/* it has been through json_in with all the rest */
	if (decoder->type == JSONOID)
		return text_value(call, call->text + span.start, span.end - span.start);
	return orm_codec_from_span(decoder, call->text, span);
}

Datum
orm_save_value(OrmSaveTable *table, AttrNumber attnum, OrmJsonSpan span)
{
	OrmSaveColumn *column = &table->columns[attnum - 1];
	const char *cast_as = column->property ? column->property->cast_as : NULL;
	OrmDecoder *decoder;
	Datum		value = (Datum) 0;

	if (cast_as == NULL && short_way(table->call, column, span, &value))
		return value;
	decoder = orm_save_decoder(table, attnum);
	if (cast_as)
		return orm_cast_from_span(cast_as, decoder, table->call->text, span);
	return orm_save_decode(table->call, decoder, span);
}

/* ---- printing ---- */

static OrmEncoder *
encoder_of(OrmSaveTable *table, AttrNumber attnum)
{
	OrmSaveColumn *column = &table->columns[attnum - 1];

	if (column->encoder == NULL)
	{
		column->encoder = MemoryContextAllocZero(table->call->context, sizeof(OrmEncoder));
		orm_cast_encoder(column->encoder, column->property ? column->property->cast_as : NULL, column->type,
						 table->call->context, table->call->scratch);
	}
	return column->encoder;
}

bool
orm_save_prints_same(OrmSaveTable *table, AttrNumber attnum, Datum left, Datum right)
{
	OrmEncoder *encoder = encoder_of(table, attnum);
	OrmBuffer	buf[2];

	for (int i = 0; i < 2; i++)
	{
		orm_buffer_init(&buf[i], CurrentMemoryContext, 64);
		orm_json_value(&buf[i], i == 0 ? left : right, encoder);
	}
	return buf[0].len == buf[1].len && memcmp(buf[0].data, buf[1].data, buf[0].len) == 0;
}
