/*
 * deparse_where.c
 *	  Writes conditions, orders and properties as SQL text.
 *
 * Whole statements are deparse.c's.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "model/cast_codec.h"
#include "model/model_cache.h"
#include "query/deparse_chain.h"
#include "query/deparse_join.h"
#include "query/deparse_where.h"
#include "query/expression.h"
#include "query/predicate.h"
#include "query/scope.h"

int
orm_deparse_param(OrmDeparse *deparse, Oid type, Datum value, bool isnull)
{
	if (deparse->nparams == deparse->maxparams)
	{
		deparse->maxparams = Max(8, deparse->maxparams * 2);
		if (deparse->types == NULL)
		{
			deparse->types = palloc(sizeof(Oid) * deparse->maxparams);
			deparse->values = palloc(sizeof(Datum) * deparse->maxparams);
			deparse->nulls = palloc(sizeof(bool) * deparse->maxparams);
		}
		else
		{
			deparse->types = repalloc(deparse->types, sizeof(Oid) * deparse->maxparams);
			deparse->values = repalloc(deparse->values, sizeof(Datum) * deparse->maxparams);
			deparse->nulls = repalloc(deparse->nulls, sizeof(bool) * deparse->maxparams);
		}
	}
	deparse->types[deparse->nparams] = type;
	deparse->values[deparse->nparams] = value;
	deparse->nulls[deparse->nparams] = isnull;
	return ++deparse->nparams;
}

static int
value_param(OrmDeparse *deparse, const OrmTerm *term)
{
	int			number = orm_deparse_param(deparse, term->type, term->value, false);

	if (term->source)
	{
		OrmGivenValue *given = palloc(sizeof(OrmGivenValue));

		given->param = number - 1;
		given->term = term;
		deparse->given = lappend(deparse->given, given);
	}
	return number;
}

char *
orm_deparse_alias(OrmDeparse *deparse)
{
	return psprintf("o%d", ++deparse->naliases);
}

char *
orm_deparse_column(const char *alias, const char *column)
{
	const char *quoted = quote_identifier(column);
	Size		alias_len = strlen(alias);
	Size		len = strlen(quoted);
	char	   *text = palloc(alias_len + len + 2);

	memcpy(text, alias, alias_len);
	text[alias_len] = '.';
	memcpy(text + alias_len + 1, quoted, len + 1);
	return text;
}

char *
orm_deparse_property(OrmDeparse *deparse, OrmEntity *entity, OrmProperty *property, const char *alias)
{
	if (property->column == NULL)
		return psprintf("(\n%s\n)", orm_expression_text(entity, property, alias));
	if (strcmp(alias, "t") != 0)
		return orm_deparse_column(alias, property->column);
	/* most are of the entity's own table: those are written once */
	if (property->t_column == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(entity->context);

		property->t_column = orm_deparse_column(alias, property->column);
		MemoryContextSwitchTo(old);
	}
	return property->t_column;
}

char *
orm_deparse_shown(const OrmProperty *property, char *value)
{
	char	   *function = orm_cast_read_function(property->cast_as);

	return function ? psprintf("%s(%s)", function, value) : value;
}

void
orm_deparse_links(StringInfo buf, const OrmLinkColumn *links, int nlinks, const char *far_alias,
				  const char *near_alias)
{
	for (int i = 0; i < nlinks; i++)
		appendStringInfo(buf, "%s%s.%s OPERATOR(%s.%s) %s.%s", i > 0 ? " AND " : "",
						 far_alias, quote_identifier(links[i].far_column),
						 quote_identifier(links[i].operator_schema), links[i].operator_name,
						 near_alias, quote_identifier(links[i].near_column));
}

char *
orm_deparse_collation(Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	Form_pg_collation form;
	char	   *text;

	if (!HeapTupleIsValid(tuple))
		return pstrdup("");
	form = (Form_pg_collation) GETSTRUCT(tuple);
	text = psprintf(" COLLATE %s", quote_qualified_identifier(get_namespace_name(form->collnamespace),
															  NameStr(form->collname)));
	ReleaseSysCache(tuple);
	return text;
}

