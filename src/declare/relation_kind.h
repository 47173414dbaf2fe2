/*
 * relation_kind.h
 *	  What is particular to each kind of relation when it is declared.
 *
 * Each kind's rules stand in a file of their own; the table of relation_kind.c
 * names them. A kind without rules is unknown. What holds for all kinds, names
 * and options, is declaration_relation.c's.
 */
#ifndef ORM_DECLARE_RELATION_KIND_H
#define ORM_DECLARE_RELATION_KIND_H

#include "declare/fault.h"
#include "model/catalog.h"

/* a declaration on its way through the checks */
typedef struct OrmRelationCheck
{
	OrmRelationRow row;			/* completed as it goes */
	OrmEntityRow *owner;
	OrmEntityRow *target;		/* NULL where a kind has no single one */
	OrmFaults	faults;
} OrmRelationCheck;

/* what stands behind the name of the kind in a model document */
typedef enum OrmRelationValue
{
	ORM_RELATION_TARGET,		/* the target's name */
	ORM_RELATION_PATH,			/* a path, which the row keeps */
	ORM_RELATION_TYPES			/* entities by alias, which the row keeps */
} OrmRelationValue;

#define ORM_TAKES_KEYS		0x01
#define ORM_TAKES_FUNCTION	0x02
#define ORM_TAKES_TYPE		0x04	/* type_column and id_columns */
#define ORM_TAKES_ALIAS		0x08
#define ORM_TAKES_PIVOT		0x10	/* a table between owner and target */
#define ORM_TAKES_INVERSE	0x20

typedef struct OrmRelationRules
{
	bool		to_children;	/* a has_one or has_many, whose rows may be owned */
	int			takes;			/* what it can be told that other kinds cannot: OR of the below */
	OrmRelationValue value;

	/* of a kind that speaks of other relations: are they there? NULL: it speaks of none */
	bool		(*is_ready) (const OrmRelationRow *row);
	/* the target where it is not given as such, or InvalidOid where there is no single one; NULL: it is given */
	Oid			(*find_target) (OrmRelationCheck *check);
	/* fills in what was left out, as far as it can be told; adds a fault for each that cannot */
	void		(*complete) (OrmRelationCheck *check);
	/* adds faults; NULL: nothing to check */
	void		(*check) (OrmRelationCheck *check);
	/* after the row is written; NULL: none */
	void		(*give_notices) (OrmRelationCheck *check);
} OrmRelationRules;

/* NULL for a kind that is unknown */
extern const OrmRelationRules *orm_relation_rules(const char *kind);
/* names of the kinds that can be declared, in the current memory context: List of char * */
extern List *orm_relation_kinds(void);

/* in relation_keys.c */
extern const OrmRelationRules orm_relation_belongs_to;
extern const OrmRelationRules orm_relation_has_one;
extern const OrmRelationRules orm_relation_has_many;
extern const OrmRelationRules orm_relation_many_to_many;
/* in relation_through.c */
extern const OrmRelationRules orm_relation_has_one_through;
extern const OrmRelationRules orm_relation_has_many_through;
/* in relation_in_by.c */
extern const OrmRelationRules orm_relation_has_many_in;
extern const OrmRelationRules orm_relation_has_many_by;

/* in relation_tree.c */
extern const OrmRelationRules orm_relation_ancestors;
extern const OrmRelationRules orm_relation_descendants;

/* in relation_morph.c */
extern const OrmRelationRules orm_relation_morph_to;
extern const OrmRelationRules orm_relation_morph_one;
extern const OrmRelationRules orm_relation_morph_many;
extern const OrmRelationRules orm_relation_morph_to_many;

#endif							/* ORM_DECLARE_RELATION_KIND_H */
