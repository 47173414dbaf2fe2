/*
 * keyset.c
 *	  Parses "after" and "before" and writes their condition.
 *
 * Where no value of the order can be null and all directions are the same, the
 * condition is one row comparison, which an index of these columns answers. Else
 * it is spelled out, value by value; a comparison of the first value stands in
 * front then, where there is one, for an index that leads with it.
 */
#include "base/compat.h"

#include "catalog/pg_operator.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "query/cursor.h"
#include "query/deparse_clause.h"
#include "query/keyset.h"
#include "query/order.h"
#include "query/untrusted.h"

/* ---- clauses ---- */

void
orm_keyset_parse_after(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(value, "a cursor");
	orm_untrusted_refuse_second(query->after, value);
	query->after = value;
}

void
orm_keyset_parse_before(OrmQuery *query, const OrmJson *value)
{
	if (value->kind != ORM_JSON_STRING)
		orm_query_wrong_kind(value, "a cursor");
	orm_untrusted_refuse_second(query->before, value);
	query->before = value;
}

static List *
turned(List *order)
{
	List	   *result = NIL;
	ListCell   *cell;

	foreach(cell, order)
		result = lappend(result, orm_order_turned(lfirst(cell)));
	return result;
}

/* a cursor holds values of properties, and stands for one row */
static bool
has_cursors(const OrmQuery *query)
{
	ListCell   *cell;

	foreach(cell, query->order)
		if (((OrmOrder *) lfirst(cell))->property == NULL)
			return false;
	return query->distinct == NIL;
}

static void
read_cursor(OrmQuery *query, const OrmJson *cursor)
{
	OrmKeyset  *keyset = palloc0(sizeof(OrmKeyset));
	int			n = list_length(query->order);

	keyset->types = palloc(sizeof(Oid) * n);
	keyset->values = palloc(sizeof(Datum) * n);
	keyset->nulls = palloc(sizeof(bool) * n);
	for (int i = 0; i < n; i++)
		keyset->types[i] = orm_cursor_type(list_nth(query->order, i));
	orm_cursor_read(query, cursor, keyset->values, keyset->nulls);
	keyset->order = query->before ? turned(query->order) : query->order;
	query->keyset = keyset;
}

void
orm_keyset_finish(OrmQuery *query)
{
	const OrmJson *cursor = query->after ? query->after : query->before;

	if (cursor == NULL && !query->paged)
		return;
	if (query->after && query->before)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("clauses \"after\" and \"before\" can't stand together"),
				 orm_errdetail_at(query->before, "Rows come from one cursor on.")));
	if (!orm_order_add_key(query))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" has no key", query->entity->name),
				 errdetail("Without one there is no order that tells its rows apart.")));
	if (!has_cursors(query))
	{
		if (cursor)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there are no cursors for this order of \"%s\"", query->entity->name),
					 orm_errdetail_at(cursor, "A cursor holds the values of properties.")));
		return;
	}
	query->order_mark = orm_cursor_mark(query);
	if (cursor)
		read_cursor(query, cursor);
	query->reversed = query->before && query->limit >= 0;
	if (query->reversed)
		query->order = query->keyset->order;
}

/* ---- the condition ---- */

/* one value of the order, as the condition sees it */
typedef struct OrderValue
{
	char	   *sql;
	bool		indexable;		/* a column */
	bool		nullable;
	bool		null;			/* the cursor's value */
	int			param;
	bool		descending;
	bool		nulls_first;
	Oid			behind;			/* operators */
	Oid			equal;
} OrderValue;

/* "OPERATOR(schema.name)" */
static char *
operator_text(Oid op)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(op));
	Form_pg_operator form;
	char	   *text;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("an operator of the order has been dropped")));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	text = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return text;
}

static void
compare(StringInfo buf, const OrderValue *item, Oid op)
{
	appendStringInfo(buf, "%s %s $%d", item->sql, operator_text(op), item->param);
}

static void
append_equal(StringInfo buf, const OrderValue *item)
{
	if (item->null)
		appendStringInfo(buf, "%s IS NOT DISTINCT FROM NULL", item->sql);
	else
		compare(buf, item, item->equal);
}

