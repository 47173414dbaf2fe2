/*
 * array.h
 *	  Arrays that grow by doubling, past 1 GB if need be, and are kept between
 *	  windows.
 */
#ifndef ORM_RUN_ARRAY_H
#define ORM_RUN_ARRAY_H

#include "utils/memutils.h"

/* room for element "n" */
#define ENSURE(context, array, max, n, first) \
	do { \
		if ((n) >= (max)) \
		{ \
			int			new_max = Max((max) * 2, Max((first), (n) + 1)); \
			if ((array) == NULL) \
				(array) = MemoryContextAllocHuge((context), sizeof(*(array)) * new_max); \
			else \
				(array) = repalloc_huge((array), sizeof(*(array)) * new_max); \
			(max) = new_max; \
		} \
	} while (0)

#endif							/* ORM_RUN_ARRAY_H */
