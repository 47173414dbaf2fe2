/*
 * type_codec.c
 *	  Chooses the encoder of a type, by the rules by which the server's
 *	  to_json sorts types, and prints what has parts: arrays and composites.
 *
 * Not here: how a scalar prints (base/json_writer), and the way back
 * (type_decoder.c).
 *
 * Like the server, encoders look at the value and not at the declared type
 * for what it is made of: an anyarray says its element type itself, a record
 * its row type. What they find is kept under the encoder, in entries that are
 * never freed before it: a cast function of a user's may come back to the
 * encoder from within, and an ALTER TYPE may happen meanwhile.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/type_codec.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* row types that one encoder keeps; past that, one is taken apart for each value */
#define MAX_SHAPES 8

/* One element type of an array encoder, of which only anyarray sees several. */
typedef struct Element
{
	struct Element *next;
	Oid			type;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	OrmEncoder	encoder;
} Element;

typedef struct ArrayEncoder
{
	MemoryContext context;
	Element    *elements;
} ArrayEncoder;

/* One column of a row type that was not dropped; "intro" is what stands before its value. */
typedef struct Field
{
	int			attindex;
	const char *intro;
	Size		intro_len;
	OrmEncoder	encoder;
} Field;

/* One row type at one time: an ALTER gives it another identifier. */
typedef struct Shape
{
	struct Shape *next;
	uint64		identifier;
	TupleDesc	tupdesc;
	int			nfields;
	Field		fields[FLEXIBLE_ARRAY_MEMBER];
} Shape;

typedef struct RowEncoder
{
	MemoryContext context;
	int			nshapes;
	Shape	   *shapes;
} RowEncoder;

/* A type that is not built in: whether it has a cast to json may change. */
typedef struct UserEncoder
{
	uint64		generation;		/* of the casts that castfunc was looked up among */
	Oid			castfunc;
} UserEncoder;

/* Counts changes to pg_cast; registered with the first encoder that asks. */
static uint64 cast_generation = 1;
static bool cast_callback_registered = false;

