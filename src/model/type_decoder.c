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

/* An array or object as it lies in a jsonb, whichever form the value has. */
static JsonbContainer *
container_of(JsonbValue *value)
{
	if (value->type == jbvBinary)
		return value->val.binary.data;
	return &JsonbValueToJsonb(value)->root;
}

static char *
scalar_text(JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		default:
			Assert(value->type == jbvBool);
			return pstrdup(value->val.boolean ? "true" : "false");
	}
}

/* For json and jsonb: the value itself. */
static Datum
document_from_json(OrmDecoder *decoder, JsonbValue *value)
{
	Jsonb	   *document = JsonbValueToJsonb(value);
	char	   *text;

	if (decoder->base == JSONBOID)
		return checked(decoder, JsonbPGetDatum(document));
	text = JsonbToCString(NULL, &document->root, VARSIZE(document));
	return checked(decoder, PointerGetDatum(cstring_to_text(text)));
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
read_element(ArrayReader *reader, JsonbValue *value, int depth)
{
	OrmDecoder *element = reader->decoder->element;
	Datum		datum = (Datum) 0;

	if (reader->ndims == 0)
		reader->ndims = depth;
	else if (reader->ndims != depth)
		raise_ragged(reader->decoder);

	if (value->type == jbvNull)
		check_null(element);
	else
		datum = orm_codec_from_json(element, value);
	reader->state = accumArrayResult(reader->state, datum, value->type == jbvNull,
									 element->type, CurrentMemoryContext);
}

/* One dimension; "depth" counts from 1. */
static void
read_dimension(ArrayReader *reader, JsonbContainer *container, int depth)
{
	int			count = JsonContainerSize(container);
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbValue	value;

	check_stack_depth();
	if (depth > MAXDIM)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("number of array dimensions (%d) exceeds the maximum allowed (%d)", depth, MAXDIM)));
	if (reader->dims[depth - 1] < 0)
		reader->dims[depth - 1] = count;
	else if (reader->dims[depth - 1] != count)
		raise_ragged(reader->decoder);

	JsonbIteratorNext(&iterator, &value, true);
	while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM)
	{
		CHECK_FOR_INTERRUPTS();
		if (!reader->flat && value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data))
		{
			/* elements were found at this depth already */
			if (reader->ndims == depth)
				raise_ragged(reader->decoder);
			read_dimension(reader, value.val.binary.data, depth + 1);
		}
		else
			read_element(reader, &value, depth);
	}
}

static Datum
array_from_json(OrmDecoder *decoder, JsonbContainer *container)
{
	Oid			base = decoder->element->base;
	ArrayReader reader = {.decoder = decoder};
	int			lower_bounds[MAXDIM];

	reader.flat = base == JSONOID || base == JSONBOID || decoder->element->element != NULL;
	for (int i = 0; i < MAXDIM; i++)
	{
		reader.dims[i] = -1;
		lower_bounds[i] = 1;
	}
	read_dimension(&reader, container, 1);
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

/* Some name of the object is no field: finds it and raises. */
static void
raise_unknown_field(OrmDecoder *decoder, TupleDesc tupdesc, JsonbContainer *container)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbValue	key;
	JsonbIteratorToken token;
	List	   *names = NIL;

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped)
			names = lappend(names, NameStr(att->attname));
	}
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		bool		known = false;
		char	   *name;
		ListCell   *lc;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(key.val.string.val, key.val.string.len);
		foreach(lc, names)
			known |= strcmp(lfirst(lc), name) == 0;
		if (!known)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("type %s has no field \"%s\"", format_type_be(decoder->base), name),
					 orm_hint_names(name, names, "fields")));
	}
}

static Datum
row_from_json(OrmDecoder *decoder, JsonbContainer *container)
{
	OrmRowDecoder *row = row_decoder(decoder);
	int			natts = row->tupdesc->natts;
	Datum	   *values = palloc0(natts * sizeof(Datum));
	bool	   *nulls = palloc(natts * sizeof(bool));
	int			found = 0;

	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(row->tupdesc, i);
		JsonbValue	value;

		nulls[i] = true;
		if (att->attisdropped)
			continue;
		value.type = jbvNull;
		if (getKeyJsonValueFromContainer(container, NameStr(att->attname),
										 strlen(NameStr(att->attname)), &value) != NULL)
			found++;
		if (value.type == jbvNull)
			check_null(&row->fields[i]);
		else
		{
			values[i] = orm_codec_from_json(&row->fields[i], &value);
			nulls[i] = false;
		}
	}
	if (found != JsonContainerSize(container))
		raise_unknown_field(decoder, row->tupdesc, container);
	return checked(decoder, HeapTupleGetDatum(heap_form_tuple(row->tupdesc, values, nulls)));
}

Datum
orm_codec_from_json(OrmDecoder *decoder, JsonbValue *value)
{
	JsonbContainer *container;

	check_stack_depth();
	if (decoder->base == JSONOID || decoder->base == JSONBOID)
		return document_from_json(decoder, value);
	if (value->type == jbvString || value->type == jbvNumeric || value->type == jbvBool)
		return orm_codec_from_text(decoder, scalar_text(value));

	container = container_of(value);
	if (decoder->element != NULL && JsonContainerIsArray(container))
		return array_from_json(decoder, container);
	if (JsonContainerIsObject(container) && decoder->base != RECORDOID && type_is_rowtype(decoder->base))
		return row_from_json(decoder, container);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("a JSON %s is no value of type %s",
					JsonContainerIsObject(container) ? "object" : "array", format_type_be(decoder->type))));
	return (Datum) 0;			/* keep the compiler quiet */
}
