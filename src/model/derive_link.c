/*
 * derive_link.c
 *	  How the rows of two relations meet: links, and facts of their two sides.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/genam.h"
#include "access/relation.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "storage/bufmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "model/derive.h"
#include "model/derive_link.h"
#include "model/foreign_key.h"
#include "model/index_order.h"

/* pages up to which a table is read through sooner than looked up in */
#define SMALL_TABLE		16

/* keys travel as arrays of their type, taken apart to one value a key: not so arrays and rows */
static bool
type_can_travel(Oid type)
{
	return OidIsValid(get_array_type(type)) && !type_is_rowtype(type);
}

bool
orm_derive_meeting(OrmLinkColumn *link, Oid near_relid, Oid near_type, Oid far_relid)
{
	Oid			op = orm_link_operator(get_atttype(far_relid, link->far_attnum), near_type);
	Oid			taken_type;
	Oid			type;
	int32		typmod;
	Oid			far_collation;

	if (!OidIsValid(op))
		return false;
	link->operator_name = get_opname(op);
	link->operator_schema = orm_operator_schema(op);
	op_input_types(op, &taken_type, &link->met_type);
	get_atttypetypmodcoll(near_relid, link->near_attnum, &type, &typmod, &link->near_collation);
	get_atttypetypmodcoll(far_relid, link->far_attnum, &type, &typmod, &far_collation);
	if (type_is_collatable(link->met_type))
		link->met_collation = OidIsValid(link->near_collation) &&
			(!OidIsValid(far_collation) || far_collation == DEFAULT_COLLATION_OID) ? link->near_collation : far_collation;
	link->collates_key = OidIsValid(link->met_collation) && link->met_collation != far_collation;
	link->image_equal = orm_link_is_image_equal(type, link->collates_key ? link->met_collation : far_collation, near_type);
	return true;
}

bool
orm_derive_links(OrmLinkColumn **links, Oid near_relid, const AttrNumber *near, Oid far_relid,
			 const AttrNumber *far, int n)
{
	*links = palloc0(sizeof(OrmLinkColumn) * n);
	for (int i = 0; i < n; i++)
	{
		OrmLinkColumn *link = &(*links)[i];

		link->near_attnum = near[i];
		link->near_column = get_attname(near_relid, near[i], true);
		link->far_attnum = far[i];
		link->far_column = get_attname(far_relid, far[i], true);
		if (link->near_column == NULL || link->far_column == NULL)
			return false;
		link->near_type = getBaseType(get_atttype(near_relid, near[i]));
		if (!orm_derive_meeting(link, near_relid, link->near_type, far_relid) || !type_can_travel(link->near_type))
			return false;
	}
	return true;
}

/* columns of the far side by which its rows are found: attnums of the links, and behind them the type column */
static int
far_columns(const OrmRelation *relation, AttrNumber *attnums)
{
	int			n = 0;

	for (int i = 0; i < relation->nlinks; i++)
		attnums[n++] = relation->links[i].far_attnum;
	if (relation->type && !relation->type->near)
		attnums[n++] = relation->type->attnum;
	return n;
}

/* "column = alias", as the parser makes it of an index's predicate */
static Expr *
type_clause(const OrmTypeColumn *type, Oid op, Oid declared, int32 typmod)
{
	Expr	   *column = (Expr *) makeVar(1, type->attnum, declared, typmod, type->collation, 0);
	Oid			left;
	Oid			right;
	Oid			input;
	Oid			param;
	int16		typlen;
	bool		typbyval;
	Datum		value;

	op_input_types(op, &left, &right);
	if (IsPolymorphicType(left))
		left = right = type->type;
	if (left != declared)
		column = (Expr *) makeRelabelType(column, left, -1, type->collation, COERCE_IMPLICIT_CAST);
	getTypeInputInfo(right, &input, &param);
	value = OidInputFunctionCall(input, type->alias, param, -1);
	get_typlenbyval(right, &typlen, &typbyval);
	return make_opclause(op, BOOLOID, false, column,
						 (Expr *) makeConst(right, -1, get_typcollation(right), typlen, value, false, typbyval),
						 InvalidOid, type->collation);
}

/* does a partial index over the rows of this type lead with the columns of the links? */
static bool
indexed_for_type(Relation rel, const OrmRelation *relation, const AttrNumber *attnums)
{
	Oid			declared;
	int32		typmod;
	Oid			collation;
	Oid			op;
	ListCell   *cell;
	bool		found = false;
	Expr	   *clause;

	if (relation->type == NULL || relation->type->near)
		return false;
	get_atttypetypmodcoll(RelationGetRelid(rel), relation->type->attnum, &declared, &typmod, &collation);
	op = lookup_type_cache(relation->type->type, TYPECACHE_EQ_OPR)->eq_opr;
	clause = type_clause(relation->type, op, declared, typmod);
	foreach(cell, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		List	   *predicate = RelationGetIndexPredicate(index);

		found = found || (predicate != NIL && predicate_implied_by(predicate, list_make1(clause), false) &&
						  orm_index_starts_with(index, attnums, relation->nlinks));
		index_close(index, AccessShareLock);
	}
	return found;
}

