/*
 * clause_builder.c
 *	  Writes clauses of a query document as jsonb.
 *
 * Not here: reading them, and what names and operators mean (query_document.c,
 * where.c).
 */
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/error.h"
#include "query/clause_builder.h"
#include "query/untrusted.h"
#include "query/query_document.h"

/* jsonb being written, and how many objects are open */
typedef struct Build
{
	JsonbParseState *state;
	JsonbValue *result;
	int			open;
} Build;

typedef struct OperatorName
{
	const char *text;
	const char *name;
	OrmOperandKind kind;
} OperatorName;

/* "$op", "$not" and the quantifiers are missing: their operands are grammar, not values */
static const OperatorName operator_names[] = {
	{"=", "$eq", ORM_OPERAND_EQUAL},
	{"<>", "$ne", ORM_OPERAND_UNEQUAL},
	{"!=", "$ne", ORM_OPERAND_UNEQUAL},
	{"<", "$lt", ORM_OPERAND_VALUE},
	{"<=", "$lte", ORM_OPERAND_VALUE},
	{">", "$gt", ORM_OPERAND_VALUE},
	{">=", "$gte", ORM_OPERAND_VALUE},
	{"like", "$like", ORM_OPERAND_VALUE},
	{"ilike", "$ilike", ORM_OPERAND_VALUE},
	{"in", "$in", ORM_OPERAND_LIST},
	{"between", "$between", ORM_OPERAND_LIST},
	{"$eq", "$eq", ORM_OPERAND_EQUAL},
	{"$ne", "$ne", ORM_OPERAND_UNEQUAL},
	{"$same", "$same", ORM_OPERAND_NULLABLE},
	{"$distinct", "$distinct", ORM_OPERAND_NULLABLE},
	{"$null", "$null", ORM_OPERAND_VALUE},
	{"$gt", "$gt", ORM_OPERAND_VALUE},
	{"$gte", "$gte", ORM_OPERAND_VALUE},
	{"$lt", "$lt", ORM_OPERAND_VALUE},
	{"$lte", "$lte", ORM_OPERAND_VALUE},
	{"$between", "$between", ORM_OPERAND_LIST},
	{"$in", "$in", ORM_OPERAND_LIST},
	{"$nin", "$nin", ORM_OPERAND_LIST},
	{"$like", "$like", ORM_OPERAND_VALUE},
	{"$ilike", "$ilike", ORM_OPERAND_VALUE},
	{"$starts", "$starts", ORM_OPERAND_VALUE},
	{"$ends", "$ends", ORM_OPERAND_VALUE},
	{"$contains", "$contains", ORM_OPERAND_VALUE},
	{"$istarts", "$istarts", ORM_OPERAND_VALUE},
	{"$iends", "$iends", ORM_OPERAND_VALUE},
	{"$icontains", "$icontains", ORM_OPERAND_VALUE},
	{"$re", "$re", ORM_OPERAND_VALUE},
	{"$ire", "$ire", ORM_OPERAND_VALUE},
	{"$contained", "$contained", ORM_OPERAND_VALUE},
	{"$overlap", "$overlap", ORM_OPERAND_VALUE},
	{"$any", "$any", ORM_OPERAND_FIELD},
	{"$all", "$all", ORM_OPERAND_FIELD},
	{"$len", "$len", ORM_OPERAND_FIELD},
	{"$empty", "$empty", ORM_OPERAND_VALUE},
	{"$key", "$key", ORM_OPERAND_VALUE},
	{"$jsonpath", "$jsonpath", ORM_OPERAND_VALUE},
	{"$count", "$count", ORM_OPERAND_FIELD},
};

/* ---- jsonb ---- */

static void
put(Build *build, JsonbIteratorToken token, JsonbValue *value)
{
	build->result = pushJsonbValue(&build->state, token, value);
}

static void
put_text(Build *build, JsonbIteratorToken token, const char *text)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = unconstify(char *, text);
	value.val.string.len = strlen(text);
	put(build, token, &value);
}

static void
put_number(Build *build, int64 number)
{
	JsonbValue	value = {.type = jbvNumeric};

	value.val.numeric = DatumGetNumeric(DirectFunctionCall1(int8_numeric, Int64GetDatum(number)));
	put(build, WJB_VALUE, &value);
}

static void
put_null(Build *build)
{
	JsonbValue	value = {.type = jbvNull};

	put(build, WJB_VALUE, &value);
}

static void
put_bool(Build *build, bool flag)
{
	JsonbValue	value = {.type = jbvBool, .val.boolean = flag};

	put(build, WJB_VALUE, &value);
}

/* begins an object with the key of its first member, whose value comes next */
static void
open_object(Build *build, const char *key)
{
	put(build, WJB_BEGIN_OBJECT, NULL);
	put_text(build, WJB_KEY, key);
	build->open++;
}

static void
close_object(Build *build)
{
	put(build, WJB_END_OBJECT, NULL);
	build->open--;
}

static Jsonb *
finish(Build *build)
{
	while (build->open > 0)
		close_object(build);
	return JsonbValueToJsonb(build->result);
}

