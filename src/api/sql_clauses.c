/*
 * sql_clauses.c
 *	  Reads entity names and clauses from SQL arguments.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/sql_arguments.h"
#include "api/sql_clauses.h"
#include "model/model_cache.h"

OrmEntity *
orm_arg_entity(FunctionCallInfo fcinfo, int at)
{
	return orm_model_by_name(orm_arg_text_required(fcinfo, at, "entity"), false);
}

OrmRelation *
orm_arg_entity_relation(FunctionCallInfo fcinfo, int at, OrmEntity *entity)
{
	char	   *name = orm_arg_text_required(fcinfo, at, "relation");
	char	   *dot = strchr(name, '.');

	if (dot && orm_entity_relation(entity, name) == NULL && orm_entity_relation(entity, pnstrdup(name, dot - name)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("one relation is wanted, and \"%s\" is a path", name),
				 errhint("What lies below a relation is asked for with \"load\".")));
	return orm_query_relation_or_raise(entity, name, NULL);
}

static void
null_clause(int number)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 number > 0 ? errmsg("clause %d is NULL", number) : errmsg("clauses are NULL"),
			 errhint("A clause that says nothing is '{}'.")));
}

List *
orm_arg_clause_list(FunctionCallInfo fcinfo, int at, bool single)
{
	List	   *list = NIL;
	Datum	   *clauses;
	bool	   *nulls;
	int			n;

	if (PG_NARGS() <= at)
		return NIL;
	if (PG_ARGISNULL(at))
		null_clause(0);
	/* copies: values of the query may point into them for as long as the query runs */
	if (single)
		return list_make1(PG_GETARG_JSONB_P_COPY(at));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P_COPY(at), JSONBOID, -1, false, TYPALIGN_INT, &clauses, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			null_clause(i + 1);
		list = lappend(list, DatumGetJsonbP(clauses[i]));
	}
	return list;
}

int
orm_arg_documents(FunctionCallInfo fcinfo, int at, bool single, OrmJson ***documents)
{
	List	   *clauses = orm_arg_clause_list(fcinfo, at, single);
	int			n = list_length(clauses);

	*documents = palloc(sizeof(OrmJson *) * Max(n, 1));
	for (int i = 0; i < n; i++)
		(*documents)[i] = orm_json_read(list_nth(clauses, i), n > 1 ? i + 1 : 0, ORM_DOCUMENT_DEPTH);
	return n;
}

void
orm_arg_clauses(FunctionCallInfo fcinfo, int at, OrmQuery *query, int also)
{
	OrmJson   **documents;
	int			n = orm_arg_documents(fcinfo, at, false, &documents);

	for (int i = 0; i < n; i++)
		orm_query_merge(query, documents[i], also);
}

const char *
orm_documents_entity(OrmJson **documents, int n)
{
	for (int i = n - 1; i >= 0; i--)
	{
		const OrmJson *entity = orm_json_member(documents[i], "entity");

		if (entity && entity->kind == ORM_JSON_STRING)
			return orm_json_string(entity);
	}
	return NULL;
}

void
orm_documents_refuse_choice(OrmJson **documents, int n)
{
	static const char *const choosing[] = {"where", "order", "limit", "offset", "after", "before", "distinct",
	"scopes", "without", "trashed"};

	for (int i = 0; i < n; i++)
		for (int c = 0; c < lengthof(choosing); c++)
		{
			const OrmJson *clause = orm_json_member(documents[i], choosing[c]);

			if (clause)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("clause \"%s\" chooses rows, and these are chosen already", choosing[c]),
						 orm_errdetail_at(clause, "At the root of rows at hand stand select, omit and load."),
						 errhint("Say it in the query that gives the rows.")));
		}
}
