/*
 * json_writer.c
 *	  The buffer, the escaping of strings, and the encode functions that need
 *	  no more than a few lines.
 *
 * Not here: numeric (json_numeric.c), date and time (json_datetime.c), jsonb
 * (json_jsonb.c), and the choice of an encode function (model/type_codec.c).
 *
 * Most of the bytes of most documents pass through orm_json_escape, once. It
 * copies 16 bytes at a time, whether or not they are clean, and then asks how
 * many of them were: what follows the first byte to escape is overwritten by
 * the next round. So a buffer always has room for a block more than it needs.
 */
#include "base/compat.h"

#if defined(__x86_64__) || defined(_M_AMD64)
#include <emmintrin.h>
#define ORM_SSE2
#elif defined(__aarch64__) && !defined(WORDS_BIGENDIAN)
#include <arm_neon.h>
#define ORM_NEON
#endif

#include <float.h>
#include <math.h>

#include "base/json_writer.h"
#include "common/shortest_dec.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

/* bytes in a block of the escaper */
#define BLOCK 16

/* the longest escape of one byte */
#define ESCAPED_MAX 6

/* free bytes that the escaper keeps beyond the text still to come: an escape, a block, the closing quote */
#define ESCAPE_SLACK (ESCAPED_MAX + BLOCK + 1)

/* room for a float's text, as the server's own output functions have it */
#define FLOAT_SIZE 32

static const char hex_digits[] = "0123456789abcdef";

/* "buf" starts empty, with room for "initial" bytes */
void
orm_buffer_init(OrmBuffer *buf, MemoryContext context, Size initial)
{
	buf->cap = Max(initial, 64);
	buf->len = 0;
	buf->data = MemoryContextAllocHuge(context, buf->cap);
}

void
orm_buffer_grow(OrmBuffer *buf, Size more)
{
	Size		cap = Max(buf->cap * 2, buf->len + more);

	buf->data = repalloc_huge(buf->data, cap);
	buf->cap = cap;
}

/*
 * Writes the escape of "c" at "out", the buffer's end, and returns the end
 * after it. Makes sure that "left" bytes more and a block can follow.
 */
static char *
escape_byte(OrmBuffer *buf, char *out, unsigned char c, Size left)
{
	char		letter;

	buf->len = out - buf->data;
	orm_buffer_reserve(buf, left + ESCAPE_SLACK);
	out = buf->data + buf->len;

	switch (c)
	{
		case '"':
		case '\\':
			letter = c;
			break;
		case '\b':
			letter = 'b';
			break;
		case '\f':
			letter = 'f';
			break;
		case '\n':
			letter = 'n';
			break;
		case '\r':
			letter = 'r';
			break;
		case '\t':
			letter = 't';
			break;
		default:
			memcpy(out, "\\u00", 4);
			out[4] = hex_digits[c >> 4];
			out[5] = hex_digits[c & 0xf];
			return out + 6;
	}
	out[0] = '\\';
	out[1] = letter;
	return out + 2;
}

void
orm_json_escape_plain(OrmBuffer *buf, const char *text, Size len)
{
	const char *end = text + len;
	char	   *out;

	orm_buffer_reserve(buf, len + ESCAPE_SLACK);
	out = buf->data + buf->len;
	*out++ = '"';
	while (text < end)
	{
		unsigned char c = *text++;

		if (likely(c >= ' ' && c != '"' && c != '\\'))
			*out++ = c;
		else
			out = escape_byte(buf, out, c, end - text);
	}
	*out++ = '"';
	buf->len = out - buf->data;
}

#if defined(ORM_SSE2) || defined(ORM_NEON)

#if defined(ORM_SSE2)

typedef __m128i Block;

static inline Block
block_load(const char *text)
{
	return _mm_loadu_si128((const __m128i *) text);
}

static inline Block
block_of(uint64 low, uint64 high)
{
	return _mm_set_epi64x((int64) high, (int64) low);
}

static inline void
block_store(char *out, Block block)
{
	_mm_storeu_si128((__m128i *) out, block);
}

