/*
 * link_key.c
 *	  The verbs link, unlink and sync over a foreign key: of the rows that
 *	  belong to one, and of the one that a row belongs to.
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/error.h"
#include "model/type_codec.h"
#include "query/scope.h"
#include "save/link.h"
#include "save/lookup.h"
#include "save/removal.h"

/* the columns of the foreign key, of the target or with "owning" of the entity itself; a type column among them */
static AttrNumber *
key_columns(const OrmLinkCall *call, bool owning, int *n)
{
	const OrmRelation *relation = call->relation;
	AttrNumber *attnums = palloc(sizeof(AttrNumber) * (relation->nlinks + 1));

	*n = 0;
	for (int i = 0; i < relation->nlinks; i++)
		attnums[(*n)++] = owning ? relation->links[i].near_attnum : relation->links[i].far_attnum;
	if (relation->type)
		attnums[(*n)++] = relation->type->attnum;
	return attnums;
}

/* a declaration may say that nothing but the database writes a column */
static void
check_writable(const OrmLinkCall *call, const OrmEntity *entity, bool owning)
{
	int			n;
	AttrNumber *attnums = key_columns(call, owning, &n);

	for (int i = 0; i < n; i++)
	{
		OrmProperty *property = orm_entity_property_by_attnum(entity, attnums[i]);

		if (property && !property->update)
			ereport(ERROR,
					(errcode(ERRCODE_ORM_NOT_WRITABLE),
					 errmsg("property \"%s\" of entity \"%s\" is not to be changed", property->name, entity->name),
					 errdetail("Relation \"%s\" of entity \"%s\" would have to write it.", call->relation->name,
							   call->entity->name)));
	}
}

static void
cannot_clear(const OrmLinkCall *call, const OrmEntity *entity)
{
	ereport(ERROR,
			(errcode(ERRCODE_NOT_NULL_VIOLATION),
			 errmsg("rows of relation \"%s\" of entity \"%s\" can't be unlinked", call->relation->name, call->entity->name),
			 errdetail("No column of the foreign key of entity \"%s\" may be null.", entity->name),
			 errhint("Link them elsewhere, or delete them.")));
}

/* "t.a = $1, …" of an UPDATE, and in "differs" that this changes anything; "values" are of the types of "links" */
static char *
assignments(OrmDeparse *deparse, const OrmEntity *entity, const AttrNumber *attnums, int n, const Oid *types,
			const Datum *values, char **differs)
{
	StringInfoData buf;
	List	   *old = NIL;
	List	   *new = NIL;

	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		const char *column = quote_identifier(get_attname(entity->relid, attnums[i], false));
		char	   *value = psprintf("$%d", orm_deparse_param(deparse, types[i], values[i], false));

		appendStringInfo(&buf, "%s%s = %s", i > 0 ? ", " : "", column, value);
		old = lappend(old, psprintf("t.%s", column));
		new = lappend(new, psprintf("CAST(%s AS %s)", value, orm_statement_type(get_atttype(entity->relid, attnums[i]), -1)));
	}
	*differs = orm_statement_differs(old, new);
	return buf.data;
}

static void
append_key_list(StringInfo buf, const OrmEntity *entity, const char *lead)
{
	ListCell   *cell;

	foreach(cell, orm_lookup_key_columns(entity))
	{
		appendStringInfo(buf, "%st.%s", lead, quote_identifier(lfirst(cell)));
		lead = ", ";
	}
}

/* the keys that rows hold from column "first" on */
static List *
keys_of(const OrmRows *rows, int first)
{
	List	   *keys = NIL;

	for (int i = 0; i < rows->nrows; i++)
		keys = lappend(keys, rows->values[i] + first);
	return keys;
}

