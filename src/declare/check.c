/*
 * check.c
 *	  Looks at every declaration as it would be used: relations and columns that
 *	  are gone, SQL that no longer parses, missing indexes, doubtful to-ones.
 *
 * What raises an error when used is tried under a savepoint of its own, and
 * the error is what is reported.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "declare/check.h"
#include "declare/eager_cycle.h"
#include "declare/facts.h"
#include "declare/stamp_trigger.h"
#include "model/cast_codec.h"
#include "model/derive.h"
#include "model/expression.h"
#include "model/model_cache.h"
#include "model/row_function.h"
#include "query/declared_condition.h"
#include "query/order.h"
#include "query/strict.h"

/* the entity that is looked at, and what is looked at of it */
typedef struct Check
{
	OrmEntityRow *row;
	OrmEntity  *entity;			/* NULL: it can't be built */
	OrmPropertyRow *property;
	OrmRelationRow *relation;
	OrmScopeRow *scope;
	List	   *findings;
} Check;

static void
add(Check *check, const char *subject, const char *severity, char *message, char *hint)
{
	OrmFinding *finding = palloc0(sizeof(OrmFinding));

	finding->entity = check->row->name;
	finding->subject = pstrdup(subject);
	finding->severity = severity;
	finding->message = message;
	finding->hint = hint;
	check->findings = lappend(check->findings, finding);
}

/* errors that say nothing about the model: cancelled, out of memory, no right to look */
static bool
is_about_the_model(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION):
		case ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES):
		case ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR):
			return false;
		default:
			return true;
	}
}

/* does it work? If not, the error becomes a finding */
static void
try(Check *check, const char *subject, void (*use) (Check *check))
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		use(check);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error == NULL || error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return;
	if (!is_about_the_model(error))
		ReThrowError(error);
	add(check, subject, "error", error->detail ? psprintf("%s: %s", error->message, error->detail) : error->message,
		error->hint);
}

/* ---- entities ---- */

static void
use_entity(Check *check)
{
	check->entity = orm_model_by_relid(check->row->relation, false);
}

static void
check_column(Check *check, const char *option, const char *column)
{
	if (column && !orm_facts_has_column(check->row->relation, column))
		add(check, "entity", "error",
			psprintf("column \"%s\", declared as \"%s\", does not exist", column, option),
			pstrdup("Declare the entity again with orm.entity()."));
}

static void
check_columns(Check *check)
{
	OrmEntityRow *row = check->row;
	ListCell   *cell;

	foreach(cell, row->key)
		check_column(check, "key", lfirst(cell));
	foreach(cell, row->columns)
		check_column(check, "columns", lfirst(cell));
	check_column(check, "version", row->version);
	check_column(check, "soft_delete", row->soft_delete);
	check_column(check, "created_at", row->created_at);
	check_column(check, "updated_at", row->updated_at);
	check_column(check, "flex", row->flex);
}

