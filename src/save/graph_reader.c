/*
 * graph_reader.c
 *	  Reads the input into rows, in one pass.
 *
 * Not here: what is done with them. A row is known by the end of its object:
 * what it names, and whether it is no more than a link.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/error.h"
#include "model/model_cache.h"
#include "save/graph_reader.h"
#include "save/morph.h"
#include "save/permit.h"
#include "save/relation_default.h"
#include "save/value_operator.h"
#include "save/value_reader.h"

/* where the reading is, for errors of input functions */
typedef struct Reader
{
	OrmSaveCall *call;
	OrmJsonScan scan;
	Size		value;			/* the value that is being read, or 0 */
	int			depth;
} Reader;

/* keys of an object that go into the flex column */
typedef struct Flex
{
	List	   *names;			/* char * */
	StringInfoData members;		/* as JSON */
} Flex;

static OrmSaveRow *read_object(Reader *reader, OrmSaveTable *table, OrmSaveSet *set, const OrmPermit *permit);

void
orm_save_wrong_kind(const OrmSaveCall *call, Size start, const char *what, const char *hint)
{
	static const char *const kinds[] = {"null", "A boolean", "A number", "A string", "A list", "An object"};
	OrmJsonScan scan = {call->text, start, call->len};

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s is expected", what),
			 orm_save_errdetail(call, start, "%s stands there.", kinds[orm_json_scan_kind(&scan)]),
			 hint ? errhint("%s", hint) : 0));
}

static void
named_twice(Reader *reader, const char *name, Size start)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is given twice", name),
			 orm_save_errdetail(reader->call, start, "An object names a thing once.")));
}

/* ---- properties ---- */

static void
read_version(Reader *reader, OrmSaveRow *row, AttrNumber attnum, OrmJsonSpan span)
{
	Datum		value;

	if (span.kind == ORM_JSON_NULL)
		return;
	value = orm_save_value(row->table, attnum, span);
	row->version_given = true;
	switch (getBaseType(row->table->columns[attnum - 1].type))
	{
		case INT2OID:
			row->version = DatumGetInt16(value);
			break;
		case INT4OID:
			row->version = DatumGetInt32(value);
			break;
		default:
			row->version = DatumGetInt64(value);
	}
}

/* a column gets a value, or is to be changed by an operator */
static void
read_column(Reader *reader, OrmSaveRow *row, AttrNumber attnum)
{
	OrmSaveTable *table = row->table;
	OrmSaveColumn *column = &table->columns[attnum - 1];
	OrmJsonSpan span = orm_json_scan_value(&reader->scan);

	if (attnum == table->version)
	{
		reader->value = span.start;
		read_version(reader, row, attnum, span);
	}
	if (column->passed_over)
		return;
	reader->value = span.start;
	if (span.kind == ORM_JSON_OBJECT && orm_save_operator(row, attnum, span))
		return;
	/* a key that is null is one that is not there yet */
	if (span.kind == ORM_JSON_NULL && column->has_default && column->property && column->property->is_key)
		return;
	row->given[attnum - 1] = ORM_GIVEN_VALUE;
	row->nulls[attnum - 1] = span.kind == ORM_JSON_NULL;
	if (span.kind != ORM_JSON_NULL)
		row->values[attnum - 1] = orm_save_value(table, attnum, span);
	reader->value = 0;
}

static void
read_property(Reader *reader, OrmSaveRow *row, OrmProperty *property)
{
	if (property->attnum == 0)
		orm_json_scan_value(&reader->scan);
	else
		read_column(reader, row, property->attnum);
}

static OrmProperty *
member_named(List *members, const char *text, OrmJsonSpan key)
{
	ListCell   *cell;

	foreach(cell, members)
	{
		OrmProperty *property = lfirst(cell);

		if (orm_json_text_is(text, key, property->name, strlen(property->name)))
			return property;
	}
	return NULL;
}

