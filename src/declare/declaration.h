/*
 * declaration.h
 *	  Checks a declaration and writes it to the catalog: one way in for the
 *	  functions, the DDL options and the model documents.
 *
 * Each call checks ownership (42501), checks everything it can at once and
 * reports all faults in one error (the first as message, the rest in DETAIL),
 * replaces what was declared under that name before, and writes as the
 * extension's owner with the security context restored on every exit.
 * Readers of the model see it at the next command.
 */
#ifndef ORM_DECLARE_DECLARATION_H
#define ORM_DECLARE_DECLARATION_H

#include "model/catalog.h"
#include "model/entity.h"

/*
 * Inserts or replaces the row. An entity name that another relation bears is
 * 42710, unless the caller owns both: then the name moves here. Refuses
 * indexes, temporary tables, sequences, toast tables, system catalogs.
 */
extern void orm_declare_entity(const OrmEntityRow *row);

/*
 * The entity of row->relation must exist (42704). A property without column and
 * expression is the one that its name derives, else the column of that name;
 * one with a column but no name keeps the name that the column has. Gives the
 * name declared.
 */
extern const char *orm_declare_property(const OrmPropertyRow *row);
/* row->columns as the value object row->name */
extern void orm_declare_embed(const OrmPropertyRow *row);
/* what is left out is completed from foreign keys, and stored */
extern void orm_declare_relation(const OrmRelationRow *row);
/*
 * The four relations of a tree over these columns, or over the one foreign key
 * from the entity to itself; gives their names. A parent and children that are
 * declared over the same columns stay as they are.
 */
extern List *orm_declare_tree(Oid relid, List *foreign_key);
/* exactly one of condition and predicate; a global one has no arguments */
extern void orm_declare_scope(const OrmScopeRow *row);

/* 42704 or 42703 when there is none */
extern void orm_drop_entity(Oid relid);
/* also one whose relation is gone, which anybody may drop */
extern void orm_drop_entity_named(const char *name);
extern void orm_drop_property(Oid relid, const char *name);
extern void orm_drop_relation(Oid relid, const char *name);
extern void orm_drop_scope(Oid relid, const char *name);

/*
 * Leaves nothing of that name: what was declared goes, what is derived is
 * hidden. Nothing to do when it is hidden already; else 42703 as above.
 */
extern void orm_hide_property(Oid relid, const char *name);
extern void orm_hide_relation(Oid relid, const char *name);
extern void orm_hide_scope(Oid relid, const char *name);

/*
 * After DDL. "dropped": the relation is gone, all rows that speak of it go.
 * "column dropped": what names that column goes or falls back to what is
 * derived. "renamed": names follow; called for the relation itself, not its
 * children. These run for whoever issued the DDL: no ownership check.
 */
extern void orm_catalog_relation_dropped(Oid relid);
extern void orm_catalog_column_dropped(Oid relid, const char *column);
extern void orm_catalog_column_renamed(Oid relid, const char *from, const char *to);
/* the types of polymorphic relations that name an entity follow its name */
extern void orm_catalog_entity_renamed(const char *from, const char *to);

/* the row of the entity that the relation bears, else 42704 */
extern OrmEntityRow *orm_declared_entity(Oid relid);
/* the row of the entity of that name whose relation exists, else 42704 with the nearest name as hint */
extern OrmEntityRow *orm_declared_entity_by_name(const char *name);

/* the relation's owner, a member of the owning role, or superuser: else 42501 */
extern void orm_check_owner(Oid relid);

#endif							/* ORM_DECLARE_DECLARATION_H */
