/*
 * untrusted_names.c
 *	  Walks a document from outside and looks up every name in it.
 *
 * Ahead of the parsers and independent of them: what this walk does not know,
 * it refuses, so that a clause or operator added elsewhere is closed here until
 * somebody has thought about it. Operators are not checked further: they look
 * at the value of a property that may be seen.
 */
#include "base/compat.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "query/untrusted.h"
#include "query/untrusted_names.h"

/* an entity that names stand for, and how we came there */
typedef struct Frame
{
	bool		restricted;
	List	   *allowed;		/* List of List of char * */
	OrmEntity  *entity;
	OrmRelation *via;			/* NULL at the root */
	List	   *path;			/* char *, from the document's root */
	struct Frame *outer;		/* of a filter: the entity around it */
	bool		pivot;			/* names are columns of the junction by which we came */
} Frame;

static void check_where(Frame *frame, const OrmJson *where);

/* ---- names ---- */

static void
no_property(const Frame *frame, const char *name, const OrmJson *node)
{
	orm_untrusted_no_property(frame->entity, name, node);
}

static bool
is_pivot_column(const Frame *frame, const char *name)
{
	for (int i = 0; frame->via && i < frame->via->npivots; i++)
		if (strcmp(frame->via->pivots[i], name) == 0)
			return true;
	return false;
}

static bool
may_see(const Frame *frame, const char *name)
{
	OrmProperty *property = orm_entity_property(frame->entity, name);

	if (frame->pivot)
		return is_pivot_column(frame, name);
	return property && !property->hidden;
}

static void
check_property(const Frame *frame, const char *name, const OrmJson *node)
{
	if (!may_see(frame, name))
		no_property(frame, name, node);
}

static bool
leads_along(List *path, List *allowed)
{
	ListCell   *a;
	ListCell   *b;

	if (list_length(path) > list_length(allowed))
		return false;
	forboth(a, path, b, allowed)
		if (strcmp(lfirst(a), lfirst(b)) != 0)
			return false;
	return true;
}

/*
 * The frame of what a relation leads to; false when there is no such relation,
 * or none to know of. Of a morph_to it has no entity yet.
 */
static bool
follow(Frame *from, const char *name, Frame *to)
{
	OrmRelation *relation = orm_entity_relation(from->entity, name);
	bool		allowed = !from->restricted;
	ListCell   *cell;

	memset(to, 0, sizeof(Frame));
	to->restricted = from->restricted;
	to->allowed = from->allowed;
	to->path = lappend(list_copy(from->path), pstrdup(name));
	to->outer = from;
	foreach(cell, from->allowed)
		allowed = allowed || leads_along(to->path, lfirst(cell));
	if (relation == NULL || !allowed || from->pivot)
		return false;
	to->via = relation;
	if (relation->nbranches == 0)
		to->entity = orm_model_by_relid(relation->target, false);
	return true;
}

/* the same for a morph_to and one of its types */
static Frame
branch_frame(const Frame *whole, int branch)
{
	Frame		frame = *whole;

	frame.via = &whole->via->branches[branch];
	frame.entity = orm_model_by_relid(frame.via->target, false);
	return frame;
}

/* the same where rows of one entity are wanted */
static bool
step(Frame *from, const char *name, Frame *to)
{
	return follow(from, name, to) && to->entity;
}

static void
step_or_raise(Frame *from, const char *name, const OrmJson *node, Frame *to)
{
	if (!step(from, name, to))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no relation \"%s\"", from->entity->name, name),
				 orm_errdetail_at(node, "An untrusted client wrote this.")));
}

/* follows all names but the last "keep"; gives the rest */
static List *
walk_path(Frame *frame, List *names, int keep, const OrmJson *node)
{
	while (list_length(names) > keep)
	{
		Frame		next;

		step_or_raise(frame, linitial(names), node, &next);
		*frame = next;
		names = list_delete_first(names);
	}
	return names;
}

static void
unknown_form(const OrmJson *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 node->key ? errmsg("\"%s\" is not allowed here in a document from outside", node->key)
			 : errmsg("this is not allowed in a document from outside"),
			 orm_errdetail_at(node, "An untrusted client wrote this.")));
}

/* ---- where ---- */

/* {"$col": "^.author.name"}: each ^ is the entity around */
static void
check_column(Frame *frame, const OrmJson *operand)
{
	Frame		at = *frame;
	char	   *path;
	List	   *names;

	if (operand->kind != ORM_JSON_STRING)
		unknown_form(operand);
	for (path = orm_json_string(operand); strncmp(path, "^.", 2) == 0; path += 2)
	{
		if (at.outer == NULL)
			unknown_form(operand);
		at = *at.outer;
	}
	names = orm_query_path(operand, path);
	names = walk_path(&at, names, 1, operand);
	check_property(&at, linitial(names), operand);
}

