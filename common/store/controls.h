/*
 * controls.h - what a customer may still change of a send: it is held, or let go on; its rate, and the time of one that
 * has not begun.
 *
 * The rules are control.lua's. Whoever comes by the send's messages, or by its job, finds it as it is then; what waits in
 * the delay queue for another time must be moved there (pokes.h) to find it sooner.
 *
 * Units    ms; rates as common/sms/rate.h.
 * Owns     nothing.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the connection broke;
 *          ERR_CONFLICT Redis refused the script. May be repeated.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_CONTROLS_H
#define COMMON_STORE_CONTROLS_H

#include "common/base/id.h"
#include "common/io/redis.h"

enum control_action { CONTROL_HOLD, CONTROL_GO, CONTROL_CHANGE };

struct control {
    enum control_action action;
    bool sets_rate; /* CONTROL_CHANGE */
    int64_t rate_milli;
    int64_t due_ms; /* CONTROL_CHANGE: the new time; 0 = it stays */
};

enum control_verdict {
    CONTROL_DONE,
    CONTROL_NO_SEND,
    CONTROL_OVER, /* nothing of it is left to be sent */
    CONTROL_BEGUN /* it is no schedule that has not begun: its time can't be changed */
};

/* The send as it is then. */
struct controlled {
    enum control_verdict verdict; /* the rest is undefined unless CONTROL_DONE */
    int64_t waiting;              /* messages, that are known yet */
    bool paused;
    int64_t rate_milli, due_ms; /* 0 = none */
};

/* controlled is NULL on an error. */
typedef void (*controlled_fn)(void *arg, enum err err, const struct controlled *controlled);
MUST_USE enum err controls_give(struct redis *redis, const char *account, struct id send,
                                const struct control *control, controlled_fn fn, void *arg);

/* --- by customer_ref --- */

/* The sends that have it, some at a time, in the order in which they came. `next` is where to go on; -1: there are no more.
 * Those of another reference whose hash is the same would be among them: nobody has seen one. */
enum { CONTROL_FROM_START = 0 };
typedef void (*control_sends_fn)(void *arg, enum err err, const struct id *sends, size_t count,
                                 int64_t next);
MUST_USE enum err controls_find(struct redis *redis, const char *account, struct str ref,
                                int64_t from, control_sends_fn fn, void *arg);

#endif
