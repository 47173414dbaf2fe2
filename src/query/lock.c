/*
 * lock.c
 *	  Parses "lock" and writes it. No text of the document gets into SQL.
 */
#include "base/compat.h"

#include "query/lock.h"

static const struct
{
	const char *words;
	const char *sql;
}			strengths[] = {
	{"update", "UPDATE"},
	{"no key update", "NO KEY UPDATE"},
	{"share", "SHARE"},
	{"key share", "KEY SHARE"},
}, waits[] = {
	{"", ""},
	{" nowait", " NOWAIT"},
	{" skip locked", " SKIP LOCKED"},
};

void
orm_lock_parse(OrmQuery *query, const OrmJson *value)
{
	char	   *words;

	if (value->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(value, "a lock such as \"update nowait\"");
	words = orm_json_string(value);
	for (int i = 0; i < lengthof(strengths); i++)
	{
		size_t		len = strlen(strengths[i].words);

		for (int k = 0; k < lengthof(waits) && strncmp(words, strengths[i].words, len) == 0; k++)
			if (strcmp(words + len, waits[k].words) == 0)
			{
				query->lock = palloc(sizeof(OrmLock));
				query->lock->strength = strengths[i].sql;
				query->lock->wait = waits[k].sql;
				query->lock->clause = value;
				return;
			}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown lock %s", orm_json_as_text(value)),
			 orm_errdetail_at(value, "There is no such lock."),
			 errhint("The locks are \"update\", \"no key update\", \"share\" and \"key share\", alone or with \" nowait\" or \" skip locked\".")));
}

void
orm_lock_append(StringInfo buf, const OrmQuery *query)
{
	if (query->lock)
		appendStringInfo(buf, " FOR %s OF t%s", query->lock->strength, query->lock->wait);
}