void
orm_derive_far_side(OrmRelation *relation)
{
	Relation	rel = try_relation_open(orm_relation_far(relation), AccessShareLock);
	AttrNumber	attnums[INDEX_MAX_KEYS + 1];
	int			n = far_columns(relation, attnums);
	OrmUnique  *uniques;
	int			nuniques;

	if (rel == NULL)
		return;
	nuniques = orm_derive_uniques(rel, &uniques);
	relation->far_unique = orm_unique_within(uniques, nuniques, attnums, n);
	relation->far_indexed = orm_index_leads_with(rel, attnums, n, false) ||
		orm_index_leads_with(rel, attnums, relation->nlinks, false) ||
		indexed_for_type(rel, relation, attnums);
	relation->far_partial = orm_index_leads_with(rel, attnums, relation->nlinks, true);
	relation->far_orders = orm_index_orders(rel, attnums, n);
	relation->far_nexts = orm_index_nexts(rel, attnums, n);
	/* what is unique under its own collation may not be under another */
	for (int i = 0; i < relation->nlinks; i++)
		if (relation->links[i].collates_key)
			relation->far_unique = false;
	relation->far_large = !RELKIND_HAS_STORAGE(rel->rd_rel->relkind) || RelationGetNumberOfBlocks(rel) > SMALL_TABLE;
	relation_close(rel, AccessShareLock);
}

void
orm_derive_near_side(OrmEntity *entity, OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		OrmProperty *property = orm_entity_property_by_attnum(entity, relation->links[i].near_attnum);

		if (property == NULL || !property->not_null)
			relation->near_nullable = true;
	}
}

bool
orm_derive_columns(Oid relid, List *names, AttrNumber *attnums)
{
	ListCell   *cell;
	int			n = 0;

	if (list_length(names) > INDEX_MAX_KEYS)
		return false;
	foreach(cell, names)
	{
		attnums[n] = get_attnum(relid, lfirst(cell));
		if (attnums[n] == InvalidAttrNumber)
			return false;
		n++;
	}
	return true;
}

static Jsonb *
jsonb_of(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/* does the relation's condition say {"$pivot": {column: value}}? Then it is the same in all of its rows. */
static bool
is_pivot_constant(const OrmRelation *relation, const char *column)
{
	Jsonb	   *condition = relation->condition ? jsonb_of(relation->condition) : NULL;
	JsonbValue	pivot;
	JsonbValue	value;

	return condition && JB_ROOT_IS_OBJECT(condition) &&
		getKeyJsonValueFromContainer(&condition->root, "$pivot", 6, &pivot) != NULL &&
		pivot.type == jbvBinary && JsonContainerIsObject(pivot.val.binary.data) &&
		getKeyJsonValueFromContainer(pivot.val.binary.data, column, strlen(column), &value) != NULL &&
		value.type != jbvBinary && value.type != jbvNull;
}

static List *
columns_not_linked(OrmRelation *relation)
{
	Relation	rel = relation_open(relation->through, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		linked = att->attisdropped || (relation->type && relation->type->attnum == att->attnum);

		for (int l = 0; !linked && l < relation->nlinks; l++)
			linked = relation->links[l].far_attnum == att->attnum;
		for (int l = 0; !linked && l < relation->nfar_links; l++)
			linked = relation->far_links[l].near_attnum == att->attnum;
		if (!linked && !is_pivot_constant(relation, NameStr(att->attname)))
			names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	relation_close(rel, AccessShareLock);
	return names;
}

static void
set_pivots(OrmRelation *relation, List *names)
{
	ListCell   *cell;

	relation->pivots = palloc(sizeof(char *) * (list_length(names) + 1));
	relation->pivot_attnums = palloc(sizeof(AttrNumber) * (list_length(names) + 1));
	foreach(cell, names)
	{
		AttrNumber	attnum = get_attnum(relation->through, lfirst(cell));

		if (attnum == InvalidAttrNumber)
			continue;
		relation->pivots[relation->npivots] = lfirst(cell);
		relation->pivot_attnums[relation->npivots++] = attnum;
	}
}

void
orm_derive_pivots(OrmRelation *relation, bool given, List *names)
{
	set_pivots(relation, given ? names : columns_not_linked(relation));
}

bool
orm_derive_target(OrmEntity *entity, OrmRelation *relation, Oid relid)
{
	OrmEntityRow *row;

	orm_derive_depends_on(entity, relid);
	row = orm_catalog_entity_by_relid(relid);
	relation->target = relid;
	relation->target_name = row ? row->name : NULL;
	return row != NULL;
}

bool
orm_derive_link_names(OrmLinkColumn **links, int *nlinks, Oid near, List *near_columns, Oid far, List *far_columns)
{
	AttrNumber	near_attnums[INDEX_MAX_KEYS];
	AttrNumber	far_attnums[INDEX_MAX_KEYS];

	*nlinks = list_length(near_columns);
	return *nlinks > 0 && *nlinks == list_length(far_columns) &&
		orm_derive_columns(near, near_columns, near_attnums) &&
		orm_derive_columns(far, far_columns, far_attnums) &&
		orm_derive_links(links, near, near_attnums, far, far_attnums, *nlinks);
}
