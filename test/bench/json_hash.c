/*
 * json_hash.c
 *	  A reader of JSON that keeps nothing but hashes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_hash.h"

bool		json_hash_any_order = false;
#include "spec.h"

#define LONGEST_PATH	256

typedef struct Reader
{
	const char *at;
	char		path[LONGEST_PATH];
	size_t		path_len;
	Place	   *places;
	int			nplaces;
	const char *const *leave_out;
} Reader;

static uint64_t read_value(Reader *reader);

/* ---- lists ---- */

void
hashes_add(Hashes *hashes, uint64_t value)
{
	if (hashes->n == hashes->max)
	{
		hashes->max = hashes->max > 0 ? hashes->max * 2 : 256;
		hashes->values = realloc(hashes->values, hashes->max * sizeof(uint64_t));
	}
	hashes->values[hashes->n++] = value;
}

static int
compare(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return x < y ? -1 : x > y;
}

void
hashes_sort(Hashes *hashes)
{
	if (hashes->n > 1)
		qsort(hashes->values, hashes->n, sizeof(uint64_t), compare);
}

void
hashes_distinct(Hashes *hashes)
{
	size_t		n = 0;

	hashes_sort(hashes);
	for (size_t i = 0; i < hashes->n; i++)
		if (n == 0 || hashes->values[i] != hashes->values[n - 1])
			hashes->values[n++] = hashes->values[i];
	hashes->n = n;
}

void
hashes_clear(Hashes *hashes)
{
	free(hashes->values);
	memset(hashes, 0, sizeof(Hashes));
}

size_t
hashes_missing(const Hashes *a, const Hashes *b)
{
	size_t		missing = 0;
	size_t		k = 0;

	for (size_t i = 0; i < a->n; i++)
	{
		while (k < b->n && b->values[k] < a->values[i])
			k++;
		if (k < b->n && b->values[k] == a->values[i])
			k++;
		else
			missing++;
	}
	return missing;
}

/* ---- hashing ---- */

static uint64_t
mix(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdULL;
	hash ^= hash >> 33;
	hash *= 0xc4ceb9fe1a85ec53ULL;
	return hash ^ (hash >> 33);
}

static uint64_t
step(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * 0x100000001b3ULL;
}

/* ---- reading ---- */

