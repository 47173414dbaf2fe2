/*
 * spec.h
 *	  What is to be measured, as a file of SQL says it.
 *
 * The file is SQL with directives in lines that start with "--:":
 *
 *	--: workload W4 100 users with their posts
 *	--: pinned				client and server on one CPU
 *	--: latency 1000		microseconds that every round trip is made to take longer
 *	--: for N 10 100		the workload once for each value, ":N" replaced in all that follows in it
 *	--: variant raw keys	a kind (raw, json, orm) and a name
 *	--: set work_mem 64MB	for this variant alone
 *	--: param SELECT ...	a value for the next statement's next parameter, asked for once
 *	--: each SELECT ...		the next statement runs once for each row, which is its last parameter
 *	--: is $.posts[*]		the next statement's rows are these objects of the answer
 *	SELECT ...;
 *
 * Not here: running any of it.
 */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>

#define MAX_PARAMS		4
#define MAX_STATEMENTS	12
#define MAX_VARIANTS	16
#define MAX_WORKLOADS	128

typedef struct Statement
{
	char	   *sql;
	char	   *params[MAX_PARAMS];	/* statements that give them */
	int			nparams;
	char	   *each;			/* or NULL */
	char	   *path;			/* or NULL: not compared with the answer */
} Statement;

typedef struct Variant
{
	char	   *kind;
	char	   *name;
	char	   *set_name;		/* or NULL */
	char	   *set_value;
	Statement	statements[MAX_STATEMENTS];
	int			nstatements;
} Variant;

typedef struct Workload
{
	char	   *name;
	char	   *title;
	bool		pinned;
	int			latency;
	Variant		variants[MAX_VARIANTS];
	int			nvariants;
} Workload;

typedef struct Spec
{
	Workload	workloads[MAX_WORKLOADS];
	int			nworkloads;
} Spec;

/* reads a file; ends the program with a message when it is malformed */
extern Spec *read_spec(const char *path);

extern void die(const char *format,...) __attribute__((format(printf, 1, 2), noreturn));

#endif
