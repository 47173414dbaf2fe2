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

typedef struct OrmWhere OrmWhere;
typedef struct OrmTerm OrmTerm;

/* the rows of a relation that a filter looks at: those of its groups, all of which must hold */
typedef struct OrmRelated
{
	OrmRelation *relation;
	OrmEntity  *target;
	List	   *groups;			/* OrmWhere *, which the target's rows satisfy to be there at all */
	List	   *filters;		/* OrmWhere *, what is asked of them: of a to-one, of its one row */
	List	   *between;		/* OrmWhere *, of a tree: hold on the rows on the way as well */
	bool		bound;			/* query/untrusted_bounds.c has been here */
} OrmRelated;

typedef enum OrmTermKind
{
	ORM_TERM_PROPERTY,			/* of the entity "up" places out, through "path" */
	ORM_TERM_VALUE,				/* of "type": a parameter */
	ORM_TERM_ELEMENT,			/* the one at hand of ORM_WHERE_ELEMENT */
	ORM_TERM_STEP,				/* into jsonb: args are the document and the path; as jsonb or text by "type" */
	ORM_TERM_FIELD,				/* "name" of the composite args[0] */
	ORM_TERM_GUARD,				/* args[2], where the JSON type of args[0] is one of args[1]; else NULL */
	ORM_TERM_CALL,				/* schema.name(args) */
	ORM_TERM_CAST,				/* args[0] as "type" */
	ORM_TERM_CONFIG,			/* the text search configuration "name", as SQL spells it */
	ORM_TERM_CONCAT,			/* args as one text, nulls as nothing, with blanks between */
	ORM_TERM_AGGREGATE			/* schema.name(args[0]) over the rows of "related"; without args, their number */
} OrmTermKind;

struct OrmTerm
{
	OrmTermKind kind;
	Oid			type;			/* domains resolved */
	int			up;				/* 0: the entity that the condition is about, 1: the one around it */
	List	   *path;			/* OrmRelation *, to one each */
	List	   *bounds;			/* for each of them a List of OrmWhere * that hold, too; or NIL */
	OrmEntity  *entity;			/* whose property it is */
	OrmProperty *property;
	Datum		value;
	bool		later;			/* a value that may be given after its statement is written */
	const OrmJson *source;		/* of a value: the operand that it was read from, and nothing else was; or NULL */
	const char *cast_as;		/* the form in which it stands there */
	List	   *steps;			/* char *, of a step */
	char	   *schema;
	char	   *name;
	List	   *args;			/* OrmTerm * */
	OrmRelated *related;
};

typedef enum OrmWhereKind
{
	ORM_WHERE_AND,				/* items; empty: true */
	ORM_WHERE_OR,				/* items; empty: false */
	ORM_WHERE_NOT,				/* one item */
	ORM_WHERE_UNTRUE,			/* one item IS NOT TRUE */
	ORM_WHERE_COMPARE,			/* left operator right */
	ORM_WHERE_ANY,				/* left operator ANY (right) */
	ORM_WHERE_ALL,				/* left operator ALL (right) */
	ORM_WHERE_NULL,				/* left IS NULL */
	ORM_WHERE_TERM,				/* left, a boolean */
	ORM_WHERE_ELEMENT,			/* some element of the array left satisfies the item; NULL when left is */
	ORM_WHERE_EXISTS,			/* rows of related */
	ORM_WHERE_PIVOT,			/* one item, about the junction's row */
	ORM_WHERE_PREDICATE			/* SQL of the declaration's: query/predicate.h */
} OrmWhereKind;

struct OrmWhere
{
	OrmWhereKind kind;
	bool		untrusted;		/* a group that a document from outside wrote */
	List	   *items;			/* OrmWhere * */
	OrmTerm    *left;
	OrmTerm    *right;
	char	   *operator_schema;
	char	   *operator_name;
	OrmRelated *related;
	struct OrmPredicate *predicate;
};

/* NULL for a document that says nothing ({}); raises 22023, 42703, 22P02 with the place */
extern OrmWhere *orm_where_parse(OrmEntity *entity, const OrmJson *document);

/* the same where rows are loaded by "relation": of a many-to-many, "$pivot" may stand */
extern OrmWhere *orm_where_parse_loaded(OrmRelation *relation, OrmEntity *entity, const OrmJson *document);

/* the same for the condition that a relation declares: "$pivot" may speak of any column of the junction */
extern OrmWhere *orm_where_parse_declared(OrmRelation *relation, OrmEntity *entity, const OrmJson *document);

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

/*
 * In PG_CATCH, where decoding the value at "node" has failed: raises the error
 * again, as the above would.
 */
orm_noreturn extern void orm_where_value_failed(MemoryContext context, const OrmJson *node);

/* the same for a value as a property shows it: through its cast, to its type with the modifier */
extern Datum orm_where_property_value(const OrmJson *node, const OrmProperty *property);

/*
 * What the term's value would be, had another operand of the same kind stood
 * where its source does. Only for terms that have one.
 */
extern Datum orm_where_value_of(const OrmTerm *term, const OrmJson *operand);

/* orm.max_depth, the setting: of load trees and groups */
extern int	orm_max_depth;

#endif							/* ORM_QUERY_WHERE_H */
