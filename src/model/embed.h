/*
 * embed.h
 *	  Value objects: columns that stand together as one object.
 */
#ifndef ORM_MODEL_EMBED_H
#define ORM_MODEL_EMBED_H

#include "model/catalog.h"
#include "model/entity.h"

/*
 * The names that columns have inside the value object: without the prefix
 * "name_" where all of them have it. List of char *, in their order.
 */
extern List *orm_embed_members(const char *name, List *columns, OrmNaming naming);

/* the value object that a column belongs to, among an entity's property rows; NULL: none */
extern OrmPropertyRow *orm_embed_of_column(List *rows, const char *column);

#endif							/* ORM_MODEL_EMBED_H */
