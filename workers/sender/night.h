/*
 * night.h - quiet hours, at the moment when messages are claimed.
 *
 * Who has quiet hours is asked for all the same, since a view may have to be made and a message's time may be over, but
 * with the time until which it is to be held; then its chunk waits in the delay queue. Those of a chunk who have none
 * go at once. How much later than its end a chunk comes back differs, so that not all wake together.
 *
 * Units    wall times in ms.
 * Owns     nothing.
 * Errors   none.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_NIGHT_H
#define WORKERS_SENDER_NIGHT_H

#include "common/io/local_time.h"
#include "workers/sender/visit.h"

struct night {
    struct local_time *local_time;
    int64_t jitter_ms; /* at most so much later than its end a chunk comes back */
    int64_t now_ms;
};

/* Cuts the visit's new question down to recipients who are all held until the same time, or all not. */
void night_mind(const struct night *night, struct visit *visit);

#endif
