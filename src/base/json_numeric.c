/*
 * json_numeric.c
 *	  Numbers of arbitrary precision, straight from their stored form.
 *
 * Not here: numeric arithmetic. The server keeps the structure of a numeric
 * private, but as it is what lies on disk, every version that pg_upgrade can
 * reach must go on reading it; NUMERIC_* below are the parts of numeric.c that
 * say so. Values are base 10,000 digits, leading and trailing zeros stripped,
 * with the weight of the first and the number of decimal places to show.
 */
#include "base/compat.h"

#include "base/json_writer.h"

#define DIGIT_WIDTH 4

/* bits of the header's first word */
#define NUMERIC_SIGN_MASK 0xC000
#define NUMERIC_NEG 0x4000
#define NUMERIC_SHORT 0x8000
#define NUMERIC_SPECIAL 0xC000
#define NUMERIC_EXT_SIGN_MASK 0xF000
#define NUMERIC_PINF 0xD000
#define NUMERIC_NINF 0xF000

/* short form: all in the first word */
#define NUMERIC_SHORT_SIGN_MASK 0x2000
#define NUMERIC_SHORT_DSCALE_MASK 0x1F80
#define NUMERIC_SHORT_DSCALE_SHIFT 7
#define NUMERIC_SHORT_WEIGHT_SIGN_MASK 0x0040
#define NUMERIC_SHORT_WEIGHT_MASK 0x003F

/* long form: the weight in a second word */
#define NUMERIC_DSCALE_MASK 0x3FFF

/* A numeric taken apart. "digits" points into the value, at any alignment. */
typedef struct NumericParts
{
	bool		negative;
	int			weight;			/* of the first digit, as an exponent of 10,000 */
	int			dscale;
	int			ndigits;
	const char *digits;
} NumericParts;

static inline uint16
load_word(const char *at)
{
	uint16		word;

	/* behind a short varlena header a word may lie anywhere */
	memcpy(&word, at, sizeof(word));
	return word;
}

static inline int
digit_at(const NumericParts *parts, int i)
{
	return i >= 0 && i < parts->ndigits ? (int16) load_word(parts->digits + i * sizeof(int16)) : 0;
}

static inline void
take_apart(NumericParts *parts, uint16 header, const char *data, Size len)
{
	Size		used = sizeof(uint16);

	if ((header & NUMERIC_SIGN_MASK) == NUMERIC_SHORT)
	{
		parts->negative = (header & NUMERIC_SHORT_SIGN_MASK) != 0;
		parts->dscale = (header & NUMERIC_SHORT_DSCALE_MASK) >> NUMERIC_SHORT_DSCALE_SHIFT;
		parts->weight = header & NUMERIC_SHORT_WEIGHT_MASK;
		if (header & NUMERIC_SHORT_WEIGHT_SIGN_MASK)
			parts->weight |= ~NUMERIC_SHORT_WEIGHT_MASK;
	}
	else
	{
		parts->negative = (header & NUMERIC_SIGN_MASK) == NUMERIC_NEG;
		parts->dscale = header & NUMERIC_DSCALE_MASK;
		parts->weight = (int16) load_word(data + used);
		used += sizeof(int16);
	}
	parts->digits = data + used;
	parts->ndigits = (len - used) / sizeof(int16);
}

static inline char *
put_digit(char *out, int digit)
{
	out[0] = '0' + digit / 1000;
	out[1] = '0' + digit / 100 % 10;
	out[2] = '0' + digit / 10 % 10;
	out[3] = '0' + digit % 10;
	return out + DIGIT_WIDTH;
}

/* the first digit, without its leading zeros */
static inline char *
put_first_digit(char *out, int digit)
{
	char		all[DIGIT_WIDTH];
	int			skip = digit >= 1000 ? 0 : digit >= 100 ? 1 : digit >= 10 ? 2 : 3;

	put_digit(all, digit);
	memcpy(out, all + skip, DIGIT_WIDTH - skip);
	return out + DIGIT_WIDTH - skip;
}

static void
encode_finite(OrmBuffer *buf, const NumericParts *parts)
{
	int			i = 1;
	char	   *out;

	/* sign, point, and the digits beyond dscale that the last group may write */
	orm_buffer_reserve(buf, (Size) DIGIT_WIDTH * Max(parts->weight + 1, 1) + parts->dscale + DIGIT_WIDTH + 2);
	out = buf->data + buf->len;

	if (parts->negative)
		*out++ = '-';
	if (parts->weight < 0)
	{
		*out++ = '0';
		i = parts->weight + 1;
	}
	else
	{
		out = put_first_digit(out, digit_at(parts, 0));
		for (; i <= parts->weight; i++)
			out = put_digit(out, digit_at(parts, i));
	}

	if (parts->dscale > 0)
	{
		char	   *point = out++;

		*point = '.';
		for (int places = 0; places < parts->dscale; places += DIGIT_WIDTH)
			out = put_digit(out, digit_at(parts, i++));
		out = point + 1 + parts->dscale;
	}
	buf->len = out - buf->data;
}

/* the numeric whose content, behind the varlena header, is "data" */
void
orm_json_numeric(OrmBuffer *buf, const char *data, Size len)
{
	uint16		header = load_word(data);
	NumericParts parts;

	if (unlikely((header & NUMERIC_SIGN_MASK) == NUMERIC_SPECIAL))
	{
		if ((header & NUMERIC_EXT_SIGN_MASK) == NUMERIC_PINF)
			orm_buffer_append(buf, "\"Infinity\"", 10);
		else if ((header & NUMERIC_EXT_SIGN_MASK) == NUMERIC_NINF)
			orm_buffer_append(buf, "\"-Infinity\"", 11);
		else
			orm_buffer_append(buf, "\"NaN\"", 5);
		return;
	}
	take_apart(&parts, header, data, len);
	encode_finite(buf, &parts);
}

void
orm_json_encode_numeric(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	struct varlena *number = orm_json_unpack(value, encoder);

	orm_json_numeric(buf, VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number));
	orm_json_release(number, value);
}