/* a bit for each byte that must be escaped */
static inline uint32
block_found(Block block)
{
	Block		control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
	Block		quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
	Block		backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));

	return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
}

/* how many bytes go before the first of them */
static inline int
found_at(uint32 found)
{
	return pg_rightmost_one_pos32(found);
}

#else							/* ORM_NEON */

typedef uint8x16_t Block;

static inline Block
block_load(const char *text)
{
	return vld1q_u8((const uint8 *) text);
}

static inline Block
block_of(uint64 low, uint64 high)
{
	return vcombine_u8(vcreate_u8(low), vcreate_u8(high));
}

static inline void
block_store(char *out, Block block)
{
	vst1q_u8((uint8 *) out, block);
}

/* four bits for each byte that must be escaped: there is no movemask */
static inline uint64
block_found(Block block)
{
	Block		control = vcltq_u8(block, vdupq_n_u8(' '));
	Block		quote = vceqq_u8(block, vdupq_n_u8('"'));
	Block		backslash = vceqq_u8(block, vdupq_n_u8('\\'));
	Block		hit = vorrq_u8(control, vorrq_u8(quote, backslash));

	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(hit), 4)), 0);
}

/* how many bytes go before the first of them */
static inline int
found_at(uint64 found)
{
	return pg_rightmost_one_pos64(found) >> 2;
}

#endif							/* ORM_NEON */

static inline uint64
load8(const char *text)
{
	uint64		word;

	memcpy(&word, text, sizeof(word));
	return word;
}

static inline uint64
load4(const char *text)
{
	uint32		word;

	memcpy(&word, text, sizeof(word));
	return word;
}

/*
 * The last "left" bytes of a text, 1 to 15, as a block filled up with zeros.
 * Reads nothing outside of them: overlapping words, shifted into place.
 */
static inline Block
block_load_tail(const char *text, Size left)
{
	if (left > 8)
		return block_of(load8(text), load8(text + left - 8) >> (8 * (16 - left)));
	if (left >= 4)
		return block_of(load4(text) | (load4(text + left - 4) << (8 * (left - 4))), 0);
	return block_of((uint64) (unsigned char) text[0] |
					(uint64) (unsigned char) text[left >> 1] << (8 * (left >> 1)) |
					(uint64) (unsigned char) text[left - 1] << (8 * (left - 1)), 0);
}

void
orm_json_escape(OrmBuffer *buf, const char *text, Size len)
{
	const char *end = text + len;
	char	   *out;

	orm_buffer_reserve(buf, len + ESCAPE_SLACK);
	out = buf->data + buf->len;
	*out++ = '"';
	while (end - text >= BLOCK)
	{
		Block		block = block_load(text);
		uint64		found = block_found(block);
		int			clean;

		block_store(out, block);
		/* a branch, not a sum: the next block need not wait for what is found in this one */
		if (likely(found == 0))
		{
			text += BLOCK;
			out += BLOCK;
			continue;
		}
		clean = found_at(found);
		text += clean + 1;
		out = escape_byte(buf, out + clean, text[-1], end - text);
	}
	while (text < end)
	{
		Size		left = end - text;
		Block		block = block_load_tail(text, left);
		uint64		found = block_found(block);
		Size		clean;

		block_store(out, block);
		/* zeros fill up the block: they are found behind the end */
		clean = found == 0 ? BLOCK : found_at(found);
		if (likely(clean >= left))
		{
			out += left;
			break;
		}
		text += clean + 1;
		out = escape_byte(buf, out + clean, text[-1], end - text);
	}
	*out++ = '"';
	buf->len = out - buf->data;
}

#else							/* neither SSE2 nor NEON */

void
orm_json_escape(OrmBuffer *buf, const char *text, Size len)
{
	orm_json_escape_plain(buf, text, len);
}

#endif

void
orm_json_encode_bool(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	if (DatumGetBool(value))
		orm_buffer_append(buf, "true", 4);
	else
		orm_buffer_append(buf, "false", 5);
}

void
orm_json_encode_int2(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	orm_buffer_reserve(buf, MAXINT8LEN + 1);
	buf->len += pg_ltoa(DatumGetInt16(value), buf->data + buf->len);
}

