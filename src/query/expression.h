/*
 * expression.h
 *	  Computed properties: the type of an expression and its text under an alias.
 *
 * An expression was checked and qualified when it was declared, so what the
 * caller has in front of pg_catalog cannot change it. The analysis is
 * model/expression's.
 */
#ifndef ORM_QUERY_EXPRESSION_H
#define ORM_QUERY_EXPRESSION_H

#include "model/entity.h"

/* raises 42703 when the expression no longer parses */
extern Oid	orm_expression_type(OrmEntity *entity, OrmProperty *property);

/* the expression with its columns qualified by "alias", palloc'd */
extern char *orm_expression_text(OrmEntity *entity, OrmProperty *property, const char *alias);

#endif							/* ORM_QUERY_EXPRESSION_H */
