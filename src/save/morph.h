/*
 * morph.h
 *	  What the type columns of polymorphic relations say of rows of the input.
 */
#ifndef ORM_SAVE_MORPH_H
#define ORM_SAVE_MORPH_H

#include "save/graph.h"

/* does the row give this type, however it is written? As the column's own "=" says so. */
extern bool orm_save_says_type(const OrmSaveRow *row, const OrmTypeColumn *type);

/* the alias as a value of the column, which lives as long as the call */
extern Datum orm_save_type_value(OrmSaveTable *table, const OrmTypeColumn *type);

#endif							/* ORM_SAVE_MORPH_H */
