/*
 * ddl.h
 *	  Declaring through DDL: how a statement's options get from its start,
 *	  where they are taken out of it, to its end, where they are declared.
 *
 * A statement is seen in two places. The event triggers see it in every
 * session, and know at its end which relations it made. The utility hook sees
 * it only where the library is loaded before, but also where event triggers
 * are silent; what no trigger has declared, it declares after the statement.
 */
#ifndef ORM_DECLARE_DDL_H
#define ORM_DECLARE_DDL_H

#include "base/compat.h"

#include "nodes/parsenodes.h"

#include "declare/reloptions.h"

/* in ddl_events.c */

/* orm.restoring: event triggers, hook and checks stand aside */
extern bool orm_restoring;

/* once, from _PG_init: the setting, the utility hook and the transaction callbacks */
extern void orm_ddl_init(void);

/* may options be taken out of statements here and now? Reads catalogs. */
extern bool orm_ddl_enabled(void);

/* in ddl_hook.c */
extern void orm_ddl_hook_init(void);

/* in ddl_pending.c */

extern void orm_ddl_pending_init(void);

/*
 * Takes the options out of "stmt" and keeps them until its end. An ALTER's
 * relation is looked up and locked here, as the statement itself will do. With
 * "by_name" the names of what it will create are bound now, for
 * orm_ddl_end_by_name. Returns a number for what is kept.
 */
extern uint64 orm_ddl_begin(Node *stmt, bool by_name);

/* declares what was kept for "stmt", if anything; only while ddl_command_end fires */
extern void orm_ddl_end(Node *stmt);

/* the same without event triggers; nothing when orm_ddl_end has seen to it */
extern void orm_ddl_end_by_name(uint64 id);

/* in ddl_declare.c */

/* declares what a statement says of a relation; checks all that the declarations check */
extern void orm_ddl_declare(Oid relid, const OrmOptionSubject *subject);

/* in ddl_declare_link.c */

/* what ALTER COLUMN says of the foreign key of a column: options from ORM_OPTION_RELATION on */
extern void orm_ddl_declare_link(Oid relid, const OrmOptionClause *clause);

/* in ddl_follow.c */

/* is it a statement that renames a column? */
extern bool orm_ddl_renames_column(Node *stmt);

/* lets the declarations of a relation, and of all that the server has renamed with it, follow */
extern void orm_ddl_follow_rename(Oid relid, const RenameStmt *stmt);

/* a relation or column is gone, and with it what its declarations say */
extern void orm_ddl_follow_drops(void);

/* in ddl_collected.c */

/* a relation, or a column of it, that a statement made, altered, renamed or dropped */
typedef struct OrmCollected
{
	Oid			relid;
	int			column;			/* attnum; 0: the relation itself */
	char	   *column_name;	/* of a dropped column */
} OrmCollected;

/* List of OrmCollected *: what the statement made or altered; only while ddl_command_end fires */
extern List *orm_ddl_collected(void);
/* the same of what it dropped; only while sql_drop fires */
extern List *orm_ddl_dropped(void);

#endif							/* ORM_DECLARE_DDL_H */
