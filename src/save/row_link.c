/*
 * row_link.c
 *	  Foreign keys from the rows that they point to.
 */
#include "base/compat.h"

#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "save/identity.h"
#include "save/row_link.h"

bool
orm_save_link(const OrmSaveSet *set, OrmSaveRow *row, OrmSaveLink *link)
{
	OrmRelation *relation = set->relation;
	bool		near = relation->kind == ORM_BELONGS_TO;

	if (relation->kind == ORM_MANY_TO_MANY)
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

/* the value as one of the other column's type */
static Datum
converted(OrmSaveTable *from, AttrNumber source, OrmSaveTable *to, AttrNumber target, Datum value)
{
	Oid			given = from->columns[source - 1].type;
	Oid			output;
	bool		varlena;

	if (getBaseType(given) == getBaseType(to->columns[target - 1].type))
		return value;
	getTypeOutputInfo(given, &output, &varlena);
	return orm_codec_from_text(orm_save_decoder(to, target), OidOutputFunctionCall(output, value));
}

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
		holder->given[into - 1] = ORM_GIVEN_VALUE;
		holder->nulls[into - 1] = isnull;
		holder->values[into - 1] = value;
		holder->differs = holder->differs || holder->exists;
	}
	else if (holder->nulls[into - 1] != isnull ||
			 (!isnull && !datum_image_eq(value, holder->values[into - 1], column->typbyval, column->typlen)))
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
orm_save_resolve(OrmSaveRow *row)
{
	for (OrmSaveRow *place = row; place; place = place->also)
	{
		if (place->set && place->set->relation->kind != ORM_BELONGS_TO)
			resolve(place->set, place);
		for (OrmSaveSet *set = place->sets; set; set = set->next)
			if (set->relation->kind == ORM_BELONGS_TO && set->first)
				resolve(set, set->first);
	}
}