/* "t.far = $1 AND …" for values of the near columns, appended */
static void
append_linked_to(const OrmLinkCall *call, OrmDeparse *deparse, StringInfo buf, const Datum *near)
{
	for (int i = 0; i < call->relation->nlinks; i++)
	{
		const OrmLinkColumn *link = &call->relation->links[i];

		appendStringInfo(buf, "%st.%s OPERATOR(%s.%s) $%d", i > 0 ? " AND " : "", quote_identifier(link->far_column),
						 quote_identifier(link->operator_schema), link->operator_name,
						 orm_deparse_param(deparse, link->near_type, near[i], false));
	}
	if (call->relation->type)
		orm_deparse_type(buf, call->relation->type, "t");
}

/* " AND [NOT] EXISTS (…)", appended: the row is one of those named, or none of them */
static void
append_named(const OrmLinkCall *call, OrmDeparse *deparse, StringInfo buf, bool named)
{
	if (call->target->nkeys == 1)
	{
		OrmProperty *key = &call->target->properties[call->target->keys[0]];
		char	   *any = orm_batch_any(deparse, call->keys, 0, psprintf("t.%s", quote_identifier(key->column)),
										call->keys->columns[0].type);

		if (any)
		{
			appendStringInfo(buf, " AND %s(%s)", named ? "" : "NOT ", any);
			return;
		}
	}
	appendStringInfo(buf, " AND %sEXISTS (SELECT FROM ", named ? "" : "NOT ");
	orm_batch_append(deparse, buf, call->keys, "k");
	appendStringInfoString(buf, " WHERE ");
	orm_lookup_match(buf, call->target, call->keys, "t", "k");
	appendStringInfoChar(buf, ')');
}

/* ---- rows that belong to the owner ---- */

/* the rows that are to go: those linked and named, or with "others" those linked and not named */
static void
append_leaving(const OrmLinkCall *call, OrmDeparse *deparse, StringInfo buf, bool others)
{
	appendStringInfoString(buf, " WHERE ");
	append_linked_to(call, deparse, buf, call->owner);
	orm_deparse_groups(deparse, buf, orm_scope_relation_groups(call->relation, call->target), " AND ", "t");
	append_named(call, deparse, buf, !others);
}

static void
unlink_children(OrmLinkCall *call, bool others)
{
	int			n;
	AttrNumber *attnums = key_columns(call, false, &n);
	List	   *columns = orm_removal_clearable(call->target, attnums, n);
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	ListCell   *cell;
	OrmRows    *rows;

	initStringInfo(&buf);
	if (columns == NIL)
	{
		appendStringInfo(&buf, "SELECT true FROM %s AS t", orm_entity_qualified(call->target));
		append_leaving(call, &deparse, &buf, others);
		appendStringInfoString(&buf, " LIMIT 1");
		if (orm_statement_write(&deparse, &buf, call->nelements)->nrows > 0)
			cannot_clear(call, call->target);
		return;
	}
	appendStringInfo(&buf, "WITH u AS (UPDATE %s AS t SET ", orm_entity_qualified(call->target));
	foreach(cell, columns)
		appendStringInfo(&buf, "%s%s = NULL", cell == list_head(columns) ? "" : ", ", quote_identifier(lfirst(cell)));
	append_leaving(call, &deparse, &buf, others);
	append_key_list(&buf, call->target, " RETURNING ");
	appendStringInfoString(&buf, ") SELECT * FROM u");
	orm_lookup_order(&buf, call->target, 1);
	rows = orm_statement_write(&deparse, &buf, call->nelements);
	call->result->unlinked = list_concat(call->result->unlinked, keys_of(rows, 0));
}

/* every row that is named is there */
static void
check_children(OrmLinkCall *call)
{
	OrmLookup	lookup = {.entity = call->target,.lock = true};
	OrmFound   *found;

	lookup.groups = orm_scope_relation_groups(call->relation, call->target);
	found = orm_lookup_rows(&lookup, call->keys);
	for (int i = 0; i < call->nelements; i++)
		if (!found[i].found)
			orm_link_missing(call, i);
}