/* a bare "character" would be one of length 1 */
char *
orm_deparse_type_name(Oid type)
{
	return format_type_extended(type, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

void
orm_deparse_type(StringInfo buf, const OrmTypeColumn *type, const char *alias)
{
	appendStringInfo(buf, " AND %s.%s OPERATOR(%s.%s) CAST(%s AS %s)", alias, quote_identifier(type->column),
					 quote_identifier(type->operator_schema), type->operator_name,
					 quote_literal_cstr(type->alias), orm_deparse_type_name(type->type));
}

/* a property reached through relations, and the text that was written for it */
typedef struct WrittenPath
{
	List	   *path;
	List	   *bounds;
	OrmEntity  *entity;
	OrmProperty *property;
	const char *alias;
	char	   *text;
} WrittenPath;

/* from one place the same steps have the same bounds, or none */
static bool
same_path(const WrittenPath *written, const WrittenPath *wanted)
{
	ListCell   *a;
	ListCell   *b;

	if (written->property != wanted->property || strcmp(written->alias, wanted->alias) != 0 ||
		list_length(written->path) != list_length(wanted->path) || (written->bounds == NIL) != (wanted->bounds == NIL))
		return false;
	forboth(a, written->path, b, wanted->path)
		if (lfirst(a) != lfirst(b))
			return false;
	return true;
}

/* what holds on the rows on the way holds here: one that would not be loaded gives no value */
static char *
write_path(OrmDeparse *deparse, const WrittenPath *wanted)
{
	OrmChain	chain;
	char	   *value;
	ListCell   *cell;

	orm_chain_start(&chain, deparse, wanted->alias, false);
	foreach(cell, wanted->path)
	{
		OrmRelation *relation = lfirst(cell);
		List	   *groups = orm_scope_relation_groups(relation, orm_model_by_relid(relation->target, false));

		if (wanted->bounds)
			groups = list_concat(groups, list_nth(wanted->bounds, foreach_current_index(cell)));
		orm_chain_take(&chain, relation, orm_deparse_alias(deparse), groups);
	}
	value = orm_deparse_property(deparse, wanted->entity, wanted->property, chain.alias);
	if (orm_join_suits_path(deparse, wanted->alias, wanted->path))
		return orm_join_row(deparse, value, chain.from.data, chain.where.data);
	return psprintf("(SELECT %s FROM %s WHERE %s LIMIT 1)", value, chain.from.data, chain.where.data);
}

/*
 * A property reached through to-one relations. No join may multiply the rows or
 * drop those without a target: where one could, it is a scalar subquery. The
 * same text each time
 * in a statement, its parameters included, so that the server takes it for the
 * same value.
 */
char *
orm_deparse_path(OrmDeparse *deparse, List *path, List *bounds, OrmEntity *entity, OrmProperty *property,
				 const char *alias)
{
	WrittenPath *wanted = palloc(sizeof(WrittenPath));
	ListCell   *cell;

	*wanted = (WrittenPath) {path, bounds, entity, property, alias};
	foreach(cell, deparse->paths)
		if (same_path(lfirst(cell), wanted))
			return ((WrittenPath *) lfirst(cell))->text;
	wanted->text = write_path(deparse, wanted);
	deparse->paths = lappend(deparse->paths, wanted);
	return wanted->text;
}

/* ---- conditions ---- */

/* the names under which a place in a condition is known to SQL */
typedef struct Place Place;

struct Place
{
	const char *alias;
	const char *pivot;			/* of the junction, where there is one */
	const char *element;		/* of the array that is looked through */
	const Place *outer;
};

static char *term_text(OrmDeparse *deparse, const OrmTerm *term, const Place *place);
static void append_where(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place);

static void
append_list(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place)
{
	bool		all = where->kind == ORM_WHERE_AND;
	ListCell   *cell;
	bool		first = true;

	if (where->items == NIL)
	{
		appendStringInfoString(buf, all ? "true" : "false");
		return;
	}
	foreach(cell, where->items)
	{
		if (!first)
			appendStringInfoString(buf, all ? " AND " : " OR ");
		first = false;
		append_where(deparse, buf, lfirst(cell), place);
	}
}

/*
 * "FROM ... WHERE ...": the rows of a relation that a filter looks at. With
 * "once" each of them counts, else it only matters whether there is one.
 */
static Place
append_related(OrmDeparse *deparse, StringInfo buf, const OrmRelated *related, const Place *outer, bool once)
{
	Place		place = {.alias = orm_deparse_alias(deparse),.outer = outer};
	OrmChain	chain;
	ListCell   *cell;

	orm_chain_start(&chain, deparse, outer->alias, false);
	chain.between = related->between;
	if (once)
		orm_chain_take_once(&chain, related->relation, place.alias, related->groups);
	else
		orm_chain_take(&chain, related->relation, place.alias, related->groups);
	place.pivot = chain.pivot;
	appendStringInfo(buf, " FROM %s WHERE %s", chain.from.data, chain.where.data);
	foreach(cell, related->filters)
	{
		appendStringInfoString(buf, " AND ");
		append_where(deparse, buf, lfirst(cell), &place);
	}
	return place;
}

/* its alias is written before the rows are: they are written apart */
static char *
aggregate_text(OrmDeparse *deparse, const OrmTerm *term, const Place *outer)
{
	const OrmRelated *related = term->related;
	StringInfoData from;
	Place		place;

	if (orm_join_suits_groups(deparse, outer->alias, related->relation, related->groups, related->filters))
	{
		place = (Place) {.alias = orm_deparse_alias(deparse),.outer = outer};
		return orm_join_groups(deparse, related->relation,
							   psprintf("%s.%s(%s)", quote_identifier(term->schema), quote_identifier(term->name),
										term->args ? term_text(deparse, linitial(term->args), &place) : "*"),
							   strcmp(term->name, "count") == 0 ? "0" : NULL, place.alias, related->groups, related->filters);
	}
	initStringInfo(&from);
	place = append_related(deparse, &from, related, outer, true);
	return psprintf("(SELECT %s.%s(%s)%s)", quote_identifier(term->schema), quote_identifier(term->name),
					term->args ? term_text(deparse, linitial(term->args), &place) : "*", from.data);
}

static char *
call_text(OrmDeparse *deparse, const OrmTerm *term, const Place *place)
{
	StringInfoData buf;
	ListCell   *cell;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%s.%s(", quote_identifier(term->schema), quote_identifier(term->name));
	foreach(cell, term->args)
		appendStringInfo(&buf, "%s%s", cell == list_head(term->args) ? "" : ", ",
						 term_text(deparse, lfirst(cell), place));
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/* as a hand writes it for an index: coalesce(a, '') || ' ' || coalesce(b, '') */
static char *
concat_text(OrmDeparse *deparse, const OrmTerm *term, const Place *place)
{
	char	   *text = NULL;
	ListCell   *cell;

	foreach(cell, term->args)
	{
		char	   *part = psprintf("COALESCE(%s, '')", term_text(deparse, lfirst(cell), place));

		text = text ? psprintf("((%s OPERATOR(pg_catalog.||) ' ') OPERATOR(pg_catalog.||) %s)", text, part) : part;
	}
	return text;
}

static char *
property_text(OrmDeparse *deparse, const OrmTerm *term, const Place *place)
{
	for (int i = 0; i < term->up; i++)
		place = place->outer;
	if (term->path != NIL)
		return orm_deparse_path(deparse, term->path, term->bounds, term->entity, term->property, place->alias);
	return orm_deparse_property(deparse, term->entity, term->property, place->alias);
}

static char *
term_text(OrmDeparse *deparse, const OrmTerm *term, const Place *place)
{
	char	   *args[3] = {0};

	check_stack_depth();
	/* one after the other, so that parameters are numbered alike everywhere */
	if (term->kind == ORM_TERM_STEP || term->kind == ORM_TERM_FIELD || term->kind == ORM_TERM_GUARD ||
		term->kind == ORM_TERM_CAST)
		for (int i = 0; i < list_length(term->args); i++)
			args[i] = term_text(deparse, list_nth(term->args, i), place);
	switch (term->kind)
	{
		case ORM_TERM_PROPERTY:
			return property_text(deparse, term, place);
		case ORM_TERM_VALUE:
			/* of these there are two: the planner shall know which, for partial indexes and where one of them is rare */
			if (term->type == BOOLOID && !term->later)
				return pstrdup(DatumGetBool(term->value) ? "true" : "false");
			return psprintf("$%d", value_param(deparse, term));
		case ORM_TERM_ELEMENT:
			return psprintf("%s.e", place->element);
		case ORM_TERM_STEP:
			return psprintf("(%s OPERATOR(pg_catalog.%s) %s)", args[0], term->type == TEXTOID ? "#>>" : "#>", args[1]);
		case ORM_TERM_FIELD:
			return psprintf("(%s).%s", args[0], quote_identifier(term->name));
		case ORM_TERM_GUARD:
			return psprintf("CASE WHEN pg_catalog.jsonb_typeof(%s) OPERATOR(pg_catalog.=) ANY (%s) THEN %s END",
							args[0], args[1], args[2]);
		case ORM_TERM_CALL:
			return call_text(deparse, term, place);
		case ORM_TERM_CAST:
			return psprintf("CAST(%s AS %s)", args[0], orm_deparse_type_name(term->type));
		case ORM_TERM_CONFIG:
			return psprintf("CAST(%s AS pg_catalog.regconfig)", quote_literal_cstr(term->name));
		case ORM_TERM_CONCAT:
			return concat_text(deparse, term, place);
		case ORM_TERM_AGGREGATE:
			return aggregate_text(deparse, term, place);
	}
	pg_unreachable();
}

static void
append_comparison(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place)
{
	const char *quantifier = where->kind == ORM_WHERE_ANY ? "ANY " : where->kind == ORM_WHERE_ALL ? "ALL " : "";
	char	   *left = term_text(deparse, where->left, place);

	appendStringInfo(buf, "%s OPERATOR(%s.%s) %s(%s)", left, quote_identifier(where->operator_schema),
					 where->operator_name, quantifier, term_text(deparse, where->right, place));
}

/* an array that is not there is unknown, and of one that is there the elements are looked at */
static void
append_element(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place)
{
	Place		inner = *place;
	char	   *array = term_text(deparse, where->left, place);

	inner.element = orm_deparse_alias(deparse);
	appendStringInfo(buf, "CASE WHEN %s IS NOT NULL THEN EXISTS (SELECT FROM pg_catalog.unnest(%s) AS %s(e) WHERE ",
					 array, array, inner.element);
	append_where(deparse, buf, linitial(where->items), &inner);
	appendStringInfoString(buf, ") END");
}

static void
append_node(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place)
{
	Place		inner;

	switch (where->kind)
	{
		case ORM_WHERE_AND:
		case ORM_WHERE_OR:
			append_list(deparse, buf, where, place);
			break;
		case ORM_WHERE_NOT:
			appendStringInfoString(buf, "NOT ");
			append_where(deparse, buf, linitial(where->items), place);
			break;
		case ORM_WHERE_UNTRUE:
			/* IS DISTINCT FROM would look its operator up by search_path */
			append_where(deparse, buf, linitial(where->items), place);
			appendStringInfoString(buf, " IS NOT TRUE");
			break;
		case ORM_WHERE_COMPARE:
		case ORM_WHERE_ANY:
		case ORM_WHERE_ALL:
			append_comparison(deparse, buf, where, place);
			break;
		case ORM_WHERE_NULL:
			/* IS NULL looks into a row, and holds for one that is there and has no values */
			appendStringInfo(buf, "%s IS %s", term_text(deparse, where->left, place),
							 type_is_rowtype(where->left->type) ? "NOT DISTINCT FROM NULL" : "NULL");
			break;
		case ORM_WHERE_TERM:
			appendStringInfoString(buf, term_text(deparse, where->left, place));
			break;
		case ORM_WHERE_ELEMENT:
			append_element(deparse, buf, where, place);
			break;
		case ORM_WHERE_EXISTS:
			appendStringInfoString(buf, "EXISTS (SELECT");
			append_related(deparse, buf, where->related, place, false);
			appendStringInfoChar(buf, ')');
			break;
		case ORM_WHERE_PIVOT:
			inner = (Place) {.alias = place->pivot,.outer = place};
			append_where(deparse, buf, linitial(where->items), &inner);
			break;
		case ORM_WHERE_PREDICATE:
			orm_predicate_deparse(deparse, buf, where->predicate, place->alias);
			break;
	}
}

static void
append_where(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const Place *place)
{
	check_stack_depth();
	appendStringInfoChar(buf, '(');
	append_node(deparse, buf, where, place);
	appendStringInfoChar(buf, ')');
}

void
orm_deparse_where_at(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias, const char *pivot)
{
	Place		place = {.alias = alias,.pivot = pivot};

	append_where(deparse, buf, where, &place);
}

void
orm_deparse_where(OrmDeparse *deparse, StringInfo buf, const OrmWhere *where, const char *alias)
{
	/* the junction of a many-to-many is "p" in every statement */
	orm_deparse_where_at(deparse, buf, where, alias, "p");
}

void
orm_deparse_groups(OrmDeparse *deparse, StringInfo buf, List *wheres, const char *lead, const char *alias)
{
	ListCell   *cell;

	foreach(cell, wheres)
	{
		appendStringInfoString(buf, lead);
		orm_deparse_where(deparse, buf, lfirst(cell), alias);
		lead = " AND ";
	}
}
