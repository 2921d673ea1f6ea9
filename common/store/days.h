/*
 * days.h - what an account's days have counted (d:{account}:<day>, written by lua/state.lua).
 *
 * Units    days as in calendar.h.
 * Owns     nothing.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN the connection broke, ERR_CONFLICT Redis
 *          refused the script, with its words in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_DAYS_H
#define COMMON_STORE_DAYS_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/counts.h"
#include "common/sms/periods.h"

/* The counts of the days that were asked for; dies with the callback. */
struct days_counts {
    struct days days;
    struct counts counts[PERIODS_MAX_DAYS]; /* of days.first, and so on */
};

/* counts is NULL on an error. */
typedef void (*days_fn)(void *arg, enum err err, const struct days_counts *counts);

/* At most PERIODS_MAX_DAYS days, all of one moment. */
MUST_USE enum err days_read(struct redis *redis, const char *account, struct days days, days_fn fn,
                            void *arg);

/* Of some of them; those that were not asked for count nothing. */
struct counts days_sum(const struct days_counts *counts, struct days days);

#endif
