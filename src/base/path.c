/*
 * path.c
 *	  Names with dots between.
 */
#include "base/compat.h"

#include "lib/stringinfo.h"

#include "base/path.h"

List *
orm_path_split(const char *path)
{
	List	   *names = NIL;
	StringInfoData name;
	const char *c = path;

	for (;;)
	{
		initStringInfo(&name);
		if (*c == '"')
		{
			for (c++; *c && !(*c == '"' && c[1] != '"'); c++)
			{
				if (*c == '"')
					c++;
				appendStringInfoChar(&name, *c);
			}
			if (*c++ != '"')
				return NIL;
		}
		else
			for (; *c && *c != '.'; c++)
				appendStringInfoChar(&name, *c);
		if (name.len == 0 || (*c != '\0' && *c != '.'))
			return NIL;
		names = lappend(names, name.data);
		if (*c == '\0')
			return names;
		c++;
	}
}
