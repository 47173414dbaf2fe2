/*
 * strict.c
 *	  Finds what reads a relation the slow way, and with orm.strict refuses it.
 */
#include "base/compat.h"

#include "catalog/pg_class.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "model/foreign_key.h"
#include "query/deparse_relation.h"
#include "query/strict.h"

bool		orm_strict = false;

static bool
can_have_indexes(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW;
}

/* a column that is cast to meet the other side is not found by its index */
static const OrmLinkColumn *
cast_link(const OrmRelation *relation, Oid far)
{
	for (int i = 0; i < relation->nlinks; i++)
	{
		const OrmLinkColumn *link = &relation->links[i];
		Oid			far_type = get_atttype(far, link->far_attnum);
		Oid			near_type = relation->kind == ORM_HAS_MANY_IN ? relation->element_type : link->near_type;
		Oid			op = orm_link_operator(far_type, near_type);
		Oid			left;
		Oid			right;

		if (!OidIsValid(op))
			continue;
		op_input_types(op, &left, &right);
		if (!IsBinaryCoercible(getBaseType(far_type), left))
			return link;
	}
	return NULL;
}

static char *
create_index(const OrmRelation *relation, Oid far)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE INDEX ON %s (", orm_relation_table(far));
	if (relation->type && !relation->type->near)
		appendStringInfo(&buf, "%s, ", quote_identifier(relation->type->column));
	for (int i = 0; i < relation->nlinks; i++)
		appendStringInfo(&buf, "%s%s", i > 0 ? ", " : "", quote_identifier(relation->links[i].far_column));
	appendStringInfoString(&buf, ");");
	return buf.data;
}

OrmIndexState
orm_relation_index(const OrmRelation *relation, char **detail, char **hint)
{
	Oid			far = orm_relation_far(relation);
	const OrmLinkColumn *cast;

	for (int i = 0; i < relation->nhops; i++)
	{
		OrmIndexState state = orm_relation_index(relation->hops[i], detail, hint);

		if (state != ORM_INDEX_USABLE)
			return state;
	}
	/* the owner's row is found by its key, and what a function reads can't be known */
	if (relation->path || relation->function)
		return ORM_INDEX_USABLE;
	if (relation->nlinks == 0 || !OidIsValid(far) || !can_have_indexes(far))
		return ORM_INDEX_USABLE;
	if (!relation->far_indexed)
	{
		*detail = psprintf("No index of %s leads with the columns that it is read by.", orm_relation_table(far));
		*hint = create_index(relation, far);
		return ORM_INDEX_MISSING;
	}
	cast = cast_link(relation, far);
	if (cast == NULL)
		return ORM_INDEX_USABLE;
	*detail = psprintf("Column \"%s\" of %s is of type %s and is cast to be compared with %s, so that no index of it serves.",
					   cast->far_column, orm_relation_table(far), format_type_be(get_atttype(far, cast->far_attnum)),
					   format_type_be(cast->near_type));
	*hint = pstrdup("Give both columns one type.");
	return ORM_INDEX_DEFEATED;
}

void
orm_strict_check(OrmQuery *query)
{
	ListCell   *cell;

	if (!orm_strict)
		return;
	foreach(cell, query->loads)
	{
		OrmRelation *relation = ((OrmLoad *) lfirst(cell))->relation;
		char	   *detail;
		char	   *hint;

		if (orm_relation_index(relation, &detail, &hint) != ORM_INDEX_USABLE)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("relation \"%s\" of entity \"%s\" has no index to read by", relation->name,
							query->entity->name),
					 errdetail("%s The setting orm.strict is on.", detail),
					 errhint("%s", hint)));
	}
}

void
orm_strict_refuse_lazy(const OrmEntity *entity, const OrmRelation *relation)
{
	if (orm_strict)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("relation \"%s\" of entity \"%s\" can't be loaded lazily", relation->name, entity->name),
				 errdetail("The setting orm.strict is on."),
				 errhint("Load it with the entities: {\"load\": [\"%s\"]}.", relation->name)));
}
