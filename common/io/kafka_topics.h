/*
 * kafka_topics.h - making topics, and asking what they hold: for the explicit set-up step, never on
 * the loop.
 *
 * Units    ms.
 * Owns     nothing.
 * Errors   ERR_IO no broker answered; ERR_CONFLICT a broker refused, with its words in `why`.
 * Threads  these calls wait.
 */
#ifndef COMMON_IO_KAFKA_TOPICS_H
#define COMMON_IO_KAFKA_TOPICS_H

#include "common/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The system's topics; their names are the contract between the workers. */
#define TOPIC_JOBS          "sms.jobs"
#define TOPIC_DISPATCH_FAST "sms.dispatch.fast"
#define TOPIC_DISPATCH_BULK "sms.dispatch.bulk"
#define TOPIC_REPORTS       "sms.reports"
#define TOPIC_INBOUND       "sms.inbound"
#define TOPIC_EVENTS        "sms.events"
#define TOPIC_DEAD          "sms.dead"

/* The longest record of a topic, in bytes: that of a job holds all its recipients. */
enum { KAFKA_RECORD_MAX = 1000000, KAFKA_JOB_MAX = 8000000 };
size_t kafka_topic_record_max(const char *topic);
/* Whether it is one of them. */
bool kafka_topic_known(const char *topic);

enum { KAFKA_CLUSTER_SIZE = 64, KAFKA_WHY_SIZE = 256 };

struct kafka_topics_conf {
    const char *brokers;
    int partitions, replication;
    int64_t retention_ms;
    int64_t wait_ms; /* for each answer */
};

struct kafka_topics_found {
    char cluster[KAFKA_CLUSTER_SIZE]; /* its id */
    size_t created;                   /* topics that were not there */
    int64_t records; /* in the topics that say what was accepted: jobs and dispatch */
};

/* Makes those of the system's topics that are missing. */
MUST_USE enum err kafka_topics_ensure(struct kafka_topics_found *ret_found,
                                      const struct kafka_topics_conf *conf,
                                      char why[KAFKA_WHY_SIZE]);

#endif
