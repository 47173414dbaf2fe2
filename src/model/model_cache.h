/*
 * model_cache.h
 *	  From a name or a relation to its entity, as of now.
 *
 * Entities are built on demand and kept until a relcache message says that
 * something they were derived from has changed.
 */
#ifndef ORM_MODEL_MODEL_CACHE_H
#define ORM_MODEL_MODEL_CACHE_H

#include "model/entity.h"

/* once, from _PG_init: registers what tells of changes */
extern void orm_model_cache_init(void);

/*
 * The entity of that name; takes an AccessShareLock on its relation until the
 * end of the transaction, so that what is returned stays true that long.
 * Without one: 42704 with the nearest name as hint, or NULL with missing_ok.
 */
extern OrmEntity *orm_model_by_name(const char *name, bool missing_ok);

/* the same by relation; NULL or 42704 when the relation bears no entity */
extern OrmEntity *orm_model_by_relid(Oid relid, bool missing_ok);

/*
 * Whether a lookup of this statement had to wait for its lock, since this was
 * last asked: a snapshot taken before may not see what there is to see.
 */
extern bool orm_model_waited(void);

/*
 * From now on every entity that is looked up is put into the list; NULL: no
 * longer. Gives what there was before, to be put back, also after an error.
 */
extern List **orm_model_watch(List **entities);

/*
 * A number that grows with every change of functions, types, operators,
 * schemas and roles: statements may depend on them.
 */
extern uint64 orm_model_catalog_state(void);

/* names of all declared entities whose relation exists, sorted: List of char * */
extern List *orm_model_names(void);

#endif							/* ORM_MODEL_MODEL_CACHE_H */