/* the condition on a property: only columns in it can name something */
static void
check_field(Frame *frame, const OrmJson *field)
{
	check_stack_depth();
	for (int i = 0; i < field->nitems; i++)
	{
		const OrmJson *item = &field->items[i];

		CHECK_FOR_INTERRUPTS();
		if (item->key && strcmp(item->key, "$value") == 0)
			continue;
		if (item->key && strcmp(item->key, "$col") == 0)
			check_column(frame, item);
		else
			check_field(frame, item);
	}
}

static void
check_search(Frame *frame, const OrmJson *search)
{
	const OrmJson *properties = search->kind == ORM_JSON_OBJECT ? orm_json_member(search, "in") : NULL;

	if (properties == NULL || properties->kind != ORM_JSON_ARRAY)
		unknown_form(search);
	for (int i = 0; i < properties->nitems; i++)
	{
		if (properties->items[i].kind != ORM_JSON_STRING)
			unknown_form(&properties->items[i]);
		check_property(frame, orm_json_string(&properties->items[i]), &properties->items[i]);
	}
}

static bool
is_list_group(const char *name)
{
	return strcmp(name, "$and") == 0 || strcmp(name, "$or") == 0;
}

/* conditions on the junction's row: only on what is given of it */
static void
check_pivot(Frame *frame, const OrmJson *where)
{
	check_stack_depth();
	for (int i = 0; i < where->nitems; i++)
	{
		const OrmJson *item = &where->items[i];

		if (item->key == NULL || is_list_group(item->key) || strcmp(item->key, "$not") == 0)
			check_pivot(frame, item);
		else
		{
			check_property(frame, item->key, item);
			check_field(frame, item);
		}
	}
}

/* {"$where": …, "property": …, "$gte": …} over a relation's rows */
static void
check_summary(Frame *around, Frame *frame, const OrmJson *summary)
{
	for (int i = 0; i < summary->nitems; i++)
	{
		const OrmJson *item = &summary->items[i];

		if (item->key && strcmp(item->key, "$where") == 0)
			check_where(frame, item);
		else if (item->key && strcmp(item->key, "property") == 0)
		{
			if (item->kind != ORM_JSON_STRING)
				unknown_form(item);
			check_property(frame, orm_json_string(item), item);
		}
		else if (item->key && strcmp(item->key, "$col") == 0)
			check_column(around, item);
		else
			check_field(around, item);
	}
}

static void check_entry(Frame *frame, const OrmJson *entry);

static void
check_related(Frame *around, Frame *frame, const OrmJson *filter)
{
	if (filter->kind == ORM_JSON_ARRAY)
		unknown_form(filter);
	for (int i = 0; i < filter->nitems; i++)
	{
		const OrmJson *item = &filter->items[i];

		if (strcmp(item->key, "$some") == 0 || strcmp(item->key, "$none") == 0 || strcmp(item->key, "$every") == 0)
			check_where(frame, item);
		else if (strcmp(item->key, "$count") == 0 || strcmp(item->key, "$aggregate") == 0)
			check_summary(around, frame, item);
		else
			check_entry(frame, item);
	}
}

static bool
names_type(const OrmJson *types, const char *alias)
{
	bool		named = false;

	if (types && types->kind == ORM_JSON_STRING)
		return strcmp(orm_json_string(types), alias) == 0;
	for (int i = 0; types && i < types->nitems; i++)
		named = named || (types->items[i].kind == ORM_JSON_STRING &&
						  strcmp(orm_json_string(&types->items[i]), alias) == 0);
	return named;
}

/* {"$type": …, "$is": …}: the condition is one on each type that it names */
static void
check_morph(Frame *whole, const OrmJson *filter)
{
	const OrmJson *types = filter->kind == ORM_JSON_OBJECT ? orm_json_member(filter, "$type") : NULL;
	const OrmJson *is = filter->kind == ORM_JSON_OBJECT ? orm_json_member(filter, "$is") : NULL;

	if (filter->nitems != (types ? 1 : 0) + (is ? 1 : 0))
		unknown_form(filter);
	for (int i = 0; is && i < whole->via->nbranches; i++)
	{
		Frame		frame = branch_frame(whole, i);

		if (names_type(types, frame.via->type->alias))
			check_where(&frame, is);
	}
}

