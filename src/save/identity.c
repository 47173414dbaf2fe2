/*
 * identity.c
 *	  By what a row of the input is found, and which rows of the input are one.
 */
#include "base/compat.h"

#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "save/graph_reader.h"
#include "save/identity.h"
#include "save/morph.h"
#include "save/row_link.h"

/* ---- what a row is found by ---- */

static const OrmSaveMatch *
match_properties(OrmSaveTable *table, List *properties)
{
	AttrNumber	attnums[INDEX_MAX_KEYS];
	int			n = 0;
	ListCell   *cell;

	foreach(cell, properties)
		attnums[n++] = ((OrmProperty *) lfirst(cell))->attnum;
	return orm_save_match(table, attnums, n);
}

/* a value is given, or will come from a link */
static bool
will_be_known(const OrmSaveRow *row, AttrNumber attnum)
{
	uint8		given = row->given[attnum - 1];

	return given == ORM_GIVEN_LINK || (given == ORM_GIVEN_VALUE && !row->nulls[attnum - 1]);
}

static int
count_known(const OrmSaveRow *row, const OrmSaveMatch *match)
{
	int			n = 0;

	for (int i = 0; i < match->ncolumns; i++)
		if (will_be_known(row, match->attnums[i]))
			n++;
	return n;
}

static int
count_given(const OrmSaveRow *row)
{
	int			n = 0;

	for (int i = 0; i < row->table->natts; i++)
		if (row->given[i] != ORM_GIVEN_NOT)
			n++;
	return n;
}

/* ---- links, as far as they can be told before any row is read ---- */

static void
note_link(OrmSaveRow *row, AttrNumber attnum, const OrmRelation *relation)
{
	orm_save_put_aside(row, attnum, relation);
	row->given[attnum - 1] = ORM_GIVEN_LINK;
	row->nulls[attnum - 1] = true;
}

/* does the input give null for a column of the foreign key? Then it refers to nothing, whatever its other columns hold */
static bool
refers_to_nothing(const OrmSaveRow *row, const OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		AttrNumber	attnum = relation->links[i].near_attnum;

		if (row->given[attnum - 1] == ORM_GIVEN_VALUE && row->nulls[attnum - 1])
			return true;
	}
	return false;
}

/* of a polymorphic link: the column that says what the row on the other side is */
static void
note_type(OrmSaveRow *row, const OrmTypeColumn *type, bool null)
{
	if (!null && orm_save_says_type(row, type))
		return;
	row->given[type->attnum - 1] = ORM_GIVEN_VALUE;
	row->nulls[type->attnum - 1] = null;
	if (!null)
		row->values[type->attnum - 1] = orm_save_type_value(row->table, type);
}

/* the columns that relations fill, whatever else the input says of them */
static void
note_links(OrmSaveRow *row)
{
	OrmRelation *relation = row->set ? row->set->relation : NULL;

	for (OrmSaveSet *set = row->sets; set; set = set->next)
	{
		if (!orm_save_holds_key(set->relation) || (set->first == NULL && refers_to_nothing(row, set->relation)))
			continue;
		if (set->first == NULL)
			orm_save_shadow(set);
		for (int i = 0; i < set->relation->nlinks; i++)
		{
			note_link(row, set->relation->links[i].near_attnum, set->relation);
			if (set->first == NULL && set->shadow == NULL)
				row->given[set->relation->links[i].near_attnum - 1] = ORM_GIVEN_VALUE;
		}
		if (set->relation->type && set->shadow == NULL)
			note_type(row, set->relation->type, set->first == NULL);
	}
	if (relation == NULL || !orm_save_is_child(relation))
		return;
	for (int i = 0; i < relation->nlinks; i++)
		note_link(row, relation->links[i].far_attnum, relation);
	if (relation->type)
		note_type(row, relation->type, false);
}

static void
note_defaults(OrmSaveRow *row)
{
	ListCell   *cell;

	if (row->set == NULL)
		return;
	foreach(cell, row->set->defaults)
	{
		OrmSaveDefault *preset = lfirst(cell);

		if (row->given[preset->attnum - 1] != ORM_GIVEN_NOT)
			continue;
		row->given[preset->attnum - 1] = ORM_GIVEN_DEFAULT;
		row->values[preset->attnum - 1] = preset->value;
		row->nulls[preset->attnum - 1] = preset->isnull;
	}
}

