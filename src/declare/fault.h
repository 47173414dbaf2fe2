/*
 * fault.h
 *	  Collects what is wrong with a declaration, to report it in one error.
 *
 * Not here: the checks, and errors after which nothing else can be checked
 * (ownership, an unknown entity): those are raised where they are met.
 */
#ifndef ORM_DECLARE_FAULT_H
#define ORM_DECLARE_FAULT_H

#include "base/compat.h"

#include "nodes/pg_list.h"

/* zero-initialised; lives in the memory context of its user */
typedef struct OrmFaults
{
	int			sqlstate;		/* of the first fault */
	List	   *messages;		/* char * */
	char	   *hint;			/* of the first fault */
	const char *misspelt;		/* of the first fault: a name, and what it may have meant */
	List	   *candidates;
	const char *what;
} OrmFaults;

/* adds a fault; its message reads as an errmsg would */
extern void orm_fault(OrmFaults *faults, int sqlstate, const char *format,...) pg_attribute_printf(3, 4);

/* a hint for the fault added last; only that of the first fault is shown */
extern void orm_fault_hint(OrmFaults *faults, const char *format,...) pg_attribute_printf(2, 3);

/* the same, from orm_hint_names; the arguments are kept, not copied */
extern void orm_fault_hint_names(OrmFaults *faults, const char *name, List *names, const char *what);

/* one error with all faults: the first as message, the others in DETAIL; returns when there is none */
extern void orm_faults_raise(OrmFaults *faults);

#endif							/* ORM_DECLARE_FAULT_H */
