/*
 * declaration_scope.c
 *	  Declares and drops scopes.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "declare/catalog_writer.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/fault.h"
#include "model/expression.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"

static void
check_form(OrmFaults *faults, const OrmScopeRow *row)
{
	List	   *seen = NIL;
	ListCell   *cell;

	if (row->name[0] == '\0')
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "a scope needs a name");
	if ((row->condition == NULL) == (row->predicate == NULL))
	{
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "scope \"%s\" has %s", row->name,
				  row->condition ? "both a condition and a predicate" : "neither a condition nor a predicate");
		orm_fault_hint(faults, "Give one of \"condition\" and \"predicate\".");
	}
	if (row->global && row->arguments != NIL)
	{
		orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "global scope \"%s\" cannot have arguments", row->name);
		orm_fault_hint(faults, "Nobody is there to give them; a setting can be compared with: {\"$setting\": \"app.tenant\"}.");
	}
	foreach(cell, row->arguments)
	{
		char	   *name = lfirst(cell);

		if (name[0] == '\0')
			orm_fault(faults, ERRCODE_INVALID_PARAMETER_VALUE, "an argument of scope \"%s\" has no name", row->name);
		if (orm_names_include(seen, name))
			orm_fault(faults, ERRCODE_DUPLICATE_OBJECT, "scope \"%s\" has two arguments \"%s\"", row->name, name);
		seen = lappend(seen, name);
	}
}

/* the predicate as it is stored */
static char *
check_predicate(const OrmScopeRow *row)
{
	int			n = list_length(row->arguments);
	Oid		   *types = palloc(sizeof(Oid) * Max(n, 1));
	Relation	rel = relation_open(row->relation, AccessShareLock);
	char	   *text = orm_predicate_analyse(rel, row->predicate, n, types);

	relation_close(rel, NoLock);
	return text;
}

static void
check_condition(const OrmScopeRow *row)
{
	if (strcmp(row->condition, "{}") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("condition of scope \"%s\" is empty", row->name),
				 errhint("Drop the scope to have it hold no longer.")));
	orm_declared_check(NULL, orm_model_by_relid(row->relation, false), row->condition, row->arguments);
}

void
orm_declare_scope(const OrmScopeRow *row)
{
	OrmScopeRow checked = *row;
	OrmFaults	faults = {0};

	orm_check_owner(row->relation);
	orm_catalog_lock();
	(void) orm_declared_entity(row->relation);
	check_form(&faults, row);
	orm_faults_raise(&faults);
	/* these raise by themselves, so they come last */
	if (row->predicate)
		checked.predicate = check_predicate(row);
	else
		check_condition(row);
	orm_catalog_write_scope(&checked);
}

static bool
is_declared(Oid relid, const char *name, List **names)
{
	ListCell   *cell;

	*names = NIL;
	foreach(cell, orm_catalog_scopes(relid))
		*names = lappend(*names, ((OrmScopeRow *) lfirst(cell))->name);
	return orm_names_include(*names, name);
}

void
orm_drop_scope(Oid relid, const char *name)
{
	OrmEntityRow *entity;
	List	   *names;

	orm_check_owner(relid);
	orm_catalog_lock();
	entity = orm_declared_entity(relid);
	if (!is_declared(relid, name, &names))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("entity \"%s\" has no scope \"%s\"", entity->name, name),
				 orm_hint_names(name, names, "scopes")));
	orm_catalog_delete_scope(relid, name);
}

void
orm_hide_scope(Oid relid, const char *name)
{
	orm_check_owner(relid);
	orm_catalog_lock();
	(void) orm_declared_entity(relid);
	orm_catalog_delete_scope(relid, name);
}
