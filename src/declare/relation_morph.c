/*
 * relation_morph.c
 *	  Polymorphic relations: a type column says which entity a row leads to, and
 *	  the columns of a key beside it which of its rows.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "declare/declaration.h"
#include "declare/facts.h"
#include "declare/relation_links.h"
#include "model/derive_morph.h"
#include "model/model_cache.h"
#include "query/declared_condition.h"

/* ---- types ---- */

typedef struct AliasContext
{
	const char *alias;
	const char *column;
} AliasContext;

static void
say_alias(void *arg)
{
	AliasContext *context = arg;

	errcontext("type \"%s\" as a value of column \"%s\"", context->alias, context->column);
}

/* the alias as a value of the column; raises what its type raises */
static Datum
alias_value(const char *alias, const char *column, Oid type)
{
	AliasContext context = {alias, column};
	ErrorContextCallback callback = {error_context_stack, say_alias, &context};
	Oid			input;
	Oid			param;
	Datum		value;

	error_context_stack = &callback;
	getTypeInputInfo(type, &input, &param);
	value = OidInputFunctionCall(input, unconstify(char *, alias), param, -1);
	error_context_stack = callback.previous;
	return value;
}

/* the type column there is, and can be compared; false with faults otherwise */
static bool
check_type_column(OrmRelationCheck *check, Oid relid, Oid *type, Oid *collation)
{
	OrmRelationRow *row = &check->row;
	int32		typmod;

	if (row->type_column == NULL || !orm_relation_check_columns(check, relid, list_make1(row->type_column)))
	{
		if (row->type_column == NULL)
			orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"type_column\"", row->name);
		return false;
	}
	get_atttypetypmodcoll(relid, get_attnum(relid, row->type_column), type, &typmod, collation);
	*type = getBaseType(*type);
	if (OidIsValid(lookup_type_cache(*type, TYPECACHE_EQ_OPR)->eq_opr))
		return true;
	orm_fault(&check->faults, ERRCODE_UNDEFINED_FUNCTION,
			  "type column \"%s\" is of type %s, which has no equality operator", row->type_column,
			  format_type_be(*type));
	return false;
}

static void
check_id_columns(OrmRelationCheck *check)
{
	if (check->row.id_columns == NIL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"id_columns\"", check->row.name);
}

/* two aliases that are equal to the type would both stand for the same rows */
static void
check_aliases(OrmRelationCheck *check, List *types, Oid type, Oid collation)
{
	Oid			equal = get_opcode(lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr);
	Datum	   *values = palloc(sizeof(Datum) * (list_length(types) + 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, types)
	{
		OrmMorphType *named = lfirst(cell);

		values[n] = alias_value(named->alias, check->row.type_column, type);
		for (int i = 0; i < n; i++)
			if (DatumGetBool(OidFunctionCall2Coll(equal, collation, values[i], values[n])))
				orm_fault(&check->faults, ERRCODE_DUPLICATE_OBJECT,
						  "types \"%s\" and \"%s\" are the same to column \"%s\"",
						  ((OrmMorphType *) list_nth(types, i))->alias, named->alias, check->row.type_column);
		n++;
	}
}

static List *
entity_names(void)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, orm_catalog_entities())
		names = lappend(names, ((OrmEntityRow *) lfirst(cell))->name);
	return names;
}

/* the entity of a type, locked; NULL with a fault */
static OrmEntityRow *
entity_of_type(OrmRelationCheck *check, const OrmMorphType *type)
{
	OrmEntityRow *target = type->entity ? orm_catalog_entity_by_name(type->entity) : NULL;

	if (type->entity == NULL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
				  "type \"%s\" of relation \"%s\" is not the name of an entity", type->alias, check->row.name);
	else if (target == NULL || get_rel_name(target->relation) == NULL)
	{
		orm_fault(&check->faults, ERRCODE_UNDEFINED_OBJECT, "entity \"%s\" does not exist", type->entity);
		orm_fault_hint_names(&check->faults, type->entity, entity_names(), "entities");
		return NULL;
	}
	else
		LockRelationOid(target->relation, AccessShareLock);
	return target;
}

