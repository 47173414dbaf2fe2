/*
 * where_tree.c
 *	  Makes the nodes of the tree of "where".
 *
 * What documents say is where.c's, what is written is deparse_where.c's.
 */
#include "base/compat.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query/expression.h"
#include "query/where_parse.h"

OrmWhere *
orm_where_new(OrmWhereKind kind)
{
	OrmWhere   *where = palloc0(sizeof(OrmWhere));

	where->kind = kind;
	return where;
}

static OrmWhere *
with_items(OrmWhereKind kind, List *items)
{
	OrmWhere   *where = orm_where_new(kind);

	where->items = items;
	return where;
}

OrmWhere *
orm_where_and(List *items)
{
	return with_items(ORM_WHERE_AND, items);
}

OrmWhere *
orm_where_or(List *items)
{
	return with_items(ORM_WHERE_OR, items);
}

OrmWhere *
orm_where_not(OrmWhere *item)
{
	return with_items(ORM_WHERE_NOT, list_make1(item));
}

OrmWhere *
orm_where_untrue(OrmWhere *item)
{
	return with_items(ORM_WHERE_UNTRUE, list_make1(item));
}

static OrmWhere *
with_left(OrmWhereKind kind, OrmTerm *left)
{
	OrmWhere   *where = orm_where_new(kind);

	where->left = left;
	return where;
}

OrmWhere *
orm_where_null(OrmTerm *term)
{
	return with_left(ORM_WHERE_NULL, term);
}

OrmWhere *
orm_where_term(OrmTerm *term)
{
	return with_left(ORM_WHERE_TERM, term);
}

OrmWhere *
orm_where_operation(OrmTerm *left, const char *schema, const char *name, OrmTerm *right)
{
	OrmWhere   *where = with_left(ORM_WHERE_COMPARE, left);

	where->operator_schema = pstrdup(schema);
	where->operator_name = pstrdup(name);
	where->right = right;
	return where;
}

OrmTerm *
orm_term_new(OrmTermKind kind, Oid type)
{
	OrmTerm    *term = palloc0(sizeof(OrmTerm));

	term->kind = kind;
	term->type = type;
	return term;
}

Oid
orm_property_type(OrmEntity *entity, OrmProperty *property)
{
	if (OidIsValid(property->type))
		return getBaseType(property->type);
	return getBaseType(orm_expression_type(entity, property));
}

OrmTerm *
orm_term_property(OrmEntity *entity, OrmProperty *property)
{
	OrmTerm    *term = orm_term_new(ORM_TERM_PROPERTY, orm_property_type(entity, property));

	term->entity = entity;
	term->property = property;
	return term;
}

OrmTerm *
orm_term_value(Oid type, Datum value)
{
	OrmTerm    *term = orm_term_new(ORM_TERM_VALUE, type);

	term->value = value;
	return term;
}

OrmTerm *
orm_term_text(const char *text)
{
	return orm_term_value(TEXTOID, CStringGetTextDatum(text));
}

OrmTerm *
orm_term_texts(List *texts)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(list_length(texts), 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, texts)
		values[n++] = CStringGetTextDatum(lfirst(cell));
	return orm_term_value(TEXTARRAYOID, PointerGetDatum(construct_array(values, n, TEXTOID, -1, false, TYPALIGN_INT)));
}

OrmTerm *
orm_term_call(const char *name, Oid type, List *args)
{
	OrmTerm    *term = orm_term_new(ORM_TERM_CALL, type);

	term->schema = "pg_catalog";
	term->name = pstrdup(name);
	term->args = args;
	return term;
}

OrmTerm *
orm_term_cast(OrmTerm *term, Oid type)
{
	OrmTerm    *cast = orm_term_new(ORM_TERM_CAST, type);

	cast->args = list_make1(term);
	return cast;
}

OrmWhere *
orm_where_equal(OrmEntity *entity, OrmProperty *property, Oid type, Datum value)
{
	OrmWhere   *where = with_left(ORM_WHERE_COMPARE, orm_term_property(entity, property));

	where->right = orm_term_value(type, value);
	where->right->later = true;
	orm_where_set_operator(where, orm_where_operator_of(type, BTEqualStrategyNumber));
	return where;
}
