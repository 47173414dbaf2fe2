/*
 * pivot.c
 *	  Writes the junction rows of a many-to-many.
 *
 * First one reads which pairs are there, and locks them where one may; then
 * what is to go goes, what differs is updated and what is missing inserted.
 * Aliases: "p" is the junction, "k" the pairs, "o" the owners, "t" the target.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "model/derive.h"
#include "model/model_cache.h"
#include "query/deparse_relation.h"
#include "query/scope.h"
#include "save/lookup.h"
#include "save/pivot.h"
#include "save/pivot_condition.h"
#include "save/pivot_pairs.h"
#include "save/statement.h"

typedef struct Writing
{
	OrmPivotWrite *write;
	OrmRelation *relation;
	OrmEntity  *target;
	List	   *constants;		/* OrmPivotConstant * */
	char	   *table;			/* the junction, qualified */
	OrmPivotColumns *columns;
	bool	   *there;			/* by pair: it has a row */
	bool	   *differs;		/* by pair: a given pivot column of it has another image */
} Writing;

/* ---- pairs as parameters ---- */

/*
 * The pairs of a list, with the pivot columns that "with" names: owner's
 * columns, target's columns, pivots.
 */
static OrmBatch *
batch_of(Writing *writing, List *pairs, const bool *with)
{
	OrmRelation *relation = writing->relation;
	int			nkeys = relation->nlinks + relation->nfar_links;
	int			ncolumns = nkeys;
	OrmBatch   *batch;
	ListCell   *cell;

	for (int i = 0; i < relation->npivots; i++)
		ncolumns += with && with[i];
	batch = orm_batch_new(list_length(pairs), ncolumns);
	for (int i = 0; i < relation->nlinks; i++)
		batch->columns[i].type = relation->links[i].near_type;
	for (int i = 0; i < relation->nfar_links; i++)
		batch->columns[relation->nlinks + i].type = writing->columns->targets[i].base;
	foreach(cell, pairs)
	{
		OrmPivotPair *pair = &writing->write->pairs[lfirst_int(cell)];
		int			row = foreach_current_index(cell);
		int			c = nkeys;

		for (int i = 0; i < relation->nlinks; i++)
			batch->columns[i].values[row] = writing->write->owners[pair->owner].values[i];
		for (int i = 0; i < relation->nfar_links; i++)
			batch->columns[relation->nlinks + i].values[row] = pair->target[i];
		for (int i = 0; with && i < relation->npivots; i++)
		{
			if (!with[i])
				continue;
			batch->columns[c].type = writing->columns->pivots[i].base;
			orm_batch_nullable(batch, c);
			batch->columns[c].values[row] = pair->pivots[i];
			batch->columns[c++].nulls[row] = pair->nulls[i];
		}
	}
	return batch;
}

/* " AND p.type OPERATOR(=) $n", appended: it is a row of the relation */
static void
append_constants(Writing *writing, OrmDeparse *deparse, StringInfo buf)
{
	ListCell   *cell;

	foreach(cell, writing->constants)
	{
		OrmPivotConstant *constant = lfirst(cell);
		char	   *value = psprintf("$%d", orm_deparse_param(deparse, constant->type, constant->value, false));

		appendStringInfo(buf, " AND %s",
						 orm_statement_equal(psprintf("p.%s", quote_identifier(constant->column)), value, constant->type));
	}
}

static void
append_operator(StringInfo buf, const char *far, const OrmLinkColumn *link, const char *near)
{
	appendStringInfo(buf, "%s OPERATOR(%s.%s) %s", far, quote_identifier(link->operator_schema), link->operator_name, near);
}

/* the junction's row belongs to the owner whose columns are the first of the batch */
static void
append_owner_match(Writing *writing, StringInfo buf, const OrmBatch *batch, const char *alias)
{
	for (int i = 0; i < writing->relation->nlinks; i++)
	{
		appendStringInfoString(buf, i > 0 ? " AND " : "");
		append_operator(buf, psprintf("p.%s", quote_identifier(writing->relation->links[i].far_column)),
						&writing->relation->links[i], orm_batch_value(batch, i, alias));
	}
}