/* a value object: null is all of its columns null */
static void
read_embed(Reader *reader, OrmSaveRow *row, const OrmSaveName *name)
{
	OrmJsonKind kind = orm_json_scan_kind(&reader->scan);
	List	   *met = NIL;
	OrmJsonSpan key;
	ListCell   *cell;

	if (kind == ORM_JSON_NULL)
	{
		Size		start = reader->scan.at;

		foreach(cell, name->members)
		{
			reader->scan.at = start;
			read_property(reader, row, lfirst(cell));
		}
		return;
	}
	if (kind != ORM_JSON_OBJECT)
		orm_save_wrong_kind(reader->call, reader->scan.at, "an object or null",
							psprintf("\"%s\" is a value object.", name->name));
	orm_json_scan_enter(&reader->scan);
	for (bool first = true; orm_json_scan_next(&reader->scan, first, &key); first = false)
	{
		OrmProperty *property = member_named(name->members, reader->call->text, key);

		if (property == NULL)
		{
			char	   *member = orm_json_text_string(reader->call->text, key);

			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("value object \"%s\" of entity \"%s\" has no property \"%s\"", name->name,
							row->table->entity->name, member),
					 orm_save_errdetail(reader->call, reader->scan.at, "It is named here."),
					 orm_hint_names(member, orm_entity_embedded_names(row->table->entity, name->name), "properties")));
		}
		if (list_member_ptr(met, property))
			named_twice(reader, property->name, reader->scan.at);
		met = lappend(met, property);
		read_property(reader, row, property);
	}
}

/* ---- relations ---- */

/* is the relation one whose rows can be saved through it? all others are only read */
static bool
is_written_through(const OrmRelation *relation)
{
	return orm_save_holds_key(relation) || orm_save_is_child(relation) || orm_save_has_junction(relation);
}

static OrmSaveSet *
new_set(OrmSaveRow *row, OrmRelation *relation, Size start)
{
	OrmSaveSet *set = orm_save_alloc(row->table->call, sizeof(OrmSaveSet));
	OrmSaveSet **link = &row->sets;

	set->relation = relation;
	set->owner = row;
	set->start = start;
	while (*link)
		link = &(*link)->next;
	*link = set;
	return set;
}

/* a value that stands for an object with just the key */
static OrmSaveRow *
read_key(Reader *reader, OrmSaveTable *table, OrmSaveSet *set, const OrmPermit *permit)
{
	OrmSaveRow *row = orm_save_row(table, set, reader->scan.at);
	OrmEntity  *entity = table->entity;

	if (entity->nkeys != 1)
		orm_save_wrong_kind(reader->call, reader->scan.at, "an object",
							psprintf("The key of entity \"%s\" has several properties.", entity->name));
	orm_permit_link(permit, reader->call, reader->scan.at);
	read_column(reader, row, entity->properties[entity->keys[0]].attnum);
	return row;
}

static void
read_element(Reader *reader, OrmSaveTable *table, OrmSaveSet *set, const OrmPermit *permit)
{
	OrmJsonKind kind = orm_json_scan_kind(&reader->scan);
	OrmSaveRow *row;

	if (kind == ORM_JSON_NULL || kind == ORM_JSON_ARRAY)
		orm_save_wrong_kind(reader->call, reader->scan.at, "an object", NULL);
	row = kind == ORM_JSON_OBJECT ? read_object(reader, table, set, permit) : read_key(reader, table, set, permit);
	if (set->last)
		set->last->sibling = row;
	else
		set->first = row;
	set->last = row;
	set->nrows++;
	orm_save_classify(row);
	orm_permit_named(permit, row);
}

/* what the type column of a morph_to says, as text */
static char *
type_said(const OrmSaveRow *row, const OrmTypeColumn *type)
{
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(row->table->columns[type->attnum - 1].type, &output, &varlena);
	return OidOutputFunctionCall(output, row->values[type->attnum - 1]);
}

/* the branch whose type the row gives, or NULL */
static OrmRelation *
branch_named(const OrmSaveRow *row, OrmRelation *relation)
{
	for (int i = 0; i < relation->nbranches; i++)
		if (orm_save_says_type(row, relation->branches[i].type))
			return &relation->branches[i];
	return NULL;
}

/* which entity an object is of, by what the owner says in its type column */
static OrmRelation *
branch_of(Reader *reader, OrmSaveRow *row, OrmRelation *relation)
{
	const OrmTypeColumn *type = relation->branches[0].type;
	OrmSaveColumn *column = &row->table->columns[type->attnum - 1];
	int			at = type->attnum - 1;
	OrmRelation *branch;

	if (row->given[at] != ORM_GIVEN_VALUE || row->nulls[at])
	{
		if (relation->nbranches == 1)
			return &relation->branches[0];
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" leads to several entities", relation->name, row->table->entity->name),
				 orm_save_errdetail(reader->call, reader->scan.at, "\"%s\" has to say which one is meant.",
									column->property ? column->property->name : type->column)));
	}
	branch = branch_named(row, relation);
	if (branch == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" of entity \"%s\" leads to no \"%s\"", relation->name, row->table->entity->name,
						type_said(row, type)),
				 orm_save_errdetail(reader->call, reader->scan.at, "No entity is declared under that alias.")));
	return branch;
}

