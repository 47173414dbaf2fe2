/*
 * json_scan.h
 *	  JSON text in one pass: the caller says of each container whether it goes
 *	  in or past it.
 *
 * For data of any size. json_text.h is for going to one place: there every
 * level is passed over once more. The text has been through json_in; what is
 * malformed all the same is 22P02, never a read past its end.
 */
#ifndef ORM_BASE_JSON_SCAN_H
#define ORM_BASE_JSON_SCAN_H

#include "base/json_text.h"

typedef struct OrmJsonScan
{
	const char *text;
	Size		at;
	Size		end;
} OrmJsonScan;

/* what stands next; the scan goes to its first byte */
extern OrmJsonKind orm_json_scan_kind(OrmJsonScan *scan);

/* goes past the value that stands next, whatever is in it */
extern OrmJsonSpan orm_json_scan_value(OrmJsonScan *scan);

/* goes past the opening bracket of the object or array that stands next */
extern void orm_json_scan_enter(OrmJsonScan *scan);

/*
 * In an object or array that was entered: goes to the next member's value or
 * the next element, or past the closing bracket and returns false. The caller
 * goes past each value. "key" is set for the members of an object, else NULL.
 */
extern bool orm_json_scan_next(OrmJsonScan *scan, bool first, OrmJsonSpan *key);

#endif							/* ORM_BASE_JSON_SCAN_H */