/* and to the target whose columns begin at "first" */
static void
append_target_match(Writing *writing, StringInfo buf, const OrmBatch *batch, int first, const char *alias)
{
	for (int i = 0; i < writing->relation->nfar_links; i++)
	{
		appendStringInfoString(buf, " AND ");
		append_operator(buf, orm_batch_value(batch, first + i, alias), &writing->relation->far_links[i],
						psprintf("p.%s", quote_identifier(writing->relation->far_links[i].near_column)));
	}
}

/* the junction's row is the pair's */
static void
append_match(Writing *writing, OrmDeparse *deparse, StringInfo buf, const OrmBatch *batch)
{
	append_owner_match(writing, buf, batch, "k");
	append_target_match(writing, buf, batch, writing->relation->nlinks, "k");
	append_constants(writing, deparse, buf);
}

/* all lock in one order */
static void
append_lock(Writing *writing, StringInfo buf)
{
	const char *lead = " ORDER BY ";

	if (!orm_lookup_may_lock(writing->relation->through))
		return;
	for (int i = 0; i < writing->relation->nlinks; i++, lead = ", ")
		appendStringInfo(buf, "%sp.%s", lead, quote_identifier(writing->relation->links[i].far_column));
	for (int i = 0; i < writing->relation->nfar_links; i++)
		appendStringInfo(buf, ", p.%s", quote_identifier(writing->relation->far_links[i].near_column));
	appendStringInfoString(buf, " FOR NO KEY UPDATE OF p");
}

/* ---- reading ---- */

/* which pivot columns does some pair of the list give? */
static bool *
pivots_of(Writing *writing, List *pairs)
{
	bool	   *with = palloc0(sizeof(bool) * (writing->relation->npivots + 1));
	ListCell   *cell;

	foreach(cell, pairs)
		for (int i = 0; i < writing->relation->npivots; i++)
			with[i] |= orm_pivot_given(&writing->write->pairs[lfirst_int(cell)], i);
	return with;
}

static bool
row_differs(Writing *writing, const OrmPivotPair *pair, const bool *with, const Datum *values, const bool *nulls)
{
	int			c = 0;

	for (int i = 0; i < writing->relation->npivots; i++)
	{
		if (!with[i])
			continue;
		if (orm_pivot_given(pair, i) &&
			(pair->nulls[i] != nulls[c] ||
			 (!nulls[c] && !datum_image_eq(pair->pivots[i], values[c], writing->columns->pivots[i].byval, writing->columns->pivots[i].len))))
			return true;
		c++;
	}
	return false;
}

/* which pairs have a row, and whether it is as they want it */
static void
read_pairs(Writing *writing, List *pairs)
{
	bool	   *with = pivots_of(writing, pairs);
	OrmBatch   *batch = batch_of(writing, pairs, NULL);
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT k.ord");
	for (int i = 0; i < writing->relation->npivots; i++)
		if (with[i])
			appendStringInfo(&buf, ", p.%s", quote_identifier(writing->relation->pivots[i]));
	appendStringInfoString(&buf, " FROM ");
	orm_batch_append(&deparse, &buf, batch, "k");
	appendStringInfo(&buf, " JOIN %s AS p ON ", writing->table);
	append_match(writing, &deparse, &buf, batch);
	append_lock(writing, &buf);
	rows = orm_statement_write(&deparse, &buf, batch->nrows);
	for (int i = 0; i < rows->nrows; i++)
	{
		int			pair = list_nth_int(pairs, DatumGetInt64(rows->values[i][0]) - 1);

		writing->there[pair] = true;
		if (row_differs(writing, &writing->write->pairs[pair], with, rows->values[i] + 1, rows->nulls[i] + 1))
			writing->differs[pair] = true;
	}
}

