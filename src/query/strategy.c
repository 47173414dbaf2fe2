/*
 * strategy.c
 *	  The clause "strategy".
 */
#include "base/compat.h"

#include "base/error.h"
#include "query/strategy.h"

static const char *const strategies[] = {"chosen by rule", "any", "ordinality", "lateral", "row_number"};

const char *
orm_strategy_name(OrmStrategy strategy)
{
	return strategies[strategy];
}

void
orm_strategy_parse(OrmQuery *query, const OrmJson *value)
{
	List	   *names = NIL;
	char	   *name;

	if (query->relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"strategy\" has no place here"),
				 orm_errdetail_at(value, "It stands in the query document of a relation.")));
	if (value->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(value, "the name of a strategy");
	name = orm_json_string(value);
	for (OrmStrategy strategy = ORM_STRATEGY_ANY; strategy <= ORM_STRATEGY_ROW_NUMBER; strategy++)
	{
		names = lappend(names, unconstify(char *, strategies[strategy]));
		if (strcmp(strategies[strategy], name) == 0)
		{
			query->strategy = strategy;
			query->strategy_clause = value;
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown strategy \"%s\"", name),
			 orm_errdetail_at(value, "A relation is loaded by any, ordinality, lateral or row_number."),
			 orm_hint_names(name, names, "strategies")));
}
