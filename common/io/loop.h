/*
 * loop.h - one thread's event loop: descriptors, timers, and hooks before each wait.
 *
 * A worker has one. Everything it talks to (Kafka, Redis, carriers, callers, signals) is a
 * descriptor here, so nothing in a worker ever blocks, and no state needs a lock.
 *
 * Units    times are monotonic milliseconds (clock_mono_ms).
 * Owns     its epoll descriptor and tables; never a caller's descriptor, timer or argument.
 * Errors   ERR_IO when the kernel refuses a descriptor.
 * Threads  one thread only, except loop_wake. A callback may add or remove anything, also itself.
 *          It may be called once more than needed (an event that was already fetched), so it must
 *          bear finding nothing to do.
 */
#ifndef COMMON_IO_LOOP_H
#define COMMON_IO_LOOP_H

#include "common/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop;
typedef void (*loop_fd_fn)(void *arg, int fd, int events);
typedef void (*loop_timer_fn)(void *arg);
/* Called before each wait. Returns how many ms the loop may wait at most: 0 = call again at once,
 * -1 = any time. One that may have given work to another's hook returns 0, since that one may have
 * been called already. */
typedef int64_t (*loop_hook_fn)(void *arg);

struct loop_timer {
    int64_t due_mono_ms; /* undefined unless at > 0 */
    loop_timer_fn fn;
    void *arg;
    size_t at;    /* place in the loop's heap, from 1; 0 = not set */
    uint64_t seq; /* the loop's: of timers due at the same time, the first one set is first */
};

MUST_USE enum err loop_new(struct loop **ret_loop);
void loop_free(struct loop *own_loop);

/* Watch fd, or change what it is watched for. */
MUST_USE enum err loop_watch(struct loop *loop, int fd, int events, loop_fd_fn fn, void *arg);
void loop_unwatch(struct loop *loop,
                  int fd); /* before the descriptor is closed; fine when not watched */

/* Set (or move) a timer that the caller owns; fn and arg are in it already. One that is set inside
 * a callback to a time that has come is called in the next turn, after the descriptors. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t due_mono_ms);
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);

void loop_hook(struct loop *loop, loop_hook_fn fn, void *arg);
void loop_unhook(struct loop *loop, loop_hook_fn fn, void *arg);

/* The time at which this turn of the loop began: cheap, and the same for everything in the turn. */
int64_t loop_now_ms(const struct loop *loop);
/* One turn: hooks, a wait of at most max_wait_ms, then what is ready, then the timers that are due.
 */
void loop_turn(struct loop *loop, int64_t max_wait_ms);
/* Ends the present or the next wait. From any thread. */
void loop_wake(struct loop *loop);

#endif