/* what is not named of a row that is replaced takes its default; what find would not show is left alone */
static void
note_replaced(OrmSaveRow *row)
{
	OrmSaveTable *table = row->table;

	for (int i = 0; i < table->natts; i++)
	{
		OrmSaveColumn *column = &table->columns[i];
		OrmProperty *property = column->property;
		bool		shown = property ? property->update && !property->hidden && !property->lazy && !property->is_key
			: table->flex == i + 1;

		if (shown && row->given[i] == ORM_GIVEN_NOT && !column->passed_over && !column->sequence)
			row->given[i] = ORM_GIVEN_RESET;
	}
}

/* ---- what a row is ---- */

bool
orm_save_key_is_generated(const OrmSaveTable *table)
{
	for (int i = 0; i < table->key->ncolumns; i++)
		if (table->columns[table->key->attnums[i] - 1].sequence)
			return true;
	return false;
}

static void
incomplete_key(const OrmSaveRow *row, const OrmSaveMatch *match)
{
	OrmSaveTable *table = row->table;

	for (int i = 0; i < match->ncolumns; i++)
		if (!will_be_known(row, match->attnums[i]))
		{
			OrmProperty *property = table->columns[match->attnums[i] - 1].property;

			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is needed to find a row of entity \"%s\"",
							property ? property->name : table->columns[match->attnums[i] - 1].name, table->entity->name),
					 orm_save_errdetail(table->call, row->start, "It is not given, or null.")));
		}
}

/* the unique set that a to-one names and nothing besides, or NULL */
static const OrmSaveMatch *
unique_named(OrmSaveRow *row)
{
	OrmSaveTable *table = row->table;
	int			ngiven = count_given(row);

	for (int u = 0; u < table->entity->nuniques; u++)
	{
		OrmUnique  *unique = &table->entity->uniques[u];
		const OrmSaveMatch *match;

		if (unique->ncolumns != ngiven)
			continue;
		match = orm_save_match(table, unique->attnums, unique->ncolumns);
		if (count_known(row, match) == ngiven)
			return match;
	}
	return NULL;
}

/* some parts of a composite key are missing: the row is new if they have defaults */
static void
check_partial(const OrmSaveRow *row)
{
	const OrmSaveMatch *key = row->table->key;

	for (int i = 0; i < key->ncolumns; i++)
		if (!will_be_known(row, key->attnums[i]) && !row->table->columns[key->attnums[i] - 1].has_default)
			incomplete_key(row, key);
}

/* an element of a relation, or a root that is saved or replaced */
static const OrmSaveMatch *
match_saved(OrmSaveRow *row)
{
	const OrmSaveMatch *key = row->table->key;
	OrmRelation *relation = row->set ? row->set->relation : NULL;
	bool		many_to_many = relation && orm_save_has_junction(relation);
	bool		leaf = row->sets == NULL && (many_to_many || !row->delete);
	int			known = key ? count_known(row, key) : 0;

	if (row->delete && (relation == NULL || orm_save_holds_key(relation)))
		orm_save_wrong_kind(row->table->call, row->start, "an element of a list", "orm.delete deletes an entity by its key.");

	if (key && known == key->ncolumns)
	{
		row->link_only = leaf && relation && (many_to_many || orm_save_holds_key(relation)) &&
			(row->delete || count_given(row) == known);
		return key;
	}
	if (row->delete && key)
		incomplete_key(row, key);
	if (leaf && relation && orm_save_holds_key(relation))
	{
		const OrmSaveMatch *unique = unique_named(row);

		row->link_only = unique != NULL;
		if (unique)
			return unique;
	}
	if (relation && !relation->to_many && orm_save_is_child(relation) && relation->far_unique)
	{
		AttrNumber	attnums[INDEX_MAX_KEYS + 1];

		for (int i = 0; i < relation->nlinks; i++)
			attnums[i] = relation->links[i].far_attnum;
		if (relation->type)
			attnums[relation->nlinks] = relation->type->attnum;
		return orm_save_match(row->table, attnums, relation->nlinks + (relation->type ? 1 : 0));
	}
	if (known > 0)
		check_partial(row);
	return NULL;
}

static const OrmSaveMatch *
match_root(OrmSaveRow *row)
{
	OrmSaveTable *table = row->table;
	const OrmSaveOptions *options = table->call->options;
	const OrmSaveMatch *match = NULL;

	if (options->by != NIL)
		match = match_properties(table, options->by);
	else if (options->conflict != NIL)
		match = match_properties(table, options->conflict);
	if (match == NULL && row->verb != ORM_UPDATE)
		return match_saved(row);
	if (match == NULL)
		match = table->key;
	if (match == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entity \"%s\" has no key", table->entity->name),
				 errhint("Name a unique set of properties: {\"by\": [...]}.")));
	incomplete_key(row, match);
	return match;
}

