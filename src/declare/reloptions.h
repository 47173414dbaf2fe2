/*
 * reloptions.h
 *	  The options in the namespace "orm" of a DDL statement, as structs.
 *
 * Pure functions over a statement's tree: no catalog is read here, no relation
 * is looked up, and nothing is put into the tree, only taken out.
 */
#ifndef ORM_DECLARE_RELOPTIONS_H
#define ORM_DECLARE_RELOPTIONS_H

#include "base/compat.h"

#include "nodes/parsenodes.h"

/* in the order of the table in reloptions.c */
typedef enum OrmOptionId
{
	/* of a relation */
	ORM_OPTION_ENTITY,
	ORM_OPTION_KEY,
	ORM_OPTION_COLUMNS,
	ORM_OPTION_NAMING,
	ORM_OPTION_VERSION,
	ORM_OPTION_SOFT_DELETE,
	ORM_OPTION_CREATED_AT,
	ORM_OPTION_UPDATED_AT,
	ORM_OPTION_FLEX,
	ORM_OPTION_DERIVE,
	/* of a column */
	ORM_OPTION_PROPERTY,
	ORM_OPTION_INSERT,
	ORM_OPTION_UPDATE,
	ORM_OPTION_HIDDEN,
	ORM_OPTION_LAZY,
	ORM_OPTION_CAST,
	ORM_OPTION_RELATION,
	ORM_OPTION_INVERSE,
	ORM_OPTION_ON_MISSING,
	ORM_OPTION_ON_FOREIGN,
	ORM_OPTION_OWNED
} OrmOptionId;

/* which of the values is meant follows from the option; none is in a RESET */
typedef struct OrmOption
{
	OrmOptionId id;
	char	   *text;			/* texts and keywords */
	List	   *names;			/* lists: char * */
	bool		flag;			/* booleans */
} OrmOption;

/* one WITH (...), SET (...) or RESET (...) */
typedef struct OrmOptionClause
{
	char	   *column;			/* NULL: of the relation */
	bool		reset;
	List	   *options;		/* OrmOption *, no option twice */
} OrmOptionClause;

/* what a statement says of one relation */
typedef struct OrmOptionSubject
{
	RangeVar   *relation;		/* a copy */
	AlterTableStmt *alter;		/* in the tree; NULL: the statement creates the relation */
	char		relkind;		/* of what is created: 'r', 'v' or 'm' */
	bool		replace;		/* CREATE OR REPLACE */
	List	   *clauses;		/* OrmOptionClause * */
} OrmOptionSubject;

/* does the statement carry options of ours? Cheap; raises nothing. */
extern bool orm_reloptions_present(Node *stmt);

/*
 * Takes the options out of the statement: List of OrmOptionSubject *, one for
 * each relation that has any, in the statement's order, in the current memory
 * context. NIL when there are none, so a second call finds nothing.
 *
 * Unknown options, bad values and options on what cannot bear an entity raise
 * 22023, 42601, 42809 or 0A000.
 */
extern List *orm_reloptions_take(Node *stmt);

#endif							/* ORM_DECLARE_RELOPTIONS_H */
