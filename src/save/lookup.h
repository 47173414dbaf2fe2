/*
 * lookup.h
 *	  Rows by their keys, as the caller sees them: what a link or a removal is
 *	  about is read first.
 *
 * A row that row-level security, a scope or soft deletion hides is not there.
 */
#ifndef ORM_SAVE_LOOKUP_H
#define ORM_SAVE_LOOKUP_H

#include "model/entity.h"
#include "query/where.h"
#include "save/statement.h"

/* what is read of which rows */
typedef struct OrmLookup
{
	OrmEntity  *entity;
	List	   *groups;			/* OrmWhere *: what must hold on them */
	List	   *columns;		/* char *, columns of the relation that are read */
	bool		lock;			/* FOR NO KEY UPDATE, where the caller may: see orm_lookup_may_lock */
} OrmLookup;

/* one row; its values are in the order of the columns */
typedef struct OrmFound
{
	bool		found;
	Datum	   *values;
	bool	   *nulls;
} OrmFound;

/* a batch with room for "nrows" keys of the entity, typed; 22023 for an entity without a key */
extern OrmBatch *orm_lookup_keys(OrmEntity *entity, int nrows);

/* names of the key's columns: List of char * */
extern List *orm_lookup_key_columns(const OrmEntity *entity);

/* " ORDER BY 2, 3", appended: by the key, whose columns are in the result from "first" on */
extern void orm_lookup_order(StringInfo buf, const OrmEntity *entity, int first);

/* "t.id OPERATOR(=) k.k1 AND …", appended: a row of the entity is the one that the batch of keys names */
extern void orm_lookup_match(StringInfo buf, const OrmEntity *entity, const OrmBatch *keys, const char *row,
							 const char *alias);

/* for each key its row, by one statement */
extern OrmFound *orm_lookup_rows(const OrmLookup *lookup, const OrmBatch *keys);

/* the one row for which "key" holds besides */
extern OrmFound *orm_lookup_row(const OrmLookup *lookup, OrmWhere *key);

/*
 * Whether rows of a relation can be locked without asking for more than the
 * work itself needs: a lock takes the right to update, and under row-level
 * security hides what may not be updated.
 */
extern bool orm_lookup_may_lock(Oid relid);

#endif							/* ORM_SAVE_LOOKUP_H */
