# Builds, installs and tests orm. People's targets (demo, shell, test, lint, indent) do
# all their set-up themselves; the rest is PGXS.

EXTENSION = orm
EXTVERSION = 0.1.0
MODULE_big = orm

SOURCES = src/orm.c $(sort $(wildcard src/*/*.c))
OBJS = $(SOURCES:.c=.o)

# the install script, in the order in which its parts stand on each other
SQL_PARTS = src/sql/schema.sql \
	src/sql/writer.sql \
	src/sql/catalog.sql \
	src/sql/declare.sql \
	src/sql/declare_morph.sql \
	src/sql/ddl.sql \
	src/sql/stamp.sql \
	src/sql/model.sql \
	src/sql/read.sql src/sql/paginate.sql \
	src/sql/load.sql \
	src/sql/delete.sql src/sql/link.sql \
	src/sql/save.sql \
	src/sql/stats.sql \
	src/sql/check.sql \
	src/sql/builders.sql
DATA_built = src/sql/orm--$(EXTVERSION).sql
DATA = $(wildcard src/sql/orm--*--*.sql)

PG_CPPFLAGS = -I$(CURDIR)/src
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -MMD -MP
# a server built with gcc hands clang flags and attributes that it does not know
ifneq ($(findstring clang,$(CC)),)
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-attributes -Wno-ignored-optimization-argument
endif
SHLIB_LINK = -ljansson
EXTRA_CLEAN = $(DATA_built) $(OBJS:.o=.d)

# byte code for JIT inlining needs the very clang the server was built with; functions of ours are not worth inlining
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(wildcard $(PGXS)),)
include $(PGXS)

src/sql/orm--$(EXTVERSION).sql: $(SQL_PARTS) Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION orm" to load this file. \quit'; cat $(SQL_PARTS); } > $@

-include $(OBJS:.o=.d)

# for the test that there are no warnings
print-flags:
	@echo $(filter-out -MMD -MP,$(CFLAGS)) $(CPPFLAGS)
else
# The targets below install a server when there is none; these need one.
all install uninstall clean:
	@echo 'no PostgreSQL server with its development files here: "make test" and "make demo" install one,' \
		'PG_CONFIG=/path/to/pg_config names one' >&2; exit 1
endif

# TESTS names some, by suite or one by one: make test TESTS='lint regress/errors t/streaming'
TESTS =

.PHONY: demo shell test test-assert lint indent print-flags

demo:
	@test/cluster demo/run tour

shell:
	@test/cluster demo/run shell

test:
	@test/cluster test/run $(TESTS)

test-assert:
	@test/cluster test/run assert

lint:
	@test/run lint

indent:
	@test/setup format
	@test/indent $(SOURCES) $(wildcard src/*/*.h)

include test/bench/bench.mk