/* a whole document as a value: a scalar as itself, the rest as it lies */
static JsonbValue
value_of(Jsonb *document)
{
	JsonbValue	value;

	if (JB_ROOT_IS_SCALAR(document))
	{
		JsonbExtractScalar(&document->root, &value);
		return value;
	}
	value.type = jbvBinary;
	value.val.binary.data = &document->root;
	value.val.binary.len = VARSIZE(document) - VARHDRSZ;
	return value;
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static bool
has_operator_key(JsonbContainer *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	key;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
		if (token == WJB_KEY && key.val.string.len > 0 && key.val.string.val[0] == '$')
			return true;
	return false;
}

/* ---- where ---- */

/* lower case, one blank between words, none around: an operator and whether "not" led it */
static char *
fold_operator(const char *text, bool *negated)
{
	char	   *folded = palloc(strlen(text) + 1);
	char	   *end = folded;

	for (const char *c = text; *c; c++)
	{
		if (*c != ' ')
			*end++ = pg_ascii_tolower((unsigned char) *c);
		else if (end > folded && end[-1] != ' ')
			*end++ = ' ';
	}
	if (end > folded && end[-1] == ' ')
		end--;
	*end = '\0';
	*negated = strncmp(folded, "not ", 4) == 0;
	return *negated ? folded + 4 : folded;
}

OrmClauseOperator
orm_clause_operator(const char *text)
{
	OrmClauseOperator op = {0};
	char	   *folded = fold_operator(text, &op.negated);
	List	   *names = NIL;

	op.text = text;
	for (int i = 0; i < lengthof(operator_names); i++)
	{
		if (strcmp(operator_names[i].text, folded) == 0)
		{
			op.name = operator_names[i].name;
			op.kind = operator_names[i].kind;
			if (op.negated && strcmp(op.name, "$in") == 0)
			{
				op.name = "$nin";
				op.negated = false;
			}
			return op;
		}
		names = lappend(names, unconstify(char *, operator_names[i].text));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown operator \"%s\"", text),
			 orm_hint_names(folded, names, "operators")));
	return op;
}

/* a value that could be taken for grammar stands in "$value" */
static void
put_operand(Build *build, JsonbIteratorToken token, JsonbValue *value)
{
	if (is_object(value) && has_operator_key(value->val.binary.data))
	{
		open_object(build, "$value");
		put(build, WJB_VALUE, value);
		close_object(build);
	}
	else
		put(build, token, value);
}

static void
put_list(Build *build, JsonbValue *list)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	/* what is no list is refused with its place where the clause is read */
	if (list->type != jbvBinary || is_object(list))
	{
		put_operand(build, WJB_VALUE, list);
		return;
	}
	iterator = JsonbIteratorInit(list->val.binary.data);
	put(build, WJB_BEGIN_ARRAY, NULL);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_ELEM)
			put_operand(build, WJB_ELEM, &element);
	}
	put(build, WJB_END_ARRAY, NULL);
}

static void
put_null_condition(Build *build, const char *path, OrmClauseOperator op)
{
	bool		is_null = (op.kind == ORM_OPERAND_EQUAL) != op.negated;

	if (op.kind != ORM_OPERAND_EQUAL && op.kind != ORM_OPERAND_UNEQUAL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("value for operator \"%s\" of \"%s\" must not be null", op.text, path),
				 errhint("NULL goes with = for IS NULL and with <> for IS NOT NULL.")));
	if (is_null)
		put_null(build);
	else
	{
		open_object(build, "$null");
		put_bool(build, false);
	}
}

/* the condition on the last name of a path; objects it opens are left to finish() */
static void
put_condition(Build *build, const char *path, OrmClauseOperator op, Jsonb *document)
{
	JsonbValue	value = {.type = jbvNull};

	if (document != NULL)
		value = value_of(document);
	if (value.type == jbvNull && op.kind != ORM_OPERAND_NULLABLE)
	{
		put_null_condition(build, path, op);
		return;
	}
	/* an array is a list where it stands bare, an object operators */
	if (op.kind == ORM_OPERAND_EQUAL && !op.negated && value.type != jbvBinary)
	{
		put(build, WJB_VALUE, &value);
		return;
	}
	if (op.negated)
		open_object(build, "$not");
	open_object(build, op.name);
	if (op.kind == ORM_OPERAND_FIELD && value.type == jbvBinary)
		open_object(build, "$eq");
	if (op.kind == ORM_OPERAND_LIST)
		put_list(build, &value);
	else
		put_operand(build, WJB_VALUE, &value);
}

Jsonb *
orm_clause_where(const char *path, OrmClauseOperator op, Jsonb *value)
{
	Build		build = {0};
	ListCell   *cell;

	open_object(&build, "where");
	foreach(cell, orm_query_path(NULL, path))
	{
		const char *name = lfirst(cell);

		open_object(&build, name[0] == '$' ? psprintf("$%s", name) : name);
	}
	put_condition(&build, path, op, value);
	return finish(&build);
}

Jsonb *
orm_clause_conditions(Jsonb *conditions)
{
	Build		build = {0};
	JsonbValue	value = value_of(conditions);

	open_object(&build, "where");
	put(&build, WJB_VALUE, &value);
	return finish(&build);
}

