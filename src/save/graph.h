/*
 * graph.h
 *	  What a call is to save: rows per table, as the input gives them, and how
 *	  they hang together.
 *
 * save/graph_reader.c makes it of JSON text; the rest of this floor brings the
 * tables to it. A row's values stand by column number, so that they are a row
 * of the table's type as they stand: that is how batches go into statements.
 *
 * Everything lives in the context of the call.
 */
#ifndef ORM_SAVE_GRAPH_H
#define ORM_SAVE_GRAPH_H

#include "base/json_scan.h"
#include "base/json_writer.h"
#include "model/entity.h"
#include "model/type_codec.h"
#include "query/query_document.h"
#include "run/hydrator.h"
#include "save/save.h"

typedef struct OrmSaveTable OrmSaveTable;
typedef struct OrmSaveRow OrmSaveRow;
typedef struct OrmSaveSet OrmSaveSet;

/* how a column of a row gets its value */
typedef enum OrmGiven
{
	ORM_GIVEN_NOT,				/* it is left alone, or takes its default */
	ORM_GIVEN_VALUE,
	ORM_GIVEN_EQUAL,			/* the value that is there already */
	ORM_GIVEN_LINK,				/* the value comes from the row that it is linked to, and is not known yet */
	ORM_GIVEN_DEFAULT,			/* a value that holds only if the row is inserted */
	ORM_GIVEN_RESET,			/* the column's default, also if the row is there */
	ORM_GIVEN_INC,				/* the others change what is there, in the order of OrmChange */
	ORM_GIVEN_DEC,
	ORM_GIVEN_MUL,
	ORM_GIVEN_PUSH,
	ORM_GIVEN_REMOVE,
	ORM_GIVEN_MERGE
} OrmGiven;

/* what became of a row */
typedef enum OrmSaveAction
{
	ORM_SAVE_NOTHING_YET,
	ORM_SAVE_INSERTED,
	ORM_SAVE_UPDATED,
	ORM_SAVE_UNCHANGED,
	ORM_SAVE_LINKED,
	ORM_SAVE_DELETED,
	ORM_SAVE_MOVED,
	ORM_SAVE_SUPPRESSED			/* a trigger would not have it */
} OrmSaveAction;

/* a relation that is present in a row: its rows are a chain */
struct OrmSaveSet
{
	OrmRelation *relation;
	OrmSaveRow *owner;
	OrmSaveSet *next;			/* of the owner's, in the order of the input */
	Size		start;			/* place in the input */
	OrmSaveRow *first;			/* none, and to-one: it was null */
	OrmSaveRow *last;
	int			nrows;
	OrmSaveRow *shadow;			/* null beside a key that is given: the row of that key, see row_link.h */
	List	   *defaults;		/* OrmSaveDefault *: what the relation's condition says of a new row */
	bool		cut;			/* a cycle is cut here: the link is made when both rows are there */
	bool		deferred;		/* the link is made at once, and checked when both rows are there */
};

/* a value that a new row has unless it is given another */
typedef struct OrmSaveDefault
{
	AttrNumber	attnum;
	Datum		value;
	bool		isnull;
} OrmSaveDefault;

/*
 * What the input says of a column that a relation fills as well. The relation
 * is what counts, so that one can be changed in what find gave; but what is
 * changed in the column is not passed over in silence.
 */
typedef struct OrmSaveAside
{
	AttrNumber	attnum;
	const OrmRelation *relation;
	Datum		value;
	bool		isnull;
	bool		changes;		/* the row is there, and has another value */
	Datum		there;
	bool		there_null;
} OrmSaveAside;

/* by which columns a row is looked up; one of them per table and set of columns */
typedef struct OrmSaveMatch
{
	int			ncolumns;
	AttrNumber	attnums[INDEX_MAX_KEYS + 1];
} OrmSaveMatch;

