/*
 * removal.h
 *	  Takes rows away: deletes them, trashes them, or unlinks them from what
 *	  they belong to.
 *
 * One statement for any number of keys, as the caller. What is to go is the
 * caller's to decide; order and rules of a graph are not here.
 */
#ifndef ORM_SAVE_REMOVAL_H
#define ORM_SAVE_REMOVAL_H

#include "model/entity.h"
#include "query/where.h"
#include "save/statement.h"

typedef enum OrmRemovalKind
{
	ORM_REMOVE_DELETE,			/* the row */
	ORM_REMOVE_TRASH,			/* sets the soft-delete column of a live row */
	ORM_REMOVE_UNLINK,			/* sets columns to NULL */
	ORM_REMOVE_RESTORE			/* clears the soft-delete column of a trashed row */
} OrmRemovalKind;

typedef struct OrmRemoval
{
	OrmEntity  *entity;
	OrmRemovalKind kind;
	List	   *groups;			/* OrmWhere *: what must hold on the rows besides */
	List	   *columns;		/* char *: those that unlinking clears */
} OrmRemoval;

/* how a row of the entity goes: trashed where it is soft-deleting, unless forced */
extern OrmRemovalKind orm_removal_kind(const OrmEntity *entity, bool force);

/*
 * Removes the rows of these keys (save/lookup.h makes room for them). Returns
 * for each key whether a row has gone; one that is not there, that a policy or
 * a trigger keeps, or that has gone already is not an error.
 */
extern bool *orm_removal_by_keys(const OrmRemoval *removal, const OrmBatch *keys);

/* removes all rows that satisfy the groups; returns their number */
extern uint64 orm_removal_by_groups(const OrmRemoval *removal);

/*
 * The columns whose clearing unlinks a row: those of "columns" (attribute
 * numbers of the relation) that may be NULL and are no part of the key. List
 * of char *; NIL: it can't be unlinked.
 */
extern List *orm_removal_clearable(const OrmEntity *entity, const AttrNumber *columns, int ncolumns);

#endif							/* ORM_SAVE_REMOVAL_H */