static bool
is_table(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

static void
check_key(Check *check)
{
	OrmEntity  *entity = check->entity;
	AttrNumber	attnums[INDEX_MAX_KEYS];
	List	   *names = NIL;

	if (!is_table(entity->relid))
		return;
	if (entity->nkeys == 0)
	{
		add(check, "entity", "error", pstrdup("the table has no primary key, and no key is declared"),
			psprintf("ALTER TABLE %s ADD PRIMARY KEY (...);", orm_entity_qualified(entity)));
		return;
	}
	for (int i = 0; i < entity->nkeys; i++)
	{
		attnums[i] = entity->properties[entity->keys[i]].attnum;
		names = lappend(names, entity->properties[entity->keys[i]].column);
	}
	if (!orm_unique_within(entity->uniques, entity->nuniques, attnums, entity->nkeys))
		add(check, "entity", "warning", psprintf("nothing keeps the key (%s) unique", orm_names_joined(names)),
			psprintf("ALTER TABLE %s ADD PRIMARY KEY (%s);", orm_entity_qualified(entity), orm_names_joined(names)));
}

static void
check_stamp_trigger(Check *check)
{
	const char *fault = orm_stamp_trigger_fault(check->row);

	if (fault)
		add(check, "entity", "warning",
			psprintf("the trigger that keeps version and timestamps is %s", fault),
			strcmp(fault, "disabled") == 0
			? psprintf("ALTER TABLE %s ENABLE TRIGGER %s;", orm_entity_qualified(check->entity), ORM_STAMP_TRIGGER)
			: pstrdup("Declare the entity again with orm.entity(): that makes it anew."));
}

/* ---- properties and scopes ---- */

static void
use_property(Check *check)
{
	OrmProperty *property = orm_entity_property(check->entity, check->property->name);

	if (check->property->expression)
	{
		Relation	rel = relation_open(check->row->relation, AccessShareLock);
		OrmExpression expression;

		orm_expression_analyse(&expression, rel, check->property->expression);
		relation_close(rel, NoLock);
	}
	else if (property)
		orm_cast_require(property->cast_as, getBaseType(property->type));
}

static void
check_property(Check *check, OrmPropertyRow *row)
{
	char	   *subject = psprintf("property %s", row->name);

	check->property = row;
	if (row->column_name && !orm_facts_has_column(row->relation, row->column_name))
		add(check, subject, "error", psprintf("column \"%s\" does not exist", row->column_name),
			psprintf("SELECT orm.drop_property(%s, %s);", quote_literal_cstr(check->row->name),
					 quote_literal_cstr(row->name)));
	else
		try(check, subject, use_property);
}

static void
use_scope(Check *check)
{
	OrmScopeRow *row = check->scope;

	if (row->predicate)
	{
		Relation	rel = relation_open(row->relation, AccessShareLock);
		int			n = list_length(row->arguments);

		(void) orm_predicate_analyse(rel, row->predicate, n, palloc(sizeof(Oid) * Max(n, 1)));
		relation_close(rel, NoLock);
	}
	else if (row->condition)
		orm_declared_check(NULL, check->entity, row->condition, row->arguments);
}

/* ---- relations ---- */

static const char *
why_not_built(const OrmRelationRow *row)
{
	if (OidIsValid(row->target) && get_rel_name(row->target) == NULL)
		return "its target does not exist";
	if (OidIsValid(row->target) && orm_catalog_entity_by_relid(row->target) == NULL)
		return psprintf("table \"%s\" is no entity", get_rel_name(row->target));
	if (OidIsValid(row->through) && get_rel_name(row->through) == NULL)
		return "the table that it goes through does not exist";
	return "what it is declared by is not there, or can't be compared";
}

static void
use_relation(Check *check)
{
	OrmRelation *relation = orm_entity_relation(check->entity, check->relation->name);
	OrmEntity  *target = OidIsValid(relation->target) ? orm_model_by_relid(relation->target, false) : NULL;
	OrmQuery   *query;

	if (target == NULL)
		return;
	if (relation->condition)
		orm_declared_check(relation, target, relation->condition, NIL);
	query = orm_query_new(target);
	query->relation = relation;
	(void) orm_order_declared(query);
}

static char *
drop_relation_hint(const Check *check, const OrmRelationRow *row)
{
	return psprintf("Declare it again, or drop it: SELECT orm.drop_relation(%s, %s);",
					quote_literal_cstr(check->row->name), quote_literal_cstr(row->name));
}

static void
check_declared_relation(Check *check, OrmRelationRow *row)
{
	char	   *subject = psprintf("relation %s", row->name);

	check->relation = row;
	if (strcmp(row->kind, "dropped") == 0)
		return;
	if (row->function && !OidIsValid(orm_row_function(row->function, row->relation)))
		add(check, subject, "error", psprintf("function %s of the entity's row does not exist", row->function),
			drop_relation_hint(check, row));
	else if (orm_entity_relation(check->entity, row->name))
		try(check, subject, use_relation);
	else
		add(check, subject, "error", psprintf("the relation can't be used: %s", why_not_built(row)),
			drop_relation_hint(check, row));
}

static char *
far_columns(const OrmRelation *relation)
{
	List	   *names = relation->type ? list_make1(relation->type->column) : NIL;

	for (int i = 0; i < relation->nlinks; i++)
		names = lappend(names, relation->links[i].far_column);
	return orm_names_joined(names);
}

static void
check_index(Check *check, const char *subject, const OrmRelation *relation)
{
	char	   *detail;
	char	   *hint;

	if (orm_relation_index(relation, &detail, &hint) != ORM_INDEX_USABLE)
		add(check, subject, "warning", detail, hint);
}

/* what is particular to a morph_to: it has no target, but types */
static void
check_types(Check *check, const char *subject, const OrmRelation *relation)
{
	ListCell   *cell;

	for (int i = 0; i < relation->nbranches; i++)
		check_index(check, subject, &relation->branches[i]);
	foreach(cell, relation->dangling)
		add(check, subject, "error", psprintf("the entity of type \"%s\" does not exist", (char *) lfirst(cell)),
			pstrdup("Declare the relation again with orm.morph_to()."));
}

static void
check_relation(Check *check, const OrmRelation *relation)
{
	char	   *subject = psprintf("relation %s", relation->name);
	char	   *cycle = orm_eager_cycle(check->entity, relation);

	check_index(check, subject, relation);
	check_types(check, subject, relation);
	if (!relation->to_many && !relation->far_unique && relation->order_by == NIL && relation->nlinks > 0 &&
		(relation->kind == ORM_HAS_ONE || relation->kind == ORM_MORPH_ONE || relation->kind == ORM_BELONGS_TO))
		add(check, subject, is_table(relation->target) ? "warning" : "notice",
			psprintf("the relation gives one row, and nothing says that (%s) of \"%s\" is unique",
					 far_columns(relation), get_rel_name(relation->target)),
			pstrdup("Add a unique constraint, or say with \"order_by\" which one of several it is."));
	if (cycle)
		add(check, subject, "error", psprintf("eager relations load each other without end: \"%s\" leads back", cycle),
			pstrdup("Declare one of these relations without eager."));
}

static void
check_orphans(Check *check)
{
	for (int i = 0; i < check->entity->norphans; i++)
	{
		OrmOrphan  *orphan = &check->entity->orphans[i];

		if (strcmp(orphan->source, "declared") != 0)
			add(check, psprintf("relation %s", orphan->name), "notice",
				psprintf("foreign key \"%s\" gives no relation: its name is taken", orphan->source),
				pstrdup("Declare the relation under another name."));
	}
}

/* ---- all of it ---- */

static void
check_parts(Check *check)
{
	Oid			relid = check->row->relation;
	ListCell   *cell;

	check_key(check);
	check_stamp_trigger(check);
	foreach(cell, orm_catalog_properties(relid))
		check_property(check, lfirst(cell));
	foreach(cell, orm_catalog_scopes(relid))
	{
		check->scope = lfirst(cell);
		try(check, psprintf("scope %s", check->scope->name), use_scope);
	}
	foreach(cell, orm_catalog_relations(relid))
		check_declared_relation(check, lfirst(cell));
	for (int i = 0; i < check->entity->nrelations; i++)
		check_relation(check, &check->entity->relations[i]);
	check_orphans(check);
}

List *
orm_check_model(void)
{
	Check		check = {0};
	ListCell   *cell;

	foreach(cell, orm_catalog_entities())
	{
		CHECK_FOR_INTERRUPTS();
		check.row = lfirst(cell);
		check.entity = NULL;
		if (get_rel_name(check.row->relation) == NULL)
		{
			add(&check, "entity", "error", pstrdup("its relation does not exist"),
				psprintf("SELECT orm.drop_entity(%s);", quote_literal_cstr(check.row->name)));
			continue;
		}
		check_columns(&check);
		try(&check, "entity", use_entity);
		if (check.entity)
			check_parts(&check);
	}
	return check.findings;
}
