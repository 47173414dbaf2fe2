/*
 * sql_stream.h
 *	  Set-returning functions that give entities one per call.
 *
 * In the select list this streams: nothing is materialised, and a LIMIT
 * outside stops the run. In FROM the server fills one tuplestore of its own.
 */
#ifndef ORM_API_SQL_STREAM_H
#define ORM_API_SQL_STREAM_H

#include "funcapi.h"

#include "run/window.h"

/* first call: sets the set up and gives the context that lives as long as it does */
extern MemoryContext orm_stream_begin(FunctionCallInfo fcinfo);

/* first call: what to give; ended when the set is left, however that happens */
extern void orm_stream_read(FunctionCallInfo fcinfo, OrmRead *read);

/* first call: how many of its entities are going to be asked for, as far as can be told */
extern OrmDemand orm_stream_demand(FunctionCallInfo fcinfo);

/* every call */
extern Datum orm_stream_next(FunctionCallInfo fcinfo);

#endif							/* ORM_API_SQL_STREAM_H */
