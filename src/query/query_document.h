/*
 * query_document.h
 *	  A query document as a typed tree against the model.
 *
 * The tree is what deparse.c writes SQL from. It knows entities, properties
 * and relations, no SQL and no rows.
 */
#ifndef ORM_QUERY_QUERY_DOCUMENT_H
#define ORM_QUERY_QUERY_DOCUMENT_H

#include "base/json_reader.h"
#include "model/entity.h"
#include "query/scope.h"
#include "query/where.h"

typedef struct OrmQuery OrmQuery;
typedef struct OrmKeyset OrmKeyset;
typedef struct OrmLock OrmLock;
typedef struct OrmTree OrmTree;

typedef struct OrmAggregate OrmAggregate;	/* query/aggregate.h */

/* one item of "order": a property, one reached through to-one relations, or an alias */
typedef struct OrmOrder
{
	const char *alias;			/* of an aggregate; else NULL */
	const OrmJson *node;		/* its place; NULL: a declared one */
	OrmAggregate *aggregate;	/* what the alias stands for, once finished */
	List	   *path;			/* OrmRelation *, the to-one steps; usually NIL */
	List	   *bounds;			/* as of OrmTerm */
	OrmEntity  *entity;			/* whose property it is */
	OrmProperty *property;		/* NULL: a column of the junction table */
	const char *pivot;			/* that column */
	bool		descending;
	bool		nulls_said;
	bool		nulls_first;
} OrmOrder;

typedef struct OrmLoad
{
	OrmRelation *relation;
	OrmQuery   *query;
} OrmLoad;

/* what documents from outside asked of a level: see query/untrusted.h */
typedef struct OrmBound
{
	bool		touched;		/* such a document speaks of this level */
	int64		limit;			/* -1: none */
	int64		offset;
	const OrmJson *select;
	bool		off;			/* not to be loaded after all */
	List	   *refused;		/* OrmRelation *: eager ones left off */
} OrmBound;

/* how a relation's rows are got */
typedef enum OrmStrategy
{
	ORM_STRATEGY_CHOSEN,		/* by rule */
	ORM_STRATEGY_ANY,			/* all keys at once, rows find theirs by bytes */
	ORM_STRATEGY_ORDINALITY,	/* joined to the keys with their numbers */
	ORM_STRATEGY_LATERAL,		/* key by key */
	ORM_STRATEGY_ROW_NUMBER		/* all, and numbered within each key */
} OrmStrategy;

struct OrmQuery
{
	OrmEntity  *entity;
	OrmRelation *relation;		/* by which it is loaded; NULL at the root */
	OrmQuery   *parent;
	bool		unasked;		/* loaded only because its relation is eager */
	List	   *wheres;			/* OrmWhere *: groups, all of which must hold */
	List	   *order;			/* OrmOrder * */
	int64		limit;			/* -1: none */
	const OrmJson *limit_clause;
	int64		offset;			/* 0: none */
	const OrmJson *after;		/* cursors as they were given, or NULL */
	const OrmJson *before;
	OrmKeyset  *keyset;			/* what a cursor says, once finished, or NULL */
	uint64		order_mark;		/* what cursors of this entity and order bear; 0: there are none */
	bool		reversed;		/* the last ones before a cursor: "order" is turned round */
	bool		paged;			/* one page: the values of its order are read too */
	const OrmJson *page;		/* clauses "page" and "total" */
	const OrmJson *total;
	List	   *distinct;		/* OrmProperty *: one row for each of their values */
	OrmLock    *lock;			/* of the root's rows, or NULL */
	const OrmJson *select;		/* the last one given, or NULL */
	List	   *omit;			/* const OrmJson * */
	bool	   *selected;		/* by index of property, once finished */
	bool		flexible;		/* the keys of the flex column are given, too */
	List	   *loads;			/* OrmLoad *, in the order in which they come out */
	List	   *refused;		/* OrmRelation *: eager ones left off */
	List	   *aggregates;		/* OrmAggregate *, in the order in which they come out */
	bool		aggregated;		/* the clause "aggregate" was given */
	List	   *tallies;		/* OrmQuery *: the related rows that these are taken over */
	const OrmJson *filter;		/* of a tally: its "where" */
	List	   *between;		/* OrmWhere *, of a tally over a tree: hold on the rows on the way as well */
	List	   *tallied;		/* OrmAggregate *: of a tally, those taken over its rows; else NIL */
	int64		depth;			/* clauses "depth" and "flat" */
	const OrmJson *depth_clause;
	const OrmJson *flat;
	OrmTree    *tree;			/* once finished: rows are followed from one to the next; else NULL */
	List	   *without;		/* char *, global scopes that are left off */
	OrmTrashed	trashed;
	const OrmJson *unscoped;	/* the last of "without" and "trashed", or NULL */
	bool		alone;			/* one row by its key, which orm.lazy need not remember */
	OrmStrategy strategy;
	const OrmJson *strategy_clause;
	bool		given;			/* the rows are at hand: nothing holds on them that was not said */
	OrmBound	bound;
	const OrmJson *params;		/* clause "params" */
	const OrmJson *entity_clause;	/* clause "entity" */
};

/* which clauses a caller takes besides those of every level */
#define ORM_CLAUSE_PARAMS	(1 << 0)
#define ORM_CLAUSE_ENTITY	(1 << 1)
#define ORM_CLAUSE_LOCK		(1 << 2)
#define ORM_CLAUSE_PAGE		(1 << 3)
#define ORM_CLAUSE_TYPES	(1 << 4)

extern OrmQuery *orm_query_new(OrmEntity *entity);

/*
 * Merges a clause into the query: where is ANDed, load and omit are united,
 * order is appended, of all else the last wins. The document must stay.
 */
extern void orm_query_merge(OrmQuery *query, const OrmJson *document, int also);

/*
 * The same for all queries of one load: one, or those of a morph_to's types,
 * or of what these have under one name. All but "load" must hold for each.
 */
extern void orm_query_merge_all(List *queries, const OrmJson *document);

/*
 * After the last clause: adds eager relations, resolves select and omit, and
 * gives every list its final order, on all levels.
 */
extern void orm_query_finish(OrmQuery *query);

/* 22023: the clause at "node" takes "what" */
extern void orm_query_wrong_kind(const OrmJson *node, const char *what);

/* a whole number that is not negative; 22023 for all else */
extern int64 orm_query_whole_number(const OrmJson *value);

/* a relation or property by name, or 42703 with the nearest name; "node" is its place, or NULL */
extern OrmRelation *orm_query_relation_or_raise(OrmEntity *entity, const char *name, const OrmJson *node);
extern OrmProperty *orm_query_property_or_raise(OrmEntity *entity, const char *name, const OrmJson *node);
/* the entity that a relation leads to; 22023 for a morph_to, which leads to several */
extern OrmEntity *orm_query_target_or_raise(const OrmRelation *relation, const OrmJson *node);
/* of a morph_to the relation to one of its types by alias, or 22023 with the nearest alias */
extern OrmRelation *orm_query_branch_or_raise(OrmRelation *relation, const char *alias, const OrmJson *node);
/* a member of a value object by name, or 42703 */
extern OrmProperty *orm_query_embedded_or_raise(OrmEntity *entity, const char *embed, const char *name,
												const OrmJson *node);

/* splits a path at dots outside double quotes: List of char *; 22023 when malformed */
extern List *orm_query_path(const OrmJson *node, const char *path);

#endif							/* ORM_QUERY_QUERY_DOCUMENT_H */
