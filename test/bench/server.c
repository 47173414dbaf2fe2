/*
 * server.c
 *	  Runs statements and reads what the backend used.
 *
 * All variants are run in the same way: prepared statements, text results taken
 * whole, every value touched.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server.h"

PGconn *
connect_server(void)
{
	PGconn	   *conn = PQconnectdb("");

	if (PQstatus(conn) != CONNECTION_OK)
		die("%s", PQerrorMessage(conn));
	PQclear(query(conn, "SET client_min_messages = warning"));
	PQclear(query(conn, "SET search_path = bench"));
	return conn;
}

static PGresult *
checked(PGconn *conn, PGresult *result, const char *sql)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_SINGLE_TUPLE &&
		status != PGRES_COPY_IN)
		die("%s%s", PQerrorMessage(conn), sql);
	return result;
}

PGresult *
query(PGconn *conn, const char *sql)
{
	return checked(conn, PQexec(conn, sql), sql);
}

/* ---- preparing ---- */

static Value
value_of(PGresult *result, int row)
{
	Value		value = {0};

	if (PQnfields(result) == 0 || PQgetisnull(result, row, 0))
		return value;
	value.format = PQfformat(result, 0);
	value.len = PQgetlength(result, row, 0);
	value.data = malloc(value.len + 1);
	memcpy(value.data, PQgetvalue(result, row, 0), value.len + 1);
	return value;
}

/* Arrays of keys go binary: no driver that is in a hurry would print them. */
static void
ask_values(PGconn *conn, Statement *statement, Prepared *prepared)
{
	PGresult   *result;

	for (int i = 0; i < statement->nparams; i++)
	{
		const char *sql = statement->params[i];

		result = checked(conn, PQexecParams(conn, sql, 0, NULL, NULL, NULL, NULL, 1), sql);
		prepared->values[prepared->nvalues++] = value_of(result, 0);
		PQclear(result);
	}
	prepared->neach = 1;
	if (statement->each == NULL)
		return;
	result = query(conn, statement->each);
	prepared->neach = PQntuples(result);
	prepared->each = calloc(prepared->neach, sizeof(Value));
	for (int i = 0; i < prepared->neach; i++)
		prepared->each[i] = value_of(result, i);
	PQclear(result);
}

static int
parameters_of(PGconn *conn, const char *name)
{
	PGresult   *result = checked(conn, PQdescribePrepared(conn, name), name);
	int			nparams = PQnparams(result);

	PQclear(result);
	return nparams;
}

static bool
plan_is_parallel(PGconn *conn, const char *sql)
{
	char	   *explain;
	PGresult   *result;
	bool		parallel = false;

	if (asprintf(&explain, "EXPLAIN (COSTS OFF) %s", sql) < 0)
		die("out of memory");
	result = PQexec(conn, explain);
	for (int i = 0; i < PQntuples(result); i++)
		parallel |= strstr(PQgetvalue(result, i, 0), "Gather") != NULL;
	PQclear(result);
	free(explain);
	return parallel;
}

static void
prepare_statement(PGconn *conn, Statement *statement, Prepared *prepared)
{
	int			expected;

	ask_values(conn, statement, prepared);
	snprintf(prepared->name, sizeof(prepared->name), "%p", (void *) prepared);
	PQclear(checked(conn, PQprepare(conn, prepared->name, statement->sql, 0, NULL), statement->sql));
	expected = parameters_of(conn, prepared->name) - prepared->nvalues;
	if (expected == 0 && prepared->each)
	{
		/* only run as often */
		free(prepared->each);
		prepared->each = NULL;
	}
	if (expected != (prepared->each != NULL))
		die("wrong number of parameters: %s", statement->sql);
}

void
set_for_variant(PGconn *conn, const Variant *variant, bool on)
{
	char	   *sql;

	if (variant->set_name == NULL)
		return;
	if (asprintf(&sql, on ? "SET %s = %s" : "RESET %s", variant->set_name, variant->set_value) < 0)
		die("out of memory");
	PQclear(query(conn, sql));
	free(sql);
}

void
prepare_variant(PGconn *conn, Variant *variant, Run *run)
{
	memset(run, 0, sizeof(Run));
	run->variant = variant;
	set_for_variant(conn, variant, true);
	for (int i = 0; i < variant->nstatements; i++)
	{
		prepare_statement(conn, &variant->statements[i], &run->statements[i]);
		run->parallel |= plan_is_parallel(conn, variant->statements[i].sql);
	}
	set_for_variant(conn, variant, false);
}

/* ---- running ---- */