/* on_foreign => 'error': a row that belongs to another owner stays there */
static void
check_foreign(OrmLinkCall *call)
{
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	OrmRows    *rows;

	if (call->relation->on_foreign == NULL || strcmp(call->relation->on_foreign, "error") != 0)
		return;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT k.ord FROM ");
	orm_batch_append(&deparse, &buf, call->keys, "k");
	appendStringInfo(&buf, " JOIN %s AS t ON ", orm_entity_qualified(call->target));
	orm_lookup_match(&buf, call->target, call->keys, "t", "k");
	appendStringInfoString(&buf, " WHERE NOT (");
	append_linked_to(call, &deparse, &buf, call->owner);
	appendStringInfoString(&buf, ") ORDER BY k.ord LIMIT 1");
	rows = orm_statement_write(&deparse, &buf, call->nelements);
	if (rows->nrows > 0)
		ereport(ERROR,
				(errcode(ERRCODE_ORM_NOT_WRITABLE),
				 errmsg("a row of relation \"%s\" belongs to another \"%s\"", call->relation->name, call->entity->name),
				 orm_errdetail_at(call->elements[DatumGetInt64(rows->values[0][0]) - 1],
								  "The relation is declared with on_foreign => 'error'."),
				 errhint("Unlink it there first.")));
}

/* the keys as "k", each once, with the number of its first place; appended */
static void
append_keys_once(const OrmLinkCall *call, OrmDeparse *deparse, StringInfo buf)
{
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < call->keys->ncolumns; i++)
		appendStringInfo(&columns, "%sk.k%d", i > 0 ? ", " : "", i + 1);
	appendStringInfo(buf, "(SELECT %s, pg_catalog.min(k.ord) AS ord FROM ", columns.data);
	orm_batch_append(deparse, buf, call->keys, "k");
	appendStringInfo(buf, " GROUP BY %s) AS k", columns.data);
}

/* the alias that stands for the owner's entity, as a value of the column */
static Datum
type_value(const OrmTypeColumn *type, Oid *oid)
{
	OrmDecoder	decoder;

	*oid = type->type;
	orm_codec_decoder(&decoder, type->type, -1, CurrentMemoryContext);
	return orm_codec_from_text(&decoder, type->alias);
}

static void
link_children(OrmLinkCall *call)
{
	int			n;
	AttrNumber *attnums = key_columns(call, false, &n);
	Oid		   *types = palloc(sizeof(Oid) * Max(n, 1));
	Datum	   *values = palloc(sizeof(Datum) * Max(n, 1));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	char	   *differs;
	OrmRows    *rows;

	for (int i = 0; i < call->relation->nlinks; i++)
	{
		types[i] = call->relation->links[i].near_type;
		values[i] = call->owner[i];
	}
	if (call->relation->type)
		values[n - 1] = type_value(call->relation->type, &types[n - 1]);
	initStringInfo(&buf);
	appendStringInfo(&buf, "WITH u AS (UPDATE %s AS t SET %s FROM ", orm_entity_qualified(call->target),
					 assignments(&deparse, call->target, attnums, n, types, values, &differs));
	append_keys_once(call, &deparse, &buf);
	appendStringInfoString(&buf, " WHERE ");
	orm_lookup_match(&buf, call->target, call->keys, "t", "k");
	appendStringInfo(&buf, " AND %s RETURNING k.ord", differs);
	append_key_list(&buf, call->target, ", ");
	appendStringInfoString(&buf, ") SELECT * FROM u ORDER BY 1");
	rows = orm_statement_write(&deparse, &buf, call->nelements);
	call->result->linked = list_concat(call->result->linked, keys_of(rows, 1));
}

void
orm_link_children(OrmLinkCall *call)
{
	/* where the key lets one row belong to it, that one makes room */
	bool		replaces = call->verb == ORM_SYNC ||
		(call->verb == ORM_LINK && !call->relation->to_many && call->relation->far_unique);

	orm_link_read_owner(call, true);
	check_writable(call, call->target, false);
	if (call->verb == ORM_UNLINK)
	{
		if (call->nelements > 0)
			unlink_children(call, false);
		return;
	}
	if (call->nelements > 0)
	{
		check_children(call);
		check_foreign(call);
	}
	if (replaces && (call->verb == ORM_SYNC || call->nelements > 0))
		unlink_children(call, true);
	if (call->nelements > 0)
		link_children(call);
}

