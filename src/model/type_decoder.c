/*
 * type_decoder.c
 *	  How text, or a value from a JSON document, becomes a Datum of a type.
 *
 * Not here: the way out (type_codec.c), and reading documents as such.
 *
 * Scalars go through the type's own input function, so what a type accepts is
 * the type's to say. Only the structure is ours: arrays, composites, and
 * domains over them.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "base/error.h"
#include "base/json_text.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/type_codec.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/*
 * The fields of a composite type as they were at one time; an ALTER gives the
 * type another identifier. A superseded one stays as long as the decoder: an
 * input function that is being run may have got here again.
 */
typedef struct OrmRowDecoder
{
	uint64		identifier;
	TupleDesc	tupdesc;
	OrmDecoder	fields[FLEXIBLE_ARRAY_MEMBER];
} OrmRowDecoder;

/* An array under construction. "ndims" is 0 until the first element was met. */
typedef struct ArrayReader
{
	OrmDecoder *decoder;		/* of the array */
	bool		flat;			/* nested JSON arrays are elements, not dimensions */
	int			ndims;
	int			dims[MAXDIM];
	const char *text;
	ArrayBuildState *state;
} ArrayReader;

void
orm_codec_decoder(OrmDecoder *decoder, Oid type, int32 typmod, MemoryContext context)
{
	Oid			input;
	Oid			element;

	memset(decoder, 0, sizeof(*decoder));
	decoder->type = type;
	decoder->typmod = typmod;
	decoder->context = context;
	decoder->base_typmod = typmod;
	decoder->base = getBaseTypeAndTypmod(type, &decoder->base_typmod);
	getTypeInputInfo(type, &input, &decoder->ioparam);
	fmgr_info_cxt(input, &decoder->input, context);

	element = get_element_type(decoder->base);
	/* the vector types are arrays only to look at: theirs is a lower bound of 0 */
	if (OidIsValid(element) && decoder->base != INT2VECTOROID && decoder->base != OIDVECTOROID)
	{
		decoder->element = MemoryContextAlloc(context, sizeof(OrmDecoder));
		orm_codec_decoder(decoder->element, element, decoder->base_typmod, context);
	}
}

Datum
orm_codec_from_text(OrmDecoder *decoder, const char *text)
{
	return InputFunctionCall(&decoder->input, unconstify(char *, text), decoder->ioparam, decoder->typmod);
}

/* NULL for a part; a domain may object */
static void
check_null(OrmDecoder *decoder)
{
	if (decoder->type != decoder->base)
		domain_check((Datum) 0, true, decoder->type, &decoder->domain, decoder->context);
}

/* "value", of the base type, as one of the type */
static Datum
checked(OrmDecoder *decoder, Datum value)
{
	if (decoder->type != decoder->base)
		domain_check(value, false, decoder->type, &decoder->domain, decoder->context);
	return value;
}

static char *
slice(const char *text, OrmJsonSpan span)
{
	return pnstrdup(text + span.start, span.end - span.start);
}

/* the text of a number; a whole one may have an exponent in JSON, and not as an integer */
static char *
number_text(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	char	   *number = slice(text, span);

	if ((decoder->base == INT2OID || decoder->base == INT4OID || decoder->base == INT8OID) && strpbrk(number, "eE"))
		number = DatumGetCString(DirectFunctionCall1(numeric_out,
													 DirectFunctionCall3(numeric_in, CStringGetDatum(number), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1))));
	return number;
}

static char *
scalar_text(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	switch (span.kind)
	{
		case ORM_JSON_STRING:
			return orm_json_text_string(text, span);
		case ORM_JSON_NUMBER:
			return number_text(decoder, text, span);
		default:
			return slice(text, span);
	}
}

static void
raise_ragged(OrmDecoder *decoder)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("malformed JSON array for type %s", format_type_be(decoder->type)),
			 errdetail("Nested arrays must have sub-arrays with matching dimensions.")));
}

static void
read_element(ArrayReader *reader, OrmJsonSpan span, int depth)
{
	OrmDecoder *element = reader->decoder->element;
	bool		isnull = span.kind == ORM_JSON_NULL;
	Datum		datum = (Datum) 0;

	if (reader->ndims == 0)
		reader->ndims = depth;
	else if (reader->ndims != depth)
		raise_ragged(reader->decoder);

	if (isnull)
		check_null(element);
	else
		datum = orm_codec_from_span(element, reader->text, span);
	reader->state = accumArrayResult(reader->state, datum, isnull, element->type, CurrentMemoryContext);
}

/* One dimension; "depth" counts from 1. */
static void
read_dimension(ArrayReader *reader, OrmJsonSpan span, int depth)
{
	OrmJsonCursor cursor;
	int			count = 0;

	check_stack_depth();
	if (depth > MAXDIM)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("number of array dimensions (%d) exceeds the maximum allowed (%d)", depth, MAXDIM)));
	orm_json_text_enter(&cursor, reader->text, span);
	while (orm_json_text_next(&cursor))
	{
		CHECK_FOR_INTERRUPTS();
		count++;
		if (!reader->flat && cursor.value.kind == ORM_JSON_ARRAY)
		{
			/* elements were found at this depth already */
			if (reader->ndims == depth)
				raise_ragged(reader->decoder);
			read_dimension(reader, cursor.value, depth + 1);
		}
		else
			read_element(reader, cursor.value, depth);
	}
	if (reader->dims[depth - 1] < 0)
		reader->dims[depth - 1] = count;
	else if (reader->dims[depth - 1] != count)
		raise_ragged(reader->decoder);
}

