/*
 * json_scan.c
 *	  Goes through JSON text once, from its first byte to its last.
 */
#include "base/compat.h"

#include "base/json_scan.h"

static inline void
skip_space(OrmJsonScan *scan)
{
	while (scan->at < scan->end)
	{
		char		c = scan->text[scan->at];

		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			return;
		scan->at++;
	}
}

OrmJsonKind
orm_json_scan_kind(OrmJsonScan *scan)
{
	skip_space(scan);
	if (scan->at >= scan->end)
		orm_json_text_malformed();
	switch (scan->text[scan->at])
	{
		case '"':
			return ORM_JSON_STRING;
		case '{':
			return ORM_JSON_OBJECT;
		case '[':
			return ORM_JSON_ARRAY;
		case 'n':
			return ORM_JSON_NULL;
		case 't':
		case 'f':
			return ORM_JSON_BOOL;
		default:
			return ORM_JSON_NUMBER;
	}
}

/* the string that starts at "at" */
static inline void
pass_string(OrmJsonScan *scan)
{
	const char *text = scan->text;
	Size		at = scan->at + 1;

	while (at < scan->end)
	{
		if (text[at] == '"')
		{
			scan->at = at + 1;
			return;
		}
		at += text[at] == '\\' ? 2 : 1;
	}
	orm_json_text_malformed();
}

OrmJsonSpan
orm_json_scan_value(OrmJsonScan *scan)
{
	OrmJsonSpan span;

	span.kind = orm_json_scan_kind(scan);
	if (span.kind == ORM_JSON_OBJECT || span.kind == ORM_JSON_ARRAY)
		span = orm_json_text_value(scan->text, scan->at, scan->end);
	else
	{
		span.start = scan->at;
		if (span.kind == ORM_JSON_STRING)
			pass_string(scan);
		else
			while (scan->at < scan->end)
			{
				char		c = scan->text[scan->at];

				if (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r')
					break;
				scan->at++;
			}
		span.end = scan->at;
		if (span.end == span.start)
			orm_json_text_malformed();
	}
	scan->at = span.end;
	return span;
}

void
orm_json_scan_enter(OrmJsonScan *scan)
{
	scan->at++;
}

bool
orm_json_scan_next(OrmJsonScan *scan, bool first, OrmJsonSpan *key)
{
	char		c;

	skip_space(scan);
	if (scan->at >= scan->end)
		orm_json_text_malformed();
	c = scan->text[scan->at];
	if (c == '}' || c == ']')
	{
		scan->at++;
		return false;
	}
	if (!first)
	{
		if (c != ',')
			orm_json_text_malformed();
		scan->at++;
		skip_space(scan);
	}
	if (key)
	{
		key->kind = ORM_JSON_STRING;
		key->start = scan->at;
		if (scan->at >= scan->end || scan->text[scan->at] != '"')
			orm_json_text_malformed();
		pass_string(scan);
		key->end = scan->at;
		skip_space(scan);
		if (scan->at >= scan->end || scan->text[scan->at] != ':')
			orm_json_text_malformed();
		scan->at++;
		skip_space(scan);
	}
	return true;
}
