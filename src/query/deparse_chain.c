/*
 * deparse_chain.c
 *	  The way from a row to the rows of a relation.
 */
#include "base/compat.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/foreign_key.h"
#include "model/model_cache.h"
#include "query/deparse_chain.h"
#include "query/deparse_clause.h"
#include "query/deparse_relation.h"
#include "query/deparse_tree.h"
#include "query/order.h"
#include "query/scope.h"

void
orm_chain_start(OrmChain *chain, OrmDeparse *deparse, const char *alias, bool keys)
{
	memset(chain, 0, sizeof(OrmChain));
	chain->deparse = deparse;
	chain->alias = alias;
	chain->keys = keys;
	initStringInfo(&chain->from);
	initStringInfo(&chain->where);
}

void
orm_deparse_key_links(StringInfo buf, const OrmLinkColumn *links, int nlinks, const char *far, const char *keys)
{
	for (int i = 0; i < nlinks; i++)
		appendStringInfo(buf, "%s%s.%s OPERATOR(%s.%s) %s.k%d%s", i > 0 ? " AND " : "", far,
						 quote_identifier(links[i].far_column), quote_identifier(links[i].operator_schema),
						 links[i].operator_name, keys, i + 1,
						 links[i].collates_key ? orm_deparse_collation(links[i].met_collation) : "");
}

/* a way's last relation by its own columns may be a polymorphic one */
static const OrmTypeColumn *
end_type(const OrmRelation *through)
{
	const OrmRelation *last = through->hops[through->nhops - 1];

	return through->to_the_row || orm_relation_has_junction(last) ? NULL : last->type;
}

void
orm_deparse_end_links(StringInfo buf, const OrmRelation *through, const char *far, const char *keys)
{
	orm_deparse_key_links(buf, through->far_links, through->nfar_links, far, keys);
	if (end_type(through))
		orm_deparse_type(buf, end_type(through), far);
}

static void
append_links(StringInfo buf, const OrmChain *chain, const OrmLinkColumn *links, int nlinks, const char *far)
{
	if (chain->keys)
		orm_deparse_key_links(buf, links, nlinks, far, chain->alias);
	else
		orm_deparse_links(buf, links, nlinks, far, chain->alias);
}

/* ---- parts ---- */

static void
add_item(OrmChain *chain, const char *item, const char *alias)
{
	appendStringInfo(&chain->from, "%s%s AS %s", chain->from.len > 0 ? ", " : "", item, alias);
}

static void
add_and(OrmChain *chain)
{
	if (chain->where.len > 0)
		appendStringInfoString(&chain->where, " AND ");
}

/* stands at a table that the links lead to; "type" says which of the rows on its side are meant, or is NULL */
static void
step_to(OrmChain *chain, const char *item, const OrmLinkColumn *links, int nlinks, const OrmTypeColumn *type,
		const char *alias)
{
	add_item(chain, item, alias);
	add_and(chain);
	append_links(&chain->where, chain, links, nlinks, alias);
	if (type)
		orm_deparse_type(&chain->where, type, type->near ? chain->alias : alias);
	chain->alias = alias;
	chain->keys = false;
}

static void
step_to_junction(OrmChain *chain, OrmRelation *relation)
{
	step_to(chain, orm_relation_table(relation->through), relation->links, relation->nlinks, relation->type,
			orm_deparse_alias(chain->deparse));
	chain->pivot = chain->alias;
}

/* stands at the rows that an array holds the keys of, each once */
static void
step_to_elements(OrmChain *chain, OrmRelation *relation, const char *alias)
{
	const OrmLinkColumn *link = &relation->links[0];
	char	   *array = psprintf("%s.%s", chain->alias, chain->keys ? "k1" : quote_identifier(link->near_column));

	if (chain->keys)
		array = orm_relation_array_of_text(relation, array);
	add_item(chain, orm_relation_table(relation->target), alias);
	add_and(chain);
	appendStringInfo(&chain->where, "%s.%s OPERATOR(%s.%s) ANY (%s)", alias, quote_identifier(link->far_column),
					 quote_identifier(link->operator_schema), link->operator_name, array);
	chain->alias = alias;
	chain->keys = false;
}

static void
step_to_function(OrmChain *chain, OrmRelation *relation, const char *alias)
{
	step_to(chain, orm_relation_table(relation->owner), relation->links, relation->nlinks, NULL,
			orm_deparse_alias(chain->deparse));
	add_item(chain, psprintf("%s(%s.*)", relation->function, chain->alias), alias);
	chain->alias = alias;
}