/* ---- writing ---- */

/* sets the outcome of the pairs whose numbers a statement has returned */
static void
take_outcome(Writing *writing, List *pairs, const OrmRows *rows, OrmPivotOutcome outcome)
{
	for (int i = 0; i < rows->nrows; i++)
	{
		int			pair = list_nth_int(pairs, DatumGetInt64(rows->values[i][0]) - 1);

		writing->there[pair] = outcome != ORM_PIVOT_UNLINKED;
		writing->write->pairs[pair].outcome = outcome;
	}
}

static void
delete_pairs(Writing *writing, List *pairs)
{
	OrmBatch   *batch = batch_of(writing, pairs, NULL);
	OrmDeparse	deparse = {0};
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "DELETE FROM %s AS p USING ", writing->table);
	orm_batch_append(&deparse, &buf, batch, "k");
	appendStringInfoString(&buf, " WHERE ");
	append_match(writing, &deparse, &buf, batch);
	appendStringInfoString(&buf, " RETURNING k.ord");
	take_outcome(writing, pairs, orm_statement_write(&deparse, &buf, batch->nrows), ORM_PIVOT_UNLINKED);
}

static void
update_pairs(Writing *writing, List *pairs, const bool *with)
{
	OrmRelation *relation = writing->relation;
	OrmBatch   *batch = batch_of(writing, pairs, with);
	int			c = relation->nlinks + relation->nfar_links;
	OrmDeparse	deparse = {0};
	List	   *old = NIL;
	List	   *new = NIL;
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "UPDATE %s AS p SET ", writing->table);
	for (int i = 0; i < relation->npivots; i++)
	{
		char	   *value;

		if (!with[i])
			continue;
		value = orm_batch_value(batch, c++, "k");
		appendStringInfo(&buf, "%s%s = %s", old ? ", " : "", quote_identifier(relation->pivots[i]), value);
		old = lappend(old, psprintf("p.%s", quote_identifier(relation->pivots[i])));
		new = lappend(new, psprintf("CAST(%s AS %s)", value, orm_statement_type(writing->columns->pivots[i].type, -1)));
	}
	appendStringInfoString(&buf, " FROM ");
	orm_batch_append(&deparse, &buf, batch, "k");
	appendStringInfoString(&buf, " WHERE ");
	append_match(writing, &deparse, &buf, batch);
	appendStringInfo(&buf, " AND %s RETURNING k.ord", orm_statement_differs(old, new));
	take_outcome(writing, pairs, orm_statement_write(&deparse, &buf, batch->nrows), ORM_PIVOT_UPDATED);
}

/*
 * " ON CONFLICT (…) DO NOTHING" where an index says that a pair has one row:
 * somebody else may insert it at the same time. Other unique indexes go on
 * raising.
 */
static void
append_guard(Writing *writing, StringInfo buf)
{
	OrmRelation *relation = writing->relation;
	AttrNumber	attnums[INDEX_MAX_KEYS * 2];
	int			n = 0;
	OrmUnique  *uniques;
	Relation	rel = relation_open(relation->through, AccessShareLock);
	int			nuniques = orm_derive_uniques(rel, &uniques);
	ListCell   *cell;

	for (int i = 0; i < relation->nlinks; i++)
		attnums[n++] = relation->links[i].far_attnum;
	for (int i = 0; i < relation->nfar_links; i++)
		attnums[n++] = relation->far_links[i].near_attnum;
	foreach(cell, writing->constants)
		if (n < lengthof(attnums))
			attnums[n++] = ((OrmPivotConstant *) lfirst(cell))->attnum;
	for (int u = 0; u < nuniques; u++)
	{
		/* the constants may be left out of it, the rest may not */
		if (uniques[u].deferrable || uniques[u].ncolumns > n || uniques[u].ncolumns < relation->nlinks + relation->nfar_links ||
			!orm_unique_within(&uniques[u], 1, attnums, n))
			continue;
		appendStringInfoString(buf, " ON CONFLICT (");
		for (int c = 0; c < uniques[u].ncolumns; c++)
			appendStringInfo(buf, "%s%s", c > 0 ? ", " : "",
							 quote_identifier(get_attname(relation->through, uniques[u].attnums[c], false)));
		appendStringInfoString(buf, ") DO NOTHING");
		break;
	}
	relation_close(rel, NoLock);
}

