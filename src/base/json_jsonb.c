/*
 * json_jsonb.c
 *	  jsonb as text, by walking its stored form.
 *
 * Not here: reading a value out of a jsonb document. The bytes are those of
 * JsonbToCString, which builds an iterator and a copy of every string on its
 * way; here each string is escaped from where it lies.
 */
#include "base/compat.h"

#include "base/json_writer.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

static void write_container(OrmBuffer *buf, JsonbContainer *container);

static void
write_child(OrmBuffer *buf, JEntry entry, char *data, uint32 offset, uint32 len)
{
	uint32		padding = INTALIGN(offset) - offset;

	switch (entry & JENTRY_TYPEMASK)
	{
		case JENTRY_ISSTRING:
			orm_json_escape(buf, data + offset, len);
			break;
		case JENTRY_ISNUMERIC:
			{
				char	   *number = data + offset + padding;

				orm_json_numeric(buf, VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number));
			}
			break;
		case JENTRY_ISBOOL_FALSE:
			orm_buffer_append(buf, "false", 5);
			break;
		case JENTRY_ISBOOL_TRUE:
			orm_buffer_append(buf, "true", 4);
			break;
		case JENTRY_ISCONTAINER:
			write_container(buf, (JsonbContainer *) (data + offset + padding));
			break;
		default:
			orm_buffer_append(buf, "null", 4);
			break;
	}
}

/*
 * Where a child ends: entries hold lengths, and here and there an end offset
 * instead.
 */
static inline uint32
child_end(JEntry entry, uint32 start)
{
	return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) : start + JBE_OFFLENFLD(entry);
}

static void
write_array(OrmBuffer *buf, JsonbContainer *container)
{
	uint32		count = JsonContainerSize(container);
	char	   *data = (char *) &container->children[count];
	uint32		start = 0;

	for (uint32 i = 0; i < count; i++)
	{
		JEntry		entry = container->children[i];
		uint32		end = child_end(entry, start);

		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			orm_buffer_append(buf, ", ", 2);
		write_child(buf, entry, data, start, end - start);
		start = end;
	}
}

/* all the keys come first, then all the values, in one row of children */
static void
write_object(OrmBuffer *buf, JsonbContainer *container)
{
	uint32		count = JsonContainerSize(container);
	char	   *data = (char *) &container->children[2 * count];
	uint32		key = 0;
	uint32		start = count > 0 ? getJsonbOffset(container, count) : 0;

	for (uint32 i = 0; i < count; i++)
	{
		JEntry		entry = container->children[count + i];
		uint32		key_end = child_end(container->children[i], key);
		uint32		end = child_end(entry, start);

		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			orm_buffer_append(buf, ", ", 2);
		orm_json_escape(buf, data + key, key_end - key);
		orm_buffer_append(buf, ": ", 2);
		write_child(buf, entry, data, start, end - start);
		key = key_end;
		start = end;
	}
}

static void
write_container(OrmBuffer *buf, JsonbContainer *container)
{
	check_stack_depth();
	if (JsonContainerIsObject(container))
	{
		orm_buffer_append_char(buf, '{');
		write_object(buf, container);
		orm_buffer_append_char(buf, '}');
	}
	else if (JsonContainerIsScalar(container))
		write_array(buf, container);
	else
	{
		orm_buffer_append_char(buf, '[');
		write_array(buf, container);
		orm_buffer_append_char(buf, ']');
	}
}

static bool
is_taken(const char *key, uint32 len, List *taken)
{
	ListCell   *cell;

	foreach(cell, taken)
		if (strlen(lfirst(cell)) == len && memcmp(lfirst(cell), key, len) == 0)
			return true;
	return false;
}

void
orm_json_jsonb_members(OrmBuffer *buf, Datum value, List *taken)
{
	Jsonb	   *document = DatumGetJsonbP(value);
	JsonbContainer *container = &document->root;
	uint32		count = JsonContainerSize(container);
	char	   *data = (char *) &container->children[2 * count];
	uint32		key = 0;
	uint32		start;

	if (!JsonContainerIsObject(container) || count == 0)
		return;
	start = getJsonbOffset(container, count);
	for (uint32 i = 0; i < count; i++)
	{
		JEntry		entry = container->children[count + i];
		uint32		key_end = child_end(container->children[i], key);
		uint32		end = child_end(entry, start);

		if (!is_taken(data + key, key_end - key, taken))
		{
			if (buf->data[buf->len - 1] != '{')
				orm_buffer_append_char(buf, ',');
			orm_json_escape(buf, data + key, key_end - key);
			orm_buffer_append_char(buf, ':');
			write_child(buf, entry, data, start, end - start);
		}
		key = key_end;
		start = end;
	}
}

/* entries are read as words, and behind a header of one byte they do not lie on the bounds of words */
static void
write_short(OrmBuffer *buf, const struct varlena *document)
{
	union
	{
		uint32		aligned;
		char		bytes[VARATT_SHORT_MAX];
	}			copy;

	memcpy(copy.bytes, VARDATA_SHORT(document), VARSIZE_SHORT(document) - VARHDRSZ_SHORT);
	write_container(buf, (JsonbContainer *) copy.bytes);
}

void
orm_json_encode_jsonb(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	MemoryContext old;
	Jsonb	   *document;

	/* a value out of line has a short header as well */
	if (VARATT_IS_SHORT(DatumGetPointer(value)) && !VARATT_IS_EXTERNAL(DatumGetPointer(value)))
	{
		write_short(buf, (const struct varlena *) DatumGetPointer(value));
		return;
	}
	old = MemoryContextSwitchTo(encoder->scratch);
	document = DatumGetJsonbP(value);
	write_container(buf, &document->root);
	orm_json_release((struct varlena *) document, value);
	MemoryContextSwitchTo(old);
}
