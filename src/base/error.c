/*
 * error.c
 *	  The hints that errors share: did you mean, and what there is.
 *
 * Not here: checks, and the errors themselves.
 */
#include "base/compat.h"

#include "base/error.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

/* as far as the server measures an edit distance */
#define MAX_MEASURED 255

/* a common prefix this long makes two names near, when one of them is no more than it */
#define MIN_PREFIX 3

/* names shown when none is near, and bytes of them */
#define MAX_SHOWN 20
#define MAX_SHOWN_BYTES 400

/* Is one of the two the other with something left off its end? */
static bool
one_begins_other(const char *a, const char *b)
{
	size_t		len = Min(strlen(a), strlen(b));

	return len >= MIN_PREFIX && pg_strncasecmp(a, b, len) == 0;
}

/*
 * How far "candidate" is from "name"; more than "limit" when further than
 * that. A difference of case alone is none, a part left off is one.
 */
static int
distance(const char *name, const char *candidate, int limit)
{
	int			edits;

	if (pg_strcasecmp(name, candidate) == 0)
		return 0;
	edits = varstr_levenshtein_less_equal(name, strlen(name), candidate, strlen(candidate),
										  1, 1, 1, limit, true);
	if (edits > 1 && one_begins_other(name, candidate))
		return 1;
	return edits;
}

const char *
orm_nearest_name(const char *name, List *names)
{
	size_t		len = strlen(name);
	/* one slip for a short name, one more for every four letters; never all of it */
	int			limit = len < 2 ? 0 : Min(1 + (int) len / 4, 4);
	const char *nearest = NULL;
	ListCell   *lc;

	if (len > MAX_MEASURED)
		return NULL;
	foreach(lc, names)
	{
		const char *candidate = lfirst(lc);
		int			edits;

		if (strlen(candidate) > MAX_MEASURED)
			continue;
		edits = distance(name, candidate, limit);
		if (edits > limit || edits >= (int) strlen(candidate))
			continue;
		nearest = candidate;
		if (edits == 0)
			break;
		/* the first of several as near stays */
		limit = edits - 1;
	}
	return nearest;
}

int
orm_hint_names(const char *name, List *names, const char *what)
{
	const char *nearest = orm_nearest_name(name, names);
	StringInfoData list;
	int			shown = 0;

	if (names == NIL)
		return 0;
	if (nearest != NULL)
		return errhint("Did you mean \"%s\"?", nearest);

	initStringInfo(&list);
	while (shown < list_length(names) && shown < MAX_SHOWN && list.len < MAX_SHOWN_BYTES)
	{
		appendStringInfo(&list, "%s\"%s\"", shown > 0 ? ", " : "", (char *) list_nth(names, shown));
		shown++;
	}
	if (shown < list_length(names))
		appendStringInfo(&list, " and %d more", list_length(names) - shown);
	return errhint("The %s are: %s.", what, list.data);
}