/* the value comes behind the cursor's; false where none can */
static bool
append_behind(StringInfo buf, const OrderValue *item)
{
	if (item->null && !item->nulls_first)
		return false;
	if (item->null)
		appendStringInfo(buf, "%s IS DISTINCT FROM NULL", item->sql);
	else
	{
		compare(buf, item, item->behind);
		if (item->nullable && !item->nulls_first)
			appendStringInfo(buf, " OR %s IS NOT DISTINCT FROM NULL", item->sql);
	}
	return true;
}

static void
prepare(OrmDeparse *deparse, const OrmKeyset *keyset, OrderValue *items, const char *alias)
{
	for (int i = 0; i < list_length(keyset->order); i++)
	{
		OrmOrder   *order = list_nth(keyset->order, i);
		OrderValue	   *item = &items[i];
		TypeCacheEntry *type = lookup_type_cache(keyset->types[i],
												 TYPECACHE_LT_OPR | TYPECACHE_GT_OPR | TYPECACHE_EQ_OPR);

		item->sql = orm_deparse_order_value(deparse, order, alias);
		item->indexable = order->path == NIL && order->property->column != NULL;
		item->nullable = !item->indexable || !order->property->not_null;
		item->null = keyset->nulls[i];
		item->descending = order->descending;
		item->nulls_first = orm_order_nulls_first(order);
		item->behind = order->descending ? type->lt_opr : type->gt_opr;
		item->equal = type->eq_opr;
		if (!item->null)
			item->param = orm_deparse_param(deparse, keyset->types[i], keyset->values[i], false);
	}
}

/* can the items be compared as one row, with the server's own operators? */
static bool
compares_as_row(const OrderValue *items, int n)
{
	for (int i = 0; i < n; i++)
	{
		const char *name = items[0].descending ? "OPERATOR(pg_catalog.<)" : "OPERATOR(pg_catalog.>)";

		if (!items[i].indexable || items[i].nullable || items[i].null || items[i].descending != items[0].descending)
			return false;
		if (strcmp(operator_text(items[i].behind), name) != 0)
			return false;
	}
	return true;
}

static void
append_row(StringInfo buf, const OrderValue *items, int n)
{
	appendStringInfoString(buf, "ROW(");
	for (int i = 0; i < n; i++)
		appendStringInfo(buf, "%s%s", i > 0 ? ", " : "", items[i].sql);
	appendStringInfo(buf, ") %s ROW(", operator_text(items[0].behind));
	for (int i = 0; i < n; i++)
		appendStringInfo(buf, "%s$%d", i > 0 ? ", " : "", items[i].param);
	appendStringInfoChar(buf, ')');
}

/* "behind OR (equal AND (the same for the rest))" */
static void
append_rest(StringInfo buf, const OrderValue *items, int n)
{
	check_stack_depth();
	if (!append_behind(buf, items))
		appendStringInfoString(buf, "false");
	if (n == 1)
		return;
	appendStringInfoString(buf, " OR (");
	append_equal(buf, items);
	appendStringInfoString(buf, " AND (");
	append_rest(buf, items + 1, n - 1);
	appendStringInfoString(buf, "))");
}

/* a bound for an index that leads with the first column: behind the cursor's value, or equal to it */
static void
append_bound(StringInfo buf, const OrderValue *item)
{
	Oid			in_front = get_commutator(item->behind);
	Oid			bound = OidIsValid(in_front) ? get_negator(in_front) : InvalidOid;

	if (!item->indexable || item->null || (item->nullable && !item->nulls_first) || !OidIsValid(bound))
		return;
	compare(buf, item, bound);
	appendStringInfoString(buf, " AND ");
}

void
orm_keyset_append(OrmDeparse *deparse, StringInfo buf, const OrmKeyset *keyset, const char *alias)
{
	int			n = list_length(keyset->order);
	OrderValue	   *items = palloc0(sizeof(OrderValue) * n);

	prepare(deparse, keyset, items, alias);
	appendStringInfoChar(buf, '(');
	if (n == 1 && append_behind(buf, items))
		;
	else if (compares_as_row(items, n))
		append_row(buf, items, n);
	else
	{
		append_bound(buf, items);
		appendStringInfoChar(buf, '(');
		append_rest(buf, items, n);
		appendStringInfoChar(buf, ')');
	}
	appendStringInfoChar(buf, ')');
}
