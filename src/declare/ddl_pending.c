/*
 * ddl_pending.c
 *	  Options that were taken out of a statement and wait for its end.
 *
 * Statements nest: an event trigger of a user's, or a function that a CREATE
 * TABLE AS calls, may run DDL of its own. So this is a stack, and what is kept
 * is told apart by the statement's tree, which is the same node at its start
 * and at its end. A statement that fails leaves by the end of its
 * (sub)transaction, which the callbacks here watch; nothing outlives that.
 *
 * Not here: what the options mean (ddl_declare.c).
 */
#include "base/compat.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/tablecmds.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "declare/ddl.h"

/* one relation of a statement */
typedef struct PendingSubject
{
	OrmOptionSubject *options;
	Oid			relid;			/* ALTER: found at the start; invalid: IF EXISTS passed it over */
	Oid			schema;			/* CREATE, by name: where it will be made */
	bool		existed;		/* CREATE, by name: it is there already */
} PendingSubject;

/* one statement; lives in a memory context of its own */
typedef struct PendingStatement
{
	uint64		id;				/* never used again, as addresses are */
	Node	   *stmt;			/* only ever compared */
	int			nest_level;		/* of transactions */
	RenameStmt *rename;			/* a copy, or NULL */
	List	   *subjects;		/* PendingSubject * */
	MemoryContext context;
	struct PendingStatement *below;
} PendingStatement;

static PendingStatement *pending_top = NULL;
static uint64 pending_last_id = 0;

static void
pending_detach(PendingStatement *pending)
{
	for (PendingStatement **link = &pending_top; *link != NULL; link = &(*link)->below)
	{
		if (*link == pending)
		{
			*link = pending->below;
			return;
		}
	}
}

/* the tree of a statement that is gone may lie where a new one's does now */
static void
pending_forget_stmt(const Node *stmt)
{
	PendingStatement **link = &pending_top;

	while (*link != NULL)
	{
		PendingStatement *pending = *link;

		if (pending->stmt == stmt)
		{
			*link = pending->below;
			MemoryContextDelete(pending->context);
		}
		else
			link = &pending->below;
	}
}

static PendingSubject *
pending_subject(OrmOptionSubject *options, bool by_name)
{
	PendingSubject *subject = palloc0(sizeof(PendingSubject));

	subject->options = options;
	if (options->alter != NULL)
	{
		/* the very calls that the statement will make, after its own rights check */
		subject->relid = AlterTableLookupRelation(options->alter,
												  AlterTableGetLockLevel(options->alter->cmds));
		/* the tree may be gone before this is */
		options->alter = NULL;
	}
	else if (by_name)
	{
		subject->schema = RangeVarGetCreationNamespace(options->relation);
		subject->existed = OidIsValid(get_relname_relid(options->relation->relname, subject->schema));
	}
	return subject;
}

uint64
orm_ddl_begin(Node *stmt, bool by_name)
{
	/* goes with the subtransaction in which the statement fails */
	MemoryContext context = AllocSetContextCreate(CurTransactionContext, "orm pending declaration",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	PendingStatement *pending = palloc0(sizeof(PendingStatement));
	List	   *subjects;
	ListCell   *lc;

	pending_forget_stmt(stmt);
	pending->id = ++pending_last_id;
	pending->stmt = stmt;
	pending->nest_level = GetCurrentTransactionNestLevel();
	pending->context = context;
	if (orm_ddl_renames_column(stmt))
		pending->rename = copyObject((RenameStmt *) stmt);

	subjects = orm_reloptions_take(stmt);
	foreach(lc, subjects)
		pending->subjects = lappend(pending->subjects, pending_subject(lfirst(lc), by_name));

	pending->below = pending_top;
	pending_top = pending;
	MemoryContextSwitchTo(caller);
	return pending->id;
}

static bool
relkind_matches(char created, char relkind)
{
	return created == relkind || (created == RELKIND_RELATION && relkind == RELKIND_PARTITIONED_TABLE);
}

/*
 * The relation that a CREATE made: the first of its kind, since the sequence of
 * an identity column comes before its table and OR REPLACE lists a view twice.
 * Of CREATE SCHEMA, which makes several, the one of that name. Invalid when IF
 * NOT EXISTS has made nothing.
 */
static Oid
created_relation(const OrmOptionSubject *options, List *collected, bool several)
{
	ListCell   *lc;

	foreach(lc, collected)
	{
		OrmCollected *made = lfirst(lc);
		char	   *name;

		if (made->column != 0 || !relkind_matches(options->relkind, get_rel_relkind(made->relid)))
			continue;
		if (!several)
			return made->relid;
		name = get_rel_name(made->relid);
		if (name != NULL && strcmp(name, options->relation->relname) == 0)
			return made->relid;
	}
	return InvalidOid;
}

void
orm_ddl_end(Node *stmt)
{
	PendingStatement *pending = pending_top;
	MemoryContext caller;
	List	   *collected;
	ListCell   *lc;

	while (pending != NULL && pending->stmt != stmt)
		pending = pending->below;
	if (pending == NULL)
		return;

	pending_detach(pending);
	caller = MemoryContextSwitchTo(pending->context);
	collected = pending->subjects != NIL ? orm_ddl_collected() : NIL;
	foreach(lc, pending->subjects)
	{
		PendingSubject *subject = lfirst(lc);
		Oid			relid = subject->relid;

		if (subject->options->relkind != '\0')
			relid = created_relation(subject->options, collected, IsA(stmt, CreateSchemaStmt));
		if (OidIsValid(relid))
			orm_ddl_declare(relid, subject->options);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(pending->context);
}

void
orm_ddl_end_by_name(uint64 id)
{
	PendingStatement *pending = pending_top;
	MemoryContext caller;
	ListCell   *lc;

	while (pending != NULL && pending->id != id)
		pending = pending->below;
	if (pending == NULL)
		return;

	pending_detach(pending);
	caller = MemoryContextSwitchTo(pending->context);
	CommandCounterIncrement();
	if (pending->rename != NULL)
	{
		Oid			relid = RangeVarGetRelid(pending->rename->relation, NoLock, true);

		if (OidIsValid(relid))
			orm_ddl_follow_rename(relid, pending->rename);
	}
	foreach(lc, pending->subjects)
	{
		PendingSubject *subject = lfirst(lc);
		Oid			relid = subject->relid;

		if (subject->options->relkind != '\0')
			relid = subject->existed && !subject->options->replace ? InvalidOid :
				get_relname_relid(subject->options->relation->relname, subject->schema);
		if (OidIsValid(relid))
			orm_ddl_declare(relid, subject->options);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(pending->context);
}

/* what waits in a transaction that ends, or in one below it, waits for nothing any more */
static void
pending_forget_level(int nest_level)
{
	while (pending_top != NULL && pending_top->nest_level >= nest_level)
		pending_top = pending_top->below;
}

static void
pending_xact_callback(XactEvent event, void *arg)
{
	/* memory goes with the transaction */
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		pending_top = NULL;
}

static void
pending_subxact_callback(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB || event == SUBXACT_EVENT_COMMIT_SUB)
		pending_forget_level(GetCurrentTransactionNestLevel());
}

void
orm_ddl_pending_init(void)
{
	RegisterXactCallback(pending_xact_callback, NULL);
	RegisterSubXactCallback(pending_subxact_callback, NULL);
}
