/*
 * model_document.h
 *	  Declarations as one JSON document, in and out.
 *
 * Reading is model_document.c's, with jansson; writing is model_export.c's.
 */
#ifndef ORM_DECLARE_MODEL_DOCUMENT_H
#define ORM_DECLARE_MODEL_DOCUMENT_H

#include "base/compat.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#define ORM_MODEL_DOCUMENT_VERSION 1

/*
 * Declares everything in the document: all entities, then all properties, then
 * all relations. Gives the names of the entities in it: List of char *. 22P02
 * with line and column for what is no JSON, 22023 with a pointer for what is no
 * model document, and what the declarations raise.
 */
extern List *orm_model_define(const char *text, Size len);

/* the document of these entities (NIL: all), compact; 42704 for an unknown one */
extern char *orm_model_export(List *names);

/* pieces of JSON text: a comma unless something was just opened, then the key */
extern void orm_put_key(StringInfo out, const char *key);
extern void orm_put_names(StringInfo out, List *names);
/* with their key, and nothing at all for NULL, NIL or -1 */
extern void orm_put_text_member(StringInfo out, const char *key, const char *text);
extern void orm_put_names_member(StringInfo out, const char *key, List *names);
extern void orm_put_document(StringInfo out, const char *key, const char *json);	/* jsonb's text, spaces taken out */
extern void orm_put_flag_member(StringInfo out, const char *key, int8 flag);

#endif							/* ORM_DECLARE_MODEL_DOCUMENT_H */
