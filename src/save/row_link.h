/*
 * row_link.h
 *	  Values that one row has from another, because a relation ties them.
 */
#ifndef ORM_SAVE_ROW_LINK_H
#define ORM_SAVE_ROW_LINK_H

#include "save/graph.h"

/*
 * The columns of a relation that hold the value on its foreign key's side, and
 * whose row that is: "holder" gets what "source" has.
 */
typedef struct OrmSaveLink
{
	OrmSaveRow *holder;
	OrmSaveRow *source;
	int			ncolumns;
	AttrNumber	into[INDEX_MAX_KEYS];
	AttrNumber	from[INDEX_MAX_KEYS];
} OrmSaveLink;

/* what ties "row", an element of "set", to the set's owner; false for a many-to-many, which ties no columns */
extern bool orm_save_link(const OrmSaveSet *set, OrmSaveRow *row, OrmSaveLink *link);

/*
 * A to-one that is null, beside columns that name a row: find says so when the
 * caller can't see that row, and then it is no change. If the row can be seen,
 * it is to be unlinked. Called while the row is read.
 */
extern void orm_save_shadow(OrmSaveSet *set);

/* fills the columns of a row that come from others, as far as those are known */
extern void orm_save_resolve(OrmSaveRow *row);

/*
 * Has the row a column's value from a row that it is linked to, and is "there" equal
 * to it? A foreign key may hold its target's value in another image: 1.0 for 1.00.
 */
extern bool orm_save_refers_alike(OrmSaveRow *row, AttrNumber attnum, Datum there);

/* keeps what the input says of a column that "relation" fills; before the column is marked as one that comes from a link */
extern void orm_save_put_aside(OrmSaveRow *row, AttrNumber attnum, const OrmRelation *relation);

/* notes what is there in such a column */
extern void orm_save_meet_aside(OrmSaveRow *row, OrmSaveAside *aside, Datum there, bool isnull);

/* 22023 where such a column is changed, and the relation that fills it says what is there */
extern void orm_save_check_asides(const OrmSaveRow *row);

/* may the link be left out when the row is inserted? */
extern bool orm_save_link_is_nullable(const OrmSaveLink *link);

#endif							/* ORM_SAVE_ROW_LINK_H */