static void
check_group(Frame *frame, const OrmJson *entry)
{
	if (is_list_group(entry->key))
	{
		if (entry->kind != ORM_JSON_ARRAY)
			unknown_form(entry);
		for (int i = 0; i < entry->nitems; i++)
			check_where(frame, &entry->items[i]);
	}
	else if (strcmp(entry->key, "$not") == 0)
		check_where(frame, entry);
	else if (strcmp(entry->key, "$search") == 0)
		check_search(frame, entry);
	else if (strcmp(entry->key, "$pivot") == 0)
	{
		Frame		pivot = *frame;

		pivot.pivot = true;
		pivot.outer = frame;
		check_pivot(&pivot, entry);
	}
	else
		unknown_form(entry);
}

static void
check_embedded(const Frame *frame, const char *embed, const char *name, const OrmJson *node)
{
	OrmProperty *property = orm_entity_embedded(frame->entity, embed, name);

	if (property == NULL || property->hidden)
		no_property(frame, name, node);
}

/* a condition on a value object: on what may be seen of it, one by one */
static void
check_value_object(Frame *frame, const char *embed, const OrmJson *entry)
{
	/* that all of it is null tells of what is hidden, too */
	if (entry->kind != ORM_JSON_OBJECT)
		unknown_form(entry);
	for (int i = 0; i < entry->nitems; i++)
	{
		const OrmJson *item = &entry->items[i];

		check_embedded(frame, embed, item->key[0] == '$' && item->key[1] == '$' ? item->key + 1 : item->key, item);
		check_field(frame, item);
	}
}

static void
check_entry(Frame *frame, const OrmJson *entry)
{
	const char *name = entry->key;
	Frame		target;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (name[0] == '$' && name[1] != '$')
	{
		check_group(frame, entry);
		return;
	}
	if (name[0] == '$')
		name++;
	if (may_see(frame, name))
		check_field(frame, entry);
	else if (orm_entity_has_embed(frame->entity, name))
		check_value_object(frame, name, entry);
	else if (orm_entity_property(frame->entity, name) == NULL && follow(frame, name, &target))
	{
		if (target.entity)
			check_related(frame, &target, entry);
		else
			check_morph(&target, entry);
	}
	else
		no_property(frame, entry->key, entry);
}

static void
check_where(Frame *frame, const OrmJson *where)
{
	check_stack_depth();
	/* true and false are conditions on a relation; what else there may be is refused by the parser */
	if (where->kind == ORM_JSON_ARRAY)
		unknown_form(where);
	for (int i = 0; i < where->nitems; i++)
		check_entry(frame, &where->items[i]);
}

/* ---- other clauses ---- */

static void
check_names(Frame *frame, const OrmJson *list)
{
	for (int i = 0; i < list->nitems; i++)
	{
		char	   *name;

		if (list->items[i].kind != ORM_JSON_STRING)
			unknown_form(&list->items[i]);
		name = orm_json_string(&list->items[i]);
		/* naming a value object does not bring what is hidden in it */
		if (strcmp(name, "*") != 0 && !orm_entity_has_embed(frame->entity, name))
			check_property(frame, name, &list->items[i]);
	}
}

static void
check_order_path(Frame *frame, const char *path, const OrmJson *node)
{
	Frame		at = *frame;
	List	   *names = orm_query_path(node, path);

	if (list_length(names) == 2 && strcmp(linitial(names), "pivot") == 0)
	{
		if (!is_pivot_column(frame, lsecond(names)))
			no_property(frame, path, node);
		return;
	}
	/* it may be an alias, which another clause may define: looked up at the end, in the same words */
	if (list_length(names) == 1)
		return;
	names = walk_path(&at, names, 2, node);
	if (list_length(names) == 2 && orm_entity_has_embed(at.entity, linitial(names)))
	{
		check_embedded(&at, linitial(names), lsecond(names), node);
		return;
	}
	names = walk_path(&at, names, 1, node);
	check_property(&at, linitial(names), node);
}

static void
check_order(Frame *frame, const OrmJson *item)
{
	if (item->kind == ORM_JSON_STRING)
	{
		char	   *path = orm_json_string(item);

		check_order_path(frame, path[0] == '-' ? path + 1 : path, item);
	}
	else if (item->kind == ORM_JSON_OBJECT)
		for (int i = 0; i < item->nitems; i++)
			check_order_path(frame, item->items[i].key, &item->items[i]);
	else if (item->kind == ORM_JSON_ARRAY)
		for (int i = 0; i < item->nitems; i++)
			check_order(frame, &item->items[i]);
	else
		unknown_form(item);
}

