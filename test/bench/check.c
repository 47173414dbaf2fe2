/*
 * check.c
 *	  Compares the answers of variants, as jsonb would.
 *
 * It does not matter in which order entities come, nor whether as rows or as
 * one array; the order of arrays within them does. Raw rows are compared with
 * the objects that the answer holds at the place which the workload names, less
 * the relations in them. Of each answer only hashes are kept.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "json_hash.h"

static const char *const relations[] = {"posts", "comments", "profile", "author", "tags", "children", NULL};

/* what is kept of an answer */
typedef struct Seen
{
	Hashes		entities;
	Place		places[MAX_STATEMENTS * 2];
	int			nplaces;
} Seen;

static void
see_row(PGresult *result, int row, void *argument)
{
	Seen	   *seen = argument;

	/* an aggregate over nothing */
	if (!PQgetisnull(result, row, 0))
		json_hash(PQgetvalue(result, row, 0), &seen->entities, seen->places, seen->nplaces, relations);
}

static void
add_place(Seen *seen, const char *path)
{
	for (int i = 0; i < seen->nplaces; i++)
		if (strcmp(seen->places[i].path, path) == 0)
			return;
	if (seen->nplaces == MAX_STATEMENTS * 2)
		die("too many different places: %s", path);
	seen->places[seen->nplaces++].path = path;
}

/* the places that raw rows are of */
static void
add_places(Workload *workload, Seen *seen)
{
	for (int i = 0; i < workload->nvariants; i++)
		for (int k = 0; k < workload->variants[i].nstatements; k++)
			if (workload->variants[i].statements[k].path)
				add_place(seen, workload->variants[i].statements[k].path);
}

static void
see_answer(PGconn *conn, Run *run, Seen *seen)
{
	set_for_variant(conn, run->variant, true);
	run_variant(conn, run, 0, see_row, seen);
	set_for_variant(conn, run->variant, false);
	hashes_sort(&seen->entities);
	for (int i = 0; i < seen->nplaces; i++)
		hashes_distinct(&seen->places[i].objects);
}

/*
 * Groups that are fed in order come out in order when they are hashed, and by
 * chance when the planner sorts them after all: then they count as "loose".
 */
static bool
differs_in_order(PGconn *conn, Run *expected, Run *run)
{
	Seen		left = {0};
	Seen		right = {0};
	bool		same;

	json_hash_any_order = true;
	see_answer(conn, expected, &left);
	see_answer(conn, run, &right);
	json_hash_any_order = false;
	same = hashes_missing(&left.entities, &right.entities) + hashes_missing(&right.entities, &left.entities) == 0;
	hashes_clear(&left.entities);
	hashes_clear(&right.entities);
	return same;
}

static int
differ(Workload *workload, Variant *variant, const char *path, const Hashes *got, const Hashes *expected)
{
	size_t		missing = hashes_missing(expected, got);
	size_t		more = hashes_missing(got, expected);

	if (missing + more == 0)
		return 0;
	fprintf(stderr, "bench: %s: %s %s, %s: %zu of %zu missing, %zu too many\n", workload->name, variant->kind, variant->name,
			path, missing, expected->n, more);
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
check_rows(PGconn *conn, Workload *workload, Variant *variant, Seen *expected)
{
	int			wrong = 0;

	for (int i = 0; i < variant->nstatements; i++)
	{
		Statement  *statement = &variant->statements[i];
		Seen		rows = {0};

		for (int k = 0; statement->path && k < expected->nplaces; k++)
			if (strcmp(expected->places[k].path, statement->path) == 0)
			{
				/* the rows are objects at their own top */
				add_place(&rows, "$");
				see_answer(conn, rows_as_json(conn, statement), &rows);
				wrong += differ(workload, variant, statement->path, &rows.places[0].objects, &expected->places[k].objects);
			}
		hashes_clear(&rows.entities);
		hashes_clear(&rows.places[0].objects);
	}
	return wrong;
}

int
check_answers(PGconn *conn, Workload *workload, Run *runs)
{
	Seen		expected = {0};
	Run		   *known = NULL;
	int			wrong = 0;

	add_places(workload, &expected);
	for (int i = 0; i < workload->nvariants; i++)
	{
		Variant    *variant = &workload->variants[i];
		Seen		seen = {0};

		if (strcmp(variant->kind, "json") != 0 && strcmp(variant->kind, "orm") != 0)
			continue;
		see_answer(conn, &runs[i], known ? &seen : &expected);
		if (known && differ(workload, variant, "entities", &seen.entities, &expected.entities))
		{
			if (strcmp(variant->kind, "json") == 0 && differs_in_order(conn, known, &runs[i]))
			{
				fprintf(stderr, "bench: it is only the order of arrays, which the statement leaves to chance: not counted\n");
				variant->kind = "loose";
			}
			else
				wrong++;
		}
		if (known == NULL)
			known = &runs[i];
		hashes_clear(&seen.entities);
	}
	for (int i = 0; i < workload->nvariants; i++)
		if (strcmp(workload->variants[i].kind, "raw") == 0)
			wrong += check_rows(conn, workload, &workload->variants[i], &expected);
	hashes_clear(&expected.entities);
	for (int i = 0; i < expected.nplaces; i++)
		hashes_clear(&expected.places[i].objects);
	return wrong;
}
