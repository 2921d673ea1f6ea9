/*
 * bucket.h - token buckets of an account in Redis, which all api processes share.
 *
 *     r:{<account>}:<name>   when the bucket is full again, in us; gone when it is
 *
 * A name is the prefix of an API key, or a word that is shorter than any prefix.
 *
 * Units    tokens are requests, or messages; us.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses).
 * Threads  the loop's.
 * Source   ITU-T I.371 (generic cell rate algorithm).
 */
#ifndef COMMON_STORE_BUCKET_H
#define COMMON_STORE_BUCKET_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/store/accounts.h"

struct bucket_reply {
    int64_t taken, left;      /* tokens */
    int64_t full_us, wait_us; /* until it is full; until it has one */
};

typedef void (*bucket_fn)(void *arg, enum err err, const struct bucket_reply *reply);

/* What is asked of a bucket: to take as many of want as there are, after putting back what was taken
 * before and not needed. */
struct bucket_wish {
    struct rate_limit limit;
    int64_t want, back;
};

MUST_USE enum err bucket_take(struct redis *redis, const char *account, const char *name,
                              const struct bucket_wish *wish, bucket_fn fn, void *arg);

#endif
