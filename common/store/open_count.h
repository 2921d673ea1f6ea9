/*
 * open_count.h - how many of an account's messages are on their way: QUEUED and SENDING, as
 * n:{account} counts them.
 *
 * Units    messages.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_OPEN_COUNT_H
#define COMMON_STORE_OPEN_COUNT_H

#include "common/base/err.h"
#include "common/io/redis.h"

typedef void (*open_count_fn)(void *arg, enum err err, int64_t open);

MUST_USE enum err open_count(struct redis *redis, const char *account, open_count_fn fn, void *arg);

#endif
