/*
 * deparse_where.h
 *	  Text of conditions, orders and properties, shared by all statements.
 */
#ifndef ORM_QUERY_DEPARSE_WHERE_H
#define ORM_QUERY_DEPARSE_WHERE_H

#include "lib/stringinfo.h"

#include "query/query_document.h"

/* what a statement being written collects */
typedef struct OrmDeparse
{
	int			nparams;
	int			maxparams;
	Oid		   *types;
	Datum	   *values;
	bool	   *nulls;
	int			naliases;		/* subqueries so far */
	List	   *given;			/* OrmGivenValue *, of OrmStatement */
	List	   *paths;			/* deparse_where.c's, of properties reached through relations */
	StringInfo	joins;			/* deparse_join.c's, what is joined to the root's rows; NULL: nothing may be */
	int			njoins;
	Oid			root;			/* the relation of those rows */
	bool		few;			/* something chooses among them */
} OrmDeparse;

/* a parameter whose value the document gives, at its source */
typedef struct OrmGivenValue
{
	int			param;			/* index */
	const OrmTerm *term;
} OrmGivenValue;

/* adds a parameter and returns its number */
extern int	orm_deparse_param(OrmDeparse *deparse, Oid type, Datum value, bool isnull);

/* alias.column, palloc'd */
extern char *orm_deparse_column(const char *alias, const char *column);

/* the property of "alias" as SQL, which may be the entity's own text: not to be changed */
extern char *orm_deparse_property(OrmDeparse *deparse, OrmEntity *entity, OrmProperty *property,
								  const char *alias);

/* a value of the property as it is shown: through the cast's read function, where it has one */
extern char *orm_deparse_shown(const OrmProperty *property, char *value);

/* "far OPERATOR(s.o) near AND …", appended; aliases qualify both sides */
extern void orm_deparse_links(StringInfo buf, const OrmLinkColumn *links, int nlinks,
							  const char *far_alias, const char *near_alias);

/* " COLLATE schema.collation", or "" for InvalidOid; palloc'd */
extern char *orm_deparse_collation(Oid collation);
/* a type as it stands in a cast, palloc'd */
extern char *orm_deparse_type_name(Oid type);
/* " AND alias.type = …": a constant, so that a partial index can be used; appended */
extern void orm_deparse_type(StringInfo buf, const OrmTypeColumn *type, const char *alias);

/* a new alias for a part of the statement */
extern char *orm_deparse_alias(OrmDeparse *deparse);

/* a property reached from "alias" through to-one relations, palloc'd; "bounds" as of OrmTerm */
extern char *orm_deparse_path(OrmDeparse *deparse, List *path, List *bounds, OrmEntity *entity, OrmProperty *property,
							  const char *alias);

/* a group in parentheses; the second for rows that came through the junction "pivot", or NULL */
extern void orm_deparse_where(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias);
extern void orm_deparse_where_at(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias,
								 const char *pivot);

/* groups that must all hold, each in parentheses of its own; "lead" stands before the first */
extern void orm_deparse_groups(OrmDeparse *deparse, StringInfo buf, List *wheres, const char *lead,
							   const char *alias);
#endif							/* ORM_QUERY_DEPARSE_WHERE_H */