/* a value that can be read only when its object has been read whole */
typedef struct Later
{
	Size		start;
	OrmRelation *relation;
	const OrmPermit *permit;	/* of the object that gives it */
} Later;

static void
read_later(Reader *reader, OrmSaveRow *row, OrmRelation *relation, const OrmPermit *permit)
{
	Later	   *later = palloc(sizeof(Later));

	orm_json_scan_kind(&reader->scan);
	later->start = reader->scan.at;
	later->relation = relation;
	later->permit = permit;
	row->later = lappend(row->later, later);
	orm_json_scan_value(&reader->scan);
}

static void
read_relation(Reader *reader, OrmSaveRow *row, OrmRelation *relation, const OrmPermit *permit)
{
	OrmJsonKind kind = orm_json_scan_kind(&reader->scan);
	OrmSaveTable *table;
	OrmSaveSet *set;

	if (!is_written_through(relation))
	{
		orm_json_scan_value(&reader->scan);
		return;
	}
	table = orm_save_table(reader->call, orm_model_by_relid(relation->target, false));
	set = new_set(row, relation, reader->scan.at);
	set->defaults = orm_save_defaults(table, relation);
	if (!relation->to_many)
	{
		if (kind == ORM_JSON_NULL)
			orm_json_scan_value(&reader->scan);
		else
			read_element(reader, table, set, permit);
		return;
	}
	if (kind != ORM_JSON_ARRAY)
		orm_save_wrong_kind(reader->call, reader->scan.at, psprintf("a list for relation \"%s\"", relation->name),
							kind == ORM_JSON_NULL ? "A relation without rows is []." : NULL);
	orm_json_scan_enter(&reader->scan);
	for (bool first = true; orm_json_scan_next(&reader->scan, first, NULL); first = false)
		read_element(reader, table, set, permit);
}

/* what was put off: the object of a morph_to, or its null, which is that of all its types */
static void
read_put_off(Reader *reader, OrmSaveRow *row)
{
	Size		behind = reader->scan.at;
	ListCell   *cell;

	foreach(cell, row->later)
	{
		Later	   *later = lfirst(cell);
		OrmRelation *relation = &later->relation->branches[0];

		reader->scan.at = later->start;
		if (orm_json_scan_kind(&reader->scan) != ORM_JSON_NULL)
			relation = branch_of(reader, row, later->relation);
		else if (row->given[relation->type->attnum - 1] == ORM_GIVEN_VALUE && !row->nulls[relation->type->attnum - 1])
			relation = branch_named(row, later->relation);
		if (relation == NULL)
			continue;			/* nothing is declared under that type: null is all that find could say */
		read_relation(reader, row, relation, orm_permit_relation(later->permit, relation, reader->call, later->start));
	}
	reader->scan.at = behind;
}

/* ---- pivots ---- */

static OrmSavePivot *
new_pivot(OrmSaveCall *call, const OrmRelation *relation)
{
	OrmSavePivot *pivot = orm_save_alloc(call, sizeof(OrmSavePivot));

	pivot->given = orm_save_alloc(call, relation->npivots);
	pivot->values = orm_save_alloc(call, sizeof(Datum) * relation->npivots);
	pivot->nulls = orm_save_alloc(call, relation->npivots);
	return pivot;
}

static int
pivot_named(const OrmRelation *relation, const char *text, OrmJsonSpan key)
{
	for (int i = 0; i < relation->npivots; i++)
		if (orm_json_text_is(text, key, relation->pivots[i], strlen(relation->pivots[i])))
			return i;
	return -1;
}

static void
unknown_pivot(Reader *reader, const OrmRelation *relation, OrmJsonSpan key)
{
	char	   *name = orm_json_text_string(reader->call->text, key);
	List	   *names = NIL;

	for (int i = 0; i < relation->npivots; i++)
		names = lappend(names, relation->pivots[i]);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("the pivot of relation \"%s\" has no column \"%s\"", relation->name, name),
			 orm_save_errdetail(reader->call, reader->scan.at, "It is named here."),
			 orm_hint_names(name, names, "columns")));
}

static void
read_pivot_value(Reader *reader, OrmSavePivot *pivot, const OrmRelation *relation, int at)
{
	OrmJsonSpan span = orm_json_scan_value(&reader->scan);
	OrmDecoder	decoder;
	Oid			type;
	int32		typmod;
	Oid			collation;

	pivot->given[at] = true;
	pivot->nulls[at] = span.kind == ORM_JSON_NULL;
	if (span.kind == ORM_JSON_NULL)
		return;
	reader->value = span.start;
	get_atttypetypmodcoll(relation->through, relation->pivot_attnums[at], &type, &typmod, &collation);
	orm_codec_decoder(&decoder, type, typmod, CurrentMemoryContext);
	pivot->values[at] = orm_save_decode(reader->call, &decoder, span);
	reader->value = 0;
}

