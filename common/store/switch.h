/*
 * switch.h - the switch that stops all traffic, and lets it go on.
 *
 *     control    {"paused":true,"at_ms":<ms>}; nothing is as if it were false
 *
 * While it is off no message is claimed and no send is cut into chunks; sends are accepted all the same. Whoever does either
 * keeps a watch: it looks every SWITCH_LOOK_MS. Before it has seen the switch once traffic is stopped.
 *
 * Units    ms.
 * Owns     nothing; a watch is the caller's, from switch_watch until switch_unwatch.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the connection broke,
 *          ERR_CONFLICT Redis refused. A watch goes by what it saw last.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_SWITCH_H
#define COMMON_STORE_SWITCH_H

#include "common/base/err.h"
#include "common/io/loop.h"
#include "common/io/redis.h"

#include <stdbool.h>

enum { SWITCH_LOOK_MS = 250 };

struct switch_state {
    bool paused;
    int64_t at_ms; /* of the last change; 0: there was none */
};

/* state is NULL on an error. */
typedef void (*switch_fn)(void *arg, enum err err, const struct switch_state *state);
MUST_USE enum err switch_get(struct redis *redis, switch_fn fn, void *arg);
/* Keeps the time of a switch that stands so already. */
MUST_USE enum err switch_set(struct redis *redis, bool paused, switch_fn fn, void *arg);

struct switch_watch {
    struct loop *loop;
    struct redis *redis;
    void (*changed)(void *arg,
                    bool paused); /* when it is first seen as paused, and at each change */
    void *arg;
    struct loop_timer timer;
    bool asking, known, paused;
};

/* The watch has changed and arg. */
void switch_watch(struct switch_watch *watch, struct loop *loop, struct redis *redis);
void switch_unwatch(struct switch_watch *watch); /* before the connection is closed */

static inline bool switch_stopped(const struct switch_watch *watch)
{
    return !watch->known || watch->paused;
}

#endif
