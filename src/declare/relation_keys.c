/*
 * relation_keys.c
 *	  Relations by foreign keys and by a junction table: the columns that they
 *	  link by, from foreign keys where the declaration does not name them.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "declare/facts.h"
#include "declare/relation_links.h"

static char *
snake_case(const char *name)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const char *from = name; *from; from++)
	{
		bool		upper = *from >= 'A' && *from <= 'Z';

		if (upper && from > name)
			appendStringInfoChar(&text, '_');
		appendStringInfoChar(&text, upper ? *from - 'A' + 'a' : *from);
	}
	return text.data;
}

/* the column that a belongs_to of this name would have, or NULL */
static char *
column_named_after(Oid relid, const char *name)
{
	char	   *guesses[3];

	guesses[0] = psprintf("%s_id", name);
	guesses[1] = psprintf("%s_id", snake_case(name));
	guesses[2] = psprintf("%sId", name);
	for (int i = 0; i < lengthof(guesses); i++)
		if (orm_facts_has_column(relid, guesses[i]))
			return guesses[i];
	return NULL;
}

static List *
only_referencing(List *foreign_keys, List *target_columns)
{
	List	   *matching = NIL;
	ListCell   *cell;

	if (target_columns == NIL)
		return foreign_keys;
	foreach(cell, foreign_keys)
		if (orm_names_equal_sets(((OrmForeignKey *) lfirst(cell))->target_columns, target_columns))
			matching = lappend(matching, lfirst(cell));
	return matching;
}

/* columns of the key in the order of the given columns of its target, or its own order */
static List *
columns_for(OrmForeignKey *key, List *target_columns)
{
	List	   *columns = NIL;
	ListCell   *cell;

	foreach(cell, target_columns)
	{
		int			at = 0;

		while (strcmp(list_nth(key->target_columns, at), lfirst(cell)) != 0)
			at++;
		columns = lappend(columns, list_nth(key->columns, at));
	}
	return target_columns == NIL ? key->columns : columns;
}

static void
ask_for(OrmRelationCheck *check, const char *argument, Oid from, Oid to, List *foreign_keys)
{
	orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
			  "relation \"%s\" needs \"%s\": %s foreign key leads from \"%s\" to \"%s\"",
			  check->row.name, argument, foreign_keys == NIL ? "no" : "more than one",
			  get_rel_name(from), get_rel_name(to));
	if (foreign_keys != NIL)
		orm_fault_hint(&check->faults, "Choose one of %s.", orm_facts_choices(foreign_keys));
}

/*
 * The columns of "to" that those of "from" meet: what a foreign key over them
 * references, else the key of the entity there.
 */
static List *
met_columns(List *foreign_keys, List *columns, const OrmEntityRow *to)
{
	OrmForeignKey *key = orm_facts_foreign_key_over(foreign_keys, columns);

	return key ? key->target_columns : orm_facts_key(to);
}

static void
complete_belongs_to(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *keys = orm_facts_foreign_keys(row->relation, row->target);

	if (row->foreign_key == NIL)
	{
		List	   *matching = only_referencing(keys, row->target_key);
		char	   *column = column_named_after(row->relation, row->name);

		if (list_length(matching) == 1)
			row->foreign_key = columns_for(linitial(matching), row->target_key);
		else if (column)
			row->foreign_key = list_make1(column);
		else
			ask_for(check, "foreign_key", row->relation, row->target, matching);
	}
	if (row->target_key == NIL)
		row->target_key = met_columns(keys, row->foreign_key, check->target);
}

static void
complete_has(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *keys = orm_facts_foreign_keys(row->target, row->relation);

	if (row->foreign_key == NIL)
	{
		List	   *matching = only_referencing(keys, row->local_key);

		if (list_length(matching) == 1)
			row->foreign_key = columns_for(linitial(matching), row->local_key);
		else
			ask_for(check, "foreign_key", row->target, row->relation, matching);
	}
	if (row->local_key == NIL)
		row->local_key = met_columns(keys, row->foreign_key, check->owner);
}

/* are the columns of its primary key just those of a key to each side? */
static bool
is_pure_junction(Oid junction, Oid one, Oid other)
{
	List	   *primary = orm_facts_primary_key(junction);
	ListCell   *cell;
	ListCell   *second;

	foreach(cell, orm_facts_foreign_keys(junction, one))
		foreach(second, orm_facts_foreign_keys(junction, other))
		{
			List	   *columns = list_concat_copy(((OrmForeignKey *) lfirst(cell))->columns,
												   ((OrmForeignKey *) lfirst(second))->columns);

			if (orm_names_equal_sets(primary, columns))
				return true;
		}
	return false;
}

