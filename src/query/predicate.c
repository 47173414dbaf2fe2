/*
 * predicate.c
 *	  Conditions that are SQL of a declaration's, as nodes and as text.
 *
 * The SQL was checked and qualified when it was declared; it is analysed again
 * whenever it is used, so that it follows the relation or raises.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/expression.h"
#include "query/predicate.h"

static OrmWhere *
where_of(OrmPredicate *predicate)
{
	OrmWhere   *where = palloc0(sizeof(OrmWhere));

	where->kind = ORM_WHERE_PREDICATE;
	where->predicate = predicate;
	return where;
}

OrmWhere *
orm_predicate_where(OrmEntity *entity, const char *text, int nargs, const OrmJson **values)
{
	OrmPredicate *predicate = palloc0(sizeof(OrmPredicate));
	Relation	rel;

	predicate->entity = entity;
	predicate->text = text;
	predicate->nargs = nargs;
	predicate->types = palloc(sizeof(Oid) * Max(nargs, 1));
	predicate->values = palloc0(sizeof(Datum) * Max(nargs, 1));
	predicate->nulls = palloc0(sizeof(bool) * Max(nargs, 1));
	if (nargs > 0)
	{
		rel = relation_open(entity->relid, AccessShareLock);
		(void) orm_predicate_analyse(rel, text, nargs, predicate->types);
		relation_close(rel, NoLock);
	}
	for (int i = 0; i < nargs; i++)
	{
		predicate->types[i] = getBaseType(predicate->types[i]);
		if (values[i]->kind == ORM_JSON_NULL)
			predicate->nulls[i] = true;
		else
			predicate->values[i] = orm_where_value(values[i], predicate->types[i], -1);
	}
	return where_of(predicate);
}

OrmWhere *
orm_predicate_trashed(OrmEntity *entity, bool trashed)
{
	OrmPredicate *predicate = palloc0(sizeof(OrmPredicate));
	bool		flag = getBaseType(get_atttype(entity->relid, get_attnum(entity->relid, entity->soft_delete))) == BOOLOID;

	predicate->entity = entity;
	predicate->column = entity->soft_delete;
	if (flag)
		predicate->test = trashed ? "IS TRUE" : "IS NOT TRUE";
	else
		predicate->test = trashed ? "IS NOT NULL" : "IS NULL";
	return where_of(predicate);
}

void
orm_predicate_deparse(OrmDeparse *deparse, StringInfo buf, const OrmPredicate *predicate, const char *alias)
{
	int		   *numbers = palloc(sizeof(int) * Max(predicate->nargs, 1));
	Relation	rel;

	if (predicate->text == NULL)
	{
		appendStringInfo(buf, "%s.%s %s", alias, quote_identifier(predicate->column), predicate->test);
		return;
	}
	for (int i = 0; i < predicate->nargs; i++)
		numbers[i] = orm_deparse_param(deparse, predicate->types[i], predicate->values[i], predicate->nulls[i]);
	rel = relation_open(predicate->entity->relid, AccessShareLock);
	appendStringInfo(buf, "\n%s\n",
					 orm_predicate_under_alias(rel, predicate->text, alias, predicate->nargs, numbers));
	relation_close(rel, NoLock);
}
