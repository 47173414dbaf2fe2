/*
 * json_key.h
 *	  Keys of entities as they stand in JSON: one value, or for a key of
 *	  several columns an object that names them.
 */
#ifndef ORM_RUN_JSON_KEY_H
#define ORM_RUN_JSON_KEY_H

#include "run/objects.h"

typedef struct OrmJsonKey
{
	OrmEntity  *entity;
	int			n;
	OrmMember  *members;		/* by column of the key */
	Oid		   *types;			/* domains resolved */
	Oid		   *collations;
} OrmJsonKey;

/* in "context"; 22023 where the entity has no key */
extern void orm_json_key_init(OrmJsonKey *key, OrmEntity *entity, MemoryContext context);

/*
 * A key that stands as a value, in the current memory context; false when it
 * or a part of it is null. 22P02 with the place for what is no key.
 */
extern bool orm_json_key_value(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan value, Datum *datums);

/* the key out of the members that were matched in an entity; false when part of it is null */
extern bool orm_json_key_matched(OrmJsonKey *key, const char *text, Size len, OrmJsonSpan object, Datum *datums);

/* before an object is gone through: nothing is matched */
extern void orm_json_key_clear(OrmJsonKey *key);

/* 22023: "entity ... has no key" */
orm_noreturn extern void orm_key_none(const OrmEntity *entity);

/* 22P02: what stands for a key of the entity is none, with how it would be written */
orm_noreturn extern void orm_key_malformed(const OrmEntity *entity, const char *detail);

#endif							/* ORM_RUN_JSON_KEY_H */
