/*
 * type_codec.h
 *	  Between SQL values and text: which encoder prints a type as JSON, and
 *	  how a value from a document becomes a Datum of a type.
 *
 * Not here: how an encoder prints (base/json_writer).
 */
#ifndef ORM_MODEL_TYPE_CODEC_H
#define ORM_MODEL_TYPE_CODEC_H

#include "base/json_writer.h"
#include "utils/jsonb.h"

/*
 * Fills "encoder" for values of "type". What it needs to keep is allocated in
 * "context", which must live as long as the encoder; per-value garbage goes to
 * "scratch". Raises for pseudo-types. The bytes equal to_json's for every type.
 */
extern void orm_codec_encoder(OrmEncoder *encoder, Oid type, MemoryContext context,
							  MemoryContext scratch);

/*
 * How values of one type are read: the type's own input function, looked up once.
 */
typedef struct OrmDecoder
{
	Oid			type;
	int32		typmod;
	Oid			ioparam;
	FmgrInfo	input;
} OrmDecoder;

extern void orm_codec_decoder(OrmDecoder *decoder, Oid type, int32 typmod, MemoryContext context);

/* text through the type's input function; raises what the type raises */
extern Datum orm_codec_from_text(OrmDecoder *decoder, const char *text);

/*
 * A JSON value (never jbvNull) as a Datum of the decoder's type: strings,
 * numbers and booleans by their text; objects and arrays by their JSON text for
 * json and jsonb; a JSON array for an array type (any depth, nulls kept); an
 * object for a composite type by field name. Raises 22P02 where the kind of
 * JSON value can't be one of the type.
 */
extern Datum orm_codec_from_json(OrmDecoder *decoder, JsonbValue *value);

#endif							/* ORM_MODEL_TYPE_CODEC_H */
