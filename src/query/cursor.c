/*
 * cursor.c
 *	  Writes and reads the text of a cursor.
 *
 * In base64url: a version, the mark of entity and order, a checksum of what
 * follows, and each value as its length (all ones: null) and the text that its
 * type writes.
 */
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/base64url.h"
#include "model/type_codec.h"
#include "query/cursor.h"
#include "query/order.h"

#define CURSOR_VERSION	1
#define CURSOR_HEAD		(1 + sizeof(uint64) + sizeof(uint32))
#define CURSOR_NULL		PG_UINT32_MAX

Oid
orm_cursor_type(const OrmOrder *order)
{
	Oid			type = orm_property_type(order->entity, order->property);

	switch (type)
	{
			/* compared as numbers, and their names depend on search_path */
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGCLASSOID:
		case REGCOLLATIONOID:
		case REGTYPEOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
		case REGCONFIGOID:
		case REGDICTIONARYOID:
			return OIDOID;
		default:
			return type;
	}
}

/* names are told apart by their lengths */
static void
append_name(StringInfo buf, const char *name)
{
	appendStringInfo(buf, "%zu:%s", strlen(name), name);
}

uint64
orm_cursor_mark(const OrmQuery *query)
{
	StringInfoData buf;
	ListCell   *cell;
	ListCell   *step;

	initStringInfo(&buf);
	append_name(&buf, query->entity->name);
	foreach(cell, query->order)
	{
		OrmOrder   *order = lfirst(cell);

		foreach(step, order->path)
			append_name(&buf, ((OrmRelation *) lfirst(step))->name);
		append_name(&buf, order->property->embed ? order->property->embed : "");
		append_name(&buf, order->property->name);
		append_name(&buf, format_type_be_qualified(orm_cursor_type(order)));
		appendStringInfoChar(&buf, order->descending ? '-' : '+');
		appendStringInfoChar(&buf, orm_order_nulls_first(order) ? '<' : '>');
	}
	return hash_bytes_extended((unsigned char *) buf.data, buf.len, 0);
}

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* values are written and read in one way, whatever the settings of the session */
static int
fix_settings(const OrmQuery *query)
{
	int			level = NewGUCNestLevel();
	ListCell   *cell;

	if (DateStyle != USE_ISO_DATES)
		set("datestyle", "ISO");
	if (IntervalStyle != INTSTYLE_POSTGRES)
		set("intervalstyle", "postgres");
	if (extra_float_digits < 1)
		set("extra_float_digits", "1");
	foreach(cell, query->order)
		if (orm_cursor_type(lfirst(cell)) == CASHOID)
			set("lc_monetary", "C");
	return level;
}

char *
orm_cursor_write(const OrmQuery *query, const Datum *values, const bool *nulls)
{
	StringInfoData buf;
	uint64		mark = pg_hton64(query->order_mark);
	uint32		checksum = 0;
	int			level = fix_settings(query);

	initStringInfo(&buf);
	appendStringInfoChar(&buf, CURSOR_VERSION);
	appendBinaryStringInfo(&buf, (char *) &mark, sizeof(mark));
	appendBinaryStringInfo(&buf, (char *) &checksum, sizeof(checksum));
	for (int i = 0; i < list_length(query->order); i++)
	{
		uint32		len = CURSOR_NULL;
		char	   *text = NULL;

		if (!nulls[i])
		{
			Oid			output;
			bool		varlena;

			getTypeOutputInfo(orm_cursor_type(list_nth(query->order, i)), &output, &varlena);
			text = OidOutputFunctionCall(output, values[i]);
			len = strlen(text);
		}
		len = pg_hton32(len);
		appendBinaryStringInfo(&buf, (char *) &len, sizeof(len));
		if (text)
			appendStringInfoString(&buf, text);
	}
	AtEOXact_GUC(true, level);
	checksum = pg_hton32(hash_bytes((unsigned char *) buf.data + CURSOR_HEAD, buf.len - CURSOR_HEAD));
	memcpy(buf.data + CURSOR_HEAD - sizeof(checksum), &checksum, sizeof(checksum));
	return orm_base64url_encode((unsigned char *) buf.data, buf.len);
}

static void
refuse(const OrmJson *node, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid cursor"),
			 orm_errdetail_at(node, "%s", why),
			 errhint("A cursor is what orm.paginate gave as \"next\" or \"prev\" for the same entity and order.")));
}

static unsigned char *
decode(const OrmQuery *query, const OrmJson *node, int *len)
{
	unsigned char *bytes = orm_base64url_decode(orm_json_string(node), len);
	uint64		mark;
	uint32		checksum;

	if (bytes == NULL || *len < CURSOR_HEAD || bytes[0] != CURSOR_VERSION)
		refuse(node, "It does not decode.");
	memcpy(&mark, bytes + 1, sizeof(mark));
	memcpy(&checksum, bytes + 1 + sizeof(mark), sizeof(checksum));
	if (pg_ntoh32(checksum) != hash_bytes(bytes + CURSOR_HEAD, *len - CURSOR_HEAD))
		refuse(node, "It is damaged.");
	if (pg_ntoh64(mark) != query->order_mark)
		refuse(node, "It was made for another entity or another order.");
	return bytes;
}

/* whatever the type says to a text that it did not write is about the cursor */
static Datum
value_from_text(const OrmJson *node, Oid type, const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	OrmDecoder	decoder;
	Datum		value = (Datum) 0;

	orm_codec_decoder(&decoder, type, -1, context);
	PG_TRY();
	{
		value = orm_codec_from_text(&decoder, text);
	}
	PG_CATCH();
	{
		ErrorData  *error;
		int			category;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
		if (category == ERRCODE_INSUFFICIENT_RESOURCES || category == ERRCODE_OPERATOR_INTERVENTION ||
			category == ERRCODE_INTERNAL_ERROR)
			PG_RE_THROW();
		FlushErrorState();
		error->sqlerrcode = ERRCODE_INVALID_PARAMETER_VALUE;
		error->detail = psprintf("%sA value does not fit: %s.", orm_json_place(node), error->message);
		error->message = "invalid cursor";
		error->hint = NULL;
		ReThrowError(error);
	}
	PG_END_TRY();
	return value;
}

void
orm_cursor_read(const OrmQuery *query, const OrmJson *node, Datum *values, bool *nulls)
{
	int			len;
	unsigned char *bytes = decode(query, node, &len);
	int			at = CURSOR_HEAD;
	int			level = fix_settings(query);

	for (int i = 0; i < list_length(query->order); i++)
	{
		uint32		size;
		char	   *text;

		if (len - at < (int) sizeof(size))
			refuse(node, "It holds too few values.");
		memcpy(&size, bytes + at, sizeof(size));
		size = pg_ntoh32(size);
		at += sizeof(size);
		nulls[i] = size == CURSOR_NULL;
		values[i] = (Datum) 0;
		if (nulls[i])
			continue;
		if (size > (uint32) (len - at))
			refuse(node, "It is cut short.");
		text = pnstrdup((char *) bytes + at, size);
		if (strlen(text) != size || !pg_verifymbstr(text, size, true))
			refuse(node, "It holds what is no text.");
		values[i] = value_from_text(node, orm_cursor_type(list_nth(query->order, i)), text);
		at += size;
	}
	if (at != len)
		refuse(node, "It holds too many values.");
	AtEOXact_GUC(true, level);
}
