/*
 * readable.h
 *	  Which columns the caller may read, where he writes without being asked to
 *	  read them all.
 */
#ifndef ORM_SAVE_READABLE_H
#define ORM_SAVE_READABLE_H

#include "query/query_document.h"

extern bool orm_save_may_read(Oid relid, AttrNumber attnum);

/*
 * Leaves out of the default properties of a finished query what the caller may
 * not read. What "select" names is left as it is: it is the server's to object.
 */
extern void orm_save_leave_out_unreadable(OrmQuery *query);

#endif							/* ORM_SAVE_READABLE_H */