static void
send_statement(PGconn *conn, Prepared *prepared, int at)
{
	const char *data[MAX_PARAMS + 1];
	int			lens[MAX_PARAMS + 1];
	int			formats[MAX_PARAMS + 1];
	int			n;

	for (n = 0; n < prepared->nvalues + (prepared->each != NULL); n++)
	{
		Value	   *value = n < prepared->nvalues ? &prepared->values[n] : &prepared->each[at];

		data[n] = value->data;
		lens[n] = value->len;
		formats[n] = value->format;
	}
	if (!PQsendQueryPrepared(conn, prepared->name, n, data, lens, formats, 0))
		die("%s", PQerrorMessage(conn));
}

static void
consume(PGresult *result, Answer *answer, RowFunction row_function, void *argument)
{
	int			rows = PQntuples(result);
	int			fields = PQnfields(result);

	for (int row = 0; row < rows; row++)
	{
		for (int field = 0; field < fields; field++)
			answer->bytes += PQgetlength(result, row, field);
		if (row_function)
			row_function(result, row, argument);
	}
	answer->rows += rows;
}

static void
receive(PGconn *conn, Answer *answer, RowFunction row_function, void *argument)
{
	PGresult   *result;

	while ((result = PQgetResult(conn)) != NULL)
	{
		checked(conn, result, "");
		consume(result, answer, row_function, argument);
		PQclear(result);
	}
	answer->round_trips++;
}

static void
wait_microseconds(int latency)
{
	struct timespec time = {latency / 1000000, (latency % 1000000) * 1000L};

	if (latency > 0)
		nanosleep(&time, NULL);
}

Answer
run_statement(PGconn *conn, Prepared *prepared, int latency, RowFunction row_function, void *argument)
{
	Answer		answer = {0};

	for (int at = 0; at < prepared->neach; at++)
	{
		wait_microseconds(latency);
		send_statement(conn, prepared, at);
		receive(conn, &answer, row_function, argument);
	}
	return answer;
}

static void
add_answer(Answer *sum, Answer answer)
{
	sum->rows += answer.rows;
	sum->bytes += answer.bytes;
	sum->round_trips += answer.round_trips;
}

Answer
run_variant(PGconn *conn, Run *run, int latency, RowFunction row_function, void *argument)
{
	Answer		answer = {0};

	for (int i = 0; i < run->variant->nstatements; i++)
		add_answer(&answer, run_statement(conn, &run->statements[i], latency, row_function, argument));
	return answer;
}

Answer
stream_variant(PGconn *conn, Run *run)
{
	Answer		answer = {0};

	for (int i = 0; i < run->variant->nstatements; i++)
		for (int at = 0; at < run->statements[i].neach; at++)
		{
			send_statement(conn, &run->statements[i], at);
			PQsetSingleRowMode(conn);
			receive(conn, &answer, NULL, NULL);
		}
	return answer;
}

/* ---- the machine ---- */

static int
read_proc(int pid, const char *name, char *buf, size_t size)
{
	char		path[64];
	FILE	   *file;
	size_t		n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "r");
	if (file == NULL)
		die("cannot read %s: the server has to run on this machine", path);
	n = fread(buf, 1, size - 1, file);
	fclose(file);
	buf[n] = '\0';
	return (int) n;
}

/* a number of /proc/PID/stat; the second field may hold spaces, the third comes behind the last bracket */
static long long
stat_field(int pid, int number)
{
	char		buf[4096];
	char	   *at;

	read_proc(pid, "stat", buf, sizeof(buf));
	at = strrchr(buf, ')') + 2;
	for (int i = 3; i < number; i++)
		at = strchr(at, ' ') + 1;
	return atoll(at);
}

/* Workers are the postmaster's children: it has their time once they have ended. */
int64_t
server_cpu(PGconn *conn)
{
	char		buf[256];
	int			pid = PQbackendPID(conn);
	int			postmaster = stat_field(pid, 4);
	long long	ticks = stat_field(postmaster, 16) + stat_field(postmaster, 17);

	read_proc(pid, "schedstat", buf, sizeof(buf));
	return atoll(buf) + ticks * (1000000000LL / sysconf(_SC_CLK_TCK));
}

int64_t
wall_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

long
server_memory(PGconn *conn)
{
	char		buf[8192];
	char	   *at;

	read_proc(PQbackendPID(conn), "status", buf, sizeof(buf));
	at = strstr(buf, "RssAnon:");
	return at ? atol(at + 8) : 0;
}

void
pin(PGconn *conn, bool pinned)
{
	static cpu_set_t everywhere;
	static bool known = false;
	cpu_set_t	set;

	if (!known)
		sched_getaffinity(0, sizeof(everywhere), &everywhere);
	known = true;
	set = everywhere;
	for (int cpu = 0, found = 0; pinned && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &everywhere) && found++ > 0)
			CPU_CLR(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0 || sched_setaffinity(PQbackendPID(conn), sizeof(set), &set) != 0)
		die("cannot choose the CPU of the server: run as its user or as root");
}