static void
read_pivot(Reader *reader, OrmSaveRow *row)
{
	OrmRelation *relation = row->set ? row->set->relation : NULL;
	OrmJsonSpan key;

	if (relation == NULL || !orm_save_has_junction(relation))
	{
		/* find said it when the row was reached another way */
		orm_json_scan_value(&reader->scan);
		return;
	}
	if (orm_json_scan_kind(&reader->scan) != ORM_JSON_OBJECT)
		orm_save_wrong_kind(reader->call, reader->scan.at, "an object", NULL);
	row->pivot = new_pivot(reader->call, relation);
	orm_json_scan_enter(&reader->scan);
	for (bool first = true; orm_json_scan_next(&reader->scan, first, &key); first = false)
	{
		int			at = pivot_named(relation, reader->call->text, key);

		if (at < 0)
			unknown_pivot(reader, relation, key);
		if (row->pivot->given[at])
			named_twice(reader, relation->pivots[at], reader->scan.at);
		read_pivot_value(reader, row->pivot, relation, at);
	}
}

/* ---- objects ---- */

static bool
span_is(const Reader *reader, OrmJsonSpan span, const char *text)
{
	Size		len = strlen(text);

	return span.end - span.start == len && memcmp(reader->call->text + span.start, text, len) == 0;
}

/* a key of an object that is neither property nor relation */
static void
read_other(Reader *reader, OrmSaveRow *row, OrmJsonSpan key, const OrmPermit *permit, Flex *flex)
{
	char	   *name = orm_json_text_string(reader->call->text, key);
	OrmJsonSpan value;
	ListCell   *cell;

	if (strcmp(name, "pivot") == 0)
	{
		orm_permit_property(permit, name, reader->call, reader->scan.at);
		read_pivot(reader, row);
		return;
	}
	if (strcmp(name, "$delete") == 0)
	{
		orm_permit_property(permit, name, reader->call, reader->scan.at);
		value = orm_json_scan_value(&reader->scan);
		if (value.kind != ORM_JSON_BOOL)
			orm_save_wrong_kind(reader->call, value.start, "true or false", NULL);
		row->delete = span_is(reader, value, "true");
		return;
	}
	value = orm_json_scan_value(&reader->scan);
	if (strcmp(name, "$action") == 0)
		return;
	if (name[0] == '$')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown key \"%s\"", name),
				 orm_save_errdetail(reader->call, value.start, "Of the keys that begin with \"$\", an object takes \"$delete\" and \"$action\".")));
	if (row->table->flex == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("entity \"%s\" has no property \"%s\"", row->table->entity->name, name),
				 orm_save_errdetail(reader->call, value.start, "It is named here."),
				 orm_hint_names(name, list_concat(orm_entity_property_names(row->table->entity, false),
												  orm_entity_relation_names(row->table->entity)), "properties and relations")));
	orm_permit_property(permit, name, reader->call, value.start);
	foreach(cell, flex->names)
		if (strcmp(lfirst(cell), name) == 0)
			named_twice(reader, name, value.start);
	if (flex->names == NIL)
		initStringInfo(&flex->members);
	flex->names = lappend(flex->names, name);
	appendStringInfoChar(&flex->members, flex->members.len == 0 ? '{' : ',');
	appendBinaryStringInfo(&flex->members, reader->call->text + key.start, key.end - key.start);
	appendStringInfoChar(&flex->members, ':');
	appendBinaryStringInfo(&flex->members, reader->call->text + value.start, value.end - value.start);
}

/* keys that are no properties become members of the flex column */
static void
take_flex(OrmSaveRow *row, Flex *flex)
{
	AttrNumber	attnum = row->table->flex;

	if (flex->names == NIL)
		return;
	appendStringInfoChar(&flex->members, '}');
	row->given[attnum - 1] = row->verb == ORM_REPLACE ? ORM_GIVEN_VALUE : ORM_GIVEN_MERGE;
	row->nulls[attnum - 1] = false;
	row->values[attnum - 1] = DirectFunctionCall1(jsonb_in, CStringGetDatum(flex->members.data));
}

