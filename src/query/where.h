/*
 * where.h
 *	  The grammar of "where" as a typed tree.
 *
 * Parsing resolves every name against the model, every operator by the
 * property's type and every value through the type's input function. Nothing
 * here writes SQL.
 */
#ifndef ORM_QUERY_WHERE_H
#define ORM_QUERY_WHERE_H

#include "base/json_reader.h"
#include "model/entity.h"

typedef enum OrmWhereKind
{
	ORM_WHERE_AND,				/* items; empty: true */
	ORM_WHERE_OR,				/* items; empty: false */
	ORM_WHERE_NOT,				/* one item */
	ORM_WHERE_COMPARE,			/* property operator value */
	ORM_WHERE_ANY,				/* property operator ANY (value) */
	ORM_WHERE_ALL,				/* property operator ALL (value) */
	ORM_WHERE_NULL,				/* property IS NULL */
	ORM_WHERE_DISTINCT			/* property IS DISTINCT FROM value */
} OrmWhereKind;

typedef struct OrmWhere OrmWhere;

struct OrmWhere
{
	OrmWhereKind kind;
	List	   *items;			/* OrmWhere * */
	OrmEntity  *entity;			/* whose property it is */
	OrmProperty *property;
	char	   *operator_schema;
	char	   *operator_name;
	char	   *property_cast;	/* the property is cast to this type first, or NULL */
	Oid			type;			/* of the value */
	Datum		value;
	bool		value_is_null;
};

/* NULL for a document that says nothing ({}); raises 22023, 42703, 22P02 with the place */
extern OrmWhere *orm_where_parse(OrmEntity *entity, const OrmJson *document);

/* raises what orm_where_parse raises; for declarations */
extern void orm_where_check(OrmEntity *entity, Jsonb *condition);

/* property = value, as find asks it */
extern OrmWhere *orm_where_equal(OrmEntity *entity, OrmProperty *property, Oid type, Datum value);
extern OrmWhere *orm_where_and(List *items);

/* type of a property, computed ones included */
extern Oid	orm_property_type(OrmEntity *entity, OrmProperty *property);

/*
 * Runs the decoder of "type" on a JSON value; what it raises gets 22P02 where
 * the server's code is of class 22, and the place as DETAIL.
 */
extern Datum orm_where_value(const OrmJson *node, Oid type, int32 typmod);

/* orm.max_depth, the setting: of load trees and groups */
extern int	orm_max_depth;

#endif							/* ORM_QUERY_WHERE_H */
