/*
 * value_reader.h
 *	  A value of the input as a value of a column.
 */
#ifndef ORM_SAVE_VALUE_READER_H
#define ORM_SAVE_VALUE_READER_H

#include "save/graph.h"

/*
 * The value at "span" as one of the column's type, in the form in which find
 * prints the property. Never for null. Raises what the type's input function
 * raises.
 */
extern Datum orm_save_value(OrmSaveTable *table, AttrNumber attnum, OrmJsonSpan span);

/* the value at "span" as one of the decoder's type, whose property has no cast */
extern Datum orm_save_decode(OrmSaveCall *call, OrmDecoder *decoder, OrmJsonSpan span);

/* does find print the two values the same? what it prints is what may be sent back */
extern bool orm_save_prints_same(OrmSaveTable *table, AttrNumber attnum, Datum left, Datum right);

#endif							/* ORM_SAVE_VALUE_READER_H */