/* one row as one place of the input gives it */
struct OrmSaveRow
{
	OrmSaveTable *table;
	OrmSaveSet *set;			/* by which it was reached; NULL: a root */
	OrmSaveRow *sibling;		/* next of the set, or of the roots */
	OrmSaveRow *next;			/* next of the table */
	OrmSaveRow *same;			/* another place that gives the same row, and is written for both; or NULL */
	OrmSaveRow *also;			/* next of the places that give it, from the one that is written on */
	const OrmSaveMatch *match;	/* NULL: it is new */
	OrmSaveSet *sets;
	Size		start;			/* place in the input */
	Datum	   *values;			/* by column number - 1 */
	bool	   *nulls;
	uint8	   *given;			/* OrmGiven */
	Datum	   *former;			/* of the set's far columns, where the row was another's */
	List	   *asides;			/* OrmSaveAside *: what the input says of columns that relations fill */
	List	   *later;			/* graph_reader.c's: what is read at the end of its object */
	OrmSaveRow *before;			/* with the key that it had, where that changes */
	struct OrmSavePivot *pivot; /* of an element of a many-to-many, when given */
	uint8		verb;			/* OrmSaveVerb */
	uint8		action;			/* OrmSaveAction */
	bool		own_action;		/* of this place alone: a link */
	bool		link_only;		/* it names a row and says nothing of it */
	const char *naming;			/* a property that may do so, and is not to be changed; or NULL */
	bool		delete;			/* "$delete": true */
	bool		shadow;			/* it is only asked whether it is there */
	bool		read_only;		/* the caller sees it, and may not update it */
	bool		looked_up;
	bool		exists;			/* it was there when it was looked up */
	bool		differs;		/* it is to be updated */
	bool		foreign;		/* it was there, and another's */
	bool		rekeyed;		/* its key changes */
	bool		touched;		/* rows that it owned went */
	bool		written;
	bool		version_given;
	bool		visiting;		/* by order.c, as are the next two */
	bool		leveled;
	int			level;
	int64		version;
	uint8		fault;			/* row_reader.c's: what is wrong with the row that is there */
	AttrNumber	fault_column;
	int64		version_there;
	OrmSlice	text;			/* in the table's buffer, without the closing brace */
	OrmSlice	pivot_text;		/* of an element of a many-to-many, as it is in the junction */
	int			number;			/* among the owners of a relation at hand, from 1: junction.c */
};

/* the values of "pivot" of one element */
typedef struct OrmSavePivot
{
	bool	   *given;			/* by index of relation->pivots */
	Datum	   *values;
	bool	   *nulls;
} OrmSavePivot;

/* a column as values go into it */
typedef struct OrmSaveColumn
{
	const char *name;			/* quoted where needed */
	bool		live;
	bool		not_null;
	bool		sequence;		/* identity, or its default draws from one */
	bool		always;			/* GENERATED ALWAYS AS IDENTITY */
	bool		has_default;
	char	   *default_sql;	/* a default that is the same for all rows; made when a row is replaced, else NULL */
	bool		passed_over;	/* generated, version or a timestamp: never written from the input */
	Oid			type;
	int32		typmod;
	int16		typlen;
	bool		typbyval;
	OrmProperty *property;		/* NULL: none */
	OrmDecoder *decoder;		/* made when first needed, as is the next */
	OrmEncoder *encoder;
} OrmSaveColumn;

/* what a name in an object stands for */
typedef enum OrmSaveNameKind
{
	ORM_NAME_PROPERTY,
	ORM_NAME_EMBED,
	ORM_NAME_RELATION,
	ORM_NAME_PASSED				/* said by find, and passed over */
} OrmSaveNameKind;

typedef struct OrmSaveName
{
	const char *name;
	Size		len;
	OrmSaveNameKind kind;
	OrmProperty *property;
	OrmRelation *relation;
	List	   *members;		/* OrmProperty *, of a value object */
	const OrmSaveRow *met;		/* the last row in which it stood */
} OrmSaveName;

