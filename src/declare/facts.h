/*
 * facts.h
 *	  What the server's catalogs say of a relation, by column names: columns,
 *	  keys, foreign keys, junctions.
 *
 * For checking and completing declarations. The model is derived elsewhere
 * (model/derive), with attribute numbers.
 */
#ifndef ORM_DECLARE_FACTS_H
#define ORM_DECLARE_FACTS_H

#include "model/catalog.h"

typedef struct OrmForeignKey
{
	char	   *name;			/* of the constraint */
	Oid			relation;
	Oid			target;
	List	   *columns;		/* char *, of relation */
	List	   *target_columns; /* char *, in the order of columns */
} OrmForeignKey;

/* live columns in order, char * */
extern List *orm_facts_columns(Oid relid);
/* is there such a live column? System columns are none. */
extern bool orm_facts_has_column(Oid relid, const char *column);
/* columns of the primary key, or NIL */
extern List *orm_facts_primary_key(Oid relid);
/* the declared key, else the primary key, else NIL */
extern List *orm_facts_key(const OrmEntityRow *row);
/* OrmForeignKey * from "relid" to "target", by name of the constraint */
extern List *orm_facts_foreign_keys(Oid relid, Oid target);
/* tables (no partitions) with different foreign keys to both: list of OIDs */
extern List *orm_facts_junctions(Oid one, Oid other);
/* of the list, the key over just these columns, with its columns in their order; NULL without */
extern OrmForeignKey *orm_facts_foreign_key_over(List *foreign_keys, List *columns);
/* "(user_id), (editor_id)": their columns, to choose one */
extern char *orm_facts_choices(List *foreign_keys);
/* the columns exist, and a unique index makes them so / a valid index leads with them */
extern bool orm_facts_unique(Oid relid, List *columns);
extern bool orm_facts_indexed(Oid relid, List *columns);
/* "schema.relation", quoted where needed */
extern char *orm_facts_qualified(Oid relid);

/* lists of names */
extern bool orm_names_include(List *names, const char *name);
extern bool orm_names_equal_sets(List *one, List *other);
/* quoted where needed, separated by commas */
extern char *orm_names_joined(List *names);

#endif							/* ORM_DECLARE_FACTS_H */