static void
skip_blanks(Reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static void
malformed(const Reader *reader)
{
	die("an answer is no JSON, at: %.60s", reader->at);
}

static uint64_t
code_point(uint64_t hash, unsigned long code)
{
	if (code < 0x80)
		return step(hash, code);
	if (code < 0x800)
		return step(step(hash, 0xC0 | code >> 6), 0x80 | (code & 0x3F));
	if (code < 0x10000)
		return step(step(step(hash, 0xE0 | code >> 12), 0x80 | (code >> 6 & 0x3F)), 0x80 | (code & 0x3F));
	return step(step(step(step(hash, 0xF0 | code >> 18), 0x80 | (code >> 12 & 0x3F)), 0x80 | (code >> 6 & 0x3F)), 0x80 | (code & 0x3F));
}

static unsigned long
four_digits(Reader *reader)
{
	char		digits[5] = {0};

	if (strlen(reader->at) < 4)
		malformed(reader);
	memcpy(digits, reader->at, 4);
	reader->at += 4;
	return strtoul(digits, NULL, 16);
}

/* behind the backslash */
static uint64_t
read_escape(Reader *reader, uint64_t hash)
{
	static const char from[] = "bfnrt";
	static const char to[] = "\b\f\n\r\t";
	char		c = *reader->at++;
	const char *known = strchr(from, c);
	unsigned long code;

	if (c == '\0')
		malformed(reader);
	if (c != 'u')
		return step(hash, known ? to[known - from] : c);
	code = four_digits(reader);
	if (code >= 0xD800 && code < 0xDC00 && strncmp(reader->at, "\\u", 2) == 0)
	{
		reader->at += 2;
		code = 0x10000 + ((code - 0xD800) << 10) + (four_digits(reader) - 0xDC00);
	}
	return code_point(hash, code);
}

static uint64_t
read_string(Reader *reader)
{
	uint64_t	hash = 0xcbf29ce484222325ULL;

	if (*reader->at != '"')
		malformed(reader);
	for (reader->at++; *reader->at != '"';)
	{
		char		c = *reader->at++;

		if (c == '\0')
			malformed(reader);
		hash = c == '\\' ? read_escape(reader, hash) : step(hash, c);
	}
	reader->at++;
	return mix(hash);
}

/* a number or a word */
static uint64_t
read_token(Reader *reader)
{
	size_t		len = strcspn(reader->at, ",]} \t\r\n");
	uint64_t	hash = 1;

	if (len == 0)
		malformed(reader);
	for (size_t i = 0; i < len; i++)
		hash = step(hash, *reader->at++);
	return mix(hash);
}

/* is another one to come, or was that the last? */
static bool
goes_on(Reader *reader, char end)
{
	skip_blanks(reader);
	if (*reader->at != ',' && *reader->at != end)
		malformed(reader);
	return *reader->at++ == ',';
}

static bool
is_empty(Reader *reader, char end)
{
	reader->at++;
	skip_blanks(reader);
	if (*reader->at != end)
		return false;
	reader->at++;
	return true;
}

/* goes a step down; returns what to go back to */
static size_t
enter(Reader *reader, const char *name, size_t len, const char *before)
{
	size_t		old = reader->path_len;

	if (old + len + strlen(before) >= LONGEST_PATH)
		die("an answer is too deep: %s", reader->path);
	strcpy(reader->path + old, before);
	memcpy(reader->path + old + strlen(before), name, len);
	reader->path_len = old + strlen(before) + len;
	reader->path[reader->path_len] = '\0';
	return old;
}

static void
leave(Reader *reader, size_t old)
{
	reader->path_len = old;
	reader->path[old] = '\0';
}

static uint64_t
read_array(Reader *reader)
{
	uint64_t	hash = 2;
	size_t		old;

	if (is_empty(reader, ']'))
		return mix(hash);
	old = enter(reader, "", 0, "[*]");
	do
		hash = json_hash_any_order ? hash + mix(read_value(reader)) : mix(hash * 31 + read_value(reader));
	while (goes_on(reader, ']'));
	leave(reader, old);
	return mix(hash);
}

static bool
is_left_out(const Reader *reader, const char *name, size_t len)
{
	for (const char *const *known = reader->leave_out; *known; known++)
		if (strlen(*known) == len && memcmp(*known, name, len) == 0)
			return true;
	return false;
}

/* members add up, whatever their order */
static uint64_t
read_object(Reader *reader)
{
	uint64_t	all = 3;
	uint64_t	bare = 3;

	if (!is_empty(reader, '}'))
		do
		{
			const char *name;
			size_t		old;
			uint64_t	member;
			bool		left_out;

			skip_blanks(reader);
			name = reader->at + 1;
			member = read_string(reader);
			left_out = is_left_out(reader, name, reader->at - 1 - name);
			old = enter(reader, name, reader->at - 1 - name, ".");
			skip_blanks(reader);
			if (*reader->at++ != ':')
				malformed(reader);
			member = mix(member * 31 + read_value(reader));
			leave(reader, old);
			all += member;
			if (!left_out)
				bare += member;
		} while (goes_on(reader, '}'));
	for (int i = 0; i < reader->nplaces; i++)
		if (strcmp(reader->places[i].path, reader->path) == 0)
			hashes_add(&reader->places[i].objects, mix(bare));
	return mix(all);
}

static uint64_t
read_value(Reader *reader)
{
	skip_blanks(reader);
	if (*reader->at == '{')
		return read_object(reader);
	if (*reader->at == '[')
		return read_array(reader);
	return *reader->at == '"' ? read_string(reader) : read_token(reader);
}

void
json_hash(const char *text, Hashes *values, Place *places, int nplaces, const char *const *leave_out)
{
	Reader		reader = {.at = text, .path = "$", .path_len = 1, .places = places, .nplaces = nplaces, .leave_out = leave_out};

	skip_blanks(&reader);
	if (*reader.at != '[')
		hashes_add(values, read_value(&reader));
	else if (!is_empty(&reader, ']'))
		do
			hashes_add(values, read_value(&reader));
		while (goes_on(&reader, ']'));
	skip_blanks(&reader);
	if (*reader.at != '\0')
		malformed(&reader);
}
