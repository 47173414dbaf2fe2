/*
 * embed.c
 *	  Names inside value objects.
 */
#include "base/compat.h"

#include "model/derive.h"
#include "model/embed.h"

/* what follows the prefix, or NULL; with camelCase "home_address_zip" begins with "homeAddress" */
static const char *
without_prefix(const char *column, const char *name, OrmNaming naming)
{
	for (const char *c = strchr(column, '_'); c; c = strchr(c + 1, '_'))
	{
		char	   *prefix = pnstrdup(column, c - column);

		if (c[1] != '\0' && (strcmp(prefix, name) == 0 ||
							 (naming == ORM_NAMING_CAMEL && strcmp(orm_camel_case(prefix, false), name) == 0)))
			return c + 1;
	}
	return NULL;
}

List *
orm_embed_members(const char *name, List *columns, OrmNaming naming)
{
	List	   *members = NIL;
	bool		strip = true;
	ListCell   *cell;

	foreach(cell, columns)
		strip = strip && without_prefix(lfirst(cell), name, naming) != NULL;
	foreach(cell, columns)
	{
		const char *member = strip ? without_prefix(lfirst(cell), name, naming) : lfirst(cell);

		members = lappend(members, naming == ORM_NAMING_CAMEL ? orm_camel_case(member, false) : pstrdup(member));
	}
	return members;
}

OrmPropertyRow *
orm_embed_of_column(List *rows, const char *column)
{
	ListCell   *cell;
	ListCell   *name;

	foreach(cell, rows)
		foreach(name, ((OrmPropertyRow *) lfirst(cell))->columns)
			if (strcmp(lfirst(name), column) == 0)
				return lfirst(cell);
	return NULL;
}
