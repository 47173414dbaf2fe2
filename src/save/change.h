/*
 * change.h
 *	  Operators that change a value in place: {"views": {"$inc": 1}}.
 *
 * Operands are values of the property's own type, so they travel as its values
 * do: what is pushed to an array or removed from it is an array. Errors that
 * need a place in a document are the caller's.
 */
#ifndef ORM_SAVE_CHANGE_H
#define ORM_SAVE_CHANGE_H

#include "base/compat.h"

#include "model/type_codec.h"
#include "nodes/pg_list.h"

typedef enum OrmChange
{
	ORM_CHANGE_SET,				/* no operator, or "$set": the value itself */
	ORM_CHANGE_INC,
	ORM_CHANGE_DEC,
	ORM_CHANGE_MUL,
	ORM_CHANGE_PUSH,
	ORM_CHANGE_REMOVE,
	ORM_CHANGE_MERGE
} OrmChange;

/* the operator of that name, "$inc"; false when there is none */
extern bool orm_change_named(const char *name, Size len, OrmChange *change);

/* "$inc", for messages */
extern const char *orm_change_name(OrmChange change);

/* names of all operators, for hints: List of char * */
extern List *orm_change_names(void);

/* can values of the type be changed so? */
extern bool orm_change_suits(OrmChange change, Oid type);

/* what the operator takes, for messages: "a number" */
extern const char *orm_change_takes(OrmChange change);

/*
 * The operand, which stands in a text, as a value of the decoder's type, in the current context. For an
 * array a JSON array is a list of elements, all else is one; of json and jsonb
 * it is always one. Returns false when the JSON value is of the wrong kind, as
 * a null is for all but $push; raises what the type raises.
 */
extern bool orm_change_operand(OrmChange change, OrmDecoder *decoder, const char *text, OrmJsonSpan span, Datum *operand);

/*
 * The new value as SQL, palloc'd, of two SQL texts of values of the type. NULL
 * stays NULL under $inc, $dec, $mul and $remove; $push and $merge take it for
 * the empty array or document.
 */
extern char *orm_change_sql(OrmChange change, Oid type, const char *old, const char *operand);

#endif							/* ORM_SAVE_CHANGE_H */
