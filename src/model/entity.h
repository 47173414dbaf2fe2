/*
 * entity.h
 *	  What is declared: an entity, its properties, relations and scopes.
 *
 * These structs are immutable once built (model/derive.c builds them,
 * model/model_cache.c keeps them) and live until the end of the transaction in
 * which they were replaced. Only structs and small accessors here.
 */
#ifndef ORM_MODEL_ENTITY_H
#define ORM_MODEL_ENTITY_H

#include "base/compat.h"

#include "nodes/pg_list.h"

typedef enum OrmNaming
{
	ORM_NAMING_COLUMN,			/* names as they are in the catalogs */
	ORM_NAMING_CAMEL			/* snake_case turned into camelCase */
} OrmNaming;

typedef struct OrmProperty
{
	char	   *name;			/* as in JSON */
	char	   *embed;			/* the value object in which it has that name, or NULL */
	char	   *column;			/* NULL for a computed property */
	AttrNumber	attnum;			/* 0 for a computed property */
	char	   *expression;		/* qualified SQL; NULL for a column */
	Oid			type;			/* InvalidOid for a computed property: see query/expression.h */
	int32		typmod;
	Oid			collation;
	char	   *cast_as;		/* NULL, or as declared */
	bool		declared;		/* has a row in orm.properties */
	bool		not_null;
	bool		has_default;
	bool		identity;		/* GENERATED ... AS IDENTITY */
	bool		generated;		/* GENERATED ALWAYS AS (...) STORED, or identity always */
	bool		is_key;
	bool		insert;
	bool		update;
	bool		hidden;
	bool		lazy;
	char	   *t_column;		/* t.column, quoted; made when first asked for */
} OrmProperty;

typedef enum OrmRelationKind
{
	ORM_BELONGS_TO,
	ORM_HAS_ONE,
	ORM_HAS_MANY,
	ORM_MANY_TO_MANY,
	ORM_HAS_ONE_THROUGH,		/* over a chain of relations */
	ORM_HAS_MANY_THROUGH,
	ORM_HAS_MANY_IN,			/* by an array of keys that the owner holds */
	ORM_HAS_MANY_BY,			/* by a function of the owner's row */
	ORM_MORPH_TO,				/* polymorphic: a type and a key say which row of which entity */
	ORM_MORPH_ONE,
	ORM_MORPH_MANY,
	ORM_MORPH_TO_MANY,
	ORM_ANCESTORS,				/* of a tree */
	ORM_DESCENDANTS
} OrmRelationKind;

/*
 * One column of a link between two relations: near.column = far.column. The
 * operator takes (far, near): "far OPERATOR(schema.name) near", and near_type
 * is what the value of the near column is passed as (domains resolved, and the
 * far side's type where near has to be cast to meet it).
 */
typedef struct OrmLinkColumn
{
	char	   *near_column;
	AttrNumber	near_attnum;
	Oid			near_type;
	char	   *far_column;
	AttrNumber	far_attnum;
	char	   *operator_schema;
	char	   *operator_name;
	bool		image_equal;	/* equal values have the same bytes on both sides */
	Oid			met_type;		/* what the operator takes the near value as */
	Oid			near_collation; /* InvalidOid where there is none, as are the next */
	Oid			met_collation;	/* under which the two are compared: far's own, else near's own */
	bool		collates_key;	/* so a value that comes without its column has to be given it */
} OrmLinkColumn;

/*
 * The column of a polymorphic link that says which entity it leads to, and what
 * it says: the link holds where "column = alias". It stands beside the columns of
 * the first links, on the side that "near" names.
 */
typedef struct OrmTypeColumn
{
	bool		near;
	char	   *column;
	AttrNumber	attnum;
	Oid			type;			/* domains resolved */
	Oid			collation;
	char	   *alias;
	Oid			equal;			/* function of the operator */
	char	   *operator_schema;
	char	   *operator_name;
} OrmTypeColumn;

typedef struct OrmIndexOrder OrmIndexOrder;	/* model/index_order.h */