static void check_document(List *frames, const OrmJson *document);

/* of several entities, those that have the relation take the step, as where it is loaded */
static List *
load_step(List *frames, const char *name, const OrmJson *node)
{
	List	   *next = NIL;
	ListCell   *cell;
	Frame		to;

	foreach(cell, frames)
	{
		if (!follow(lfirst(cell), name, &to))
			continue;
		/* filters inside look out no further than their own level */
		to.outer = NULL;
		for (int i = 0; i < Max(to.via->nbranches, 1); i++)
		{
			Frame	   *frame = palloc(sizeof(Frame));

			*frame = to.entity ? to : branch_frame(&to, i);
			next = lappend(next, frame);
		}
	}
	if (next == NIL)
		step_or_raise(linitial(frames), name, node, &to);
	return next;
}

/* a path of relations, and what is asked of the last */
static void
check_load_path(List *frames, const char *path, const OrmJson *node)
{
	ListCell   *cell;

	foreach(cell, orm_query_path(node, path))
		frames = load_step(frames, lfirst(cell), node);
	if (node->kind == ORM_JSON_OBJECT)
		check_document(frames, node);
}

static void
check_load(List *frames, const OrmJson *load)
{
	for (int i = 0; i < load->nitems; i++)
	{
		const OrmJson *item = &load->items[i];

		if (load->kind == ORM_JSON_OBJECT)
			check_load_path(frames, item->key, item);
		else if (item->kind == ORM_JSON_STRING)
			check_load_path(frames, orm_json_string(item), item);
		else if (item->kind == ORM_JSON_OBJECT)
			check_load(frames, item);
		else
			unknown_form(item);
	}
}

/* {"relation": …, "property": …, "function": …, "where": …}; the relation may be the key */
static void
check_figure(Frame *frame, const OrmJson *figure)
{
	const OrmJson *relation = figure->kind == ORM_JSON_OBJECT ? orm_json_member(figure, "relation") : NULL;
	Frame		at = *frame;

	if (relation && relation->kind != ORM_JSON_STRING)
		unknown_form(relation);
	(void) walk_path(&at, orm_query_path(figure, relation ? orm_json_string(relation) : figure->key), 0, figure);
	at.outer = NULL;
	for (int i = 0; i < figure->nitems; i++)
	{
		const OrmJson *item = &figure->items[i];

		if (item->key == NULL)
			unknown_form(item);
		else if (strcmp(item->key, "where") == 0)
			check_where(&at, item);
		else if (strcmp(item->key, "property") == 0 && item->kind == ORM_JSON_STRING)
			check_property(&at, orm_json_string(item), item);
		else if (strcmp(item->key, "relation") != 0 && strcmp(item->key, "function") != 0)
			unknown_form(item);
	}
}

static void
check_figures(Frame *frame, const OrmJson *figures)
{
	for (int i = 0; i < figures->nitems; i++)
	{
		const OrmJson *item = &figures->items[i];
		Frame		at = *frame;

		if (item->kind == ORM_JSON_STRING && item->key == NULL)
			(void) walk_path(&at, orm_query_path(item, orm_json_string(item)), 0, item);
		else if (item->key)
			check_figure(frame, item);
		else
			check_figures(frame, item);
	}
}

static void
check_clause(Frame *frame, const OrmJson *clause)
{
	const char *name = clause->key;

	if (strcmp(name, "where") == 0)
		check_where(frame, clause);
	else if (strcmp(name, "order") == 0)
		check_order(frame, clause);
	else if (strcmp(name, "select") == 0 || strcmp(name, "omit") == 0)
		check_names(frame, clause);
	else if (strcmp(name, "count") == 0 || strcmp(name, "aggregate") == 0)
		check_figures(frame, clause);
}

/* of one level: several frames where a morph_to has led to rows of several entities */
static void
check_document(List *frames, const OrmJson *document)
{
	ListCell   *cell;

	check_stack_depth();
	for (int i = 0; i < document->nitems; i++)
	{
		const OrmJson *clause = &document->items[i];

		if (strcmp(clause->key, "load") == 0)
			check_load(frames, clause);
		else
			foreach(cell, frames)
				check_clause(lfirst(cell), clause);
	}
}

void
orm_untrusted_check_names(OrmQuery *query, const OrmJson *document, bool restricted, List *paths)
{
	Frame		frame = {restricted, paths, query->entity, query->relation, NIL, NULL};

	check_document(list_make1(&frame), document);
}