void
orm_json_encode_int4(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	orm_buffer_reserve(buf, MAXINT8LEN + 1);
	buf->len += pg_ltoa(DatumGetInt32(value), buf->data + buf->len);
}

void
orm_json_encode_int8(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	orm_buffer_reserve(buf, MAXINT8LEN + 1);
	buf->len += pg_lltoa(DatumGetInt64(value), buf->data + buf->len);
}

/* NaN and the infinities are no JSON numbers: strings, as the server has it */
static void
append_not_finite(OrmBuffer *buf, double value)
{
	if (isnan(value))
		orm_buffer_append(buf, "\"NaN\"", 5);
	else if (value > 0)
		orm_buffer_append(buf, "\"Infinity\"", 10);
	else
		orm_buffer_append(buf, "\"-Infinity\"", 11);
}

void
orm_json_encode_float4(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	float4		number = DatumGetFloat4(value);

	orm_buffer_reserve(buf, FLOAT_SIZE);
	if (isnan(number) || isinf(number))
		append_not_finite(buf, number);
	else if (extra_float_digits > 0)
		buf->len += float_to_shortest_decimal_bufn(number, buf->data + buf->len);
	else
		buf->len += pg_strfromd(buf->data + buf->len, FLOAT_SIZE,
								FLT_DIG + extra_float_digits, number);
}

void
orm_json_encode_float8(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	float8		number = DatumGetFloat8(value);

	orm_buffer_reserve(buf, FLOAT_SIZE);
	if (isnan(number) || isinf(number))
		append_not_finite(buf, number);
	else if (extra_float_digits > 0)
		buf->len += double_to_shortest_decimal_bufn(number, buf->data + buf->len);
	else
		buf->len += pg_strfromd(buf->data + buf->len, FLOAT_SIZE,
								DBL_DIG + extra_float_digits, number);
}

void
orm_json_encode_text(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	struct varlena *text = orm_json_unpack(value, encoder);

	orm_json_escape(buf, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	orm_json_release(text, value);
}

void
orm_json_encode_json(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	struct varlena *text = orm_json_unpack(value, encoder);

	orm_buffer_append(buf, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	orm_json_release(text, value);
}

void
orm_json_encode_name(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	const char *name = NameStr(*DatumGetName(value));

	orm_json_escape(buf, name, strnlen(name, NAMEDATALEN));
}

void
orm_json_encode_char(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	char		c = DatumGetChar(value);

	/* how a byte beyond ASCII prints differs between minor releases: the server knows */
	if (IS_HIGHBIT_SET(c))
		orm_json_encode_output(buf, value, encoder);
	else
		orm_json_escape(buf, &c, c == '\0' ? 0 : 1);
}

void
orm_json_encode_uuid(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	const unsigned char *byte = DatumGetUUIDP(value)->data;
	char	   *out;

	orm_buffer_reserve(buf, 38);
	out = buf->data + buf->len;
	*out++ = '"';
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex_digits[byte[i] >> 4];
		*out++ = hex_digits[byte[i] & 0xf];
	}
	*out++ = '"';
	buf->len = out - buf->data;
}

void
orm_json_encode_bytea(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	struct varlena *bytes;
	Size		len;

	if (bytea_output != BYTEA_OUTPUT_HEX)
	{
		orm_json_encode_output(buf, value, encoder);
		return;
	}

	bytes = orm_json_unpack(value, encoder);
	len = VARSIZE_ANY_EXHDR(bytes);
	orm_buffer_reserve(buf, 2 * len + 5);
	orm_buffer_append(buf, "\"\\\\x", 4);
	buf->len += hex_encode(VARDATA_ANY(bytes), len, buf->data + buf->len);
	orm_buffer_append_char(buf, '"');
	orm_json_release(bytes, value);
}

void
orm_json_encode_output(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	MemoryContext old = MemoryContextSwitchTo(encoder->scratch);
	char	   *text = OutputFunctionCall(&encoder->output, value);

	orm_json_escape(buf, text, strlen(text));
	/* an array may have very many elements, and scratch is reset once a row */
	pfree(text);
	MemoryContextSwitchTo(old);
}
