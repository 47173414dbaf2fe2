/*
 * graph.c
 *	  Tables and rows of a call, before and while they are filled.
 */
#include "base/compat.h"

#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "save/graph.h"
#include "save/statement.h"

#define CHUNK_SIZE	(256 * 1024)

void *
orm_save_alloc(OrmSaveCall *call, Size size)
{
	void	   *room;

	size = MAXALIGN(size);
	if (size > CHUNK_SIZE / 16)
		return MemoryContextAllocZero(call->context, size);
	if (size > call->chunk_left)
	{
		call->chunk = MemoryContextAlloc(call->context, CHUNK_SIZE);
		call->chunk_left = CHUNK_SIZE;
	}
	room = call->chunk;
	call->chunk += size;
	call->chunk_left -= size;
	memset(room, 0, size);
	return room;
}

/* ---- columns ---- */

static bool
draws_from_sequence(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == F_NEXTVAL)
		return true;
	if (IsA(node, NextValueExpr))
		return true;
	return expression_tree_walker(node, draws_from_sequence, context);
}

/* columns that the input never writes, although it may name them */
static bool
is_kept_by_server(const OrmEntity *entity, Form_pg_attribute att)
{
	const char *names[] = {entity->version, entity->created_at, entity->updated_at};

	if (att->attgenerated != '\0')
		return true;
	for (int i = 0; i < lengthof(names); i++)
		if (names[i] && strcmp(names[i], NameStr(att->attname)) == 0)
			return true;
	return false;
}

/* what a column gets when a row is replaced and the input does not name it; NULL: something else each time */
static char *
default_text(Relation rel, const OrmSaveColumn *column, AttrNumber attnum)
{
	Node	   *expression = build_column_default(rel, attnum);

	if (expression == NULL)
		return psprintf("CAST(NULL AS %s)", orm_statement_type(column->type, column->typmod));
	if (contain_volatile_functions(expression))
		return NULL;
	return psprintf("(%s)", deparse_expression(expression, NIL, false, false));
}

static void
fill_columns(OrmSaveTable *table)
{
	OrmEntity  *entity = table->entity;
	Relation	rel = relation_open(entity->relid, AccessShareLock);

	table->desc = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	table->natts = table->desc->natts;
	table->columns = palloc0(sizeof(OrmSaveColumn) * table->natts);
	for (int i = 0; i < table->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(table->desc, i);
		OrmSaveColumn *column = &table->columns[i];

		if (att->attisdropped)
			continue;
		column->live = true;
		column->name = quote_identifier(pstrdup(NameStr(att->attname)));
		column->not_null = att->attnotnull;
		column->type = att->atttypid;
		column->typmod = att->atttypmod;
		column->typlen = att->attlen;
		column->typbyval = att->attbyval;
		column->property = orm_entity_property_by_attnum(entity, att->attnum);
		column->has_default = att->atthasdef || att->attidentity != '\0';
		column->always = att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS;
		column->passed_over = is_kept_by_server(entity, att);
		column->sequence = att->attidentity != '\0' ||
			(att->atthasdef && att->attgenerated == '\0' && draws_from_sequence(build_column_default(rel, att->attnum), NULL));
		if (table->call->verb == ORM_REPLACE && !column->passed_over && !column->sequence)
			column->default_sql = default_text(rel, column, att->attnum);
		if (entity->version && strcmp(entity->version, NameStr(att->attname)) == 0)
			table->version = att->attnum;
	}
	if (entity->flex_property)
		table->flex = entity->flex_property->attnum;
	relation_close(rel, NoLock);
}

OrmDecoder *
orm_save_decoder(OrmSaveTable *table, AttrNumber attnum)
{
	OrmSaveColumn *column = &table->columns[attnum - 1];

	if (column->decoder == NULL)
	{
		column->decoder = MemoryContextAlloc(table->call->context, sizeof(OrmDecoder));
		orm_codec_decoder(column->decoder, column->type, column->typmod, table->call->context);
	}
	return column->decoder;
}

/* ---- names ---- */

static OrmSaveName *
add_name(OrmSaveTable *table, const char *name, OrmSaveNameKind kind)
{
	OrmSaveName *entry = &table->names[table->nnames++];

	entry->name = name;
	entry->len = strlen(name);
	entry->kind = kind;
	return entry;
}

static int
compare_names(const void *a, const void *b)
{
	const OrmSaveName *left = a;
	const OrmSaveName *right = b;

	if (left->len != right->len)
		return left->len < right->len ? -1 : 1;
	return memcmp(left->name, right->name, left->len);
}

static OrmSaveName *
embed_name(OrmSaveTable *table, const char *embed)
{
	for (int i = 0; i < table->nnames; i++)
		if (table->names[i].kind == ORM_NAME_EMBED && strcmp(table->names[i].name, embed) == 0)
			return &table->names[i];
	return add_name(table, embed, ORM_NAME_EMBED);
}

