/*
 * plan_cache.h
 *	  Kept plans with the encoders of their rows, bounded in bytes.
 *
 * A plan is found by its text and by what else changes it: the printed names,
 * orm.json_numbers,
 * the effective search_path, and the role where row-level security applies.
 */
#ifndef ORM_RUN_PLAN_CACHE_H
#define ORM_RUN_PLAN_CACHE_H

#include "lib/ilist.h"
#include "executor/spi.h"

#include "base/json_writer.h"
#include "query/deparse.h"

/* one printed column of a row */
typedef struct OrmField OrmField;

struct OrmField
{
	int			column;			/* index into the row */
	char	   *label;			/* ,"name": */
	int			label_len;
	OrmEncoder	encoder;
	int			nmembers;		/* of a value object: its fields, and neither column nor encoder */
	OrmField   *members;
};

/* how rows of one statement are printed */
typedef struct OrmRowEncoder
{
	int			nfields;
	OrmField   *fields;
	int			npivots;
	OrmField   *pivots;
	int			flex;			/* the flex column, printed behind all fields, or -1 */
	List	   *taken;			/* keys of it that are not printed */
	int			ncolumns;
	Oid		   *types;			/* of all columns, to see whether they are still those */
	MemoryContext scratch;
} OrmRowEncoder;

typedef struct OrmPlan
{
	uint32		hash;			/* hash table key, with key */
	char	   *key;
	struct OrmPlan *next;		/* same key, other role or search_path */
	dlist_node	used;			/* in order of last use */
	SPIPlanPtr	spi;
	CachedPlanSource *source;
	int			generation;		/* of the source when its size was last taken */
	OrmRowEncoder *encoder;
	int			json_numbers;	/* the setting that the encoder was made under */
	MemoryContext context;
	Size		bytes;
	int			pins;
	bool		evicted;		/* freed when the last pin goes */
	int64		calls;			/* for orm.stats, as are the next two */
	int64		rows;
	int64		one_key_calls;
	double		seconds;
} OrmPlan;

extern int	orm_plan_cache_size;	/* kB, the setting */

/*
 * The plan of a statement, prepared when there is none, pinned until "owner"
 * is reset or deleted. Raises what parsing and analysis raise.
 */
extern OrmPlan *orm_plan_get(OrmStatement *statement, MemoryContext owner);

/* the statement keeps the key of its plan: one that is used again, or a copy, need not write it anew */
extern void orm_plan_set_key(OrmStatement *statement);

/*
 * An execution plan for these parameters under CurrentResourceOwner, to be
 * given back with ReleaseCachedPlan. The encoder is made again when the types
 * of the result have changed.
 */
extern CachedPlan *orm_plan_execute(OrmPlan *plan, const OrmStatement *statement, ParamListInfo params);

/* calls "visit" for every plan kept, the last used first */
extern void orm_plan_each(void (*visit) (const OrmPlan *plan, void *arg), void *arg);

/* ,"name": in "context", with its length */
extern char *orm_row_label(const char *name, MemoryContext context, int *len);

/* an encoder of one's own, in "context": for rows that no plan gives, and for nested use of one plan */
extern OrmRowEncoder *orm_row_encoder(TupleDesc desc, const OrmColumn *columns, int ncolumns,
									  MemoryContext context);

/* are rows of this form what the encoder was made for? */
extern bool orm_row_encoder_fits(const OrmRowEncoder *encoder, TupleDesc desc);

#endif							/* ORM_RUN_PLAN_CACHE_H */
