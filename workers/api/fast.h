/*
 * fast.h - how many messages of one account this process may put into the fast lane.
 *
 * An account has a rate of messages that may overtake; what it sends beyond goes the bulk way, so
 * that its flood of single sends is no other account's wait. The bucket is in Redis, shared by all
 * processes, and nobody ever waits for it: a message that finds no token taken ahead (allowance.h)
 * goes on credit, up to what the bucket should hold; what is owed is taken with the next request to
 * Redis, before anything else. So over time no more pass than the bucket gives out, and while Redis
 * doesn't answer no more than it holds.
 *
 * Units    tokens are messages; monotonic ms.
 * Owns     nothing; {0} is valid.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_API_FAST_H
#define WORKERS_API_FAST_H

#include "workers/api/allowance.h"

struct fast {
    struct allowance allowance;
    int64_t owed;                 /* let through, and not yet taken from the bucket */
    bool asking;                  /* Redis, at most once at a time */
    int64_t closed_until_mono_ms; /* the bucket is empty; undefined when it is past */
};

/* A rate's bucket: as much as a second brings, and not less than the largest chunk. */
struct rate_limit fast_limit(int64_t per_s);

/* May n messages go fast? Then they count. */
bool fast_use(struct fast *f, const struct rate_limit *limit, int64_t n, int64_t now_mono_ms);
/* Whether Redis is to be asked now; then for what, and fast_filled or fast_failed must follow. */
bool fast_ask(struct fast *f, const struct rate_limit *limit, int64_t now_mono_ms,
              struct bucket_wish *ret_wish);
void fast_filled(struct fast *f, const struct bucket_reply *reply, int64_t now_mono_ms);
void fast_failed(struct fast *f, int64_t now_mono_ms);

#endif
