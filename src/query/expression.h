/*
 * expression.h
 *	  Computed properties: the type of an expression and its text under an alias.
 *
 * An expression was checked and qualified when it was declared. It is analysed
 * here under an empty search_path, under which it was written, so what the
 * caller has in front of pg_catalog cannot change it.
 */
#ifndef ORM_QUERY_EXPRESSION_H
#define ORM_QUERY_EXPRESSION_H

#include "model/entity.h"

/* raises 42703 when the expression no longer parses */
extern Oid	orm_expression_type(OrmEntity *entity, OrmProperty *property);

/* the expression with its columns qualified by "alias", palloc'd */
extern char *orm_expression_text(OrmEntity *entity, OrmProperty *property, const char *alias);

/* search_path empty until the level is given back to orm_expression_path_end */
extern int	orm_expression_path_begin(void);
extern void orm_expression_path_end(int level);

#endif							/* ORM_QUERY_EXPRESSION_H */
