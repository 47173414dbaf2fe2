/*
 * sql_support.h
 *	  What the server remembers of a relation's size.
 */
#ifndef ORM_API_SQL_SUPPORT_H
#define ORM_API_SQL_SUPPORT_H

#include "base/compat.h"

/* the rows of a relation when it was last analysed; less than 0 when it never was */
extern double orm_table_rows(Oid relid);

#endif							/* ORM_API_SQL_SUPPORT_H */
