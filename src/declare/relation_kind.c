/*
 * relation_kind.c
 *	  The kinds of relations that can be declared.
 */
#include "base/compat.h"

#include "declare/relation_kind.h"

static const struct
{
	const char *name;
	const OrmRelationRules *rules;
}			kinds[] = {
	{"belongs_to", &orm_relation_belongs_to},
	{"has_one", &orm_relation_has_one},
	{"has_many", &orm_relation_has_many},
	{"many_to_many", &orm_relation_many_to_many},
	{"ancestors", &orm_relation_ancestors},
	{"descendants", &orm_relation_descendants},
	{"morph_to", &orm_relation_morph_to},
	{"morph_one", &orm_relation_morph_one},
	{"morph_many", &orm_relation_morph_many},
	{"morph_to_many", &orm_relation_morph_to_many},
	{"has_one_through", &orm_relation_has_one_through},
	{"has_many_through", &orm_relation_has_many_through},
	{"has_many_in", &orm_relation_has_many_in},
	{"has_many_by", &orm_relation_has_many_by},
};

const OrmRelationRules *
orm_relation_rules(const char *kind)
{
	for (int i = 0; i < lengthof(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].rules;
	return NULL;
}

List *
orm_relation_kinds(void)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(kinds); i++)
		names = lappend(names, unconstify(char *, kinds[i].name));
	return names;
}
