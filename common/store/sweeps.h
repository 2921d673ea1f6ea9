/*
 * sweeps.h - writing into the lines of a cancelled send, some at a time, what they are.
 *
 * Cancelling counts all that waits as CANCELLED and leaves the lines as they are, which read as
 * CANCELLED from then on (lua/state.lua). A sweep record in the delay queue has them written later,
 * and takes out of the delay queue what would come to them for nothing.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the
 *          connection broke; ERR_CONFLICT Redis refused the script.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_SWEEPS_H
#define COMMON_STORE_SWEEPS_H

#include "common/io/redis.h"
#include "common/sms/sweep.h"

typedef void (*sweep_put_fn)(void *arg, enum err err);
typedef void (*sweep_done_fn)(void *arg, enum err err, bool ended);

/* Puts the record into the delay queue, due at at_ms, or before if it is there for sooner. */
MUST_USE enum err sweeps_put(struct redis *redis, unsigned shards, const struct sweep *sweep,
                             int64_t at_ms, sweep_put_fn fn, void *arg);
/* Does the next few chunks, and moves sweep->next on; it must live until the callback. ended: there
 * are no more. May be repeated when the outcome isn't known. */
MUST_USE enum err sweeps_do(struct redis *redis, unsigned shards, struct sweep *sweep,
                            sweep_done_fn fn, void *arg);

#endif
