#include "common/io/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/random.h>

void crypto_random(void *bytes, size_t n)
{
    unsigned char *at = bytes;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            abort();
        at += got;
        n -= (size_t)got;
    }
}

uint32_t crypto_random_u32(void)
{
    static _Thread_local uint32_t pool[64];
    static _Thread_local size_t left;
    if (left == 0) {
        crypto_random(pool, sizeof(pool));
        left = sizeof(pool) / sizeof(pool[0]);
    }
    return pool[--left];
}

void crypto_sha256(uint8_t ret_digest[CRYPTO_SHA256_SIZE], struct str bytes)
{
    static _Thread_local EVP_MD *md;
    if (md == NULL)
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (md == NULL || EVP_Digest(bytes.p, bytes.n, ret_digest, NULL, md, NULL) != 1)
        abort();
}

void crypto_hmac_sha256(uint8_t ret_mac[CRYPTO_SHA256_SIZE], struct str key, struct str bytes)
{
    unsigned int n = 0;
    const char *no_key = ""; /* OpenSSL takes NULL for "the key as before" */
    if (HMAC(EVP_sha256(), key.p != NULL ? key.p : no_key, (int)key.n,
             (const unsigned char *)bytes.p, bytes.n, ret_mac, &n) == NULL)
        abort();
}

bool crypto_eq(struct str a, struct str b)
{
    return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void crypto_base64url(char *text, const void *bytes, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *in = bytes;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | in[i];
        have += 8;
        while (have >= 6) {
            have -= 6;
            *text++ = set[bits >> have & 63];
        }
    }
    if (have > 0)
        *text++ = set[bits << (6 - have) & 63];
    *text = '\0';
}

void crypto_hex(char *text, const void *bytes, size_t n)
{
    static const char set[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    for (size_t i = 0; i < n; i++) {
        *text++ = set[in[i] >> 4];
        *text++ = set[in[i] & 15];
    }
    *text = '\0';
}

void crypto_random_text(char *text, size_t n)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < n;) {
        uint8_t byte;
        crypto_random(&byte, 1);
        if (byte < 248) /* 4 * 62: every character is equally likely */
            text[i++] = set[byte % 62];
    }
    text[n] = '\0';
}
