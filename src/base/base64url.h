/*
 * base64url.h
 *	  Bytes as letters that may stand in an address: RFC 4648, section 5.
 */
#ifndef ORM_BASE_BASE64URL_H
#define ORM_BASE_BASE64URL_H

#include "base/compat.h"

/* palloc'd, without padding */
extern char *orm_base64url_encode(const unsigned char *bytes, int len);

/*
 * The bytes, palloc'd, and their number; NULL for whatever encoding them would
 * not give, so that no two texts stand for the same bytes.
 */
extern unsigned char *orm_base64url_decode(const char *text, int *len);

#endif							/* ORM_BASE_BASE64URL_H */
