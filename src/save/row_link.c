/*
 * row_link.c
 *	  Foreign keys from the rows that they point to.
 */
#include "base/compat.h"

#include "parser/parse_coerce.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "model/model_cache.h"
#include "save/identity.h"
#include "save/row_link.h"

bool
orm_save_link(const OrmSaveSet *set, OrmSaveRow *row, OrmSaveLink *link)
{
	OrmRelation *relation = set->relation;
	bool		near = orm_save_holds_key(relation);

	if (orm_save_has_junction(relation))
		return false;
	link->holder = near ? set->owner : row;
	link->source = near ? row : set->owner;
	link->ncolumns = relation->nlinks;
	for (int i = 0; i < relation->nlinks; i++)
	{
		link->into[i] = near ? relation->links[i].near_attnum : relation->links[i].far_attnum;
		link->from[i] = near ? relation->links[i].far_attnum : relation->links[i].near_attnum;
	}
	return true;
}

bool
orm_save_link_is_nullable(const OrmSaveLink *link)
{
	for (int i = 0; i < link->ncolumns; i++)
		if (link->holder->table->columns[link->into[i] - 1].not_null)
			return false;
	return true;
}

/* the value as one of the other column's type: by the cast that an assignment makes, then by its text for modifiers and domains */
static Datum
converted(OrmSaveTable *from, AttrNumber source, OrmSaveTable *to, AttrNumber target, Datum value)
{
	Oid			given = getBaseType(from->columns[source - 1].type);
	Oid			wanted = getBaseType(to->columns[target - 1].type);
	Oid			cast;
	Oid			output;
	bool		varlena;

	if (given == wanted)
		return value;
	if (find_coercion_pathway(wanted, given, COERCION_ASSIGNMENT, &cast) == COERCION_PATH_FUNC)
	{
		/* the arguments that a cast may have beyond the value: modifier, and whether it is explicit */
		value = OidFunctionCall3(cast, value, Int32GetDatum(-1), BoolGetDatum(false));
		given = wanted;
	}
	getTypeOutputInfo(given, &output, &varlena);
	return orm_codec_from_text(orm_save_decoder(to, target), OidOutputFunctionCall(output, value));
}

/* equal as a foreign key takes it, or of the same image */
static bool
same_reference(const OrmSaveTable *table, AttrNumber attnum, Datum left, Datum right)
{
	const OrmSaveColumn *column = &table->columns[attnum - 1];
	TypeCacheEntry *type;

	if (datum_image_eq(left, right, column->typbyval, column->typlen))
		return true;
	type = lookup_type_cache(column->type, TYPECACHE_EQ_OPR_FINFO);
	return OidIsValid(type->eq_opr_finfo.fn_oid) &&
		DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, TupleDescAttr(table->desc, attnum - 1)->attcollation, left, right));
}

static bool
ties(const OrmSaveSet *set, OrmSaveRow *element, const OrmSaveRow *holder, AttrNumber attnum)
{
	OrmSaveLink link;

	if (!orm_save_link(set, element, &link) || orm_save_canonical(link.holder) != holder)
		return false;
	for (int i = 0; i < link.ncolumns; i++)
		if (link.into[i] == attnum)
			return true;
	return false;
}

static bool
is_linked(OrmSaveRow *row, AttrNumber attnum)
{
	for (OrmSaveRow *place = row; place; place = place->also)
	{
		if (place->set && ties(place->set, place, row, attnum))
			return true;
		for (OrmSaveSet *set = place->sets; set; set = set->next)
			if (set->first && ties(set, set->first, row, attnum))
				return true;
	}
	return false;
}

bool
orm_save_refers_alike(OrmSaveRow *row, AttrNumber attnum, Datum there)
{
	return !row->nulls[attnum - 1] && same_reference(row->table, attnum, row->values[attnum - 1], there) &&
		is_linked(row, attnum);
}

/* ---- what the input says of the columns themselves ---- */

void
orm_save_put_aside(OrmSaveRow *row, AttrNumber attnum, const OrmRelation *relation)
{
	OrmSaveAside *aside;
	MemoryContext old;

	if (row->given[attnum - 1] != ORM_GIVEN_VALUE)
		return;
	aside = orm_save_alloc(row->table->call, sizeof(OrmSaveAside));
	aside->attnum = attnum;
	aside->relation = relation;
	aside->value = row->values[attnum - 1];
	aside->isnull = row->nulls[attnum - 1];
	old = MemoryContextSwitchTo(row->table->call->context);
	row->asides = lappend(row->asides, aside);
	MemoryContextSwitchTo(old);
}

/* do two values refer to the same? */
static bool
agree(const OrmSaveTable *table, AttrNumber attnum, Datum left, bool left_null, Datum right, bool right_null)
{
	if (left_null || right_null)
		return left_null && right_null;
	return same_reference(table, attnum, left, right);
}

void
orm_save_meet_aside(OrmSaveRow *row, OrmSaveAside *aside, Datum there, bool isnull)
{
	OrmSaveColumn *column = &row->table->columns[aside->attnum - 1];
	MemoryContext old = MemoryContextSwitchTo(row->table->call->context);

	aside->changes = !agree(row->table, aside->attnum, aside->value, aside->isnull, there, isnull);
	aside->there_null = isnull;
	if (aside->changes && !isnull)
		aside->there = datumCopy(there, column->typbyval, column->typlen);
	MemoryContextSwitchTo(old);
}

