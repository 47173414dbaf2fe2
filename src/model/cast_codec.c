/*
 * cast_codec.c
 *	  Casts of properties: encoders that change the form of a value, and the
 *	  way back.
 */
#include "base/compat.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/base64.h"
#include "common/jsonapi.h"
#include "parser/parse_coerce.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "model/cast_codec.h"

/* a cast under an encoder */
typedef struct CastEncoder
{
	OrmEncoder	inner;			/* of the value as it is, or of what the function gives */
	OrmBuffer	text;
	Oid			type;
	Oid			function;
} CastEncoder;

static bool
is(const char *cast_as, const char *name)
{
	return cast_as && strcmp(cast_as, name) == 0;
}

static bool
is_text(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

static bool
is_number(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_NUMERIC && type != MONEYOID;
}

bool
orm_cast_is_known(const char *cast_as)
{
	return is(cast_as, "string") || is(cast_as, "number") || is(cast_as, "boolean") || is(cast_as, "json") ||
		is(cast_as, "date") || is(cast_as, "base64");
}

bool
orm_cast_suits(const char *cast_as, Oid type)
{
	type = getBaseType(type);
	if (is(cast_as, "number") || is(cast_as, "boolean"))
		return is_number(type) || is_text(type) || type == BOOLOID;
	if (is(cast_as, "date"))
		return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID || is_text(type);
	if (is(cast_as, "base64"))
		return type == BYTEAOID || is_text(type);
	if (is(cast_as, "json"))
		return type == JSONOID || type == JSONBOID || is_text(type);
	return true;
}

bool
orm_cast_is_day(const char *cast_as, Oid type)
{
	return is(cast_as, "date") && (type == TIMESTAMPOID || type == TIMESTAMPTZOID);
}

/* ---- functions ---- */

/* one side of "write_fn, read_fn": names are quoted where needed */
static char *
function_name(const char *cast_as, bool read)
{
	const char *comma = cast_as;
	bool		quoted = false;

	for (; *comma && (quoted || *comma != ','); comma++)
		quoted = quoted != (*comma == '"');
	if (!read)
		return pnstrdup(cast_as, comma - cast_as);
	if (*comma == ',')
		comma++;
	return pstrdup(comma + strspn(comma, " "));
}

char *
orm_cast_read_function(const char *cast_as)
{
	if (cast_as == NULL || orm_cast_is_known(cast_as))
		return NULL;
	return function_name(cast_as, true);
}

/* for arguments of a type, or with InvalidOid the only one of that name */
static Oid
find_function(const char *name, Oid type)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(name));
	Oid			function = OidIsValid(type) ? LookupFuncName(names, 1, &type, true) : InvalidOid;

	if (!OidIsValid(function))
		function = LookupFuncName(names, -1, &type, true);
	if (!OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function \"%s\" of a cast does not exist", name)));
	return function;
}

/* calls the function as the caller may; a NULL it gives is told apart from a value */
static Datum
call_function(Oid function, Datum value, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, 1);
	FmgrInfo	flinfo;
	AclResult	allowed = orm_function_aclcheck(function, GetUserId());
	Datum		result;

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_FUNCTION, get_func_name(function));
	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, 1, DEFAULT_COLLATION_OID, NULL, NULL);
	fcinfo->args[0].value = value;
	fcinfo->args[0].isnull = false;
	result = FunctionCallInvoke(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

static void
check_types(Oid function, Oid given, Oid wanted, bool fits)
{
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("function \"%s\" of a cast does not fit", get_func_name(function)),
				 errdetail("There is a value of type %s where type %s is needed.", format_type_be(given),
						   format_type_be(wanted))));
}

static Oid
argument_type(Oid function)
{
	Oid		   *types;
	int			n;

	(void) get_func_signature(function, &types, &n);
	return n > 0 ? types[0] : InvalidOid;
}

/* ---- to JSON ---- */

/* the value as it is printed without the cast; a string comes without its quotes */
static void
print_inner(CastEncoder *cast, Datum value, bool *quoted)
{
	cast->text.len = 0;
	orm_json_value(&cast->text, value, &cast->inner);
	*quoted = cast->text.data[0] == '"';
}

