/*
 * ddl_declare.c
 *	  What a statement's options say of a relation and its columns, as rows.
 *
 * SET changes what it names and leaves the rest of a declaration as it is;
 * RESET puts back what holds without a word. WITH (orm.entity = ...) of a
 * CREATE says all: on CREATE OR REPLACE VIEW it replaces what was declared.
 *
 * Checks of names and columns are the declarations' own (declaration.h).
 * Foreign keys are ddl_declare_link.c's.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "utils/lsyscache.h"

#include "declare/catalog_writer.h"
#include "declare/ddl.h"
#include "declare/declaration.h"
#include "declare/property_names.h"

#define NAMING_DEFAULT "column"

static const OrmOption *
find_option(const OrmOptionClause *clause, OrmOptionId id)
{
	ListCell   *lc;

	foreach(lc, clause->options)
	{
		if (((OrmOption *) lfirst(lc))->id == id)
			return lfirst(lc);
	}
	return NULL;
}

/* ---------- the relation ---------- */

/* an option's value; a RESET has none, which is what an option says that was never set */
static void
entity_option(OrmEntityRow *row, const OrmOption *option, bool reset)
{
	switch (option->id)
	{
		case ORM_OPTION_ENTITY:
			row->name = option->text;
			break;
		case ORM_OPTION_KEY:
			row->key = option->names;
			break;
		case ORM_OPTION_COLUMNS:
			row->columns = option->names;
			break;
		case ORM_OPTION_NAMING:
			row->naming = reset ? pstrdup(NAMING_DEFAULT) : option->text;
			break;
		case ORM_OPTION_VERSION:
			row->version = option->text;
			break;
		case ORM_OPTION_SOFT_DELETE:
			row->soft_delete = option->text;
			break;
		case ORM_OPTION_CREATED_AT:
			row->created_at = option->text;
			break;
		case ORM_OPTION_UPDATED_AT:
			row->updated_at = option->text;
			break;
		case ORM_OPTION_FLEX:
			row->flex = option->text;
			break;
		case ORM_OPTION_DERIVE:
			row->derive = reset || option->flag;
			break;
		default:
			Assert(false);
	}
}

static void
declare_entity(Oid relid, const OrmOptionClause *clause, bool create)
{
	bool		named = find_option(clause, ORM_OPTION_ENTITY) != NULL;
	OrmEntityRow *row = orm_catalog_entity_by_relid(relid);
	ListCell   *lc;

	if (clause->reset)
	{
		if (row == NULL)
			return;
		if (named)
		{
			orm_drop_entity(relid);
			return;
		}
	}
	else if (named && (create || row == NULL))
	{
		row = palloc0(sizeof(OrmEntityRow));
		row->relation = relid;
		row->naming = pstrdup(NAMING_DEFAULT);
		row->derive = true;
	}
	else
		row = orm_declared_entity(relid);

	foreach(lc, clause->options)
		entity_option(row, lfirst(lc), clause->reset);
	orm_declare_entity(row);
}

/* ---------- a column's property ---------- */

/* the row for a column, or an empty one that bears its derived name */
static OrmPropertyRow *
property_of_column(Oid relid, const char *column, const char *derived_name)
{
	OrmPropertyRow *row;
	ListCell   *lc;

	foreach(lc, orm_catalog_properties(relid))
	{
		row = lfirst(lc);
		if (!row->dropped && row->column_name != NULL && strcmp(row->column_name, column) == 0)
			return row;
	}
	row = palloc0(sizeof(OrmPropertyRow));
	row->relation = relid;
	row->name = pstrdup(derived_name);
	row->column_name = pstrdup(column);
	row->insert = row->update = row->hidden = row->lazy = -1;
	return row;
}

static void
property_option(OrmPropertyRow *row, const OrmOption *option, bool reset, const char *derived_name)
{
	int8		flag = reset ? -1 : (option->flag ? 1 : 0);

	switch (option->id)
	{
		case ORM_OPTION_PROPERTY:
			row->name = reset ? pstrdup(derived_name) : option->text;
			break;
		case ORM_OPTION_INSERT:
			row->insert = flag;
			break;
		case ORM_OPTION_UPDATE:
			row->update = flag;
			break;
		case ORM_OPTION_HIDDEN:
			row->hidden = flag;
			break;
		case ORM_OPTION_LAZY:
			row->lazy = flag;
			break;
		case ORM_OPTION_CAST:
			row->cast_as = option->text;
			break;
		default:
			Assert(false);
	}
}

/* would the column be the same property without the row? */
static bool
says_nothing(const OrmPropertyRow *row, const char *derived_name)
{
	return strcmp(row->name, derived_name) == 0 && row->cast_as == NULL &&
		row->insert < 0 && row->update < 0 && row->hidden < 0 && row->lazy < 0;
}

static void
declare_property(Oid relid, const OrmOptionClause *clause)
{
	OrmEntityRow *entity = orm_declared_entity(relid);
	char	   *derived_name = orm_derived_name(entity, clause->column);
	OrmPropertyRow *row;
	char	   *former_name;
	ListCell   *lc;

	row = property_of_column(relid, clause->column, derived_name);
	former_name = row->name;
	foreach(lc, clause->options)
	{
		const OrmOption *option = lfirst(lc);

		if (option->id < ORM_OPTION_RELATION)
			property_option(row, option, clause->reset, derived_name);
	}

	/* the catalog's key is the name: a new one is another row */
	if (strcmp(former_name, row->name) != 0 || (clause->reset && says_nothing(row, derived_name)))
	{
		orm_check_owner(relid);
		orm_catalog_delete_property(relid, former_name);
		CommandCounterIncrement();
	}
	if (!(clause->reset && says_nothing(row, derived_name)))
		orm_declare_property(row);
}

/* ---------- */

/*
 * The server's own check went with the options: a column whose options are all
 * ours is nowhere in what it is left to execute.
 */
static void
check_column(Oid relid, const char *column)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", column, get_rel_name(relid))));
	if (attnum < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot alter system column \"%s\"", column)));
}

static void
declare_column(Oid relid, const OrmOptionClause *clause)
{
	bool		of_property = false;
	bool		of_link = false;
	ListCell   *lc;

	check_column(relid, clause->column);
	if (clause->reset && orm_catalog_entity_by_relid(relid) == NULL)
		return;
	foreach(lc, clause->options)
	{
		if (((OrmOption *) lfirst(lc))->id < ORM_OPTION_RELATION)
			of_property = true;
		else
			of_link = true;
	}
	if (of_property)
		declare_property(relid, clause);
	CommandCounterIncrement();
	if (of_link)
		orm_ddl_declare_link(relid, clause);
}

void
orm_ddl_declare(Oid relid, const OrmOptionSubject *subject)
{
	ListCell   *lc;

	/* the entity first: one ALTER TABLE may set it and speak of its columns in any order */
	for (int columns = 0; columns < 2; columns++)
	{
		foreach(lc, subject->clauses)
		{
			OrmOptionClause *clause = lfirst(lc);

			if ((clause->column != NULL) != (columns == 1))
				continue;
			CommandCounterIncrement();
			if (clause->column != NULL)
				declare_column(relid, clause);
			else
				declare_entity(relid, clause, subject->relkind != '\0');
		}
	}
	CommandCounterIncrement();
}
