/*
 * expression.c
 *	  Computed properties: the type of an expression and its text under an alias.
 */
#include "base/compat.h"

#include "access/relation.h"

#include "model/expression.h"
#include "query/expression.h"

Oid
orm_expression_type(OrmEntity *entity, OrmProperty *property)
{
	Relation	rel = relation_open(entity->relid, AccessShareLock);
	OrmExpression expression;

	orm_expression_analyse(&expression, rel, property->expression);
	relation_close(rel, NoLock);
	return expression.type;
}

char *
orm_expression_text(OrmEntity *entity, OrmProperty *property, const char *alias)
{
	Relation	rel = relation_open(entity->relid, AccessShareLock);
	char	   *text = orm_expression_under_alias(rel, property->expression, alias);

	relation_close(rel, NoLock);
	return text;
}
