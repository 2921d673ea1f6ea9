/*
 * crypto.h - random bytes, digests, and comparing secrets.
 *
 * Units    bytes.
 * Owns     nothing.
 * Errors   none: a failing generator or digest ends the process, since nothing safe can be done
 *          without it.
 * Threads  safe everywhere.
 * Source   FIPS 180-4 (SHA-256), RFC 2104 (HMAC), RFC 4648 5 (base64url without padding).
 */
#ifndef COMMON_IO_CRYPTO_H
#define COMMON_IO_CRYPTO_H

#include "common/base/str.h"

#include <stdint.h>

enum { CRYPTO_SHA256_SIZE = 32 };

void crypto_random(void *bytes, size_t n);
uint32_t crypto_random_u32(void); /* for jitter: from a buffer of random bytes, cheap */
void crypto_sha256(uint8_t ret_digest[CRYPTO_SHA256_SIZE], struct str bytes);
void crypto_hmac_sha256(uint8_t ret_mac[CRYPTO_SHA256_SIZE], struct str key, struct str bytes);
/* In time that depends on the lengths alone. */
bool crypto_eq(struct str a, struct str b);
/* text has room for 4 * ((n + 2) / 3) + 1 bytes. */
void crypto_base64url(char *text, const void *bytes, size_t n);
void crypto_hex(char *text, const void *bytes, size_t n); /* 2 * n + 1 bytes */
/* n characters of 0-9A-Za-z, and the NUL. */
void crypto_random_text(char *text, size_t n);

#endif
