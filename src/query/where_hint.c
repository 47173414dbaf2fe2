/*
 * where_hint.c
 *	  What conditions are called elsewhere, for hints.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

#include "base/error.h"
#include "query/where_parse.h"

/* names of other query languages, and ours; case is folded */
static const char *const elsewhere[][2] = {
	{"equals", "$eq"}, {"is", "$eq"}, {"=", "$eq"}, {"==", "$eq"},
	{"isnot", "$ne"}, {"neq", "$ne"}, {"<>", "$ne"}, {"!=", "$ne"},
	{">", "$gt"}, {">=", "$gte"}, {"<", "$lt"}, {"<=", "$lte"}, {"ge", "$gte"}, {"le", "$lte"},
	{"notin", "$nin"}, {"not_in", "$nin"},
	{"isnull", "$null"}, {"is_null", "$null"}, {"exists", "$null"},
	{"startswith", "$starts"}, {"istartswith", "$istarts"}, {"endswith", "$ends"}, {"iendswith", "$iends"},
	{"regex", "$re"}, {"regexp", "$re"}, {"iregex", "$ire"}, {"match", "$re"}, {"imatch", "$ire"},
	{"range", "$between"}, {"size", "$len"}, {"length", "$len"}, {"isempty", "$empty"},
	{"has", "$contains"}, {"hasevery", "$contains"}, {"hassome", "$overlap"}, {"elemmatch", "$any"},
	{"has_key", "$key"}, {"haskey", "$key"}, {"fts", "$search"}, {"text", "$search"},
	{"exactly", "$count"}, {"atleast", "$count"}, {"length", "$count"}, {"all", "$every"}, {"any", "$some"}
};

static const char *
ours(const char *name, List *names)
{
	char	   *prefixed;
	ListCell   *cell;

	while (*name == '$' || *name == '_')
		name++;
	name = asc_tolower(name, strlen(name));
	prefixed = psprintf("$%s", name);
	foreach(cell, names)
		if (strcmp(lfirst(cell), prefixed) == 0)
			return lfirst(cell);
	for (int i = 0; i < lengthof(elsewhere); i++)
	{
		if (strcmp(elsewhere[i][0], name) != 0)
			continue;
		foreach(cell, names)
			if (strcmp(lfirst(cell), elsewhere[i][1]) == 0)
				return lfirst(cell);
	}
	return NULL;
}

int
orm_hint_operator(const char *name, List *names, const char *what)
{
	/* where properties stand, groups and quantifiers do as well */
	static const char *const always[] = {"$and", "$or", "$not", "$search", "$some", "$none", "$every", "$count", "$aggregate"};
	const char *near = ours(name, names);
	bool		operators = strcmp(what, "properties") != 0;

	if (near == NULL && !operators && orm_nearest_name(name, names) == NULL)
	{
		List	   *more = NIL;

		for (int i = 0; i < lengthof(always); i++)
			more = lappend(more, unconstify(char *, always[i]));
		near = ours(name, more);
	}
	if (near)
		return errhint("Did you mean \"%s\"?", near);
	if (operators && name[0] != '$')
		name = psprintf("$%s", name);
	return orm_hint_names(name, names, what);
}