static void
read_named(Reader *reader, OrmSaveRow *row, OrmSaveName *name, const OrmPermit *permit)
{
	if (name->met == row)
		named_twice(reader, name->name, reader->scan.at);
	name->met = row;
	switch (name->kind)
	{
		case ORM_NAME_PROPERTY:
			if (!orm_permit_property(permit, name->name, reader->call, reader->scan.at))
				row->naming = name->name;
			read_property(reader, row, name->property);
			break;
		case ORM_NAME_EMBED:
			orm_permit_property(permit, name->name, reader->call, reader->scan.at);
			read_embed(reader, row, name);
			break;
		case ORM_NAME_RELATION:
			if (name->relation->nbranches > 0)
			{
				/* which type it is, is not known yet; a path that names the relation permits something of each */
				(void) orm_permit_relation(permit, &name->relation->branches[0], reader->call, reader->scan.at);
				read_later(reader, row, name->relation, permit);
			}
			else
				read_relation(reader, row, name->relation,
							  orm_permit_relation(permit, name->relation, reader->call, reader->scan.at));
			break;
		case ORM_NAME_PASSED:
			orm_permit_property(permit, name->name, reader->call, reader->scan.at);
			orm_json_scan_value(&reader->scan);
			break;
	}
}

/* the name that a key stands for, its escapes resolved; "$$name" is "$name", unless it is a name itself */
static OrmSaveName *
name_of(Reader *reader, OrmSaveTable *table, OrmJsonSpan key, int number)
{
	const char *text = reader->call->text + key.start + 1;
	Size		len = key.end - key.start - 2;
	OrmSaveName *name;

	if (unlikely(memchr(text, '\\', len) != NULL))
	{
		text = orm_json_text_string(reader->call->text, key);
		len = strlen(text);
	}
	name = orm_save_name(table, text, len, number);
	if (name == NULL && len > 1 && text[0] == '$' && text[1] == '$')
		name = orm_save_name(table, text + 1, len - 1, number);
	return name;
}

static OrmSaveRow *
read_object(Reader *reader, OrmSaveTable *table, OrmSaveSet *set, const OrmPermit *permit)
{
	OrmSaveRow *row = orm_save_row(table, set, reader->scan.at);
	Flex		flex = {0};
	OrmJsonSpan key;
	int			number = 0;

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (++reader->depth > orm_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the graph is nested too deep"),
				 orm_save_errdetail(reader->call, row->start, "It may be nested %d levels deep.", orm_max_depth),
				 errhint("The setting is orm.max_depth.")));
	row->verb = set || reader->call->verb == ORM_SAVE ? ORM_SAVE : reader->call->verb;
	if (set && reader->call->verb == ORM_REPLACE)
		row->verb = ORM_REPLACE;
	orm_json_scan_enter(&reader->scan);
	for (; orm_json_scan_next(&reader->scan, number == 0, &key); number++)
	{
		OrmSaveName *name = name_of(reader, table, key, number);

		if (likely(name != NULL))
			read_named(reader, row, name, permit);
		else
			read_other(reader, row, key, permit, &flex);
	}
	read_put_off(reader, row);
	take_flex(row, &flex);
	reader->depth--;
	return row;
}

static void
read_root(Reader *reader)
{
	OrmSaveCall *call = reader->call;
	OrmSaveRow *row;

	if (orm_json_scan_kind(&reader->scan) != ORM_JSON_OBJECT)
		orm_save_wrong_kind(call, reader->scan.at, "an object", NULL);
	row = read_object(reader, call->root, NULL, call->options->permit);
	if (call->last)
		call->last->sibling = row;
	else
		call->first = row;
	call->last = row;
	orm_save_classify(row);
}

static void
read_roots(Reader *reader)
{
	reader->call->is_array = orm_json_scan_kind(&reader->scan) == ORM_JSON_ARRAY;
	if (!reader->call->is_array)
	{
		read_root(reader);
		return;
	}
	orm_json_scan_enter(&reader->scan);
	for (bool first = true; orm_json_scan_next(&reader->scan, first, NULL); first = false)
		read_root(reader);
}

/* what an input function raises gets the place of the value */
void
orm_save_read(OrmSaveCall *call)
{
	Reader		reader = {.call = call, .scan = {call->text, 0, call->len}};
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		read_roots(&reader);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		if (reader.value == 0)
			PG_RE_THROW();
		error = CopyErrorData();
		if (error->detail == NULL || strncmp(error->detail, "At ", 3) != 0)
		{
			FlushErrorState();
			error->detail = psprintf("At %s: %s", orm_save_pointer(call, reader.value),
									 error->detail ? error->detail : "The value does not fit the property's type.");
			ReThrowError(error);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();
}
