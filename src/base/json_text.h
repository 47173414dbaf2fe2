/*
 * json_text.h
 *	  JSON text as it stands: where its values start and end.
 *
 * For data that is to be kept byte for byte but for what is added. Nothing is
 * copied and no tree is built: a cursor goes through the members of one object
 * or the elements of one array, and skips what is inside of them. The text has
 * been through json_in; what is malformed all the same is 22P02, never a read
 * past its end.
 */
#ifndef ORM_BASE_JSON_TEXT_H
#define ORM_BASE_JSON_TEXT_H

#include "base/json_reader.h"

/* a value within a text; of a string, with its quotes */
typedef struct OrmJsonSpan
{
	OrmJsonKind kind;
	Size		start;
	Size		end;			/* just behind the last byte */
} OrmJsonSpan;

typedef struct OrmJsonCursor
{
	const char *text;
	OrmJsonSpan inside;
	Size		at;
	bool		started;
	int			index;			/* of the member or element, from 0 */
	OrmJsonSpan key;			/* of a member */
	OrmJsonSpan value;
} OrmJsonCursor;

/* the value at or behind "at" */
extern OrmJsonSpan orm_json_text_value(const char *text, Size at, Size end);

/* raises 22P02 */
orm_noreturn extern void orm_json_text_malformed(void);

/* the value that a text is */
extern OrmJsonSpan orm_json_text_root(const char *text, Size len);

/* puts a cursor before the first member or element of an object or array */
extern void orm_json_text_enter(OrmJsonCursor *cursor, const char *text, OrmJsonSpan inside);

/* goes to the next one, or returns false at the end */
extern bool orm_json_text_next(OrmJsonCursor *cursor);

/* is a string this one, once its escapes are resolved? */
extern bool orm_json_text_is(const char *text, OrmJsonSpan string, const char *other, Size len);

/* a string without quotes and escapes, palloc'd; 22P05 where an escape stands for no character */
extern char *orm_json_text_string(const char *text, OrmJsonSpan string);

/* RFC 6901 pointer to the value that starts at "start", palloc'd */
extern char *orm_json_text_pointer(const char *text, Size len, Size start);

#endif							/* ORM_BASE_JSON_TEXT_H */