static void
refuse_operators_in_key(OrmSaveRow *row)
{
	const OrmSaveMatch *key = row->table->key;

	for (int i = 0; key && i < key->ncolumns; i++)
		if (row->given[key->attnums[i] - 1] >= ORM_GIVEN_INC)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a key can't be changed in place"),
					 orm_save_errdetail(row->table->call, row->start, "The key says which row is meant.")));
}

/* what other rows need to know of the rows of both tables */
static void
look_at(OrmSaveRow *row)
{
	OrmRelation *relation = row->set->relation;
	bool	   *owner = row->set->owner->table->looked_at;
	bool	   *target = row->table->looked_at;

	for (int i = 0; i < relation->nlinks; i++)
		if (orm_save_holds_key(relation))
			target[relation->links[i].far_attnum - 1] = true;
		else
			owner[relation->links[i].near_attnum - 1] = true;
	for (int i = 0; i < relation->nfar_links; i++)
		target[relation->far_links[i].far_attnum - 1] = true;
}

/* the one row that belongs to its owner, named by its key: that links it, and says nothing else of it */
static bool
only_named(const OrmSaveRow *row)
{
	const OrmSaveMatch *key = row->table->key;
	int			others = 0;

	if (row->set == NULL || row->set->relation->to_many || row->sets || key == NULL || count_known(row, key) < key->ncolumns)
		return false;
	for (int i = 0; i < row->table->natts; i++)
		if (row->given[i] != ORM_GIVEN_NOT && row->given[i] != ORM_GIVEN_LINK && row->given[i] != ORM_GIVEN_DEFAULT)
			others++;
	for (int i = 0; i < key->ncolumns; i++)
		if (row->given[key->attnums[i] - 1] != ORM_GIVEN_LINK)
			others--;
	return others == 0;
}

void
orm_save_classify(OrmSaveRow *row)
{
	row->also = NULL;
	note_links(row);
	refuse_operators_in_key(row);
	if (row->set)
		look_at(row);
	if (row->verb == ORM_INSERT)
		row->match = NULL;
	else
		row->match = row->set ? match_saved(row) : match_root(row);
	if (row->link_only)
		return;
	note_defaults(row);
	if (row->verb == ORM_REPLACE && !only_named(row))
		note_replaced(row);
}

/* ---- what is known ---- */

bool
orm_save_known(const OrmSaveRow *row, AttrNumber attnum)
{
	uint8		given = row->given[attnum - 1];

	if (row->exists || row->written)
		return true;
	return given == ORM_GIVEN_VALUE || given == ORM_GIVEN_EQUAL;
}

/* ---- rows that are one ---- */

void
orm_save_contradiction(const OrmSaveRow *one, const OrmSaveRow *other, const char *what)
{
	const OrmSaveCall *call = one->table->call;
	const OrmSaveRow *first = one->start < other->start ? one : other;
	const OrmSaveRow *second = first == one ? other : one;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a row of entity \"%s\" is given twice, and not the same", one->table->entity->name),
			 errdetail_internal("At %s: \"%s\" is not what it is at %s.", orm_save_pointer(call, second->start), what,
								orm_save_pointer(call, first->start))));
}

static const char *
column_label(const OrmSaveTable *table, int i)
{
	return table->columns[i].property ? table->columns[i].property->name : table->columns[i].name;
}

static bool
is_operator(uint8 given)
{
	return given >= ORM_GIVEN_INC;
}

static bool
says(uint8 given)
{
	return given == ORM_GIVEN_VALUE || given == ORM_GIVEN_EQUAL;
}

/* what "row" gives goes to "into", too */
static void
merge(OrmSaveRow *into, OrmSaveRow *row)
{
	OrmSaveTable *table = into->table;

	if (into->delete != row->delete)
		orm_save_contradiction(into, row, "$delete");
	for (int i = 0; i < table->natts; i++)
	{
		uint8		there = into->given[i];
		uint8		here = row->given[i];

		if (is_operator(there) || is_operator(here))
			orm_save_contradiction(into, row, column_label(table, i));
		if (says(there) && says(here))
		{
			if (into->nulls[i] != row->nulls[i] ||
				(!into->nulls[i] && !datum_image_eq(into->values[i], row->values[i], table->columns[i].typbyval,
													table->columns[i].typlen)))
				orm_save_contradiction(into, row, column_label(table, i));
		}
		else if (here != ORM_GIVEN_NOT && here != ORM_GIVEN_DEFAULT && !says(there))
		{
			into->given[i] = here;
			into->nulls[i] = row->nulls[i];
			into->values[i] = row->values[i];
		}
	}
	into->differs = into->differs || row->differs;
	into->asides = list_concat(into->asides, row->asides);
	if (row->version_given && !into->version_given)
	{
		into->version_given = true;
		into->version = row->version;
	}
}

