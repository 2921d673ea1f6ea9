/*
 * price.h - what a unit costs, fixed for each calendar month when it is first asked for.
 *
 *     price:<currency>:<YYYY-MM>    "<of a sent unit> <of a received message>"; kept for good
 *
 * Units    1/1000 of the currency; months as in calendar.h.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, or ERR_IO (Redis refuses, or what it
 *          holds can't be read).
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_PRICE_H
#define COMMON_STORE_PRICE_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/money.h"

struct price {
    int64_t unit_milli, inbound_milli;
};

typedef void (*price_fn)(void *arg, enum err err, const struct price *price);

/* The price of the month. offered becomes it, for everybody and for good, if there is none yet. */
MUST_USE enum err price_fix(struct redis *redis, enum currency currency, int month,
                            const struct price *offered, price_fn fn, void *arg);

#endif
