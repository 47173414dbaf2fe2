/*
 * compat.h
 *	  Every difference between the supported server versions, in one place.
 *
 * Not here: anything that is the same on all of them. Each entry names the
 * version that made it necessary.
 */
#ifndef ORM_BASE_COMPAT_H
#define ORM_BASE_COMPAT_H

#include "postgres.h"

#include "catalog/namespace.h"
#include "access/htup_details.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/plancache.h"

#if PG_VERSION_NUM < 150000
#error "orm needs PostgreSQL 15 or later"
#endif

/* 16 moved the varlena macros out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 dropped execute_once; an executor run that may be resumed is what we need in both */
#if PG_VERSION_NUM >= 180000
#define orm_ExecutorRun(qd, dir, count) ExecutorRun(qd, dir, count)
#else
#define orm_ExecutorRun(qd, dir, count) ExecutorRun(qd, dir, count, false)
#endif

/* 18 gave EXPLAIN's state and output headers of their own */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* 18 marks a function that does not return in front of its declaration, and there only */
#if PG_VERSION_NUM >= 180000
#define orm_noreturn pg_noreturn
#else
#define orm_noreturn pg_attribute_noreturn()
#endif

/* 17 renamed the search path matcher */
#if PG_VERSION_NUM >= 170000
#define orm_search_path_is(path) SearchPathMatchesCurrentEnvironment(path)
#else
#define orm_search_path_is(path) OverrideSearchPathMatchesCurrent(path)
#endif

/* 16 calls the file of a relation its locator */
#if PG_VERSION_NUM >= 160000
#define orm_relation_is_rewritten(rel) ((rel)->rd_firstRelfilelocatorSubid != InvalidSubTransactionId)
#else
#define orm_relation_is_rewritten(rel) ((rel)->rd_firstRelfilenodeSubid != InvalidSubTransactionId)
#endif

/* 16 folded the checks of each kind of object into one */
#if PG_VERSION_NUM >= 160000
#define orm_relation_owned(relid, role) object_ownercheck(RelationRelationId, relid, role)
#else
#define orm_relation_owned(relid, role) pg_class_ownercheck(relid, role)
#endif

/*
 * Of a server with ICU this header includes ICU's own, which the server's
 * development package does not bring. What is used here is the same without.
 */
#undef USE_ICU
#include "utils/pg_locale.h"

#if PG_VERSION_NUM >= 160000
#define orm_function_aclcheck(function, role) object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE)
#else
#define orm_function_aclcheck(function, role) pg_proc_aclcheck(function, role, ACL_EXECUTE)
#endif

/* 18 keeps what is known of a collation with its locale */
#if PG_VERSION_NUM >= 180000
#define orm_collation_is_c(collation) (pg_newlocale_from_collation(collation)->collate_is_c)
#else
#define orm_collation_is_c(collation) lc_collate_is_c(collation)
#endif

#endif							/* ORM_BASE_COMPAT_H */
