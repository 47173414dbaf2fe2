/*
 * type_codec.h
 *	  Between SQL values and text: which encoder prints a type as JSON, and
 *	  how a value from a document becomes a Datum of a type.
 *
 * Not here: how an encoder prints (base/json_writer).
 */
#ifndef ORM_MODEL_TYPE_CODEC_H
#define ORM_MODEL_TYPE_CODEC_H

#include "base/json_text.h"
#include "base/json_writer.h"
#include "utils/jsonb.h"

/* what becomes of numbers that a double does not hold; the setting orm.json_numbers */
enum
{
	ORM_NUMBERS_EXACT,			/* numbers, as to_json prints them */
	ORM_NUMBERS_SAFE			/* bigint beyond 2^53 and numeric as strings */
};

extern int	orm_json_numbers;

/*
 * Fills "encoder" for values of "type". What it needs to keep is allocated in
 * "context", which must live as long as the encoder; per-value garbage goes to
 * "scratch". The bytes equal to_json's for every type,
 * unless orm.json_numbers wants strings, which is asked here once. A pseudo-type whose
 * values can't be printed raises when one is to be.
 */
extern void orm_codec_encoder(OrmEncoder *encoder, Oid type, MemoryContext context,
							  MemoryContext scratch);

/* in type_decoder.c */

/*
 * How values of one type are read: the type's own input function, looked up
 * once, and for arrays and composites the decoders of their parts.
 */
typedef struct OrmDecoder
{
	Oid			type;
	int32		typmod;
	Oid			ioparam;
	FmgrInfo	input;
	MemoryContext context;
	Oid			base;			/* domains resolved, with base_typmod */
	int32		base_typmod;
	struct OrmDecoder *element; /* of an array; else NULL */
	struct OrmRowDecoder *row;	/* of a composite, made when first needed; else NULL */
	void	   *domain;			/* what domain_check keeps */
} OrmDecoder;

/* what it keeps is allocated in "context", which must live as long as the decoder */
extern void orm_codec_decoder(OrmDecoder *decoder, Oid type, int32 typmod, MemoryContext context);

/* text through the type's input function; raises what the type raises */
extern Datum orm_codec_from_text(OrmDecoder *decoder, const char *text);

/*
 * A JSON value (never null) in a text as a Datum of the decoder's type, in the
 * current context. For json and jsonb the value itself, a string quoted, json
 * as it stands. Else strings, numbers and booleans by their text; a JSON array
 * for an array type (any depth, nulls kept; elements of json and jsonb always
 * at depth one); an object for a composite type by field name, absent fields
 * null. Raises 22P02 where the kind of JSON value can't be one of the type,
 * 42703 for a name that is no field.
 */
extern Datum orm_codec_from_span(OrmDecoder *decoder, const char *text, OrmJsonSpan span);

/* the same for a value of jsonb (never jbvNull) */
extern Datum orm_codec_from_json(OrmDecoder *decoder, JsonbValue *value);

/* a value of jsonb as text, palloc'd */
extern char *orm_codec_json_text(JsonbValue *value);

#endif							/* ORM_MODEL_TYPE_CODEC_H */