/* ---- the row that the owner belongs to ---- */

/* its key, where it is one that the caller sees and with "named" one of those named: List of one or none */
static List *
current_target(OrmLinkCall *call, bool named)
{
	OrmDeparse	deparse = {0};
	StringInfoData buf;

	initStringInfo(&buf);
	append_key_list(&buf, call->target, "SELECT ");
	appendStringInfo(&buf, " FROM %s AS t WHERE ", orm_entity_qualified(call->target));
	append_linked_to(call, &deparse, &buf, call->owner);
	orm_deparse_groups(&deparse, &buf, orm_scope_relation_groups(call->relation, call->target), " AND ", "t");
	if (named)
		append_named(call, &deparse, &buf, true);
	return keys_of(orm_statement_write(&deparse, &buf, call->nelements), 0);
}

/* the groups that make out the owner */
static List *
owner_groups(OrmLinkCall *call)
{
	return lcons(call->key, orm_scope_groups(call->entity, NIL, ORM_TRASHED_OUT));
}

static void
clear_target(OrmLinkCall *call, List *current)
{
	OrmRemoval	removal = {.entity = call->entity,.kind = ORM_REMOVE_UNLINK,.groups = owner_groups(call)};
	int			n;
	AttrNumber *attnums = key_columns(call, true, &n);

	removal.columns = orm_removal_clearable(call->entity, attnums, n);
	if (removal.columns == NIL)
		cannot_clear(call, call->entity);
	if (orm_removal_by_groups(&removal) > 0)
		call->result->unlinked = current;
}

static void
set_target(OrmLinkCall *call, List *current)
{
	OrmLookup	lookup = {.entity = call->target};
	int			n;
	AttrNumber *attnums = key_columns(call, true, &n);
	Oid		   *types = palloc(sizeof(Oid) * Max(n, 1));
	OrmDeparse	deparse = {0};
	StringInfoData buf;
	char	   *differs;
	OrmFound   *found;

	lookup.groups = orm_scope_relation_groups(call->relation, call->target);
	for (int i = 0; i < n; i++)
	{
		lookup.columns = lappend(lookup.columns, call->relation->links[i].far_column);
		types[i] = getBaseType(get_atttype(call->target->relid, call->relation->links[i].far_attnum));
	}
	lookup.columns = list_concat(lookup.columns, orm_lookup_key_columns(call->target));
	found = orm_lookup_rows(&lookup, call->keys);
	for (int i = 0; i < n; i++)
		if (!found->found || found->nulls[i])
			orm_link_missing(call, 0);
	initStringInfo(&buf);
	appendStringInfo(&buf, "UPDATE %s AS t SET %s", orm_entity_qualified(call->entity),
					 assignments(&deparse, call->entity, attnums, n, types, found->values, &differs));
	orm_deparse_groups(&deparse, &buf, owner_groups(call), " WHERE ", "t");
	appendStringInfo(&buf, " AND %s", differs);
	if (orm_statement_write(&deparse, &buf, 1)->processed == 0)
		return;
	call->result->linked = list_make1(found->values + n);
	call->result->unlinked = current;
}

void
orm_link_owning(OrmLinkCall *call)
{
	bool		linked = true;
	List	   *current = NIL;

	orm_link_read_owner(call, false);
	check_writable(call, call->entity, true);
	if (call->nelements == 0 && call->verb != ORM_SYNC)
		return;
	for (int i = 0; i < call->relation->nlinks; i++)
		linked = linked && !call->owner_nulls[i];
	if (linked)
		current = current_target(call, call->verb == ORM_UNLINK);
	if (call->verb != ORM_UNLINK && call->nelements > 0)
		set_target(call, current);
	else if (call->verb == ORM_SYNC ? linked : current != NIL)
		clear_target(call, current);
}
