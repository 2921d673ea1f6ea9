/*
 * own_redis.h - a Redis server of the test's own, to be killed, stopped and started again.
 *
 * Units    none.
 * Owns     the process and its folder below /tmp, both gone with own_redis_done.
 * Errors   a server that can't be started fails the test.
 * Threads  these calls wait.
 */
#ifndef TESTS_SUPPORT_OWN_REDIS_H
#define TESTS_SUPPORT_OWN_REDIS_H

#include <stdint.h>
#include <sys/types.h>

struct own_redis {
    char folder[32];
    char url[48];
    const char *appendfsync;
    uint16_t port;
    pid_t pid; /* 0: not running */
};

/* With appendonly, and appendfsync as given. Ready when it returns. */
void own_redis_init(struct own_redis *o, const char *appendfsync);
void own_redis_done(struct own_redis *o);
/* Again, on the same port and data. */
void own_redis_start(struct own_redis *o);
void own_redis_signal(const struct own_redis *o, int signal);
void own_redis_kill(struct own_redis *o); /* kill -9, and wait until it is gone */

#endif
