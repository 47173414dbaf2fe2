/*
 * junction.c
 *	  Collects the elements of a many-to-many relation over the whole call, and
 *	  has save/pivot.c write them.
 */
#include "base/compat.h"

#include "save/junction.h"
#include "save/missing.h"
#include "save/pivot.h"
#include "save/relation_statement.h"
#include "save/row_writer.h"

/* one relation of one entity */
typedef struct Junction
{
	OrmSaveTable *owner;
	OrmSaveTable *target;
	OrmRelation *relation;
	OrmPivotWrite write;
	OrmSaveRow **owners;		/* by pair, as are the next two */
	OrmSaveRow **targets;
	OrmSaveRow **elements;
	int			nsets;
} Junction;

static OrmSaveSet *
set_of(const OrmSaveRow *row, const OrmRelation *relation)
{
	OrmSaveSet *set = row->sets;

	while (set && set->relation != relation)
		set = set->next;
	return set;
}

static void
count(Junction *junction)
{
	for (OrmSaveRow *row = junction->owner->first; row; row = row->next)
	{
		OrmSaveSet *set = set_of(row, junction->relation);

		orm_save_canonical(row)->number = 0;
		if (set == NULL)
			continue;
		junction->nsets++;
		junction->write.npairs += set->nrows;
		if (set->first)
			junction->target = set->first->table;
	}
}

static Datum *
near_values(OrmSaveCall *call, const OrmRelation *relation, const OrmSaveRow *owner)
{
	Datum	   *values = orm_save_alloc(call, sizeof(Datum) * relation->nlinks);

	for (int i = 0; i < relation->nlinks; i++)
		values[i] = owner->values[relation->links[i].near_attnum - 1];
	return values;
}

/* a junction cannot refer to a row by columns that are null; without elements, there is then no link */
static void
check_referable(const OrmSaveRow *place, const OrmSaveRow *row, AttrNumber attnum)
{
	if (row->nulls[attnum - 1])
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("the entity \"%s\" cannot be linked", row->table->entity->name),
				 orm_save_errdetail(place->table->call, place->start, "Its column %s, by which it is referred to, is null.",
									row->table->columns[attnum - 1].name)));
}

static bool
is_referable(const OrmSaveRow *owner, const OrmRelation *relation)
{
	for (int i = 0; i < relation->nlinks; i++)
		if (owner->nulls[relation->links[i].near_attnum - 1])
			return false;
	return true;
}

static void
add_pair(Junction *junction, int at, OrmSaveRow *owner, OrmSaveRow *element)
{
	OrmRelation *relation = junction->relation;
	OrmSaveRow *target = orm_save_canonical(element);
	OrmPivotPair *pair = &junction->write.pairs[at];

	pair->owner = owner->number - 1;
	pair->target = orm_save_alloc(owner->table->call, sizeof(Datum) * relation->nfar_links);
	for (int i = 0; i < relation->nfar_links; i++)
	{
		check_referable(element, target, relation->far_links[i].far_attnum);
		pair->target[i] = target->values[relation->far_links[i].far_attnum - 1];
	}
	pair->remove = element->delete;
	pair->same_as = -1;
	if (element->pivot)
	{
		pair->given = element->pivot->given;
		pair->pivots = element->pivot->values;
		pair->nulls = element->pivot->nulls;
	}
	junction->owners[at] = owner;
	junction->targets[at] = target;
	junction->elements[at] = element;
}

static void
not_inserted(const OrmSaveRow *row)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("the row of entity \"%s\" that is to be linked is not there", row->table->entity->name),
			 orm_save_errdetail(row->table->call, row->start, "A trigger suppressed it.")));
}

static void
collect(Junction *junction)
{
	OrmPivotWrite *write = &junction->write;
	int			n = 0;

	for (OrmSaveRow *row = junction->owner->first; row; row = row->next)
	{
		OrmSaveSet *set = set_of(row, junction->relation);
		OrmSaveRow *owner = orm_save_canonical(row);

		CHECK_FOR_INTERRUPTS();
		if (set == NULL)
			continue;
		if (owner->action == ORM_SAVE_SUPPRESSED)
			not_inserted(row);
		if (set->first == NULL && !is_referable(owner, junction->relation))
			continue;
		for (int i = 0; i < junction->relation->nlinks; i++)
			check_referable(row, owner, junction->relation->links[i].near_attnum);
		if (owner->number == 0)
		{
			owner->number = ++write->nowners;
			write->owners[owner->number - 1].values = near_values(row->table->call, junction->relation, owner);
			write->owners[owner->number - 1].sync = false;
		}
		if (orm_save_states_all(set) && owner->exists)
			write->owners[owner->number - 1].sync = true;
		for (OrmSaveRow *element = set->first; element; element = element->sibling)
		{
			if (orm_save_canonical(element)->action == ORM_SAVE_SUPPRESSED)
				not_inserted(element);
			add_pair(junction, n++, owner, element);
		}
	}
}

