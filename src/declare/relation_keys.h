/*
 * relation_keys.h
 *	  Completes a declared relation: the columns that it links by, from foreign
 *	  keys where the declaration does not name them.
 *
 * Whether the outcome can be used is declaration_relation.c's to check.
 */
#ifndef ORM_DECLARE_RELATION_KEYS_H
#define ORM_DECLARE_RELATION_KEYS_H

#include "declare/fault.h"
#include "model/catalog.h"

/* a declaration on its way through the checks */
typedef struct OrmRelationCheck
{
	OrmRelationRow row;			/* completed as it goes */
	OrmEntityRow *owner;
	OrmEntityRow *target;
	OrmFaults	faults;
} OrmRelationCheck;

/*
 * Fills in foreign_key, local_key, target_key, through and target_foreign_key,
 * as far as they can be told; adds a fault for each that cannot.
 */
extern void orm_relation_complete(OrmRelationCheck *check);

#endif							/* ORM_DECLARE_RELATION_KEYS_H */
