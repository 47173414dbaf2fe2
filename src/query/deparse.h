/*
 * deparse.h
 *	  Statements from a query tree: one for the root, one per relation loaded.
 *
 * The only place that writes SQL for reading, and so the only one that quotes.
 * Contract of the text: every relation, operator and function is qualified,
 * every identifier quoted where needed, every value is a typed parameter, but
 * for true and false; it means the same under every search_path.
 */
#ifndef ORM_QUERY_DEPARSE_H
#define ORM_QUERY_DEPARSE_H

#include "query/query_document.h"

/* one column of a statement's result */
typedef struct OrmColumn
{
	char	   *sql;
	const char *name;			/* the property it is printed as; NULL: not printed */
	const char *cast_as;
	const char *pivot;			/* the pivot column it is printed as; NULL: none */
	const char *embed;			/* the value object in which it has that name; NULL: none */
	List	   *flex;			/* char *: its keys are printed, but for these; NIL: it is no flex column */
} OrmColumn;

/* a column of a statement's result that its rows are sorted by */
typedef struct OrmSort
{
	int			column;
	bool		descending;
	bool		nulls_first;
} OrmSort;

typedef struct OrmStatement
{
	char	   *sql;
	int			nparams;
	Oid		   *types;
	Datum	   *values;			/* of a relation's statement, the first nkeys are filled per batch */
	bool	   *nulls;
	List	   *given;			/* OrmGivenValue *, query/deparse_where.h: which of them a document gives, and where in it */
	int			nkeys;			/* arrays of keys at the front of the parameters; in a find, the key's values */
	int			ncolumns;
	OrmColumn  *columns;
	int			ordinal;		/* column that numbers the key a row belongs to, or -1 */
	int			nmatch;			/* else the far columns that hold the key itself */
	int		   *match;
	int			nsort;			/* by which the rows of one parent are put in order when they are here */
	OrmSort    *sort;
	int64		with_ties;		/* each parent gets so many of its rows, and those alike in the order come too; 0: not so */
	int			nidentity;		/* columns of the target's key, for many-to-many: equal rows are one */
	int		   *identity;
	struct OrmRemembered *remembered;	/* query/remember's: what orm.lazy will want of the rows, or NULL */
	int			norder;			/* values of the order, where a page reads them for its cursors */
	int		   *order;
	bool		generic;		/* plan once for all values */
	bool		custom;			/* plan each time for the values given */
	bool		by_page;		/* plan to visit the table's pages in their order, each once */
	char	   *key;			/* under which run/plan_cache finds its plan, once asked for */
	uint32		hash;
} OrmStatement;

/* a node of the load tree with its statement */
typedef struct OrmStep
{
	OrmQuery   *query;
	OrmRelation *relation;		/* NULL at the root */
	OrmStatement *statement;	/* NULL at a root whose rows come from elsewhere */
	int			nnear;			/* columns of the parent's result that hold this relation's key */
	int		   *near;
	int			near_type;		/* of a branch of a morph_to: the one that holds its type; else -1 */
	OrmStatement *range;		/* the same rows and some more by a range of keys, once asked for */
	OrmStatement *by_page;		/* the same statement with another plan, once asked for */
	OrmStatement *without_ties; /* the same rows, sorted whole and cut by the server, once asked for */
	const char *strategy;		/* how rows are fetched, for orm.explain */
	List	   *children;		/* OrmStep * */
	struct OrmTreeColumns *tree;	/* query/deparse_tree.h, where rows are followed; else NULL */
	struct OrmTrace *trace;		/* run/trace's, where the reading is watched; else NULL */
} OrmStep;

/* what stands in FROM at the root */
typedef enum OrmSourceKind
{
	ORM_SOURCE_TABLE,
	ORM_SOURCE_QUERY,			/* a SELECT of the caller's */
	ORM_SOURCE_ROWS				/* an array of rows of the table's type, parameter $1 */
} OrmSourceKind;

typedef struct OrmSource
{
	OrmSourceKind kind;
	const char *query;
	List	   *columns;		/* names of the query's columns; NIL: all of the table's */
	int			nparams;		/* parameters that the query has or that hold the rows */
	Oid		   *types;
	Datum	   *values;
	bool	   *nulls;
} OrmSource;

/* statements for the whole load tree; source NULL: the entity's table */
extern OrmStep *orm_deparse(OrmQuery *query, const OrmSource *source);

/*
 * The same for roots that are rows at hand. A property without a column in
 * "desc" is left out, or an error when it was selected by name. The root's
 * statement has columns but no text.
 */
extern OrmStep *orm_deparse_given(OrmQuery *query, TupleDesc desc);

/* the same for roots that are no rows at all: relations only, their keys are for the caller to find */
extern OrmStep *orm_deparse_relations(OrmQuery *query);

/*
 * For a relation whose rows find their keys by bytes, over integers: all rows
 * between two keys, with the columns of the step's own statement. Many keys
 * that lie close together are one descent into the index then. In the current
 * memory context.
 */
extern OrmStatement *orm_deparse_range(OrmStep *step);

/*
 * For a step whose statement gives rows with ties: the same columns, and no
 * row too many. In the current memory context.
 */
extern OrmStatement *orm_deparse_without_ties(OrmStep *step);

/*
 * Do the values of the statement, but for keys, and those that the document
 * gives if these don't count, mean the same whenever they are read? So does
 * not 'now'.
 */
extern bool orm_statement_is_constant(const OrmStatement *statement, bool but_for_given);

/* SELECT count(*) over what the query gives, and whether it gives anything */
extern OrmStatement *orm_deparse_count(OrmQuery *query);
extern OrmStatement *orm_deparse_exists(OrmQuery *query);

/* the rows that the query gives, to be planned and not to be run */
extern OrmStatement *orm_deparse_estimate(OrmQuery *query);

#endif							/* ORM_QUERY_DEPARSE_H */
