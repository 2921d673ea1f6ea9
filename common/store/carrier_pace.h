/*
 * carrier_pace.h - how fast messages may go to a carrier, in Redis, shared by all senders.
 *
 *     rate:{carrier:<name>}    lua/carrier.lua tells what is in it
 *
 * Units    tokens are messages or parts, as the carrier counts; limits in 1/1000 tokens a second, 0 =
 *          none; ms, us.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_CARRIER_PACE_H
#define COMMON_STORE_CARRIER_PACE_H

#include "common/base/err.h"
#include "common/io/redis.h"

#include <stdbool.h>

/* A carrier, as it is configured. */
struct carrier_limit {
    const char *name;
    int64_t milli, burst; /* burst: tokens that may be taken at once; 0 = a quarter of a second's */
};

struct carrier_pace {
    int64_t taken;
    int64_t wait_us;     /* until it is worth asking for more */
    int64_t limit_milli; /* at present */
    int64_t shut_ms;     /* for so long nothing may be handed over; 0 = it may */
};

/* pace is NULL on an error. */
typedef void (*carrier_pace_fn)(void *arg, enum err err, const struct carrier_pace *pace);

/* Brings back tokens that were not needed, and takes up to `want` (0: only tells how it is). */
struct carrier_wish {
    bool fast;
    int64_t want, back;
};
MUST_USE enum err carrier_pace_take(struct redis *redis, const struct carrier_limit *limit,
                                    const struct carrier_wish *wish, carrier_pace_fn fn, void *arg);

/* The carrier has throttled. */
struct carrier_throttling {
    int64_t retry_after_ms; /* 0 = it doesn't say */
    int64_t speed_milli;    /* that it has lately borne from this sender */
    uint32_t sender;        /* a number of its own */
};
MUST_USE enum err carrier_pace_slow(struct redis *redis, const struct carrier_limit *limit,
                                    const struct carrier_throttling *throttling, carrier_pace_fn fn,
                                    void *arg);

#endif
