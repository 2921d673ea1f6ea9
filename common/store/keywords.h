/*
 * keywords.h - the inbound keywords of an account in Redis.
 *
 *     keywords:{<account>}       hash, keyword -> its record, as JSON
 *     keyword_ids:{<account>}    hash, id -> keyword
 *
 * What is in a record is the caller's; a keyword's account is found through keyword_claim.h.
 *
 * Units    none.
 * Owns     nothing; a record dies when its callback returns.
 * Errors   of a call as redis.h; of a callback as told at each, ERR_UNKNOWN the connection broke,
 *          ERR_IO Redis refuses.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_KEYWORDS_H
#define COMMON_STORE_KEYWORDS_H

#include "common/base/id.h"
#include "common/io/redis.h"
#include "common/sms/keyword.h"

enum { KEYWORDS_MAX = 100 }; /* of an account */

/* Which record. */
struct keywords_ref {
    const char *account;
    struct id id;
};

/* record is empty on an error, and where none is told. */
typedef void (*keywords_fn)(void *arg, enum err err, struct str record);
typedef void (*keywords_list_fn)(void *arg, enum err err, const struct str *records, size_t count);

/* A new one; tells it. ERR_CONFLICT: it is taken, by whomever; ERR_FULL: there are KEYWORDS_MAX. */
MUST_USE enum err keywords_create(struct redis *redis, struct keywords_ref ref,
                                  const struct keyword *keyword, struct str record, keywords_fn fn,
                                  void *arg);
/* All, in no order. */
MUST_USE enum err keywords_list(struct redis *redis, const char *account, keywords_list_fn fn,
                                void *arg);
/* ERR_NOT_FOUND. */
MUST_USE enum err keywords_find(struct redis *redis, struct keywords_ref ref, keywords_fn fn,
                                void *arg);
/* Replaces one that is still as it was read. ERR_NOT_FOUND; ERR_CONFLICT: it isn't. */
MUST_USE enum err keywords_change(struct redis *redis, struct keywords_ref ref, struct str before,
                                  struct str after, keywords_fn fn, void *arg);
/* ERR_NOT_FOUND. */
MUST_USE enum err keywords_remove(struct redis *redis, struct keywords_ref ref, keywords_fn fn,
                                  void *arg);

#endif
