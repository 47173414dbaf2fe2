/*
 * relation_links.h
 *	  Whether the columns that a declared relation links by can be used.
 *
 * For the rules of every kind (relation_kind.h). Which columns those are is
 * relation_keys.c's to say.
 */
#ifndef ORM_DECLARE_RELATION_LINKS_H
#define ORM_DECLARE_RELATION_LINKS_H

#include "declare/relation_kind.h"

/* adds a fault for each column that is not there; false when there was one */
extern bool orm_relation_check_columns(OrmRelationCheck *check, Oid relid, List *columns);
/*
 * The columns "near" hold the values of the columns "far": faults for columns
 * that are not there, unequal numbers, types that "=" does not join.
 */
extern void orm_relation_check_link(OrmRelationCheck *check, Oid near, List *near_columns, Oid far, List *far_columns);
/* of a junction: target_foreign_key and target_key, from foreign keys; in relation_keys.c */
extern void orm_relation_complete_far(OrmRelationCheck *check);
/* a NOTICE when the target's columns say of several rows which is the one, and no order does */
extern void orm_relation_notice_one(OrmRelationCheck *check, List *columns);
/* a NOTICE when no index leads with the columns, with the statement that makes one */
extern void orm_relation_notice_index(OrmRelationCheck *check, Oid relid, List *columns);

#endif							/* ORM_DECLARE_RELATION_LINKS_H */