/* a value that is given stands, even against the relation's condition */
static bool
is_given(const Writing *writing, const bool *with, const OrmPivotConstant *constant)
{
	for (int i = 0; i < writing->relation->npivots; i++)
		if (with[i] && writing->relation->pivot_attnums[i] == constant->attnum)
			return true;
	return false;
}

/* the columns that are written, and the values of "k" that go there; appended */
static void
append_insert(Writing *writing, OrmDeparse *deparse, StringInfo buf, const OrmBatch *batch, const bool *with)
{
	OrmRelation *relation = writing->relation;
	StringInfoData values;
	int			c = 0;
	ListCell   *cell;

	initStringInfo(&values);
	appendStringInfo(buf, "INSERT INTO %s AS p (", writing->table);
	for (int i = 0; i < relation->nlinks; i++, c++)
	{
		appendStringInfo(buf, "%s%s", c > 0 ? ", " : "", quote_identifier(relation->links[i].far_column));
		appendStringInfo(&values, "%s%s", c > 0 ? ", " : "", orm_batch_value(batch, c, "k"));
	}
	for (int i = 0; i < relation->nfar_links; i++, c++)
	{
		appendStringInfo(buf, ", %s", quote_identifier(relation->far_links[i].near_column));
		appendStringInfo(&values, ", %s", orm_batch_value(batch, c, "k"));
	}
	for (int i = 0; i < relation->npivots; i++)
		if (with[i])
		{
			appendStringInfo(buf, ", %s", quote_identifier(relation->pivots[i]));
			appendStringInfo(&values, ", %s", orm_batch_value(batch, c++, "k"));
		}
	foreach(cell, writing->constants)
	{
		OrmPivotConstant *constant = lfirst(cell);

		if (is_given(writing, with, constant))
			continue;
		appendStringInfo(buf, ", %s", quote_identifier(constant->column));
		appendStringInfo(&values, ", $%d", orm_deparse_param(deparse, constant->type, constant->value, false));
	}
	appendStringInfo(buf, ") SELECT %s FROM k ORDER BY k.ord", values.data);
}

static void
insert_pairs(Writing *writing, List *pairs, const bool *with)
{
	OrmRelation *relation = writing->relation;
	OrmBatch   *batch = batch_of(writing, pairs, with);
	OrmDeparse	deparse = {0};
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "WITH k AS (SELECT * FROM ");
	orm_batch_append(&deparse, &buf, batch, "k");
	appendStringInfoString(&buf, "), p AS (");
	append_insert(writing, &deparse, &buf, batch, with);
	append_guard(writing, &buf);
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(&buf, "%sp.%s", i > 0 ? ", " : " RETURNING ", quote_identifier(relation->links[i].far_column));
	for (int i = 0; i < relation->nfar_links; i++)
		appendStringInfo(&buf, ", p.%s", quote_identifier(relation->far_links[i].near_column));
	appendStringInfoString(&buf, ") SELECT k.ord FROM k JOIN p ON ");
	append_owner_match(writing, &buf, batch, "k");
	append_target_match(writing, &buf, batch, relation->nlinks, "k");
	take_outcome(writing, pairs, orm_statement_write(&deparse, &buf, batch->nrows), ORM_PIVOT_LINKED);
}