static char *
inner_text(CastEncoder *cast, bool quoted)
{
	return pnstrdup(cast->text.data + (quoted ? 1 : 0), cast->text.len - (quoted ? 2 : 0));
}

static void
does_not_fit(const char *text, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("\"%s\" is no %s", text, what),
			 errdetail("The property is cast so.")));
}

static void
encode_string(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	bool		quoted;

	print_inner(cast, value, &quoted);
	if (quoted)
		orm_buffer_append(buf, cast->text.data, cast->text.len);
	else
		orm_json_escape(buf, cast->text.data, cast->text.len);
}

static void
encode_number(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	bool		quoted;
	char	   *text;

	print_inner(cast, value, &quoted);
	text = inner_text(cast, quoted);
	if (cast->inner.type == BOOLOID)
		orm_buffer_append_char(buf, DatumGetBool(value) ? '1' : '0');
	else if (IsValidJsonNumber(text, strlen(text)))
		orm_buffer_append(buf, text, strlen(text));
	else
		does_not_fit(text, "number");
	MemoryContextSwitchTo(old);
}

static void
encode_boolean(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	bool		quoted;
	bool		result = false;
	char	   *text;

	print_inner(cast, value, &quoted);
	text = inner_text(cast, quoted);
	if (is_number(cast->inner.type))
		result = quoted || strpbrk(text, "123456789") != NULL;
	else if (!parse_bool(text, &result))
		does_not_fit(text, "boolean");
	orm_buffer_append(buf, result ? "true" : "false", result ? 4 : 5);
	MemoryContextSwitchTo(old);
}

/* text that says it is JSON is checked before it becomes part of a document */
static void
encode_document(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	char	   *text = OutputFunctionCall(&cast->inner.output, value);

	(void) DirectFunctionCall1(json_in, CStringGetDatum(text));
	orm_buffer_append(buf, text, strlen(text));
	MemoryContextSwitchTo(old);
}

static void
encode_day(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);

	if (cast->type == TIMESTAMPOID)
		value = DirectFunctionCall1(timestamp_date, value);
	else if (cast->type == TIMESTAMPTZOID)
		value = DirectFunctionCall1(timestamptz_date, value);
	else
		value = DirectFunctionCall1(date_in, CStringGetDatum(OutputFunctionCall(&encoder->output, value)));
	orm_json_value(buf, value, &cast->inner);
	MemoryContextSwitchTo(old);
}

static void
encode_base64(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);
	int			len = VARSIZE_ANY_EXHDR(bytes);
	int			room = pg_b64_enc_len(len);
	int			written;

	orm_buffer_append_char(buf, '"');
	orm_buffer_reserve(buf, room + 1);
	/* the server's versions differ in what they call a byte */
	written = pg_b64_encode((const void *) VARDATA_ANY(bytes), len, buf->data + buf->len, room);
	if (written < 0)
		does_not_fit("value", "base64");
	buf->len += written;
	orm_buffer_append_char(buf, '"');
	MemoryContextSwitchTo(old);
}

static void
encode_by_function(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	CastEncoder *cast = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	bool		isnull;

	value = call_function(cast->function, value, &isnull);
	if (isnull)
		orm_buffer_append(buf, "null", 4);
	else
		orm_json_value(buf, value, &cast->inner);
	MemoryContextSwitchTo(old);
}

static void
init_by_function(OrmEncoder *encoder, const char *cast_as, MemoryContext context)
{
	CastEncoder *cast = encoder->extra;
	Oid			wanted;

	cast->function = find_function(function_name(cast_as, true), cast->type);
	wanted = argument_type(cast->function);
	check_types(cast->function, cast->type, wanted,
				IsBinaryCoercible(cast->type, wanted) && !IsPolymorphicType(wanted));
	orm_codec_encoder(&cast->inner, get_func_rettype(cast->function), context, encoder->scratch);
	encoder->encode = encode_by_function;
}

