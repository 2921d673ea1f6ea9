/*
 * repeats.h - requests with an Idempotency-Key, in Redis: which of them are carried out, and what
 * the others are answered.
 *
 *     i:{<account>}:<digest>   of method, path and key; what lies there is told in
 *                              lua/repeat_begin.lua
 *
 *     ib:{<account>}           bytes of large answers that were stored since it was made; it lives
 *                              as long as an answer
 *
 * The first request reserves its key for a lease before anything of it happens. Until it has
 * ended, the same request is busy. If its holder dies, a repeat goes on after the lease, under the
 * same id for a send, so that a send happens once however often it is published.
 *
 * Units    ms.
 * Owns     nothing; a reply dies with its callback.
 * Errors   of a call as redis.h; of a callback ERR_UNKNOWN, ERR_IO (Redis refuses); ERR_CONFLICT of
 *          an end: the key is somebody else's by now.
 * Threads  the loop's.
 */
#ifndef COMMON_STORE_REPEATS_H
#define COMMON_STORE_REPEATS_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/io/crypto.h"
#include "common/io/redis.h"

enum { REPEAT_TOKEN_SIZE = 16, REPEAT_KEY_SIZE = 96, REPEAT_LARGE_BYTES = 4096 };

/* A request of somebody. */
struct repeat {
    char key[REPEAT_KEY_SIZE];
    uint8_t print[CRYPTO_SHA256_SIZE]; /* what makes it the same request */
    uint8_t token[REPEAT_TOKEN_SIZE];  /* who carries it out: random */
    int64_t lease_ms, life_ms;
    int64_t room_bytes; /* for the account's large answers */
    char room_key[REPEAT_KEY_SIZE];
};

enum repeat_state { REPEAT_GO, REPEAT_BUSY, REPEAT_OTHER, REPEAT_DONE };

struct repeat_reply {
    enum repeat_state state;
    struct id send;  /* undefined unless GO */
    int64_t wait_ms; /* undefined unless BUSY */
    int status;      /* undefined unless DONE, as what follows; negative: the answer was not kept */
    struct str content_type, body;
};

enum repeat_end { REPEAT_STORE, REPEAT_FREE, REPEAT_UNDECIDED };

typedef void (*repeat_begun_fn)(void *arg, enum err err, const struct repeat_reply *reply);
typedef void (*repeat_ended_fn)(void *arg, enum err err);

/* Names the records of an account's key; where is the method and the path. */
void repeat_name(struct repeat *repeat, const char *account, struct str where, struct str name);
/* send: the id that a send of it takes, unless an earlier one had another. */
MUST_USE enum err repeat_begin(struct redis *redis, const struct repeat *repeat, struct id send,
                               repeat_begun_fn fn, void *arg);
/* status, content_type and body are stored with REPEAT_STORE. */
MUST_USE enum err repeat_finish(struct redis *redis, const struct repeat *repeat,
                                enum repeat_end end, const struct repeat_reply *answer,
                                repeat_ended_fn fn, void *arg);

#endif