static char *
place(const OrmPivotWrite *write, int pair)
{
	const Junction *junction = write->arg;
	const OrmSaveRow *element = junction->elements[pair];

	return psprintf("At %s: ", orm_save_pointer(element->table->call, element->start));
}

static void
note_outcomes(Junction *junction)
{
	for (int i = 0; i < junction->write.npairs; i++)
	{
		OrmSaveRow *element = junction->elements[i];
		OrmPivotOutcome outcome = junction->write.pairs[i].outcome;

		if (!element->link_only && outcome != ORM_PIVOT_UNLINKED)
			continue;
		element->action = outcome == ORM_PIVOT_LINKED ? ORM_SAVE_LINKED : outcome == ORM_PIVOT_UPDATED ? ORM_SAVE_UPDATED
			: outcome == ORM_PIVOT_UNLINKED ? ORM_SAVE_DELETED : ORM_SAVE_UNCHANGED;
		element->own_action = true;
	}
}

static void
take_pivot(OrmSaveStatement *st, OrmSaveRow *row, const Datum *values, const bool *nulls, void *arg)
{
	OrmSaveRow **elements = arg;

	orm_save_take_pivot(elements[DatumGetInt64(values[st->ord]) - 1], values, nulls);
}

static void
read_pivots(Junction *junction)
{
	OrmSaveStatement *st;

	if (junction->relation->npivots == 0 || junction->write.npairs == 0)
		return;
	st = orm_save_pivot_statement(junction->relation, junction->owner, junction->target, junction->targets,
								  junction->write.npairs);
	orm_save_run_read(st, junction->owners, junction->write.npairs, take_pivot, junction->elements);
}

/* CONTEXT of whatever is raised while links are written: one of them, or one list of them, has a place */
static void
name_place(void *arg)
{
	const Junction *junction = arg;
	const OrmRelation *relation = junction->relation;
	const OrmSaveRow *element = junction->write.npairs > 0 ? junction->elements[0] : NULL;

	if (element == NULL || (junction->write.npairs > 1 && junction->nsets > 1))
		errcontext("relation \"%s\" of entity \"%s\"", relation->name, junction->owner->entity->name);
	else
		errcontext("relation \"%s\" of entity \"%s\" at \"%s\"", relation->name, junction->owner->entity->name,
				   orm_save_pointer(element->table->call, junction->write.npairs == 1 ? element->start : element->set->start));
}

static void
save_junction(OrmSaveTable *owner, OrmRelation *relation)
{
	Junction	junction = {.owner = owner, .relation = relation};
	OrmPivotWrite *write = &junction.write;
	ErrorContextCallback context = {.callback = name_place, .arg = &junction};

	count(&junction);
	if (junction.nsets == 0)
		return;
	write->entity = owner->entity;
	write->relation = relation;
	write->place = place;
	write->arg = &junction;
	write->owners = palloc_extended(sizeof(OrmPivotOwner) * junction.nsets, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	write->pairs = palloc_extended(sizeof(OrmPivotPair) * Max(write->npairs, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	junction.owners = palloc_extended(sizeof(OrmSaveRow *) * Max(write->npairs, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	junction.targets = palloc_extended(sizeof(OrmSaveRow *) * Max(write->npairs, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	junction.elements = palloc_extended(sizeof(OrmSaveRow *) * Max(write->npairs, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	collect(&junction);
	context.previous = error_context_stack;
	error_context_stack = &context;
	orm_pivot_write(write);
	error_context_stack = context.previous;
	note_outcomes(&junction);
	if (owner->query)
		read_pivots(&junction);
}

void
orm_save_junctions(OrmSaveCall *call)
{
	ListCell   *cell;

	foreach(cell, call->tables)
	{
		OrmSaveTable *table = lfirst(cell);

		for (int i = 0; i < table->entity->nrelations; i++)
			if (orm_save_has_junction(&table->entity->relations[i]))
				save_junction(table, &table->entity->relations[i]);
	}
}
