/*
 * lazy.h
 *	  Windows of entities with lazy relations, and what was loaded for them,
 *	  until the transaction ends.
 *
 * A window holds the keys of entities that were read together. It is taken
 * along when the savepoint that it was made under is rolled back. All windows
 * together stay within work_mem; the oldest one goes first.
 */
#ifndef ORM_RUN_LAZY_H
#define ORM_RUN_LAZY_H

#include "model/entity.h"
#include "run/hydrator.h"

typedef struct OrmLazyWindow OrmLazyWindow;

/* notes a row of a level whose statement has columns to remember */
extern void orm_lazy_note(OrmLevel *level, const Datum *values, const bool *nulls);

/* what is noted from now on for these levels makes windows of its own */
extern void orm_lazy_next_window(OrmLevel *level);

/*
 * What is noted for these levels counts as older than the window of that
 * number, which it is loaded for: a relation of an entity to its own kind would
 * put a newer window before it each time.
 */
extern void orm_lazy_behind(OrmLevel *level, uint64 number);

/*
 * The newest window that holds the entity of a key, and its row in there; NULL
 * when there is none. A window of one counts only where no other holds it.
 */
extern OrmLazyWindow *orm_lazy_find(OrmEntity *entity, const Datum *key, int *row);

/* a window of one for an entity that is in none */
extern OrmLazyWindow *orm_lazy_single(OrmEntity *entity, const Datum *key, int *row);

/* a window's number, by which it is found again after statements have run; NULL when it is gone */
extern uint64 orm_lazy_number(const OrmLazyWindow *window);
extern OrmLazyWindow *orm_lazy_numbered(uint64 number);

/* entities that stand together, and how many are to be loaded at once so that what was loaded can be kept */
extern int	orm_lazy_count(const OrmLazyWindow *window);
extern int	orm_lazy_chunk(const OrmLazyWindow *window);

/* the key of an entity in a window */
extern void orm_lazy_key(const OrmLazyWindow *window, int row, Datum *key);

/*
 * Is it known what a relation starts from, and could it be nothing else by now
 * and for this caller? Then what that is for an entity in the window.
 */
extern bool orm_lazy_starts(const OrmLazyWindow *window, const OrmEntity *entity, const OrmRelation *relation);
extern void orm_lazy_start(const OrmLazyWindow *window, const OrmRelation *relation, int row, Datum *near, bool *nulls);

/*
 * What was loaded of a relation for an entity, as the caller would get it now:
 * same role, same settings that show in JSON or that conditions read, and
 * nothing written by this transaction since. NULL where it has to be loaded.
 */
extern const char *orm_lazy_kept(OrmLazyWindow *window, const OrmRelation *relation, int row, Size *len);

/*
 * Begins to keep what was loaded of a relation, in place of what is kept
 * already and no longer holds. "settings" are those that conditions have read.
 * The window stays.
 */
extern void orm_lazy_keep(OrmLazyWindow *window, const OrmRelation *relation, List *settings);
extern void orm_lazy_put(OrmLazyWindow *window, int row, const char *value, Size len);
/* after the last one: makes room, and gives up on what is too large */
extern void orm_lazy_keep_done(OrmLazyWindow *window);

#endif							/* ORM_RUN_LAZY_H */
