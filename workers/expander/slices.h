/*
 * slices.h - how many chunks of a send to make now, and when to look at it again.
 *
 * All sends go through one queue to a carrier, first come, first served; so a send's part of the
 * carrier is its part of what waits there. Each send keeps about half a second's worth of its part
 * QUEUED: of what it drains itself, or of its fair share of what all drain together, whichever is
 * more. The first keeps a carrier busy that others leave alone; the second makes a send that came
 * late, or is behind, catch up, while one that is ahead shrinks with what it drains: they meet where
 * the shares are fair. A send whose queue runs dry before it is looked at again doubles it.
 *
 * What doesn't drain is not added to, but for a chunk now and then: what is there may wait for
 * something of its own.
 *
 * Units    ms by Redis' clock; messages; milli-messages a second; shares in millionths.
 * Owns     nothing; a pace travels in the job's record (job.h). Zero: never looked at.
 * Errors   none.
 * Threads  pure.
 */
#ifndef WORKERS_EXPANDER_SLICES_H
#define WORKERS_EXPANDER_SLICES_H

#include "common/sms/job.h"

enum { SLICES_CHUNKS_MAX = 100 }; /* chunks at a time */

/* What is seen of a send. */
struct slices_seen {
    int64_t now_ms;
    int64_t made, queued;  /* messages that have a line; those of them that wait to be sent */
    int64_t asleep;        /* those of the queued that wait for the end of quiet hours */
    int64_t rate_milli;    /* the send's own limit; 0 = none */
    int64_t least_wait_ms; /* looking more often would cost too much */
};

/* What all sends that are under way drain, and this one's fair share of it. */
struct slices_share {
    int64_t all_milli;
    int64_t millionths;
};

struct slices_plan {
    unsigned chunks;
    int64_t wait_ms; /* from now_ms on */
};

/* Measures how fast the send drains: pace->drain_milli. */
void slices_look(struct job_pace *pace, const struct slices_seen *seen);
/* After slices_look. */
struct slices_plan slices_plan(struct job_pace *pace, const struct slices_seen *seen,
                               const struct slices_share *share);

#endif
