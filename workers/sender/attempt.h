/*
 * attempt.h - one claimed message at the carrier: submitted (with others, where the carrier takes
 * several in one call), judged, and recorded with others.
 *
 * Units    ms.
 * Owns     an attempt lives from attempt_start until it is recorded, and then frees itself.
 * Errors   none: whatever happens becomes an outcome, and the outcome is recorded, again and again
 *          until Redis has it.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_ATTEMPT_H
#define WORKERS_SENDER_ATTEMPT_H

#include "common/io/loop.h"
#include "common/store/messages.h"
#include "workers/sender/carrier/carrier.h"
#include "workers/sender/visit.h"

struct sender;

struct attempt {
    struct attempt *next; /* in recorder.first, or of the same call */
    struct sender *sender;
    struct visit *visit;
    const struct phone *to;
    struct record record;
    int64_t asked_mono_ms, submitted_mono_ms;
};

/* Attempts that have their outcome and wait to be recorded together. */
struct recorder {
    struct attempt *first, **end;
    size_t count;
    int64_t oldest_mono_ms; /* undefined unless count > 0 */
    unsigned on_the_way;
    struct loop_timer timer; /* set: the next try, Redis is in trouble */
};

void recorder_init(struct recorder *recorder, struct sender *sender);
void recorder_done(struct recorder *recorder,
                   struct loop *loop); /* forgets what waits: its leases settle it */
/* Records what waits long enough, or is enough. Returns how long the loop may wait, as a loop hook
 * does. */
int64_t recorder_flush(struct sender *sender);

/* A call that is being put together. */
struct outgoing {
    struct attempt *first, **end;
    size_t count;
    struct buf body;
    struct submit submit; /* the first one's; its text and sender are its visit's */
};

/* recipient is its place in the visit's chunk, from 0; asked_mono_ms when it was claimed. It may wait
 * for others to go with it in one call. */
void attempt_start(struct sender *sender, struct visit *visit, size_t recipient, unsigned number,
                   int64_t asked_mono_ms);
/* None will come any more for now: what waits goes. */
void attempt_flush(struct sender *sender);

#endif