/* all rows above or below: what holds on them by itself holds on those between, too */
static void
step_along_tree(OrmChain *chain, OrmRelation *relation, const char *alias)
{
	char	   *keys = orm_deparse_alias(chain->deparse);
	OrmEntity  *target = orm_model_by_relid(relation->target, false);

	/* it starts from what stands before it */
	appendStringInfoString(&chain->from, chain->from.len > 0 ? ", LATERAL " : "LATERAL ");
	orm_tree_walk(chain->deparse, &chain->from, relation,
				  list_concat(orm_scope_relation_groups(relation, target), chain->between), chain->alias, chain->keys, keys);
	chain->alias = keys;
	chain->keys = true;
	step_to(chain, orm_relation_table(relation->target), relation->links, relation->nlinks, relation->type, alias);
}

static void
add_groups(OrmChain *chain, List *groups)
{
	ListCell   *cell;

	foreach(cell, groups)
	{
		add_and(chain);
		orm_deparse_where_at(chain->deparse, &chain->where, lfirst(cell), chain->alias, chain->pivot);
	}
}

/* a relation on the way, with all that holds on its rows */
static void
take_hop(OrmChain *chain, OrmRelation *hop, const char *alias)
{
	orm_chain_take(chain, hop, alias, orm_scope_relation_groups(hop, orm_model_by_relid(hop->target, false)));
}

static void
take_hops(OrmChain *chain, OrmRelation *through, int n)
{
	for (int i = 0; i < n; i++)
		take_hop(chain, through->hops[i], orm_deparse_alias(chain->deparse));
}

/* ---- relations ---- */

/* the rows of the target, without a choice among them */
static void
take_all(OrmChain *chain, OrmRelation *relation, const char *alias)
{
	check_stack_depth();
	chain->pivot = NULL;
	if (relation->path)
	{
		OrmRelation *last = relation->hops[relation->nhops - 1];

		take_hops(chain, relation, relation->nhops - 1);
		if (relation->to_the_row)
			take_hop(chain, last, alias);
		else
			take_all(chain, last, alias);
		chain->pivot = NULL;
	}
	else if (relation->function)
		step_to_function(chain, relation, alias);
	else if (orm_relation_is_tree(relation))
		step_along_tree(chain, relation, alias);
	else if (relation->kind == ORM_HAS_MANY_IN)
		step_to_elements(chain, relation, alias);
	else if (orm_relation_has_junction(relation))
	{
		step_to_junction(chain, relation);
		step_to(chain, orm_relation_table(relation->target), relation->far_links, relation->nfar_links, NULL, alias);
	}
	else
		step_to(chain, orm_relation_table(relation->target), relation->links, relation->nlinks, relation->type, alias);
}

/* the key of a row as columns f1, f2 …, and how the row is found by them */
static char *
key_columns(const OrmEntity *entity, const char *alias)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < entity->nkeys; i++)
		appendStringInfo(&buf, "%s%s AS f%d", i > 0 ? ", " : "",
						 orm_deparse_column(alias, entity->properties[entity->keys[i]].column), i + 1);
	return buf.data;
}

static void
add_key_match(OrmChain *chain, const OrmEntity *entity, const char *alias, const char *found)
{
	for (int i = 0; i < entity->nkeys; i++)
	{
		OrmProperty *property = &entity->properties[entity->keys[i]];
		Oid			op = orm_link_operator(property->type, property->type);

		add_and(chain);
		appendStringInfo(&chain->where, "%s OPERATOR(%s.%s) %s.f%d", orm_deparse_column(alias, property->column),
						 quote_identifier(orm_operator_schema(op)), get_opname(op), found, i + 1);
	}
}

