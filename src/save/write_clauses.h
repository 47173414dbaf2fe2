/*
 * write_clauses.h
 *	  The clauses of delete, restore, delete_all and update_all.
 *
 * Those of the graph save are save_options.h's.
 */
#ifndef ORM_SAVE_WRITE_CLAUSES_H
#define ORM_SAVE_WRITE_CLAUSES_H

#include "query/query_document.h"

typedef enum OrmWriteVerb
{
	ORM_VERB_DELETE,
	ORM_VERB_RESTORE,
	ORM_VERB_DELETE_ALL,
	ORM_VERB_UPDATE_ALL
} OrmWriteVerb;

typedef struct OrmWriteClauses
{
	OrmEntity  *entity;
	OrmWriteVerb verb;
	OrmQuery   *rows;			/* which rows: its wheres, "without" and "trashed"; not finished */
	OrmQuery   *returning;		/* how the entity is shown; not finished */
	bool		silent;			/* "returning": false */
	bool		force;
	bool		all;
	int64		at_most;		/* -1: not said */
	const OrmJson *version;		/* the value given, or NULL */
	bool		require_version;
} OrmWriteClauses;

/* merges the documents of a call; 22023 for a clause that the verb does not take */
extern OrmWriteClauses *orm_write_clauses(OrmEntity *entity, OrmWriteVerb verb, OrmJson **documents, int n);

/* 22023 for delete_all and update_all whose conditions leave no row out, unless "all" was said */
extern void orm_write_refuse_all(const OrmWriteClauses *clauses);

/* OR004 when more rows were written than "at_most" allows */
extern void orm_write_check_count(const OrmWriteClauses *clauses, uint64 count);

#endif							/* ORM_SAVE_WRITE_CLAUSES_H */
