/*
 * jobs.h - sends that are being cut into chunks: their views in Redis, and how far they are.
 *
 * A job's cursor says what is made: "<next chunk>/<number>", the number of the last group member
 * that has a line. A chunk is made, and the cursor moved on, in one script, and only if the cursor
 * is still where its maker read it. Who finds it further on reads the chunks that are there back, so
 * that a job that is expanded again publishes the same ids for the same numbers.
 *
 * Units    none.
 * Owns     nothing; a job and a chunk must live until the call returns.
 * Errors   of a call: ERR_IO not connected, ERR_FULL too much waits. Of a callback: ERR_UNKNOWN the
 *          connection broke; ERR_CONFLICT Redis refused the script, with its words in the log.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_JOBS_H
#define COMMON_STORE_JOBS_H

#include "common/base/err.h"
#include "common/io/redis.h"
#include "common/sms/job.h"

struct job_cursor {
    uint32_t next;                    /* the number of the first chunk that isn't made */
    char after[PHONE_MAX_DIGITS + 1]; /* group members up to this number have lines; "": none has */
};

struct job_state {
    struct job_cursor cursor;
    bool cancelled; /* no more chunks are to be made */
    bool ended;     /* all are made */
    /* Only when it was opened: */
    bool paused;              /* the send, until somebody resumes it */
    bool still;               /* the account sends nothing at present */
    int64_t rate_milli;       /* that counts instead of the job's; -1: the job's does */
    int64_t due_ms, until_ms; /* the same; 0: the job's */
    int64_t now_ms;           /* by Redis' clock */
    int64_t made, queued;     /* messages that have a line; those of them that wait */
    int64_t weight;           /* of the account */
};

/* state is NULL on an error. */
typedef void (*job_state_fn)(void *arg, enum err err, const struct job_state *state);

/* Makes the view if it isn't there, and tells how far the job is. may_count: how many recipients it
 * is thought to have; scheduled: it waits for its time. */
MUST_USE enum err jobs_open(struct redis *redis, const struct job *job, size_t may_count,
                            bool scheduled, job_state_fn fn, void *arg);

/* Makes the chunk if the cursor is still at `from` (whose next is the chunk's number), and moves it
 * to `to`. The state's cursor is where it is now: at `to` if the chunk was made here. */
MUST_USE enum err jobs_make_chunk(struct redis *redis, const struct chunk *chunk,
                                  const struct job_cursor *from, const struct job_cursor *to,
                                  job_state_fn fn, void *arg);

/* Reads a chunk that is made back: chunk has the job's shared part, and no recipients, when it is
 * given; fn gets it filled. ERR_NOT_FOUND: there is none of that number. */
typedef void (*job_chunk_fn)(void *arg, enum err err);
MUST_USE enum err jobs_read_chunk(struct redis *redis, struct chunk *chunk, job_chunk_fn fn,
                                  void *arg);

/* All chunks are made. */
MUST_USE enum err jobs_end(struct redis *redis, const struct job *job, job_chunk_fn fn, void *arg);

#endif