static Datum
array_from_json(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	Oid			base = decoder->element->base;
	ArrayReader reader = {.decoder = decoder,.text = text};
	int			lower_bounds[MAXDIM];

	reader.flat = base == JSONOID || base == JSONBOID || decoder->element->element != NULL;
	for (int i = 0; i < MAXDIM; i++)
	{
		reader.dims[i] = -1;
		lower_bounds[i] = 1;
	}
	read_dimension(&reader, span, 1);
	if (reader.state == NULL)
		return checked(decoder, PointerGetDatum(construct_empty_array(decoder->element->type)));
	return checked(decoder, makeMdArrayResult(reader.state, reader.ndims, reader.dims, lower_bounds,
											  CurrentMemoryContext, true));
}

static OrmRowDecoder *
row_decoder(OrmDecoder *decoder)
{
	uint64		identifier = assign_record_type_identifier(decoder->base, -1);
	OrmRowDecoder *row = decoder->row;
	MemoryContext old;
	TupleDesc	tupdesc;

	if (row != NULL && row->identifier == identifier)
		return row;

	tupdesc = lookup_rowtype_tupdesc(decoder->base, -1);
	old = MemoryContextSwitchTo(decoder->context);
	row = palloc(offsetof(OrmRowDecoder, fields) + tupdesc->natts * sizeof(OrmDecoder));
	row->identifier = identifier;
	row->tupdesc = CreateTupleDescCopy(tupdesc);
	MemoryContextSwitchTo(old);
	ReleaseTupleDesc(tupdesc);
	for (int i = 0; i < row->tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(row->tupdesc, i);

		if (!att->attisdropped)
			orm_codec_decoder(&row->fields[i], att->atttypid, att->atttypmod, decoder->context);
	}
	decoder->row = row;
	return row;
}

static void
raise_unknown_field(OrmDecoder *decoder, TupleDesc tupdesc, const char *text, OrmJsonSpan key)
{
	char	   *name = orm_json_text_string(text, key);
	List	   *names = NIL;

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped)
			names = lappend(names, NameStr(att->attname));
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("type %s has no field \"%s\"", format_type_be(decoder->base), name),
			 orm_hint_names(name, names, "fields")));
}

/* the place of a field, or -1 */
static int
field_named(TupleDesc tupdesc, const char *text, OrmJsonSpan key)
{
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped && orm_json_text_is(text, key, NameStr(att->attname), strlen(NameStr(att->attname))))
			return i;
	}
	return -1;
}

/* of a name that comes twice the last one counts, as in jsonb */
static Datum
row_from_json(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	OrmRowDecoder *row = row_decoder(decoder);
	int			natts = row->tupdesc->natts;
	OrmJsonSpan *spans = palloc0(natts * sizeof(OrmJsonSpan));
	Datum	   *values = palloc0(natts * sizeof(Datum));
	bool	   *nulls = palloc(natts * sizeof(bool));
	OrmJsonCursor cursor;

	orm_json_text_enter(&cursor, text, span);
	while (orm_json_text_next(&cursor))
	{
		int			at = field_named(row->tupdesc, text, cursor.key);

		if (at < 0)
			raise_unknown_field(decoder, row->tupdesc, text, cursor.key);
		spans[at] = cursor.value;
	}
	for (int i = 0; i < natts; i++)
	{
		nulls[i] = spans[i].end == 0 || spans[i].kind == ORM_JSON_NULL;
		if (TupleDescAttr(row->tupdesc, i)->attisdropped)
			continue;
		if (nulls[i])
			check_null(&row->fields[i]);
		else
			values[i] = orm_codec_from_span(&row->fields[i], text, spans[i]);
	}
	return checked(decoder, HeapTupleGetDatum(heap_form_tuple(row->tupdesc, values, nulls)));
}

Datum
orm_codec_from_span(OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	check_stack_depth();
	if (decoder->base == JSONOID || decoder->base == JSONBOID)
		return orm_codec_from_text(decoder, slice(text, span));
	if (span.kind != ORM_JSON_ARRAY && span.kind != ORM_JSON_OBJECT)
		return orm_codec_from_text(decoder, scalar_text(decoder, text, span));
	if (decoder->element != NULL && span.kind == ORM_JSON_ARRAY)
		return array_from_json(decoder, text, span);
	if (span.kind == ORM_JSON_OBJECT && decoder->base != RECORDOID && type_is_rowtype(decoder->base))
		return row_from_json(decoder, text, span);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("a JSON %s is no value of type %s",
					span.kind == ORM_JSON_OBJECT ? "object" : "array", format_type_be(decoder->type))));
	return (Datum) 0;			/* keep the compiler quiet */
}

char *
orm_codec_json_text(JsonbValue *value)
{
	Jsonb	   *document = JsonbValueToJsonb(value);

	return JsonbToCString(NULL, &document->root, VARSIZE(document));
}

Datum
orm_codec_from_json(OrmDecoder *decoder, JsonbValue *value)
{
	char	   *text;

	/* what most values are: there and back as text for nothing */
	if (value->type == jbvString && decoder->base != JSONOID && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, pnstrdup(value->val.string.val, value->val.string.len));
	if (value->type == jbvNumeric && decoder->base != JSONOID && decoder->base != JSONBOID)
		return orm_codec_from_text(decoder, DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
	text = orm_codec_json_text(value);
	return orm_codec_from_span(decoder, text, orm_json_text_root(text, strlen(text)));
}
