/*
 * spec.c
 *	  Reads what is to be measured from a file of SQL.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

/* the text of one workload, before its variable is put in */
typedef struct Block
{
	char	  **lines;
	int			nlines;
	char	   *variable;		/* or NULL */
	char	   *values;
} Block;

void
die(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

/* the rest of a line behind a directive's word, or NULL when it is another one */
static char *
directive(char *line, const char *word)
{
	size_t		len = strlen(word);

	if (strncmp(line, "--: ", 4) != 0 || strncmp(line + 4, word, len) != 0)
		return NULL;
	line += 4 + len;
	if (*line != ' ' && *line != '\0')
		return NULL;
	return line + (*line == ' ');
}

/* splits at the first space */
static char *
split(char *text, char **rest)
{
	char	   *space = strchr(text, ' ');

	if (space)
		*space = '\0';
	*rest = space ? space + 1 : "";
	return text;
}

/* "text" with ":variable" replaced, in memory of its own */
static char *
substitute(const char *text, const char *variable, const char *value)
{
	char	   *result = strdup("");
	size_t		len = strlen(variable);
	const char *colon;

	while ((colon = strchr(text, ':')) != NULL)
	{
		bool		found = strncmp(colon + 1, variable, len) == 0;
		char	   *longer;

		if (asprintf(&longer, "%s%.*s%s", result, (int) (colon - text), text, found ? value : ":") < 0)
			die("out of memory");
		free(result);
		result = longer;
		text = colon + 1 + (found ? len : 0);
	}
	if (asprintf(&result, "%s%s", result, text) < 0)
		die("out of memory");
	return result;
}

static Variant *
current_variant(Workload *workload, const char *line)
{
	if (workload->nvariants == 0)
		die("\"%s\" stands before any variant", line);
	return &workload->variants[workload->nvariants - 1];
}

/* the statement that lines are being collected for */
static Statement *
open_statement(Workload *workload, const char *line)
{
	Variant    *variant = current_variant(workload, line);

	if (variant->nstatements == MAX_STATEMENTS)
		die("too many statements in %s", workload->name);
	return &variant->statements[variant->nstatements];
}

static void
add_sql(Workload *workload, char *line)
{
	Statement  *statement;
	size_t		len = strlen(line);
	bool		last = len > 0 && line[len - 1] == ';';

	if (len == 0 || strncmp(line, "--", 2) == 0)
		return;
	statement = open_statement(workload, line);
	if (asprintf(&statement->sql, "%s%.*s\n", statement->sql ? statement->sql : "", (int) (len - last), line) < 0)
		die("out of memory");
	if (last)
		current_variant(workload, line)->nstatements++;
}

static void
add_line(Workload *workload, char *line)
{
	char	   *rest;

	if ((rest = directive(line, "pinned")) != NULL)
		workload->pinned = true;
	else if ((rest = directive(line, "latency")) != NULL)
		workload->latency = atoi(rest);
	else if ((rest = directive(line, "variant")) != NULL)
	{
		if (workload->nvariants == MAX_VARIANTS)
			die("too many variants in %s", workload->name);
		workload->nvariants++;
		current_variant(workload, line)->kind = split(rest, &current_variant(workload, line)->name);
	}
	else if ((rest = directive(line, "set")) != NULL)
		current_variant(workload, line)->set_name = split(rest, &current_variant(workload, line)->set_value);
	else if ((rest = directive(line, "param")) != NULL)
	{
		Statement  *statement = open_statement(workload, line);

		if (statement->nparams == MAX_PARAMS)
			die("too many parameters in %s", workload->name);
		statement->params[statement->nparams++] = rest;
	}
	else if ((rest = directive(line, "each")) != NULL)
		open_statement(workload, line)->each = rest;
	else if ((rest = directive(line, "is")) != NULL)
		open_statement(workload, line)->path = rest;
	else if (strncmp(line, "--:", 3) == 0)
		die("unknown directive: %s", line);
	else
		add_sql(workload, line);
}

static void
add_workload(Spec *spec, Block *block, const char *value)
{
	Workload   *workload = &spec->workloads[spec->nworkloads++];
	char	   *first = directive(block->lines[0], "workload");

	if (spec->nworkloads == MAX_WORKLOADS)
		die("too many workloads");
	first = value ? substitute(first, block->variable, value) : strdup(first);
	workload->name = split(first, &workload->title);
	for (int i = 1; i < block->nlines; i++)
		add_line(workload, value ? substitute(block->lines[i], block->variable, value) : strdup(block->lines[i]));
}

static void
finish_block(Spec *spec, Block *block)
{
	char	   *rest;

	if (block->nlines > 0 && block->variable == NULL)
		add_workload(spec, block, NULL);
	else if (block->nlines > 0)
		for (char *value = strtok_r(block->values, " ", &rest); value; value = strtok_r(NULL, " ", &rest))
			add_workload(spec, block, value);
	memset(block, 0, sizeof(Block));
}

Spec *
read_spec(const char *path)
{
	Spec	   *spec = calloc(1, sizeof(Spec));
	Block		block = {0};
	FILE	   *file = fopen(path, "r");
	char	   *line = NULL;
	size_t		size = 0;
	char	   *rest;

	if (file == NULL)
		die("cannot read %s", path);
	while (getline(&line, &size, file) >= 0)
	{
		line[strcspn(line, "\n")] = '\0';
		if (directive(line, "workload"))
			finish_block(spec, &block);
		else if (block.nlines == 0)
			continue;
		if ((rest = directive(line, "for")) != NULL)
		{
			block.variable = split(strdup(rest), &block.values);
			continue;
		}
		block.lines = realloc(block.lines, sizeof(char *) * (block.nlines + 1));
		block.lines[block.nlines++] = strdup(line);
	}
	finish_block(spec, &block);
	fclose(file);
	return spec;
}
