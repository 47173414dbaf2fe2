/*
 * sql_writer.c
 *	  The JSON writer and reader of single values, callable from SQL so that
 *	  the tests can hold them against the server's own.
 *
 * Not here: anything for users.
 */
#include "base/compat.h"

#include "base/json_writer.h"
#include "model/type_codec.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(orm_sql_to_json);
PG_FUNCTION_INFO_V1(orm_sql_escape);
PG_FUNCTION_INFO_V1(orm_sql_from_json);

/* What orm._to_json keeps from one call to the next. */
typedef struct Writer
{
	OrmEncoder	encoder;
	OrmBuffer	buf;
	MemoryContext scratch;
} Writer;

/* the type of an argument of type anyelement */
static Oid
argument_type(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argument);

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("could not determine input data type")));
	return type;
}

static Datum
buffer_datum(OrmBuffer *buf)
{
	text	   *result;

	if (buf->len > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("JSON text is longer than a value can be"),
				 errdetail("It has %zu bytes, and a value holds up to 1 GB.", buf->len)));
	result = palloc(VARHDRSZ + buf->len);
	SET_VARSIZE(result, VARHDRSZ + buf->len);
	memcpy(VARDATA(result), buf->data, buf->len);
	return PointerGetDatum(result);
}

Datum
orm_sql_to_json(PG_FUNCTION_ARGS)
{
	Writer	   *writer = fcinfo->flinfo->fn_extra;

	if (writer == NULL)
	{
		MemoryContext context = fcinfo->flinfo->fn_mcxt;

		writer = MemoryContextAllocZero(context, sizeof(Writer));
		writer->scratch = AllocSetContextCreate(context, "orm writer scratch", ALLOCSET_DEFAULT_SIZES);
		orm_buffer_init(&writer->buf, context, 1024);
		orm_codec_encoder(&writer->encoder, argument_type(fcinfo, 0), context, writer->scratch);
		fcinfo->flinfo->fn_extra = writer;
	}
	writer->buf.len = 0;
	orm_json_value(&writer->buf, PG_GETARG_DATUM(0), &writer->encoder);
	MemoryContextReset(writer->scratch);
	PG_RETURN_DATUM(buffer_datum(&writer->buf));
}

Datum
orm_sql_escape(PG_FUNCTION_ARGS)
{
	text	   *input = PG_GETARG_TEXT_PP(0);
	OrmBuffer	buf;

	orm_buffer_init(&buf, CurrentMemoryContext, 0);
	if (PG_GETARG_BOOL(1))
		orm_json_escape_plain(&buf, VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input));
	else
		orm_json_escape(&buf, VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input));
	PG_RETURN_DATUM(buffer_datum(&buf));
}

Datum
orm_sql_from_json(PG_FUNCTION_ARGS)
{
	OrmDecoder	decoder;
	Jsonb	   *document;
	JsonbValue	value;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	document = PG_GETARG_JSONB_P(0);
	orm_codec_decoder(&decoder, argument_type(fcinfo, 1), -1, CurrentMemoryContext);
	if (!JsonbExtractScalar(&document->root, &value))
	{
		value.type = jbvBinary;
		value.val.binary.data = &document->root;
		value.val.binary.len = VARSIZE(document) - VARHDRSZ;
	}
	if (value.type == jbvNull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(orm_codec_from_json(&decoder, &value));
}