typedef struct OrmRelation
{
	char	   *name;
	OrmRelationKind kind;
	bool		to_many;
	bool		declared;		/* has a row in orm.relations */
	char	   *source;			/* constraint or "declared", for orm.describe */
	Oid			target;			/* relation of the target entity */
	char	   *target_name;	/* name of the target entity when this was built */

	/*
	 * owner -> target, or for a many-to-many owner -> through. A belongs_to
	 * has its foreign key on the near side, a has_one or has_many on the far.
	 */
	int			nlinks;
	OrmLinkColumn *links;

	/* with a junction only: through -> target */
	Oid			through;
	int			nfar_links;
	OrmLinkColumn *far_links;
	int			npivots;
	char	  **pivots;			/* columns of through that are given as "pivot" */
	AttrNumber *pivot_attnums;

	/*
	 * polymorphic only. A morph_to is one relation for each of its types, which
	 * have no other kind and name than it has; what is asked of it is asked of
	 * them. It has no target and no links of its own.
	 */
	OrmTypeColumn *type;		/* NULL: not polymorphic, or a morph_to as a whole */
	int			nbranches;
	struct OrmRelation *branches;	/* of a morph_to, by alias */
	struct OrmRelation *whole;	/* of a branch: the morph_to that it is part of; else NULL */
	List	   *dangling;		/* char *, aliases of a morph_to whose entity is not declared */

	/*
	 * A through: the relations on its way, none of them a through itself. Then
	 * "links" are the first one's, and far_links those that lead to the target.
	 */
	char	   *path;			/* as declared */
	int			nhops;
	struct OrmRelation **hops;
	bool		to_the_row;		/* its way ends at the target's row, and far_links lead from its key to itself */
	bool		keys_distinct;	/* what far_links start from comes once for each owner */

	/* a has_many_in: the near column is an array of these, and travels as text */
	Oid			element_type;

	/* a has_many_by: "links" lead to the owner's own row, which the function takes */
	char	   *function;		/* "schema.function" */
	Oid			owner;			/* relation of that row */

	/* to-one whose far columns are unique; of a has_many: the far side has an index that leads with them */
	bool		far_unique;
	bool		far_indexed;
	bool		far_partial;	/* an index of some of the rows leads with them */
	bool		far_large;		/* more pages than are read through for a few rows */
	List	   *far_orders;		/* OrmIndexOrder *, model/index_order.h: in which indexes give the rows of one owner */
	List	   *far_nexts;		/* int: columns that such an index goes on with */
	bool		far_cascades;	/* the foreign key is ON DELETE CASCADE */
	bool		near_nullable;	/* some near column may be NULL */

	/* options */
	char	   *condition;		/* jsonb text or NULL */
	List	   *order_by;		/* char *, as in the clause "order" */
	bool		eager;
	bool		lazy;
	bool		owned;
	char	   *on_missing;		/* NULL: the default of the kind */
	char	   *on_foreign;
} OrmRelation;

/* why a derived relation has no name, for orm.describe */
typedef struct OrmOrphan
{
	char	   *name;			/* the name that was taken */
	char	   *source;			/* constraint */
} OrmOrphan;

/* a set of columns that is unique: primary key, unique constraint or unique index without predicate */
typedef struct OrmUnique
{
	char	   *name;
	int			ncolumns;
	AttrNumber *attnums;
	bool		primary;
	bool		deferrable;
	struct OrmStatement *find;	/* as of OrmEntity, by these columns */
} OrmUnique;

/* a named condition; exactly one of condition and predicate is there */
typedef struct OrmScope
{
	char	   *name;
	char	   *condition;		/* jsonb text, with {"$arg": name} and {"$setting": name} as operands */
	char	   *predicate;		/* qualified SQL, with $1 for the first argument */
	List	   *arguments;		/* char *, their names */
	bool		global;			/* holds without being asked for */
} OrmScope;

typedef struct OrmEntity
{
	Oid			relid;
	uint64		serial;			/* no two entities that a session builds have the same */
	char	   *name;
	char	   *schema_name;
	char	   *relation_name;
	char		relkind;
	bool		rls;			/* row-level security is enabled on the relation */
	bool		by_function;	/* some has_many_by was derived, or could not be, or is part of a way */
	OrmNaming	naming;
	bool		derive;

	int			nproperties;
	OrmProperty *properties;	/* columns in column order, then computed ones by name */
	int			nkeys;
	int		   *keys;			/* indexes into properties; 0 of them: no key */
	int			nrelations;
	OrmRelation *relations;
	int			nscopes;
	OrmScope   *scopes;			/* by name */
	int			norphans;
	OrmOrphan  *orphans;
	int			nuniques;
	OrmUnique  *uniques;

	char	   *version;		/* column names or NULL, as declared */
	char	   *soft_delete;
	char	   *created_at;
	char	   *updated_at;
	char	   *flex;
	OrmProperty *flex_property;	/* that column, which is no property of the entity; NULL: none */

	/* what it was derived from; a relcache message for any of them retires it */
	int			ndependencies;
	Oid		   *dependencies;
	MemoryContext context;		/* holds all of it */
	struct OrmStatement *find;	/* by the key: query/find_statement's, made at the first find; NULL: not yet */
	bool		find_varies;	/* such a statement would say something else at each call */
} OrmEntity;

