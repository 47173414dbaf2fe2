/*
 * deferral.c
 *	  Defers constraints, and has them checked.
 *
 * The server does not tell whether the caller has deferred a constraint. So it
 * is deferred only when it has objected: then he has not, and it is immediate
 * again afterwards.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_constraint.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "save/deferral.h"

static bool
is_of_link(const ForeignKeyCacheInfo *key, const OrmSaveLink *link)
{
	if (key->nkeys != link->ncolumns || key->confrelid != link->source->table->entity->relid)
		return false;
	for (int i = 0; i < key->nkeys; i++)
	{
		int			at = 0;

		while (at < link->ncolumns && (link->into[at] != key->conkey[i] || link->from[at] != key->confkey[i]))
			at++;
		if (at == link->ncolumns)
			return false;
	}
	return true;
}

/* the constraint of a link, or InvalidOid */
static Oid
constraint_of(const OrmSaveLink *link)
{
	Relation	rel = relation_open(link->holder->table->entity->relid, AccessShareLock);
	Oid			constraint = InvalidOid;
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(rel))
		if (is_of_link(lfirst(cell), link))
			constraint = ((ForeignKeyCacheInfo *) lfirst(cell))->conoid;
	relation_close(rel, NoLock);
	return constraint;
}

static void
set_constraint(const char *name, const char *mode)
{
	SPI_connect();
	SPI_execute(psprintf("SET CONSTRAINTS %s %s", name, mode), false, 0);
	SPI_finish();
}

/* the name for SET CONSTRAINTS, or NULL where it can't be deferred */
static char *
deferrable_name(Oid oid)
{
	HeapTuple	tuple = OidIsValid(oid) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(oid)) : NULL;
	Form_pg_constraint constraint;
	char	   *name = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	constraint = (Form_pg_constraint) GETSTRUCT(tuple);
	if (constraint->condeferrable)
		name = quote_qualified_identifier(get_namespace_name(constraint->connamespace), NameStr(constraint->conname));
	ReleaseSysCache(tuple);
	return name;
}

bool
orm_save_defer(const OrmSaveLink *link)
{
	OrmSaveCall *call = link->holder->table->call;
	char	   *name = deferrable_name(constraint_of(link));

	if (name)
		call->deferrable = lappend(call->deferrable, name);
	return name != NULL;
}

bool
orm_save_defer_unique(const OrmSaveTable *table, const char *constraint)
{
	char	   *name = deferrable_name(get_relation_constraint_oid(table->entity->relid, constraint, true));

	if (name == NULL)
		return false;
	set_constraint(name, "DEFERRED");
	table->call->deferred = lappend(table->call->deferred, name);
	return true;
}

void
orm_save_defer_now(OrmSaveCall *call)
{
	ListCell   *cell;

	foreach(cell, call->deferrable)
		set_constraint(lfirst(cell), "DEFERRED");
	call->deferred = list_concat(call->deferred, call->deferrable);
	call->deferrable = NIL;
}

void
orm_save_check_deferred(OrmSaveCall *call)
{
	ListCell   *cell;

	foreach(cell, call->deferred)
		set_constraint(lfirst(cell), "IMMEDIATE");
}