/* ---- order, select, limit ---- */

static void
put_names(Build *build, List *names)
{
	ListCell   *cell;

	put(build, WJB_BEGIN_ARRAY, NULL);
	foreach(cell, names)
		put_text(build, WJB_ELEM, lfirst(cell));
	put(build, WJB_END_ARRAY, NULL);
}

Jsonb *
orm_clause_names(const char *clause, List *names)
{
	Build		build = {0};

	open_object(&build, clause);
	put_names(&build, names);
	return finish(&build);
}

Jsonb *
orm_clause_limit(int64 limit, const int64 *skip)
{
	Build		build = {0};

	open_object(&build, "limit");
	put_number(&build, limit);
	if (skip != NULL)
	{
		put_text(&build, WJB_KEY, "offset");
		put_number(&build, *skip);
	}
	return finish(&build);
}

/* ---- scopes, untrusted ---- */

Jsonb *
orm_clause_scope(const char *name, Jsonb *arguments)
{
	Build		build = {0};
	JsonbValue	value;

	open_object(&build, "scopes");
	if (arguments == NULL)
	{
		put_names(&build, list_make1(unconstify(char *, name)));
		return finish(&build);
	}
	value = value_of(arguments);
	put(&build, WJB_BEGIN_ARRAY, NULL);
	open_object(&build, name);
	if (JB_ROOT_IS_SCALAR(arguments))
	{
		put(&build, WJB_BEGIN_ARRAY, NULL);
		put(&build, WJB_ELEM, &value);
		put(&build, WJB_END_ARRAY, NULL);
	}
	else
		put(&build, WJB_VALUE, &value);
	close_object(&build);
	put(&build, WJB_END_ARRAY, NULL);
	return finish(&build);
}

Jsonb *
orm_clause_untrusted(Jsonb *document, bool restricted, List *relations)
{
	Build		build = {0};
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorToken token;
	JsonbValue	value;

	open_object(&build, ORM_UNTRUSTED_MARK);
	if (restricted)
		put_names(&build, relations);
	else
	{
		value.type = jbvBool;
		value.val.boolean = true;
		put(&build, WJB_VALUE, &value);
	}
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_KEY || token == WJB_VALUE)
			put(&build, token, &value);
	return finish(&build);
}

/* ---- load ---- */

/* May the clause stand in one document with these, so that merging one by one gives the same? */
static bool
joins(List *documents, Jsonb *clause)
{
	JsonbIterator *iterator = JsonbIteratorInit(&clause->root);
	JsonbIteratorToken token;
	JsonbValue	key;

	/* a mark holds for the document that bears it, no other */
	if (has_operator_key(&clause->root))
		return false;
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		ListCell   *cell;

		if (token != WJB_KEY)
			continue;
		foreach(cell, documents)
		{
			Jsonb	   *document = lfirst(cell);

			if (has_operator_key(&document->root) ||
				findJsonbValueFromContainer(&document->root, JB_FOBJECT, &key) != NULL)
				return false;
		}
	}
	return true;
}

/*
 * The clauses as the fewest documents that merge to the same, each a List of
 * Jsonb * that share no key. One is enough unless a key comes twice.
 */
static List *
documents_of(List *clauses)
{
	List	   *documents = NIL;
	int			number = 0;
	ListCell   *cell;

	foreach(cell, clauses)
	{
		Jsonb	   *clause = lfirst(cell);

		number++;
		if (!JB_ROOT_IS_OBJECT(clause))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a query document is a JSON object"),
					 errdetail("Clause %d is none.", number)));
		if (documents != NIL && joins(llast(documents), clause))
			llast(documents) = lappend(llast(documents), clause);
		else
			documents = lappend(documents, list_make1(clause));
	}
	return documents;
}

/* {path: {members of all the clauses}} */
static void
put_document(Build *build, const char *path, List *clauses)
{
	ListCell   *cell;

	open_object(build, path);
	put(build, WJB_BEGIN_OBJECT, NULL);
	foreach(cell, clauses)
	{
		JsonbIterator *iterator = JsonbIteratorInit(&((Jsonb *) lfirst(cell))->root);
		JsonbIteratorToken token;
		JsonbValue	value;

		while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
			if (token == WJB_KEY || token == WJB_VALUE)
				put(build, token, &value);
	}
	put(build, WJB_END_OBJECT, NULL);
	close_object(build);
}

Jsonb *
orm_clause_load(const char *path, List *clauses)
{
	Build		build = {0};
	List	   *documents = documents_of(clauses);
	ListCell   *cell;

	open_object(&build, "load");
	if (documents == NIL)
		put_names(&build, list_make1(unconstify(char *, path)));
	else if (list_length(documents) == 1)
		put_document(&build, path, linitial(documents));
	else
	{
		put(&build, WJB_BEGIN_ARRAY, NULL);
		foreach(cell, documents)
			put_document(&build, path, lfirst(cell));
		put(&build, WJB_END_ARRAY, NULL);
	}
	return finish(&build);
}
