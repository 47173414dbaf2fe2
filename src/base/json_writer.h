/*
 * json_writer.h
 *	  Writes JSON text into a growing buffer, byte for byte as to_json prints it.
 *
 * The base of the writer: buffers, escaping, and one encode function per kind
 * of value. It looks into no catalog: which function suits which type is
 * model/type_codec.c's to say. Encode functions never return an error state;
 * they raise.
 */
#ifndef ORM_BASE_JSON_WRITER_H
#define ORM_BASE_JSON_WRITER_H

#include "base/compat.h"

#include "nodes/pg_list.h"

/*
 * A buffer that may grow past 1 GB (a window of many entities may), kept and
 * emptied rather than freed. "data" is never NULL after init and is not
 * NUL-terminated.
 */
typedef struct OrmBuffer
{
	char	   *data;
	Size		len;
	Size		cap;
} OrmBuffer;

/* allocates in "context"; the buffer grows there too */
extern void orm_buffer_init(OrmBuffer *buf, MemoryContext context, Size initial);
/* out of line: at least "more" bytes free behind len */
extern void orm_buffer_grow(OrmBuffer *buf, Size more);

static inline void
orm_buffer_reserve(OrmBuffer *buf, Size more)
{
	if (unlikely(buf->cap - buf->len < more))
		orm_buffer_grow(buf, more);
}

static inline void
orm_buffer_append(OrmBuffer *buf, const char *data, Size len)
{
	orm_buffer_reserve(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

static inline void
orm_buffer_append_char(OrmBuffer *buf, char c)
{
	orm_buffer_reserve(buf, 1);
	buf->data[buf->len++] = c;
}

/*
 * Appends "text" as a JSON string, quotes included, exactly as escape_json
 * does. The scan for characters to escape uses SSE2 or NEON where there is
 * one; orm_json_escape_plain is the same without, for other machines and for
 * testing one against the other.
 */
extern void orm_json_escape(OrmBuffer *buf, const char *text, Size len);
extern void orm_json_escape_plain(OrmBuffer *buf, const char *text, Size len);

/*
 * How to print one value of one type. Made once per column by
 * orm_codec_encoder (model/type_codec.h) and kept with the plan; "encode" is
 * called with non-null values only.
 */
typedef struct OrmEncoder OrmEncoder;
typedef void (*OrmEncodeFn) (OrmBuffer *buf, Datum value, OrmEncoder *encoder);

struct OrmEncoder
{
	OrmEncodeFn encode;
	Oid			type;			/* base type, domains resolved */
	FmgrInfo	output;			/* output function, where one is called */
	MemoryContext scratch;		/* reset by the owner of the encoder, once a row at most */
	void	   *extra;			/* the encoder's own: elements of an array, fields of a composite */
};

static inline void
orm_json_value(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	encoder->encode(buf, value, encoder);
}

/*
 * The value of a varlena type, decompressed and fetched if need be; a short
 * header stays (VARDATA_ANY). To be released when done with.
 */
static inline struct varlena *
orm_json_unpack(Datum value, OrmEncoder *encoder)
{
	struct varlena *packed = (struct varlena *) DatumGetPointer(value);

	if (unlikely(VARATT_IS_COMPRESSED(packed) || VARATT_IS_EXTERNAL(packed)))
	{
		MemoryContext old = MemoryContextSwitchTo(encoder->scratch);

		packed = pg_detoast_datum_packed(packed);
		MemoryContextSwitchTo(old);
	}
	return packed;
}

static inline void
orm_json_release(struct varlena *unpacked, Datum value)
{
	if (unlikely((Pointer) unpacked != DatumGetPointer(value)))
		pfree(unpacked);
}

/*
 * The encode functions, by the form that a value has in memory. They allocate
 * in the encoder's scratch, if at all, and leave the current context alone.
 */
extern void orm_json_encode_bool(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_int2(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_int4(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_int8(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_float4(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_float8(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_text(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_name(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_char(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_uuid(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_bytea(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
/* text that is JSON already */
extern void orm_json_encode_json(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
/* by encoder->output, as a string */
extern void orm_json_encode_output(OrmBuffer *buf, Datum value, OrmEncoder *encoder);

/* in json_numeric.c; orm_json_numeric takes what stands behind the varlena header */
extern void orm_json_numeric(OrmBuffer *buf, const char *data, Size len);
extern void orm_json_encode_numeric(OrmBuffer *buf, Datum value, OrmEncoder *encoder);

/* in json_datetime.c; encoder->type names the type to the server's own function */
extern void orm_json_encode_date(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_timestamp(OrmBuffer *buf, Datum value, OrmEncoder *encoder);
extern void orm_json_encode_timestamptz(OrmBuffer *buf, Datum value, OrmEncoder *encoder);

/* in json_jsonb.c; the first appends ,"key":value for each member of an object whose key is not in "taken" (char *) */
extern void orm_json_jsonb_members(OrmBuffer *buf, Datum value, List *taken);
extern void orm_json_encode_jsonb(OrmBuffer *buf, Datum value, OrmEncoder *encoder);

#endif							/* ORM_BASE_JSON_WRITER_H */