static void encode_array(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
static void encode_row(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
static void encode_user(OrmBuffer *buf, Datum value, OrmEncoder *encoder);

int			orm_json_numbers = ORM_NUMBERS_EXACT;

/* a double holds every whole number up to this one */
#define SAFE_INTEGER	(INT64CONST(1) << 53)

static void
encode_safe_int8(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	int64		number = DatumGetInt64(value);

	if (number >= -SAFE_INTEGER && number <= SAFE_INTEGER)
		orm_json_encode_int8(buf, value, encoder);
	else
	{
		orm_buffer_append_char(buf, '"');
		orm_json_encode_int8(buf, value, encoder);
		orm_buffer_append_char(buf, '"');
	}
}

/* Built-in types that are printed in place; NULL for all others. */
static OrmEncodeFn
builtin_encode(Oid type)
{
	if (orm_json_numbers == ORM_NUMBERS_SAFE && type == INT8OID)
		return encode_safe_int8;
	if (orm_json_numbers == ORM_NUMBERS_SAFE && type == NUMERICOID)
		return orm_json_encode_output;
	switch (type)
	{
		case BOOLOID:
			return orm_json_encode_bool;
		case INT2OID:
			return orm_json_encode_int2;
		case INT4OID:
			return orm_json_encode_int4;
		case INT8OID:
			return orm_json_encode_int8;
		case FLOAT4OID:
			return orm_json_encode_float4;
		case FLOAT8OID:
			return orm_json_encode_float8;
		case NUMERICOID:
			return orm_json_encode_numeric;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			return orm_json_encode_text;
		case NAMEOID:
			return orm_json_encode_name;
		case CHAROID:
			return orm_json_encode_char;
		case UUIDOID:
			return orm_json_encode_uuid;
		case BYTEAOID:
			return orm_json_encode_bytea;
		case DATEOID:
			return orm_json_encode_date;
		case TIMESTAMPOID:
			return orm_json_encode_timestamp;
		case TIMESTAMPTZOID:
			return orm_json_encode_timestamptz;
		case JSONOID:
			return orm_json_encode_json;
		case JSONBOID:
			return orm_json_encode_jsonb;
		default:
			return NULL;
	}
}

static bool
is_array(Oid type)
{
	return OidIsValid(get_element_type(type)) || type == ANYARRAYOID ||
		type == ANYCOMPATIBLEARRAYOID || type == RECORDARRAYOID;
}

/*
 * Pseudo-types are not told apart from other types here: where a value of one
 * can be printed its output function does so, where not it raises.
 */
void
orm_codec_encoder(OrmEncoder *encoder, Oid type, MemoryContext context, MemoryContext scratch)
{
	Oid			output;
	bool		varlena;

	memset(encoder, 0, sizeof(*encoder));
	encoder->type = getBaseType(type);
	encoder->scratch = scratch;
	encoder->encode = builtin_encode(encoder->type);
	if (encoder->encode == NULL && is_array(encoder->type))
	{
		ArrayEncoder *array = MemoryContextAllocZero(context, sizeof(ArrayEncoder));

		array->context = context;
		encoder->extra = array;
		encoder->encode = encode_array;
		return;
	}
	if (encoder->encode == NULL && type_is_rowtype(encoder->type))
	{
		RowEncoder *row = MemoryContextAllocZero(context, sizeof(RowEncoder));

		row->context = context;
		encoder->extra = row;
		encoder->encode = encode_row;
		return;
	}

	getTypeOutputInfo(encoder->type, &output, &varlena);
	fmgr_info_cxt(output, &encoder->output, context);
	if (encoder->encode != NULL)
		return;
	if (encoder->type >= FirstNormalObjectId)
	{
		encoder->extra = MemoryContextAllocZero(context, sizeof(UserEncoder));
		encoder->encode = encode_user;
	}
	else
		encoder->encode = orm_json_encode_output;
}

/* pg_cast changed: only counts */
static void
casts_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	cast_generation++;
}

/*
 * A type that is not built in prints through its cast to json, if it has one
 * by function. The function is called anew each time, as the server does: it
 * may be in any language, and what a language keeps with a call does not
 * always outlive a redefinition.
 */
static void
encode_user(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	UserEncoder *user = encoder->extra;
	MemoryContext old;
	text	   *json;

	if (unlikely(user->generation != cast_generation))
	{
		CoercionPathType path;
		Oid			castfunc;

		if (!cast_callback_registered)
		{
			CacheRegisterSyscacheCallback(CASTSOURCETARGET, casts_changed, (Datum) 0);
			cast_callback_registered = true;
		}
		user->generation = cast_generation;
		path = find_coercion_pathway(JSONOID, encoder->type, COERCION_EXPLICIT, &castfunc);
		user->castfunc = path == COERCION_PATH_FUNC ? castfunc : InvalidOid;
	}
	if (!OidIsValid(user->castfunc))
	{
		orm_json_encode_output(buf, value, encoder);
		return;
	}

	old = MemoryContextSwitchTo(encoder->scratch);
	json = DatumGetTextPP(OidFunctionCall1(user->castfunc, value));
	orm_buffer_append(buf, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
	orm_json_release(json, value);
	MemoryContextSwitchTo(old);
}

static Element *
find_element(ArrayEncoder *array, Oid type, MemoryContext scratch)
{
	Element    *element;

	for (element = array->elements; element != NULL; element = element->next)
	{
		if (element->type == type)
			return element;
	}

	element = MemoryContextAllocZero(array->context, sizeof(Element));
	element->type = type;
	get_typlenbyvalalign(type, &element->typlen, &element->typbyval, &element->typalign);
	orm_codec_encoder(&element->encoder, type, array->context, scratch);
	element->next = array->elements;
	array->elements = element;
	return element;
}

static inline void
append_brackets(OrmBuffer *buf, char bracket, int count)
{
	while (count-- > 0)
		orm_buffer_append_char(buf, bracket);
}

/* Moves "position" on by one element; returns how many dimensions began anew. */
static inline int
next_position(int *position, const int *dims, int ndim)
{
	int			wrapped = 0;

	for (int i = ndim - 1; ++position[i] == dims[i]; i--)
	{
		position[i] = 0;
		wrapped++;
	}
	return wrapped;
}

static void
encode_elements(OrmBuffer *buf, ArrayType *array, int count, Element *element)
{
	int			ndim = ARR_NDIM(array);
	int		   *dims = ARR_DIMS(array);
	char	   *data = ARR_DATA_PTR(array);
	bits8	   *nulls = ARR_NULLBITMAP(array);
	int			position[MAXDIM] = {0};

	append_brackets(buf, '[', ndim);
	for (int i = 0;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls != NULL && !(nulls[i / 8] & (1 << (i % 8))))
			orm_buffer_append(buf, "null", 4);
		else
		{
			orm_json_value(buf, fetch_att(data, element->typbyval, element->typlen), &element->encoder);
			data = att_addlength_pointer(data, element->typlen, data);
			data = (char *) att_align_nominal(data, element->typalign);
		}

		if (++i == count)
			break;
		if (ndim == 1)
			orm_buffer_append_char(buf, ',');
		else
		{
			int			wrapped = next_position(position, dims, ndim);

			append_brackets(buf, ']', wrapped);
			orm_buffer_append_char(buf, ',');
			append_brackets(buf, '[', wrapped);
		}
	}
	append_brackets(buf, ']', ndim);
}

static void
encode_array(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	ArrayType  *array = DatumGetArrayTypeP(value);
	int			count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	check_stack_depth();
	if (count == 0)
		orm_buffer_append(buf, "[]", 2);
	else
		encode_elements(buf, array, count,
						find_element(encoder->extra, ARR_ELEMTYPE(array), encoder->scratch));
	orm_json_release((struct varlena *) array, value);
	MemoryContextSwitchTo(old);
}

/* Everything is allocated in "context", but for what values need in passing. */
static Shape *
make_shape(TupleDesc tupdesc, MemoryContext context, MemoryContext scratch)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Shape	   *shape = palloc0(offsetof(Shape, fields) + tupdesc->natts * sizeof(Field));
	OrmBuffer	intro;

	/* with constraints, for the values of columns that were added later */
	shape->tupdesc = CreateTupleDescCopyConstr(tupdesc);
	orm_buffer_init(&intro, context, 2 * NAMEDATALEN);
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		Field	   *field = &shape->fields[shape->nfields];
		const char *name = NameStr(att->attname);

		if (att->attisdropped)
			continue;
		intro.len = 0;
		if (shape->nfields > 0)
			orm_buffer_append_char(&intro, ',');
		orm_json_escape(&intro, name, strlen(name));
		orm_buffer_append_char(&intro, ':');
		field->attindex = i;
		field->intro = pnstrdup(intro.data, intro.len);
		field->intro_len = intro.len;
		orm_codec_encoder(&field->encoder, att->atttypid, context, scratch);
		shape->nfields++;
	}
	pfree(intro.data);
	MemoryContextSwitchTo(old);
	return shape;
}

