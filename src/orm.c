/*
 * orm.c
 *	  Library entry: settings, hooks and callbacks are set up here. Nothing else.
 */
#include "base/compat.h"

#include "utils/guc.h"

#include "declare/ddl.h"
#include "model/model_cache.h"
#include "model/type_codec.h"
#include "query/strict.h"
#include "query/where.h"
#include "run/advice.h"
#include "run/hydrator.h"
#include "run/plan_cache.h"
#include "run/window.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static const struct config_enum_entry json_numbers[] = {
	{"exact", ORM_NUMBERS_EXACT, false},
	{"safe", ORM_NUMBERS_SAFE, false},
	{NULL, 0, false}
};

static void
define_settings(void)
{
	DefineCustomIntVariable("orm.max_depth",
							"How deep load trees, groups of conditions and saved graphs may be nested.",
							NULL, &orm_max_depth, 16, 1, 1000, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("orm.window_size",
							"How many roots are hydrated together; 0 lets the window grow by itself.",
							NULL, &orm_window_size, 0, 0, 1000000, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("orm.max_rows",
							"How many entities one call may read, roots and loaded ones together; 0 is no limit.",
							NULL, &orm_max_rows, 0, 0, INT_MAX, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("orm.json_numbers",
							 "Whether numbers that a double does not hold are given as strings.",
							 "With \"safe\", bigint beyond 2^53 and numeric.",
							 &orm_json_numbers, ORM_NUMBERS_EXACT, json_numbers, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("orm.strict",
							 "Refuses orm.lazy, and loads of relations without an index to read by.",
							 NULL, &orm_strict, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("orm.n_plus_one_threshold",
							"How often one relation may be read one key at a time in a transaction before there is a warning; 0 is off.",
							NULL, &orm_n_plus_one_threshold, 10, 0, INT_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("orm.plan_cache_size",
							"How much memory the kept plans of a session may take.",
							NULL, &orm_plan_cache_size, 16 * 1024, 64, MAX_KILOBYTES, PGC_USERSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
}

void
_PG_init(void)
{
	define_settings();
	orm_model_cache_init();
	orm_ddl_init();
	MarkGUCPrefixReserved("orm");
}
