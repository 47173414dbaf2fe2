/*
 * untrusted.h
 *	  Query documents that an untrusted client wrote.
 *
 * orm.untrusted marks them. Where a marked document is merged, it is checked
 * against the model before anything else reads it, and each of its nodes is
 * flagged, so that what it asks for only narrows what trusted clauses give.
 */
#ifndef ORM_QUERY_UNTRUSTED_H
#define ORM_QUERY_UNTRUSTED_H

#include "query/query_document.h"

/* the member that bears the mark: true, or the list of relations it may name */
#define ORM_UNTRUSTED_MARK "$untrusted"

/* roots, and rows per parent, where nobody sets a limit */
#define ORM_UNTRUSTED_LIMIT 100

extern bool orm_untrusted_is_mark(const OrmJson *member);

/*
 * What can be told without a model: 22023 for any clause or operator that such
 * a document may not hold, at any level.
 */
extern void orm_untrusted_check_shape(const OrmJson *document);

/*
 * Before a document is merged into a level. Of a marked one: checks the shape,
 * and every name against the model, where hidden properties and relations
 * beyond those it may name do not exist (42703, without a hint). Notes that a
 * document from outside speaks of the level.
 */
extern void orm_untrusted_enter(OrmQuery *query, const OrmJson *document);

/* 42703, in the same words for a property that is hidden and one that is not there */
orm_noreturn extern void orm_untrusted_no_property(const OrmEntity *entity, const char *name, const OrmJson *node);

/* 22023 where one of two values of a clause is a trusted one and the other is not; "said" may be NULL */
extern void orm_untrusted_refuse_second(const OrmJson *said, const OrmJson *value);

/* of several limits the smallest holds */
extern void orm_untrusted_limit(OrmQuery *query, int64 limit);

/* "node" has a level loaded that is there now, or NULL; what trusted clauses refuse stays off */
extern void orm_untrusted_load(OrmQuery *query, const OrmJson *node);

/*
 * The document leaves a relation off. Its level stays until the query is
 * finished, for what trusted clauses said of it holds if it is asked for again.
 */
extern void orm_untrusted_refuse(OrmQuery *query, OrmRelation *relation);

/* the limit and offset of a level, from both sides; for callers that look at them before it is finished */
extern void orm_untrusted_settle(OrmQuery *query);

/*
 * The same, with a limit where there is none from either side. Binds what is
 * asked about related rows, and takes off what is not to be loaded.
 */
extern void orm_untrusted_finish(OrmQuery *query);

#endif							/* ORM_QUERY_UNTRUSTED_H */
