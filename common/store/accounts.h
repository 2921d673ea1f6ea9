/*
 * accounts.h - accounts and their API keys in Redis.
 *
 * A key is wayscloud_sms_<prefix>_<secret>. What is stored lies under the prefix: the account, and
 * the SHA-256 of the secret. The secret is 56 characters from a cryptographic generator, so a slow
 * digest would protect nothing.
 *
 *     key:<prefix>      {"account","name","sha256","created_at"}
 *     account:{<id>}    {"id","name","currency","active","created_at"}
 *     sender:{<id>}     its default sender, which profiles.h writes
 *
 * Units    created_at_ms: wall time in ms.
 * Owns     nothing; the structs are values.
 * Errors   of a call as redis.h; of a callback ERR_NOT_FOUND, ERR_CONFLICT (it exists already),
 *          ERR_UNKNOWN, or ERR_IO (Redis refuses, or what it holds can't be read).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_ACCOUNTS_H
#define COMMON_STORE_ACCOUNTS_H

#include "common/base/err.h"
#include "common/io/crypto.h"
#include "common/io/redis.h"
#include "common/sms/chunk.h"
#include "common/sms/sender_id.h"

enum {
    KEY_PREFIX_SIZE = 11,
    KEY_SECRET_SIZE = 57,
    KEY_TEXT_SIZE = 112,
    NAME_SIZE = 101,
    CURRENCY_SIZE = 4
};

struct account {
    char id[CHUNK_ACCOUNT_MAX + 1];
    char name[NAME_SIZE], currency[CURRENCY_SIZE];
    bool active;
    int64_t created_at_ms;
    struct sender default_sender; /* read with the account, never written with it */
};

struct api_key {
    char prefix[33]; /* older keys have other lengths than those made here */
    char account[CHUNK_ACCOUNT_MAX + 1];
    char name[NAME_SIZE];
    char sha256[2 * CRYPTO_SHA256_SIZE + 1];
    int64_t created_at_ms;
};

typedef void (*account_fn)(void *arg, enum err err, const struct account *account);
typedef void (*api_key_fn)(void *arg, enum err err, const struct api_key *key);

MUST_USE enum err accounts_create(struct redis *redis, const struct account *account, account_fn fn,
                                  void *arg);
/* Writes over what is there. */
MUST_USE enum err accounts_update(struct redis *redis, const struct account *account, account_fn fn,
                                  void *arg);
MUST_USE enum err accounts_get(struct redis *redis, const char *id, account_fn fn, void *arg);
/* Whether there is such an account is for the caller to ask. text gets the whole key, which is
 * nowhere else. */
MUST_USE enum err accounts_create_key(struct redis *redis, const char *account, const char *name,
                                      int64_t at_ms, char text[KEY_TEXT_SIZE], api_key_fn fn,
                                      void *arg);
MUST_USE enum err accounts_get_key(struct redis *redis, const char *prefix, api_key_fn fn,
                                   void *arg);

/* Splits a key as it comes from a caller; the secret may hold '_' itself. False: it can't be one.
 */
bool api_key_split(struct str text, char ret_prefix[33], struct str *ret_secret);
/* In constant time. */
bool api_key_matches(const struct api_key *key, struct str secret);

#endif
