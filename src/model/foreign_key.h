/*
 * foreign_key.h
 *	  Foreign key constraints as relations need them, and the operators that
 *	  join two columns.
 *
 * Reads the server's catalogs only; what becomes of a key is
 * derive_relation.c's.
 */
#ifndef ORM_MODEL_FOREIGN_KEY_H
#define ORM_MODEL_FOREIGN_KEY_H

#include "model/entity.h"
#include "utils/relcache.h"

/* a foreign key constraint, as far as relations need it */
typedef struct OrmKeyConstraint
{
	char	   *name;
	Oid			referencing;
	Oid			referenced;
	int			ncolumns;
	AttrNumber	columns[INDEX_MAX_KEYS];	/* of referencing */
	AttrNumber	targets[INDEX_MAX_KEYS];	/* of referenced */
	bool		cascades;
} OrmKeyConstraint;

/* foreign keys of a relation, and those that reference it: List of OrmKeyConstraint * */
extern List *orm_foreign_keys_of(Oid relid);
extern List *orm_foreign_keys_to(Relation rel);

/*
 * The other key of the junction table that "key" belongs to: both together are
 * its primary key. NULL when the table is no junction.
 */
extern OrmKeyConstraint *orm_junction_partner(OrmKeyConstraint *key, const OrmUnique *primary);

/*
 * The operator that decides whether far = near, as the server would resolve
 * "=" for these types, or InvalidOid.
 */
extern Oid	orm_link_operator(Oid far_type, Oid near_type);

/*
 * Whether values of two columns are equal just when their bytes are: then rows
 * find their keys without the operator. The far column's collation counts.
 */
extern bool orm_link_is_image_equal(Oid far_type, Oid far_collation, Oid near_type);

/* int2, int4 or int8 */
extern bool orm_is_integer_type(Oid type);

/* name of an operator's schema, palloc'd; NULL when it is gone */
extern char *orm_operator_schema(Oid op);

#endif							/* ORM_MODEL_FOREIGN_KEY_H */
