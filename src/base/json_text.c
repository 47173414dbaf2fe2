/*
 * json_text.c
 *	  Goes through JSON text without taking it apart.
 *
 * Not here: checking it. json_in has done that, but bounds are kept anyway.
 */
#include "base/compat.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "base/json_text.h"

void
orm_json_text_malformed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("malformed JSON text")));
}

static inline Size
skip_space(const char *text, Size at, Size end)
{
	while (at < end && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
		at++;
	return at;
}

/* just behind the quote that ends the string at "at" */
static Size
skip_string(const char *text, Size at, Size end)
{
	for (at++; at < end; at++)
	{
		if (text[at] == '"')
			return at + 1;
		if (text[at] == '\\')
			at++;
	}
	orm_json_text_malformed();
	return end;
}

/* brackets only count outside strings, and in valid text they match */
static Size
skip_container(const char *text, Size at, Size end)
{
	int64		depth = 0;

	while (at < end)
	{
		char		c = text[at];

		if (c == '"')
		{
			CHECK_FOR_INTERRUPTS();
			at = skip_string(text, at, end);
			continue;
		}
		at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return at;
	}
	orm_json_text_malformed();
	return end;
}

static Size
skip_word(const char *text, Size at, Size end)
{
	while (at < end && strchr(" \t\n\r,]}", text[at]) == NULL)
		at++;
	return at;
}

OrmJsonSpan
orm_json_text_value(const char *text, Size at, Size end)
{
	OrmJsonSpan span;

	span.start = at = skip_space(text, at, end);
	if (at >= end)
		orm_json_text_malformed();
	if (text[at] == '"')
	{
		span.kind = ORM_JSON_STRING;
		span.end = skip_string(text, at, end);
	}
	else if (text[at] == '{' || text[at] == '[')
	{
		span.kind = text[at] == '{' ? ORM_JSON_OBJECT : ORM_JSON_ARRAY;
		span.end = skip_container(text, at, end);
	}
	else
	{
		span.kind = text[at] == 'n' ? ORM_JSON_NULL
			: text[at] == 't' || text[at] == 'f' ? ORM_JSON_BOOL : ORM_JSON_NUMBER;
		span.end = skip_word(text, at, end);
		if (span.end == at)
			orm_json_text_malformed();
	}
	return span;
}

OrmJsonSpan
orm_json_text_root(const char *text, Size len)
{
	return orm_json_text_value(text, 0, len);
}

void
orm_json_text_enter(OrmJsonCursor *cursor, const char *text, OrmJsonSpan inside)
{
	Assert(inside.kind == ORM_JSON_OBJECT || inside.kind == ORM_JSON_ARRAY);
	cursor->text = text;
	cursor->inside = inside;
	cursor->at = inside.start + 1;
	cursor->started = false;
	cursor->index = -1;
}

static Size
expect(const char *text, Size at, Size end, char c)
{
	at = skip_space(text, at, end);
	if (at >= end || text[at] != c)
		orm_json_text_malformed();
	return at + 1;
}

bool
orm_json_text_next(OrmJsonCursor *cursor)
{
	const char *text = cursor->text;
	Size		end = cursor->inside.end - 1;	/* the closing bracket */
	Size		at = skip_space(text, cursor->at, end);

	CHECK_FOR_INTERRUPTS();
	cursor->at = at;
	if (at >= end)
		return false;
	if (cursor->started)
		at = expect(text, at, end, ',');
	cursor->started = true;
	cursor->index++;
	if (cursor->inside.kind == ORM_JSON_OBJECT)
	{
		cursor->key = orm_json_text_value(text, at, end);
		if (cursor->key.kind != ORM_JSON_STRING)
			orm_json_text_malformed();
		at = expect(text, cursor->key.end, end, ':');
	}
	cursor->value = orm_json_text_value(text, at, end);
	cursor->at = cursor->value.end;
	return true;
}

/* ---- strings ---- */

/* the four digits at "at" as a number, or -1 */
static int
hex4(const char *text, Size at, Size end)
{
	int			value = 0;

	if (end - at < 4)
		return -1;
	for (Size i = at; i < at + 4; i++)
	{
		if (!isxdigit((unsigned char) text[i]))
			return -1;
		value = value * 16 + (isdigit((unsigned char) text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
	}
	return value;
}

/* appends the character of the escape whose "u" stands at *at; false when there is no such character */
static bool
append_unicode(StringInfo buf, const char *text, Size *at, Size end)
{
	int			c = hex4(text, *at + 1, end);
	unsigned char encoded[MAX_UNICODE_EQUIVALENT_STRING + 1];

	*at += 5;
	if (is_utf16_surrogate_first(Max(c, 0)))
	{
		int			second = end - *at > 2 && text[*at] == '\\' && text[*at + 1] == 'u'
			? hex4(text, *at + 2, end) : -1;

		if (second < 0 || !is_utf16_surrogate_second(second))
			return false;
		c = surrogate_pair_to_codepoint(c, second);
		*at += 6;
	}
	else if (c <= 0 || is_utf16_surrogate_second(c))
		return false;
	pg_unicode_to_server(c, encoded);
	appendStringInfoString(buf, (char *) encoded);
	return true;
}

/* NULL where an escape stands for no character */
static char *
resolve(const char *text, OrmJsonSpan string)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	Size		end = string.end - 1;
	Size		at = string.start + 1;
	StringInfoData buf;

	initStringInfo(&buf);
	while (at < end)
	{
		Size		clean = at;
		const char *letter;

		while (at < end && text[at] != '\\')
			at++;
		appendBinaryStringInfo(&buf, text + clean, at - clean);
		if (at++ >= end)
			break;
		if (at < end && text[at] == 'u')
		{
			if (!append_unicode(&buf, text, &at, end))
				return NULL;
			continue;
		}
		letter = at < end ? strchr(letters, text[at]) : NULL;
		if (letter == NULL || *letter == '\0')
			orm_json_text_malformed();
		appendStringInfoChar(&buf, meant[letter - letters]);
		at++;
	}
	return buf.data;
}

char *
orm_json_text_string(const char *text, OrmJsonSpan string)
{
	char	   *resolved = resolve(text, string);

	if (resolved == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("unsupported Unicode escape sequence"),
				 errdetail("An escape in %s stands for no character.",
						   pnstrdup(text + string.start, string.end - string.start))));
	return resolved;
}

bool
orm_json_text_is(const char *text, OrmJsonSpan string, const char *other, Size len)
{
	const char *start = text + string.start + 1;
	Size		bytes = string.end - string.start - 2;
	char	   *resolved;
	bool		same;

	if (bytes == len && memcmp(start, other, len) == 0)
		return memchr(start, '\\', bytes) == NULL;
	/* escapes only make a string longer */
	if (bytes <= len || memchr(start, '\\', bytes) == NULL)
		return false;
	resolved = resolve(text, string);
	same = resolved != NULL && strcmp(resolved, other) == 0;
	if (resolved)
		pfree(resolved);
	return same;
}

/* ---- places ---- */

static void
append_name(StringInfo buf, const char *name)
{
	for (; *name; name++)
	{
		if (*name == '~')
			appendStringInfoString(buf, "~0");
		else if (*name == '/')
			appendStringInfoString(buf, "~1");
		else
			appendStringInfoChar(buf, *name);
	}
}

char *
orm_json_text_pointer(const char *text, Size len, Size start)
{
	OrmJsonSpan span = orm_json_text_root(text, len);
	StringInfoData buf;

	initStringInfo(&buf);
	while (span.start < start)
	{
		OrmJsonCursor cursor;

		orm_json_text_enter(&cursor, text, span);
		do
		{
			if (!orm_json_text_next(&cursor))
				return buf.data;
		} while (cursor.value.end <= start);
		appendStringInfoChar(&buf, '/');
		if (span.kind == ORM_JSON_ARRAY)
			appendStringInfo(&buf, "%d", cursor.index);
		else
			append_name(&buf, orm_json_text_string(text, cursor.key));
		span = cursor.value;
	}
	return buf.data;
}