static void
unite(OrmSaveTable *table, OrmSaveRow *row, uint32 number)
{
	OrmSaveRow *there = table->keyed[number - 1];

	if (there == row)
		return;					/* it was looked up once more */

	/* the one that says something is the one that is written */
	if (there->link_only && !row->link_only)
	{
		table->keyed[number - 1] = row;
		there->same = row;
		row->also = there;
		return;
	}
	row->same = there;
	row->also = there->also;
	there->also = row;
	if (!row->link_only)
		merge(there, row);
}

static bool
key_of(const OrmSaveRow *row, Datum *key)
{
	const OrmSaveMatch *match = row->table->key;

	for (int i = 0; i < match->ncolumns; i++)
	{
		if (!orm_save_known(row, match->attnums[i]) || row->nulls[match->attnums[i] - 1])
			return false;
		key[i] = row->values[match->attnums[i] - 1];
	}
	return true;
}

static OrmKeySet *
new_keys(const OrmSaveTable *table, const OrmSaveMatch *match)
{
	Oid			types[INDEX_MAX_KEYS];

	for (int i = 0; i < match->ncolumns; i++)
		types[i] = table->columns[match->attnums[i] - 1].type;
	return orm_key_set_new(match->ncolumns, types, table->call->context);
}

void
orm_save_unite(OrmSaveTable *table, OrmSaveRow **rows, int nrows)
{
	Datum		key[INDEX_MAX_KEYS];

	if (table->key == NULL)
		return;
	if (table->keys == NULL)
		table->keys = new_keys(table, table->key);
	for (int i = 0; i < nrows; i++)
	{
		bool		is_new;
		uint32		number;

		CHECK_FOR_INTERRUPTS();
		if (!key_of(rows[i], key))
			continue;
		number = orm_key_set_intern(table->keys, key, &is_new);
		if (!is_new)
		{
			unite(table, rows[i], number);
			continue;
		}
		if (number > table->maxkeyed)
		{
			MemoryContext old = MemoryContextSwitchTo(table->call->context);

			table->maxkeyed = Max(table->maxkeyed * 2, 64);
			table->keyed = table->keyed ? repalloc_huge(table->keyed, sizeof(OrmSaveRow *) * table->maxkeyed)
				: palloc(sizeof(OrmSaveRow *) * table->maxkeyed);
			MemoryContextSwitchTo(old);
		}
		table->keyed[number - 1] = rows[i];
	}
}

/* ---- rows by other columns ---- */

/* rows of a table that are there, by some columns */
typedef struct RowIndex
{
	const OrmSaveMatch *match;
	OrmKeySet  *keys;
	OrmSaveRow **rows;			/* by number of key */
} RowIndex;

static RowIndex *
new_index(OrmSaveTable *table, const OrmSaveMatch *match)
{
	RowIndex	   *index = orm_save_alloc(table->call, sizeof(RowIndex));
	Datum		values[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];

	index->match = match;
	index->keys = new_keys(table, match);
	index->rows = MemoryContextAllocHuge(table->call->context, sizeof(OrmSaveRow *) * (table->nrows + 1));
	for (OrmSaveRow *row = table->first; row; row = row->next)
	{
		uint32		number;

		if (row->same || row->shadow || !row->exists)
			continue;
		for (int i = 0; i < match->ncolumns; i++)
		{
			values[i] = row->values[match->attnums[i] - 1];
			nulls[i] = row->nulls[match->attnums[i] - 1];
		}
		number = orm_key_set_add(index->keys, values, nulls);
		if (number > 0)
			index->rows[number] = row;
	}
	return index;
}

OrmSaveRow *
orm_save_row_with(OrmSaveTable *table, const AttrNumber *attnums, int n, const Datum *values)
{
	const OrmSaveMatch *match = orm_save_match(table, attnums, n);
	RowIndex	   *index = NULL;
	ListCell   *cell;
	uint32		number;

	foreach(cell, table->indexes)
		if (((RowIndex *) lfirst(cell))->match == match)
			index = lfirst(cell);
	if (index == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(table->call->context);

		index = new_index(table, match);
		table->indexes = lappend(table->indexes, index);
		MemoryContextSwitchTo(old);
	}
	if (index->keys->nkeys == 0)
		return NULL;
	number = orm_key_set_find(index->keys, values);
	return number > 0 ? index->rows[number] : NULL;
}
