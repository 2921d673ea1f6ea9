/*
 * approvals.h - which sender profiles wait for an operator, over all accounts.
 *
 *     approvals    sorted set, "<account> <profile id>" -> since when
 *
 * It is an index only, and no part of any account: an entry is added before its profile is made, and
 * taken out after it was decided or deleted. So it may hold more than there is, but never less;
 * whoever lists looks at each profile, and drops what is too much.
 *
 * Units    at_ms: wall time in ms.
 * Owns     nothing; a list dies when its callback returns.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_APPROVALS_H
#define COMMON_STORE_APPROVALS_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/io/redis.h"
#include "common/sms/chunk.h"

#include <stdint.h>

struct approvals_entry {
    char account[CHUNK_ACCOUNT_MAX + 1], profile[ID_TEXT_SIZE];
    int64_t at_ms;
};

/* total: how many there are in all. */
typedef void (*approvals_fn)(void *arg, enum err err, const struct approvals_entry *entries,
                             size_t count, int64_t total);

/* Nobody is told whether it worked: what is given to Redis after it is carried out after it. */
MUST_USE enum err approvals_add(struct redis *redis, const struct approvals_entry *entry);
void approvals_drop(struct redis *redis, const char *account, const char *profile);
/* At most `most`, the longest waiting first, after the first `skip` of them. */
MUST_USE enum err approvals_list(struct redis *redis, int64_t skip, int64_t most, approvals_fn fn,
                                 void *arg);

#endif
