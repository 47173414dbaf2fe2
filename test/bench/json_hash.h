/*
 * json_hash.h
 *	  Numbers that stand for JSON values: equal when the values are.
 *
 * Equal as jsonb is: members of an object in any order, escapes as what they
 * stand for, numbers digit by digit. Not here: what is compared with what.
 */
#ifndef JSON_HASH_H
#define JSON_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a growing list of such numbers */
typedef struct Hashes
{
	uint64_t   *values;
	size_t		n;
	size_t		max;
} Hashes;

extern void hashes_add(Hashes *hashes, uint64_t value);
extern void hashes_sort(Hashes *hashes);
extern void hashes_distinct(Hashes *hashes);	/* sorts, too */
extern void hashes_clear(Hashes *hashes);

/* of two sorted lists, how many of the first are not in the second */
extern size_t hashes_missing(const Hashes *a, const Hashes *b);

/* the objects at one place, each without the members named in "leave_out" */
typedef struct Place
{
	const char *path;			/* $.posts[*] */
	Hashes		objects;
} Place;

/* arrays of the same elements are equal in whatever order these come */
extern bool json_hash_any_order;

/*
 * Adds the value of "text" to "values"; of an array at the top, each element.
 * The objects in it that lie at "places" are added there. "leave_out" ends with
 * NULL. Ends the program when it is no JSON.
 */
extern void json_hash(const char *text, Hashes *values, Place *places, int nplaces,
					  const char *const *leave_out);

#endif
