/*
 * quotas.h - what accounts that have quotas have used of them, in Redis.
 *
 *     q:{<account>}   a hash: messages of a day, spend of a month; gone when the month is over
 *
 * Only what is taken here is counted, so a quota counts from when it is set.
 *
 * Units    money in 1/1000 of the currency; days since 1970 and months, of UTC.
 * Owns     nothing; the structs are values.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_QUOTAS_H
#define COMMON_STORE_QUOTAS_H

#include "common/store/accounts.h"

/* What was taken; {0} is nothing. */
struct quota_taken {
    char account[CHUNK_ACCOUNT_MAX + 1], currency[CURRENCY_SIZE];
    int64_t messages, cost_milli, day, month;
};

enum quota_kind { QUOTA_NONE, QUOTA_MESSAGES, QUOTA_SPEND };

/* What came of it. */
struct quota_result {
    enum err err;
    enum quota_kind exceeded;        /* QUOTA_NONE: it was taken; undefined on an error */
    struct quota_taken taken;        /* {0} when nothing was */
    int64_t limit, asked, remaining; /* messages, or money; undefined unless exceeded */
    int64_t resets_at_ms;            /* undefined unless exceeded */
    char currency[CURRENCY_SIZE];
};

typedef void (*quotas_fn)(void *arg, const struct quota_result *result);

/* All of it or nothing, against the quotas in the account. */
MUST_USE enum err quotas_take(struct redis *redis, const struct account *account, int64_t messages,
                              int64_t cost_milli, quotas_fn fn, void *arg);
/* fn may be NULL. */
typedef void (*quotas_returned_fn)(void *arg, enum err err);
MUST_USE enum err quotas_return(struct redis *redis, const struct quota_taken *taken,
                                quotas_returned_fn fn, void *arg);

#endif
