/*
 * where_parse.h
 *	  What the parts of the parser of "where" share; for where*.c only.
 */
#ifndef ORM_QUERY_WHERE_PARSE_H
#define ORM_QUERY_WHERE_PARSE_H

#include "query/where.h"

/* where in a condition the parser is; passed on by copies */
typedef struct OrmWherePlace OrmWherePlace;

struct OrmWherePlace
{
	OrmEntity  *entity;
	OrmRelation *relation;		/* by which the entity was reached, or NULL */
	const OrmWherePlace *outer; /* what "^." means, or NULL */
	int			depth;
	bool		negated;		/* false and NULL are not the same here */
	bool		declared;		/* a relation's own condition: it may speak of all columns of its junction */
};

/* what operators are about */
typedef struct OrmSubject
{
	OrmWherePlace place;
	OrmTerm    *term;
	const char *name;			/* for messages */
} OrmSubject;

/* an operator of the grammar and how its operand is read */
typedef struct OrmOperator OrmOperator;
typedef OrmWhere *(*OrmOperatorParser) (const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);

struct OrmOperator
{
	const char *name;
	OrmOperatorParser parse;
	int			detail;			/* strategy, or how a pattern is made */
	const char *sql;			/* operator of the server, where it is always the same */
};

/* in where.c: groups and entries */
extern OrmWhere *orm_where_group(OrmWherePlace place, const OrmJson *document);
extern void orm_where_check_depth(const OrmWherePlace *place, const OrmJson *node);
extern OrmProperty *orm_where_property(OrmEntity *entity, const char *name, const OrmJson *node);

/* in where_tree.c: nodes */
extern OrmWhere *orm_where_new(OrmWhereKind kind);
extern OrmWhere *orm_where_not(OrmWhere *item);
extern OrmWhere *orm_where_untrue(OrmWhere *item);
extern OrmWhere *orm_where_or(List *items);
extern OrmWhere *orm_where_null(OrmTerm *term);
extern OrmWhere *orm_where_term(OrmTerm *term);
extern OrmTerm *orm_term_new(OrmTermKind kind, Oid type);
extern OrmTerm *orm_term_property(OrmEntity *entity, OrmProperty *property);
extern OrmTerm *orm_term_value(Oid type, Datum value);
extern OrmTerm *orm_term_text(const char *text);
extern OrmTerm *orm_term_texts(List *texts);
extern OrmTerm *orm_term_call(const char *name, Oid type, List *args);
extern OrmTerm *orm_term_cast(OrmTerm *term, Oid type);
extern OrmWhere *orm_where_operation(OrmTerm *left, const char *schema, const char *name, OrmTerm *right);

/* in where_operator.c: fields, and the operators of every type */
extern OrmWhere *orm_where_field(OrmSubject subject, const OrmJson *field);
extern OrmWhere *orm_where_compare(const OrmSubject *subject, const OrmJson *operand, int strategy);
extern Oid	orm_where_operator_of(Oid type, int strategy);
extern void orm_where_set_operator(OrmWhere *where, Oid op);
/* 22023: the type lacks the operator, or an operand is of the wrong kind */
orm_noreturn extern void orm_where_unsuitable(const OrmSubject *subject, const OrmJson *operand);
orm_noreturn extern void orm_where_wrong_kind(const OrmJson *operand, const char *what);

/* in where_value.c: operands */
extern const OrmJson *orm_where_literal(const OrmJson *operand);
extern void orm_where_refuse_null(const OrmJson *operand);
extern OrmTerm *orm_where_operand(const OrmSubject *subject, const OrmJson *operand, Oid type);
/* values of the subject, or with NULL just of the type */
extern OrmTerm *orm_where_list(const OrmSubject *subject, const OrmJson *list, Oid type);
/* the term's value is what was read from the operand as "type", a list as an array of these, and depends on nothing else */
extern void orm_where_note_source(OrmTerm *term, const OrmSubject *subject, const OrmJson *operand, Oid type);
/* a property named by {"$col": path}, or NULL when the operand is a value */
extern OrmTerm *orm_where_column(const OrmSubject *subject, const OrmJson *operand);
extern bool orm_where_meet(OrmTerm **left, OrmTerm **right, int strategy, Oid *op);
extern bool orm_where_is_document(Oid type);

/* in where_pattern.c: text */
extern OrmWhere *orm_where_pattern(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_search(const OrmWherePlace *place, const OrmJson *entry);
extern bool orm_where_is_text(Oid type);

enum
{
	ORM_PATTERN_VERBATIM,
	ORM_PATTERN_STARTS,
	ORM_PATTERN_ENDS,
	ORM_PATTERN_CONTAINS
};

/* in where_collection.c: arrays, ranges, and whatever operator a type has */
extern OrmWhere *orm_where_contains(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_element(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_len(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_empty(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
/* in where_named.c */
extern OrmWhere *orm_where_op(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_named(const OrmSubject *subject, const char *name, const char *right,
								 const OrmJson *operand, const OrmJson *value);

/* in where_json.c: steps, and operators of jsonb */
extern bool orm_where_is_step(const OrmTerm *term);
extern bool orm_where_has_steps(const OrmTerm *term);
extern OrmWhere *orm_where_step(const OrmSubject *subject, const OrmJson *entry);
extern OrmWhere *orm_where_step_null(const OrmTerm *step);
extern OrmWhere *orm_where_step_compare(const OrmSubject *subject, const OrmJson *operand, int strategy);
extern OrmWhere *orm_where_step_in(const OrmSubject *subject, const OrmJson *list, bool any);
extern OrmTerm *orm_where_step_text(const OrmTerm *step);
extern OrmTerm *orm_where_guard(OrmTerm *document, List *types, OrmTerm *result);
extern OrmWhere *orm_where_key(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);
extern OrmWhere *orm_where_jsonpath(const OrmSubject *subject, const OrmJson *operand, const OrmOperator *op);

/* in where_relation.c */
extern OrmWhere *orm_where_relation(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *entry);
extern OrmWhere *orm_where_pivot(const OrmWherePlace *place, const OrmJson *entry);
/* rows of a relation with a target are there; with a condition: some that satisfies it */
extern OrmWhere *orm_where_some(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *condition);
/* EXISTS for "how many rows compare so with the number" where that is the question, else NULL */
extern OrmWhere *orm_where_fold_count(OrmTerm *count, int strategy, int64 number);

/* in where_morph.c: what stands under a morph_to */
extern OrmWhere *orm_where_morph(const OrmWherePlace *place, OrmRelation *relation, const OrmJson *entry);

/* in where_hint.c: for those who come from elsewhere */
extern int	orm_hint_operator(const char *name, List *names, const char *what);

#endif							/* ORM_QUERY_WHERE_PARSE_H */