/* one statement for each set of pivot columns that pairs of the list give */
static void
by_given(Writing *writing, List *pairs, void (*statement)(Writing *writing, List *pairs, const bool *with))
{
	while (pairs != NIL)
	{
		OrmPivotPair *first = &writing->write->pairs[linitial_int(pairs)];
		bool	   *with = pivots_of(writing, list_make1_int(linitial_int(pairs)));
		List	   *alike = NIL;
		List	   *others = NIL;
		ListCell   *cell;

		foreach(cell, pairs)
		{
			OrmPivotPair *pair = &writing->write->pairs[lfirst_int(cell)];
			bool		same = true;

			for (int i = 0; i < writing->relation->npivots; i++)
				same = same && orm_pivot_given(pair, i) == orm_pivot_given(first, i);
			if (same)
				alike = lappend_int(alike, lfirst_int(cell));
			else
				others = lappend_int(others, lfirst_int(cell));
		}
		statement(writing, alike, with);
		pairs = others;
	}
}

/* ---- what is not listed ---- */

/* the owners that are to have just what is listed */
static OrmBatch *
synced_owners(Writing *writing, List **owners)
{
	OrmRelation *relation = writing->relation;
	OrmBatch   *batch;
	ListCell   *cell;

	*owners = NIL;
	for (int i = 0; i < writing->write->nowners; i++)
		if (writing->write->owners[i].sync)
			*owners = lappend_int(*owners, i);
	batch = orm_batch_new(list_length(*owners), relation->nlinks);
	for (int c = 0; c < relation->nlinks; c++)
	{
		batch->columns[c].type = relation->links[c].near_type;
		foreach(cell, *owners)
			batch->columns[c].values[foreach_current_index(cell)] = writing->write->owners[lfirst_int(cell)].values[c];
	}
	return batch;
}

/* " AND NOT EXISTS (…)", appended: the pair is not listed */
static void
append_unlisted(Writing *writing, OrmDeparse *deparse, StringInfo buf, int nowners)
{
	List	   *pairs = NIL;
	OrmBatch   *batch;

	for (int i = 0; i < writing->write->npairs; i++)
	{
		OrmPivotPair *pair = &writing->write->pairs[i];

		if (pair->same_as < 0 && !pair->remove && writing->write->owners[pair->owner].sync)
			pairs = lappend_int(pairs, i);
	}
	batch = batch_of(writing, pairs, NULL);
	if (nowners == 1 && writing->relation->nfar_links == 1)
	{
		OrmLinkColumn *link = &writing->relation->far_links[0];
		char	   *any = orm_batch_any(deparse, batch, writing->relation->nlinks,
										psprintf("p.%s", quote_identifier(link->near_column)),
										getBaseType(get_atttype(writing->relation->through, link->near_attnum)));

		if (any)
		{
			appendStringInfo(buf, " AND NOT (%s)", any);
			return;
		}
	}
	appendStringInfoString(buf, " AND NOT EXISTS (SELECT FROM ");
	orm_batch_append(deparse, buf, batch, "k");
	appendStringInfoString(buf, " WHERE ");
	append_owner_match(writing, buf, batch, "k");
	append_target_match(writing, buf, batch, writing->relation->nlinks, "k");
	appendStringInfoChar(buf, ')');
}

