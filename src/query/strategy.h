/*
 * strategy.h
 *	  The clause "strategy": how a relation's rows are got, where the rule's
 *	  choice is not wanted.
 *
 * What each can serve is deparse_load.c's to know.
 */
#ifndef ORM_QUERY_STRATEGY_H
#define ORM_QUERY_STRATEGY_H

#include "query/query_document.h"

/* 22023 for a name that is none, and at the root */
extern void orm_strategy_parse(OrmQuery *query, const OrmJson *value);

/* "ordinality" */
extern const char *orm_strategy_name(OrmStrategy strategy);

#endif							/* ORM_QUERY_STRATEGY_H */