static void
find_junction(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *tables = orm_facts_junctions(row->relation, row->target);
	List	   *pure = NIL;
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, tables)
	{
		if (is_pure_junction(lfirst_oid(cell), row->relation, row->target))
			pure = lappend_oid(pure, lfirst_oid(cell));
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", orm_facts_qualified(lfirst_oid(cell)));
	}
	if (list_length(tables) == 1)
		row->through = linitial_oid(tables);
	else if (list_length(pure) == 1)
		row->through = linitial_oid(pure);
	else
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "relation \"%s\" needs \"through\": %s table has foreign keys to both \"%s\" and \"%s\"",
				  row->name, tables == NIL ? "no" : "more than one",
				  get_rel_name(row->relation), get_rel_name(row->target));
		if (tables != NIL)
			orm_fault_hint(&check->faults, "Choose one of %s.", names.data);
	}
}

/* the keys but the one over these columns */
static List *
other_keys(List *foreign_keys, List *columns)
{
	List	   *others = NIL;
	ListCell   *cell;

	foreach(cell, foreign_keys)
		if (!orm_names_equal_sets(((OrmForeignKey *) lfirst(cell))->columns, columns))
			others = lappend(others, lfirst(cell));
	return others;
}

void
orm_relation_complete_far(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *far = orm_facts_foreign_keys(row->through, row->target);

	if (row->target_foreign_key == NIL)
	{
		List	   *matching = other_keys(only_referencing(far, row->target_key), row->foreign_key);

		if (list_length(matching) == 1)
			row->target_foreign_key = columns_for(linitial(matching), row->target_key);
		else
			ask_for(check, "target_foreign_key", row->through, row->target, matching);
	}
	if (row->target_key == NIL)
		row->target_key = met_columns(far, row->target_foreign_key, check->target);
}

static void
complete_many_to_many(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *near;

	if (!OidIsValid(row->through))
		find_junction(check);
	if (!OidIsValid(row->through))
		return;
	near = orm_facts_foreign_keys(row->through, row->relation);
	if (row->foreign_key == NIL)
	{
		List	   *matching = other_keys(only_referencing(near, row->local_key), row->target_foreign_key);

		if (list_length(matching) == 1)
			row->foreign_key = columns_for(linitial(matching), row->local_key);
		else
			ask_for(check, "foreign_key", row->through, row->relation, matching);
	}
	orm_relation_complete_far(check);
	if (row->local_key == NIL)
		row->local_key = met_columns(near, row->foreign_key, check->owner);
}

/* ---- checks ---- */

static void
check_belongs_to(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	orm_relation_check_link(check, row->relation, row->foreign_key, row->target, row->target_key);
	if (row->target_key != NIL &&
		(get_rel_relkind(row->target) == RELKIND_RELATION ||
		 get_rel_relkind(row->target) == RELKIND_PARTITIONED_TABLE) &&
		check->faults.messages == NIL && !orm_facts_unique(row->target, row->target_key))
	{
		orm_fault(&check->faults, ERRCODE_INVALID_FOREIGN_KEY,
				  "relation \"%s\" belongs to one row, but (%s) of \"%s\" is not unique", row->name,
				  orm_names_joined(row->target_key), get_rel_name(row->target));
		orm_fault_hint(&check->faults, "Add a unique constraint, or declare the relation as has_many.");
	}
}

static void
check_has(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	orm_relation_check_link(check, row->target, row->foreign_key, row->relation, row->local_key);
}

static void
check_many_to_many(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (!OidIsValid(row->through))
		return;
	orm_relation_check_link(check, row->through, row->foreign_key, row->relation, row->local_key);
	orm_relation_check_link(check, row->through, row->target_foreign_key, row->target, row->target_key);
	orm_relation_check_columns(check, row->through, row->pivot);
}

/* ---- notices ---- */

static void
notice_belongs_to(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	if (!orm_facts_unique(row->target, row->target_key))
		ereport(NOTICE,
				(errmsg("relation \"%s\" belongs to one row, but nothing says that (%s) of \"%s\" is unique",
						row->name, orm_names_joined(row->target_key), get_rel_name(row->target))));
}

static void
notice_has_one(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;

	orm_relation_notice_one(check, row->foreign_key);
	orm_relation_notice_index(check, row->target, row->foreign_key);
}

static void
notice_has_many(OrmRelationCheck *check)
{
	orm_relation_notice_index(check, check->row.target, check->row.foreign_key);
}

static void
notice_many_to_many(OrmRelationCheck *check)
{
	orm_relation_notice_index(check, check->row.through, check->row.foreign_key);
}

const OrmRelationRules orm_relation_belongs_to = {
	.takes = ORM_TAKES_INVERSE,
	.complete = complete_belongs_to,
	.check = check_belongs_to,
	.give_notices = notice_belongs_to,
};

const OrmRelationRules orm_relation_has_one = {
	.to_children = true,
	.complete = complete_has,
	.check = check_has,
	.give_notices = notice_has_one,
};

const OrmRelationRules orm_relation_has_many = {
	.to_children = true,
	.complete = complete_has,
	.check = check_has,
	.give_notices = notice_has_many,
};

const OrmRelationRules orm_relation_many_to_many = {
	.takes = ORM_TAKES_PIVOT,
	.complete = complete_many_to_many,
	.check = check_many_to_many,
	.give_notices = notice_many_to_many,
};
