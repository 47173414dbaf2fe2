/*
 * orm.c
 *	  Library entry: settings, hooks and callbacks are set up here. Nothing else.
 */
#include "base/compat.h"

#include "declare/ddl.h"
#include "model/model_cache.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	orm_model_cache_init();
	orm_ddl_init();
}
