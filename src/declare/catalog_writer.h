/*
 * catalog_writer.h
 *	  Writes rows of orm.entities, orm.properties, orm.relations and orm.scopes.
 *
 * As the owner of these tables, whoever the caller is: so every check has to be
 * done before. Reading them is model/catalog.c's.
 */
#ifndef ORM_DECLARE_CATALOG_WRITER_H
#define ORM_DECLARE_CATALOG_WRITER_H

#include "model/catalog.h"

/*
 * Takes the lock under which declarations wait for each other until the end of
 * the transaction, so that what was checked stays true until it is written.
 */
extern void orm_catalog_lock(void);

/* insert, or replace the row of the same relation (and name); an equal row is left alone */
extern void orm_catalog_write_entity(const OrmEntityRow *row);
extern void orm_catalog_write_property(const OrmPropertyRow *row);
extern void orm_catalog_write_relation(const OrmRelationRow *row);
extern void orm_catalog_write_scope(const OrmScopeRow *row);

/* no error when there is none */
extern void orm_catalog_delete_property(Oid relid, const char *name);
extern void orm_catalog_delete_relation(Oid relid, const char *name);
extern void orm_catalog_delete_scope(Oid relid, const char *name);
/*
 * The entity with its properties, scopes, relations and the relations that lead to
 * it; with "gone", also those that lead through its relation.
 */
extern void orm_catalog_delete_entity(Oid relid, bool gone);

#endif							/* ORM_DECLARE_CATALOG_WRITER_H */