/* the rows of one entity */
struct OrmSaveTable
{
	OrmSaveCall *call;
	OrmEntity  *entity;
	int			index;			/* in call->tables */
	TupleDesc	desc;
	Oid			array_type;		/* of its row type */
	int			natts;
	OrmSaveColumn *columns;
	int			nnames;
	OrmSaveName *names;			/* sorted by length, then bytes */
	int			nexpected;
	OrmSaveName **expected;		/* in the order of the last object */
	OrmSaveRow *first;
	OrmSaveRow *last;
	int			nrows;
	bool	   *looked_at;		/* columns whose values other rows need; by column number - 1 */
	List	   *matches;		/* OrmSaveMatch * */
	const OrmSaveMatch *key;	/* by the entity's key; NULL: it has none */
	OrmQuery   *query;			/* what is printed of a row; NULL: nothing */
	bool		printed;
	OrmKeySet  *keys;			/* of rows whose key is known: identity.c */
	OrmSaveRow **keyed;
	int			maxkeyed;
	List	   *indexes;		/* of its rows by other columns: identity.c */
	int			group;			/* tables of one group depend on each other: order.c */
	bool		cyclic;			/* the group depends on itself */
	OrmBuffer	text;			/* printed rows */
	AttrNumber	version;		/* 0: none */
	AttrNumber	flex;
};

/* one call */
struct OrmSaveCall
{
	OrmSaveVerb verb;
	const OrmSaveOptions *options;
	MemoryContext context;
	MemoryContext scratch;		/* reset now and then */
	const char *text;			/* the input */
	Size		len;
	bool		is_array;
	OrmSaveTable *root;
	OrmSaveRow *first;			/* roots */
	OrmSaveRow *last;
	List	   *tables;			/* OrmSaveTable *, as they were met */
	List	   *guards;			/* OrmSaveGuard *: save/morph.c's */
	List	   *deferrable;		/* char *: constraints that this call defers where they object */
	List	   *deferred;		/* char *: those that it has deferred */
	char	   *chunk;			/* room that rows and values are taken from */
	Size		chunk_left;
};

/* zeroed room that lives as long as the call; cheap, and never given back by itself */
extern void *orm_save_alloc(OrmSaveCall *call, Size size);

/* the table of an entity, made when it is met first */
extern OrmSaveTable *orm_save_table(OrmSaveCall *call, OrmEntity *entity);

/* by these columns rows of the table are looked up; the same for equal sets */
extern const OrmSaveMatch *orm_save_match(OrmSaveTable *table, const AttrNumber *attnums, int n);

/* a new row behind the last one of its table */
extern OrmSaveRow *orm_save_row(OrmSaveTable *table, OrmSaveSet *set, Size start);

/* the decoder of a column's type */
extern OrmDecoder *orm_save_decoder(OrmSaveTable *table, AttrNumber attnum);

/* what a name stands for, or NULL; "expected" is how many names of the object came before */
extern OrmSaveName *orm_save_name(OrmSaveTable *table, const char *name, Size len, int expected);

/* the row that is written for this one */
static inline OrmSaveRow *
orm_save_canonical(OrmSaveRow *row)
{
	while (row->same)
		row = row->same;
	return row;
}

/* does the owner of a relation hold the key of its target? */
static inline bool
orm_save_holds_key(const OrmRelation *relation)
{
	return relation->kind == ORM_BELONGS_TO || relation->kind == ORM_MORPH_TO;
}

/* do the rows of a relation hold the key of its owner? */
static inline bool
orm_save_is_child(const OrmRelation *relation)
{
	return relation->kind == ORM_HAS_ONE || relation->kind == ORM_HAS_MANY || relation->kind == ORM_MORPH_ONE ||
		relation->kind == ORM_MORPH_MANY;
}

/* does a junction hold the keys of both? */
static inline bool
orm_save_has_junction(const OrmRelation *relation)
{
	return relation->kind == ORM_MANY_TO_MANY || relation->kind == ORM_MORPH_TO_MANY;
}

/* RFC 6901 pointer to a place in the input, palloc'd; "" is the whole document */
extern char *orm_save_pointer(const OrmSaveCall *call, Size start);

/* errdetail "At <pointer>: " and a whole sentence */
extern int	orm_save_errdetail(const OrmSaveCall *call, Size start, const char *fmt,...) pg_attribute_printf(3, 4);

/* reads the input into rows: graph_reader.c */
extern void orm_save_read(OrmSaveCall *call);

#endif							/* ORM_SAVE_GRAPH_H */
