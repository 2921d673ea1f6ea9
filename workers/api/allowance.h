/*
 * allowance.h - how many requests of one key this process may still let through without asking.
 *
 * The bucket is in Redis, shared by all processes. To ask for each request would make each wait, so
 * a process takes some more tokens than it needs at the moment: as many as it will use in
 * ALLOWANCE_MS if it goes on as it did, and at most what the rate brings in that time. They lapse after ALLOWANCE_MS, and are put back with
 * the next request to Redis. So all processes together never let more through than the bucket gives
 * out, except that a token may be used that much later.
 *
 * Units    tokens are requests; monotonic ms.
 * Owns     nothing; {0} is valid.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_API_ALLOWANCE_H
#define WORKERS_API_ALLOWANCE_H

#include "common/store/bucket.h"

enum { ALLOWANCE_MS = 100 };

struct allowance {
    int64_t have;           /* taken, and not used yet */
    int64_t lapses_mono_ms; /* undefined unless have > 0 */
    int64_t used;           /* since it was last filled */
    int64_t filled_mono_ms; /* 0: never */
    int64_t left;           /* in the bucket when it was filled */
    int64_t full_mono_ms;   /* when the bucket is full again, as of then */
};

/* The limit that holds, of those of the key, the account and the settings: the first that has a
 * rate; the burst is that one's, or one before it, or as much as a second brings. per_s is 0 when
 * there is no limit. */
struct rate_limit rate_limit_of(const struct rate_limit *levels, size_t count);

/* One token, if there is one. */
bool allowance_use(struct allowance *a, int64_t now_mono_ms);
/* All of n, or none. */
bool allowance_use_many(struct allowance *a, int64_t n, int64_t now_mono_ms);
/* How many to take from Redis beyond what waits. */
int64_t allowance_ahead(const struct allowance *a, const struct rate_limit *limit,
                        int64_t now_mono_ms);
/* What has lapsed, for Redis to get back; it is gone here then. */
int64_t allowance_return(struct allowance *a);
void allowance_fill(struct allowance *a, const struct bucket_reply *reply, int64_t now_mono_ms);

/* For the RateLimit headers: tokens that are left, seconds until the bucket is full. */
int64_t allowance_left(const struct allowance *a);
int64_t allowance_full_in_s(const struct allowance *a, int64_t now_mono_ms);
/* For Retry-After: whole seconds, 1 to 60. */
unsigned allowance_retry_after_s(const struct bucket_reply *reply);

#endif
