/*
 * pokes.h - what the delay queue has of a send, made due sooner: its job, and its chunks.
 *
 * A chunk is looked for where it has messages that wait, and so is chunk 0, which a single send is, too. Steps of some
 * hundred chunks each.
 *
 * Units    at_ms: wall time in ms.
 * Owns     nothing.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of the callback: what failed; the rest may be moved.
 *          May be repeated.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_POKES_H
#define COMMON_STORE_POKES_H

#include "common/sms/chunk.h"
#include "common/store/due.h"

struct poke {
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct id send;
    int64_t at_ms;
};

/* found: how many entries the delay queue has of it. */
MUST_USE enum err pokes_give(struct redis *redis, unsigned shards, const struct poke *poke,
                             due_found_fn fn, void *arg);

#endif
