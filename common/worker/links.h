/*
 * links.h - what most workers hang on: a Kafka producer, and a Redis that holds that Kafka's view.
 *
 * Neither need be there at start: both are connected in the background, again and again, and
 * /readyz says what is missing. Redis is not used before Kafka has told which cluster it is and the
 * marker in Redis names the same.
 *
 * Units    ms.
 * Owns     both connections.
 * Errors   ERR_CONFIG a setting that a client library refuses.
 * Threads  the loop's.
 */
#ifndef COMMON_WORKER_LINKS_H
#define COMMON_WORKER_LINKS_H

#include "common/base/err.h"
#include "common/io/kafka.h"
#include "common/io/redis.h"
#include "common/worker/worker.h"

#define LINKS_MARKER_KEY "sms:cluster"

struct links {
    struct kafka_producer *producer;
    struct redis *redis;
    struct loop *loop;
    struct loop_timer timer; /* set until the cluster is known */
    void (*redis_changed)(void *arg,
                          bool connected); /* may be NULL; set before links_open, with arg */
    void *arg;
    bool marked;
};

struct links_conf {
    int64_t produce_timeout_ms, linger_ms;
    unsigned queue_count;
    const char *const *topics; /* written to, in any order between records; NULL-terminated */
};

/* links is zero but for redis_changed and arg. */
MUST_USE enum err links_open(struct links *links, const struct worker_ctx *ctx,
                             const struct links_conf *conf);
/* Gives the producer up to wait_ms for what is queued. */
void links_close(struct links *links, int64_t wait_ms);
/* If not, *ret_why says what is missing. */
bool links_ready(const struct links *links, const char **ret_why);

/* Writes what can't be processed to sms.dead, with why, where it came from, and the record itself
 * as text, of a very long one the beginning; fn as in kafka_produce. */
MUST_USE enum err links_dead_letter(struct links *links, const char *why, const char *topic,
                                    const struct kafka_record *record, kafka_produced_fn fn,
                                    void *arg);

#endif
