/*
 * accounts_list.h - all accounts, by id.
 *
 *     accounts    sorted set of ids, all with score 0
 *
 * The set is an index: an id is added before its account is made, so one may be missing to which
 * there is an id; it is left out.
 *
 * Units    none.
 * Owns     nothing; a list dies when its callback returns.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses, or what it
 *          holds can't be read).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_ACCOUNTS_LIST_H
#define COMMON_STORE_ACCOUNTS_LIST_H

#include "common/store/accounts.h"

enum { ACCOUNTS_LIST_MAX = 500 };

/* total: how many there are in all. */
typedef void (*accounts_fn)(void *arg, enum err err, const struct account *accounts, size_t count,
                            int64_t total);

/* To be given to Redis before the account itself. */
MUST_USE enum err accounts_list_add(struct redis *redis, const char *id);
/* At most `most` (up to ACCOUNTS_LIST_MAX) after the first `skip`. */
MUST_USE enum err accounts_list(struct redis *redis, int64_t skip, int64_t most, accounts_fn fn,
                                void *arg);

#endif