/* ---- morph_to ---- */

static Oid
no_target(OrmRelationCheck *check)
{
	return InvalidOid;
}

static void
complete_nothing(OrmRelationCheck *check)
{
}

static void
check_morph_to(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	List	   *types = row->types ? orm_morph_types(row->types) : NIL;
	ListCell   *cell;
	Oid			type;
	Oid			collation;

	if (types == NIL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"types\"", row->name);
		orm_fault_hint(&check->faults, "They are entities by alias: {\"post\": \"Post\", \"video\": \"Video\"}.");
	}
	if (row->order_by != NIL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "\"order_by\" is not for a morph_to");
	check_id_columns(check);
	if (check_type_column(check, row->relation, &type, &collation))
		check_aliases(check, types, type, collation);
	foreach(cell, types)
	{
		OrmEntityRow *target = entity_of_type(check, lfirst(cell));

		if (target && row->id_columns != NIL)
			orm_relation_check_link(check, row->relation, row->id_columns, target->relation, orm_facts_key(target));
	}
	orm_faults_raise(&check->faults);
	/* raises by itself, so it comes last */
	foreach(cell, types)
		if (row->condition)
			orm_declared_check(NULL, orm_model_by_name(((OrmMorphType *) lfirst(cell))->entity, false), row->condition, NIL);
}

const OrmRelationRules orm_relation_morph_to = {
	.takes = ORM_TAKES_TYPE,
	.value = ORM_RELATION_TYPES,
	.find_target = no_target,
	.complete = complete_nothing,
	.check = check_morph_to,
};

/* ---- morph_one, morph_many ---- */

/* the target's morph_to of that name, or NULL */
static OrmRelationRow *
morph_to_named(Oid target, const char *name)
{
	ListCell   *cell;

	foreach(cell, orm_catalog_relations(target))
	{
		OrmRelationRow *other = lfirst(cell);

		if (name && strcmp(other->kind, "morph_to") == 0 && strcmp(other->name, name) == 0)
			return other;
	}
	return NULL;
}

static bool
has_inverse(const OrmRelationRow *row)
{
	return morph_to_named(row->target, row->inverse) != NULL;
}

/* the same with a fault where there is none */
static OrmRelationRow *
inverse_of(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	OrmRelationRow *inverse = morph_to_named(row->target, row->inverse);
	List	   *names = NIL;
	ListCell   *cell;

	if (inverse)
		return inverse;
	foreach(cell, orm_catalog_relations(row->target))
		if (strcmp(((OrmRelationRow *) lfirst(cell))->kind, "morph_to") == 0)
			names = lappend(names, ((OrmRelationRow *) lfirst(cell))->name);
	if (row->inverse == NULL)
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"inverse\"", row->name);
		orm_fault_hint(&check->faults, "It is the name of a morph_to of entity \"%s\".", check->target->name);
		return NULL;
	}
	orm_fault(&check->faults, ERRCODE_UNDEFINED_COLUMN, "entity \"%s\" has no morph_to \"%s\"", check->target->name,
			  row->inverse);
	orm_fault_hint_names(&check->faults, row->inverse, names, "morph_to relations");
	return NULL;
}

/* exactly one type of the inverse stands for the owner */
static void
check_owner_type(OrmRelationCheck *check, const OrmRelationRow *inverse)
{
	OrmMorphType *first = NULL;
	ListCell   *cell;

	foreach(cell, orm_morph_types(inverse->types))
	{
		OrmMorphType *type = lfirst(cell);

		if (type->entity == NULL || strcmp(type->entity, check->owner->name) != 0)
			continue;
		if (first)
			orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE,
					  "types \"%s\" and \"%s\" of relation \"%s\" both stand for entity \"%s\"",
					  first->alias, type->alias, inverse->name, check->owner->name);
		first = type;
	}
	if (first)
		return;
	orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "no type of relation \"%s\" of entity \"%s\" stands for entity \"%s\"",
			  inverse->name, check->target->name, check->owner->name);
	orm_fault_hint(&check->faults, "Declare \"%s\" with it: orm.morph_to(..., types => ...).", inverse->name);
}

