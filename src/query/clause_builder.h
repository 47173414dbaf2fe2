/*
 * clause_builder.h
 *	  Clauses of a query document from their parts, as jsonb.
 *
 * The builders know the grammar's shape and no model: names are checked where
 * the clause is read. A value that goes in stays a value, whatever it looks
 * like. Results are palloc'd in the current memory context.
 */
#ifndef ORM_QUERY_CLAUSE_BUILDER_H
#define ORM_QUERY_CLAUSE_BUILDER_H

#include "base/compat.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* how an operator takes NULL, and what its operand is */
typedef enum OrmOperandKind
{
	ORM_OPERAND_EQUAL,			/* a value; NULL is IS NULL */
	ORM_OPERAND_UNEQUAL,		/* a value; NULL is IS NOT NULL */
	ORM_OPERAND_NULLABLE,		/* a value; NULL is one too */
	ORM_OPERAND_VALUE,			/* a value, never NULL */
	ORM_OPERAND_LIST,			/* a list of values */
	ORM_OPERAND_FIELD			/* a condition: a value stands in "$eq" unless it is a scalar */
} OrmOperandKind;

typedef struct OrmClauseOperator
{
	const char *text;			/* as it was written, for messages */
	const char *name;			/* as the grammar has it: "$gte" */
	OrmOperandKind kind;
	bool		negated;
} OrmClauseOperator;

/*
 * An operator as SQL writes it (">=", "not in") or as the grammar does
 * ("$gte"); 22023 with the nearest name for any other.
 */
extern OrmClauseOperator orm_clause_operator(const char *text);

/*
 * {"where": {…{"name": condition}}} for a dotted path of names. "value" is
 * NULL for SQL NULL, which is 22004 with an operator that needs a value.
 */
extern Jsonb *orm_clause_where(const char *path, OrmClauseOperator op, Jsonb *value);

/* {"where": conditions} */
extern Jsonb *orm_clause_conditions(Jsonb *conditions);

/* {clause: ["…", …]} from a List of char * */
extern Jsonb *orm_clause_names(const char *clause, List *names);

/* {"limit": n, "offset": skip}, the latter unless it is NULL */
extern Jsonb *orm_clause_limit(int64 limit, const int64 *skip);

/* {"scopes": [name]}, or with arguments {"scopes": [{name: arguments}]}; a scalar is the one argument */
extern Jsonb *orm_clause_scope(const char *name, Jsonb *arguments);

/* the document with the mark of query/untrusted.h; "relations" (char *) count when "restricted" */
extern Jsonb *orm_clause_untrusted(Jsonb *document, bool restricted, List *relations);

/*
 * {"load": …} of one path with the clauses (a List of Jsonb *) for its last
 * relation; 22023 when one of them is no object.
 */
extern Jsonb *orm_clause_load(const char *path, List *clauses);

#endif							/* ORM_QUERY_CLAUSE_BUILDER_H */
