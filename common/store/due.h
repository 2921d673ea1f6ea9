/*
 * due.h - the delay queue: Kafka records to publish later.
 *
 * Everything that waits is here under one name each: a put under a name that is there replaces its
 * record, and of the two times the sooner counts (the new one, when what is there is lent).
 * Taking lends: what is taken is due again at the end of its lease, unless due_done says that it
 * has been released. So a scheduler may die at any moment, and the worst is that a record is
 * published twice, which its reader bears.
 *
 * Units    at_ms: wall time in ms, by Redis' clock when taken.
 * Owns     nothing; texts are copied into the command.
 * Errors   as redis.h; a callback gets ERR_UNKNOWN when the connection broke, ERR_CONFLICT when
 *          Redis refuses.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_DUE_H
#define COMMON_STORE_DUE_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/redis.h"

struct due {
    struct str name;               /* what it is, unique */
    struct str topic, key, record; /* what is published; a topic or key holds no line feed */
};

typedef void (*due_fn)(void *arg, enum err err);

unsigned due_shard(struct str name, unsigned shards);
MUST_USE enum err due_put(struct redis *redis, unsigned shards, const struct due *due,
                          int64_t at_ms, due_fn fn, void *arg);

/* What was taken; its texts die with the call. */
struct due_taken {
    struct str lease; /* its end, for due_done */
    int64_t next_ms;  /* from now until the next of the shard is due, 0: it is; -1: none waits */
    const struct due *list;
    size_t count;
};

/* Called once; taken is NULL on an error. */
typedef void (*due_taken_fn)(void *arg, enum err err, const struct due_taken *taken);
enum { DUE_TAKE_MAX = 500 };
/* At most so many, and, but for the first, so many bytes of records. */
struct due_limits {
    int64_t lease_ms;
    unsigned count;
    size_t bytes;
};
MUST_USE enum err due_take(struct redis *redis, unsigned shard, const struct due_limits *limits,
                           due_taken_fn fn, void *arg);
MUST_USE enum err due_done(struct redis *redis, unsigned shard, struct str lease,
                           const struct str *names, size_t count, due_fn fn, void *arg);

/* --- what waits, by its names --- */

enum { DUE_NAMES_MAX = 10000 };
struct due_names {
    const struct str *list; /* must live until the call returns */
    size_t count;           /* 1 to DUE_NAMES_MAX */
};

/* found: how many of the names are in the queue, waiting or lent; on an error, of those that were asked. */
typedef void (*due_found_fn)(void *arg, enum err err, size_t found);

/* Makes due at at_ms what waits under these names for longer. What is lent stays so. */
MUST_USE enum err due_move(struct redis *redis, unsigned shards, const struct due_names *names,
                           int64_t at_ms, due_found_fn fn, void *arg);
/* Removes what is there under these names, lent or not. */
MUST_USE enum err due_drop(struct redis *redis, unsigned shards, const struct due_names *names,
                           due_found_fn fn, void *arg);

#endif