static void
check_morph_has(OrmRelationCheck *check)
{
	OrmRelationRow *inverse = inverse_of(check);

	if (inverse == NULL)
		return;
	check_owner_type(check, inverse);
	orm_relation_check_link(check, check->row.target, inverse->id_columns, check->row.relation,
							orm_facts_key(check->owner));
}

/* an index on the key alone finds few rows more, and a partial one just those of the type */
static void
notice_type_index(OrmRelationCheck *check, Oid relid, char *type_column, List *id_columns)
{
	OrmRelation *relation = orm_entity_relation(orm_model_by_relid(check->row.relation, false), check->row.name);

	if (relation && !relation->far_indexed)
		orm_relation_notice_index(check, relid, lcons(type_column, list_copy(id_columns)));
}

static void
notice_morph_many(OrmRelationCheck *check)
{
	OrmRelationRow *inverse = inverse_of(check);

	notice_type_index(check, check->row.target, inverse->type_column, inverse->id_columns);
}

static void
notice_morph_one(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	OrmRelationRow *inverse = inverse_of(check);

	orm_relation_notice_one(check, lcons(inverse->type_column, list_copy(inverse->id_columns)));
	notice_type_index(check, row->target, inverse->type_column, inverse->id_columns);
}

const OrmRelationRules orm_relation_morph_one = {
	.to_children = true,
	.takes = ORM_TAKES_INVERSE,
	.is_ready = has_inverse,
	.complete = complete_nothing,
	.check = check_morph_has,
	.give_notices = notice_morph_one,
};

const OrmRelationRules orm_relation_morph_many = {
	.to_children = true,
	.takes = ORM_TAKES_INVERSE,
	.is_ready = has_inverse,
	.complete = complete_nothing,
	.check = check_morph_has,
	.give_notices = notice_morph_many,
};

/* ---- morph_to_many ---- */

static void
complete_morph_to_many(OrmRelationCheck *check)
{
	if (OidIsValid(check->row.through))
		orm_relation_complete_far(check);
}

static void
check_morph_to_many(OrmRelationCheck *check)
{
	OrmRelationRow *row = &check->row;
	Oid			type;
	Oid			collation;

	if (!OidIsValid(row->through))
	{
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"through\"", row->name);
		return;
	}
	check_id_columns(check);
	if (row->type_alias == NULL)
		orm_fault(&check->faults, ERRCODE_INVALID_PARAMETER_VALUE, "relation \"%s\" needs \"type_alias\"", row->name);
	if (check_type_column(check, row->through, &type, &collation) && row->type_alias)
		(void) alias_value(row->type_alias, row->type_column, type);
	if (row->id_columns != NIL)
		orm_relation_check_link(check, row->through, row->id_columns, row->relation, orm_facts_key(check->owner));
	orm_relation_check_link(check, row->through, row->target_foreign_key, row->target, row->target_key);
	orm_relation_check_columns(check, row->through, row->pivot);
}

static void
notice_morph_to_many(OrmRelationCheck *check)
{
	notice_type_index(check, check->row.through, check->row.type_column, check->row.id_columns);
}

const OrmRelationRules orm_relation_morph_to_many = {
	.takes = ORM_TAKES_TYPE | ORM_TAKES_ALIAS | ORM_TAKES_PIVOT,
	.complete = complete_morph_to_many,
	.check = check_morph_to_many,
	.give_notices = notice_morph_to_many,
};
