/*
 * declared_condition.h
 *	  Conditions as they stand in declarations: in the grammar of "where", with
 *	  two operands more, {"$arg": name} and {"$setting": name}.
 *
 * Both are replaced in the document before the grammar is read: an argument by
 * the value given, a setting by what it is at the time of the call. A value is
 * a value, never grammar, whatever it looks like.
 */
#ifndef ORM_QUERY_DECLARED_CONDITION_H
#define ORM_QUERY_DECLARED_CONDITION_H

#include "query/where.h"

/*
 * The condition with the values of its arguments; of a relation's own, "relation"
 * is it, else NULL. NULL when it says nothing.
 * Raises what orm_where_parse raises, and 22023 for a setting that is unset or
 * empty.
 */
extern OrmWhere *orm_declared_condition(OrmRelation *relation, OrmEntity *entity, const char *condition,
										List *arguments, const OrmJson **values);

/*
 * Checks a condition when it is declared, without any value: 22023 for an
 * argument that has no name in "arguments", or stands where no operand does.
 */
extern void orm_declared_check(OrmRelation *relation, OrmEntity *entity, const char *condition, List *arguments);

/* does the condition depend on more than the row and the arguments: on settings, relations, other scopes? */
extern bool orm_declared_varies(OrmEntity *entity, const char *condition);

/*
 * How many settings conditions have read in this session: what was made of a
 * query holds for one call only when the number has grown meanwhile.
 */
extern uint64 orm_declared_settings_read;

/* the names of those settings, each once: List of char *, which grows and stays */
extern List *orm_declared_setting_names(void);

/* a value of the type that is safe to copy and means nothing, for checks */
extern Datum orm_declared_stand_in(Oid type);

#endif							/* ORM_QUERY_DECLARED_CONDITION_H */
