/*
 * scope.h
 *	  Which conditions hold on an entity's rows without being written out: its
 *	  global scopes, that a row is not soft-deleted, the condition of the
 *	  relation it is reached by. And named scopes with their arguments.
 *
 * Each is a group of its own: whoever looks at an entity's rows, at the root,
 * in a relation or in a filter, ANDs them with the rest.
 */
#ifndef ORM_QUERY_SCOPE_H
#define ORM_QUERY_SCOPE_H

#include "query/where.h"

typedef enum OrmTrashed
{
	ORM_TRASHED_OUT,			/* live rows */
	ORM_TRASHED_WITH,			/* all rows */
	ORM_TRASHED_ONLY
} OrmTrashed;

/*
 * The groups that hold on an entity's rows: List of OrmWhere *. "without" names
 * the global scopes that are left off (List of char *). Settings are read now.
 */
extern List *orm_scope_groups(OrmEntity *entity, List *without, OrmTrashed trashed);

/* the same for rows that are reached by a relation, with its condition; "target" is its entity */
extern List *orm_scope_relation_groups(OrmRelation *relation, OrmEntity *target);

/* the condition of a relation alone, or NULL when it has none */
extern OrmWhere *orm_scope_relation_condition(OrmRelation *relation, OrmEntity *target);

/*
 * May the groups be another on the next call, although the model is the same?
 * Then nothing that holds them may be kept.
 */
extern bool orm_scope_varies(OrmEntity *entity);

/*
 * A scope by name with its arguments: a list in their order, an object by their
 * names, NULL for none. "node" is the place of the name. 42704 for an unknown
 * scope, 22023 for arguments that do not fit it.
 */
extern OrmWhere *orm_scope_where(OrmEntity *entity, const char *name, const OrmJson *arguments,
								 const OrmJson *node);

/* the operand of "$scope": "name", or {"name": arguments} */
extern OrmWhere *orm_scope_in_where(OrmEntity *entity, const OrmJson *operand);

#endif							/* ORM_QUERY_SCOPE_H */
