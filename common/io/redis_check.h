/*
 * redis_check.h - what a server must be before it is used: reachable with our rights, durable,
 * never evicting, and the one that holds the view of our Kafka cluster. Inside common/io only.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none: a fault is words for the operator.
 * Threads  pure.
 */
#ifndef COMMON_IO_REDIS_CHECK_H
#define COMMON_IO_REDIS_CHECK_H

#include "common/io/redis.h"

/* Which reply of the greeting it is. */
enum redis_check {
    REDIS_CHECK_DONE,        /* of a command that must succeed */
    REDIS_CHECK_APPENDONLY,  /* of CONFIG GET appendonly */
    REDIS_CHECK_APPENDFSYNC, /* of CONFIG GET appendfsync */
    REDIS_CHECK_POLICY,      /* of CONFIG GET maxmemory-policy */
    REDIS_CHECK_MARKER,      /* of GET with the marker's key */
    REDIS_CHECK_COUNT
};

/* NULL when the reply is fine. marker: what the last one must hold. dev: settings may lose data. */
const char *redis_check_fault(enum redis_check check, const struct redisReply *reply,
                              const char *marker, bool dev);
/* The error of a server that can't do its work now, whatever is asked of it. */
bool redis_check_unusable(const struct redisReply *reply);

#endif
