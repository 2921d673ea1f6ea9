/*
 * backoff.h - how long to wait before the next try.
 *
 * Exponential with full jitter: uniform between 0 and min(cap, base * 2^try), so that many who
 * failed together do not come back together.
 *
 * Units    milliseconds; tries count from 0.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure: the random number is passed in.
 */
#ifndef COMMON_BASE_BACKOFF_H
#define COMMON_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t base_ms, cap_ms;
};

/* random is any 32 bits; at least 1 ms. */
static inline int64_t backoff_ms(struct backoff b, unsigned tries, uint32_t random)
{
    int64_t top = b.base_ms;
    for (unsigned i = 0; i < tries && top < b.cap_ms; i++)
        top *= 2;
    if (top > b.cap_ms)
        top = b.cap_ms;
    return 1 + (int64_t)((uint64_t)top * random >> 32);
}

#endif
