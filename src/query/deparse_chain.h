/*
 * deparse_chain.h
 *	  The way from a row to the rows of a relation, as items of FROM and
 *	  conditions of WHERE.
 *
 * One way to write it for all kinds: a chain stands at some alias and takes one
 * relation after another. What is global to the rows on the way, scopes, soft
 * deletion, conditions of the relations, holds there.
 */
#ifndef ORM_QUERY_DEPARSE_CHAIN_H
#define ORM_QUERY_DEPARSE_CHAIN_H

#include "query/deparse_where.h"

typedef struct OrmChain
{
	OrmDeparse *deparse;
	StringInfoData from;		/* items, with commas between */
	StringInfoData where;		/* conditions, with AND between */
	const char *alias;			/* where it stands */
	bool		keys;			/* that are keys of a batch, with columns k1, k2 … */
	List	   *between;		/* OrmWhere *: of a tree, what holds on the rows on the way besides */
	const char *pivot;			/* junction through which it came here, or NULL */
} OrmChain;

/* "keys": alias is that of the keys of a batch */
extern void orm_chain_start(OrmChain *chain, OrmDeparse *deparse, const char *alias, bool keys);

/*
 * To the rows of the relation's target that satisfy the groups, of which a
 * to-one takes the first. Of a to-many they may come more than once.
 */
extern void orm_chain_take(OrmChain *chain, OrmRelation *relation, const char *alias, List *groups);

/* the same with each row once, so that they can be counted */
extern void orm_chain_take_once(OrmChain *chain, OrmRelation *relation, const char *alias, List *groups);

/*
 * "SELECT columns FROM … WHERE …": what far_links of a through start from,
 * seen from where the chain stands, under the names k1, k2 … and each once.
 * "batch", the item of FROM that the chain stands at, is written as well, and
 * its "ord" given, if it is not NULL. Appended.
 */
extern void orm_chain_append_keys(StringInfo buf, const OrmChain *from, OrmRelation *through, const char *batch);

/* "far OPERATOR(s.o) near.k1 AND …", appended */
extern void orm_deparse_key_links(StringInfo buf, const OrmLinkColumn *links, int nlinks, const char *far,
								  const char *keys);

/* the links from what a through's keys are to its target; appended */
extern void orm_deparse_end_links(StringInfo buf, const OrmRelation *through, const char *far, const char *keys);

#endif							/* ORM_QUERY_DEPARSE_CHAIN_H */
