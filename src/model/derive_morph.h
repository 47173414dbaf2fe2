/*
 * derive_morph.h
 *	  Builds polymorphic relations, and reads the types that one declares.
 *
 * Types are kept by the names of entities: an alias whose entity is not
 * declared means nothing until one of that name is.
 */
#ifndef ORM_MODEL_DERIVE_MORPH_H
#define ORM_MODEL_DERIVE_MORPH_H

#include "model/catalog.h"
#include "model/entity.h"

typedef struct OrmMorphType
{
	char	   *alias;
	char	   *entity;			/* NULL: no name stands there */
} OrmMorphType;

/* {"post": "Post", …} as a List of OrmMorphType *, by alias; NIL when it is no object */
extern List *orm_morph_types(const char *types);
/* the type that stands for an entity, or NULL */
extern OrmMorphType *orm_morph_type_of(const char *types, const char *entity);

/* target, links and facts of a relation of a polymorphic kind; false when something it speaks of is gone */
extern bool orm_derive_morph(OrmEntity *entity, OrmRelation *relation, const OrmRelationRow *row);

#endif							/* ORM_MODEL_DERIVE_MORPH_H */
