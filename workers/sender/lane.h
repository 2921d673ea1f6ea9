/*
 * lane.h - one of the sender's two ways, fast or bulk: a topic, a window, and the visits in
 * between.
 *
 * A lane takes records while it has room, claims no more messages than its window has free places,
 * and hands each claimed message to the sender. A message leaves the window when what became of it
 * is recorded: so at most a window of messages is claimed and unrecorded at any moment, which is
 * what a killed sender leaves behind.
 *
 * Accounts take turns (turns.h). A visit whose messages must wait for less than a second sleeps here;
 * it stays open, and so bounded by what is read ahead.
 *
 * Units    ms.
 * Owns     its consumer and its visits.
 * Errors   ERR_CONFIG a setting that librdkafka refuses.
 * Threads  the loop's.
 */
#ifndef WORKERS_SENDER_LANE_H
#define WORKERS_SENDER_LANE_H

#include "common/base/err.h"
#include "common/io/kafka.h"
#include "common/io/loop.h"
#include "workers/sender/turns.h"
#include "workers/sender/visit.h"

struct sender;

struct lane {
    struct sender *sender;
    const char *topic;
    struct kafka_consumer *consumer;
    unsigned window;     /* most messages claimed and unrecorded */
    unsigned in_use;     /* places taken: asked for, or under way */
    struct visit visits; /* ring of all that are open */
    unsigned visit_count;
    struct turns turns;      /* those with something to ask */
    unsigned asleep;         /* those that wait for a time that is near */
    int64_t redis_ahead_ms;  /* Redis' clock, of ours; the latest claim told */
    struct loop_timer pause; /* set: no claims until then, Redis is in trouble */
    struct loop_timer again; /* set: what could not be settled is tried again then */
    bool draining;
};

/* The lane is set in place; sender's links must be open. */
MUST_USE enum err lane_open(struct lane *lane, struct sender *sender, const char *topic,
                            unsigned window);
void lane_close(struct lane *lane);
void lane_drain(struct lane *lane); /* takes and claims nothing more */

/* Claims for what waits, as far as the window has room. Called before each wait of the loop. */
void lane_claim(struct lane *lane);
bool lane_wants(const struct lane *lane);      /* it could claim, if it had tokens */
int64_t lane_wall_ms(const struct lane *lane); /* the time by Redis' clock */
/* An attempt of the visit is recorded: its place is free. */
void lane_recorded(struct lane *lane, struct visit *visit);
unsigned
lane_busy(const struct lane *lane); /* messages asked for or under way, and visits being finished */

#endif
