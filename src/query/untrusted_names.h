/*
 * untrusted_names.h
 *	  The names in a document that an untrusted client wrote, against the model.
 */
#ifndef ORM_QUERY_UNTRUSTED_NAMES_H
#define ORM_QUERY_UNTRUSTED_NAMES_H

#include "query/query_document.h"

/*
 * Raises 42703 for a name that the document may not know, in the same words
 * whether there is such a property, such a relation, or none: hidden ones, and
 * with "restricted" all relations but those on "paths" (List of List of
 * char *). 22023 for what is in no form that is known here. The document's
 * shape has been checked.
 */
extern void orm_untrusted_check_names(OrmQuery *query, const OrmJson *document, bool restricted, List *paths);

#endif							/* ORM_QUERY_UNTRUSTED_NAMES_H */
