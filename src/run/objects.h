/*
 * objects.h
 *	  Entities that the caller has as JSON: the objects in a text, and the
 *	  values of their properties.
 *
 * Not here: what is done with them (run/graft, run/attach).
 */
#ifndef ORM_RUN_OBJECTS_H
#define ORM_RUN_OBJECTS_H

#include "base/json_text.h"
#include "model/entity.h"
#include "model/type_codec.h"

typedef struct OrmObjects
{
	const char *text;
	Size		len;
	MemoryContext context;
	int			n;
	int			max;
	OrmJsonSpan *spans;
} OrmObjects;

/* a property that is looked for in objects, and its value in the last one */
typedef struct OrmMember
{
	OrmProperty *property;		/* NULL: the entity does not show it */
	Size		name_len;
	OrmDecoder	decoder;
	bool		present;
	OrmJsonSpan value;
} OrmMember;

/* none yet, of a text that stays; memory is taken from "context" */
extern void orm_objects_init(OrmObjects *objects, const char *text, Size len, MemoryContext context);

/*
 * Adds the object that a value is, or the objects of an array. With "strict"
 * there may be nothing else but nulls: 22023 with the place.
 */
extern void orm_objects_add(OrmObjects *objects, OrmJsonSpan value, bool strict);

/* looks for a property as a value of "type"; NULL for one that is never found */
extern void orm_member_init(OrmMember *member, OrmProperty *property, Oid type, MemoryContext context);

/* takes the value when the cursor stands on the member; of several the last counts */
extern bool orm_member_match(OrmMember *member, const OrmJsonCursor *cursor);

/*
 * A value of the property as it stands in JSON, its cast undone, in the current
 * memory context. What the type raises bears the place: "in" is the object, or
 * the value itself.
 */
extern Datum orm_member_decode(OrmMember *member, const char *text, Size len, OrmJsonSpan value, OrmJsonSpan in);

#endif							/* ORM_RUN_OBJECTS_H */
