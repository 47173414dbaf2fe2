/*
 * step_shape.c
 *	  Compares documents but for the values that they give.
 */
#include "base/compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "query/deparse_where.h"
#include "run/step_shape.h"

/* ---- hash ---- */

static uint32
scalar_hash(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return hash_bytes((const unsigned char *) value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return hash_bytes((const unsigned char *) value->val.numeric, VARSIZE_ANY(value->val.numeric));
		case jbvBool:
			return value->val.boolean;
		default:
			return 0;
	}
}

static uint32
node_hash(const OrmJson *node, bool values)
{
	uint32		hash = node->kind;

	check_stack_depth();
	if (node->kind != ORM_JSON_OBJECT && node->kind != ORM_JSON_ARRAY)
		return values ? hash_combine(hash, scalar_hash(&node->value)) : hash;
	for (int i = 0; i < node->nitems; i++)
	{
		const OrmJson *item = &node->items[i];

		if (item->key)
			hash = hash_combine(hash, hash_bytes((const unsigned char *) item->key, strlen(item->key)));
		/* how long a list of values is does not count */
		else if (!values && item->kind != ORM_JSON_OBJECT && item->kind != ORM_JSON_ARRAY)
			continue;
		hash = hash_combine(hash, node_hash(item, values && (item->key == NULL || strcmp(item->key, "where") != 0)));
	}
	return hash;
}

uint32
orm_shape_hash(OrmJson *const *documents, int n)
{
	uint32		hash = n;

	for (int i = 0; i < n; i++)
		hash = hash_combine(hash, node_hash(documents[i], true));
	return hash;
}

/* ---- comparison ---- */

static bool
scalars_equal(const JsonbValue *a, const JsonbValue *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case jbvString:
			return a->val.string.len == b->val.string.len && memcmp(a->val.string.val, b->val.string.val, a->val.string.len) == 0;
		case jbvNumeric:
			/* how it is written may count */
			return VARSIZE_ANY(a->val.numeric) == VARSIZE_ANY(b->val.numeric) &&
				memcmp(a->val.numeric, b->val.numeric, VARSIZE_ANY(a->val.numeric)) == 0;
		case jbvBool:
			return a->val.boolean == b->val.boolean;
		default:
			return true;
	}
}

/* notes where the value that this node gives stands in the other document; false: it gives none */
static bool
note_source(const OrmStatement *statement, const OrmJson *node, const OrmJson *other, const OrmJson **sources)
{
	bool		found = false;
	ListCell   *cell;

	foreach(cell, statement->given)
		if (((OrmGivenValue *) lfirst(cell))->term->source == node)
		{
			sources[foreach_current_index(cell)] = other;
			found = true;
		}
	return found;
}

static bool
nodes_equal(const OrmStatement *statement, const OrmJson *node, const OrmJson *other, const OrmJson **sources)
{
	check_stack_depth();
	if (node->kind != other->kind || node->untrusted != other->untrusted)
		return false;
	if ((node->key == NULL) != (other->key == NULL) || (node->key && strcmp(node->key, other->key) != 0))
		return false;
	if (note_source(statement, node, other, sources))
		return true;
	if (node->kind != ORM_JSON_OBJECT && node->kind != ORM_JSON_ARRAY)
		return scalars_equal(&node->value, &other->value);
	if (node->nitems != other->nitems)
		return false;
	for (int i = 0; i < node->nitems; i++)
		if (!nodes_equal(statement, &node->items[i], &other->items[i], sources))
			return false;
	return true;
}

bool
orm_shape_is_same(const OrmStatement *statement, OrmJson *const *documents, OrmJson *const *other, int n,
				  const OrmJson **sources)
{
	for (int i = 0; i < n; i++)
		if (!nodes_equal(statement, documents[i], other[i], sources))
			return false;
	return true;
}

bool
orm_shape_holds(const OrmStatement *statement, OrmJson *const *documents, int n)
{
	int			most = list_length(statement->given);
	const OrmJson **sources = palloc0(sizeof(OrmJson *) * Max(most, 1));

	if (!orm_shape_is_same(statement, documents, documents, n, sources))
		return false;
	for (int i = 0; i < most; i++)
		if (sources[i] == NULL)
			return false;
	return true;
}
