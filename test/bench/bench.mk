# make bench: builds the data in a throwaway cluster, measures, prints the table.
#   SCALE    1.0 is 20,000 users, 200,000 posts, 1,000,000 comments
#   ROUNDS   medians of so many
#   ONLY     names of workloads, W4,W6; all when empty
#   PARTS    what to measure: main, more (tables of other shapes), writes, rows, depth, memory, orms and orm-writes (want node)
#   CHECK    yes: fail when a limit is missed
SCALE = 1.0
ROUNDS = 9
ONLY =
PARTS = main
CHECK =
# yes: do not compare the answers first
NO_CHECK =

.PHONY: bench
bench:
	@SCALE=$(SCALE) ROUNDS=$(ROUNDS) ONLY=$(ONLY) PARTS='$(PARTS)' CHECK=$(CHECK) NO_CHECK=$(NO_CHECK) \
		test/cluster test/bench/run

.PHONY: bench-page
# what was measured goes into docs/performance.md and its chart
bench-page:
	@test/bench/page