static void
encode_fields(OrmBuffer *buf, HeapTupleHeader header, Shape *shape)
{
	int			natts = shape->tupdesc->natts;
	Datum	   *values = palloc(natts * (sizeof(Datum) + sizeof(bool)));
	bool	   *nulls = (bool *) (values + natts);
	HeapTupleData tuple;

	memset(&tuple, 0, sizeof(tuple));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, shape->tupdesc, values, nulls);

	orm_buffer_append_char(buf, '{');
	for (int i = 0; i < shape->nfields; i++)
	{
		Field	   *field = &shape->fields[i];

		orm_buffer_append(buf, field->intro, field->intro_len);
		if (nulls[field->attindex])
			orm_buffer_append(buf, "null", 4);
		else
			orm_json_value(buf, values[field->attindex], &field->encoder);
	}
	orm_buffer_append_char(buf, '}');
	pfree(values);
}

/* A row of a type that "row" does not know yet. */
static void
encode_new_shape(OrmBuffer *buf, HeapTupleHeader header, RowEncoder *row, MemoryContext scratch)
{
	Oid			type = HeapTupleHeaderGetTypeId(header);
	int32		typmod = HeapTupleHeaderGetTypMod(header);
	TupleDesc	tupdesc = lookup_rowtype_tupdesc(type, typmod);
	bool		keep = row->nshapes < MAX_SHAPES;
	MemoryContext context = keep ? row->context :
		AllocSetContextCreate(scratch, "orm row type", ALLOCSET_SMALL_SIZES);
	Shape	   *shape = make_shape(tupdesc, context, scratch);

	/* the lookup comes first: only then is a record type of another process known here */
	shape->identifier = assign_record_type_identifier(type, typmod);
	ReleaseTupleDesc(tupdesc);
	if (keep)
	{
		shape->next = row->shapes;
		row->shapes = shape;
		row->nshapes++;
	}
	encode_fields(buf, header, shape);
	if (!keep)
		MemoryContextDelete(context);
}

static void
encode_row(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	RowEncoder *row = encoder->extra;
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	HeapTupleHeader header = DatumGetHeapTupleHeader(value);
	uint64		identifier;
	Shape	   *shape;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	identifier = assign_record_type_identifier(HeapTupleHeaderGetTypeId(header),
											   HeapTupleHeaderGetTypMod(header));
	for (shape = row->shapes; shape != NULL; shape = shape->next)
	{
		if (shape->identifier == identifier)
			break;
	}
	if (likely(shape != NULL))
		encode_fields(buf, header, shape);
	else
		encode_new_shape(buf, header, row, encoder->scratch);
	orm_json_release((struct varlena *) header, value);
	MemoryContextSwitchTo(old);
}
