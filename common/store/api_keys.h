/*
 * api_keys.h - the keys that callers of the API prove themselves with, in Redis.
 *
 * A key is wayscloud_sms_<prefix>_<secret>. What is stored lies under the prefix: the account, and
 * the SHA-256 of the secret. The secret is 56 characters from a cryptographic generator, so a slow
 * digest would protect nothing. What is over (revoked, expired) stays to be seen for
 * API_KEYS_KEEP_MS.
 *
 *     key:<prefix>       {"account","name","sha256","created_at","scopes":["read","send","manage"],
 *                         and what is set of "rate","burst","expires_at","revoked_at"}
 *     keys:{<account>}   a set: the account's prefixes
 *     used:{<account>}   a hash: prefix -> when it was last used
 *
 * Units    wall times in ms; 0 = never.
 * Owns     nothing; the structs are values, a list dies with its callback.
 * Errors   as record.h; ERR_FULL the account has API_KEYS_MAX keys.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_API_KEYS_H
#define COMMON_STORE_API_KEYS_H

#include "common/io/crypto.h"
#include "common/store/accounts.h"

#define API_KEYS_KEEP_MS (30 * INT64_C(86400000))

enum { API_KEYS_MAX = 1000, KEY_PREFIX_SIZE = 11, KEY_SECRET_SIZE = 57, KEY_TEXT_SIZE = 112 };

/* What a key may be used for; several bits. SCOPE_NONE: whoever asks, without a key. */
enum scope { SCOPE_NONE = 0, SCOPE_READ = 1, SCOPE_SEND = 2, SCOPE_MANAGE = 4, SCOPE_ALL = 7 };

struct api_key {
    char prefix[33]; /* older keys have other lengths than those made here */
    char account[CHUNK_ACCOUNT_MAX + 1];
    char name[NAME_SIZE];
    char sha256[2 * CRYPTO_SHA256_SIZE + 1];
    unsigned scopes;         /* one that was stored without any has all */
    struct rate_limit limit; /* 0: the account's */
    int64_t created_at_ms, expires_at_ms, revoked_at_ms;
    int64_t used_at_ms; /* only in a list */
};

enum api_key_state { API_KEY_ACTIVE, API_KEY_EXPIRED, API_KEY_REVOKED };

typedef void (*api_key_fn)(void *arg, enum err err, const struct api_key *key);
/* The oldest first. */
typedef void (*api_keys_fn)(void *arg, enum err err, const struct api_key *list, size_t count);

/* Makes a key with key's account, name, scopes, limit and times. Whether there is such an account
 * is for the caller to ask. text gets the whole key, which is nowhere else, and must live until fn. */
MUST_USE enum err api_keys_create(struct redis *redis, const struct api_key *key,
                                  char text[KEY_TEXT_SIZE], api_key_fn fn, void *arg);
MUST_USE enum err api_keys_get(struct redis *redis, const char *prefix, api_key_fn fn, void *arg);
MUST_USE enum err api_keys_list(struct redis *redis, const char *account, api_keys_fn fn,
                                void *arg);
MUST_USE enum err api_keys_revoke(struct redis *redis, const char *prefix, int64_t now_ms,
                                  api_key_fn fn, void *arg);
MUST_USE enum err api_keys_expire(struct redis *redis, const char *prefix, int64_t now_ms,
                                  int64_t expires_at_ms, api_key_fn fn, void *arg);
/* Notes that it was used. Nobody waits for it. */
void api_keys_used(struct redis *redis, const struct api_key *key, int64_t at_ms);

enum api_key_state api_key_state(const struct api_key *key, int64_t now_ms);
/* Splits a key as it comes from a caller; the secret may hold '_' itself. False: it can't be one.
 */
bool api_key_split(struct str text, char ret_prefix[33], struct str *ret_secret);
/* In constant time. */
bool api_key_matches(const struct api_key *key, struct str secret);

/* "read", "send" or "manage"; NULL when it is no single scope. */
const char *scope_name(unsigned scope);
/* 0: there is none of this name. */
unsigned scope_of_name(const char *name);
/* ["read","send"] */
void scopes_write(struct buf *out, unsigned scopes);

#endif
