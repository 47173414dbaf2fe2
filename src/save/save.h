/*
 * save.h
 *	  Saves a graph: a JSON document with nested relations, brought to the
 *	  tables.
 *
 * The way in for api/sql_save.c. What is what: save/graph.h.
 */
#ifndef ORM_SAVE_SAVE_H
#define ORM_SAVE_SAVE_H

#include "base/json_writer.h"
#include "query/query_document.h"

typedef enum OrmSaveVerb
{
	ORM_SAVE,					/* insert or update: what is absent is left alone */
	ORM_INSERT,
	ORM_UPDATE,
	ORM_UPSERT,
	ORM_REPLACE					/* what is absent takes its default */
} OrmSaveVerb;

typedef struct OrmSaveCall OrmSaveCall;

/* the clauses of a call, merged: save/save_options.c */
typedef struct OrmSaveOptions
{
	bool		silent;			/* "returning": false */
	bool		actions;
	bool		require_version;
	bool		sync_all;
	List	   *sync;			/* List of List of char *: paths of relations that state a whole set */
	List	   *by;				/* OrmProperty *: the unique set that finds a root */
	const OrmJson *by_node;
	List	   *conflict;		/* OrmProperty *: of upsert; NIL: the key */
	bool		update_said;
	List	   *update;			/* OrmProperty *: what an upsert changes in a row that is there */
	OrmWhere   *guard;			/* "where": a root that does not satisfy it is OR001 */
	struct OrmPermit *permit;	/* NULL: everything may be given */
	OrmQuery   *returning;		/* shape of the roots in the result; select, omit */
	List	   *loads;			/* const OrmJson *: clauses of "returning" that load relations */
	const char *on_missing;		/* instead of each relation's own */
	const char *on_foreign;
} OrmSaveOptions;

/* merges clauses: 22023 for an unknown one, or one that does not fit the verb */
extern OrmSaveOptions *orm_save_options(OrmEntity *entity, OrmSaveVerb verb, OrmJson **documents, int n);

/*
 * Saves the graph in "text" as the caller and appends the result to "out",
 * nothing with options->silent. The text has been through json_in. On an error
 * nothing stays: it is the caller's statement that is undone.
 */
extern void orm_save(OrmEntity *entity, OrmSaveVerb verb, const OrmSaveOptions *options, const char *text, Size len,
					 OrmBuffer *out);

#endif							/* ORM_SAVE_SAVE_H */
