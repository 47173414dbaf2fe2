/*
 * advice.c
 *	  Counts one-key reads by relation, until the transaction ends.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "run/advice.h"
#include "run/tally.h"

/* longer names are cut: at worst two relations are counted as one */
#define NAME_LENGTH	128

/* when so many relations are counted, counting begins anew */
#define MOST_COUNTS	1000

int			orm_n_plus_one_threshold = 10;

typedef struct Count
{
	struct
	{
		Oid			relid;		/* of the entity */
		char		relation[NAME_LENGTH];
	}			key;
	int			n;
	bool		warned;
	uint64		transaction;	/* that all this is about */
} Count;

/* kept from one transaction to the next, which is cheaper than making it anew for the one call of most */
static HTAB *counts = NULL;
static uint64 transaction = 0;

static void
end_counts(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		transaction++;
}

static void
make_counts(void)
{
	static bool registered = false;
	HASHCTL		info = {0};

	if (!registered)
	{
		RegisterXactCallback(end_counts, NULL);
		registered = true;
	}
	info.keysize = sizeof(((Count *) NULL)->key);
	info.entrysize = sizeof(Count);
	info.hcxt = TopMemoryContext;
	counts = hash_create("orm one-key reads", 16, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static Count *
count_of(const OrmEntity *entity, const OrmRelation *relation)
{
	Count		wanted;
	Count	   *count;
	bool		found;

	/* relations of long ago make room */
	if (counts && hash_get_num_entries(counts) >= MOST_COUNTS)
	{
		hash_destroy(counts);
		counts = NULL;
	}
	if (counts == NULL)
		make_counts();
	memset(&wanted, 0, sizeof(wanted));
	wanted.key.relid = entity->relid;
	strlcpy(wanted.key.relation, relation->name, NAME_LENGTH);
	count = hash_search(counts, &wanted.key, HASH_ENTER, &found);
	if (!found || count->transaction != transaction)
	{
		count->n = 0;
		count->warned = false;
		count->transaction = transaction;
	}
	return count;
}

void
orm_advice_one_key(const OrmEntity *entity, const OrmRelation *relation, OrmLevel *level)
{
	Count	   *count;

	if (level->plan)
		level->plan->one_key_calls++;
	if (orm_n_plus_one_threshold == 0)
		return;
	count = count_of(entity, relation);
	if (++count->n <= orm_n_plus_one_threshold || count->warned)
		return;
	count->warned = true;
	ereport(WARNING,
			(errmsg("relation \"%s\" of entity \"%s\" is read one key at a time", relation->name, entity->name),
			 errdetail("It was read for one key %d times in this transaction, each time by a statement of its own.",
					   count->n),
			 errhint("Read it for all of them at once: SELECT orm.fetch(%s, '{\"load\": [\"%s\"]}'), or SELECT * FROM orm.related(%s, '[key, ...]', %s).",
					 quote_literal_cstr(entity->name), relation->name, quote_literal_cstr(entity->name),
					 quote_literal_cstr(relation->name))));
}

void
orm_advice_one_row(const OrmLevel *level)
{
	for (int i = level->ntallies; i < level->nchildren; i++)
	{
		OrmLevel   *child = level->children[i];

		if (child->keys->nkeys == 1)
			orm_advice_one_key(level->step->query->entity, child->step->relation, child);
	}
}
