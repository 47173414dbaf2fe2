/*
 * catalog.h
 *	  Rows of orm.entities, orm.properties, orm.relations and orm.scopes as
 *	  structs.
 *
 * Reads with systable scans under the newest snapshot, past grants: the model
 * is open to all. Nothing here writes (declare/declaration.c does), and
 * nothing looks at the server's own catalogs (derive.c does).
 */
#ifndef ORM_MODEL_CATALOG_H
#define ORM_MODEL_CATALOG_H

#include "base/compat.h"

#include "nodes/pg_list.h"

typedef struct OrmEntityRow
{
	Oid			relation;
	char	   *name;
	List	   *key;			/* char *; NIL: the primary key */
	char	   *naming;
	List	   *columns;		/* char *; NIL: all */
	char	   *version;
	char	   *soft_delete;
	char	   *created_at;
	char	   *updated_at;
	char	   *flex;
	bool		derive;
} OrmEntityRow;

typedef struct OrmPropertyRow
{
	Oid			relation;
	char	   *name;
	char	   *column_name;	/* NULL: computed, or only hides the name */
	char	   *expression;
	char	   *cast_as;
	int8		insert;			/* -1: not said, else 0 or 1 */
	int8		update;
	int8		hidden;
	int8		lazy;
	bool		dropped;		/* orm.drop_property on a derived one */
	List	   *columns;		/* char *: of a value object; else NIL */
} OrmPropertyRow;

typedef struct OrmRelationRow
{
	Oid			relation;
	char	   *name;
	char	   *kind;			/* as orm_relation_kind_name() gives it, or "dropped" */
	Oid			target;			/* InvalidOid where a kind has no single one */
	List	   *foreign_key;	/* all lists: char *, NIL when not said */
	List	   *local_key;
	List	   *target_key;
	Oid			through;		/* InvalidOid when not said */
	List	   *target_foreign_key;
	List	   *pivot;
	bool		pivot_given;	/* an empty list says "none", NULL says nothing */
	char	   *inverse;		/* DDL: the name wanted on the target's side */
	char	   *condition;		/* jsonb text */
	List	   *order_by;
	int8		eager;			/* -1: not said, else 0 or 1 */
	int8		lazy;
	int8		owned;
	char	   *on_missing;
	char	   *on_foreign;

	/* each of some kinds only; NULL or NIL when not said */
	char	   *path;			/* of a through: names of relations, with dots between */
	char	   *keys;			/* array column of the owner */
	char	   *function;		/* "schema.function", of the owner's row */
	char	   *type_column;	/* polymorphic: the columns that say which row of which entity */
	List	   *id_columns;
	char	   *types;			/* jsonb text: entities by alias */
	char	   *type_alias;		/* the owner's alias in a polymorphic junction */
} OrmRelationRow;

typedef struct OrmScopeRow
{
	Oid			relation;
	char	   *name;
	char	   *condition;		/* jsonb text, or NULL */
	char	   *predicate;		/* SQL text, or NULL */
	List	   *arguments;		/* char * */
	bool		global;
} OrmScopeRow;

/* OIDs of the extension's schema and tables; InvalidOid when it is not installed here */
extern Oid	orm_catalog_schema(void);
extern Oid	orm_catalog_table(const char *table);	/* "entities", "properties", "relations", "scopes" */

/* rows in the current memory context; NULL or NIL when there is none */
extern OrmEntityRow *orm_catalog_entity_by_name(const char *name);
extern OrmEntityRow *orm_catalog_entity_by_relid(Oid relid);
extern List *orm_catalog_entities(void);				/* OrmEntityRow *, by name */
extern List *orm_catalog_properties(Oid relid);		/* OrmPropertyRow *, by name */
extern List *orm_catalog_relations(Oid relid);		/* OrmRelationRow *, by name */
extern List *orm_catalog_relations_to(Oid target);	/* OrmRelationRow * whose target is that relation */
extern List *orm_catalog_scopes(Oid relid);		/* OrmScopeRow *, by name */

#endif							/* ORM_MODEL_CATALOG_H */
