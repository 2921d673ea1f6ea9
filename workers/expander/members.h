/*
 * members.h - the members of a send's groups, merged: in the order of their numbers, each number
 * once, some at a time.
 *
 * Units    none.
 * Owns     its lists, until members_done; {0} is empty.
 * Errors   of the callback as redis.h.
 * Threads  the loop's.
 */
#ifndef WORKERS_EXPANDER_MEMBERS_H
#define WORKERS_EXPANDER_MEMBERS_H

#include "common/io/redis.h"
#include "common/sms/job.h"

struct member {
    struct phone phone;
    struct id contact;
};

typedef void (*members_fn)(void *arg, enum err err);

struct members {
    struct member list[CHUNK_MAX];    /* what was found */
    size_t count;                     /* 0: there are no more */
    char after[PHONE_MAX_DIGITS + 1]; /* the number to go on after next time */
    /* The look-up on its way: */
    struct redis *redis;
    const struct job *job;
    struct phone *own_explicit; /* sorted: they have their message already */
    struct member *found;
    size_t found_count, found_room;
    struct phone bound; /* groups are read up to here, at least; "": to their ends */
    unsigned waiting;
    enum err err;
    members_fn fn;
    void *arg;
};

/* Up to CHUNK_MAX members after `after` who are not among the job's explicit recipients. */
MUST_USE enum err members_next(struct members *members, struct redis *redis, const struct job *job,
                               const char *after, members_fn fn, void *arg);
void members_done(struct members *members);

#endif
