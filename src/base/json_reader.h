/*
 * json_reader.h
 *	  A jsonb document as a tree whose nodes know their place, for errors that
 *	  point at it.
 *
 * For documents people write: queries, conditions, clauses. Not for data.
 */
#ifndef ORM_BASE_JSON_READER_H
#define ORM_BASE_JSON_READER_H

#include "base/compat.h"

#include "utils/jsonb.h"

typedef enum OrmJsonKind
{
	ORM_JSON_NULL,
	ORM_JSON_BOOL,
	ORM_JSON_NUMBER,
	ORM_JSON_STRING,
	ORM_JSON_ARRAY,
	ORM_JSON_OBJECT
} OrmJsonKind;

typedef struct OrmJson OrmJson;

struct OrmJson
{
	OrmJsonKind kind;
	const char *key;			/* of a member of an object; else NULL */
	int			index;			/* of an element of an array */
	OrmJson    *parent;			/* NULL: the document */
	int			clause;			/* which of several documents, from 1; 0: the only one */
	int			nitems;
	OrmJson    *items;
	JsonbValue	value;			/* of a scalar, as jsonb has it; of the rest, jbvBinary */
	const char *text;			/* JSON text that it was read from, where that is kept; else NULL */
	Size		text_start;		/* its place there */
	Size		text_end;
	const OrmJson *origin;		/* it stands here for another, whose place counts; else NULL */
	bool		unknown;		/* stands for a value that is given later: only its place counts */
	bool		untrusted;		/* written by an untrusted client */
};

/*
 * The tree of a document, in the current memory context; it points into the
 * jsonb, which must stay. Nesting beyond "max_depth" is 22023.
 */
extern OrmJson *orm_json_read(Jsonb *document, int clause, int max_depth);

/* NULL when there is none */
extern OrmJson *orm_json_member(const OrmJson *object, const char *key);

/* palloc'd C string of a string node */
extern char *orm_json_string(const OrmJson *node);

/* palloc'd text of any node as JSON, for messages */
extern char *orm_json_as_text(const OrmJson *node);

/* "A string", "An object": to begin a sentence with */
extern const char *orm_json_a_kind(const OrmJson *node);

/* RFC 6901, palloc'd */
extern char *orm_json_pointer(const OrmJson *node);

/*
 * For ereport: a detail "At <pointer>: " (or "Clause n at <pointer>: ")
 * followed by the formatted text, a whole sentence.
 */
extern int	orm_errdetail_at(const OrmJson *node, const char *fmt,...) pg_attribute_printf(2, 3);

/* the prefix alone, palloc'd */
extern char *orm_json_place(const OrmJson *node);

#endif							/* ORM_BASE_JSON_READER_H */
