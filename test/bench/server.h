/*
 * server.h
 *	  A connection, the statements prepared on it, and what its backend uses of
 *	  the machine.
 */
#ifndef SERVER_H
#define SERVER_H

#include <libpq-fe.h>
#include <stdint.h>

#include "spec.h"

/* a value as it is sent */
typedef struct Value
{
	char	   *data;
	int			len;
	int			format;
} Value;

typedef struct Prepared
{
	char		name[64];
	Value		values[MAX_PARAMS];
	int			nvalues;
	Value	   *each;			/* with its number, 1 without */
	int			neach;
} Prepared;

typedef struct Run
{
	Variant    *variant;
	Prepared	statements[MAX_STATEMENTS];
	bool		parallel;		/* its plans would use parallel workers */
} Run;

/* what a variant's answer came to */
typedef struct Answer
{
	long		rows;
	long		bytes;
	long		round_trips;
} Answer;

/* is handed every row of an answer */
typedef void (*RowFunction) (PGresult *result, int row, void *argument);

extern PGconn *connect_server(void);
extern PGresult *query(PGconn *conn, const char *sql);
extern void prepare_variant(PGconn *conn, Variant *variant, Run *run);
/* what the variant wants set, while it is prepared and while it runs */
extern void set_for_variant(PGconn *conn, const Variant *variant, bool on);
/* prepared names are the statement's address: prepare a variant once a connection */
extern Answer run_variant(PGconn *conn, Run *run, int latency, RowFunction row_function, void *argument);
/* the same with rows taken one by one as they come, which the client then never holds together */
extern Answer stream_variant(PGconn *conn, Run *run);
extern Answer run_statement(PGconn *conn, Prepared *prepared, int latency, RowFunction row_function, void *argument);

/* nanoseconds that the backend and parallel workers have been on a CPU */
extern int64_t server_cpu(PGconn *conn);
extern int64_t wall_clock(void);
/* kilobytes of the backend's memory that it shares with none */
extern long server_memory(PGconn *conn);
/* both on CPU 0, or wherever they like */
extern void pin(PGconn *conn, bool pinned);

#endif
