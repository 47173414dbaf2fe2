/*
 * property_names.h
 *	  Which property names an entity gives to which columns, by its declaration.
 *
 * From the rows alone, so that it also holds for an entity which can't be built
 * at the moment. The model itself is derived by model/derive.
 */
#ifndef ORM_DECLARE_PROPERTY_NAMES_H
#define ORM_DECLARE_PROPERTY_NAMES_H

#include "model/catalog.h"

typedef struct OrmNamedProperty
{
	char	   *name;
	char	   *column;			/* NULL: computed */
} OrmNamedProperty;

/* the name that a column has without a declared property */
extern char *orm_derived_name(const OrmEntityRow *row, const char *column);

/* OrmNamedProperty *: columns in order, then computed ones; dropped ones are not there */
extern List *orm_named_properties(const OrmEntityRow *row);

/* the one of that name, or NULL */
extern OrmNamedProperty *orm_named_property(List *properties, const char *name);
/* their names, for hints */
extern List *orm_named_property_names(List *properties);

/* the row of that name, or NULL */
extern OrmPropertyRow *orm_property_row(List *rows, const char *name);
extern OrmRelationRow *orm_relation_row(List *rows, const char *name);

#endif							/* ORM_DECLARE_PROPERTY_NAMES_H */
