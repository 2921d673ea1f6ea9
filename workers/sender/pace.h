/*
 * pace.h - how fast this sender may hand messages to its carrier.
 *
 * While the carrier has a limit, of the configuration or since it throttled, each lane has a purse of
 * tokens, which it fills with some 50 ms' worth at a time (common/store/carrier_pace.h) before it
 * claims; what is not used by then goes back. Without a limit nothing is asked, but for a look now
 * and then whether others have been throttled. While the carrier is shut nothing is claimed.
 *
 * Units    tokens are messages or parts, as the carrier counts; ms; limits in 1/1000 tokens a second.
 * Owns     its timers.
 * Errors   none: without Redis there are no tokens, and nothing is claimed either.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_PACE_H
#define WORKERS_SENDER_PACE_H

#include "common/io/loop.h"
#include "common/store/carrier_pace.h"

#include <stdbool.h>
#include <stdint.h>

struct sender;
struct pace;

struct purse {
    struct pace *pace;
    bool fast;
    bool asking;            /* for tokens */
    int64_t tokens;         /* below 0: the last message cost more than there was */
    struct loop_timer rest; /* set with tokens: they are to go back then; without: there are none
                               before */
};

enum { PACE_PURSES = 2 };

struct pace {
    struct sender *sender;
    struct carrier_limit limit; /* as it is configured */
    bool in_parts;
    uint32_t number;     /* this sender's */
    int64_t limit_milli; /* now; 0 = none */
    int64_t shut_until_mono_ms;
    struct purse purses[PACE_PURSES]; /* of the lanes */
    bool looking;
    int64_t looked_mono_ms, slowed_mono_ms;
    int64_t took_since_mono_ms, took,
        took_before; /* tokens that the carrier has taken: two stretches */
    struct loop_timer look;
};

void pace_init(struct pace *pace, struct sender *sender);
void pace_stop(struct pace *pace);

/* Tokens that the lane has; INT64_MAX: it needs none; 0: none now. */
int64_t pace_tokens(const struct pace *pace, unsigned lane);
void pace_spend(struct pace *pace, unsigned lane, int64_t tokens);
void pace_return(struct pace *pace, unsigned lane, int64_t tokens); /* spent, but not needed */

/* Before each wait of the loop, for a lane that has something to ask. */
void pace_want(struct pace *pace, unsigned lane);

/* How long the carrier is shut; 0 = it isn't. */
int64_t pace_shut_ms(const struct pace *pace);
/* What it did with a message. retry_after_ms below 0: it doesn't say. */
void pace_accepted(struct pace *pace, int64_t tokens);
void pace_throttled(struct pace *pace, int64_t retry_after_ms);

#endif
