/*
 * index_order.c
 *	  In which orders an index gives the rows that belong to one key.
 *
 * Says what an index could do; whether it is used is the planner's.
 */
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "model/derive.h"
#include "model/index_order.h"

/* is column "i" of the index sorted as ORDER BY sorts its type, and are its values easily kept? */
static bool
is_plainly_sorted(Relation index, int i)
{
	Form_pg_attribute att = TupleDescAttr(RelationGetDescr(index), i);

	return index->rd_index->indkey.values[i] != 0 && att->attbyval &&
		index->rd_opfamily[i] == lookup_type_cache(att->atttypid, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

static OrmIndexOrder *
order_behind(Relation index, int n)
{
	int			most = index->rd_index->indnkeyatts - n;
	OrmIndexOrder *order = palloc0(sizeof(OrmIndexOrder));

	order->attnums = palloc(sizeof(AttrNumber) * most);
	order->descending = palloc(sizeof(bool) * most);
	order->nulls_first = palloc(sizeof(bool) * most);
	for (int i = 0; i < most && is_plainly_sorted(index, n + i); i++)
	{
		order->attnums[i] = index->rd_index->indkey.values[n + i];
		order->descending[i] = (index->rd_indoption[n + i] & INDOPTION_DESC) != 0;
		order->nulls_first[i] = (index->rd_indoption[n + i] & INDOPTION_NULLS_FIRST) != 0;
		order->ncolumns++;
	}
	return order;
}

/* is it a btree that leads with these columns and goes on behind them? */
static bool
goes_on(Relation index, const AttrNumber *attnums, int n)
{
	return index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indnkeyatts > n && orm_index_starts_with(index, attnums, n);
}

List *
orm_index_orders(Relation rel, const AttrNumber *attnums, int n)
{
	List	   *indexes = RelationGetIndexList(rel);
	List	   *orders = NIL;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (goes_on(index, attnums, n) && heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
			orders = lappend(orders, order_behind(index, n));
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return orders;
}

List *
orm_index_nexts(Relation rel, const AttrNumber *attnums, int n)
{
	List	   *indexes = RelationGetIndexList(rel);
	List	   *nexts = NIL;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (goes_on(index, attnums, n))
			nexts = list_append_unique_int(nexts, index->rd_index->indkey.values[n]);
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return nexts;
}
