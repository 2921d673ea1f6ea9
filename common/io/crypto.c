#include "common/io/crypto.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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

/* The next call mostly has the same key: then what was made of it is used again. */
static EVP_MAC_CTX *hmac_of(struct str key)
{
    static _Thread_local EVP_MAC_CTX *mac;
    static _Thread_local char known[256];
    static _Thread_local size_t known_n;
    const OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end()};
    if (mac != NULL && key.n > 0 && key.n == known_n && memcmp(key.p, known, key.n) == 0)
        return EVP_MAC_init(mac, NULL, 0, NULL) == 1 ? mac : NULL;
    if (mac == NULL) {
        EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
        mac = EVP_MAC_CTX_new(hmac);
        EVP_MAC_free(hmac);
    }
    known_n = key.n <= sizeof(known) ? key.n : 0;
    if (known_n > 0)
        memcpy(known, key.p, known_n);
    const void *bytes = key.n > 0 ? key.p : ""; /* NULL would be "the key as before" */
    return mac != NULL && EVP_MAC_init(mac, bytes, key.n, digest) == 1 ? mac : NULL;
}

void crypto_hmac_sha256(uint8_t ret_mac[CRYPTO_SHA256_SIZE], struct str key, struct str bytes)
{
    size_t n = 0;
    EVP_MAC_CTX *mac = hmac_of(key);
    if (mac == NULL || EVP_MAC_update(mac, (const unsigned char *)bytes.p, bytes.n) != 1 ||
        EVP_MAC_final(mac, ret_mac, &n, CRYPTO_SHA256_SIZE) != 1)
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
