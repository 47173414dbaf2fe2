/*
 * fault.c
 *	  Collects what is wrong with a declaration, to report it in one error.
 */
#include "base/compat.h"

#include "lib/stringinfo.h"

#include "base/error.h"
#include "declare/fault.h"

static char *format_text(const char *format, va_list args_in) pg_attribute_printf(1, 0);

static char *
format_text(const char *format, va_list args_in)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_copy(args, args_in);
		needed = appendStringInfoVA(&text, format, args);
		va_end(args);
		if (needed == 0)
			return text.data;
		enlargeStringInfo(&text, needed);
	}
}

void
orm_fault(OrmFaults *faults, int sqlstate, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	faults->messages = lappend(faults->messages, format_text(format, args));
	va_end(args);
	if (list_length(faults->messages) == 1)
		faults->sqlstate = sqlstate;
}

void
orm_fault_hint(OrmFaults *faults, const char *format,...)
{
	va_list		args;

	if (list_length(faults->messages) != 1)
		return;
	va_start(args, format);
	faults->hint = format_text(format, args);
	va_end(args);
}

void
orm_fault_hint_names(OrmFaults *faults, const char *name, List *names, const char *what)
{
	if (list_length(faults->messages) != 1)
		return;
	faults->misspelt = name;
	faults->candidates = names;
	faults->what = what;
}

void
orm_faults_raise(OrmFaults *faults)
{
	StringInfoData detail;
	ListCell   *cell;

	if (faults->messages == NIL)
		return;
	initStringInfo(&detail);
	for_each_from(cell, faults->messages, 1)
		appendStringInfo(&detail, "%sAlso: %s.", detail.len > 0 ? "\n" : "", (char *) lfirst(cell));
	ereport(ERROR,
			(errcode(faults->sqlstate),
			 errmsg("%s", (char *) linitial(faults->messages)),
			 detail.len > 0 ? errdetail("%s", detail.data) : 0,
			 faults->hint ? errhint("%s", faults->hint) : 0,
			 faults->misspelt ? orm_hint_names(faults->misspelt, faults->candidates, faults->what) : 0));
}