/* "has_many"; as in the catalog, in documents and in orm.describe */
extern const char *orm_relation_kind_name(OrmRelationKind kind);
/* false when there is no such kind */
extern bool orm_relation_kind_named(const char *name, OrmRelationKind *kind);
extern bool orm_relation_kind_is_to_many(OrmRelationKind kind);

/* is it the same relation over and over, from a row to those above or below it? */
static inline bool
orm_relation_is_tree(const OrmRelation *relation)
{
	return relation->kind == ORM_ANCESTORS || relation->kind == ORM_DESCENDANTS;
}

/* is there a table between owner and target, whose columns may be the pivot? */
static inline bool
orm_relation_has_junction(const OrmRelation *relation)
{
	return OidIsValid(relation->through);
}

/* the relation that "links" lead to from the owner */
static inline Oid
orm_relation_far(const OrmRelation *relation)
{
	return orm_relation_has_junction(relation) ? relation->through : relation->target;
}

/* the relation as it is declared: of a branch, the morph_to that it is part of */
static inline OrmRelation *
orm_relation_whole(OrmRelation *relation)
{
	return relation->whole ? relation->whole : relation;
}

/* does the target meet the owner's columns by itself, or through a junction? */
static inline bool
orm_relation_is_direct(const OrmRelation *relation)
{
	return relation->path == NULL && !OidIsValid(relation->element_type) && relation->function == NULL;
}

/* does the target meet the owner's columns by its own? */
static inline bool
orm_relation_is_by_key(const OrmRelation *relation)
{
	return orm_relation_is_direct(relation) && !orm_relation_has_junction(relation);
}

/* may owners have rows of the target in common, beyond one that they belong to? */
static inline bool
orm_relation_shares_rows(const OrmRelation *relation)
{
	return orm_relation_has_junction(relation) || relation->kind == ORM_HAS_MANY_IN ||
		(relation->path != NULL && relation->to_many);
}

/* what the near column of a link holds, domains resolved */
extern Oid	orm_relation_near_type(const OrmRelation *relation, int link);

/* may a row of the owner have several rows, of which a to-one is the first? */
static inline bool
orm_relation_chooses(const OrmRelation *relation)
{
	return !relation->to_many && !relation->far_unique;
}

/* NULL when there is none of that name; members of value objects are not found by their names alone */
extern OrmProperty *orm_entity_property(const OrmEntity *entity, const char *name);
extern OrmProperty *orm_entity_property_by_attnum(const OrmEntity *entity, AttrNumber attnum);
extern OrmProperty *orm_entity_property_by_column(const OrmEntity *entity, const char *column);
extern OrmProperty *orm_entity_embedded(const OrmEntity *entity, const char *embed, const char *name);
extern bool orm_entity_has_embed(const OrmEntity *entity, const char *name);
/* is there a key, and are the values of its columns easily kept? */
extern bool orm_entity_key_is_by_value(const OrmEntity *entity);
extern OrmRelation *orm_entity_relation(const OrmEntity *entity, const char *name);
extern OrmScope *orm_entity_scope(const OrmEntity *entity, const char *name);

/* names for hints, value objects among the properties, in the current memory context: List of char * */
extern List *orm_entity_property_names(const OrmEntity *entity, bool with_hidden);
extern List *orm_entity_embedded_names(const OrmEntity *entity, const char *embed);
extern List *orm_entity_relation_names(const OrmEntity *entity);
extern List *orm_entity_scope_names(const OrmEntity *entity);

/* "schema.relation", quoted where needed, palloc'd */
extern char *orm_entity_qualified(const OrmEntity *entity);

#endif							/* ORM_MODEL_ENTITY_H */