static void
delete_unlisted(Writing *writing)
{
	OrmPivotWrite *write = writing->write;
	List	   *owners;
	OrmBatch   *batch = synced_owners(writing, &owners);
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;
	ListCell   *cell;

	if (owners == NIL)
		return;
	initStringInfo(&buf);
	appendStringInfo(&buf, "WITH d AS (DELETE FROM %s AS p USING ", writing->table);
	orm_batch_append(&deparse, &buf, batch, "o");
	appendStringInfo(&buf, ", %s AS t WHERE ", orm_entity_qualified(writing->target));
	append_owner_match(writing, &buf, batch, "o");
	appendStringInfoString(&buf, " AND ");
	orm_deparse_links(&buf, writing->relation->far_links, writing->relation->nfar_links, "t", "p");
	append_constants(writing, &deparse, &buf);
	orm_deparse_groups(&deparse, &buf, orm_scope_relation_groups(writing->relation, writing->target), " AND ", "t");
	append_unlisted(writing, &deparse, &buf, batch->nrows);
	appendStringInfoString(&buf, " RETURNING o.ord");
	foreach(cell, orm_lookup_key_columns(writing->target))
		appendStringInfo(&buf, ", t.%s", quote_identifier(lfirst(cell)));
	appendStringInfoString(&buf, ") SELECT DISTINCT * FROM d");
	orm_lookup_order(&buf, writing->target, 2);
	rows = orm_statement_write(&deparse, &buf, write->npairs + write->nowners);
	write->nextras = rows->nrows;
	write->extras = palloc(sizeof(OrmPivotExtra) * Max(rows->nrows, 1));
	for (int i = 0; i < rows->nrows; i++)
	{
		write->extras[i].owner = list_nth_int(owners, DatumGetInt64(rows->values[i][0]) - 1);
		write->extras[i].key = rows->values[i] + 1;
	}
}

/* ---- all together ---- */

typedef enum Todo
{
	TODO_REMOVE,
	TODO_READ,
	TODO_UPDATE,
	TODO_INSERT
} Todo;

static List *
pairs_to(Writing *writing, Todo what)
{
	List	   *pairs = NIL;

	for (int i = 0; i < writing->write->npairs; i++)
	{
		OrmPivotPair *pair = &writing->write->pairs[i];
		bool		chosen;

		if (pair->same_as >= 0)
			continue;
		if (pair->remove)
			chosen = what == TODO_REMOVE;
		else
			chosen = what == TODO_READ ||
				(what == TODO_UPDATE && writing->differs[i] && pair->outcome == ORM_PIVOT_UNCHANGED) ||
				(what == TODO_INSERT && !writing->there[i]);
		if (chosen)
			pairs = lappend_int(pairs, i);
	}
	return pairs;
}

static void
write_listed(Writing *writing)
{
	List	   *wanted = pairs_to(writing, TODO_READ);
	List	   *missing;

	if (wanted == NIL)
		return;
	read_pairs(writing, wanted);
	by_given(writing, pairs_to(writing, TODO_UPDATE), update_pairs);
	by_given(writing, pairs_to(writing, TODO_INSERT), insert_pairs);
	/* what somebody else has inserted meanwhile, or a trigger has kept off */
	missing = pairs_to(writing, TODO_INSERT);
	if (missing == NIL)
		return;
	read_pairs(writing, missing);
	by_given(writing, pairs_to(writing, TODO_UPDATE), update_pairs);
}

static void
prepare(Writing *writing, OrmPivotWrite *write)
{
	OrmRelation *relation = write->relation;

	writing->write = write;
	writing->relation = relation;
	writing->target = orm_model_by_relid(relation->target, false);
	writing->constants = orm_pivot_constants(write->entity, relation);
	writing->table = orm_relation_table(relation->through);
	writing->there = palloc0(sizeof(bool) * (write->npairs + 1));
	writing->differs = palloc0(sizeof(bool) * (write->npairs + 1));
	writing->columns = orm_pivot_columns(relation);
}

void
orm_pivot_write(OrmPivotWrite *write)
{
	Writing		writing = {0};
	List	   *removed;

	write->nextras = 0;
	write->extras = NULL;
	prepare(&writing, write);
	orm_pivot_find_equal(write, writing.columns);
	removed = pairs_to(&writing, TODO_REMOVE);
	if (removed != NIL)
		delete_pairs(&writing, removed);
	delete_unlisted(&writing);
	write_listed(&writing);
	for (int i = 0; i < write->npairs; i++)
		if (write->pairs[i].same_as >= 0)
			write->pairs[i].outcome = write->pairs[write->pairs[i].same_as].outcome;
}