static void
contradicts(const OrmSaveRow *row, const OrmSaveAside *aside)
{
	const OrmSaveColumn *column = &row->table->columns[aside->attnum - 1];

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" of entity \"%s\" is changed, and relation \"%s\" stays as it was",
					column->property ? column->property->name : column->name, row->table->entity->name, aside->relation->name),
			 orm_save_errdetail(row->table->call, row->start, "The relation fills this property."),
			 errhint("Change the relation, or leave it out.")));
}

/* where the relation is changed as well, it counts: find gave the column with what it was then */
void
orm_save_check_asides(const OrmSaveRow *row)
{
	ListCell   *cell;

	foreach(cell, row->asides)
	{
		const OrmSaveAside *aside = lfirst(cell);
		int			i = aside->attnum - 1;

		if (aside->changes && row->given[i] != ORM_GIVEN_LINK &&
			agree(row->table, aside->attnum, aside->there, aside->there_null, row->values[i], row->nulls[i]))
			contradicts(row, aside);
	}
}

/* ---- values from links ---- */

static void
fill(OrmSaveRow *holder, AttrNumber into, OrmSaveRow *source, AttrNumber from)
{
	OrmSaveTable *table = holder->table;
	OrmSaveColumn *column = &table->columns[into - 1];
	bool		isnull = source->nulls[from - 1];
	Datum		value = (Datum) 0;

	if (!isnull)
		value = converted(source->table, from, table, into, source->values[from - 1]);
	if (holder->given[into - 1] == ORM_GIVEN_LINK)
	{
		/* what the input said of the column itself has been put aside, and is better if it means the same */
		if (!isnull && !column->typbyval && holder->values[into - 1] != (Datum) 0 &&
			same_reference(table, into, value, holder->values[into - 1]))
			value = holder->values[into - 1];
		holder->given[into - 1] = ORM_GIVEN_VALUE;
		holder->nulls[into - 1] = isnull;
		holder->values[into - 1] = value;
		holder->differs = holder->differs || holder->exists;
	}
	else if (holder->nulls[into - 1] != isnull ||
			 (!isnull && !same_reference(table, into, value, holder->values[into - 1])))
		orm_save_contradiction(holder, source, column->property ? column->property->name : column->name);
}

static void
resolve(const OrmSaveSet *set, OrmSaveRow *row)
{
	OrmSaveLink link;
	OrmSaveRow *source;

	if (set->cut || !orm_save_link(set, row, &link))
		return;
	source = orm_save_canonical(link.source);
	for (int i = 0; i < link.ncolumns; i++)
		if (!orm_save_known(source, link.from[i]))
			return;
	for (int i = 0; i < link.ncolumns; i++)
		fill(orm_save_canonical(link.holder), link.into[i], source, link.from[i]);
}

void
orm_save_shadow(OrmSaveSet *set)
{
	OrmRelation *relation = set->relation;
	OrmSaveRow *owner = set->owner;
	OrmSaveTable *target = orm_save_table(owner->table->call, orm_model_by_relid(relation->target, false));
	OrmSaveRow *shadow;
	AttrNumber	attnums[INDEX_MAX_KEYS];

	for (int i = 0; i < relation->nlinks; i++)
	{
		AttrNumber	near = relation->links[i].near_attnum;

		attnums[i] = relation->links[i].far_attnum;
		if (owner->given[near - 1] != ORM_GIVEN_VALUE || owner->nulls[near - 1])
			return;
	}
	shadow = orm_save_row(target, set, set->start);
	for (int i = 0; i < relation->nlinks; i++)
	{
		AttrNumber	near = relation->links[i].near_attnum;
		AttrNumber	far = relation->links[i].far_attnum;

		shadow->given[far - 1] = ORM_GIVEN_VALUE;
		shadow->nulls[far - 1] = false;
		shadow->values[far - 1] = converted(owner->table, near, target, far, owner->values[near - 1]);
	}
	shadow->match = orm_save_match(target, attnums, relation->nlinks);
	shadow->link_only = true;
	shadow->shadow = true;
	set->shadow = shadow;
}

/* the columns of a null to-one: null, or what they are when nobody can tell what null means */
static void
settle(OrmSaveSet *set)
{
	OrmRelation *relation = set->relation;
	OrmSaveRow *owner = orm_save_canonical(set->owner);

	for (int i = 0; i < relation->nlinks; i++)
	{
		int			near = relation->links[i].near_attnum - 1;

		if (owner->given[near] != ORM_GIVEN_LINK)
			continue;
		owner->given[near] = ORM_GIVEN_VALUE;
		owner->nulls[near] = set->shadow->exists;
	}
	if (relation->type && set->shadow->exists)
		owner->nulls[relation->type->attnum - 1] = true;
}

void
orm_save_resolve(OrmSaveRow *row)
{
	for (OrmSaveRow *place = row; place; place = place->also)
	{
		if (place->set && !orm_save_holds_key(place->set->relation))
			resolve(place->set, place);
		for (OrmSaveSet *set = place->sets; set; set = set->next)
			if (orm_save_holds_key(set->relation) && set->first)
				resolve(set, set->first);
			else if (set->shadow && set->shadow->looked_up)
				settle(set);
	}
}
