/*
 * kafka_read.h - reading what a topic holds, without a group: for an operator, never on the loop.
 *
 * Units    ms; at_ms is the time that Kafka says of a record.
 * Owns     nothing; a record's texts die when the callback returns.
 * Errors   ERR_IO no broker answered in time; ERR_NOT_FOUND there is no such topic or record (it may be gone by age);
 *          ERR_CONFIG a setting that librdkafka refuses. `why` says more.
 * Threads  these calls wait.
 */
#ifndef COMMON_IO_KAFKA_READ_H
#define COMMON_IO_KAFKA_READ_H

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/io/kafka_topics.h"

struct kafka_read_conf {
    const char *brokers;
    int64_t wait_ms; /* for each answer */
};

struct kafka_found {
    struct str key, value;
    int32_t partition;
    int64_t offset, at_ms;
};

typedef void (*kafka_read_fn)(void *arg, const struct kafka_found *found);

/* All that the topic holds now, each partition in order. */
MUST_USE enum err kafka_read_topic(const struct kafka_read_conf *conf, const char *topic,
                                   kafka_read_fn fn, void *arg, char why[KAFKA_WHY_SIZE]);
/* One record. */
MUST_USE enum err kafka_read_one(const struct kafka_read_conf *conf, const char *topic,
                                 const struct kafka_found *which, kafka_read_fn fn, void *arg,
                                 char why[KAFKA_WHY_SIZE]);

#endif
