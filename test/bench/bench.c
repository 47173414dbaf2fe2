/*
 * bench.c
 *	  Measures what a file of workloads asks for and prints a table of
 *	  tab-separated values.
 *
 *	bench [--rounds N] [--least MS] [--only W4,W5] [--no-check] FILE
 *		medians of wall time and of the server's CPU time, all variants of all
 *		workloads in turn in one session, in another order each round
 *	bench --memory FILE
 *		what each variant takes of memory above a fresh backend, at its peak
 *	bench --loop SECONDS --only W4 --variant orm FILE
 *		runs one variant over and over, for a profiler; prints the backend's pid
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "server.h"
#include "spec.h"

#define MAX_ROUNDS 101

typedef struct Options
{
	int			rounds;
	double		least;			/* milliseconds a sample should take */
	char	   *only;			/* names of workloads, or NULL for all */
	char	   *variant;
	bool		check;
	bool		memory;
	int			loop;
} Options;

typedef struct Samples
{
	double		wall[MAX_ROUNDS];	/* milliseconds */
	double		cpu[MAX_ROUNDS];
	int			repeat;			/* runs a sample */
	Answer		answer;
} Samples;

static bool
wanted(const Options *options, const Workload *workload)
{
	size_t		len = strlen(workload->name);
	const char *at = options->only;

	if (at == NULL)
		return true;
	for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, workload->name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

/* ---- time ---- */

static void
take_sample(PGconn *conn, Workload *workload, Run *run, Samples *samples, int round)
{
	int64_t		cpu;
	int64_t		wall;

	set_for_variant(conn, run->variant, true);
	cpu = server_cpu(conn);
	wall = wall_clock();
	for (int i = 0; i < samples->repeat; i++)
		samples->answer = run_variant(conn, run, workload->latency, NULL, NULL);
	samples->wall[round] = (wall_clock() - wall) / 1e6 / samples->repeat;
	samples->cpu[round] = (server_cpu(conn) - cpu) / 1e6 / samples->repeat;
	set_for_variant(conn, run->variant, false);
}

/* plans settle, caches fill; how often to run so that a sample is long enough */
static void
warm_up(PGconn *conn, Workload *workload, Run *run, Samples *samples, double least)
{
	samples->repeat = 1;
	take_sample(conn, workload, run, samples, 0);
	take_sample(conn, workload, run, samples, 0);
	if (samples->wall[0] < least)
		samples->repeat = 1 + (int) (least / (samples->wall[0] + 0.001));
	take_sample(conn, workload, run, samples, 0);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static double
median(double *values, int n)
{
	qsort(values, n, sizeof(double), compare_doubles);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
print_times(Workload *workload, Run *runs, Samples *samples, int rounds)
{
	for (int i = 0; i < workload->nvariants; i++)
		printf("%s\t%s\t%s\t%s\t%.4f\t%.4f\t%ld\t%ld\t%ld\t%d\t%d\n", workload->name, workload->title,
			   workload->variants[i].kind, workload->variants[i].name, median(samples[i].wall, rounds),
			   median(samples[i].cpu, rounds), samples[i].answer.rows, samples[i].answer.bytes,
			   samples[i].answer.round_trips, workload->pinned, runs[i].parallel);
	fflush(stdout);
}

static void
measure_round(PGconn *conn, Workload *workload, Run *runs, Samples *samples, int round)
{
	pin(conn, workload->pinned);
	for (int i = 0; i < workload->nvariants; i++)
	{
		int			at = (i + round) % workload->nvariants;

		take_sample(conn, workload, &runs[at], &samples[at], round);
	}
	pin(conn, false);
}

static int
prepare_workload(PGconn *conn, Workload *workload, Run *runs, Samples *samples, const Options *options)
{
	int			wrong = 0;

	for (int i = 0; i < workload->nvariants; i++)
		prepare_variant(conn, &workload->variants[i], &runs[i]);
	if (options->check)
		wrong = check_answers(conn, workload, runs);
	pin(conn, workload->pinned);
	for (int i = 0; i < workload->nvariants; i++)
		warm_up(conn, workload, &runs[i], &samples[i], options->least);
	pin(conn, false);
	return wrong;
}

static int
measure_times(Spec *spec, const Options *options)
{
	PGconn	   *conn = connect_server();
	Run		  (*runs)[MAX_VARIANTS] = calloc(spec->nworkloads, sizeof(*runs));
	Samples   (*samples)[MAX_VARIANTS] = calloc(spec->nworkloads, sizeof(*samples));
	int			wrong = 0;

	for (int w = 0; w < spec->nworkloads; w++)
		wrong += prepare_workload(conn, &spec->workloads[w], runs[w], samples[w], options);
	for (int round = 0; round < options->rounds; round++)
		for (int w = 0; w < spec->nworkloads; w++)
		{
			int			at = (w + round) % spec->nworkloads;

			measure_round(conn, &spec->workloads[at], runs[at], samples[at], round);
		}
	printf("workload\ttitle\tkind\tvariant\twall_ms\tcpu_ms\trows\tbytes\tround_trips\tpinned\tparallel\n");
	for (int w = 0; w < spec->nworkloads; w++)
		print_times(&spec->workloads[w], runs[w], samples[w], options->rounds);
	PQfinish(conn);
	return wrong;
}

/* ---- memory ---- */

typedef struct Watch
{
	PGconn	   *conn;
	volatile bool stop;
	long		peak;
} Watch;

static void *
watch_memory(void *argument)
{
	Watch	   *watch = argument;

	while (!watch->stop)
	{
		long		now = server_memory(watch->conn);

		if (now > watch->peak)
			watch->peak = now;
		usleep(1000);
	}
	return NULL;
}

static void
measure_memory(Spec *spec)
{
	printf("workload\ttitle\tkind\tvariant\tpeak_kb\tend_kb\trows\tbytes\n");
	for (int w = 0; w < spec->nworkloads; w++)
		for (int v = 0; v < spec->workloads[w].nvariants; v++)
		{
			Workload   *workload = &spec->workloads[w];
			Variant    *variant = &workload->variants[v];
			PGconn	   *conn = connect_server();
			Watch		watch = {conn, false, 0};
			long		fresh = server_memory(conn);
			pthread_t	thread;
			Answer		answer;
			Run			run;

			prepare_variant(conn, variant, &run);
			pthread_create(&thread, NULL, watch_memory, &watch);
			answer = stream_variant(conn, &run);
			watch.stop = true;
			pthread_join(thread, NULL);
			printf("%s\t%s\t%s\t%s\t%ld\t%ld\t%ld\t%ld\n", workload->name, workload->title, variant->kind, variant->name,
				   watch.peak - fresh, server_memory(conn) - fresh, answer.rows, answer.bytes);
			fflush(stdout);
			PQfinish(conn);
		}
}

/* ---- a profiler's subject ---- */

static void
loop(Spec *spec, const Options *options)
{
	PGconn	   *conn = connect_server();
	Workload   *workload = &spec->workloads[0];
	int64_t		end = wall_clock() + options->loop * 1000000000LL;
	Run			run;

	for (int v = 0; v < workload->nvariants; v++)
	{
		Variant    *variant = &workload->variants[v];

		if (options->variant && strcmp(options->variant, variant->kind) != 0 && strcmp(options->variant, variant->name) != 0)
			continue;
		prepare_variant(conn, variant, &run);
		printf("%d\n", PQbackendPID(conn));
		fflush(stdout);
		while (wall_clock() < end)
			run_variant(conn, &run, 0, NULL, NULL);
		return;
	}
	die("there is no such variant");
}

/* ---- the command line ---- */

static void
parse_options(int argc, char **argv, Options *options)
{
	static const struct option known[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"least", required_argument, NULL, 'l'},
		{"only", required_argument, NULL, 'o'},
		{"variant", required_argument, NULL, 'v'},
		{"no-check", no_argument, NULL, 'n'},
		{"memory", no_argument, NULL, 'm'},
		{"loop", required_argument, NULL, 'p'},
		{NULL, 0, NULL, 0}
	};
	int			option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (option)
		{
			case 'r': options->rounds = atoi(optarg); break;
			case 'l': options->least = atof(optarg); break;
			case 'o': options->only = optarg; break;
			case 'v': options->variant = optarg; break;
			case 'n': options->check = false; break;
			case 'm': options->memory = true; break;
			case 'p': options->loop = atoi(optarg); break;
			default: exit(2);
		}
	if (optind != argc - 1 || options->rounds < 1 || options->rounds > MAX_ROUNDS)
		die("usage: bench [--rounds 1..%d] [--least MS] [--only NAMES] [--no-check | --memory | --loop SECONDS --variant NAME] FILE",
			MAX_ROUNDS);
}

int
main(int argc, char **argv)
{
	Options		options = {.rounds = 9, .least = 20, .check = true};
	Spec	   *spec;
	int			kept = 0;

	parse_options(argc, argv, &options);
	spec = read_spec(argv[optind]);
	for (int w = 0; w < spec->nworkloads; w++)
		if (wanted(&options, &spec->workloads[w]))
			spec->workloads[kept++] = spec->workloads[w];
	spec->nworkloads = kept;
	if (kept == 0)
		die("there is no such workload in %s", argv[optind]);
	if (options.memory)
		measure_memory(spec);
	else if (options.loop > 0)
		loop(spec, &options);
	else
		return measure_times(spec, &options) > 0;
	return 0;
}