static void
fill_names(OrmSaveTable *table)
{
	OrmEntity  *entity = table->entity;

	table->names = palloc0(sizeof(OrmSaveName) * (entity->nproperties + entity->nrelations * 2 + 1));
	for (int i = 0; i < entity->nproperties; i++)
	{
		OrmProperty *property = &entity->properties[i];

		if (property->embed)
		{
			OrmSaveName *entry = embed_name(table, property->embed);

			entry->members = lappend(entry->members, property);
		}
		else
			add_name(table, property->name, ORM_NAME_PROPERTY)->property = property;
	}
	for (int i = 0; i < entity->nrelations; i++)
		add_name(table, entity->relations[i].name, ORM_NAME_RELATION)->relation = &entity->relations[i];
	/* what find may have said besides */
	for (int i = 0; i < entity->nrelations; i++)
	{
		char	   *count = psprintf("%s_count", entity->relations[i].name);

		if (entity->relations[i].to_many && orm_entity_property(entity, count) == NULL &&
			orm_entity_relation(entity, count) == NULL)
			add_name(table, count, ORM_NAME_PASSED);
	}
	qsort(table->names, table->nnames, sizeof(OrmSaveName), compare_names);
	table->expected = palloc0(sizeof(OrmSaveName *) * (table->nnames + 1));
}

OrmSaveName *
orm_save_name(OrmSaveTable *table, const char *name, Size len, int expected)
{
	OrmSaveName key = {.name = name, .len = len};
	OrmSaveName *entry;

	/* objects of one list mostly name the same things in the same order */
	if (expected < table->nexpected)
	{
		entry = table->expected[expected];
		if (entry->len == len && memcmp(entry->name, name, len) == 0)
			return entry;
	}
	entry = bsearch(&key, table->names, table->nnames, sizeof(OrmSaveName), compare_names);
	if (entry && expected < table->nnames && expected <= table->nexpected)
	{
		table->expected[expected] = entry;
		table->nexpected = expected + 1;
	}
	return entry;
}

/* ---- tables and rows ---- */

static void
refuse_unwritable(OrmEntity *entity)
{
	if (entity->relkind == RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("entity \"%s\" is a materialized view", entity->name),
				 errdetail("Its rows come from REFRESH MATERIALIZED VIEW.")));
}

const OrmSaveMatch *
orm_save_match(OrmSaveTable *table, const AttrNumber *attnums, int n)
{
	OrmSaveMatch *match;
	ListCell   *cell;
	MemoryContext old;

	foreach(cell, table->matches)
	{
		match = lfirst(cell);
		if (match->ncolumns == n && memcmp(match->attnums, attnums, sizeof(AttrNumber) * n) == 0)
			return match;
	}
	old = MemoryContextSwitchTo(table->call->context);
	match = palloc0(sizeof(OrmSaveMatch));
	match->ncolumns = n;
	memcpy(match->attnums, attnums, sizeof(AttrNumber) * n);
	table->matches = lappend(table->matches, match);
	MemoryContextSwitchTo(old);
	return match;
}

static const OrmSaveMatch *
match_key(OrmSaveTable *table)
{
	OrmEntity  *entity = table->entity;
	AttrNumber	attnums[INDEX_MAX_KEYS];

	for (int i = 0; i < entity->nkeys; i++)
		attnums[i] = entity->properties[entity->keys[i]].attnum;
	return entity->nkeys > 0 ? orm_save_match(table, attnums, entity->nkeys) : NULL;
}

OrmSaveTable *
orm_save_table(OrmSaveCall *call, OrmEntity *entity)
{
	OrmSaveTable *table;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, call->tables)
	{
		table = lfirst(cell);
		if (table->entity->relid == entity->relid)
			return table;
	}
	refuse_unwritable(entity);
	old = MemoryContextSwitchTo(call->context);
	table = palloc0(sizeof(OrmSaveTable));
	table->call = call;
	table->entity = entity;
	table->array_type = get_array_type(get_rel_type_id(entity->relid));
	fill_columns(table);
	fill_names(table);
	table->key = match_key(table);
	table->looked_at = palloc0(table->natts);
	orm_buffer_init(&table->text, call->context, 1024);
	table->index = list_length(call->tables);
	call->tables = lappend(call->tables, table);
	MemoryContextSwitchTo(old);
	return table;
}

OrmSaveRow *
orm_save_row(OrmSaveTable *table, OrmSaveSet *set, Size start)
{
	int			natts = table->natts;
	Size		values = MAXALIGN(sizeof(OrmSaveRow));
	OrmSaveRow *row = orm_save_alloc(table->call, values + natts * (sizeof(Datum) + 2));

	row->table = table;
	row->set = set;
	row->start = start;
	row->values = (Datum *) ((char *) row + values);
	row->nulls = (bool *) (row->values + natts);
	row->given = (uint8 *) (row->nulls + natts);
	memset(row->nulls, true, natts);
	if (table->last)
		table->last->next = row;
	else
		table->first = row;
	table->last = row;
	table->nrows++;
	return row;
}

/* ---- places ---- */

char *
orm_save_pointer(const OrmSaveCall *call, Size start)
{
	return orm_json_text_pointer(call->text, call->len, start);
}

int
orm_save_errdetail(const OrmSaveCall *call, Size start, const char *fmt,...)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&buf, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	return errdetail_internal("At %s: %s", orm_save_pointer(call, start), buf.data);
}
