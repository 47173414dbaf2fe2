/*
 * derive.h
 *	  Builds an entity from its declaration and from the server's catalogs.
 *
 * Pure reading. The result is one context that the caller keeps or deletes.
 */
#ifndef ORM_MODEL_DERIVE_H
#define ORM_MODEL_DERIVE_H

#include "model/catalog.h"
#include "model/entity.h"

/*
 * The entity of a declaration, in a context of its own under "parent". The
 * caller holds a lock on row->relation. NULL when the relation is gone.
 */
extern OrmEntity *orm_derive_entity(const OrmEntityRow *row, MemoryContext parent);

/* the same without the relations that go through others, which stay without a way */
extern OrmEntity *orm_derive_entity_unchained(const OrmEntityRow *row, MemoryContext parent);

/* in derive_relation.c, called by the above with the properties done */
extern void orm_derive_relations(OrmEntity *entity, Relation rel);
/* in derive_through.c, called with those relations done */
extern void orm_derive_throughs(OrmEntity *entity);

/* a relation that could not be built, for orm.describe */
extern void orm_derive_orphan(OrmEntity *entity, const char *name, const char *source);

/* the entity's context must be current; duplicates are dropped */
extern void orm_derive_depends_on(OrmEntity *entity, Oid relid);

/* "author_id" as "authorId"; palloc'd */
extern char *orm_camel_case(const char *name, bool upper_first);
/* "author_id" and "authorId" without the ending, or NULL when there is none; palloc'd */
extern char *orm_without_id(const char *column);

/* unique sets of columns of a relation, primary key first; returns their number */
extern int	orm_derive_uniques(Relation rel, OrmUnique **uniques);
/* columns of the primary key of a relation, and of the key of an entity, which is declared or that: char *, or NIL */
extern List *orm_primary_key_columns(Oid relid);
extern List *orm_key_columns(const OrmEntityRow *row);
/* is some unique set of columns part of these? */
extern bool orm_unique_within(const OrmUnique *uniques, int nuniques, const AttrNumber *attnums, int n);
/* is the index valid, and does it lead with these columns, in any order? whatever its predicate */
extern bool orm_index_starts_with(Relation index, const AttrNumber *attnums, int n);
/* does a valid index over all rows lead with these columns, in any order? with "partial": one over some of them */
extern bool orm_index_leads_with(Relation rel, const AttrNumber *attnums, int n, bool partial);

#endif							/* ORM_MODEL_DERIVE_H */
