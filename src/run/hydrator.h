/*
 * hydrator.h
 *	  Levels of a load tree: rows as JSON text, and who belongs to whom.
 *
 * A level holds the rows of one window that one statement gave, each printed
 * once into one buffer, and links them to the rows of the level above by the
 * number of their key. Assembly copies slices. Levels are emptied, not freed,
 * between windows.
 */
#ifndef ORM_RUN_HYDRATOR_H
#define ORM_RUN_HYDRATOR_H

#include "tcop/dest.h"
#include "utils/sortsupport.h"

#include "run/key_set.h"
#include "run/plan_cache.h"
#include "model/type_guard.h"

typedef struct OrmSlice
{
	Size		start;
	Size		len;
} OrmSlice;

/* a row that belongs to a key */
typedef struct OrmLink
{
	int			row;
	uint32		key;			/* number of the key, from 1 */
} OrmLink;

typedef struct OrmLevel OrmLevel;
typedef struct OrmTreeLevel OrmTreeLevel;	/* run/tree.h */

/* an aggregate of related rows, printed with each row: run/tally.h */
typedef struct OrmTallied
{
	OrmLevel   *tally;
	int			field;			/* of the tally's rows */
	char	   *none;			/* ,"alias":0 for a row without related ones */
	int			none_len;
} OrmTallied;

struct OrmLevel
{
	OrmStep    *step;
	OrmRowEncoder *encoder;
	OrmPlan    *plan;			/* NULL at a root whose rows come from elsewhere */
	int			nchildren;
	OrmLevel  **children;
	int			ntallies;		/* of the children, those that give aggregates: they come first */
	int			ntallied;
	OrmTallied *tallied;		/* in the order in which they are printed */
	char	   *label;			/* ,"relation": */
	int			label_len;
	OrmTypeGuard *guard;		/* of a branch of a morph_to: which rows of the level above are its */
	OrmLevel   *next_branch;	/* the level behind it that is another branch of the same */
	bool		follows;		/* and so one that is written with the level before it */
	Size		header;			/* bytes kept free in front of each row */

	Oid			reader;			/* role that it was made for */
	uint64		lazy_window;	/* number of run/lazy's window that rows are noted in; 0: of none yet */
	uint64		lazy_behind;	/* number of the one that these rows are loaded for; 0: none */
	int64	   *loaded;			/* rows of all levels since the count began */

	OrmBuffer	text;			/* rows, each without its closing brace */
	int			nrows;
	int			maxrows;
	OrmSlice   *rows;

	/* below the root: keys of the level above, by row and by number */
	OrmKeySet  *keys;
	uint32		asked;			/* the first so many were asked for before */
	double		seen_keys;		/* in all windows before, and how many rows they had */
	double		seen_rows;
	FmgrInfo   *array_out;		/* the key is an array, and travels as its text; else NULL */
	int			maxparents;
	uint32	   *parent_keys;	/* by row of the level above; 0: it has none */
	int			nlinks;
	int			maxlinks;
	OrmLink    *links;			/* in the order in which rows came */
	int			maxpivots;
	OrmSlice   *link_pivots;	/* by link, where the relation has a pivot */
	int			maxsort;
	Datum	   *link_sort;		/* by link, nsort each: what a parent's rows are sorted by */
	int			maxsort_nulls;
	bool	   *link_sort_nulls;
	int			maxstarts;
	int		   *starts;			/* by number of key: where its links start in "ordered" */
	int			maxordered;
	int		   *ordered;		/* links, key by key */
	SortSupport sort;			/* one per column of link_sort */
	uint32		tied_key;		/* where rows come with their ties: the key of the last row, */
	int64		of_tied_key;	/* how many it has by now, */
	int			spare;			/* and rows of all keys beyond those asked for */
	bool		many_ties;		/* there were more than are worth it */

	/* many-to-many: rows that several parents share are one */
	OrmKeySet  *identity;
	OrmBuffer	pivots;

	OrmTreeLevel *tree;			/* where rows give keys of the level itself; else NULL */
};

extern int	orm_max_rows;		/* the setting; 0: none */

/*
 * Levels for the steps of a load tree, in "context", plans pinned by it. With
 * "given" the rows of the first come from elsewhere and look like that.
 */
extern OrmLevel *orm_level_new(OrmStep *step, TupleDesc given, MemoryContext context);

/* empties a level and all below */
extern void orm_level_reset(OrmLevel *level);

/* takes one row of the level's statement; its keys go to the levels below. False: no more of them. */
extern bool orm_level_add(OrmLevel *level, const Datum *values, const bool *nulls);

/* forgets the rows of a level that has keys, and all below */
extern void orm_level_forget_rows(OrmLevel *level);

/* prints a row and notes its keys; gives its number */
extern int	orm_level_print_row(OrmLevel *level, const Datum *values, const bool *nulls);
/* the number of a row that is there and never written */
extern int	orm_level_skip_row(OrmLevel *level);

/* the key of a row of the level above by which its rows of this level are found; leaves garbage in the current context */
extern void orm_level_note_key(OrmLevel *level, int parent_row, const Datum *key, const bool *nulls);

/* receiver whose rows go to a level; free it with the context */
extern DestReceiver *orm_level_receiver(OrmLevel *level, MemoryContext context);

/* room for "n" slices from "first" on, of which those before stay */
extern OrmSlice *orm_level_slices(OrmLevel *level, int first, int n);

/* ,"a":1 with the comma unless it is the first */
extern void orm_field_print(OrmBuffer *buf, OrmField *field, bool first, const Datum *values,
							const bool *nulls);

/* {"a":1,"b":2 without the closing brace */
extern void orm_row_print(OrmBuffer *buf, OrmField *fields, int nfields, const Datum *values,
						  const bool *nulls);

/* the same for all that a statement gives of an entity, its flex column included */
extern void orm_row_print_all(OrmBuffer *buf, OrmRowEncoder *encoder, const Datum *values, const bool *nulls);

/* writes a row of a level with all that was loaded for it */
extern void orm_level_write(OrmLevel *level, int row, OrmBuffer *out);

/* writes "relation": and what was loaded for a row of the level above, after a comma unless it is the first */
extern void orm_level_write_relation(OrmLevel *level, int parent_row, bool first, OrmBuffer *out);

/* the same without the name: an array, an object or null */
extern void orm_level_write_related(OrmLevel *level, int parent_row, OrmBuffer *out);

/* the first row of a level that belongs to a row of the level above, or -1 */
extern int	orm_level_first_row(const OrmLevel *level, int parent_row);

/* bytes held by the rows of a level and all below */
extern Size orm_level_bytes(const OrmLevel *level);

#endif							/* ORM_RUN_HYDRATOR_H */
