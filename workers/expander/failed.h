/*
 * failed.h - the recipients of a resend: those of an earlier send whose messages FAILED with certain errors, in order, some at
 * a time.
 *
 * A message that may have arrived all the same is never among them. The place to go on from is a message's number in the
 * earlier send.
 *
 * Units    none.
 * Owns     what it puts into the chunk is the chunk's (chunk_done); the rest until failed_done, {0} is empty.
 * Errors   of the callback as redis.h.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_FAILED_H
#define WORKERS_EXPANDER_FAILED_H

#include "common/io/redis.h"
#include "common/sms/job.h"

typedef void (*failed_fn)(void *arg, enum err err);

struct failed {
    char after[PHONE_MAX_DIGITS + 1]; /* the place to go on from, and then that for the next time */
    /* The look-up on its way: */
    struct redis *redis;
    const struct job *job;
    struct chunk *chunk;
    uint32_t from;
    bool personal; /* they have texts of their own */
    struct buf bodies;
    size_t at[CHUNK_MAX + 1];
    failed_fn fn;
    void *arg;
};

/* Fills the chunk, which has what all share, with up to CHUNK_MAX recipients and, where they had texts of their own, those.
 * None: there are no more. */
MUST_USE enum err failed_next(struct failed *failed, struct redis *redis, const struct job *job,
                              struct chunk *chunk, failed_fn fn, void *arg);
void failed_done(struct failed *failed);

#endif
