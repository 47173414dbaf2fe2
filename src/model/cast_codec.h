/*
 * cast_codec.h
 *	  Casts of properties: values as a declaration wants them in JSON, and back.
 *
 * A cast is one of a few known by name, or two functions, "write_fn, read_fn".
 * What a statement gives has the read function in its SQL; only rows that come
 * from elsewhere have it called here.
 */
#ifndef ORM_MODEL_CAST_CODEC_H
#define ORM_MODEL_CAST_CODEC_H

#include "model/type_codec.h"

/*
 * Like orm_codec_encoder, for values with a cast; "cast_as" NULL: without.
 * Raises where the cast's functions are gone; the encoder raises 22P02 for a
 * value that does not fit the cast.
 */
extern void orm_cast_encoder(OrmEncoder *encoder, const char *cast_as, Oid type, MemoryContext context,
							 MemoryContext scratch);

/* like orm_codec_from_span and orm_codec_from_json, for a value in the form that the cast gives; "cast_as" may be NULL */
extern Datum orm_cast_from_span(const char *cast_as, OrmDecoder *decoder, const char *text, OrmJsonSpan span);
extern Datum orm_cast_from_json(const char *cast_as, OrmDecoder *decoder, JsonbValue *value);

/* raises where a function of the cast is gone */
extern void orm_cast_require(const char *cast_as, Oid type);

/* the read function of a cast by functions, as SQL names it, palloc'd; else NULL */
extern char *orm_cast_read_function(const char *cast_as);

/* can values of the type bear the cast, known by name? */
extern bool orm_cast_suits(const char *cast_as, Oid type);

/* are values of the type compared as dates? */
extern bool orm_cast_is_day(const char *cast_as, Oid type);

/* is the cast one of those known by name? */
extern bool orm_cast_is_known(const char *cast_as);

#endif							/* ORM_MODEL_CAST_CODEC_H */
