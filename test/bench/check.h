/*
 * check.h
 *	  That all variants of a workload give the same answer.
 */
#ifndef CHECK_H
#define CHECK_H

#include "server.h"

/* complains on stderr about each variant that differs; how many did */
extern int	check_answers(PGconn *conn, Workload *workload, Run *runs);

#endif
