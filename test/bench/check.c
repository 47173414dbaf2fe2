/*
 * check.c
 *	  Compares the answers of variants on the server, as jsonb.
 *
 * It does not matter in which order entities come, nor whether as rows or as
 * one array; the order of arrays within them does. Raw rows are compared with
 * the objects that the answer holds at the place which the workload names, less
 * the relations in them.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define RELATIONS "'{posts,comments,profile,author,tags,children}'::text[]"

static void
copy_row(PGresult *result, int row, void *argument)
{
	PGconn	   *conn = argument;
	const char *value = PQgetvalue(result, row, 0);
	int			len = PQgetlength(result, row, 0);
	char	   *line;
	int			n = 0;

	/* an aggregate over nothing */
	if (PQgetisnull(result, row, 0))
		return;
	line = malloc(len * 2 + 1);
	for (int i = 0; i < len; i++)
	{
		char		c = value[i];

		if (c == '\\' || c == '\n' || c == '\t' || c == '\r')
			line[n++] = '\\';
		line[n++] = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c;
	}
	line[n++] = '\n';
	if (PQputCopyData(conn, line, n) != 1)
		die("%s", PQerrorMessage(conn));
	free(line);
}

/* runs statements on one connection, with their rows going to a table over another */
static void
copy_answer(PGconn *conn, PGconn *store, Run *run, int statement)
{
	PGresult   *result;

	PQclear(query(store, "TRUNCATE given"));
	PQclear(query(store, "COPY given FROM STDIN"));
	if (statement >= 0)
		run_statement(conn, &run->statements[statement], 0, copy_row, store);
	else
		run_variant(conn, run, 0, copy_row, store);
	if (PQputCopyEnd(store, NULL) != 1)
		die("%s", PQerrorMessage(store));
	while ((result = PQgetResult(store)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			die("%s", PQerrorMessage(store));
		PQclear(result);
	}
}

static char *
digest(PGconn *store)
{
	PGresult   *result = query(store,
							   "SELECT count(*) || ' entities, ' || coalesce(md5(string_agg(h, '' ORDER BY h COLLATE \"C\")), '')"
							   " FROM (SELECT md5(e::text) AS h FROM (SELECT j::jsonb FROM given) g, jsonb_path_query(j, 'lax $[*]') e) q");
	char	   *text = strdup(PQgetvalue(result, 0, 0));

	PQclear(result);
	return text;
}

static int
check_entities(PGconn *conn, PGconn *store, Workload *workload, Run *run, char **expected)
{
	char	   *got;

	set_for_variant(conn, run->variant, true);
	copy_answer(conn, store, run, -1);
	set_for_variant(conn, run->variant, false);
	got = digest(store);
	if (*expected == NULL)
	{
		*expected = got;
		PQclear(query(store, "TRUNCATE answer"));
		PQclear(query(store, "INSERT INTO answer SELECT j::jsonb FROM given"));
		return 0;
	}
	if (strcmp(got, *expected) == 0)
		return 0;
	fprintf(stderr, "bench: %s: %s %s differs: %s, not %s\n", workload->name, run->variant->kind, run->variant->name,
			got, *expected);
	return 1;
}

/* the statement's rows as JSON: a variant of its own */
static Run *
rows_as_json(PGconn *conn, Statement *statement)
{
	Variant    *variant = calloc(1, sizeof(Variant));
	Run		   *run = calloc(1, sizeof(Run));

	variant->statements[0] = *statement;
	variant->nstatements = 1;
	if (asprintf(&variant->statements[0].sql, "SELECT row_to_json(q) FROM (%s) q", statement->sql) < 0)
		die("out of memory");
	prepare_variant(conn, variant, run);
	return run;
}

static int
check_rows(PGconn *conn, PGconn *store, Workload *workload, Run *run)
{
	int			wrong = 0;

	for (int i = 0; i < run->variant->nstatements; i++)
	{
		Statement  *statement = &run->variant->statements[i];
		PGresult   *result;
		char	   *sql;

		if (statement->path == NULL)
			continue;
		copy_answer(conn, store, rows_as_json(conn, statement), 0);
		if (asprintf(&sql,
					 "WITH a AS (SELECT DISTINCT md5((e - " RELATIONS ")::text) FROM answer, jsonb_path_query(j, '%s') e"
					 " WHERE jsonb_typeof(e) = 'object'), r AS (SELECT DISTINCT md5(j::jsonb::text) FROM given)"
					 " SELECT (SELECT count(*) FROM (TABLE a EXCEPT TABLE r) q), (SELECT count(*) FROM (TABLE r EXCEPT TABLE a) q), (SELECT count(*) FROM a)",
					 statement->path) < 0)
			die("out of memory");
		result = query(store, sql);
		if (strcmp(PQgetvalue(result, 0, 0), "0") != 0 || strcmp(PQgetvalue(result, 0, 1), "0") != 0)
		{
			fprintf(stderr, "bench: %s: %s %s, rows of %s: %s of %s missing, %s too many\n", workload->name,
					run->variant->kind, run->variant->name, statement->path, PQgetvalue(result, 0, 0),
					PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 1));
			wrong++;
		}
		PQclear(result);
		free(sql);
	}
	return wrong;
}

int
check_answers(PGconn *conn, Workload *workload, Run *runs)
{
	PGconn	   *store = connect_server();
	char	   *expected = NULL;
	int			wrong = 0;

	PQclear(query(store, "SET work_mem = '256MB'"));
	PQclear(query(store, "CREATE TEMP TABLE given (j text)"));
	PQclear(query(store, "CREATE TEMP TABLE answer (j jsonb)"));
	/* not compressed, which would take longest of all */
	PQclear(query(store, "ALTER TABLE given ALTER j SET STORAGE EXTERNAL"));
	PQclear(query(store, "ALTER TABLE answer ALTER j SET STORAGE EXTERNAL"));
	for (int i = 0; i < workload->nvariants; i++)
		if (strcmp(workload->variants[i].kind, "json") == 0 || strcmp(workload->variants[i].kind, "orm") == 0)
			wrong += check_entities(conn, store, workload, &runs[i], &expected);
	for (int i = 0; i < workload->nvariants; i++)
		if (strcmp(workload->variants[i].kind, "raw") == 0)
			wrong += check_rows(conn, store, workload, &runs[i]);
	free(expected);
	PQfinish(store);
	return wrong;
}