void
orm_cast_encoder(OrmEncoder *encoder, const char *cast_as, Oid type, MemoryContext context, MemoryContext scratch)
{
	CastEncoder *cast;

	orm_codec_encoder(encoder, type, context, scratch);
	if (cast_as == NULL || (is(cast_as, "json") && !is_text(encoder->type)) ||
		(is(cast_as, "date") && encoder->type == DATEOID))
		return;
	cast = MemoryContextAllocZero(context, sizeof(CastEncoder));
	cast->inner = *encoder;
	cast->type = encoder->type;
	orm_buffer_init(&cast->text, context, 64);
	encoder->extra = cast;
	if (is(cast_as, "string"))
		encoder->encode = encode_string;
	else if (is(cast_as, "number"))
		encoder->encode = encode_number;
	else if (is(cast_as, "boolean"))
		encoder->encode = encode_boolean;
	else if (is(cast_as, "json"))
		encoder->encode = encode_document;
	else if (is(cast_as, "base64"))
		encoder->encode = encode_base64;
	else if (is(cast_as, "date"))
	{
		orm_codec_encoder(&cast->inner, DATEOID, context, scratch);
		encoder->encode = encode_day;
	}
	else
		init_by_function(encoder, cast_as, context);
}

/* ---- from JSON ---- */

static Datum
bytes_from_base64(OrmDecoder *decoder, const char *text)
{
	int			length = strlen(text);
	int			room = pg_b64_dec_len(length);
	struct varlena *bytes = palloc(VARHDRSZ + room);
	int			len = pg_b64_decode(text, length, (void *) VARDATA(bytes), room);

	if (len < 0)
		does_not_fit(text, "base64");
	SET_VARSIZE(bytes, VARHDRSZ + len);
	if (decoder->base == BYTEAOID)
		return PointerGetDatum(bytes);
	return orm_codec_from_text(decoder, pnstrdup(VARDATA(bytes), len));
}

static Datum
from_function(const char *cast_as, OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	Oid			function = find_function(function_name(cast_as, false), InvalidOid);
	Oid			given = get_func_rettype(function);
	OrmDecoder	argument;
	Datum		result;
	bool		isnull;

	check_types(function, given, decoder->base, IsBinaryCoercible(getBaseType(given), decoder->base));
	orm_codec_decoder(&argument, argument_type(function), -1, decoder->context);
	result = call_function(function, orm_codec_from_span(&argument, text, span), &isnull);
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("function \"%s\" of a cast gives null for a value", get_func_name(function))));
	return result;
}

void
orm_cast_require(const char *cast_as, Oid type)
{
	if (cast_as == NULL || orm_cast_is_known(cast_as))
		return;
	(void) find_function(function_name(cast_as, true), type);
	(void) find_function(function_name(cast_as, false), InvalidOid);
}

Datum
orm_cast_from_span(const char *cast_as, OrmDecoder *decoder, const char *text, OrmJsonSpan span)
{
	if (cast_as && !orm_cast_is_known(cast_as))
		return from_function(cast_as, decoder, text, span);
	if (cast_as && is(cast_as, "base64"))
	{
		if (span.kind != ORM_JSON_STRING)
			does_not_fit("value", "base64");
		return bytes_from_base64(decoder, orm_json_text_string(text, span));
	}
	if (cast_as && is(cast_as, "boolean") && span.kind == ORM_JSON_BOOL && is_number(decoder->base))
		return orm_codec_from_text(decoder, text[span.start] == 't' ? "1" : "0");
	if (cast_as && is(cast_as, "json") && is_text(decoder->base))
		return orm_codec_from_text(decoder, pnstrdup(text + span.start, span.end - span.start));
	return orm_codec_from_span(decoder, text, span);
}

Datum
orm_cast_from_json(const char *cast_as, OrmDecoder *decoder, JsonbValue *value)
{
	char	   *text;

	if (cast_as == NULL)
		return orm_codec_from_json(decoder, value);
	text = orm_codec_json_text(value);
	return orm_cast_from_span(cast_as, decoder, text, orm_json_text_root(text, strlen(text)));
}
