/*
 * base64url.c
 *	  Writes and reads base64url. The server's own base64 is of the alphabet
 *	  with "+" and "/", and forgives white space.
 */
#include "base/compat.h"

#include "base/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *
orm_base64url_encode(const unsigned char *bytes, int len)
{
	char	   *text = palloc((Size) (len + 2) / 3 * 4 + 1);
	char	   *to = text;
	uint32		bits = 0;
	int			nbits = 0;

	for (int i = 0; i < len; i++)
	{
		bits = bits << 8 | bytes[i];
		for (nbits += 8; nbits >= 6; nbits -= 6)
			*to++ = alphabet[bits >> (nbits - 6) & 63];
	}
	if (nbits > 0)
		*to++ = alphabet[bits << (6 - nbits) & 63];
	*to = '\0';
	return text;
}

unsigned char *
orm_base64url_decode(const char *text, int *len)
{
	unsigned char *bytes = palloc(strlen(text) / 4 * 3 + 3);
	uint32		bits = 0;
	int			nbits = 0;

	*len = 0;
	for (const char *c = text; *c; c++)
	{
		const char *letter = strchr(alphabet, *c);

		if (letter == NULL)
			return NULL;
		bits = bits << 6 | (uint32) (letter - alphabet);
		nbits += 6;
		if (nbits >= 8)
		{
			nbits -= 8;
			bytes[(*len)++] = bits >> nbits & 255;
		}
	}
	/* what is left over of the last letter is nothing */
	if (nbits >= 6 || (bits & ((1U << nbits) - 1)) != 0)
		return NULL;
	return bytes;
}