/* a subquery that gives rows whole takes the right to read all of their columns */
static bool
may_read_whole(const OrmEntity *entity)
{
	if (entity->nkeys == 0 || pg_class_aclcheck(entity->relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < entity->nkeys; i++)
		if (!OidIsValid(orm_link_operator(entity->properties[entity->keys[i]].type, entity->properties[entity->keys[i]].type)))
			return true;
	return false;
}

/*
 * A to-one that finds several rows takes the first of them by its order, then
 * by the target's key: a subquery that gives just this one, or its key.
 */
static void
take_first(OrmChain *chain, OrmRelation *relation, const char *alias, List *groups)
{
	OrmQuery   *query = orm_query_new(orm_model_by_relid(relation->target, false));
	bool		whole = may_read_whole(query->entity);
	const char *found = whole ? alias : orm_deparse_alias(chain->deparse);
	OrmChain	inner;
	StringInfoData item;

	query->relation = relation;
	query->order = orm_order_declared(query);
	orm_chain_start(&inner, chain->deparse, chain->alias, chain->keys);
	take_all(&inner, relation, alias);
	add_groups(&inner, groups);
	initStringInfo(&item);
	appendStringInfo(&item, "LATERAL (SELECT %s FROM %s WHERE %s", whole ? psprintf("%s.*", alias) : key_columns(query->entity, alias),
					 inner.from.data, inner.where.data);
	orm_deparse_order(chain->deparse, &item, query, true, true, " ORDER BY ", alias);
	appendStringInfoString(&item, " LIMIT 1)");
	add_item(chain, item.data, found);
	if (whole)
	{
		add_and(chain);
		appendStringInfoString(&chain->where, "true");
	}
	else
	{
		add_item(chain, orm_relation_table(relation->target), alias);
		add_key_match(chain, query->entity, alias, found);
	}
	chain->alias = alias;
	chain->keys = false;
	chain->pivot = NULL;
}

void
orm_chain_take(OrmChain *chain, OrmRelation *relation, const char *alias, List *groups)
{
	if (orm_relation_chooses(relation))
	{
		take_first(chain, relation, alias, groups);
		return;
	}
	take_all(chain, relation, alias);
	add_groups(chain, groups);
}

void
orm_chain_take_once(OrmChain *chain, OrmRelation *relation, const char *alias, List *groups)
{
	if (orm_relation_chooses(relation))
	{
		take_first(chain, relation, alias, groups);
		return;
	}
	if (relation->path && !relation->keys_distinct)
	{
		StringInfoData keys;
		char	   *between = orm_deparse_alias(chain->deparse);

		initStringInfo(&keys);
		appendStringInfoChar(&keys, '(');
		orm_chain_append_keys(&keys, chain, relation, NULL);
		appendStringInfoChar(&keys, ')');
		add_item(chain, keys.data, between);
		chain->alias = between;
		chain->keys = true;
		chain->pivot = NULL;
		step_to(chain, orm_relation_table(relation->target), relation->far_links, relation->nfar_links,
				end_type(relation), alias);
	}
	else
		take_all(chain, relation, alias);
	add_groups(chain, groups);
}

/* ---- keys ---- */

static void
append_key_columns(StringInfo buf, const OrmChain *chain, const OrmRelation *through)
{
	for (int i = 0; i < through->nfar_links; i++)
	{
		const OrmLinkColumn *link = &through->far_links[i];
		char	   *column = chain->keys ? psprintf("%s.k%d", chain->alias, i + 1)
			: psprintf("%s.%s", chain->alias, quote_identifier(link->near_column));

		/* values that are equal where they meet the target count as one */
		if (link->met_type != link->near_type)
			column = psprintf("CAST(%s AS %s)", column, orm_deparse_type_name(link->met_type));
		if (link->met_collation != (chain->keys ? DEFAULT_COLLATION_OID : link->near_collation))
			column = psprintf("%s%s", column, orm_deparse_collation(link->met_collation));
		appendStringInfo(buf, "%s%s AS k%d", i > 0 ? ", " : "", column, i + 1);
	}
}

void
orm_chain_append_keys(StringInfo buf, const OrmChain *from, OrmRelation *through, const char *batch)
{
	OrmRelation *last = through->hops[through->nhops - 1];
	OrmChain	chain;

	orm_chain_start(&chain, from->deparse, from->alias, from->keys);
	if (batch)
		appendStringInfoString(&chain.from, batch);
	take_hops(&chain, through, through->to_the_row ? through->nhops : through->nhops - 1);
	if (!through->to_the_row && orm_relation_has_junction(last))
		step_to_junction(&chain, last);
	appendStringInfo(buf, "SELECT %s%s", through->keys_distinct ? "" : "DISTINCT ", batch ? "k.ord, " : "");
	append_key_columns(buf, &chain, through);
	if (chain.from.len > 0)
		appendStringInfo(buf, " FROM %s", chain.from.data);
	if (chain.where.len > 0)
		appendStringInfo(buf, " WHERE %s", chain.where.data);
}
