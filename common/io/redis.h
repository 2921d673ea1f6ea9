/*
 * redis.h - one pipelined connection to Redis on the loop.
 *
 * Commands given in one turn of the loop leave in one write, and their replies are read together:
 * depth is what makes Redis fast. The connection is made, checked (see redis_conf) and, when it
 * breaks, made again by itself, with backoff; scripts are loaded each time, so EVALSHA always finds
 * them.
 *
 * Units    ms.
 * Owns     the connection and the commands on it. A reply dies when its callback returns.
 * Errors   redis_call: ERR_IO not connected (nothing was sent), ERR_FULL too many commands wait for
 *          their reply. A callback: ERR_OK with a reply (which may itself be an error of Redis, see
 *          redis_reply_error), or ERR_UNKNOWN: the connection broke and the command may or may not
 *          have been carried out. So only what may be repeated is ever sent.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_REDIS_H
#define COMMON_IO_REDIS_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/loop.h"

#include <stdint.h>

struct redis;
struct redisReply; /* hiredis' own; read through the functions below */

typedef void (*redis_fn)(void *arg, enum err err, const struct redisReply *reply);

/* A Lua script. `sha` is filled in by redis_new. */
struct redis_script {
    const char *name; /* for messages */
    const char *text;
    char sha[41];
};

struct redis_conf {
    const char *url; /* redis://[user:password@]host[:port][/database] */
    const char *client_name;
    int64_t timeout_ms; /* for connecting, and for a reply */
    bool
        dev; /* accept a Redis that may lose what it has answered (appendfsync, maxmemory-policy) */
    const char *marker_key;        /* may be NULL; else connecting waits for redis_set_marker */
    struct redis_script **scripts; /* NULL-terminated; outlives the connection */
    void (*changed)(void *arg, bool connected); /* may be NULL */
    void *arg;
};

/* ERR_SYNTAX: the URL isn't one. Connecting begins at once and goes on in the background. */
MUST_USE enum err redis_new(struct redis **ret_redis, struct loop *loop,
                            const struct redis_conf *conf);
/* What marker_key must hold: it names the Kafka cluster whose view this Redis has. A server that
 * holds another, or none (it was emptied), is refused, so that old records are never taken for new
 * ones. The text is copied. */
void redis_set_marker(struct redis *redis, const char *marker);
/* Callbacks still waiting get ERR_UNKNOWN. Not from inside a callback. */
void redis_free(struct redis *own_redis);
bool redis_connected(const struct redis *redis);
const char *
redis_trouble(const struct redis *redis); /* why it isn't connected, for people; "" when it is */
unsigned redis_waiting(const struct redis *redis); /* commands without a reply yet */

/* fn may be NULL. Arguments are copied before this returns; fn is never called from inside. */
MUST_USE enum err redis_call(struct redis *redis, int argc, const struct str *argv, redis_fn fn,
                             void *arg);
/* EVALSHA: argv is the keys (key_count of them), then the arguments. */
MUST_USE enum err redis_eval(struct redis *redis, const struct redis_script *script, int key_count,
                             int argc, const struct str *argv, redis_fn fn, void *arg);

/* NULL unless the reply is an error of Redis. */
const char *redis_reply_error(const struct redisReply *reply);
bool redis_reply_nil(const struct redisReply *reply);
int64_t redis_reply_int(const struct redisReply *reply);    /* 0 for any other kind */
struct str redis_reply_str(const struct redisReply *reply); /* empty for any other kind */
size_t redis_reply_count(const struct redisReply *reply);   /* elements of an array, else 0 */
const struct redisReply *redis_reply_at(const struct redisReply *reply,
                                        size_t i); /* NULL past the end */

#endif
