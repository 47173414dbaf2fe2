/*
 * paginate.c
 *	  Parses "page" and "total" and settles which rows a page is of.
 */
#include "base/compat.h"

#include "query/paginate.h"
#include "query/untrusted.h"

#define DEFAULT_LIMIT	20

void
orm_paginate_parse_page(OrmQuery *query, const OrmJson *value)
{
	if (orm_query_whole_number(value) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no page 0"),
				 orm_errdetail_at(value, "The first page is 1.")));
	orm_untrusted_refuse_second(query->page, value);
	query->page = value;
}

void
orm_paginate_parse_total(OrmQuery *query, const OrmJson *value)
{
	bool		known = value->kind == ORM_JSON_BOOL;

	if (value->kind == ORM_JSON_STRING)
	{
		char	   *word = orm_json_string(value);

		known = strcmp(word, "planned") == 0 || strcmp(word, "estimated") == 0;
	}
	if (!known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clause \"total\" takes true, false, \"planned\" or \"estimated\""),
				 orm_errdetail_at(value, "%s stands here.", orm_json_as_text(value))));
	query->total = value;
}

static OrmTotal
total_asked(const OrmJson *total)
{
	if (total == NULL || (total->kind == ORM_JSON_BOOL && !total->value.val.boolean))
		return ORM_TOTAL_NONE;
	if (total->kind == ORM_JSON_BOOL)
		return ORM_TOTAL_EXACT;
	return strcmp(orm_json_string(total), "planned") == 0 ? ORM_TOTAL_PLANNED : ORM_TOTAL_ESTIMATED;
}

static void
refuse_beside_page(const OrmQuery *query, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clauses \"page\" and \"%s\" can't stand together", what),
			 orm_errdetail_at(query->page, "Each of them says where the page starts.")));
}

static void
settle_page(OrmQuery *query, OrmPaging *paging)
{
	if (query->after || query->before)
		refuse_beside_page(query, query->after ? "after" : "before");
	if (query->offset > 0)
		refuse_beside_page(query, "offset");
	paging->page = orm_query_whole_number(query->page);
	if (paging->page - 1 > PG_INT64_MAX / paging->limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("page number is too large"),
				 orm_errdetail_at(query->page, "No table has as many rows.")));
	query->offset = (paging->page - 1) * paging->limit;
}

void
orm_paginate_settle(OrmQuery *query, OrmPaging *paging)
{
	memset(paging, 0, sizeof(OrmPaging));
	orm_untrusted_settle(query);
	if (query->limit == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a page of no rows"),
				 orm_errdetail_at(query->limit_clause, "A page has room for one row at least.")));
	paging->limit = query->limit < 0 ? DEFAULT_LIMIT : query->limit;
	paging->total = total_asked(query->total);
	if (query->page)
		settle_page(query, paging);
	else if (query->offset == 0 && !query->after && !query->before)
		paging->page = 1;
	paging->from_start = query->offset == 0 && !query->after && !query->before;
	query->paged = true;
	query->limit = paging->limit + 1;
}

OrmQuery *
orm_paginate_whole(const OrmQuery *query)
{
	OrmQuery   *whole = palloc(sizeof(OrmQuery));

	*whole = *query;
	whole->limit = -1;
	whole->offset = 0;
	whole->keyset = NULL;
	return whole;
}
