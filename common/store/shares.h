/*
 * shares.h - the sends that are being made and sent just now, and what each gets of the whole.
 *
 * Accounts share by their weights, and the sends of an account share its part evenly. Who is not
 * heard of for a while has left.
 *
 * Units    milli-messages a second; shares in millionths.
 * Owns     nothing.
 * Errors   as redis.h; a callback gets ERR_UNKNOWN when the connection broke, ERR_CONFLICT when
 *          Redis refuses.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_SHARES_H
#define COMMON_STORE_SHARES_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/redis.h"

#include <stdint.h>

enum { SHARES_WEIGHT_DEFAULT = 10, SHARES_WEIGHT_MAX = 100 };

struct sharer {
    const char *account;
    struct str name; /* of the send: job_name */
    int64_t weight;  /* of the account */
    int64_t drain_milli;
};

struct shares {
    int64_t all_milli;  /* what all drain together */
    int64_t millionths; /* of it, this one's share */
};

typedef void (*shares_fn)(void *arg, enum err err, const struct shares *shares);

/* Tells that the send goes on. shares is NULL on an error. */
MUST_USE enum err shares_take(struct redis *redis, const struct sharer *sharer, shares_fn fn,
                              void *arg);
/* It is over; nobody needs to know whether this arrived. */
void shares_leave(struct redis *redis, const struct sharer *sharer);

#endif
